package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"otklik/internal/delivery"
	"otklik/internal/lease"
	"otklik/internal/social"
)

// shelf is a ledger in memory whose rows are sent in the order of their numbers.
type shelf struct {
	mu   sync.Mutex
	rows []delivery.Delivery
	next map[string]time.Time
	sent map[string]time.Time
}

func (b *shelf) Due(_ context.Context, _ social.Network, now time.Time, perPage int) ([]delivery.Delivery, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []delivery.Delivery
	n := map[string]int{}
	for _, d := range b.rows {
		if d.State == delivery.Planned && !now.Before(b.next[d.ID]) && n[d.SourceID] < perPage {
			n[d.SourceID]++
			out = append(out, d)
		}
	}
	return out, nil
}

func (b *shelf) Interrupted(context.Context, social.Network) ([]delivery.Delivery, error) {
	return nil, nil
}

func (b *shelf) Begin(_ context.Context, _ lease.Lease, id string, _ time.Time) (delivery.Delivery, bool, error) {
	return b.set(id, delivery.Sending, time.Time{}), true, nil
}

func (b *shelf) Finish(_ context.Context, _ lease.Lease, d delivery.Delivery, v delivery.Verdict, now time.Time) error {
	b.set(d.ID, v.State, v.NextTry)
	if v.State == delivery.Sent {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.sent[d.ID] = now
	}
	return nil
}

func (b *shelf) set(id string, s delivery.State, next time.Time) delivery.Delivery {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.rows {
		if b.rows[i].ID == id {
			b.rows[i].State = s
			b.rows[i].Attempt++
			b.next[id] = next
			return b.rows[i]
		}
	}
	return delivery.Delivery{}
}

// cooling asks to wait once and then takes everything at once.
type cooling struct{ calls int }

func (c *cooling) Send(context.Context, delivery.Delivery) (delivery.Receipt, error) {
	if c.calls++; c.calls == 1 {
		return delivery.Receipt{}, &delivery.Failure{Outcome: delivery.NotSent, Code: "429", Message: "Подождите.", RetryAfter: 40 * time.Second}
	}
	return delivery.Receipt{}, nil
}

// One page hangs, one was asked to wait, ten are well: nobody waits for another.
func TestASlowPageStarvesNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &shelf{next: map[string]time.Time{}, sent: map[string]time.Time{}}
		who, wait := speakers{"hangs": slow(30 * time.Second)}, &cooling{}
		who["waits"] = wait
		add := func(page string, n int) {
			b.rows = append(b.rows, delivery.Delivery{ID: fmt.Sprint(page, n), SourceID: page, State: delivery.Planned})
		}
		for n := range 3 {
			add("hangs", n)
			add("waits", n)
			for i := range 10 {
				page := fmt.Sprint("well", i)
				who[page] = slow(time.Second)
				add(page, n)
			}
		}
		begun := time.Now()
		ctx, stop := context.WithTimeout(t.Context(), 100*time.Second)
		defer stop()
		w := &delivery.Worker{Book: b, Senders: who, Now: time.Now, Log: slog.New(slog.DiscardHandler), Tick: time.Minute}
		if err := w.Run(ctx, lease.Lease{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		if len(b.sent) != len(b.rows) {
			t.Fatalf("%d of %d were sent", len(b.sent), len(b.rows))
		}
		for id, at := range b.sent {
			took, most := at.Sub(begun), 3*time.Second
			switch id[:4] {
			case "hang":
				most = 90 * time.Second
			case "wait":
				most = 41 * time.Second
			}
			if took > most {
				t.Errorf("%s left after %v", id, took)
			}
		}
		if wait.calls != 4 {
			t.Errorf("the page that was asked to wait made %d calls", wait.calls)
		}
	})
}
