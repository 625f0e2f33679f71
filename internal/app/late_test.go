package app

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/collectors"
	tgread "otklik/collectors/telegram"
	simtg "otklik/internal/sim/telegram"
)

// TestAReplacedGroupIsReadOn upgrades the discussion group while the program
// reads: what is written in the group of the new id is not lost.
func TestAReplacedGroupIsReadOn(t *testing.T) {
	t.Parallel()
	clock := time.Now()
	sim := simtg.New(simtg.Options{Now: time.Now})
	srv := httptest.NewServer(sim.APIHandler())
	t.Cleanup(func() { sim.Close(); srv.Close() })
	bot, err := sim.AddBot(simtg.Bot{Username: "bot", FirstName: "Бот", ReadsAll: true})
	if err != nil {
		t.Fatal(err)
	}
	channel, err := sim.AddChannel(simtg.Channel{Title: "Город", Username: "gorod", GroupTitle: "Обсуждение"})
	if err != nil {
		t.Fatal(err)
	}
	user, err := sim.AddUser(simtg.User{FirstName: "Анна"})
	if err != nil {
		t.Fatal(err)
	}
	src := &late{now: func() time.Time { return clock }, connect: func(ctx context.Context) (*tgread.Source, error) {
		client, err := tgread.NewClient(tgread.ClientOptions{Token: bot.Token, BaseURL: srv.URL})
		if err != nil {
			return nil, err
		}
		report, err := client.Inspect(ctx, "@gorod")
		if err != nil {
			return nil, err
		}
		return tgread.NewSource(tgread.SourceOptions{Client: client, Page: report.Page, Poll: 20 * time.Millisecond, Now: time.Now})
	}}
	fetch := func(at collectors.Cursor) collectors.Batch {
		t.Helper()
		b, err := src.Fetch(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	at := fetch("").Next
	group, err := sim.Migrate(channel.GroupID)
	if err != nil {
		t.Fatal(err)
	}
	at = fetch(at).Next
	if _, err := sim.Comment(simtg.Comment{GroupID: group, FromID: user.ID, Text: "Нет воды на Мира, 4"}); err != nil {
		t.Fatal(err)
	}
	clock = clock.Add(2 * strangerPause)
	var texts []string
	for _, u := range fetch(at).Updates {
		for _, c := range u.Changes {
			texts = append(texts, c.Item.Text)
		}
	}
	if len(texts) != 1 || texts[0] != "Нет воды на Мира, 4" {
		t.Errorf("from the new group came %q", texts)
	}
}

// flaky answers Telegram's methods with 502 while they are named.
type flaky struct {
	next http.Handler
	mu   sync.Mutex
	bad  string // method; "*" are all but getUpdates
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	f.mu.Lock()
	bad := f.bad == method || f.bad == "*" && method != "getUpdates"
	f.mu.Unlock()
	if bad {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	f.next.ServeHTTP(w, r)
}

func (f *flaky) set(bad string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bad = bad
}

// TestAKnownChannelIsReadBeforeItIsAskedFor restarts the program while the
// network answers nothing but getUpdates.
func TestAKnownChannelIsReadBeforeItIsAskedFor(t *testing.T) {
	t.Parallel()
	b := newHookBench(t)
	api := &flaky{next: b.sim.APIHandler()}
	srv := httptest.NewServer(api)
	t.Cleanup(srv.Close)
	b.cfg.Telegram[0].WebhookSecret, b.cfg.Telegram[0].APIURL = Secret{}, srv.URL
	a := b.start()
	b.comment("Не вывозят мусор")
	b.source(a, "the first comment", items(3))
	b.stop(a)

	api.set("*")
	a = b.start()
	b.comment("И на Полевой тоже")
	b.source(a, "the second comment", items(4))
	api.set("")
	b.source(a, "health", func(x collectors.SourceStatus) bool { return x.State == collectors.Healthy })
	b.stop(a)

	// Another bot has seen nothing yet: it asks before it reads.
	other, err := b.sim.AddBot(simtg.Bot{Username: "other", FirstName: "Другой", ReadsAll: true})
	if err != nil {
		t.Fatal(err)
	}
	b.cfg.Telegram[0].BotToken = NewSecret(other.Token)
	api.set("getChat")
	a = b.start()
	b.source(a, "the trouble", func(x collectors.SourceStatus) bool { return x.Trouble != "" })
	b.stop(a)
}
