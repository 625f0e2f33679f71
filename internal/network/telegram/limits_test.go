package telegram

import (
	"context"
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
		if f := l.wait(t.Context(), -200, 10, 0); f != nil {
			t.Errorf("another group had to wait: %v", f)
		}
		if f := l.wait(t.Context(), -200, 1, 5*time.Second); f == nil || f.RetryAfter < 10*time.Second {
			t.Errorf("after an album of ten: %+v", f)
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
