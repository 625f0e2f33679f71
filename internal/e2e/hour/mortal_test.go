package hour

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"

	"otklik/internal/delivery"
	"otklik/internal/lease"
	"otklik/internal/social"
	"otklik/internal/store"
	"otklik/publisher"
)

var errDead = errors.New("the process is dead")

// mortal is one life of the program, from its start to its death at a step. A
// step lies before and after everything that lasts: each write into the base and
// each call of a network. The dead do nothing: what was on its way to a network
// arrives, its answer does not.
type mortal struct {
	kill context.CancelFunc

	mu    sync.Mutex
	steps int
	dies  int // at which step; zero for never
	dead  bool
}

func (l *mortal) step() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead {
		return errDead
	}
	if l.steps++; l.steps == l.dies {
		l.dead = true
		l.kill()
		return errDead
	}
	return nil
}

func (l *mortal) alive() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead {
		return errDead
	}
	return nil
}

// between does one thing that lasts between two steps.
func (l *mortal) between(do func() error) error {
	if err := l.step(); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return l.step()
}

// ledger is the base as one life sees it.
type ledger struct {
	*store.Store
	life *mortal
}

// Due implements delivery.Book.
func (m ledger) Due(ctx context.Context, n social.Network, now time.Time, perPage int) ([]delivery.Delivery, error) {
	if err := m.life.alive(); err != nil {
		return nil, err
	}
	return m.Store.Due(ctx, n, now, perPage)
}

// Begin implements delivery.Book.
func (m ledger) Begin(ctx context.Context, l lease.Lease, id string, now time.Time) (d delivery.Delivery, ok bool, err error) {
	err = m.life.between(func() error { d, ok, err = m.Store.Begin(ctx, l, id, now); return err })
	return d, ok, err
}

// Finish implements delivery.Book.
func (m ledger) Finish(ctx context.Context, l lease.Lease, d delivery.Delivery, v delivery.Verdict, now time.Time) error {
	return m.life.between(func() error { return m.Store.Finish(ctx, l, d, v, now) })
}

// Prepared implements delivery.Parts.
func (m ledger) Prepared(ctx context.Context, id string, uploaded []string, poll string, now time.Time) error {
	return m.life.between(func() error { return m.Store.Prepared(ctx, id, uploaded, poll, now) })
}

// ChangePost implements publisher.Book.
func (m ledger) ChangePost(ctx context.Context, id string, expect int, now time.Time, decide func(publisher.Post) (publisher.Decision, error)) (p publisher.Post, err error) {
	err = m.life.between(func() error { p, err = m.Store.ChangePost(ctx, id, expect, now, decide); return err })
	return p, err
}

// Take implements lease.Book.
func (m ledger) Take(ctx context.Context, name, owner string, ttl time.Duration, now time.Time) (lease.Lease, error) {
	if err := m.life.alive(); err != nil {
		return lease.Lease{}, err
	}
	return m.Store.Take(ctx, name, owner, ttl, now)
}

// Renew implements lease.Book.
func (m ledger) Renew(ctx context.Context, l lease.Lease, ttl time.Duration, now time.Time) error {
	if err := m.life.alive(); err != nil {
		return err
	}
	return m.Store.Renew(ctx, l, ttl, now)
}

// Release implements lease.Book.
func (m ledger) Release(ctx context.Context, l lease.Lease, now time.Time) error {
	if err := m.life.alive(); err != nil {
		return err
	}
	return m.Store.Release(ctx, l, now)
}

// mouth is the way to the networks of one life.
type mouth struct {
	next http.RoundTripper
	life *mortal
}

// RoundTrip implements http.RoundTripper.
func (m mouth) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	err = m.life.between(func() error {
		if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.WroteHeaders != nil {
			trace.WroteHeaders()
		}
		if resp, err = m.next.RoundTrip(r); err != nil {
			return err
		}
		whole, broken := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(whole), failing{broken}))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return resp, nil
}

// failing ends a body as the network did.
type failing struct{ err error }

// Read implements io.Reader.
func (f failing) Read([]byte) (int, error) {
	if f.err == nil {
		return 0, io.EOF
	}
	return 0, f.err
}
