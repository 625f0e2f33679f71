package telegram_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/collectors/telegram"
	"otklik/internal/sim/record"
)

func TestEveryTroubleIsSortedAndLosesNothing(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		fault record.Fault
		kind  collectors.TroubleKind
		after time.Duration
		says  string
	}{
		"401":       {record.Fault{Kind: record.FaultError, Code: 401}, collectors.Denied, 0, "ключ"},
		"404":       {record.Fault{Kind: record.FaultError, Code: 404}, collectors.Denied, 0, "ключ"},
		"403":       {record.Fault{Kind: record.FaultError, Code: 403}, collectors.Denied, 0, "исключили"},
		"409":       {record.Fault{Kind: record.FaultError, Code: 409}, collectors.Passing, 3 * time.Second, "читает ещё кто-то"},
		"429":       {record.Fault{Kind: record.FaultError, Code: 429, RetryAfter: 9}, collectors.Limited, 9 * time.Second, "реже"},
		"500":       {record.Fault{Kind: record.FaultError, Code: 500}, collectors.Passing, 0, "сбое"},
		"html":      {record.Fault{Kind: record.FaultHTML}, collectors.Passing, 0, "не разобрать"},
		"empty":     {record.Fault{Kind: record.FaultEmpty}, collectors.Passing, 0, "не разобрать"},
		"truncated": {record.Fault{Kind: record.FaultTruncated}, collectors.Passing, 0, "не разобрать"},
		"reset":     {record.Fault{Kind: record.FaultReset}, collectors.Passing, 0, "недоступен"},
		"lost":      {record.Fault{Kind: record.FaultLost}, collectors.Passing, 0, "недоступен"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			p := b.post("Пост")
			before := b.fetch("")
			b.comment(p, 0, "Не работает фонарь")
			c.fault.Method = "getUpdates"
			b.sim.Faults().Add(c.fault)
			_, err := b.source.Fetch(t.Context(), before.Next)
			trouble := troubleOf(t, err)
			if trouble.Kind != c.kind || trouble.RetryAfter != c.after || !strings.Contains(trouble.Message, c.says) {
				t.Errorf("%+v", trouble)
			}
			after := changes(b.fetch(before.Next))
			if len(after) == 0 || after[len(after)-1].Item.Text != "Не работает фонарь" {
				t.Errorf("afterwards: %+v", after)
			}
		})
	}
}

func TestASecondReaderOfTheBotIsNoticed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.post("Пост")
	stored := b.fetch("")
	b.source = b.newSource(50 * time.Second)
	failed := make(chan error, 1)
	go func() {
		_, err := b.source.Fetch(t.Context(), stored.Next)
		failed <- err
	}()
	if err := b.sim.WaitForPoll(t.Context(), b.bot.ID); err != nil {
		t.Fatal(err)
	}
	other := b.newSource(20 * time.Millisecond)
	if _, err := other.Fetch(t.Context(), stored.Next); err != nil {
		t.Fatal(err)
	}
	if trouble := troubleOf(t, <-failed); trouble.Kind != collectors.Passing {
		t.Errorf("the first conflict: %+v", trouble)
	}
	b.sim.Faults().Add(record.Fault{Method: "getUpdates", Kind: record.FaultError, Code: 409, Count: 2})
	for _, kind := range []collectors.TroubleKind{collectors.Passing, collectors.Denied} {
		if _, err := b.source.Fetch(t.Context(), stored.Next); troubleOf(t, err).Kind != kind {
			t.Errorf("%v, want %s", err, kind)
		}
	}
	polled := b.now
	b.now = b.now.Add(time.Hour)
	b.comment(first, 0, "Этот комментарий забрали")
	b.sim.DropPending(b.bot.ID)
	b.comment(first, 0, "А этот остался")
	batch := b.fetch(stored.Next)
	if len(batch.Gaps) != 1 || !batch.Gaps[0].From.Equal(polled) || !batch.Gaps[0].To.Equal(b.now) {
		t.Errorf("gaps %+v", batch.Gaps)
	}
}

func TestADayOfSilenceIsAGapThatNothingFills(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.post("Пост")
	stored := b.fetch("")
	polled := b.now
	b.comment(p, 0, "Пропадёт")
	b.now = b.now.Add(20 * time.Hour)
	b.comment(p, 0, "Уцелеет")
	b.now = b.now.Add(10 * time.Hour)
	batch := b.fetch(stored.Next)
	if len(batch.Updates) != 1 || len(batch.Gaps) != 1 {
		t.Fatalf("%d updates, gaps %+v", len(batch.Updates), batch.Gaps)
	}
	if g := batch.Gaps[0]; !g.From.Equal(polled) || !g.To.Equal(b.now.Add(-24*time.Hour)) || g.Reason == "" {
		t.Errorf("gap %+v", g)
	}
	b.now = b.now.Add(time.Hour)
	again := b.fetch(batch.Next)
	if len(again.Gaps) != 1 || len(again.Gaps[0].Items) != 1 {
		t.Errorf("the message that was lost is to be named once, by its number, and nothing else: %+v", again.Gaps)
	}
	if third := b.fetch(again.Next); len(third.Gaps) != 0 {
		t.Errorf("told twice: %+v", third.Gaps)
	}
}

func TestAServerThatDoesNotWaitIsNotAskedInALoop(t *testing.T) {
	t.Parallel()
	body := `{"ok":true,"result":[]}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	client, err1 := telegram.NewClient(telegram.ClientOptions{Token: botToken, BaseURL: server.URL + "/"})
	source, err2 := telegram.NewSource(telegram.SourceOptions{Client: client, Page: telegram.Page{ChannelID: -1001}, Now: time.Now})
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	batch, err := source.Fetch(t.Context(), "")
	if err != nil || batch.Pause < time.Second {
		t.Errorf("pause %v, %v", batch.Pause, err)
	}
	for _, body = range []string{`{"ok":true,"result":[{"no":"id"},5]}`, `{"ok":true}`, `{"ok":true,"result":{}}`, `null`, `{"ok":false}`} {
		if _, err := source.Fetch(t.Context(), ""); troubleOf(t, err).Kind != collectors.Passing {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestBadSettingsAreOneClearSentence(t *testing.T) {
	t.Parallel()
	_, err := telegram.NewClient(telegram.ClientOptions{Token: "не ключ"})
	if trouble := troubleOf(t, err); trouble.Kind != collectors.Denied {
		t.Errorf("%+v", trouble)
	}
	b := setup(t)
	if _, err := b.source.Fetch(t.Context(), "12;"); troubleOf(t, err).Kind != collectors.Denied {
		t.Error(err)
	}
	b.sim.Close()
	client, err := telegram.NewClient(telegram.ClientOptions{Token: botToken, BaseURL: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Inspect(t.Context(), "@gorod"); troubleOf(t, err).Kind != collectors.Passing {
		t.Error(err)
	}
}
