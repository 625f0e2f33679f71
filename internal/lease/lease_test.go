package lease_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"otklik/internal/lease"
	"otklik/internal/store"
	"otklik/internal/testdb"
)

const ttl = 12 * time.Second

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func book(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), testdb.SQLite(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func keeper(b lease.Book, owner string) *lease.Keeper {
	return &lease.Keeper{Book: b, Owner: owner, TTL: ttl, Now: time.Now, Log: quiet()}
}

// idle works until it is told to stop and says when it began and ended.
func idle(began chan<- lease.Lease, running *atomic.Int32) func(context.Context, lease.Lease) error {
	return func(ctx context.Context, l lease.Lease) error {
		running.Add(1)
		defer running.Add(-1)
		began <- l
		<-ctx.Done()
		return ctx.Err()
	}
}

func TestOnlyOneWorksAndReleaseHandsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := book(t)
		var running atomic.Int32
		first, second := make(chan lease.Lease, 9), make(chan lease.Lease, 9)
		ctx1, stop1 := context.WithCancel(t.Context())
		ctx2, stop2 := context.WithCancel(t.Context())
		ended1, ended2 := make(chan struct{}), make(chan struct{})
		go func() { defer close(ended1); keeper(s, "one").Hold(ctx1, "live", idle(first, &running)) }()
		l1 := <-first
		go func() { defer close(ended2); keeper(s, "two").Hold(ctx2, "live", idle(second, &running)) }()
		time.Sleep(10 * ttl)
		if len(second) != 0 || running.Load() != 1 {
			t.Fatal("two work under one lease")
		}
		begun := time.Now()
		stop1()
		<-ended1
		l2 := <-second
		if waited := time.Since(begun); waited > ttl/4 {
			t.Errorf("handed over after %v: a released lease is free at once", waited)
		}
		if l2.Fence <= l1.Fence || l2.Owner != "two" {
			t.Errorf("%+v after %+v", l2, l1)
		}
		stop2()
		<-ended2
	})
}

// frozen is a book whose holder cannot reach it for a while.
type frozen struct {
	lease.Book
	stuck atomic.Bool
}

func (f *frozen) Renew(ctx context.Context, l lease.Lease, ttl time.Duration, now time.Time) error {
	if f.stuck.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	return f.Book.Renew(ctx, l, ttl, now)
}

func TestFrozenHolderStopsBeforeItsLeaseRunsOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := book(t)
		f := &frozen{Book: s}
		ended := make(chan time.Time, 9)
		began := make(chan lease.Lease, 9)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			keeper(f, "one").Hold(ctx, "live", func(ctx context.Context, l lease.Lease) error {
				began <- l
				<-ctx.Done()
				ended <- time.Now()
				return ctx.Err()
			})
		}()
		<-began
		time.Sleep(ttl / 8)
		froze := time.Now()
		f.stuck.Store(true)
		if at := <-ended; at.Sub(froze) >= ttl {
			t.Errorf("worked on for %v without its lease", at.Sub(froze))
		}
		stop()
		<-done
	})
}

// A holder that slept past its lease meets a successor; its late write is
// refused and it stops.
func TestSuccessorOfASleeper(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := book(t)
		asleep := keeper(s, "one")
		// This process's clock stands still for the book, as if it did not run.
		old, err := s.Take(t.Context(), "live", "one", ttl, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Take(t.Context(), "live", "two", ttl, time.Now()); !errors.Is(err, lease.ErrHeld) {
			t.Fatal(err)
		}
		time.Sleep(ttl)
		next, err := s.Take(t.Context(), "live", "two", ttl, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := asleep.Book.Renew(t.Context(), old, ttl, time.Now()); !errors.Is(err, lease.ErrLost) {
			t.Fatal(err)
		}
		if err := s.Release(t.Context(), old, time.Now()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Take(t.Context(), "live", "three", ttl, time.Now()); !errors.Is(err, lease.ErrHeld) {
			t.Fatal("the sleeper released what is no longer its own")
		}
		if err := s.Renew(t.Context(), next, ttl, time.Now()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestWorkThatEndsAtOnceDoesNotSpin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := book(t)
		for _, end := range []error{nil, errors.New("broken"), lease.ErrLost} {
			var runs int
			ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
			keeper(s, "one").Hold(ctx, "live", func(context.Context, lease.Lease) error { runs++; return end })
			stop()
			if runs < 20 || runs > 31 {
				t.Errorf("%v: %d runs in 30 seconds", end, runs)
			}
		}
	})
}
