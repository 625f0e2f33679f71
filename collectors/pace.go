package collectors

import "time"

// Pace is how much is written on a source, by the moments of writing.
type Pace struct {
	// Newest is when the newest stored item was written, never later than now;
	// zero while there is none.
	Newest time.Time
	// Hours are the last 24 whole hours and the present one, oldest first.
	Hours []PaceHour
}

// PaceHour is one hour of a source.
type PaceHour struct {
	Start time.Time
	Items int
	// Usual is how many items this hour of the week brings: the mean of the same
	// hour in up to four earlier weeks that were read. Weeks is how many those
	// are; where it is 0, nothing is known.
	Usual float64
	Weeks int
}

// Now is the present hour; the zero hour where nothing is known.
func (p Pace) Now() PaceHour {
	if len(p.Hours) == 0 {
		return PaceHour{}
	}
	return p.Hours[len(p.Hours)-1]
}

// Expected is how many items are usually written between two moments of the
// last day. It is false where an hour between them has no usual.
func (p Pace) Expected(from, to time.Time) (float64, bool) {
	var sum float64
	known := len(p.Hours) > 0 && !from.Before(p.Hours[0].Start)
	for _, h := range p.Hours {
		begin, end := h.Start, h.Start.Add(time.Hour)
		if begin.Before(from) {
			begin = from
		}
		if end.After(to) {
			end = to
		}
		if span := end.Sub(begin); span > 0 {
			known = known && h.Weeks > 0
			sum += h.Usual * span.Hours()
		}
	}
	return sum, known
}
