package media

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"otklik/internal/lease"
	"otklik/internal/wake"
)

// Book is the queue of photos. Its writes show the worker's lease.
type Book interface {
	// DuePhotos returns photos whose time to be tried has come.
	DuePhotos(ctx context.Context, limit int, now time.Time) ([]Job, error)
	// KeepPhoto stores a picture; doing so twice changes nothing.
	KeepPhoto(ctx context.Context, l lease.Lease, id string, p Picture, now time.Time) error
	// MissPhoto notes an attempt that brought none; next is when to try again, of
	// a trouble whose state is Waiting.
	MissPhoto(ctx context.Context, l lease.Lease, id string, t *Trouble, next, now time.Time) error
}

// Downloader gets the bytes of a photo from where its source has them. It
// returns a *Trouble where it knows what happened.
type Downloader interface {
	Download(ctx context.Context, sourceID, address string) ([]byte, error)
}

// Worker works off the queue under one lease. What it has not written when it
// is killed is done again.
type Worker struct {
	Book   Book
	From   Downloader
	Now    func() time.Time
	Log    *slog.Logger
	Wake   wake.Bell
	Tick   time.Duration
	Stored func() // called after photos were kept or given up

	// drawing lets one picture at a time be decoded, so that memory stays bounded.
	drawing sync.Mutex
}

const (
	batch = 12
	hands = 3 // how many photos are fetched at once
)

// waits are the pauses after each attempt that brought nothing, about a day in
// all: as long as a network that is down, or a key that was revoked, may take.
func waits() []time.Duration {
	return []time.Duration{
		5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute,
		time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	}
}

// Run works until ctx ends or the lease is lost. It is meant for lease.Keeper.Hold.
func (w *Worker) Run(ctx context.Context, l lease.Lease) error {
	for ctx.Err() == nil {
		n, err := w.round(ctx, l)
		if errors.Is(err, lease.ErrLost) {
			return err
		}
		if err != nil && ctx.Err() == nil {
			w.Log.Error("photos are not being kept", "err", err)
		}
		if err == nil && n == batch {
			continue
		}
		if err := w.Wake.Sleep(ctx, w.Tick); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// round tries what is due, and returns how many photos that were.
func (w *Worker) round(ctx context.Context, l lease.Lease) (int, error) {
	jobs, err := w.Book.DuePhotos(ctx, batch, w.Now())
	if err != nil || len(jobs) == 0 {
		return 0, err
	}
	todo := make(chan Job, len(jobs))
	for _, j := range jobs {
		todo <- j
	}
	close(todo)
	failures := make(chan error, len(jobs))
	var all sync.WaitGroup
	for range min(hands, len(jobs)) {
		all.Go(func() {
			for j := range todo {
				failures <- w.one(ctx, l, j)
			}
		})
	}
	all.Wait()
	close(failures)
	var first error
	for err := range failures {
		if first == nil || errors.Is(err, lease.ErrLost) {
			first = err
		}
	}
	if w.Stored != nil && first == nil {
		w.Stored()
	}
	return len(jobs), first
}

// one tries one photo and writes down what came of it.
func (w *Worker) one(ctx context.Context, l lease.Lease, j Job) error {
	raw, err := w.From.Download(ctx, j.SourceID, j.Address)
	var p Picture
	if err == nil {
		w.drawing.Lock()
		p, err = Redraw(raw)
		w.drawing.Unlock()
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		return w.Book.KeepPhoto(ctx, l, j.ID, p, w.Now())
	}
	t := w.settle(err, j.Attempts)
	w.Log.Warn("photo not kept", "photo", j.ID, "state", string(t.State), "attempt", j.Attempts+1, "err", err)
	return w.Book.MissPhoto(ctx, l, j.ID, t, w.Now().Add(t.RetryAfter), w.Now())
}

// settle says how it goes on: RetryAfter is the time to the next attempt.
func (w *Worker) settle(err error, before int) *Trouble {
	t := passing(err)
	var known *Trouble
	if errors.As(err, &known) {
		told := *known
		t = &told
	}
	if t.State != Waiting {
		return t
	}
	if t.Unasked {
		return t
	}
	if before >= len(waits()) {
		t.State, t.Message = Failed, "Сеть не отдала фото за сутки."
		return t
	}
	t.RetryAfter = max(t.RetryAfter, waits()[before])
	return t
}
