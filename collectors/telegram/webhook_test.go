package telegram_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"otklik/collectors"
	"otklik/collectors/telegram"
)

// inbox is a store that can be out of order.
type inbox struct {
	batches chan collectors.Batch
	refuse  chan error
}

func (i *inbox) Store(_ context.Context, b collectors.Batch) error {
	select {
	case err := <-i.refuse:
		return err
	default:
		i.batches <- b
		return nil
	}
}

func newWebhook(t *testing.T, b *bench) (*inbox, *httptest.Server) {
	t.Helper()
	in := &inbox{batches: make(chan collectors.Batch, 16), refuse: make(chan error, 1)}
	h, err := telegram.NewWebhook(telegram.WebhookOptions{Page: b.page(), Secret: "s3cret-token", Inbox: in})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return in, server
}

func TestTheWebhookStoresBeforeItAnswers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in, server := newWebhook(t, b)
	in.refuse <- errors.New("the database is busy")
	if err := b.client.RegisterWebhook(t.Context(), server.URL, "s3cret-token"); err != nil {
		t.Fatal(err)
	}
	p := b.post("Пост")
	b.comment(p, 0, "Не вывозят мусор")
	var got []collectors.Change
	for range 3 {
		got = append(got, changes(<-in.batches)...)
	}
	if got[0].Item.Text != "Пост" || got[len(got)-1].Item.Text != "Не вывозят мусор" {
		t.Errorf("%+v", got)
	}
	if _, err := b.source.Fetch(t.Context(), ""); !strings.Contains(troubleOf(t, err).Message, "вебхук") {
		t.Errorf("polling beside a webhook: %v", err)
	}
	if err := b.client.RemoveWebhook(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.fetch("")
}

func TestTheWebhookRefusesWhatIsNotTelegram(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in, server := newWebhook(t, b)
	cases := map[string]struct {
		method, secret, body string
		status               int
		stored               bool
	}{
		"no secret":      {"POST", "", `{"update_id":1}`, 403, false},
		"wrong secret":   {"POST", "s3cret-tokem", `{"update_id":1}`, 403, false},
		"GET":            {"GET", "s3cret-token", "", 405, false},
		"not JSON":       {"POST", "s3cret-token", "<html>", 400, false},
		"not an object":  {"POST", "s3cret-token", "null", 400, false},
		"too long":       {"POST", "s3cret-token", `{"update_id":1,"x":"` + strings.Repeat("x", 5<<20) + `"}`, 413, false},
		"broken update":  {"POST", "s3cret-token", `{"update_id":7,"message":"oops"}`, 200, true},
		"unknown update": {"POST", "s3cret-token", `{"update_id":8,"novelty":{}}`, 200, true},
	}
	for name, c := range cases {
		req, err := http.NewRequest(c.method, server.URL, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", c.secret)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != c.status {
			t.Errorf("%s: %s", name, resp.Status)
		}
		if got := len(in.batches) == 1; got != c.stored {
			t.Errorf("%s: stored %v", name, got)
		} else if got {
			if u := (<-in.batches).Updates[0]; u.Key == "" || (u.Broken != "") != (name == "broken update") {
				t.Errorf("%s: %+v", name, u)
			}
		}
	}
}
