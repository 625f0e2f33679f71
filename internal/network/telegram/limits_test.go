package telegram

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"otklik/internal/delivery"
)

func TestCallsAreSpacedAndLongWaitsAreLeftToTheWorker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := NewLimits(time.Now)
		start := time.Now()
		for range perGroup {
			if f := l.wait(t.Context(), -100, 3*time.Second); f != nil {
				t.Fatal(f)
			}
		}
		if took := time.Since(start); took != (perGroup-1)*(time.Second+margin) {
			t.Errorf("20 messages to a group took %v", took)
		}
		f := l.wait(t.Context(), -100, 3*time.Second)
		if f == nil || f.Outcome != delivery.NotSent || f.RetryAfter != time.Minute+margin-(perGroup-1)*(time.Second+margin) {
			t.Fatalf("the 21st: %+v", f)
		}
		time.Sleep(f.RetryAfter)
		if f := l.wait(t.Context(), -100, 0); f != nil {
			t.Errorf("after the pause: %v", f)
		}
		if f := l.wait(t.Context(), -200, 0); f != nil {
			t.Errorf("another group had to wait: %v", f)
		}
	})
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := NewLimits(time.Now)
		if f := l.wait(t.Context(), -100, time.Second); f != nil {
			t.Fatal(f)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if f := l.wait(ctx, -100, 2*time.Second); f == nil || f.Code != "tg.interrupted" || f.Outcome != delivery.NotSent {
			t.Errorf("%+v", f)
		}
	})
}

func TestNoWindowEverHoldsMoreThanItsLimit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1_800_000_000, 0)
		l := NewLimits(func() time.Time { return now })
		type call struct {
			chat int64
			at   time.Time
		}
		var calls []call
		for range rapid.IntRange(1, 300).Draw(t, "calls") {
			now = now.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "pause")) * time.Millisecond)
			chat := int64(rapid.IntRange(-60, 3).Draw(t, "chat"))
			if delay, ok := l.book(chat, 5*time.Second); ok {
				calls = append(calls, call{chat, now.Add(delay)})
			}
		}
		most := func(span time.Duration, counts func(a, b call) bool) int {
			best := 0
			for _, a := range calls {
				n := 0
				for _, b := range calls {
					if counts(a, b) && !b.at.Before(a.at) && b.at.Sub(a.at) < span {
						n++
					}
				}
				best = max(best, n)
			}
			return best
		}
		all := func(call, call) bool { return true }
		same := func(a, b call) bool { return a.chat == b.chat }
		group := func(a, b call) bool { return a.chat == b.chat && a.chat < 0 }
		if n := most(time.Second, all); n > perSecond {
			t.Fatalf("%d calls of a token in a second", n)
		}
		if n := most(time.Second, same); n > perChat {
			t.Fatalf("%d calls to a chat in a second", n)
		}
		if n := most(time.Minute, group); n > perGroup {
			t.Fatalf("%d calls to a group in a minute", n)
		}
	})
}
