// Package notice is what people are told of in the page beside their work: a
// deadline that comes near or has passed. A worker tells them by the rungs of
// the ladder, each rung once.
package notice

import (
	"context"
	"log/slog"
	"time"

	"otklik/internal/lease"
)

// Kind is what a notice is about.
type Kind string

// Deadline says that a deadline of a case comes near or has passed. Its data
// holds the step, the share of the term in percent, the deadline in RFC 3339,
// and as whom the person is told.
const Deadline Kind = "deadline"

// Notice is one thing that one person is told of.
type Notice struct {
	ID     string
	Kind   Kind
	CaseID string
	Number int64 // of the case
	Title  string
	Data   map[string]string
	At     time.Time
	ReadAt time.Time // zero while it is new
}

// Page is a part of a person's notices, the newest first.
type Page struct {
	Notices []Notice
	Total   int
	Unread  int
}

// Book keeps deadlines and notices as the worker needs them.
type Book interface {
	// Recount counts the deadlines of up to limit open cases anew whose hours or
	// days have changed, and says how many it did. Errors: lease.ErrLost.
	Recount(ctx context.Context, l lease.Lease, limit int, now time.Time) (int, error)
	// Remind tells people of up to limit deadlines whose next rung is reached,
	// and says how many it dealt with. Errors: lease.ErrLost.
	Remind(ctx context.Context, l lease.Lease, limit int, now time.Time) (int, error)
}

// batch bounds what one look deals with.
const batch = 100

// Worker tells people of deadlines. It needs no order and no memory: what is
// due stands in the base, and telling twice is refused there.
type Worker struct {
	Book Book
	Now  func() time.Time
	Log  *slog.Logger
	// Every is how often it looks.
	Every time.Duration
	// Told is called when somebody has a new notice or deadlines have changed.
	Told func()
}

// Run works until ctx ends. It is meant for lease.Keeper.Hold.
func (w *Worker) Run(ctx context.Context, l lease.Lease) error {
	t := time.NewTicker(w.Every)
	defer t.Stop()
	for {
		if err := w.round(ctx, l); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
	}
}

// round does all that is due now.
func (w *Worker) round(ctx context.Context, l lease.Lease) error {
	all := 0
	for _, step := range []func(context.Context, lease.Lease, int, time.Time) (int, error){w.Book.Recount, w.Book.Remind} {
		for {
			n, err := step(ctx, l, batch, w.Now())
			if err != nil {
				return err
			}
			all += n
			if n < batch {
				break
			}
		}
	}
	if all > 0 {
		w.Log.InfoContext(ctx, "deadlines followed", "count", all)
		w.Told()
	}
	return nil
}
