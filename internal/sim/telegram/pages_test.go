package telegram_test

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"otklik/internal/sim/record"
	"otklik/internal/sim/telegram"
)

// person is someone with a browser on the simulator's pages.
type person struct {
	w    *world
	http *http.Client
}

func newPerson(w *world) *person {
	return &person{w, &http.Client{Jar: must(cookiejar.New(nil))(w.t)}}
}

func (p *person) post(path string, form url.Values) string {
	p.w.t.Helper()
	return p.read(must(p.http.PostForm(p.w.url+path, form))(p.w.t))
}

func (p *person) read(resp *http.Response) string {
	p.w.t.Helper()
	defer resp.Body.Close()
	return string(must(io.ReadAll(resp.Body))(p.w.t))
}

func (p *person) see(path string) string {
	p.w.t.Helper()
	return p.read(must(p.http.Get(p.w.url + path))(p.w.t))
}

// attach posts a form with a picture.
func (p *person) attach(path string, fields map[string]string, picture []byte) string {
	p.w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for k, v := range fields {
		if err := form.WriteField(k, v); err != nil {
			p.w.t.Fatal(err)
		}
	}
	part := must(form.CreateFormFile("photo", "снимок.png"))(p.w.t)
	if _, err := part.Write(picture); err != nil {
		p.w.t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		p.w.t.Fatal(err)
	}
	return p.read(must(p.http.Post(p.w.url+path, form.FormDataContentType(), &body))(p.w.t))
}

func TestAPersonVotesReactsAndAttachesAPhoto(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	anna := must(w.sim.AddUser(telegram.User{FirstName: "Анна"}))(t)
	id := w.call("sendPoll", object{"chat_id": w.channel.ID, "question": "Где лавки?", "options": []object{{"text": "Парк"}, {"text": "Двор"}}}).messageID(t)
	p := newPerson(w)
	p.post("/tg/me", url.Values{"user": {itoa(anna.ID)}, "back": {"/tg/zarechensk"}})
	where := url.Values{"chat": {itoa(w.channel.ID)}, "message": {itoa(id)}, "back": {"/tg/zarechensk"}}
	do := func(more url.Values) string {
		form := url.Values{}
		for _, v := range []url.Values{where, more} {
			for k, x := range v {
				form[k] = x
			}
		}
		return p.post("/tg/deeds", form)
	}
	if body := do(url.Values{"do": {"vote"}, "option": {"1"}}); !strings.Contains(body, "Двор — 1") || !strings.Contains(body, "Проголосовали: 1") {
		t.Error(body)
	}
	if body := do(url.Values{"do": {"react"}, "emoji": {"👍"}}); !strings.Contains(body, "👍 1") {
		t.Error(body)
	}
	if body := do(url.Values{"do": {"vote"}, "option": {"9"}}); !strings.Contains(body, "Такого варианта") {
		t.Error(body)
	}
	body := p.attach(fmt.Sprintf("/tg/zarechensk/%d/comments", id), map[string]string{"from": itoa(anna.ID), "text": "Вот двор"}, picture(t, 80))
	found := regexp.MustCompile(`<img src="(/tg/files/photos/[^"]+)"`).FindStringSubmatch(body)
	if found == nil || !strings.Contains(body, "Вот двор") {
		t.Fatal(body)
	}
	if got := p.see(found[1]); got != string(picture(t, 80)) {
		t.Errorf("the picture has %d bytes", len(got))
	}
	if body := p.attach("/tg/zarechensk/posts", map[string]string{"text": "С фото"}, picture(t, 81)); !strings.Contains(body, "С фото") {
		t.Error(body)
	}
	if body := p.attach("/tg/zarechensk/posts", nil, []byte("не снимок")); !strings.Contains(body, "Файл — не фотография") {
		t.Error(body)
	}
}

