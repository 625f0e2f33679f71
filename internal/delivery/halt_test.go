package delivery_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"otklik/internal/delivery"
	"otklik/internal/social"
	"otklik/publisher"
)

// hanging is a network that takes its time, to prepare and to answer, and
// remembers what was asked of it.
type hanging struct {
	prepares, answers time.Duration
	failure           *delivery.Failure

	mu     sync.Mutex
	called []string
}

// Prepare implements delivery.Preparer.
func (h *hanging) Prepare(context.Context, delivery.Delivery) error {
	time.Sleep(h.prepares)
	return nil
}

// Send implements delivery.Sender.
func (h *hanging) Send(_ context.Context, d delivery.Delivery) (delivery.Receipt, error) {
	h.mu.Lock()
	h.called = append(h.called, d.ID)
	h.mu.Unlock()
	time.Sleep(h.answers)
	if h.failure != nil {
		return delivery.Receipt{}, h.failure
	}
	return delivery.Receipt{Ref: social.Ref{Network: d.Network, Owner: "-1", ID: "r" + d.ID}, Permalink: "https://net.example/" + d.ID}, nil
}

func (h *hanging) calls() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.called)
}

// stopAll stops everything that leaves, and returns how to go on.
func (d *desk) stopAll() (resume func()) {
	d.t.Helper()
	d.must(d.s.AddHalt(d.t.Context(), publisher.Halt{Cause: publisher.ByRestored, At: d.Now()}, d.Now()))
	return func() {
		list, err := d.s.Halts(d.t.Context())
		d.must(err)
		for _, h := range list {
			d.must(d.s.EndHalt(d.t.Context(), h.ID, d.Now(), func(h publisher.Halt) (publisher.Halt, error) { h.EndedAt = d.Now(); return h, nil }))
		}
	}
}

// TestAStopInTheMiddle lets a stop come at each moment of a call: what has not
// begun does not begin, what has begun is ended and told of as it was, nothing
// follows it, and all of it goes on when the stop ends.
func TestAStopInTheMiddle(t *testing.T) {
	t.Parallel()
	lost := &delivery.Failure{Outcome: delivery.Uncertain, Code: "broken", Message: "Связь прервалась."}
	for name, x := range map[string]struct {
		net   *hanging
		calls int            // when the stop has held for a while
		first delivery.State // of the delivery that was on its way then
		after int            // calls in all, when the stop has ended
	}{
		"while files are uploaded":          {&hanging{prepares: time.Minute}, 0, delivery.Planned, 2},
		"while a call hangs that is taken":  {&hanging{answers: time.Minute}, 1, delivery.Sent, 2},
		"while a call hangs that gets lost": {&hanging{answers: time.Minute, failure: lost}, 1, delivery.Unknown, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t)
				first, second := d.approved(), d.approved()
				w := &delivery.Worker{Network: social.VK, Book: d.s, Senders: speakers{d.source: x.net}, Now: d.Now, Log: slog.New(slog.DiscardHandler), Tick: 10 * time.Second}
				ctx, cancel := context.WithCancel(t.Context())
				var work sync.WaitGroup
				l := d.lease("deliver")
				work.Go(func() { _ = w.Run(ctx, l) })
				time.Sleep(30 * time.Second)
				resume := d.stopAll()
				time.Sleep(5 * time.Minute)
				d.left(first, x.first)
				d.left(second, delivery.Planned)
				if got := x.net.calls(); len(got) != x.calls || x.calls == 1 && got[0] != first.ID {
					t.Errorf("during the stop it was asked for %q", got)
				}
				resume()
				time.Sleep(5 * time.Minute)
				got := x.net.calls()
				slices.Sort(got)
				if len(got) != x.after || len(slices.Compact(got)) != x.after {
					t.Errorf("in all it was asked for %q", got)
				}
				if x.net.failure == nil {
					d.left(first, delivery.Sent)
					d.left(second, delivery.Sent)
				}
				cancel()
				work.Wait()
			})
		})
	}
}

// left says in which state a delivery is to stand, and that what never began
// counts no attempt.
func (d *desk) left(x delivery.Delivery, want delivery.State) {
	d.t.Helper()
	out, _ := d.outgoing(x)
	if out.State != string(want) || want == delivery.Planned && out.Attempts != 0 {
		d.t.Errorf("%s after %d attempts (%s), want %s", out.State, out.Attempts, out.Trouble, want)
	}
}
