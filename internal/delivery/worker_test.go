package delivery_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"otklik/incidents"
	"otklik/internal/delivery"
	"otklik/internal/lease"
	"otklik/internal/social"
)

func TestEachTreatmentAndWhatTheCaseShows(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		how    string
		window time.Duration
		state  delivery.State
		posted int
		stage  incidents.Stage
		wait   time.Duration
	}{
		"taken":                          {fine, 0, delivery.Sent, 1, incidents.Done, 0},
		"refused":                        {forbidden, 0, delivery.Failed, 0, incidents.Publication, 0},
		"busy":                           {busy, 0, delivery.Planned, 0, incidents.Publication, 30 * time.Second},
		"lost after, no window":          {lostAfter, 0, delivery.Unknown, 1, incidents.Publication, 0},
		"lost before, no window":         {lostBefore, 0, delivery.Unknown, 0, incidents.Publication, 0},
		"lost after, with a window":      {lostAfter, time.Hour, delivery.Planned, 1, incidents.Publication, time.Second},
		"lost before, with a window too": {lostBefore, time.Hour, delivery.Planned, 0, incidents.Publication, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			o := newOffice(t, d.Now, x.window)
			planned := d.approved()
			o.expect(x.how)
			d.run(o)
			out, c := d.outgoing(planned)
			if out.State != string(x.state) || o.posted(planned.ID) != x.posted || c.Stage != x.stage || out.Attempts != 1 {
				t.Fatalf("%+v, posted %d, %s", out, o.posted(planned.ID), c.Stage)
			}
			if got := out.NextTryAt.Sub(out.SendingAt); x.wait != 0 && got != x.wait {
				t.Fatalf("waits %v, want %v", got, x.wait)
			}
		})
	}
}

func TestLostCallIsRepeatedWithinTheWindowOnly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	o := newOffice(t, d.Now, time.Hour)
	within, beyond := d.approved(), d.approved()
	o.expect(lostAfter, lostAfter)
	d.run(o)
	d.advance(10 * time.Second)
	o.expect(fine, busy)
	d.run(o)
	d.advance(2 * time.Hour)
	d.run(o)
	first, c := d.outgoing(within)
	second, _ := d.outgoing(beyond)
	if first.State != string(delivery.Sent) || c.Outcome != incidents.Resolved || second.State != string(delivery.Unknown) {
		t.Fatalf("%+v %+v", first, second)
	}
	if o.posted(within.ID) != 1 || o.posted(beyond.ID) != 1 || o.calls != 4 {
		t.Fatalf("posted %d and %d in %d calls", o.posted(within.ID), o.posted(beyond.ID), o.calls)
	}
}

// Behind the first call the clock says nothing of how much of the window is over.
func TestAClockSetBackClosesTheWindow(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	o := newOffice(t, d.Now, time.Hour)
	planned := d.approved()
	d.run(o, "after begin")
	d.advance(-3 * time.Hour)
	d.clock = " anew"
	d.run(o)
	if out, _ := d.outgoing(planned); out.State != string(delivery.Unknown) || o.calls != 0 {
		t.Fatalf("%+v after %d calls", out, o.calls)
	}
}

// What was taken once must not become "failed" by a later refusal.
func TestRefusalOfARepetitionIsNotAFailure(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	o := newOffice(t, d.Now, time.Hour)
	planned := d.approved()
	o.expect(lostAfter)
	d.run(o)
	d.advance(time.Minute)
	o.expect(forbidden)
	d.run(o)
	if out, _ := d.outgoing(planned); out.State != string(delivery.Unknown) {
		t.Fatalf("%+v", out)
	}
}

func TestWaitingGrowsToItsBound(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	o := newOffice(t, d.Now, 0)
	planned := d.approved()
	for n := range 12 {
		o.expect(busy)
		d.run(o)
		out, _ := d.outgoing(planned)
		want := max(30*time.Second, min(time.Second<<n, 5*time.Minute))
		if got := out.NextTryAt.Sub(out.SendingAt); got != want || out.Attempts != n+1 {
			t.Fatalf("attempt %d waits %v, want %v", out.Attempts, got, want)
		}
		d.advance(want)
	}
}

func TestPageWithoutAKey(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	o := newOffice(t, d.Now, 0)
	planned := d.approved()
	d.source = "another page"
	d.run(o)
	if out, c := d.outgoing(planned); out.State != string(delivery.Failed) || c.PublicationTrouble == "" || o.calls != 0 {
		t.Fatalf("%+v", out)
	}
}

