package alarm

import (
	"context"
	"log/slog"
	"time"

	"otklik/internal/lease"
)

// every is how often the auditor looks.
const every = time.Minute

// Book is the base as the auditor needs it.
type Book interface {
	// Facts reads all that the auditor judges by.
	Facts(ctx context.Context, now time.Time) (Facts, error)
	// OpenAlarms returns the alarms that have not passed.
	OpenAlarms(ctx context.Context) ([]Alarm, error)
	// Settle writes a round in one transaction under the auditor's lease, and
	// that it took place. Errors: lease.ErrLost.
	Settle(ctx context.Context, l lease.Lease, c Changes, now time.Time) error
}

// Auditor looks at the base every minute. It knows nothing of the workers it
// watches, so that one that hangs cannot hide it.
type Auditor struct {
	Book Book
	Now  func() time.Time
	Log  *slog.Logger
	// Told is called when people have to hear of a change.
	Told func()
}

// Run works until ctx ends. It is meant for lease.Keeper.Hold.
func (a *Auditor) Run(ctx context.Context, l lease.Lease) error {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		if err := a.round(ctx, l); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
	}
}

func (a *Auditor) round(ctx context.Context, l lease.Lease) error {
	now := a.Now()
	facts, err := a.Book.Facts(ctx, now)
	if err != nil {
		return err
	}
	open, err := a.Book.OpenAlarms(ctx)
	if err != nil {
		return err
	}
	c := Judge(facts, open, now)
	if err := a.Book.Settle(ctx, l, c, now); err != nil {
		return err
	}
	for _, x := range c.Raise {
		a.Log.WarnContext(ctx, "alarm raised", "kind", x.Kind, "subject", x.Subject, "source", x.Detail.Source)
	}
	for _, x := range c.Clear {
		a.Log.InfoContext(ctx, "alarm cleared", "kind", x.Kind, "subject", x.Subject, "source", x.Detail.Source)
	}
	if c.Told {
		a.Told()
	}
	return nil
}
