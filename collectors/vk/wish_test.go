package vk_test

import (
	"context"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/collectors/vk"
	simvk "otklik/internal/sim/vk"
)

// wishing is a person at the page of sources.
type wishing struct{ wish collectors.Wish }

func (w *wishing) Wish(context.Context) (collectors.Wish, error) { return w.wish, nil }

func (w *wishing) ask(kind collectors.WishKind, days int) {
	w.wish = collectors.Wish{Number: w.wish.Number + 1, Kind: kind, Days: days}
}

func withWishes(w *wishing, m vk.Memory) change {
	return func(_ *vk.LiveOptions, h *vk.HistoryOptions) { h.Wishes, h.Memory = w, m }
}

// hourly writes posts an hour apart, the newest now, with a comment under each.
func (b *bundle) hourly(posts int) { b.posts(posts, time.Hour) }

func (b *bundle) posts(posts int, apart time.Duration) {
	for i := range posts {
		post := b.MustPost(simvk.NewPost{Text: "Запись", Date: b.Now().Add(-time.Duration(i) * apart)})
		b.MustComments(post, 1, 0)
	}
}

func TestTheFirstReadingIsStoppedAndSaysSinceWhenAllIsKnown(t *testing.T) {
	t.Parallel()
	w := &wishing{}
	b := setup(t, withWishes(w, &memory{}))
	b.hourly(40)
	at := fetch(t, b.history, "").Next
	for range 10 {
		step := fetch(t, b.history, at)
		if step.Progress == "" {
			t.Fatal("the first reading is over too soon")
		}
		at = step.Next
	}
	calls := b.Calls("wall.getComments")
	w.ask(collectors.WishStop, 0)
	end := fetch(t, b.history, at)
	if n := b.Calls("wall.getComments"); n != calls || end.Progress != "" {
		t.Errorf("it read on: %d calls more, %q", n-calls, end.Progress)
	}
	if len(end.Filled) != 1 || end.Wish == nil || end.Wish.State != collectors.WishDone || !end.Wish.KnownFrom.Equal(end.Filled[0].From) || len(end.Beyond) > 0 {
		t.Fatalf("it stopped with %+v", end)
	}
	// The newest post of all is the network's own first; ten were read.
	if age := b.Now().Sub(end.Filled[0].From); age < 8*time.Hour || age > 10*time.Hour+time.Minute {
		t.Errorf("it claims to know %v", age)
	}
	if again := fetch(t, b.history, end.Next); again.Wish != nil || again.Pause == 0 {
		t.Errorf("the wish was followed twice: %+v", again)
	}
	b.Advance(2 * time.Minute)
	all, next := b.pass(t, end.Next)
	if !next.Filled[0].From.Equal(end.Filled[0].From) {
		t.Errorf("the next pass looked back to %v, it was stopped at %v", next.Filled[0].From, end.Filled[0].From)
	}
	if n := len(comments(refs(all, collectors.Listed))); n > 11 {
		t.Errorf("the next pass read the comments of %d posts", n)
	}
}

func TestStoppedBeforeItBeganNothingOldIsRead(t *testing.T) {
	t.Parallel()
	w := &wishing{}
	m := &memory{}
	b := setup(t, withWishes(w, m))
	b.hourly(10)
	w.ask(collectors.WishStop, 0)
	begun := b.Now()
	stopped := fetch(t, b.history, "")
	if stopped.Wish == nil || stopped.Wish.State != collectors.WishDone {
		t.Fatalf("%+v", stopped)
	}
	// What was missed since is read all the same.
	m.missed = begun.Add(-90 * time.Minute)
	all, end := b.pass(t, stopped.Next)
	if n := len(comments(refs(all, collectors.Listed))); n != 2 || !end.Filled[0].From.Equal(m.missed.Truncate(time.Microsecond)) {
		t.Errorf("comments of %d posts were read, %+v", n, end.Filled)
	}
}

