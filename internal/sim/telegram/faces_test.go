package telegram_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/internal/sim/telegram"
)

// admin makes one call of the admin API and decodes its answer.
func (w *world) admin(method, path, body string, status int) object {
	w.t.Helper()
	req := must(http.NewRequest(method, w.url+"/admin/telegram/"+path, strings.NewReader(body)))(w.t)
	resp := must(http.DefaultClient.Do(req))(w.t)
	defer resp.Body.Close()
	raw := must(io.ReadAll(resp.Body))(w.t)
	if resp.StatusCode != status {
		w.t.Fatalf("%s %s: %s %s", method, path, resp.Status, raw)
	}
	var out object
	if err := json.Unmarshal(raw, &out); err != nil && len(raw) > 0 && raw[0] == '{' {
		w.t.Fatal(err)
	}
	return out
}

func TestTheAdminAPIBuildsAWorld(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	bot := w.admin("POST", "bots", `{"username":"second_bot"}`, 200)
	user := num(at(w.admin("POST", "users", `{"first_name":"Олег"}`, 200), "id"))
	channel := w.admin("POST", "channels", `{"title":"Школа","username":"school","group_title":"Родители"}`, 200)
	id, group := num(channel["channel_id"]), num(channel["group_id"])
	post := w.admin("POST", "posts", fmt.Sprintf(`{"channel_id":%d,"text":"Каникулы"}`, id), 200)
	comment := w.admin("POST", "comments", fmt.Sprintf(`{"channel_id":%d,"post_id":%d,"from_id":%d,"text":"Холодно в классе"}`, id, num(post["message_id"]), user), 200)
	batch := w.admin("POST", "comments/batch", fmt.Sprintf(
		`{"comments":[{"group_id":%d,"thread_id":%d,"from_id":%d,"text":"И у нас","reply_to":%d},{"group_id":%d,"thread_id":%d,"from_id":%d,"text":"Да"}]}`,
		group, num(post["group_message_id"]), user, num(comment["message_id"]), group, num(post["group_message_id"]), user), 200)
	if ids, _ := batch["message_ids"].([]any); len(ids) != 2 {
		t.Errorf("batch %v", batch)
	}
	message := fmt.Sprintf("messages/%d/%d", group, num(comment["message_id"]))
	w.admin("PATCH", message, `{"text":"Холодно в классах"}`, 200)
	w.admin("DELETE", message, "", 200)
	w.admin("POST", "members", fmt.Sprintf(`{"chat_id":%d,"user_id":%d,"status":"kicked"}`, group, num(bot["id"])), 200)
	thread := w.admin("GET", fmt.Sprintf("threads/%d/%d", group, num(post["group_message_id"])), "", 200)
	list, _ := thread["messages"].([]any)
	if len(list) != 3 || at(list[0], "text") != "Холодно в классах" || at(list[0], "deleted") != true {
		t.Errorf("thread %v", thread)
	}
	state := w.admin("GET", fmt.Sprintf("chats/%d", group), "", 200)
	if num(state["total"]) != 4 || at(state, "members", fmt.Sprint(num(bot["id"]))) != "kicked" {
		t.Errorf("state %v", state)
	}
	before := w.sim.Pending(num(bot["id"]))
	w.admin("POST", "raw", fmt.Sprintf(`{"bot_id":%d,"kind":"message","payload":"?"}`, num(bot["id"])), 200)
	if n := w.sim.Pending(num(bot["id"])); n != before+1 {
		t.Errorf("%d updates wait after a raw one, %d before", n, before)
	}
	w.admin("POST", "raw", `{"bot_id":1,"kind":"message","payload":"?"}`, 404)
	w.admin("POST", "raw", fmt.Sprintf(`{"bot_id":%d,"payload":{}}`, num(bot["id"])), 400)
	w.admin("POST", "faults", `{"method":"getMe","kind":"html","count":2}`, 200)
	if n := len(w.sim.Faults().List()); n != 1 {
		t.Errorf("%d faults wait", n)
	}
	w.admin("GET", "faults", "", 200)
	w.admin("DELETE", "faults", "", 200)
	if n := len(w.sim.Faults().List()); n != 0 {
		t.Errorf("%d faults wait after clearing", n)
	}
}

func TestTheAdminAPIRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "users", `{}`, 400},
		{"POST", "users", `{"first_name":"А","nickname":"Б"}`, 400},
		{"POST", "users", `not JSON`, 400},
		{"POST", "channels", `{"title":"Два","username":"zarechensk"}`, 409},
		{"POST", "posts", `{"channel_id":1,"text":"Куда"}`, 404},
		{"POST", "posts", fmt.Sprintf(`{"channel_id":%d,"text":" "}`, w.channel.ID), 400},
		{"POST", "comments", fmt.Sprintf(`{"channel_id":%d,"post_id":77,"from_id":%d,"text":"А"}`, w.channel.ID, w.user.ID), 404},
		{"POST", "comments/batch", `{"comments":[` + strings.TrimSuffix(strings.Repeat(`{},`, 1001), ",") + `]}`, 413},
		{"POST", "bots", `"` + strings.Repeat("x", 9<<20) + `"`, 413},
		{"POST", "faults", `{"kind":"meteor"}`, 400},
		{"POST", "faults", `{"kind":"error"}`, 400},
		{"PATCH", "messages/x/1", `{"text":"А"}`, 400},
		{"DELETE", "messages/-5/1", "", 404},
		{"GET", "chats/5", "", 404},
	} {
		if out := w.admin(c.method, c.path, c.body, c.status); out["error"] == nil {
			t.Errorf("%s %s: no error in %v", c.method, c.path, out)
		}
	}
}

