package app

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/internal/social"
	"otklik/internal/store"
	"otklik/internal/testdb"
	"otklik/publisher"
)

// watchman is a guard over a base, at a time that the test tells.
type watchman struct {
	t    *testing.T
	dir  string
	base string
	now  time.Time
	s    *store.Store
	*guard
}

func newWatchman(t *testing.T) *watchman {
	t.Helper()
	w := &watchman{t: t, dir: t.TempDir(), now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	w.base = filepath.Join(w.dir, "otklik.db")
	w.open()
	t.Cleanup(func() { _ = w.s.Close() })
	return w
}

// open begins a new life of the program on what lies in the folder.
func (w *watchman) open() {
	w.t.Helper()
	var err error
	if w.s, err = store.Open(w.t.Context(), w.base); err != nil {
		w.t.Fatal(err)
	}
	if w.guard, err = openGuard(w.s, "node", w.dir, func() time.Time { return w.now }, slog.New(slog.DiscardHandler)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *watchman) expect(when string, cause publisher.Cause) {
	w.t.Helper()
	err := w.look(w.t.Context())
	list, herr := w.s.Halts(w.t.Context())
	switch {
	case herr != nil:
		w.t.Fatal(herr)
	case cause == "" && (err != nil || len(list) != 0):
		w.t.Fatalf("%s: %v, %+v", when, err, list)
	case cause != "" && (!errors.Is(err, errSuspicious) || len(list) != 1 || list[0].Cause != cause):
		w.t.Fatalf("%s: %v, %+v", when, err, list)
	}
	for _, h := range list {
		end := func(h publisher.Halt) (publisher.Halt, error) { h.EndedAt = w.now; return h, nil }
		if err := w.s.EndHalt(w.t.Context(), h.ID, w.now, end); err != nil {
			w.t.Fatal(err)
		}
	}
}

func TestGuardTellsARestoredBaseAndAClockThatJumped(t *testing.T) {
	t.Parallel()
	w := newWatchman(t)
	w.expect("the first start", "")
	w.now = w.now.Add(time.Minute)
	w.expect("a minute later", "")
	if err := w.s.Close(); err != nil {
		t.Fatal(err)
	}
	copied, err := os.ReadFile(w.base)
	if err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(48 * time.Hour)
	w.open()
	w.expect("a start after days", "")
	if err := errors.Join(w.s.Close(), os.WriteFile(w.base, copied, 0o600)); err != nil {
		t.Fatal(err)
	}
	w.open()
	w.expect("an older base", publisher.ByRestored)
	w.expect("after a person has looked", "")
	w.now = w.now.Add(-3 * time.Hour)
	w.expect("the clock was put back", publisher.ByClock)
	w.expect("after that", "")
}

// A folder that was put back as a whole is as old as the base in it.
func TestGuardTellsACopyOfTheWholeFolder(t *testing.T) {
	t.Parallel()
	w := newWatchman(t)
	w.expect("the first start", "")
	raw, err := os.ReadFile(w.path)
	if err != nil {
		t.Fatal(err)
	}
	// A copy beside the old file cannot have its number.
	if err := errors.Join(os.WriteFile(w.path+".copy", raw, 0o600), os.Rename(w.path+".copy", w.path), w.s.Close()); err != nil {
		t.Fatal(err)
	}
	w.open()
	w.expect("a copy", publisher.ByRestored)
	w.expect("after a person has looked", "")
	if err := errors.Join(os.WriteFile(w.path, []byte("{"), 0o600), w.s.Close()); err != nil {
		t.Fatal(err)
	}
	w.open()
	w.expect("a damaged memory", publisher.ByRestored)
}

// computer is one of several that work with a base, with a folder of its own.
type computer struct {
	*guard
	name, dir string
}

// fleet is a base and the computers that come to it.
type fleet struct {
	t   *testing.T
	s   *store.Store
	now time.Time
}

// start begins a life of the program on a computer, in its folder.
func (f *fleet) start(name, dir string) *computer {
	f.t.Helper()
	g, err := openGuard(f.s, name, dir, func() time.Time { return f.now }, slog.New(slog.DiscardHandler))
	if err != nil {
		f.t.Fatal(err)
	}
	return &computer{guard: g, name: name, dir: dir}
}

func (f *fleet) look(c *computer, want error) {
	f.t.Helper()
	if err := c.look(f.t.Context()); !errors.Is(err, want) {
		f.t.Fatalf("%s: %v, want %v", c.name, err, want)
	}
	list, err := f.s.Halts(f.t.Context())
	if err != nil || (len(list) == 1) != (want == errSuspicious) {
		f.t.Fatalf("%s: stops %+v, %v", c.name, list, err)
	}
	for _, h := range list {
		end := func(h publisher.Halt) (publisher.Halt, error) { h.EndedAt = f.now; return h, nil }
		if err := f.s.EndHalt(f.t.Context(), h.ID, f.now, end); err != nil {
			f.t.Fatal(err)
		}
	}
	f.now = f.now.Add(beatTick)
}

// TestGuardAsksWhereNobodyKnowsTheBase: a base that came to a computer without
// a memory of it may be a copy; one that others work with is not.
func TestGuardAsksWhereNobodyKnowsTheBase(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]func(*testing.T, *fleet, *computer){
		"the memory was deleted": func(t *testing.T, f *fleet, first *computer) {
			if err := os.Remove(first.path); err != nil {
				t.Fatal(err)
			}
			f.now = f.now.Add(time.Hour)
			again := f.start("first", first.dir)
			f.look(again, errSuspicious)
			f.look(again, nil)
			f.look(f.start("first", first.dir), nil)
		},
		"the base stands on a new computer": func(t *testing.T, f *fleet, _ *computer) {
			f.now = f.now.Add(time.Hour)
			f.look(f.start("second", t.TempDir()), errSuspicious)
		},
		"a copy of this minute": func(t *testing.T, f *fleet, _ *computer) {
			// Its last sign seems fresh, but none follows; two that have just come
			// do not vouch for each other.
			second, third := f.start("second", t.TempDir()), f.start("third", t.TempDir())
			f.look(second, errJoining)
			f.look(third, errJoining)
			f.look(second, errJoining)
			f.now = f.now.Add(time.Minute)
			f.look(second, errSuspicious)
		},
		"the new computer remembers a base of its own": func(t *testing.T, f *fleet, _ *computer) {
			second := f.start("second", t.TempDir())
			second.keep(publisher.Beat{Seq: 1, At: f.now})
			f.now = f.now.Add(time.Hour)
			f.look(f.start("second", second.dir), errSuspicious)
		},
		"another computer joins one that works": func(t *testing.T, f *fleet, first *computer) {
			second := f.start("second", t.TempDir())
			f.look(second, errJoining)
			f.look(first, nil)
			f.look(second, nil)
			f.now = f.now.Add(time.Hour)
			f.look(f.start("second", second.dir), nil)
			f.look(f.start("first", first.dir), nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testdb.Each(t, func(t *testing.T, dsn string) {
				s, err := store.Open(t.Context(), dsn)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = s.Close() })
				f := &fleet{t: t, s: s, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
				first := f.start("first", t.TempDir())
				f.look(first, nil)
				f.look(first, nil)
				story(t, f, first)
			})
		})
	}
}

