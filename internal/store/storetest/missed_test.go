package storetest

import (
	"testing"
	"time"

	"otklik/collectors"
)

// A gap that a pass could not reach must not call for one pass after another.
func TestAGapIsMissedUntilAPassBeganAfterIt(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		begins, ends := b.now.Add(-72*time.Hour), b.now
		b.batch(collectors.Batch{Next: "1", Gaps: []collectors.Gap{{From: begins, To: ends, Reason: "забыто"}}})
		b.batch(collectors.Batch{Next: "2", Filled: []collectors.Gap{{From: ends.Add(-48 * time.Hour), To: ends.Add(time.Minute)}}})
		for since, want := range map[time.Time]time.Time{{}: begins, ends.Add(-time.Second): begins, ends: {}, ends.Add(time.Minute): {}} {
			if got, err := b.s.Missed(b.ctx, b.source, since); err != nil || !got.Equal(want) {
				t.Errorf("since %s: %v %v, want %v", since, got, err, want)
			}
		}
	})
}
