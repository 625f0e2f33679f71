package tgschema_test

import (
	"encoding/json"
	"strings"
	"testing"

	"otklik/internal/sim/telegram/tgschema"
)

func load(t *testing.T) *tgschema.Schema {
	t.Helper()
	s, err := tgschema.Load()
	if err != nil {
		t.Fatal(err)
	}
	if s == nil {
		t.Skip("Schema tests skipped: there is no folder of reference schemas above this one and OTKLIK_SPECS is not set.")
	}
	return s
}

func TestWrongRequestsAreFound(t *testing.T) {
	t.Parallel()
	s := load(t)
	for _, c := range []struct {
		method, params, says string
	}{
		{"sendMessage", `{"chat_id":1,"text":"а"}`, ""},
		{"SENDMESSAGE", `{"chat_id":"@x","text":"а","reply_parameters":"{\"message_id\":5}"}`, ""},
		{"sendMessage", `{"chat_id":1}`, `"text" is missing`},
		{"sendMessage", `{"chat_id":1,"text":"а","reply_to_message_id":5}`, "no parameter"},
		{"sendMessage", `{"chat_id":true,"text":"а"}`, "is no"},
		{"sendMessage", `{"chat_id":1,"text":"` + strings.Repeat("а", 4097) + `"}`, "1-4096"},
		{"sendMessage", `{"chat_id":1,"text":"а","reply_markup":{"inline_keyboard":[[{"text":"б","callback_data":"` + strings.Repeat("x", 65) + `"}]]}}`, "1-64 bytes"},
		{"sendMessage", `{"chat_id":1,"text":"а","reply_markup":{"inline_keyboard":[[{"label":"б"}]]}}`, "label"},
		{"getUpdates", `{"limit":"101"}`, "1-100"},
		{"getUpdates", `{"limit":"ten"}`, "is no Integer"},
		{"sendPoll", `{"chat_id":1,"question":"?","options":[{"text":"а"},{"text":"б"}]}`, ""},
		{"sendMessage", `{"chat_id":1,"parse_mode":"HTML","text":"` + strings.Repeat("<b>", 2000) + `"}`, ""},
		{"sendPoll", `{"chat_id":1,"question":"?","options":[]}`, "1-12"},
		{"sendPoll", `{"chat_id":1,"question":"?","options":[{"text":"а"}],"open_period":4}`, "5-2628000"},
		{"setWebhook", `{"url":"https://x","max_connections":101}`, "1-100"},
		{"setMessageReaction", `{"chat_id":1,"message_id":2,"reaction":[{"type":"emoji","emoji":"👍"}]}`, ""},
		{"setMessageReaction", `{"chat_id":1,"message_id":2,"reaction":[{"type":"smile","emoji":"👍"}]}`, "smile"},
		{"makeCoffee", `{}`, "no such method"},
	} {
		var params map[string]any
		if err := json.Unmarshal([]byte(c.params), &params); err != nil {
			t.Fatal(err)
		}
		bad := strings.Join(s.Request(c.method, params), "; ")
		if (c.says == "") != (bad == "") || !strings.Contains(bad, c.says) {
			t.Errorf("%s %.80s: %q", c.method, c.params, bad)
		}
	}
	files := map[string]any{"chat_id": "1", "photo": "attach://f", "f": tgschema.File{}}
	if bad := s.Request("sendPhoto", files); len(bad) != 0 {
		t.Error(bad)
	}
	delete(files, "photo")
	if bad := s.Request("sendPhoto", files); len(bad) != 2 {
		t.Error(bad)
	}
}

func TestWrongAnswersAreFound(t *testing.T) {
	t.Parallel()
	s := load(t)
	message := `"message_id":1,"date":1,"chat":{"id":1,"type":"private"}`
	for _, c := range []struct {
		method, result, says string
	}{
		{"sendMessage", `{` + message + `}`, ""},
		{"sendMessage", `{"message_id":1,"date":1}`, `lacks the field "chat"`},
		{"sendMessage", `{` + message + `,"views":5}`, `no field "views"`},
		{"sendMessage", `{` + message + `,"date":1.5}`, "no Integer"},
		{"editMessageText", `true`, ""},
		{"editMessageText", `"yes"`, "is no"},
		{"getUpdates", `[{"update_id":1,"message":{` + message + `}}]`, ""},
		{"getUpdates", `[{"update_id":1,"note":{}}]`, "note"},
		{"getChatMember", `{"status":"left","user":{"id":1,"is_bot":false,"first_name":"А"}}`, ""},
		{"getChatMember", `{"status":"gone","user":{"id":1,"is_bot":false,"first_name":"А"}}`, "gone"},
		{"sendMessage", `{` + message + `,"forward_origin":{"type":"channel","date":1,"chat":{"id":1,"type":"channel"}}}`, "message_id"},
	} {
		var result any
		if err := json.Unmarshal([]byte(c.result), &result); err != nil {
			t.Fatal(err)
		}
		bad := strings.Join(s.Result(c.method, result), "; ")
		if (c.says == "") != (bad == "") || !strings.Contains(bad, c.says) {
			t.Errorf("%s %s: %q", c.method, c.result, bad)
		}
	}
}

func TestAStringIsAButtonToo(t *testing.T) {
	t.Parallel()
	s := load(t)
	params := map[string]any{"chat_id": "1", "text": "?", "reply_markup": `{"keyboard":[["Да","Нет"]]}`}
	if bad := s.Request("sendMessage", params); len(bad) != 0 {
		t.Error(bad)
	}
}
