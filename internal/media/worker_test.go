package media

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"otklik/internal/lease"
	"otklik/internal/wake"
)

// queue is a book in memory.
type queue struct {
	mu     sync.Mutex
	jobs   map[string]*queued
	refuse error
}

type queued struct {
	Job
	next  time.Time
	state State
	tries []time.Time
	last  Trouble
}

func (q *queue) DuePhotos(_ context.Context, limit int, now time.Time) ([]Job, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var out []Job
	for _, j := range q.jobs {
		if j.state == Waiting && !j.next.After(now) && len(out) < limit {
			out = append(out, j.Job)
		}
	}
	return out, nil
}

func (q *queue) KeepPhoto(_ context.Context, _ lease.Lease, id string, _ Picture, now time.Time) error {
	return q.end(id, Kept, Trouble{}, now, now)
}

func (q *queue) MissPhoto(_ context.Context, _ lease.Lease, id string, t *Trouble, next, now time.Time) error {
	return q.end(id, t.State, *t, next, now)
}

func (q *queue) end(id string, s State, t Trouble, next, now time.Time) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.refuse != nil {
		return q.refuse
	}
	j := q.jobs[id]
	j.state, j.last, j.next = s, t, next
	j.Attempts++
	j.tries = append(j.tries, now)
	return nil
}

// well answers by address.
type well func(address string, attempt int) ([]byte, error)

type source struct {
	mu    sync.Mutex
	asked map[string]int
	well  well
}

func (s *source) Download(_ context.Context, _, address string) ([]byte, error) {
	s.mu.Lock()
	s.asked[address]++
	n := s.asked[address]
	s.mu.Unlock()
	return s.well(address, n)
}

// work lets a worker loose on addresses for a span of virtual time.
func work(t *testing.T, span time.Duration, q *queue, answer well, addresses ...string) error {
	t.Helper()
	q.jobs = map[string]*queued{}
	for _, a := range addresses {
		q.jobs[a] = &queued{Job: Job{ID: a, Address: a}, state: Waiting}
	}
	w := &Worker{Book: q, From: &source{asked: map[string]int{}, well: answer}, Now: time.Now, Log: slog.New(slog.DiscardHandler), Wake: wake.New(), Tick: max(time.Second, span/2000)}
	ctx, cancel := context.WithTimeout(t.Context(), span)
	defer cancel()
	return w.Run(ctx, lease.Lease{})
}

func TestPhotosThatDoNotComeAreTriedForADay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, begun := &queue{}, time.Now()
		err := work(t, 48*time.Hour, q, func(string, int) ([]byte, error) { return nil, errors.New("reset") }, "a")
		j := q.jobs["a"]
		if !errors.Is(err, context.DeadlineExceeded) || j.state != Failed || len(j.tries) != len(waits())+1 || j.last.Message == "" {
			t.Fatalf("%v %+v", err, j)
		}
		if d := j.tries[len(j.tries)-1].Sub(begun); d < 20*time.Hour || d > 26*time.Hour {
			t.Fatal(d)
		}
	})
}

func TestOneBadPhotoHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	good := jpegOf(t, corners(8, 8, 255))
	synctest.Test(t, func(t *testing.T) {
		q := &queue{}
		names := []string{"gone", "page", "late", "paused"}
		for i := range 40 {
			names = append(names, string(rune('A'+i)))
		}
		_ = work(t, time.Minute, q, func(address string, attempt int) ([]byte, error) {
			switch {
			case address == "gone":
				return nil, &Trouble{State: Gone, Message: "Удалено."}
			case address == "page":
				return []byte("<html>"), nil
			case address == "paused":
				return nil, &Trouble{State: Waiting, Message: "На паузе.", RetryAfter: time.Second, Unasked: true}
			case address == "late" && attempt == 1:
				return nil, &Trouble{State: Waiting, Message: "Позже.", RetryAfter: 20 * time.Second}
			}
			return good, nil
		}, names...)
		want := map[string]State{"gone": Gone, "page": Refused, "paused": Waiting}
		for name, j := range q.jobs {
			if s := want[name]; s != j.state && (s != "" || j.state != Kept) {
				t.Errorf("%s: %s", name, j.state)
			}
		}
		if late := q.jobs["late"].tries; len(late) != 2 || late[1].Sub(late[0]) < 20*time.Second {
			t.Errorf("the network's wish was not heard: %v", late)
		}
	})
}

func TestALostLeaseEndsTheWorker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := &queue{refuse: lease.ErrLost}
		err := work(t, time.Hour, q, func(string, int) ([]byte, error) { return nil, errors.New("x") }, "a", "b")
		if !errors.Is(err, lease.ErrLost) {
			t.Fatal(err)
		}
	})
}

func TestPausesGrow(t *testing.T) {
	t.Parallel()
	if !slices.IsSorted(waits()) {
		t.Fatal(waits())
	}
}