// TestGuardOutlivesADeathAtTheFirstSign: the program dies between the very
// first sign of life and the note of it.
func TestGuardOutlivesADeathAtTheFirstSign(t *testing.T) {
	t.Parallel()
	w := newWatchman(t)
	w.expect("the first start", "")
	w.keep(publisher.Beat{}) // what stood in the file when the first sign was given
	if err := w.s.Close(); err != nil {
		t.Fatal(err)
	}
	w.open()
	w.expect("the second start", "")
}

// After a jump of the clock a post that seems late is not asked about and not
// released: the clock is looked at before the plan.
func TestTheClockIsLookedAtBeforeThePlan(t *testing.T) {
	t.Parallel()
	w := newWatchman(t)
	ctx := t.Context()
	w.expect("the first start", "")
	start := w.now
	page, err := w.s.EnsureSource(ctx, collectors.SourceStatus{Network: social.VK, Title: "Город", Kind: "сообщество"}, "1", w.now)
	if err != nil {
		t.Fatal(err)
	}
	p := publisher.Post{
		Version: 1, State: publisher.Scheduled, StateSince: start, CreatedAt: start, Content: publisher.Content{Text: "Снег."}, At: start.Add(time.Hour),
		Targets: []publisher.Target{{PageID: page, Network: social.VK, State: publisher.Waiting}},
	}
	p.Approval = publisher.Approval{Hash: p.Hash(), At: start}
	if p, err = w.s.CreatePost(ctx, p, publisher.Event{At: start, Kind: publisher.EventCreated, Version: 1}, start); err != nil {
		t.Fatal(err)
	}
	w.now = start.Add(10 * time.Hour)
	w.expect("ten hours later", "")
	w.now = start.Add(5 * time.Hour)
	clerk := publisher.NewClerk(w.s, w.s, w.s, func() time.Time { return w.now })
	n, err := tickPlan(ctx, w.guard, clerk)
	if got, _ := w.s.Post(ctx, p.ID); n != 0 || !errors.Is(err, errSuspicious) || got.State != publisher.Scheduled {
		t.Fatalf("%d %v %s", n, err, got.State)
	}
	if n, err = tickPlan(ctx, w.guard, clerk); n != 0 || err != nil {
		t.Fatalf("the stop holds it: %d %v", n, err)
	}
}
