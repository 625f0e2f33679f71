package app

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"otklik/internal/store"
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
	if w.guard, err = openGuard(w.s, w.dir, func() time.Time { return w.now }, slog.New(slog.DiscardHandler)); err != nil {
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
