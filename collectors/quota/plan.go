package quota

import (
	"math"
	"time"
)

const (
	// share is the part of the plan that is handed out evenly, so that a source
	// on which nothing happens is asked at least a fifth as often as it would be
	// without any plan.
	share = 0.2
	// silence is the activity, in items an hour, below which sources are alike.
	silence = 0.02
	steps   = int(Day / Slot)
)

// Member is one of the streams that share a key.
type Member struct {
	Stream  string
	Profile Profile
}

// Plan says how often each member may call in the next day.
type Plan struct {
	now   time.Time
	rates map[string][]float64 // calls in each of the slots that follow
}

// NewPlan hands out what is left of the day. A part of it goes to all alike; the
// rest by the square root of the activity, with which items are seen soonest on
// the whole. The pace is such that, with what was called before and still
// counts, no span of a day from now on holds more than planned.
func NewPlan(l Limit, uses []Use, members []Member, now time.Time) Plan {
	p := Plan{now: now, rates: map[string][]float64{}}
	if len(members) == 0 {
		return p
	}
	before := stillCounted(uses, now)
	alike, planned := make([]float64, steps), make([]float64, steps)
	for i := range alike {
		alike[i] = 1 / float64(steps)
	}
	total := 0.0
	for _, m := range members {
		row := make([]float64, steps)
		for i := range row {
			row[i] = math.Sqrt(m.Profile.At(now.Add(time.Duration(i)*Slot)) + silence)
			planned[i] += row[i]
			total += row[i]
		}
		p.rates[m.Stream] = row
	}
	even := min(share*float64(l.Planned()), paceOf(float64(l.Calls-l.Clicks), before, nil, alike))
	for i := range planned {
		planned[i] /= total
		alike[i] *= even
	}
	pace := paceOf(float64(l.Planned()), before, alike, planned)
	for _, row := range p.rates {
		for i := range row {
			row[i] = row[i]/total*pace + alike[i]/float64(len(members))
		}
	}
	return p
}

// stillCounted is how many of the calls made count at the beginning of each slot.
func stillCounted(uses []Use, now time.Time) []float64 {
	out := make([]float64, steps)
	for _, u := range uses {
		// The last slot at whose beginning the use still counts takes its calls in,
		// and the sum below carries them to all before.
		if left := u.Slot.Sub(Since(now)); left > 0 {
			out[min(int((left-1)/Slot), steps-1)] += float64(u.Calls)
		}
	}
	for i := steps - 2; i >= 0; i-- {
		out[i] += out[i+1]
	}
	return out
}

// paceOf is how many calls may be spread as planned, so that at the end of every
// slot to come all calls that count then fit the room: those made before, those
// taken, and those planned.
func paceOf(room float64, before, taken, planned []float64) float64 {
	pace, sum, gone := math.Inf(1), 0.0, 0.0
	for i := range planned {
		if sum += planned[i]; taken != nil {
			gone += taken[i]
		}
		pace = min(pace, max(room-before[i]-gone, 0)/sum)
	}
	return pace
}

// Wait is how long a stream waits from the plan's moment until its next pass, of
// which the last one began at last and made that many calls. It looks no further
// than a day.
func (p Plan) Wait(stream string, last time.Time, calls int) time.Duration {
	row := p.rates[stream]
	if len(row) == 0 {
		return Day
	}
	perSlot := float64(Slot)
	left := float64(max(calls, 1)) - row[0]*float64(max(p.now.Sub(last), 0))/perSlot
	if left <= 0 && row[0] > 0 {
		return 0
	}
	begun := max(last.Sub(p.now), 0) // what was saved up before a pass is not its own
	for i, rate := range row {
		from, to := max(time.Duration(i)*Slot, begun), time.Duration(i+1)*Slot
		if from >= to {
			continue
		}
		gives := rate * float64(to-from) / perSlot
		if rate > 0 && left <= gives {
			return from + time.Duration(left/rate*perSlot)
		}
		left -= gives
	}
	return Day
}
