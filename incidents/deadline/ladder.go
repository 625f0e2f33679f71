package deadline

import (
	"cmp"
	"slices"
	"time"

	"otklik/internal/errs"
)

// Whom says who is told of a deadline.
type Whom string

const (
	ToExecutor    Whom = "executor"
	ToCoordinator Whom = "coordinator"
	ToHead        Whom = "head"
	ToCurator     Whom = "curator"
)

// Rung is one step of the escalation ladder: when a share of the term has
// passed, somebody is told. 100 is the deadline; above 100 the case is overdue.
type Rung struct {
	Percent int  `json:"percent"`
	To      Whom `json:"to"`
}

// mostPercent bounds a rung: four terms after the deadline nobody waits for a notice.
const mostPercent = 500

// DefaultLadder tells the executor when half of the term is left and when a
// fifth is, then those above, each later than the one below.
func DefaultLadder() []Rung {
	return []Rung{{50, ToExecutor}, {80, ToExecutor}, {90, ToCoordinator}, {100, ToHead}, {150, ToCurator}}
}

func checkLadder(l []Rung) error {
	for _, r := range l {
		if r.Percent < 1 || r.Percent > mostPercent {
			return errs.New(errs.Invalid, "Ступень напоминаний — от 1 до 500 % срока.")
		}
		if !slices.Contains([]Whom{ToExecutor, ToCoordinator, ToHead, ToCurator}, r.To) {
			return errs.New(errs.Invalid, "Напоминание получает исполнитель, координатор, руководитель или куратор.")
		}
	}
	return nil
}

// Notice is a rung at the moment at which it is reached.
type Notice struct {
	Rung
	At time.Time
}

// Notices are the moments of the rungs of one deadline, in the order of time.
// Shares are of working time where the term is counted in it, and otherwise of
// time by the clock; a notice that would come at night comes when work begins.
func (p Policy) Notices(s *Schedule, d Due) []Notice {
	if d.At.IsZero() || d.From.IsZero() {
		return nil
	}
	rungs := slices.Clone(p.Ladder)
	slices.SortStableFunc(rungs, func(a, b Rung) int { return cmp.Compare(a.Percent, b.Percent) })
	list := make([]Notice, len(rungs))
	for i, r := range rungs {
		list[i] = Notice{r, s.share(d, r.Percent)}
	}
	return list
}

func (s *Schedule) share(d Due, percent int) time.Time {
	whole := s.Between(d.From, d.At)
	if percent == 100 {
		return d.At
	}
	if d.Term.Unit == Hour || whole <= 0 {
		return d.From.Add(d.At.Sub(d.From) * time.Duration(percent) / 100)
	}
	if percent > 100 {
		return s.After(d.At, whole*time.Duration(percent-100)/100)
	}
	return s.After(d.From, whole*time.Duration(percent)/100)
}

// Clock is what a card shows of one deadline.
type Clock struct {
	Due
	// Left is the time by the clock until the deadline, Work the working time of
	// it; both are negative when it has passed.
	Left, Work time.Duration
	Overdue    bool
}

// Clock reads a deadline at a moment.
func (s *Schedule) Clock(d Due, now time.Time) Clock {
	c := Clock{Due: d}
	if !d.At.IsZero() {
		c.Left, c.Work, c.Overdue = d.At.Sub(now), s.Between(now, d.At), now.After(d.At)
	}
	return c
}
