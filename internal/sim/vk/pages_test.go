package vk_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/SevereCloud/vksdk/v2/api"

	"otklik/internal/sim/record"
	"otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
)

// submit sends a form, with a photo if there is one, and returns the page to
// which it leads.
func submit(t *testing.T, address string, fields url.Values, photo []byte) string {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, values := range fields {
		for _, v := range values {
			_ = form.WriteField(name, v)
		}
	}
	if photo != nil {
		part, _ := form.CreateFormFile("photo", "photo.png")
		_, _ = part.Write(photo)
	}
	_ = form.Close()
	resp, err := http.Post(address, form.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	page, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v\n%s", address, resp.StatusCode, err, page)
	}
	return string(page)
}

func wantText(t *testing.T, page string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(page, w) {
			t.Errorf("the page lacks %q:\n%s", w, page)
		}
	}
}

func TestCommentWithAPhotoLikeAndVoteThroughPages(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	poll, err := n.AddPoll(vk.Poll{OwnerID: vktest.OwnerID, Question: "Что ремонтировать?", Answers: []vk.PollAnswer{{Text: "Двор"}, {Text: "Дорогу"}}})
	n.Must(err)
	post := n.MustPost(vk.NewPost{Text: "Голосуем", Media: []string{fmt.Sprintf("poll%d_%d", vktest.OwnerID, poll.ID)}})
	thread := fmt.Sprintf("%s/vk/wall%d_%d", n.URL, vktest.OwnerID, post)

	page := submit(t, thread+"/comments", url.Values{"from": {"11"}, "text": {""}}, picture(t, 8, 8))
	wantText(t, page, `<img src="/vkfile/photo11_`)
	_, rest, _ := strings.Cut(page, `<img src="`)
	address, _, _ := strings.Cut(rest, `"`)
	if status, body := call(t, "GET", n.URL+address, ""); status != 200 || body != string(picture(t, 8, 8)) {
		t.Errorf("the photo is served as %d", status)
	}
	wantText(t, submit(t, thread+"/comments", url.Values{"from": {"11"}, "text": {"Вот"}}, []byte("не картинка")), "Фотографию не удалось прочитать")

	wantText(t, submit(t, thread+"/likes", url.Values{"from": {"12"}}, nil), "Нравится: 1")
	wantText(t, submit(t, thread+"/likes", url.Values{"from": {"12"}}, nil), "Нравится: 0")

	votes := fmt.Sprintf("%s/vk/poll%d_%d/votes", n.URL, vktest.OwnerID, poll.ID)
	vote := url.Values{"from": {"12"}, "answer": {fmt.Sprint(poll.Answers[1].ID)}, "back": {strings.TrimPrefix(thread, n.URL)}}
	wantText(t, submit(t, votes, vote, nil), `Дорогу <span class="at">1</span>`)
	wantText(t, submit(t, votes, vote, nil), "уже голосовал")
	delete(vote, "answer")
	wantText(t, submit(t, votes, vote, nil), "Выберите ответ")
	vote.Set("back", "https://example.org/")
	resp, err := http.PostForm(votes, vote)
	n.Must(err)
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("a form that leads elsewhere got %d", resp.StatusCode)
	}
}

func TestWritingToTheCommunityThroughPages(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	c := sdk(n, vktest.CommunityToken)
	_, body := call(t, "GET", fmt.Sprintf("%s/vk/im/%d", n.URL, vktest.GroupID), "")
	here := fmt.Sprintf("%s/vk/im/%d/%d", n.URL, vktest.GroupID, vktest.Anna)
	wantText(t, body, strings.TrimPrefix(here, n.URL), "Анна Крылова")
	_, body = call(t, "GET", here, "")
	wantText(t, body, "Сообщений пока нет", "ошибкой 901")

	wantText(t, submit(t, here, url.Values{"text": {""}}, nil), "Напишите текст сообщения.")
	wantText(t, submit(t, here, url.Values{"text": {"Яма <у дома>"}}, picture(t, 6, 6)), "Яма &lt;у дома&gt;", "/vkfile/photo11_", "Запретить сообществу")
	keyboard := `{"inline":true,"buttons":[[{"action":{"type":"text","label":"Да","payload":"{}"}},{"action":{"type":"callback","label":"Статус","payload":"{}"}}]]}`
	id, err := c.MessagesSend(api.Params{"peer_id": vktest.Anna, "random_id": 1, "message": "Это срочно?", "keyboard": keyboard})
	n.Must(err)
	_, body = call(t, "GET", here, "")
	wantText(t, body, "Это срочно?", "<button>Да</button>", "<button>Статус</button>")

	l := listen(t, n)
	button := url.Values{"message": {fmt.Sprint(id)}, "row": {"0"}, "column": {"1"}}
	submit(t, here+"/press", button, nil)
	event := l.next()[0]
	_, rest, _ := strings.Cut(string(event.Object), `"event_id":"`)
	eventID, _, _ := strings.Cut(rest, `"`)
	_, err = c.MessagesSendMessageEventAnswer(api.Params{
		"event_id": eventID, "user_id": vktest.Anna, "peer_id": vktest.Anna, "event_data": `{"type":"show_snackbar","text":"В работе у дорожников"}`,
	})
	n.Must(err)
	_, body = call(t, "GET", here, "")
	wantText(t, body, "В работе у дорожников")
	button.Set("column", "5")
	wantText(t, submit(t, here+"/press", button, nil), "Этой кнопки больше нет.")

	wantText(t, submit(t, here+"/allow", url.Values{"on": {"0"}}, nil), "Разрешить сообществу")
	_, err = c.MessagesSend(api.Params{"peer_id": vktest.Anna, "random_id": 2, "message": "Вы здесь?"})
	wantCode(t, "to somebody who blocked the community", err, 901)
	if status, _ := call(t, "GET", fmt.Sprintf("%s/vk/im/%d/999", n.URL, vktest.GroupID), ""); status != http.StatusNotFound {
		t.Errorf("nobody's messages got %d", status)
	}
}