// page fetches a page, following redirects, and returns it with its address.
func (w *world) page(path string) (string, string) {
	w.t.Helper()
	resp := must(http.Get(w.url + path))(w.t)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		w.t.Fatalf("%s: %s", path, resp.Status)
	}
	return string(must(io.ReadAll(resp.Body))(w.t)), resp.Request.URL.Path + "#" + resp.Request.URL.Fragment
}

func TestThePagesShowTheThreadWithTheAnswerInIt(t *testing.T) {
	t.Parallel()
	w := setup(t, func(o *telegram.Options) {
		o.Now = func() time.Time { return time.Date(2026, 3, 2, 9, 5, 0, 0, time.UTC) }
	})
	posted := must(w.sim.Post(w.channel.ID, "Ремонт <моста>"))(t)
	say := func(text string, reply int64) int64 {
		return must(w.sim.Comment(telegram.Comment{ChannelID: w.channel.ID, PostID: posted.MessageID, FromID: w.user.ID, Text: text, ReplyTo: reply}))(t)
	}
	first := say("Первый", 0)
	say("Второй", 0)
	w.call("sendMessage", object{"chat_id": w.channel.GroupID, "text": "Ответ города", "reply_parameters": object{"message_id": first}})
	body, _ := w.page("/tg/zarechensk/1")
	a, b, c := strings.Index(body, "Первый"), strings.Index(body, "Ответ города"), strings.Index(body, "Второй")
	if a < 0 || b < a || c < b {
		t.Errorf("order: %d %d %d\n%s", a, b, c, body)
	}
	for _, part := range []string{`class="reply own"`, "02.03.2026 09:05", "Ремонт &lt;моста&gt;", fmt.Sprintf(`id="m%d"`, first), "Мария Ким"} {
		if !strings.Contains(body, part) {
			t.Errorf("%s is missing in\n%s", part, body)
		}
	}
	want := fmt.Sprintf("/tg/zarechensk/1/%d#m%d", first, first)
	if _, got := w.page(fmt.Sprintf("/tg/zarechensk/1?comment=%d", first)); got != want {
		t.Errorf("a permalink leads to %s", got)
	}
	if _, got := w.page(fmt.Sprintf("/tg/c/%d/%d?thread=%d", -w.channel.GroupID-1_000_000_000_000, first, posted.GroupMessageID)); got != want {
		t.Errorf("a group link leads to %s", got)
	}
	for _, path := range []string{"/tg/", "/tg/zarechensk"} {
		if body, _ := w.page(path); !strings.Contains(body, "zarechensk") {
			t.Errorf("%s: %s", path, body)
		}
	}
	if resp := must(http.Get(w.url + "/tg/nobody/1"))(t); resp.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown channel: %s", resp.Status)
	}
}

func TestTheFormsWriteIntoTheWorld(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	post := func(path string, form url.Values) string {
		resp := must(http.PostForm(w.url+path, form))(t)
		defer resp.Body.Close()
		return string(must(io.ReadAll(resp.Body))(t))
	}
	if body := post("/tg/zarechensk/posts", url.Values{"text": {"Новая запись"}}); !strings.Contains(body, "Новая запись") {
		t.Error(body)
	}
	body := post("/tg/zarechensk/1/comments", url.Values{"text": {"Нет воды"}, "from": {itoa(w.user.ID)}, "reply_to": {""}})
	if !strings.Contains(body, "Нет воды") {
		t.Error(body)
	}
	if body := post("/tg/zarechensk/1/comments", url.Values{"text": {""}, "from": {itoa(w.user.ID)}}); !strings.Contains(body, "Текст пуст") {
		t.Error(body)
	}
	if n := w.sim.Pending(w.bot.ID); n != 3 {
		t.Errorf("%d updates wait", n)
	}
}

func TestALongThreadShowsTheNewestAndTheOneAskedFor(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	posted := must(w.sim.Post(w.channel.ID, "Пост"))(t)
	comments := make([]telegram.Comment, 700)
	for i := range comments {
		comments[i] = telegram.Comment{ChannelID: w.channel.ID, PostID: posted.MessageID, FromID: w.user.ID, Text: fmt.Sprintf("Комментарий %d.", i)}
	}
	ids := must(w.sim.Comments(comments))(t)
	body, _ := w.page("/tg/zarechensk/1")
	if strings.Contains(body, "Комментарий 7.") || !strings.Contains(body, "Комментарий 699.") || !strings.Contains(body, "более ранних: 200") {
		t.Error("the newest 500 are not what is shown")
	}
	if body, _ = w.page(fmt.Sprintf("/tg/zarechensk/1?comment=%d", ids[7])); !strings.Contains(body, "Комментарий 7.") {
		t.Error("the comment asked for is not shown")
	}
}
