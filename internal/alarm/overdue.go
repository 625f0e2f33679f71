package alarm

import (
	"math/bits"
	"time"
)

// From when an overdue step is bad: the worker that tells people looks every
// half a minute, so five minutes of silence mean that it does not work, or that
// there is nobody to tell.
const (
	unheardBad, unheardCalm = 5 * time.Minute, time.Minute
	overdueBad              = day
)

// overdue tells of the cases of one step once, and again whenever they have
// doubled.
func overdue(o Overdue, now time.Time) []Finding {
	var list []Finding
	if o.Untold > 0 && now.Sub(o.Unheard) >= unheardCalm {
		l := uneasy
		if now.Sub(o.Unheard) >= unheardBad {
			l = bad
		}
		list = append(list, Finding{
			Kind: DeadlineLost, Subject: o.Step, Grade: Grave, Mark: doublings(o.Untold), level: l,
			Detail: Detail{Name: o.Step, Count: int64(o.Untold), Since: o.Unheard},
		})
	}
	if o.Count > 0 {
		l := uneasy
		if now.Sub(o.Oldest) >= overdueBad {
			l = bad
		}
		list = append(list, Finding{
			Kind: DeadlineLong, Subject: o.Step, Grade: Warning, Mark: doublings(o.Count), level: l,
			Detail: Detail{Name: o.Step, Count: int64(o.Count), Since: o.Oldest},
		})
	}
	return list
}

func doublings(n int) int64 { return int64(bits.Len(uint(max(n, 0)))) }

func calendar(trouble string) []Finding {
	if trouble == "" {
		return nil
	}
	return []Finding{{Kind: CalendarEnds, Grade: Warning, Mark: 1, level: bad, Detail: Detail{Trouble: trouble}}}
}