func TestFaultsThroughPages(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	faults := n.URL + "/vk/faults"
	page := submit(t, faults, url.Values{"kind": {"error:14"}, "method": {"wall.*"}, "count": {"2"}, "probability": {"0,5"}}, nil)
	wantText(t, page, "<td>wall.*</td><td>14</td><td>2</td><td>0.5</td>")
	submit(t, faults, url.Values{"kind": {"drop:0"}, "method": {"wall_reply_new"}, "count": {"1"}}, nil)
	if list := n.Faults().List(); len(list) != 2 || list[1].Method != "update:wall_reply_new" || list[1].Kind != record.FaultDrop {
		t.Errorf("%+v", list)
	}
	for _, wrong := range []url.Values{
		{"kind": {"error:14"}, "method": {"["}},
		{"kind": {"plague:0"}, "method": {"*"}},
		{"kind": {"error:14"}, "method": {"*"}, "probability": {"2"}},
	} {
		wantText(t, submit(t, faults, wrong, nil), `role="alert"`)
	}
	wantText(t, submit(t, n.URL+"/vk/faults/clear", nil, nil), "Неисправностей нет.")
	submit(t, n.URL+"/vk/switches", url.Values{"community_cannot_post": {"on"}}, nil)
	if s := n.Switches(); !s.CommunityCannotPost || s.ImageCaptcha {
		t.Errorf("%+v", s)
	}
}

func TestAdminOfCitizens(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	admin := n.URL + "/admin/vk/"
	group := fmt.Sprintf("%d/%d", vktest.GroupID, vktest.Anna)
	for _, s := range []struct {
		method, path, body string
		status             int
		answer             string
	}{
		{"POST", "messages", fmt.Sprintf(`{"group_id":%d,"from_id":11,"text":"Яма"}`, vktest.GroupID), 200, `"message_id":1`},
		{"POST", "messages", `{"group_id":9,"from_id":11,"text":"Яма"}`, 404, `no such object`},
		{"GET", "messages/" + group, ``, 200, `"text":"Яма"`},
		{"GET", "messages/" + fmt.Sprintf("%d/12", vktest.GroupID), ``, 404, `no such object`},
		{"DELETE", "messages/" + group + "/allow", ``, 200, `true`},
		{"POST", "messages/" + group + "/allow", ``, 200, `true`},
		{"POST", "messages/" + group + "/press", `{"message_id":1,"row":0,"column":0}`, 404, `no such object`},
		{"POST", "members/" + group, ``, 200, `true`},
		{"DELETE", "members/" + group, ``, 200, `true`},
		{"POST", "likes", fmt.Sprintf(`{"kind":"post","owner_id":%d,"id":%d,"user_id":11}`, vktest.OwnerID, n.Post), 200, `true`},
		{"POST", "reposts", fmt.Sprintf(`{"owner_id":%d,"post_id":%d,"user_id":11,"text":"Смотрите"}`, vktest.OwnerID, n.Post), 200, `"post_id":1`},
		{"PUT", fmt.Sprintf("posts/%d/%d/views", vktest.OwnerID, n.Post), `{"views":50}`, 200, `true`},
		{"POST", "polls", fmt.Sprintf(`{"owner_id":%d,"question":"Да?","answers":[{"text":"Да"}]}`, vktest.OwnerID), 200, `"id":1`},
		{"POST", fmt.Sprintf("polls/%d/1/votes", vktest.OwnerID), `{"user_id":11,"answer_ids":[2]}`, 200, `true`},
		{"POST", fmt.Sprintf("polls/%d/1/votes", vktest.OwnerID), `{"user_id":11,"answer_ids":[2]}`, 400, `has voted`},
		{"GET", fmt.Sprintf("polls/%d/1", vktest.OwnerID), ``, 200, `"voters":[11]`},
		{"POST", "photos/11", string(picture(t, 3, 3)), 200, `"name":"photo11_1"`},
		{"POST", "photos/11", `{}`, 400, `not a photo`},
		{"DELETE", "tokens/" + vktest.OtherToken, ``, 200, `true`},
		{"GET", "switches", ``, 200, `"image_captcha":false`},
	} {
		status, answer := call(t, s.method, admin+s.path, s.body)
		if status != s.status || !strings.Contains(answer, s.answer) {
			t.Errorf("%s %s: %d %s", s.method, s.path, status, answer)
		}
	}
	wantCode(t, "a revoked key", second(sdk(n, vktest.OtherToken).GroupsGetByID(nil)), 5)
}
