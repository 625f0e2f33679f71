package telegram_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"otklik/internal/sim/telegram"
)

func TestMembershipIsToldAndCounted(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	w.listen()
	group := w.channel.GroupID
	must(w.sim.Comment(telegram.Comment{GroupID: group, FromID: w.user.ID, Text: "Я тут"}))(t)
	if a := w.call("getChatMemberCount", object{"chat_id": group}); string(a.Result) != "2" {
		t.Errorf("%+v", a)
	}
	for _, status := range []string{"member", "kicked"} {
		if err := w.sim.SetMember(group, w.user.ID, status); err != nil {
			t.Fatal(err)
		}
	}
	if a := w.call("getChatMemberCount", object{"chat_id": group}); string(a.Result) != "1" {
		t.Errorf("%+v", a)
	}
	if a := w.call("leaveChat", object{"chat_id": group}); !a.OK {
		t.Errorf("%+v", a)
	}
	if a := w.call("leaveChat", object{"chat_id": group}); a.Description != "Forbidden: bot is not a member of the supergroup chat" {
		t.Errorf("%+v", a)
	}
	if got := w.kinds(); !slices.Equal(got, []string{"message", "chat_member", "chat_member", "my_chat_member"}) {
		t.Errorf("%v", got)
	}
}

func TestABasicGroupBecomesASupergroup(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	g := must(w.sim.AddGroup(telegram.Group{Title: "Дежурные", Basic: true}))(t)
	if a := w.call("sendMessage", object{"chat_id": g.ID, "text": "Доброе утро"}); !a.OK {
		t.Fatalf("%+v", a)
	}
	to := must(w.sim.Migrate(g.ID))(t)
	a := w.call("sendMessage", object{"chat_id": g.ID, "text": "Доброе утро"})
	if a.Parameters.MigrateToChatID != to || a.Description != "Bad Request: group chat was upgraded to a supergroup chat" {
		t.Errorf("%+v", a)
	}
	got := w.updates(0)
	if len(got) != 2 || num(at(got[0], "message", "migrate_to_chat_id")) != to || at(got[0], "message", "chat", "type") != "group" ||
		num(at(got[1], "message", "migrate_from_chat_id")) != g.ID || at(got[1], "message", "chat", "type") != "supergroup" {
		t.Errorf("%v", got)
	}
}

func TestWhatCanBeDeletedAndForHowLong(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	w := setup(t, func(o *telegram.Options) { o.Now = func() time.Time { return now } })
	group := w.channel.GroupID
	said := must(w.sim.Direct(w.bot.ID, w.user.ID, "Привет"))(t)
	send := func(chat int64) int64 {
		return w.call("sendMessage", object{"chat_id": chat, "text": "Ответ"}).messageID(t)
	}
	private, own, second := send(w.user.ID), send(group), send(group)
	comment := must(w.sim.Comment(telegram.Comment{GroupID: group, FromID: w.user.ID, Text: "Чужое"}))(t)
	try := func(chat, id int64) string {
		return w.call("deleteMessage", object{"chat_id": chat, "message_id": id}).Description
	}
	if got := try(w.user.ID, said); got != "" {
		t.Errorf("a citizen's message in a private chat: %s", got)
	}
	now = now.Add(49 * time.Hour)
	if got := try(w.user.ID, private); got != "Bad Request: message can't be deleted for everyone" {
		t.Errorf("own after two days: %q", got)
	}
	if got := try(group, own); got != "" {
		t.Errorf("an administrator after two days: %s", got)
	}
	if err := w.sim.SetMember(group, w.bot.ID, "member"); err != nil {
		t.Fatal(err)
	}
	if got := try(group, comment); got != "Bad Request: message can't be deleted" {
		t.Errorf("a member, another's: %q", got)
	}
	if got := try(group, second); got != "Bad Request: message can't be deleted for everyone" {
		t.Errorf("a member, own after two days: %q", got)
	}
	if err := w.sim.SetMember(group, w.bot.ID, "administrator"); err != nil {
		t.Fatal(err)
	}
	if a := w.call("deleteMessages", object{"chat_id": group, "message_ids": []int64{comment, second, 999}}); !a.OK {
		t.Errorf("%+v", a)
	}
}

func TestPinsAreShownAndTakenOff(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	posted := must(w.sim.Post(w.channel.ID, "График отключений"))(t)
	where := object{"chat_id": w.channel.ID, "message_id": posted.MessageID}
	if a := w.call("pinChatMessage", where); !a.OK {
		t.Fatalf("%+v", a)
	}
	state, _ := w.sim.Chat(w.channel.ID, 5)
	if !state.Messages[0].Pinned || !state.Messages[1].Service {
		t.Errorf("%+v", state.Messages)
	}
	if a := w.call("unpinChatMessage", object{"chat_id": w.channel.ID}); !a.OK {
		t.Errorf("%+v", a)
	}
	if a := w.call("unpinChatMessage", where); a.Description != "Bad Request: message to unpin not found" {
		t.Errorf("%+v", a)
	}
}

func TestTheProfileIsKept(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	for _, c := range []struct {
		method string
		params object
		want   string
	}{
		{"getMyName", object{}, `{"name":"Отклик"}`},
		{"setMyName", object{"name": "Приёмная"}, "true"},
		{"getMyName", object{"language_code": "ru"}, `{"name":"Приёмная"}`},
		{"setMyDescription", object{"description": "Сообщите о проблеме"}, "true"},
		{"getMyDescription", object{}, `{"description":"Сообщите о проблеме"}`},
		{"setMyShortDescription", object{"short_description": "Город слушает"}, "true"},
		{"getMyShortDescription", object{}, `{"short_description":"Город слушает"}`},
		{"setMyCommands", object{"commands": []object{{"command": "start", "description": "Начать"}}, "scope": object{"type": "all_private_chats"}}, "true"},
		{"getMyCommands", object{}, "[]"},
		{"getMyCommands", object{"scope": object{"type": "all_private_chats"}}, `[{"command":"start","description":"Начать"}]`},
		{"deleteMyCommands", object{"scope": object{"type": "all_private_chats"}}, "true"},
		{"getMyCommands", object{"scope": object{"type": "all_private_chats"}}, "[]"},
		{"setChatMenuButton", object{"menu_button": object{"type": "commands"}}, "true"},
		{"getChatMenuButton", object{}, `{"type":"commands"}`},
		{"sendChatAction", object{"chat_id": w.channel.GroupID, "action": "typing"}, "true"},
		{"close", object{}, "true"},
		{"logOut", object{}, "true"},
	} {
		if a := w.call(c.method, c.params); compact(a.Result) != c.want {
			t.Errorf("%s: %+v", c.method, a)
		}
	}
	if a := w.call("getMe", object{}); a.Description != "Logged out" {
		t.Errorf("after logOut: %+v", a)
	}
}

// compact is the JSON with its fields in order.
func compact(raw json.RawMessage) string {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return ""
	}
	out, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(err)
	}
	return string(out)
}