func TestAPersonMayAskForMore(t *testing.T) {
	t.Parallel()
	w := &wishing{}
	b := setup(t, withWishes(w, &memory{}), func(_ *vk.LiveOptions, h *vk.HistoryOptions) {
		h.MaxPosts, h.Recent, h.Depth = 20, 18*time.Hour, 18*time.Hour
	})
	b.posts(300, 10*time.Minute)
	_, end := b.pass(t, "")
	if age := b.Now().Sub(end.Filled[0].From); age > 17*time.Hour {
		t.Fatalf("the bound of a pass is not kept: %v", age)
	}
	for _, x := range []struct {
		days  int
		hours time.Duration
		short bool
	}{{1, 24, false}, {30, 45, true}} {
		w.ask(collectors.WishRead, x.days)
		taken := fetch(t, b.history, end.Next)
		if taken.Wish == nil || *taken.Wish != (collectors.WishReply{Number: w.wish.Number, State: collectors.WishTaken}) || taken.Progress == "" {
			t.Fatalf("%+v", taken)
		}
		_, end = b.pass(t, taken.Next)
		age := b.Now().Sub(end.Filled[0].From)
		if age < x.hours*time.Hour || age > (x.hours+5)*time.Hour {
			t.Errorf("%d days: %v are known", x.days, age)
		}
		if r := end.Wish; r == nil || r.State != collectors.WishDone || r.Short != x.short || !r.KnownFrom.Equal(end.Filled[0].From) {
			t.Errorf("%d days: %+v", x.days, r)
		}
	}
	b.Advance(2 * time.Minute)
	before := b.Calls("wall.getComments")
	b.pass(t, end.Next)
	if n := b.Calls("wall.getComments") - before; n > 100 {
		t.Errorf("the wish was carried out again: %d calls", n)
	}
}

// A wish that was being followed when the reader was stopped is ended by it.
func TestAskingIsStopped(t *testing.T) {
	t.Parallel()
	w := &wishing{}
	b := setup(t, withWishes(w, &memory{}))
	b.hourly(80)
	_, end := b.pass(t, "")
	w.ask(collectors.WishRead, 3)
	at := fetch(t, b.history, end.Next).Next
	for range 20 {
		at = fetch(t, b.history, at).Next
	}
	w.ask(collectors.WishStop, 0)
	stopped := fetch(t, b.history, at)
	if stopped.Wish == nil || stopped.Wish.Number != 2 || stopped.Wish.KnownFrom.IsZero() {
		t.Fatalf("%+v", stopped)
	}
	b.Advance(2 * time.Minute)
	_, end = b.pass(t, stopped.Next)
	if end.Wish != nil || b.Now().Sub(end.Filled[0].From) > 49*time.Hour {
		t.Errorf("%+v %+v", end.Wish, end.Filled)
	}
}

// A pass reaches back to the beginning of what was missed, further than usual,
// and says so where its bound does not let it.
func TestAPassReachesBackToWhatWasMissed(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		bound int
		short bool
	}{{1000, false}, {60, true}} {
		m := &memory{}
		b := setup(t, withMemory(m), func(_ *vk.LiveOptions, h *vk.HistoryOptions) {
			h.MaxPosts, h.Recent, h.Depth = x.bound, 24*time.Hour, 24*time.Hour
		})
		b.hourly(130)
		_, end := b.pass(t, "")
		b.Advance(time.Second)
		m.missed = b.Now().Add(-110 * time.Hour).Truncate(time.Microsecond)
		all, end := b.pass(t, end.Next)
		filled := end.Filled[0].From
		if x.short {
			if len(end.Beyond) != 1 || !end.Beyond[0].From.Equal(m.missed) || !end.Beyond[0].To.Equal(filled) || !filled.After(m.missed) {
				t.Errorf("a bound of %d: filled %v, beyond %v", x.bound, end.Filled, end.Beyond)
			}
			continue
		}
		if n := len(comments(refs(all, collectors.Listed))); !filled.Equal(m.missed) || len(end.Beyond) > 0 || n < 110 {
			t.Errorf("filled %v, beyond %v, %d comments", end.Filled, end.Beyond, n)
		}
	}
}
