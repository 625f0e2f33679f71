package telegram

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"otklik/internal/delivery"
)

func TestCallsAreSpacedAndLongWaitsAreLeftToTheWorker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := NewLimits(time.Now)
		start := time.Now()
		for range 20 {
			if f := l.wait(t.Context(), -100, 1, 3*time.Second); f != nil {
				t.Fatal(f)
			}
		}
		if took := time.Since(start); took < 19*time.Second || took > 20*time.Second {
			t.Errorf("20 messages to a group took %v", took)
		}
		f := l.wait(t.Context(), -100, 1, 3*time.Second)
		if f == nil || f.Outcome != delivery.NotSent || f.RetryAfter < 40*time.Second || f.RetryAfter > 41*time.Second {
			t.Fatalf("the 21st: %+v", f)
		}
		time.Sleep(f.RetryAfter)
		if f := l.wait(t.Context(), -100, 1, 0); f != nil {
			t.Errorf("after the pause: %v", f)
		}
		if f := l.wait(t.Context(), -200, 10, time.Second); f != nil {
			t.Errorf("another group had to wait: %v", f)
		}
		if f := l.wait(t.Context(), -200, 1, 5*time.Second); f == nil || f.RetryAfter < 10*time.Second {
			t.Errorf("after an album of ten: %+v", f)
		}
	})
}

// 500 posts over 100 channels, in the worst order of arrival: the network's own
// windows hold, and all are out within an eighth more time than they ask for.
func TestFiveHundredPostsOverAHundredChannels(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, start := NewLimits(time.Now), time.Now()
		var mu sync.Mutex
		var all sync.WaitGroup
		var passed []time.Duration
		of := map[int64][]time.Duration{}
		for n := range int64(500) {
			chat := -1 - n/5
			all.Go(func() {
				if f := l.wait(t.Context(), chat, 1, time.Hour); f != nil {
					t.Error(f)
				}
				mu.Lock()
				defer mu.Unlock()
				passed = append(passed, time.Since(start))
				of[chat] = append(of[chat], time.Since(start))
			})
			synctest.Wait()
		}
		all.Wait()
		const bound = (500+perSecond-1)/perSecond*time.Second - time.Second
		for i := perSecond; i < len(passed); i++ {
			if passed[i]-passed[i-perSecond] <= time.Second {
				t.Fatalf("more than %d within %v", perSecond, passed[i]-passed[i-perSecond])
			}
		}
		if last := passed[len(passed)-1]; last < bound || last > bound*9/8 {
			t.Errorf("the last left after %v, the bound is %v", last, bound)
		}
		for chat, at := range of {
			if len(at) != 5 || at[0] > 5*time.Second || at[4]-at[0] <= 4*time.Second {
				t.Errorf("chat %d: %v", chat, at)
			}
		}
	})
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := NewLimits(time.Now)
		if f := l.wait(t.Context(), -100, 1, time.Second); f != nil {
			t.Fatal(f)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if f := l.wait(ctx, -100, 1, 2*time.Second); f == nil || f.Code != "tg.interrupted" || f.Outcome != delivery.NotSent {
			t.Errorf("%+v", f)
		}
	})
}
