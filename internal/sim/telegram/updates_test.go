package telegram_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"otklik/internal/sim/telegram"
	"otklik/internal/sim/telegram/tgschema"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func (w *world) direct(n int) {
	w.t.Helper()
	for i := range n {
		must(w.sim.Direct(w.bot.ID, w.user.ID, "Сообщение "+strconv.Itoa(i)))(w.t)
	}
}

func TestOffsetsConfirmAndNothingElseDoes(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	w.direct(130)
	first := w.updates(0)
	if len(first) != 100 {
		t.Fatalf("a page of %d", len(first))
	}
	start := num(at(first[0], "update_id"))
	if again := w.updates(0); num(at(again[0], "update_id")) != start {
		t.Error("reading without an offset confirmed updates")
	}
	if rest := w.updates(start + 100); len(rest) != 30 || num(at(rest[0], "update_id")) != start+100 {
		t.Errorf("the second page has %d", len(rest))
	}
	if back := w.updates(start); len(back) != 30 {
		t.Errorf("confirmed updates came back: %d", len(back))
	}
	if last := w.updates(-5); len(last) != 5 || num(at(last[0], "update_id")) != start+125 {
		t.Errorf("offset -5 gave %d", len(last))
	}
	if w.sim.Pending(w.bot.ID) != 5 {
		t.Errorf("a negative offset left %d pending", w.sim.Pending(w.bot.ID))
	}
	if a := w.call("getUpdates", object{"offset": start + 125, "limit": 1}); !a.OK {
		t.Fatal(a)
	}
	if one := w.updates(start + 130); len(one) != 0 {
		t.Errorf("left: %v", one)
	}
}

func TestALongPollWakesAtOnceAndANewerPollEndsIt(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	results := make(chan answer, 2)
	poll := func() { results <- w.call("getUpdates", object{"timeout": 50}) }
	go poll()
	if err := w.sim.WaitForPoll(t.Context(), w.bot.ID); err != nil {
		t.Fatal(err)
	}
	go poll()
	if a := <-results; a.Status != 409 || a.ErrorCode != 409 || a.OK {
		t.Fatalf("the older poll got %+v", a)
	}
	w.direct(1)
	if a := <-results; !a.OK || len(a.Result) < 10 {
		t.Fatalf("the newer poll got %+v", a)
	}
}

func TestAnUpdateIsForgottenAfterADay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := telegram.New(telegram.Options{Now: time.Now})
		bot := must(sim.AddBot(telegram.Bot{}))(t)
		user := must(sim.AddUser(telegram.User{FirstName: "Пётр"}))(t)
		must(sim.Direct(bot.ID, user.ID, "Раньше"))(t)
		time.Sleep(23 * time.Hour)
		must(sim.Direct(bot.ID, user.ID, "Позже"))(t)
		if n := sim.Pending(bot.ID); n != 2 {
			t.Errorf("after 23 hours %d wait", n)
		}
		time.Sleep(2 * time.Hour)
		if n := sim.Pending(bot.ID); n != 1 {
			t.Errorf("after 25 hours %d wait", n)
		}
	})
}

func TestAllowedUpdatesAndPrivacyModeDecideWhatTheBotSees(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	if a := w.call("getUpdates", object{"allowed_updates": []string{"message"}}); !a.OK {
		t.Fatal(a)
	}
	posted := must(w.sim.Post(w.channel.ID, "Пост"))(t)
	if list := w.updates(0); len(list) != 1 || at(list[0], "channel_post") != nil {
		t.Errorf("allowed_updates was not honoured: %v", list)
	}
	if err := w.sim.SetMember(w.channel.GroupID, w.bot.ID, "member"); err != nil {
		t.Fatal(err)
	}
	say := func(text string, reply int64) {
		must(w.sim.Comment(telegram.Comment{GroupID: w.channel.GroupID, ThreadID: posted.GroupMessageID, FromID: w.user.ID, Text: text, ReplyTo: reply}))(t)
	}
	a := w.call("sendMessage", object{"chat_id": w.channel.GroupID, "text": "Здравствуйте"})
	var sent struct {
		MessageID int64 `json:"message_id"`
	}
	if err := json.Unmarshal(a.Result, &sent); err != nil {
		t.Fatal(err)
	}
	before := w.sim.Pending(w.bot.ID)
	say("Просто разговор", 0)
	say("/help", 0)
	say("Спасибо за ответ", sent.MessageID)
	if got := w.sim.Pending(w.bot.ID) - before; got != 2 {
		t.Errorf("a member in privacy mode was sent %d of 3", got)
	}
}

func TestTheWebhookIsRepeatedUntilItAnswers2xx(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	var calls atomic.Int32
	got := make(chan string, 8)
	hook := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		tgschema.Update(t, body)
		got <- r.Header.Get("X-Telegram-Bot-Api-Secret-Token") + " " + string(body)
		if calls.Add(1) < 3 {
			rw.WriteHeader(http.StatusInternalServerError)
		}
	}))
	t.Cleanup(hook.Close)
	if a := w.call("setWebhook", object{"url": hook.URL, "secret_token": "s3cret"}); !a.OK {
		t.Fatal(a)
	}
	w.direct(2)
	first := <-got
	if second, third := <-got, <-got; first != second || second != third {
		t.Errorf("not the same update again: %s / %s / %s", first, second, third)
	}
	if next := <-got; next == first || next[:7] != "s3cret " {
		t.Errorf("then came %s", next)
	}
	if a := w.call("getUpdates", object{}); a.Status != 409 {
		t.Errorf("getUpdates beside a webhook: %+v", a)
	}
	var info struct {
		URL              string `json:"url"`
		LastErrorMessage string `json:"last_error_message"`
	}
	if err := json.Unmarshal(w.call("getWebhookInfo", object{}).Result, &info); err != nil || info.URL != hook.URL || info.LastErrorMessage == "" {
		t.Errorf("webhook info %+v %v", info, err)
	}
	if a := w.call("deleteWebhook", object{}); !a.OK {
		t.Fatal(a)
	}
	if a := w.call("getUpdates", object{}); !a.OK {
		t.Errorf("getUpdates after deleteWebhook: %+v", a)
	}
}
