package wake

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestABellHoldsOneRing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := New()
		b.Ring()
		b.Ring()
		began := time.Now()
		for range 2 {
			if err := b.Sleep(t.Context(), time.Minute); err != nil {
				t.Fatal(err)
			}
		}
		if slept := time.Since(began); slept != time.Minute {
			t.Errorf("slept %s: the first ring wakes at once, the second was the same one", slept)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.Sleep(ctx, time.Hour); err == nil || time.Since(began) != time.Minute+time.Second {
			t.Errorf("a sleeper outlived its context: %v", err)
		}
	})
}
