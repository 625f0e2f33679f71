package quota

import "time"

const (
	// Learning is how far back a source's activity is looked at.
	Learning = 28 * Day
	week     = 7 * 24
	// doubt is how many hours of observation the general figure weighs against
	// what was seen at one particular hour.
	doubt = 2.0
)

// Hour is how many items were published in one hour.
type Hour struct {
	Start time.Time // a full hour
	Items int
}

// Profile is how many items an hour a source is expected to bring, by the hour
// of the week, which begins on Monday at 00:00 UTC. Weeks repeat in every zone
// alike, so no zone is needed.
type Profile [week]float64

// At is what is expected at a moment.
func (p *Profile) At(t time.Time) float64 { return p[hourOfWeek(t)] }

func hourOfWeek(t time.Time) int {
	t = t.UTC()
	return (int(t.Weekday())+6)%7*24 + t.Hour()
}

// Learn makes a profile of what was published between from and to. Where little
// was seen of an hour of the week, the same hour of other days speaks, then the
// whole span; hours side by side are smoothed.
func Learn(hours []Hour, from, to time.Time) Profile {
	var seen, items Profile
	var day, dayItems [24]float64
	var all, allItems float64
	for t := from.Truncate(time.Hour); t.Before(to); t = t.Add(time.Hour) {
		seen[hourOfWeek(t)]++
		day[t.UTC().Hour()]++
		all++
	}
	for _, h := range hours {
		if h.Start.Before(from.Truncate(time.Hour)) || !h.Start.Before(to) {
			continue
		}
		n := float64(h.Items)
		items[hourOfWeek(h.Start)] += n
		dayItems[h.Start.UTC().Hour()] += n
		allItems += n
	}
	general := allItems / max(all, 1)
	var raw Profile
	for i := range raw {
		hour := (dayItems[i%24] + doubt*general) / (day[i%24] + doubt)
		raw[i] = (items[i] + doubt*hour) / (seen[i] + doubt)
	}
	var out Profile
	for i := range out {
		out[i] = raw[(i+week-1)%week]/4 + raw[i]/2 + raw[(i+1)%week]/4
	}
	return out
}
