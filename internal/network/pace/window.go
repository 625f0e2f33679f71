package pace

import (
	"slices"
	"time"
)

// windows are the limits that apply to the same calls.
type windows []window

// window is the moments at which calls were booked under one limit, in order.
type window struct {
	limit Limit
	at    []time.Time
}

func newWindows(limits []Limit) windows {
	out := make(windows, 0, len(limits))
	for _, l := range limits {
		out = append(out, window{limit: l})
	}
	return out
}

func (ws windows) copy() windows {
	out := slices.Clone(ws)
	for i := range out {
		out[i].at = slices.Clone(out[i].at)
	}
	return out
}

// free is the first moment from now on at which every window has room.
func (ws windows) free(now time.Time, calls int) time.Time {
	at := now
	for i := range ws {
		at = latest(at, ws[i].free(now, calls))
	}
	return at
}

func (ws windows) book(at time.Time, calls int) {
	for i := range ws {
		ws[i].book(at, calls)
	}
}

func (ws windows) empty(now time.Time) bool {
	for i := range ws {
		if ws[i].forget(now); len(ws[i].at) > 0 {
			return false
		}
	}
	return true
}

// free is the first moment with room for the calls. More calls than the limit
// allows, as of an album, need the whole window.
func (w *window) free(now time.Time, calls int) time.Time {
	w.forget(now)
	missing := len(w.at) + min(calls, w.limit.Calls) - w.limit.Calls
	if missing <= 0 {
		return now
	}
	return latest(now, w.at[missing-1].Add(w.limit.Per))
}

// book notes calls. What exceeds the limit, though it leaves at once, is noted
// for the spans after this one, so that the rate is kept on the average.
func (w *window) book(at time.Time, calls int) {
	for i := range calls {
		w.at = append(w.at, at.Add(time.Duration(i/w.limit.Calls)*w.limit.Per))
	}
}

// forget drops what is older than the span.
func (w *window) forget(now time.Time) {
	old := 0
	for old < len(w.at) && now.Sub(w.at[old]) >= w.limit.Per {
		old++
	}
	w.at = w.at[old:]
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
