// Package lease makes one worker the only one of its name, among all processes
// that share a database. A lease carries a fence: a number that grows with
// every change of hands and that every write of the worker must show.
package lease

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Lease is a held lease.
type Lease struct {
	Name  string
	Owner string
	Fence int64
}

var (
	// ErrHeld says that somebody else holds the lease now.
	ErrHeld = errors.New("the lease is held by another worker")
	// ErrLost says that the lease has gone to somebody else.
	ErrLost = errors.New("the lease was lost to another worker")
)

// Book keeps leases.
type Book interface {
	Take(ctx context.Context, name, owner string, ttl time.Duration, now time.Time) (Lease, error)
	Renew(ctx context.Context, l Lease, ttl time.Duration, now time.Time) error
	Release(ctx context.Context, l Lease, now time.Time) error
}

// restart is the pause before work that has ended is begun again.
const restart = time.Second

// Keeper runs work under leases.
type Keeper struct {
	Book  Book
	Owner string // unique for the process
	TTL   time.Duration
	Now   func() time.Time
	Log   *slog.Logger
}

// Hold runs work whenever it holds the lease name, until ctx ends. work must
// return when its context ends; it is called again a second after it returned.
// An error of work other than a lost lease is logged.
func (k *Keeper) Hold(ctx context.Context, name string, work func(context.Context, Lease) error) {
	for ctx.Err() == nil {
		l, err := k.Book.Take(ctx, name, k.Owner, k.TTL, k.Now())
		if err != nil {
			if !errors.Is(err, ErrHeld) && ctx.Err() == nil {
				k.Log.Error("lease not taken", "lease", name, "err", err)
			}
			pause(ctx, k.TTL/4)
			continue
		}
		if err := k.hold(ctx, l, work); err != nil && ctx.Err() == nil {
			k.Log.Error("worker stopped, will start again", "lease", name, "err", err)
		}
		// Work that ends at once must not spin on the database.
		pause(ctx, restart)
	}
}

func (k *Keeper) hold(ctx context.Context, l Lease, work func(context.Context, Lease) error) error {
	held, cancel := context.WithCancel(ctx)
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		defer cancel()
		k.renew(held, l)
	}()
	err := work(held, l)
	cancel()
	<-renewed
	// The process may be stopping, but the next one should not have to wait.
	last, done := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer done()
	if rerr := k.Book.Release(last, l, k.Now()); rerr != nil {
		k.Log.Warn("lease not released, it will run out", "lease", l.Name, "err", rerr)
	}
	if errors.Is(err, ErrLost) || errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// renew keeps the lease alive and returns when it is lost or cannot be renewed
// in time, which ends the work.
func (k *Keeper) renew(ctx context.Context, l Lease) {
	good := k.Now()
	for {
		if !pause(ctx, k.TTL/4) {
			return
		}
		err := k.renewOnce(ctx, l)
		switch {
		case err == nil:
			good = k.Now()
		case errors.Is(err, ErrLost), k.Now().Sub(good) >= k.TTL/2:
			k.Log.Warn("lease lost", "lease", l.Name, "err", err)
			return
		}
	}
}

// renewOnce bounds the call: a database that hangs must not keep work running
// past its lease.
func (k *Keeper) renewOnce(ctx context.Context, l Lease) error {
	ctx, cancel := context.WithTimeout(ctx, k.TTL/4)
	defer cancel()
	return k.Book.Renew(ctx, l, k.TTL, k.Now())
}

// pause waits and says whether ctx is still alive.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
