package collectors

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"otklik/internal/lease"
)

// Book keeps what the runners bring. Its writes show the stream's lease, so a
// runner that was frozen past its lease cannot write over its successor.
type Book interface {
	Cursor(ctx context.Context, stream string) (Cursor, error)
	Commit(ctx context.Context, l lease.Lease, stream Stream, b Batch, now time.Time) (int, error)
	Fail(ctx context.Context, l lease.Lease, stream Stream, t *Trouble, now time.Time) error
}

// Runner drives one stream: fetch, store together with the cursor, and only
// then fetch again, which is what tells the network that updates were taken.
type Runner struct {
	Stream Stream
	Source Source
	Book   Book
	// Unread gives back what an older version of the reader could not understand;
	// nil leaves it where it is.
	Unread Unread
	Now    func() time.Time
	Log    *slog.Logger
	// Stored is called after items were stored, to wake the detector.
	Stored func(created int)
	// Pace is the least time from one fetch to the next when the first brought
	// nothing or did not move the cursor; it keeps a lying network from a hot
	// loop.
	Pace time.Duration
	// Jitter adds to a wait, so that many streams do not come back at one
	// moment; nil adds up to a tenth at random. It never shortens a wait.
	Jitter func(time.Duration) time.Duration

	mended bool // nothing is left that this version could read and an older one could not
}

// Bounds of waiting after a failure. A refused key is tried again soon at
// first: networks refuse good keys now and then.
const (
	firstWait   = 500 * time.Millisecond
	longWait    = time.Minute
	firstDenied = 5 * time.Second
	deniedWait  = 5 * time.Minute
)

// Run works until ctx ends or the lease is lost. It is meant for
// lease.Keeper.Hold.
func (r *Runner) Run(ctx context.Context, l lease.Lease) error {
	cursor, err := r.Book.Cursor(ctx, r.Stream.Name)
	if err != nil {
		return err
	}
	var row streak
	r.mended = false
	for ctx.Err() == nil {
		begun := r.Now()
		b, err := r.Source.Fetch(ctx, cursor)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			t := troubleOf(err)
			row.add(t.Kind)
			if err := r.rest(ctx, l, t, row); err != nil {
				return err
			}
			continue
		}
		if row.failures > 0 || !b.idle(cursor) {
			if err := r.commit(ctx, l, b); err != nil {
				return err
			}
		}
		row = streak{}
		r.mend(ctx, l, b.Next)
		d := r.breath(cursor, b, r.Now().Sub(begun))
		cursor = b.Next
		wait(ctx, d)
	}
	return ctx.Err()
}

// idle says that the batch is only a pause: there is nothing to store.
func (b Batch) idle(at Cursor) bool {
	return b.Next == at && len(b.Updates) == 0 && len(b.Gaps) == 0 && len(b.Filled) == 0 && len(b.Beyond) == 0 && b.Wish == nil && b.CompleteTo.IsZero() && b.Progress == ""
}

func (r *Runner) commit(ctx context.Context, l lease.Lease, b Batch) error {
	created, err := r.Book.Commit(ctx, l, r.Stream, b, r.Now())
	if err != nil {
		return err
	}
	for _, u := range b.Updates {
		if u.Broken != "" {
			r.Log.Warn("update kept but not understood", "stream", r.Stream.Name, "key", u.Key, "why", u.Broken)
		}
	}
	if r.Stored != nil && len(b.Updates) > 0 {
		r.Stored(created)
	}
	return nil
}

// breath is the pause after a good fetch: what the source asked for, or enough
// that answers which lead nowhere and come at once do not spin.
func (r *Runner) breath(at Cursor, b Batch, took time.Duration) time.Duration {
	if len(b.Updates) > 0 && b.Next != at {
		return b.Pause
	}
	return max(r.Pace-took, b.Pause, 0)
}

// rest tells the book what is wrong and waits for as long as helps.
func (r *Runner) rest(ctx context.Context, l lease.Lease, t *Trouble, row streak) error {
	d := waitFor(t, row)
	d += r.jitter(d)
	told := *t
	told.RetryAfter = d
	if err := r.Book.Fail(ctx, l, r.Stream, &told, r.Now()); err != nil {
		return err
	}
	r.Log.Warn("source not read", "stream", r.Stream.Name, "kind", string(t.Kind), "failures", row.failures, "wait", d, "err", t)
	wait(ctx, d)
	return nil
}

func troubleOf(err error) *Trouble {
	var t *Trouble
	if errors.As(err, &t) {
		return t
	}
	return &Trouble{Kind: Passing, Message: "Сеть ответила непонятно. Программа пробует ещё раз сама.", Cause: err}
}

// streak counts failures since the last good fetch. Refusals count only while
// nothing else comes between them: a key that is really refused is refused each
// time, and one refusal among a network's other troubles says little.
type streak struct{ failures, refusals int }

func (s *streak) add(kind TroubleKind) {
	s.failures++
	if s.refusals++; kind != Denied {
		s.refusals = 0
	}
}

// waitFor doubles from half a second to a minute, and for a refused key from
// five seconds to five minutes; a network that asked for a time gets it.
func waitFor(t *Trouble, row streak) time.Duration {
	d := min(firstWait<<min(row.failures-1, 10), longWait)
	if t.Kind == Denied {
		d = min(firstDenied<<min(row.refusals-1, 10), deniedWait)
	}
	return max(d, t.RetryAfter)
}

func (r *Runner) jitter(d time.Duration) time.Duration {
	if r.Jitter != nil {
		return r.Jitter(d)
	}
	return rand.N(d/10 + 1)
}

func wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
