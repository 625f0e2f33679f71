package collectors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"otklik/internal/lease"
)

// script answers each Fetch with its next line and then waits like a long poll.
type script struct {
	lines   []line
	fetches []fetch
	start   time.Time
}

type line struct {
	batch Batch
	err   error
}

type fetch struct {
	at     time.Duration
	cursor Cursor
}

func (s *script) Fetch(ctx context.Context, c Cursor) (Batch, error) {
	s.fetches = append(s.fetches, fetch{time.Since(s.start), c})
	if n := len(s.fetches); n <= len(s.lines) {
		return s.lines[n-1].batch, s.lines[n-1].err
	}
	<-ctx.Done()
	return Batch{}, ctx.Err()
}

// ledger notes what the runner tells, under one cursor.
type ledger struct {
	cursor  Cursor
	told    []Trouble
	commits []Batch
	refuse  error
}

func (b *ledger) Cursor(context.Context, string) (Cursor, error) { return b.cursor, nil }

func (b *ledger) Commit(_ context.Context, _ lease.Lease, _ Stream, x Batch, _ time.Time) (int, error) {
	if b.refuse != nil {
		return 0, b.refuse
	}
	b.commits, b.cursor = append(b.commits, x), x.Next
	return len(x.Updates), nil
}

func (b *ledger) Fail(_ context.Context, _ lease.Lease, _ Stream, t *Trouble, _ time.Time) error {
	if b.refuse != nil {
		return b.refuse
	}
	b.told = append(b.told, *t)
	return nil
}

// play runs a script for a span of virtual time.
func play(t *testing.T, b *ledger, span time.Duration, lines ...line) (*script, error) {
	t.Helper()
	s := &script{lines: lines, start: time.Now()}
	ctx, cancel := context.WithTimeout(t.Context(), span)
	defer cancel()
	r := &Runner{Stream: Stream{Name: "live"}, Source: s, Book: b, Now: time.Now, Log: slog.New(slog.DiscardHandler), Pace: time.Second, Jitter: func(time.Duration) time.Duration { return 0 }}
	err := r.Run(ctx, lease.Lease{})
	return s, err
}

func (s *script) times() []time.Duration {
	var out []time.Duration
	for _, f := range s.fetches {
		out = append(out, f.at)
	}
	return out
}

func seconds(list ...float64) []time.Duration {
	var out []time.Duration
	for _, x := range list {
		out = append(out, time.Duration(x*float64(time.Second)))
	}
	return out
}

func TestCursorIsPassedOnFromWhereTheBookStands(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &ledger{cursor: "7"}
		one := []Update{{Key: "k"}}
		s, err := play(t, b, time.Minute, line{batch: Batch{Updates: one, Next: "8"}}, line{batch: Batch{Updates: one, Next: "9"}})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		if got := fmt.Sprint(s.fetches); got != "[{0 7} {0 8} {0 9}]" || len(b.commits) != 2 {
			t.Fatal(got)
		}
	})
}

func TestWaitingGrowsAndEndsWithSuccess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broken := line{err: errors.New("connection reset")}
		b := &ledger{}
		lines := slices.Repeat([]line{broken}, 9)
		lines = append(lines, line{batch: Batch{Updates: []Update{{}}, Next: "1"}}, broken)
		s, _ := play(t, b, time.Hour, lines...)
		want := seconds(0, .5, 1.5, 3.5, 7.5, 15.5, 31.5, 63.5, 123.5, 183.5, 183.5, 184)
		if !slices.Equal(s.times(), want) {
			t.Fatal(s.times())
		}
		first := b.told[0]
		if len(b.told) != 10 || first.Kind != Passing || first.Message == "" || first.RetryAfter != firstWait || b.told[9].RetryAfter != firstWait {
			t.Fatalf("%+v", b.told)
		}
	})
}

func TestNetworksWishAndRefusedKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &ledger{}
		s, _ := play(t, b, 10*time.Minute,
			line{err: &Trouble{Kind: Limited, Message: "Подождите.", RetryAfter: 90 * time.Second}},
			line{batch: Batch{Next: "1"}},
			line{err: fmt.Errorf("fetch: %w", &Trouble{Kind: Denied, Message: "Ключ отозван."})})
		if want := seconds(0, 90, 91, 96); !slices.Equal(s.times(), want) {
			t.Fatal(s.times())
		}
		if b.told[0].RetryAfter != 90*time.Second || b.told[1].Kind != Denied || b.told[1].RetryAfter != firstDenied {
			t.Fatalf("%+v", b.told)
		}
	})
}

func TestARefusedKeyIsTriedRarelyInTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		denied := line{err: &Trouble{Kind: Denied, Message: "Ключ отозван."}}
		s, _ := play(t, &ledger{}, 30*time.Minute, slices.Repeat([]line{denied}, 20)...)
		if want := seconds(0, 5, 15, 35, 75, 155, 315, 615, 915, 1215, 1515); !slices.Equal(s.times(), want) {
			t.Fatal(s.times())
		}
	})
}

// A network in trouble refuses good keys among other failures.
func TestOneRefusalAmongOtherFailuresIsTriedSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		passing, denied := line{err: errors.New("reset")}, line{err: &Trouble{Kind: Denied, Message: "Нет права."}}
		s, _ := play(t, &ledger{}, 10*time.Minute, passing, passing, passing, denied, passing, denied, line{batch: Batch{Next: "1"}})
		if want := []float64{0, 0.5, 1.5, 3.5, 8.5, 16.5, 21.5}; len(s.times()) < 7 || !slices.Equal(secondsOf(s.times()[:7]), want) {
			t.Fatal(s.times())
		}
	})
}

