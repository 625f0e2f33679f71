package demo

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"otklik/internal/social"
)

func TestTheWatcherComesAgainWhenAStreamEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var streams atomic.Int32
	mux := http.NewServeMux()
	mux.HandleFunc("POST /signin", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /live", func(w http.ResponseWriter, _ *http.Request) {
		n := streams.Add(1)
		fmt.Fprint(w, "event: stale\ndata: cases\n\n")
		if n == 3 {
			cancel()
		}
	})
	mux.HandleFunc("GET /inbox/rows", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `<a data-ref="vk:-1:r%d">`, streams.Load())
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	w, err := newWatcher(ctx, srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.run(ctx); err != nil {
		t.Errorf("the watcher ended with %v", err)
	}
	if _, ok := w.seen["vk:-1:r2"]; !ok || streams.Load() != 3 {
		t.Errorf("%d streams, seen %v", streams.Load(), w.seen)
	}
}

func TestACaseThatWasNeverSeenIsLate(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	ref := func(id string) social.Ref { return social.Ref{Network: social.VK, Owner: "-1", ID: id} }
	w := &watcher{seen: map[string]time.Time{ref("r1").String(): began.Add(time.Second)}}
	said := map[string]time.Time{ref("r1").String(): began, ref("r2").String(): began, ref("r3").String(): began}
	opened := []social.Ref{ref("r1"), ref("r2"), ref("r9")}
	got := w.delays(said, opened, began.Add(time.Minute))
	if want := []time.Duration{time.Second, time.Minute}; !slices.Equal(got, want) {
		t.Errorf("delays %v, want %v", got, want)
	}
}

func TestTheFeedTellsWhatItSaid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, err := NewWorld(func() string { return "http://127.0.0.1" }, false, time.UTC, 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Sim.Close()
		if _, err := w.TellHistory(); err != nil {
			t.Fatal(err)
		}
		before := w.foreign(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		said := map[social.Ref]bool{}
		w.Feed(ctx, slog.New(slog.DiscardHandler), func(ref social.Ref, at time.Time) {
			if at.IsZero() || ref.ID == "" {
				t.Errorf("%v was said at %v", ref, at)
			}
			said[ref] = true
		})
		if n := w.foreign(t) - before; n < 300 || len(said) != n {
			t.Errorf("%d things were told of, %d were said", len(said), n)
		}
	})
}

// foreign counts what citizens wrote in both networks.
func (w *World) foreign(t *testing.T) int {
	t.Helper()
	wall, ok := w.Sim.VK.Wall(-groupID)
	chat, ok2 := w.Sim.Telegram.Chat(w.channel.GroupID, 1<<20)
	if !ok || !ok2 {
		t.Fatal("a page is missing")
	}
	n := 0
	for _, thread := range wall.Threads {
		n += len(thread.Comments)
	}
	for _, m := range chat.Messages {
		if m.FromID >= firstCitizen {
			n++
		}
	}
	return n
}
