package app

import (
	"context"
	"syscall"
	"time"

	"otklik/internal/alarm"
	"otklik/internal/lease"
	"otklik/internal/live"
)

// reportEvery is how often a process says how its machine is.
const reportEvery = time.Minute

// startWatch starts the auditor of alarms and what it cannot see from the base.
func (a *App) startWatch(ctx context.Context) {
	auditor := &alarm.Auditor{Book: a.store, Now: a.now, Log: a.log, Told: func() { a.hub.Publish(live.Alarms) }}
	a.work(func() {
		a.keeper.Hold(ctx, "audit", func(ctx context.Context, l lease.Lease) error { return auditor.Run(ctx, l) })
	})
	a.work(func() { a.reportNode(ctx) })
}

// reportNode writes into the base how much room the data folder has, and learns
// with how many other processes the keys are shared.
func (a *App) reportNode(ctx context.Context) {
	t := time.NewTicker(reportEvery)
	defer t.Stop()
	for {
		free, total, err := diskOf(a.cfg.Data)
		if err == nil {
			var working int
			if working, err = a.store.ReportNode(ctx, alarm.Node{Name: a.node, DiskFree: free, DiskTotal: total}, a.now()); err == nil {
				a.paces.share(working)
			}
		}
		if err != nil && ctx.Err() == nil {
			a.log.Error("the disk's room is not known", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// diskOf is the room on the disk of a folder in bytes: what a plain user may
// still take, and all of it.
func diskOf(folder string) (free, total int64, err error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(folder, &st); err != nil {
		return 0, 0, err
	}
	size := int64(st.Bsize)
	return int64(st.Bavail) * size, int64(st.Blocks) * size, nil
}
