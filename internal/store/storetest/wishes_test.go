package storetest

import (
	"sync"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/internal/errs"
)

func (b *bundle) wish(kind collectors.WishKind, days int) error {
	return b.s.WishHistory(b.ctx, b.source, collectors.Wish{Kind: kind, Days: days, By: "Ольга"}, b.now)
}

func TestWishesAboutTheHistory(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		code := func(err error, want errs.Code) {
			t.Helper()
			if errs.CodeOf(err) != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
		code(b.wish(collectors.WishRead, 10), errs.NotFound)
		if b.status().History != nil {
			t.Error("a source without a history has one")
		}
		b.stream.History = true
		b.must(b.s.EnsureStream(b.ctx, b.stream, b.now))
		for _, days := range []int{0, -1, collectors.MaxWishDays + 1} {
			code(b.wish(collectors.WishRead, days), errs.Invalid)
		}
		b.must(b.wish(collectors.WishStop, 0)) // the first reading has not begun
		b.batch(collectors.Batch{Next: "1", Wish: &collectors.WishReply{Number: b.newest().Number, State: collectors.WishDone}})
		code(b.wish(collectors.WishStop, 0), errs.Conflict)
		b.batch(collectors.Batch{Next: "2", Progress: "Читаем историю"})
		if h := b.status().History; h == nil || !h.Reading || h.Wish == nil || h.Wish.State != collectors.WishDone {
			t.Fatalf("%+v", h)
		}
		b.must(b.wish(collectors.WishRead, 10))
		read := b.newest()
		b.batch(collectors.Batch{Next: "3", Wish: &collectors.WishReply{Number: read.Number, State: collectors.WishTaken}})
		b.now = b.now.Add(time.Minute)
		b.must(b.wish(collectors.WishStop, 0))
		known := b.now.Add(-50 * time.Hour)
		stop := b.newest()
		b.batch(collectors.Batch{Next: "4", Wish: &collectors.WishReply{Number: stop.Number, State: collectors.WishDone, KnownFrom: known, Short: true}})
		h := b.status().History
		if h == nil || h.Reading || h.Wish == nil {
			t.Fatalf("%+v", h)
		}
		want := collectors.Wish{
			Number: stop.Number, Kind: collectors.WishStop, State: collectors.WishDone, By: "Ольга",
			At: b.now, SaidAt: b.now, KnownFrom: known, Short: true,
		}
		if *h.Wish != want {
			t.Errorf("%+v, want %+v", *h.Wish, want)
		}
		if n := b.count("SELECT COUNT(*) FROM wishes WHERE state = 'dropped' AND kind = 'read'"); n != 1 {
			t.Error("the reading that was stopped is not shown so")
		}
	})
}

func (b *bundle) newest() collectors.Wish {
	b.t.Helper()
	w, err := b.s.Wish(b.ctx, b.source)
	b.must(err)
	return w
}

// Two people press at one moment: both are heard, one after the other.
func TestWishesAtOneMoment(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.stream.History = true
		b.must(b.s.EnsureStream(b.ctx, b.stream, b.now))
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				if err := b.wish(collectors.WishRead, i+1); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := b.count("SELECT COUNT(DISTINCT number) FROM wishes"); n != 8 {
			t.Errorf("%d wishes", n)
		}
	})
}

// A gap that reaches further back than anything can be listed is divided: what
// can be filled is, the rest is shown as lost.
func TestWhatIsBeyondReachIsShownSo(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		hour := func(n int) time.Time { return b.now.Add(time.Duration(n) * time.Hour) }
		gap := func(from, to int) collectors.Gap {
			return collectors.Gap{From: hour(from), To: hour(to), Reason: "забыто"}
		}
		b.batch(collectors.Batch{Next: "1", CompleteTo: b.now, Gaps: []collectors.Gap{gap(-20, -18), gap(-16, -2), gap(-1, 0)}})
		b.batch(collectors.Batch{Next: "2", Beyond: []collectors.Gap{gap(-20, -10)}, Filled: []collectors.Gap{gap(-10, 1)}})
		x := b.status()
		type seen struct {
			from, to         time.Time
			filled, hopeless bool
		}
		want := []seen{{hour(-20), hour(-18), false, true}, {hour(-16), hour(-10), false, true}, {hour(-10), hour(-2), true, false}, {hour(-1), hour(0), true, false}}
		if len(x.Gaps) != len(want) {
			t.Fatalf("%+v", x.Gaps)
		}
		for i, g := range x.Gaps {
			if got := (seen{g.From, g.To, !g.FilledAt.IsZero(), g.Hopeless}); got != want[i] || g.Reason != "забыто" {
				t.Errorf("%+v, want %+v", got, want[i])
			}
		}
		if from, err := b.s.Missed(b.ctx, b.source, time.Time{}); err != nil || !from.IsZero() {
			t.Errorf("what cannot be filled is asked for again: %v %v", from, err)
		}
	})
}
