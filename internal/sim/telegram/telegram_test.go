package telegram_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/internal/sim/page"
	"otklik/internal/sim/record"
	"otklik/internal/sim/telegram"
	"otklik/internal/sim/telegram/tgschema"
)

// world is a simulator behind a real HTTP server, with one bot, one channel
// with its group and one citizen.
type world struct {
	t       *testing.T
	sim     *telegram.Server
	log     *record.Log
	url     string
	bot     telegram.Bot
	channel telegram.Channel
	user    telegram.User
}

func setup(t *testing.T, change func(*telegram.Options)) *world {
	t.Helper()
	o := telegram.Options{Now: time.Now, Log: record.NewLog(1000), WebhookRetry: time.Millisecond}
	if change != nil {
		change(&o)
	}
	w := &world{t: t, sim: telegram.New(o), log: o.Log}
	mux := http.NewServeMux()
	mux.Handle("/", tgschema.Check(t, w.sim.APIHandler(), tgschema.Options{}))
	mux.Handle("/admin/telegram/", w.sim.AdminHandler())
	mux.Handle("/tg/", w.sim.PagesHandler(page.NewFrame()))
	mux.Handle("/s/", w.sim.PreviewHandler())
	server := httptest.NewServer(mux)
	t.Cleanup(func() { w.sim.Close(); server.Close() })
	w.url = server.URL
	w.bot = must(w.sim.AddBot(telegram.Bot{}))(t)
	w.channel = must(w.sim.AddChannel(telegram.Channel{Title: "Город Зареченск", Username: "zarechensk", GroupTitle: "Обсуждение"}))(t)
	w.user = must(w.sim.AddUser(telegram.User{FirstName: "Мария", LastName: "Ким"}))(t)
	return w
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// answer is the Bot API's envelope.
type answer struct {
	Status      int             `json:"-"`
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	ErrorCode   int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter      int   `json:"retry_after"`
		MigrateToChatID int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

// call posts the parameters as JSON.
func (w *world) call(method string, params any) answer {
	w.t.Helper()
	raw := must(json.Marshal(params))(w.t)
	return w.do(must(http.NewRequest(http.MethodPost, w.methodURL(method), bytes.NewReader(raw)))(w.t), "application/json")
}

func (w *world) methodURL(method string) string { return w.url + "/bot" + w.bot.Token + "/" + method }

func (w *world) do(req *http.Request, contentType string) answer {
	w.t.Helper()
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp := must(http.DefaultClient.Do(req))(w.t)
	defer resp.Body.Close()
	var out answer
	if err := json.Unmarshal(must(io.ReadAll(resp.Body))(w.t), &out); err != nil {
		w.t.Fatalf("%s: %v", req.URL.Path, err)
	}
	out.Status = resp.StatusCode
	return out
}

type object = map[string]any

func (w *world) updates(offset int64) []object {
	w.t.Helper()
	a := w.call("getUpdates", object{"offset": offset})
	if !a.OK {
		w.t.Fatalf("getUpdates: %+v", a)
	}
	var list []object
	if err := json.Unmarshal(a.Result, &list); err != nil {
		w.t.Fatal(err)
	}
	return list
}

// at walks a decoded JSON value: at(u, "message", "chat", "id").
func at(v any, path ...string) any {
	for _, key := range path {
		m, ok := v.(object)
		if !ok {
			return nil
		}
		v = m[key]
	}
	return v
}

func num(v any) int64 {
	f, _ := v.(float64)
	return int64(f)
}

func TestEveryBodyFormAndTheQueryAreUnderstood(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	posted := must(w.sim.Post(w.channel.ID, "Завтра отключат воду"))(t)
	fields := map[string]string{
		"chat_id": itoa(w.channel.GroupID), "text": "Принято",
		"reply_parameters": `{"message_id":` + itoa(posted.GroupMessageID) + `}`,
	}
	form := url.Values{}
	var multi bytes.Buffer
	mw := multipart.NewWriter(&multi)
	for k, v := range fields {
		form.Set(k, v)
		if err := mw.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := mw.Close(); err != nil {
		t.Fatal(err)
	}
	nested := `{"chat_id":` + fields["chat_id"] + `,"text":"Принято","reply_parameters":` + fields["reply_parameters"] + `}`
	requests := map[string]struct{ method, url, kind, body string }{
		"urlencoded": {"POST", w.methodURL("sendMessage"), "application/x-www-form-urlencoded", form.Encode()},
		"multipart":  {"POST", w.methodURL("sendMessage"), mw.FormDataContentType(), multi.String()},
		"json":       {"POST", w.methodURL("sendMessage"), "application/json; charset=utf-8", nested},
		"query":      {"GET", w.methodURL("SENDMESSAGE") + "?" + form.Encode(), "", ""},
	}
	for name, r := range requests {
		a := w.do(must(http.NewRequest(r.method, r.url, strings.NewReader(r.body)))(t), r.kind)
		var m object
		if err := json.Unmarshal(a.Result, &m); err != nil {
			t.Fatalf("%s: %+v: %v", name, a, err)
		}
		if at(m, "text") != "Принято" || num(at(m, "reply_to_message", "message_id")) != posted.GroupMessageID ||
			num(at(m, "message_thread_id")) != posted.GroupMessageID || at(m, "from", "is_bot") != true {
			t.Errorf("%s: sent %v", name, m)
		}
	}
	thread, _ := w.sim.Thread(w.channel.GroupID, posted.GroupMessageID)
	if len(thread.Messages) != len(requests) || !thread.Messages[0].Own || thread.PostID != posted.MessageID {
		t.Errorf("the thread holds %+v", thread)
	}
	if got := w.updates(0); len(got) != 2 {
		t.Errorf("the bot was sent its own messages: %v", got)
	}
}

func TestAPostReachesTheBotTwiceAndCommentsHangOnTheCopy(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	posted := must(w.sim.Post(w.channel.ID, "Ремонт моста"))(t)
	first := must(w.sim.Comment(telegram.Comment{ChannelID: w.channel.ID, PostID: posted.MessageID, FromID: w.user.ID, Text: "Когда откроют?"}))(t)
	second := must(w.sim.Comment(telegram.Comment{GroupID: w.channel.GroupID, ThreadID: posted.GroupMessageID, FromID: w.user.ID, Text: "Ау", ReplyTo: first}))(t)
	list := w.updates(0)
	if len(list) != 4 {
		t.Fatalf("updates: %v", list)
	}
	if num(at(list[0], "channel_post", "chat", "id")) != w.channel.ID || at(list[0], "channel_post", "from") != nil {
		t.Errorf("channel post: %v", list[0])
	}
	copied, _ := at(list[1], "message").(object)
	if num(at(copied, "from", "id")) != 777000 || num(at(copied, "sender_chat", "id")) != w.channel.ID ||
		at(copied, "is_automatic_forward") != true || at(copied, "forward_origin", "type") != "channel" ||
		num(at(copied, "forward_origin", "message_id")) != posted.MessageID {
		t.Errorf("automatic forward: %v", copied)
	}
	if num(at(list[2], "message", "reply_to_message", "message_id")) != posted.GroupMessageID ||
		num(at(list[2], "message", "message_thread_id")) != posted.GroupMessageID {
		t.Errorf("comment: %v", list[2])
	}
	reply, _ := at(list[3], "message").(object)
	if num(at(reply, "message_id")) != second || num(at(reply, "reply_to_message", "message_id")) != first ||
		num(at(reply, "message_thread_id")) != posted.GroupMessageID || at(reply, "reply_to_message", "reply_to_message") != nil {
		t.Errorf("reply: %v", reply)
	}
}

func TestEditsAreToldAndDeletionsAreNot(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	posted := must(w.sim.Post(w.channel.ID, "Вода"))(t)
	id := must(w.sim.Comment(telegram.Comment{ChannelID: w.channel.ID, PostID: posted.MessageID, FromID: w.user.ID, Text: "Нет воды"}))(t)
	for _, err := range []error{
		w.sim.EditPost(w.channel.ID, posted.MessageID, "Вода будет"),
		w.sim.EditComment(w.channel.GroupID, id, "Нет воды!"),
		w.sim.DeleteMessage(w.channel.GroupID, id),
		w.sim.DeleteMessage(w.channel.ID, posted.MessageID),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	list := w.updates(0)
	if len(list) != 6 || at(list[3], "edited_channel_post", "text") != "Вода будет" ||
		at(list[4], "edited_message", "text") != "Вода будет" || at(list[5], "edited_message", "text") != "Нет воды!" ||
		num(at(list[5], "edited_message", "edit_date")) == 0 {
		t.Errorf("updates: %v", list)
	}
	if a := w.call("sendMessage", object{"chat_id": w.channel.GroupID, "text": "Ответ", "reply_parameters": object{"message_id": id}}); a.Description != "Bad Request: message to be replied not found" {
		t.Errorf("reply to a deleted comment: %+v", a)
	}
	if _, err := w.sim.Comment(telegram.Comment{ChannelID: w.channel.ID, PostID: posted.MessageID, FromID: w.user.ID, Text: "Эй"}); err == nil {
		t.Error("a comment was written under a deleted post")
	}
}

// upload posts a form with files.
func (w *world) upload(method string, fields map[string]string, files map[string][]byte) answer {
	w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for k, v := range fields {
		if err := form.WriteField(k, v); err != nil {
			w.t.Fatal(err)
		}
	}
	for k, v := range files {
		part := must(form.CreateFormFile(k, k+".bin"))(w.t)
		if _, err := part.Write(v); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		w.t.Fatal(err)
	}
	return w.do(must(http.NewRequest(http.MethodPost, w.methodURL(method), &body))(w.t), form.FormDataContentType())
}

func (a answer) messageID(t *testing.T) int64 {
	t.Helper()
	var m struct {
		MessageID int64 `json:"message_id"`
	}
	if err := json.Unmarshal(a.Result, &m); err != nil || m.MessageID == 0 {
		t.Fatalf("no message: %+v", a)
	}
	return m.MessageID
}

func inline(text, data string) object {
	return object{"inline_keyboard": [][]object{{{"text": text, "callback_data": data}}}}
}