func TestAPersonTalksToTheBotAndBlocksIt(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	p := newPerson(w)
	if body := p.see("/tg/bots/otklik_bot"); !strings.Contains(body, "Переписки пока нет") {
		t.Error(body)
	}
	p.post("/tg/bots/otklik_bot/messages", url.Values{"text": {"/start"}})
	w.call("sendMessage", object{"chat_id": w.user.ID, "text": "Что случилось?", "reply_markup": object{"keyboard": [][]string{{"Дороги"}}}})
	id := w.call("sendMessage", object{"chat_id": w.user.ID, "text": "Или нажмите", "reply_markup": inline("Другое", "other")}).messageID(t)
	body := p.see("/tg/bots/otklik_bot")
	for _, part := range []string{"Что случилось?", `value="Дороги"`, `name="data" value="other"`, "Заблокировать бота"} {
		if !strings.Contains(body, part) {
			t.Errorf("%s is missing in %s", part, body)
		}
	}
	p.post("/tg/deeds", url.Values{"do": {"press"}, "data": {"other"}, "chat": {itoa(w.user.ID)}, "message": {itoa(id)}, "back": {"https://evil.example/"}})
	if got := w.kinds(); got[len(got)-1] != "callback_query" {
		t.Errorf("%v", got)
	}
	if body := p.post("/tg/bots/otklik_bot/block", url.Values{"blocked": {"true"}}); !strings.Contains(body, "Разблокировать бота") {
		t.Error(body)
	}
	if a := w.call("sendMessage", object{"chat_id": w.user.ID, "text": "а"}); a.Status != 403 {
		t.Errorf("%+v", a)
	}
}

func TestAPersonSwitchesFaultsOn(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	p := newPerson(w)
	body := p.post("/tg/faults", url.Values{"kind": {"error"}, "method": {"getMe"}, "code": {"429"}, "retry_after": {"7"}, "count": {"2"}, "probability": {""}})
	if !strings.Contains(body, "<td>getMe</td><td>error</td><td>429</td>") {
		t.Error(body)
	}
	if a := w.call("getMe", object{}); a.Parameters.RetryAfter != 7 {
		t.Errorf("%+v", a)
	}
	if body := p.post("/tg/faults/clear", nil); !strings.Contains(body, "Всё исправно") {
		t.Error(body)
	}
	if body := p.post("/tg/faults", url.Values{"kind": {"meteor"}}); !strings.Contains(body, "Такого вида неисправности нет") {
		t.Error(body)
	}
}

func TestTheAdminAPIDoesWhatPeopleDo(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	w.listen()
	post := w.admin("POST", "posts", fmt.Sprintf(`{"channel_id":%d,"text":"Пост"}`, w.channel.ID), 200)
	where := fmt.Sprintf(`"chat_id":%d,"message_id":%d,"user_id":%d`, w.channel.ID, num(post["message_id"]), w.user.ID)
	w.admin("POST", "reactions", `{`+where+`,"emoji":"🔥"}`, 200)
	w.admin("POST", "votes", `{`+where+`,"options":[0]}`, 404)
	w.admin("POST", "private", fmt.Sprintf(`{"bot_id":%d,"user_id":%d,"text":"/start"}`, w.bot.ID, w.user.ID), 200)
	id := w.call("sendMessage", object{"chat_id": w.user.ID, "text": "?", "reply_markup": inline("Да", "y")}).messageID(t)
	pressed := w.admin("POST", "presses", fmt.Sprintf(`{"chat_id":%d,"message_id":%d,"user_id":%d,"data":"y"}`, w.user.ID, id, w.user.ID), 200)
	w.admin("POST", "blocks", fmt.Sprintf(`{"bot_id":%d,"user_id":%d,"blocked":true}`, w.bot.ID, w.user.ID), 200)
	state := w.admin("GET", fmt.Sprintf("private/%d/%d", w.bot.ID, w.user.ID), "", 200)
	if state["blocked"] != true || pressed["callback_query_id"] == nil {
		t.Errorf("%v %v", state, pressed)
	}
	w.admin("POST", "switches", `{"albums_apart":true,"reaction_delay_ms":5}`, 200)
	w.admin("POST", "scenario", `[{"at":"0s","method":"getMe","fault":"error","code":500,"count":1}]`, 200)
	if a := w.call("getMe", object{}); a.Status != 500 {
		t.Errorf("%+v", a)
	}
	w.admin("POST", "scenario", `[{"at":"0s","method":"getMe","fault":"meteor"}]`, 400)
	group := w.admin("POST", "groups", `{"title":"Дежурные","basic":true}`, 200)
	moved := w.admin("POST", "migrations", fmt.Sprintf(`{"group_id":%d}`, num(group["group_id"])), 200)
	if num(moved["group_id"]) > -1_000_000_000_000 {
		t.Errorf("%v", moved)
	}
	token := w.admin("POST", "tokens", fmt.Sprintf(`{"bot_id":%d}`, w.bot.ID), 200)
	if a := w.call("getMe", object{}); a.Status != 401 {
		t.Errorf("the old token: %+v", a)
	}
	w.bot.Token = fmt.Sprint(token["token"])
	if a := w.call("getMe", object{}); !a.OK {
		t.Errorf("the new token: %+v", a)
	}
	w.admin("POST", "faults", `{"method":"getMe","kind":"clock"}`, 400)
	w.sim.Faults().Add(record.Fault{Method: "getMe", Kind: record.FaultEmpty})
}