func secondsOf(list []time.Duration) []float64 {
	out := []float64{}
	for _, d := range list {
		out = append(out, d.Seconds())
	}
	return out
}

func TestNobodyComesBackEarlyAndNotAllAtOnce(t *testing.T) {
	t.Parallel()
	r, seen := &Runner{}, map[time.Duration]bool{}
	for range 100 {
		d := r.jitter(time.Minute)
		if d < 0 || d > 6*time.Second {
			t.Fatal(d)
		}
		seen[d] = true
	}
	if len(seen) < 50 {
		t.Error("the waits are not spread")
	}
}

func TestAnswersThatLeadNowhereDoNotSpin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, lie := range map[string]Batch{
			"empty":                        {Next: "1"},
			"empty with a moving cursor":   {Next: "2"},
			"the same updates for ever":    {Next: "1", Updates: []Update{{Key: "a"}}},
			"the same, asking for no rest": {Next: "1", Updates: []Update{{Key: "a"}}, Pause: time.Millisecond},
		} {
			s, _ := play(t, &ledger{cursor: "1"}, time.Minute, slices.Repeat([]line{{batch: lie}}, 5000)...)
			if n := len(s.fetches); n < 50 || n > 62 {
				t.Errorf("%s: %d fetches in a minute", name, n)
			}
		}
		s, _ := play(t, &ledger{}, time.Minute, line{batch: Batch{Next: "1", Updates: []Update{{}}, Pause: 20 * time.Second}})
		if want := seconds(0, 20); !slices.Equal(s.times(), want) {
			t.Fatal(s.times())
		}
	})
}

func TestLostLeaseEndsTheRunner(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, l := range []line{{batch: Batch{Updates: []Update{{}}, Next: "1"}}, {err: errors.New("broken")}} {
			b := &ledger{refuse: lease.ErrLost}
			s, err := play(t, b, time.Hour, l)
			if !errors.Is(err, lease.ErrLost) || len(s.fetches) != 1 {
				t.Fatal(err, s.fetches)
			}
		}
	})
}

func TestStopWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		_, err := play(t, &ledger{}, 3*time.Second, line{err: &Trouble{Kind: Denied, Message: "нет"}})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != 3*time.Second {
			t.Fatal(err, time.Since(begun))
		}
	})
}

func TestStoredIsToldOfUpdatesOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{lines: []line{{batch: Batch{Next: "1"}}, {batch: Batch{Next: "2", Updates: []Update{{}, {Broken: "not JSON"}}}}}, start: time.Now()}
		var told []int
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		r := &Runner{Source: s, Book: &ledger{}, Now: time.Now, Log: slog.New(slog.DiscardHandler), Pace: time.Second, Stored: func(n int) { told = append(told, n) }}
		_ = r.Run(ctx, lease.Lease{})
		if !slices.Equal(told, []int{2}) {
			t.Fatal(told)
		}
	})
}

// reader is a script that can read anew what an older version kept.
type reader struct {
	*script
	fails int
}

func (r *reader) Reader() int { return 2 }

func (r *reader) Reread(_ context.Context, _ Cursor, list []KeptUpdate) ([]KeptUpdate, error) {
	if r.fails--; r.fails >= 0 {
		return nil, errors.New("not now")
	}
	for i := range list {
		list[i].Broken, list[i].Reader = "", r.Reader()
	}
	return list, nil
}

// attic keeps updates that nobody understood.
type attic struct {
	kept   []KeptUpdate
	mended int
	asked  int
}

func (a *attic) Broken(_ context.Context, _ string, below, limit int) ([]KeptUpdate, error) {
	a.asked++
	var out []KeptUpdate
	for _, u := range a.kept {
		if u.Broken != "" && u.Reader < below && len(out) < limit {
			out = append(out, u)
		}
	}
	return out, nil
}

func (a *attic) Mend(_ context.Context, _ lease.Lease, _ Stream, list []KeptUpdate, _ time.Time) (int, error) {
	for _, u := range list {
		for i := range a.kept {
			if a.kept[i].Key == u.Key {
				a.kept[i] = u
			}
		}
	}
	a.mended += len(list)
	return len(list), nil
}

// What an older version kept is read anew beside the stream, which goes on
// whatever comes of it.
func TestKeptUpdatesAreReadAnewBesideTheStream(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &attic{}
		for i := range 2*rereadAtOnce + 1 {
			a.kept = append(a.kept, KeptUpdate{Update: Update{Key: fmt.Sprint(i), Broken: "?", Reader: 1}})
		}
		lines := slices.Repeat([]line{{batch: Batch{Next: "1", Updates: []Update{{}}}}}, 8)
		s := &reader{script: &script{lines: lines, start: time.Now()}, fails: 2}
		b := &ledger{}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		stored := 0
		r := &Runner{Source: s, Book: b, Unread: a, Now: time.Now, Log: slog.New(slog.DiscardHandler), Pace: time.Second, Stored: func(n int) { stored++ }}
		_ = r.Run(ctx, lease.Lease{})
		if a.mended != 2*rereadAtOnce+1 || len(b.commits) != 8 || stored != 8+3 {
			t.Fatalf("%d mended, %d commits, %d times told", a.mended, len(b.commits), stored)
		}
		// Two failures, three parts, one look that finds nothing, and then peace.
		if a.asked != 6 {
			t.Fatalf("asked %d times", a.asked)
		}
	})
}
