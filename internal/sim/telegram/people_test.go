package telegram_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"otklik/internal/errs"
	"otklik/internal/sim/telegram"
)

// listen asks for every kind of update.
func (w *world) listen() {
	w.t.Helper()
	kinds := []string{
		"message", "edited_message", "channel_post", "edited_channel_post", "callback_query", "poll", "poll_answer",
		"my_chat_member", "chat_member", "message_reaction", "message_reaction_count",
	}
	if a := w.call("getUpdates", object{"allowed_updates": kinds}); !a.OK {
		w.t.Fatalf("%+v", a)
	}
}

// kinds are the kinds of the waiting updates.
func (w *world) kinds() []string {
	w.t.Helper()
	var out []string
	for _, u := range w.updates(0) {
		for k := range u {
			if k != "update_id" {
				out = append(out, k)
			}
		}
	}
	return out
}

func TestAnAnonymousPollCountsInTheChannelAndItsCopy(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	w.listen()
	options := []object{{"text": "Парк"}, {"text": "Сквер"}}
	if a := w.call("sendPoll", object{"chat_id": w.channel.ID, "question": "Что строить?", "options": options, "is_anonymous": false}); !strings.Contains(a.Description, "non-anonymous polls can't be sent to channel") {
		t.Errorf("%+v", a)
	}
	id := w.call("sendPoll", object{"chat_id": w.channel.ID, "question": "Что строить?", "options": options}).messageID(t)
	other := must(w.sim.AddUser(telegram.User{FirstName: "Олег"}))(t)
	root, _ := w.sim.ThreadOfPost(w.channel.ID, id)
	for _, err := range []error{
		w.sim.Vote(w.channel.ID, id, w.user.ID, []int{0}),
		w.sim.Vote(w.channel.GroupID, root.ThreadID, other.ID, []int{1}),
		w.sim.Vote(w.channel.ID, id, w.user.ID, []int{1}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.sim.Vote(w.channel.ID, id, w.user.ID, []int{0, 1}); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("two answers where one is allowed: %v", err)
	}
	if err := w.sim.Vote(w.channel.ID, id, w.user.ID, []int{7}); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("an answer that is not there: %v", err)
	}
	var closed object
	if err := json.Unmarshal(w.call("stopPoll", object{"chat_id": w.channel.ID, "message_id": id}).Result, &closed); err != nil {
		t.Fatal(err)
	}
	list, _ := closed["options"].([]any)
	if closed["is_closed"] != true || num(closed["total_voter_count"]) != 2 || num(at(list[0], "voter_count")) != 0 || num(at(list[1], "voter_count")) != 2 {
		t.Errorf("closed %v", closed)
	}
	if a := w.call("stopPoll", object{"chat_id": w.channel.ID, "message_id": id}); a.Description != "Bad Request: poll has already been closed" {
		t.Errorf("%+v", a)
	}
	if err := w.sim.Vote(w.channel.ID, id, w.user.ID, []int{0}); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("a vote after the end: %v", err)
	}
	if got := w.kinds(); !slices.Equal(got, []string{"message", "poll", "poll", "poll", "poll"}) {
		t.Errorf("updates %v", got)
	}
}

func TestAnOpenPollNamesItsVotersAndEndsInTime(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	w := setup(t, func(o *telegram.Options) { o.Now = func() time.Time { return now } })
	w.listen()
	id := w.call("sendPoll", object{
		"chat_id": w.channel.GroupID, "question": "Кто придёт?", "options": []object{{"text": "Я"}}, "is_anonymous": false, "open_period": 60,
	}).messageID(t)
	if err := w.sim.Vote(w.channel.GroupID, id, w.user.ID, []int{0}); err != nil {
		t.Fatal(err)
	}
	if err := w.sim.Vote(w.channel.GroupID, id, w.user.ID, nil); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute)
	got := w.updates(0)
	if len(got) != 5 || num(at(got[1], "poll_answer", "user", "id")) != w.user.ID ||
		fmt.Sprint(at(got[1], "poll_answer", "option_ids")) != "[0]" || fmt.Sprint(at(got[3], "poll_answer", "option_ids")) != "[]" ||
		at(got[4], "poll", "is_closed") != true {
		t.Errorf("%v", got)
	}
}

func TestReactionsAreToldToThoseWhoAsked(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	w := setup(t, func(o *telegram.Options) {
		o.Now = func() time.Time { return now }
		o.Switches.ReactionDelay = 60_000
	})
	posted := must(w.sim.Post(w.channel.ID, "Пост"))(t)
	react := func(chat, message, user int64, emoji string) {
		t.Helper()
		if err := w.sim.React(chat, message, user, emoji); err != nil {
			t.Fatal(err)
		}
	}
	react(w.channel.GroupID, posted.GroupMessageID, w.user.ID, "👍")
	if got := w.kinds(); slices.Contains(got, "message_reaction") {
		t.Errorf("told without being asked: %v", got)
	}
	w.listen()
	react(w.channel.GroupID, posted.GroupMessageID, w.user.ID, "🔥")
	react(w.channel.ID, posted.MessageID, w.user.ID, "👎")
	react(w.channel.ID, posted.MessageID, must(w.sim.AddUser(telegram.User{FirstName: "Анна"}))(t).ID, "👎")
	if err := w.sim.React(w.channel.ID, posted.MessageID, w.user.ID, "🚀"); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("an unknown reaction: %v", err)
	}
	before := w.updates(0)
	now = now.Add(time.Minute)
	after := w.updates(0)
	last := after[len(after)-1]
	counts, _ := at(last, "message_reaction_count", "reactions").([]any)
	if len(after) != len(before)+1 || len(counts) != 1 || num(at(counts[0], "total_count")) != 2 {
		t.Errorf("counted %v", last)
	}
	told := before[len(before)-1]
	if fmt.Sprint(at(told, "message_reaction", "old_reaction")) != "[map[emoji:👍 type:emoji]]" {
		t.Errorf("%v", told)
	}
	for says, list := range map[string][]object{
		"":                   {{"type": "emoji", "emoji": "👍"}},
		"REACTION_INVALID":   {{"type": "emoji", "emoji": "🚀"}},
		"REACTIONS_TOO_MANY": {{"type": "emoji", "emoji": "👍"}, {"type": "emoji", "emoji": "🔥"}},
	} {
		if a := w.call("setMessageReaction", object{"chat_id": w.channel.ID, "message_id": posted.MessageID, "reaction": list}); a.OK != (says == "") || !strings.Contains(a.Description, says) {
			t.Errorf("%s: %+v", says, a)
		}
	}
}

