package delivery_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"otklik/internal/delivery"
	"otklik/internal/lease"
	"otklik/internal/social"
)

// one is a ledger with one planned row.
type one struct {
	begun   bool
	verdict delivery.Verdict
	ended   error // of the context the verdict came with
}

func (b *one) Due(context.Context, social.Network, time.Time, int) ([]delivery.Delivery, error) {
	if b.begun {
		return nil, nil
	}
	return []delivery.Delivery{{ID: "1", SourceID: "page"}}, nil
}

func (b *one) Interrupted(context.Context, social.Network) ([]delivery.Delivery, error) {
	return nil, nil
}

func (b *one) Begin(context.Context, lease.Lease, string, time.Time) (delivery.Delivery, bool, error) {
	b.begun = true
	return delivery.Delivery{ID: "1", SourceID: "page", Attempt: 1}, true, nil
}

func (b *one) Finish(ctx context.Context, _ lease.Lease, _ delivery.Delivery, v delivery.Verdict, _ time.Time) error {
	b.verdict, b.ended = v, ctx.Err()
	return nil
}

// slow answers after a time, unless its context ends first.
type slow time.Duration

func (s slow) Send(ctx context.Context, _ delivery.Delivery) (delivery.Receipt, error) {
	select {
	case <-ctx.Done():
		return delivery.Receipt{}, &delivery.Failure{Outcome: delivery.Uncertain, Code: "cut", Message: "Оборвано.", Cause: ctx.Err()}
	case <-time.After(time.Duration(s)):
		return delivery.Receipt{Permalink: "https://vk.example/1"}, nil
	}
}

// speakers are the senders of the pages that a test has.
type speakers map[string]delivery.Sender

func (s speakers) Sender(id string) (delivery.Sender, bool) {
	x, ok := s[id]
	return x, ok
}

func TestAnOrderlyStopLetsACallEnd(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		takes time.Duration
		state delivery.State
	}{
		"a call that ends soon is waited for": {4 * time.Second, delivery.Sent},
		"one that does not end is cut":        {time.Minute, delivery.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := &one{}
				w := &delivery.Worker{Book: b, Senders: speakers{"page": slow(x.takes)}, Now: time.Now, Log: slog.New(slog.DiscardHandler), Tick: time.Hour}
				ctx, stop := context.WithTimeout(t.Context(), time.Second)
				defer stop()
				if err := w.Run(ctx, lease.Lease{}); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("the worker ended with %v", err)
				}
				if b.verdict.State != x.state || b.ended != nil {
					t.Errorf("the verdict is %+v, written with %v", b.verdict, b.ended)
				}
			})
		})
	}
}
