package publisher

import (
	"time"

	"otklik/internal/workcal"
)

// slotLayout is how a local time is written as the key of an occurrence.
const slotLayout = "2006-01-02T15:04"

// wall is a local time as a clock on the wall shows it, kept as if it were UTC:
// rules fire on it, so that no change of a zone disturbs them.
func wall(d workcal.Date, hour, minute int) time.Time {
	return time.Date(d.Year, d.Month, d.Day, hour, minute, 0, 0, time.UTC)
}

// instant is the moment at which the wall clock of a zone shows a time. A time
// that is skipped becomes the moment of the jump; of a time that comes twice
// the first is meant. The clock of a zone jumps at most once in two days.
func instant(w time.Time, zone *time.Location) time.Time {
	const around = 26 * time.Hour
	before, after := offset(w.Add(-around), zone), offset(w.Add(around), zone)
	first, second := w.Add(-before).In(zone), w.Add(-after).In(zone)
	if second.Before(first) {
		first, second = second, first
	}
	switch {
	case shows(first, w):
		return first
	case shows(second, w):
		return second
	}
	jump, _ := second.ZoneBounds()
	return jump.In(zone)
}

func offset(t time.Time, zone *time.Location) time.Duration {
	_, seconds := t.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

func shows(t, w time.Time) bool {
	_, seconds := t.Zone()
	return t.UTC().Add(time.Duration(seconds) * time.Second).Equal(w)
}
