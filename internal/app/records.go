package app

import (
	"context"
	"time"

	"otklik/internal/lease"
	"otklik/internal/live"
	"otklik/internal/records"
	"otklik/internal/rights"
	"otklik/internal/store"
	"otklik/internal/web"
)

const (
	// expiryNight is before the archive is compared with the base, which finds
	// what an archive that was being built at that time did not hear of.
	expiryNight = "30 2 * * *"
	recordsTick = time.Minute
	// dayOff is how long after a look the next one is due. It is less than a day,
	// so that no night is left out.
	dayOff = 20 * time.Hour
)

// scheduleRecords rings once in a night.
func (a *App) scheduleRecords(ctx context.Context) {
	if _, err := a.ticks.AddFunc(expiryNight, func() {
		if ctx.Err() == nil {
			a.records.Ring()
		}
	}); err != nil {
		a.log.Error("nothing is removed at night", "err", err)
	}
}

// keepRecords erases what people ask for and removes what has run out.
func (a *App) keepRecords(ctx context.Context) {
	k := &records.Keeper{
		Book: a.store, Eraser: a.store, Now: a.now, Log: a.log, Wake: a.records, Tick: recordsTick, Night: a.nightDue,
		Told: func() { a.project.Ring(); a.hub.Publish(live.Cases) },
	}
	a.keeper.Hold(ctx, "records", k.Run)
}

// nightDue says that a night has come since the last look. A new installation
// begins with its first night, and a process that was off at night makes up for it.
func (a *App) nightDue(last, now time.Time) bool {
	now = now.In(a.zone)
	night := time.Date(now.Year(), now.Month(), now.Day(), 2, 30, 0, 0, a.zone)
	if now.Before(night) {
		night = night.AddDate(0, 0, -1)
	}
	return last.Before(night)
}

// watchJournal walks along the journal once in a day. The head is written into
// the log, which is kept elsewhere: it shows later whether the end was cut.
func (a *App) watchJournal(ctx context.Context, _ lease.Lease) error {
	for {
		last, err := a.store.JournalChecks(ctx, 1)
		if err != nil {
			return err
		}
		if len(last) == 0 || a.now().Sub(last[0].At) >= dayOff {
			c, err := a.store.VerifyJournal(ctx, nil, a.now())
			if err != nil {
				return err
			}
			if c.Whole() {
				a.log.InfoContext(ctx, "journal anchor", "anchor", c.Head.String(), "rows", c.Head.Seq-c.First+1)
			} else {
				a.log.ErrorContext(ctx, "the journal does not hold", "row", c.Broken, "why", c.Trouble)
			}
		}
		t := time.NewTimer(recordsTick * 10)
		select {
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		case <-t.C:
		}
	}
}

func (a *App) recordKeeping() web.Records {
	return web.Records{Journal: a.store, Terms: a.store, Erasing: erasing{a.store, a}}
}

// erasing wakes whoever erases.
type erasing struct {
	*store.Store
	a *App
}

// AskErasure implements web.Erasing.
func (x erasing) AskErasure(ctx context.Context, by rights.Actor, e records.Erasure, now time.Time) (records.Erasure, error) {
	e, err := x.Store.AskErasure(ctx, by, e, now)
	if err == nil {
		x.a.records.Ring()
	}
	return e, err
}