func TestThePublicPageShowsPostsPollsAndPages(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	for i := range 45 {
		must(w.sim.Post(w.channel.ID, fmt.Sprintf("Запись №%d https://gorod.ru/?a=1&b=2", i+1)))(t)
	}
	if err := w.sim.SetViews(w.channel.ID, 45, 1540); err != nil {
		t.Fatal(err)
	}
	must(w.sim.Publish(telegram.NewPost{ChannelID: w.channel.ID, Text: "Праздник", Photos: [][]byte{picture(t, 90), picture(t, 91)}}))(t)
	w.call("sendPoll", object{"chat_id": w.channel.ID, "question": "Где <лавки>?", "options": []object{{"text": "Парк"}}})
	if err := w.sim.DeleteMessage(w.channel.ID, 44); err != nil {
		t.Fatal(err)
	}
	posts := regexp.MustCompile(`data-post="zarechensk/(\d+)"`)
	ids := func(body string) (out []string) {
		for _, m := range posts.FindAllStringSubmatch(body, -1) {
			out = append(out, m[1])
		}
		return out
	}
	body, _ := w.page("/s/zarechensk")
	if got := ids(body); len(got) != 20 || got[19] != "48" || got[18] != "46" || got[0] != "27" || strings.Contains(body, "№44 ") {
		t.Errorf("the newest: %v", got)
	}
	for _, part := range []string{
		`<span class="tgme_widget_message_views">1.5K</span>`, `tgme_widget_message_photo_wrap`, `Где &lt;лавки&gt;?`,
		`<div class="tgme_channel_info_header_title"><span dir="auto">Город Зареченск</span>`, `&amp;amp;b=2`,
		`data-before="27"`, `<time datetime="2`,
	} {
		if !strings.Contains(body, part) {
			t.Errorf("%s is missing", part)
		}
	}
	if strings.Count(body, "tgme_widget_message_photo_wrap") != 2 {
		t.Error("the album is not one post with two photos")
	}
	earlier, _ := w.page("/s/zarechensk?before=27")
	if got := ids(earlier); len(got) != 20 || got[19] != "26" || got[0] != "7" {
		t.Errorf("earlier: %v", got)
	}
	if first, _ := w.page("/s/zarechensk?before=7"); len(ids(first)) != 6 || strings.Contains(first, "tme_messages_more") {
		t.Errorf("the first: %v", ids(first))
	}
	if one, _ := w.page("/s/zarechensk?q=" + url.QueryEscape("запись №17 ")); fmt.Sprint(ids(one)) != "[17]" {
		t.Errorf("found %v", ids(one))
	}
	if none, _ := w.page("/s/zarechensk?q=zzz"); !strings.Contains(html.UnescapeString(none), "tme_no_messages_found") {
		t.Error(none)
	}
	must(w.sim.AddChannel(telegram.Channel{Title: "Закрытый", Username: "closed_one", Hidden: true}))(t)
	if _, at := w.page("/s/closed_one"); at != "/tg/closed_one#" {
		t.Errorf("without a preview: %s", at)
	}
}
