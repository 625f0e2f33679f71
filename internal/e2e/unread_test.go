package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"otklik/collectors"
	tgread "otklik/collectors/telegram"
	vkread "otklik/collectors/vk"
	"otklik/internal/demo"
	"otklik/internal/lease"
	vkwrite "otklik/internal/network/vk"
	"otklik/internal/social"
	"otklik/internal/store"
	"otklik/internal/testdb"
)

// newer is the next version of a reader: it has learned that a number may come
// as a text.
type newer struct{ rereading }

type rereading interface {
	collectors.Source
	collectors.Rereader
}

func (n newer) Reader() int { return n.rereading.Reader() + 1 }

func (n newer) Reread(ctx context.Context, at collectors.Cursor, list []collectors.KeptUpdate) ([]collectors.KeptUpdate, error) {
	for i := range list {
		list[i].Raw = bytes.ReplaceAll(list[i].Raw, []byte(`"990001"`), []byte("990001"))
	}
	out, err := n.rereading.Reread(ctx, at, list)
	for i := range out {
		out[i].Reader = n.Reader()
	}
	return out, err
}

// reading is one network whose updates are read into a store.
type reading struct {
	s      *store.Store
	stream collectors.Stream
	source rereading
	lives  int
}

// live lets a runner work until done says that it may stop.
func (r *reading) live(t *testing.T, source collectors.Source, what string, done func() bool) {
	t.Helper()
	r.lives++
	l, err := r.s.Take(t.Context(), r.stream.Name, fmt.Sprint("node", r.lives), time.Minute, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	run := &collectors.Runner{Stream: r.stream, Source: source, Book: r.s, Unread: r.s, Now: time.Now, Log: slog.New(slog.DiscardHandler), Pace: time.Millisecond}
	over := make(chan error, 1)
	go func() { over <- run.Run(ctx, l) }()
	await(t, what, func() (bool, string) { return done(), "" })
	cancel()
	<-over
	if err := r.s.Release(t.Context(), lease.Lease{Name: l.Name, Owner: l.Owner, Fence: l.Fence}, time.Now()); err != nil {
		t.Fatal(err)
	}
}

func (r *reading) unread(t *testing.T) collectors.UnreadPage {
	t.Helper()
	p, err := r.s.Unread(t.Context(), collectors.UnreadFilter{SourceID: r.stream.SourceID, Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (r *reading) stored(t *testing.T, ref social.Ref) bool {
	t.Helper()
	_, found, err := r.s.Item(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestANewerVersionReadsWhatAnOlderOneKept sends an update that does not decode
// among good ones: it is kept and shown, its neighbours are stored, the same
// version leaves it alone, and a newer one stores what it means, once.
func TestANewerVersionReadsWhatAnOlderOneKept(t *testing.T) {
	t.Parallel()
	for _, network := range []social.Network{social.VK, social.Telegram} {
		t.Run(string(network), func(t *testing.T) {
			t.Parallel()
			testdb.Each(t, func(t *testing.T, dsn string) {
				w, base := city(t, false)
				if _, err := w.Say(network, "Первое слово", 1); err != nil {
					t.Fatal(err)
				}
				s, err := store.Open(t.Context(), dsn)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = s.Close() })
				r := open(t, s, w, base, network)
				reread(t, r, w, network)
			})
		})
	}
}

func reread(t *testing.T, r *reading, w *demo.World, network social.Network) {
	t.Helper()
	cursor := func() bool {
		c, err := r.s.Cursor(t.Context(), r.stream.Name)
		return err == nil && c != ""
	}
	r.live(t, r.source, "the first connection", cursor)
	known := say(t, w, network, 2)
	r.live(t, r.source, "a comment", func() bool { return r.stored(t, known) })
	before := say(t, w, network, 2)
	broken := spoil(t, w, thread(t, r, known))
	after := say(t, w, network, 3)
	r.live(t, r.source, "the neighbours", func() bool {
		return r.stored(t, before) && r.stored(t, after) && r.unread(t).Total == 1
	})
	row := r.unread(t).Rows[0]
	if !strings.Contains(string(row.Raw), "990001") || row.Reason == "" || row.Reason != strings.ToValidUTF8(row.Reason, "") || r.stored(t, broken) {
		t.Fatalf("%+v", row)
	}
	later := say(t, w, network, 4)
	r.live(t, r.source, "the same version", func() bool { return r.stored(t, later) })
	if r.unread(t).Total != 1 {
		t.Fatal("the same version understood it")
	}
	for range 2 {
		r.live(t, newer{r.source}, "the newer version", func() bool { return r.stored(t, broken) })
	}
	p := r.unread(t)
	if p.Total != 0 || p.Mended != 1 {
		t.Fatalf("%+v", p)
	}
	it, _, err := r.s.Item(t.Context(), broken)
	if err != nil || it.Text != "Яма на Лесной" || it.Thread != thread(t, r, known) {
		t.Fatalf("%+v %v", it, err)
	}
}

func say(t *testing.T, w *demo.World, network social.Network, n int) social.Ref {
	t.Helper()
	ref, err := w.Say(network, fmt.Sprint("Слово номер ", n), n)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func thread(t *testing.T, r *reading, ref social.Ref) social.Ref {
	t.Helper()
	it, _, err := r.s.Item(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return it.Thread
}

// spoil sends a comment whose number is a text and returns what it will be once
// it is understood.
func spoil(t *testing.T, w *demo.World, thread social.Ref) social.Ref {
	t.Helper()
	if thread.Network == social.VK {
		group := number(t, strings.TrimPrefix(thread.Owner, "-"))
		raw := fmt.Sprintf(`{"type":"wall_reply_new","event_id":"spoilt","group_id":%d,"object":{"id":"990001","owner_id":-%d,"post_id":%s,"from_id":5000001,"date":1,"text":"Яма на Лесной"}}`,
			group, group, thread.ID)
		w.Sim.VK.InjectEvent(group, json.RawMessage(raw))
		return social.Ref{Network: social.VK, Owner: thread.Owner, ID: "r990001"}
	}
	bot, _, _ := strings.Cut(w.ServeConfig("")["telegram"].([]map[string]any)[0]["bot_token"].(string), ":")
	raw := fmt.Sprintf(`{"message_id":"990001","date":1700000000,"chat":{"id":%s,"type":"supergroup","title":"x"},"from":{"id":5000001,"first_name":"Н"},"message_thread_id":%s,"text":"Яма на Лесной"}`,
		thread.Owner, thread.ID)
	if err := w.Sim.Telegram.InjectRaw(int64(number(t, bot)), "message", json.RawMessage(raw)); err != nil {
		t.Fatal(err)
	}
	return social.Ref{Network: social.Telegram, Owner: thread.Owner, ID: "990001"}
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// open makes one page of the city known and returns its live reader.
func open(t *testing.T, s *store.Store, w *demo.World, base string, network social.Network) *reading {
	t.Helper()
	vkPages, tgPages := w.Pages(base)
	r := &reading{s: s}
	if network == social.VK {
		cfg := vkPages[0]
		client := vkwrite.NewClient(vkwrite.Config{Kind: vkwrite.CommunityKey, Token: cfg.CommunityToken.Reveal(), BaseURL: base})
		live := vkread.NewLive(vkread.LiveOptions{Client: client, GroupID: cfg.GroupID, Names: vkread.NewNames(client, time.Now), Wait: time.Second, Now: time.Now})
		t.Cleanup(live.Close)
		r.source = live
	} else {
		cfg := tgPages[0]
		client, err := tgread.NewClient(tgread.ClientOptions{Token: cfg.BotToken.Reveal(), BaseURL: base})
		if err != nil {
			t.Fatal(err)
		}
		report, err := client.Inspect(t.Context(), cfg.Channel)
		if err != nil {
			t.Fatal(err)
		}
		if r.source, err = tgread.NewSource(tgread.SourceOptions{Client: client, Page: report.Page, Poll: time.Second, Now: time.Now}); err != nil {
			t.Fatal(err)
		}
	}
	id, err := s.EnsureSource(t.Context(), collectors.SourceStatus{Network: network, Title: "Город", Kind: "страница"}, "1", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	r.stream = collectors.Stream{Name: string(network) + ":live", SourceID: id}
	if err := s.EnsureStream(t.Context(), r.stream, time.Now()); err != nil {
		t.Fatal(err)
	}
	return r
}