// Whatever the network and the process do, an answer stands at most once, and
// the ledger never says less or more than is known.
func TestNothingIsSentTwice(t *testing.T) {
	t.Parallel()
	for name, window := range map[string]time.Duration{"with a key": time.Hour, "without": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			o := newOffice(t, d.Now, window)
			treatments := rapid.SampledFrom([]string{fine, forbidden, busy, lostAfter, lostBefore})
			crashes := rapid.SampledFrom([]string{"", "", "after begin", "before finish", "after finish"})
			reached := map[delivery.State]int{}
			rapid.Check(t, func(rt *rapid.T) {
				planned := d.approved()
				for range rapid.IntRange(1, 6).Draw(rt, "runs") {
					o.expect(rapid.SliceOfN(treatments, 1, 3).Draw(rt, "network")...)
					d.run(o, crashes.Draw(rt, "crash"))
					d.advance(time.Duration(rapid.IntRange(0, 90).Draw(rt, "minutes")) * time.Minute)
				}
				o.expect()
				d.run(o)
				out, c := d.outgoing(planned)
				state, posted := delivery.State(out.State), o.posted(planned.ID)
				reached[state]++
				switch {
				case posted > 1:
					rt.Fatalf("stands %d times in the network", posted)
				case state == delivery.Sent && (posted != 1 || c.Stage != incidents.Done):
					rt.Fatalf("called sent, stands %d times, case at %s", posted, c.Stage)
				case state == delivery.Failed && posted != 0:
					rt.Fatalf("called failed and stands")
				case state == delivery.Sending:
					rt.Fatalf("nobody works and it is being sent")
				case state != delivery.Sent && c.Stage != incidents.Publication:
					rt.Fatalf("%s, and the case is at %s", state, c.Stage)
				}
			})
			for _, s := range []delivery.State{delivery.Sent, delivery.Failed, delivery.Unknown} {
				if reached[s] == 0 {
					t.Errorf("no run ended %s: the property says nothing of it", s)
				}
			}
		})
	}
}

// A worker that was frozen while it sent learns that it is no longer the one.
func TestFrozenWorkerWritesNoVerdict(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	o := newOffice(t, d.Now, 0)
	planned := d.approved()
	old := d.lease("deliver")
	begun, ok, err := d.s.Begin(t.Context(), old, planned.ID, d.Now())
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	d.run(o) // the successor finds the interrupted call
	err = d.s.Finish(t.Context(), old, begun, delivery.Verdict{State: delivery.Planned}, d.Now())
	if out, _ := d.outgoing(planned); !errors.Is(err, lease.ErrLost) || out.State != string(delivery.Unknown) || o.calls != 0 {
		t.Fatalf("%v %+v", err, out)
	}
}

// still is a book with nothing in it.
type still struct{ looks []time.Time }

func (b *still) Due(context.Context, social.Network, time.Time, int) ([]delivery.Delivery, error) {
	b.looks = append(b.looks, time.Now())
	return nil, nil
}

func (b *still) Interrupted(context.Context, social.Network) ([]delivery.Delivery, error) {
	return nil, nil
}

func (b *still) Begin(context.Context, lease.Lease, string, time.Time) (delivery.Delivery, bool, error) {
	return delivery.Delivery{}, false, nil
}

func (b *still) Finish(context.Context, lease.Lease, delivery.Delivery, delivery.Verdict, time.Time) error {
	return nil
}

func TestWorkerSleepsUntilWokenOrTick(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wake := make(chan struct{}, 1)
		b := &still{}
		w := &delivery.Worker{Book: b, Now: time.Now, Log: slog.New(slog.DiscardHandler), Wake: wake, Tick: 10 * time.Second}
		ctx, cancel := context.WithTimeout(t.Context(), 35*time.Second)
		defer cancel()
		begun := time.Now()
		go func() { time.Sleep(14 * time.Second); wake <- struct{}{} }()
		if err := w.Run(ctx, lease.Lease{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		var at []int
		for _, x := range b.looks {
			at = append(at, int(x.Sub(begun).Seconds()))
		}
		if len(at) != 5 || at[0] != 0 || at[1] != 10 || at[2] != 14 || at[3] != 24 || at[4] != 34 {
			t.Fatal(at)
		}
	})
}
