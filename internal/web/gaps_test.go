package web

import (
	"testing"
	"time"

	"otklik/collectors"
)

func TestGapsOfTheSameMinuteAreOne(t *testing.T) {
	t.Parallel()
	at := func(minute, second int) time.Time { return time.Date(2026, 11, 23, 12, minute, second, 0, time.UTC) }
	gap := func(from, to time.Time) collectors.SourceGap {
		return collectors.SourceGap{From: from, To: to, Reason: "Сеть молчала."}
	}
	filled := gap(at(3, 40), at(3, 50))
	filled.FilledAt = at(9, 0)
	lost := gap(at(5, 10), at(5, 20))
	lost.Hopeless = true
	got := joined([]collectors.SourceGap{
		gap(at(1, 5), at(1, 20)), gap(at(1, 30), at(2, 10)), gap(at(2, 11), at(2, 40)), // one
		gap(at(3, 0), at(3, 30)), filled, // another end
		gap(at(5, 0), at(5, 5)), lost, // and another
		gap(at(7, 0), at(8, 0)), gap(at(7, 10), at(7, 20)), // one lies in the other
	})
	want := []collectors.SourceGap{gap(at(1, 5), at(2, 40)), gap(at(3, 0), at(3, 30)), filled, gap(at(5, 0), at(5, 5)), lost, gap(at(7, 0), at(8, 0))}
	if len(got) != len(want) {
		t.Fatalf("%d gaps: %+v", len(got), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("gap %d is %+v, want %+v", i, got[i], want[i])
		}
	}
}