func TestACitizenTalksPressesAndBlocks(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	if a := w.call("sendMessage", object{"chat_id": w.user.ID, "text": "Здравствуйте"}); a.Status != 403 {
		t.Errorf("before the first word: %+v", a)
	}
	must(w.sim.Direct(w.bot.ID, w.user.ID, "/start"))(t)
	started := w.updates(0)[0]
	if fmt.Sprint(at(started, "message", "entities")) != "[map[length:6 offset:0 type:bot_command]]" {
		t.Errorf("/start: %v", started)
	}
	id := w.call("sendMessage", object{"chat_id": w.user.ID, "text": "Оцените ответ", "reply_markup": inline("Хорошо", "rate:5")}).messageID(t)
	query := must(w.sim.Press(w.user.ID, id, w.user.ID, "rate:5"))(t)
	if _, err := w.sim.Press(w.user.ID, id, w.user.ID, "rate:6"); errs.CodeOf(err) != errs.NotFound {
		t.Errorf("a button that is not there: %v", err)
	}
	list := w.updates(0)
	pressed := list[len(list)-1]
	if at(pressed, "callback_query", "data") != "rate:5" || at(pressed, "callback_query", "id") != query ||
		num(at(pressed, "callback_query", "message", "message_id")) != id {
		t.Errorf("%v", pressed)
	}
	if a := w.call("answerCallbackQuery", object{"callback_query_id": query, "text": "Спасибо"}); !a.OK {
		t.Errorf("%+v", a)
	}
	if text, done := w.sim.CallbackAnswer(w.bot.ID, query); text != "Спасибо" || !done {
		t.Errorf("%q %v", text, done)
	}
	if a := w.call("answerCallbackQuery", object{"callback_query_id": query}); a.Status != 400 {
		t.Errorf("answered twice: %+v", a)
	}
	if err := w.sim.Block(w.bot.ID, w.user.ID, true); err != nil {
		t.Fatal(err)
	}
	if a := w.call("sendMessage", object{"chat_id": w.user.ID, "text": "Вы здесь?"}); a.Description != "Forbidden: bot was blocked by the user" {
		t.Errorf("%+v", a)
	}
	must(w.sim.Write(telegram.Private{BotID: w.bot.ID, UserID: w.user.ID, Photo: picture(t, 70), Text: "Вот яма"}))(t)
	var kinds []string
	for _, u := range w.updates(0)[2:] {
		if status := at(u, "my_chat_member", "new_chat_member", "status"); status != nil {
			kinds = append(kinds, fmt.Sprint(status))
		} else {
			kinds = append(kinds, fmt.Sprint(at(u, "message", "caption")))
		}
	}
	if !slices.Equal(kinds, []string{"kicked", "member", "Вот яма"}) {
		t.Errorf("%v", kinds)
	}
}

func TestKeyboardsAreCheckedAndShown(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	must(w.sim.Direct(w.bot.ID, w.user.ID, "/start"))(t)
	for says, markup := range map[string]object{
		"BUTTON_DATA_INVALID":    inline("а", strings.Repeat("я", 33)),
		"Text buttons":           {"inline_keyboard": [][]object{{{"text": "а"}}}},
		"object expected":        {"rows": 1},
		"can't parse reply keyb": {"inline_keyboard": "а"},
	} {
		if a := w.call("sendMessage", object{"chat_id": w.user.ID, "text": "а", "reply_markup": markup}); a.OK || !strings.Contains(a.Description, says) {
			t.Errorf("%s: %+v", says, a)
		}
	}
	keyboard := object{"keyboard": [][]object{{{"text": "Дороги"}, {"text": "Вода"}}}, "resize_keyboard": true}
	if a := w.call("sendMessage", object{"chat_id": w.channel.ID, "text": "а", "reply_markup": keyboard}); a.Description != "Bad Request: inline keyboard expected" {
		t.Errorf("%+v", a)
	}
	w.call("sendMessage", object{"chat_id": w.user.ID, "text": "Тема?", "reply_markup": keyboard})
	if state, _ := w.sim.PrivateChat(w.bot.ID, w.user.ID); len(state.Keyboard) != 1 || state.Keyboard[0][1].Text != "Вода" {
		t.Errorf("%+v", state)
	}
	w.call("sendMessage", object{"chat_id": w.user.ID, "text": "Принято", "reply_markup": object{"remove_keyboard": true}})
	if state, _ := w.sim.PrivateChat(w.bot.ID, w.user.ID); state.Keyboard != nil {
		t.Errorf("%+v", state)
	}
}
