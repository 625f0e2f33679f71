package vk_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
)

// call sends JSON, or nothing, and returns the status and the body.
func call(t *testing.T, method, address, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

func TestAdmin(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	admin := n.URL + "/admin/vk/"
	for _, step := range []struct {
		method, path, body string
		status             int
		answer             string
	}{
		{"POST", "communities", `{"id":7,"name":"Дом","screen_name":"dom"}`, 200, `"id":7`},
		{"POST", "users", `{"id":70,"first_name":"Глеб","last_name":"Ясный"}`, 200, `"id":70`},
		{"POST", "tokens", `{"token":"t","kind":"community","community_id":7}`, 200, `true`},
		{"POST", "tokens", `{"token":"t","kind":"royal"}`, 400, `royal`},
		{"POST", "posts", `{"owner_id":-7,"text":"Запись"}`, 200, `"post_id":1`},
		{"POST", "posts", `{"owner_id":-8,"text":"Запись"}`, 404, `no such object`},
		{"POST", "comments", `{"owner_id":-7,"post_id":1,"from_id":70,"text":"А","date":"2026-01-02T03:04:05Z"}`, 200, `"comment_id":2`},
		{"POST", "comments:batch", `[{"owner_id":-7,"post_id":1,"from_id":70,"text":"Б"},{"owner_id":-7,"post_id":1,"from_id":70,"text":"В","reply_to":2}]`, 200, `[3,4]`},
		{"POST", "comments:batch", `[{"owner_id":-7,"post_id":1,"from_id":70,"text":"Г"},{"owner_id":-7,"post_id":9,"from_id":70,"text":"Д"}]`, 400, `"comment_ids":[5]`},
		{"PATCH", "comments/-7/3", `{"text":"Б2"}`, 200, `true`},
		{"DELETE", "comments/-7/4", ``, 200, `true`},
		{"DELETE", "comments/-7/4", ``, 404, `no such object`},
		{"POST", "comments/-7/4/restore", ``, 200, `true`},
		{"DELETE", "comments/-7/4", ``, 200, `true`},
		{"PATCH", "posts/-7/1", `{"text":"Запись 2"}`, 200, `true`},
		{"PATCH", "posts/-7/1", `{"txt":"Запись 2"}`, 400, `txt`},
		{"POST", "faults", `{"method":"wall.*","kind":"error","code":9,"count":2}`, 200, `true`},
		{"GET", "faults", ``, 200, `"code":9`},
		{"DELETE", "faults", ``, 200, `true`},
		{"GET", "faults", ``, 200, `[]`},
		{"POST", "events", `{"group_id":7,"event":{"type":"wall_reply_new","object":"?"}}`, 200, `true`},
		{"POST", "events", `{"group_id":8,"event":{}}`, 404, `no such object`},
		{"POST", "events", `{"group_id":7}`, 400, `event`},
		{"GET", "walls/-9", ``, 404, `no such object`},
	} {
		status, answer := call(t, step.method, admin+step.path, step.body)
		if status != step.status || !strings.Contains(answer, step.answer) {
			t.Errorf("%s %s: %d %s", step.method, step.path, status, answer)
		}
	}
	_, body := call(t, "GET", admin+"walls/-7", "")
	var wall vk.WallState
	if err := json.Unmarshal([]byte(body), &wall); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range wall.Threads[0].Comments {
		got = append(got, fmt.Sprintf("%d/%d %s %t", c.ID, c.Root, c.Text, c.Deleted))
	}
	want := "2/0 А false,4/2 В true,3/0 Б2 false,5/0 Г false"
	if s := strings.Join(got, ","); s != want || wall.Threads[0].Post.Text != "Запись 2" {
		t.Errorf("the wall is %q under %q", s, wall.Threads[0].Post.Text)
	}
}

func TestAdminRefusesOtherSites(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, n.URL+"/admin/vk/faults", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("a request from another site got %d", resp.StatusCode)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	root := n.MustComment(vk.NewComment{Text: "Яма <b>у дома</b>", FromID: vktest.Boris})
	n.MustComment(vk.NewComment{Text: "[id12|Борис], передали в работу", FromID: vktest.OwnerID, ReplyTo: root})
	gone := n.MustComment(vk.NewComment{Text: "Лишнее"})
	n.Must(n.DeleteComment(vktest.OwnerID, gone))
	thread := fmt.Sprintf("%s/vk/wall%d_%d", n.URL, vktest.OwnerID, n.Post)
	for address, wanted := range map[string][]string{
		n.URL + "/vk/":        {`href="/vk/club101"`, "Администрация Речного района"},
		n.URL + "/vk/club101": {"Комментарии: 3", "Как убирают ваш двор?"},
		n.URL + "/vk/rechnoy": {"Комментарии: 3"},
		n.URL + "/vk/id12":    {"Борис Зимин"},
		thread + "?reply=2": {
			fmt.Sprintf(`id="r%d"`, root), "Яма &lt;b&gt;у дома&lt;/b&gt;", `class="reply own"`,
			`<a href="/vk/id12">Борис</a>, передали`, `class=" gone"`, `value="2"`,
		},
	} {
		status, body := call(t, "GET", address, "")
		for _, w := range wanted {
			if status != http.StatusOK || !strings.Contains(body, w) {
				t.Errorf("%s (%d) lacks %q:\n%s", address, status, w, body)
			}
		}
	}
	for _, address := range []string{n.URL + "/vk/club9", n.URL + "/vk/wall-9_1", n.URL + "/vk/id999"} {
		if status, _ := call(t, "GET", address, ""); status != http.StatusNotFound {
			t.Errorf("%s answered %d", address, status)
		}
	}
}

func TestWritingThroughThePage(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	root := n.MustComment(vk.NewComment{Text: "Яма"})
	form := url.Values{"from": {"12"}, "text": {"И у нас"}, "reply_to": {fmt.Sprint(root)}}
	post := func(form url.Values) string {
		resp, err := http.PostForm(fmt.Sprintf("%s/vk/wall%d_%d/comments", n.URL, vktest.OwnerID, n.Post), form)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	if body := post(form); !strings.Contains(body, "И у нас") {
		t.Errorf("the page after writing lacks the comment:\n%s", body)
	}
	state, _ := n.Thread(vktest.OwnerID, n.Post)
	if c := state.Comments[1]; c.FromID != vktest.Boris || c.Root != root {
		t.Errorf("the comment stands as %+v", c)
	}
	form.Set("text", " ")
	if body := post(form); !strings.Contains(body, "Напишите текст комментария.") {
		t.Errorf("an empty text is not explained:\n%s", body)
	}
	form.Set("text", "Ещё")
	form.Set("reply_to", "999")
	if body := post(form); !strings.Contains(body, "уже удалены") {
		t.Errorf("a missing target is not explained:\n%s", body)
	}
}

func TestLongPollRing(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	server, err := sdk(n, vktest.CommunityToken).GroupsGetLongPollServer(map[string]any{"group_id": vktest.GroupID})
	if err != nil {
		t.Fatal(err)
	}
	poll := func(key, ts string) string {
		q := url.Values{"act": {"a_check"}, "key": {key}, "ts": {ts}, "wait": {"0"}}
		_, body := call(t, "GET", server.Server+"?"+q.Encode(), "")
		return body
	}
	n.MustComments(n.Post, 3, 0)
	if got := poll("wrong", server.Ts); got != `{"failed":2}` {
		t.Errorf("a wrong key got %s", got)
	}
	if got := poll(server.Key, server.Ts); strings.Count(got, `"wall_reply_new"`) != 3 {
		t.Errorf("three comments came as %s", got)
	}
	n.ForgetEvents(vktest.GroupID)
	if got := poll(server.Key, server.Ts); got != `{"failed":1,"ts":4}` {
		t.Errorf("an outdated ts got %s", got)
	}
	n.MustComments(n.Post, 25_000, 0)
	if got := poll(server.Key, "4"); !strings.HasPrefix(got, `{"failed":1`) {
		t.Errorf("a ts beyond the memory got %.80s", got)
	}
	if got := poll(server.Key, "25000"); strings.Count(got, `"wall_reply_new"`) != 4 {
		t.Errorf("the newest events came as %.300s", got)
	}
	n.ExpireKeys(vktest.GroupID)
	if got := poll(server.Key, "25000"); got != `{"failed":2}` {
		t.Errorf("an expired key got %s", got)
	}
}
