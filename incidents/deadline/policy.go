package deadline

import (
	"slices"
	"time"

	"otklik/internal/errs"
)

// Step is what has to be done by a deadline.
type Step string

const (
	First Step = "first" // первый ответ или отклик
	Draft Step = "draft" // проект ответа на утверждении
	Final Step = "final" // окончательный ответ
)

// Steps lists the steps in the order in which they come.
func Steps() []Step { return []Step{First, Draft, Final} }

// Title is the step's name as people read it.
func (s Step) Title() string {
	switch s {
	case First:
		return "Первый ответ"
	case Draft:
		return "Проект ответа"
	case Final:
		return "Окончательный ответ"
	}
	return ""
}

// Start is the event from which a term runs.
type Start string

const (
	FromPublished Start = "published" // the citizen wrote it in the network
	FromFound     Start = "found"     // the program stored it
	FromAccepted  Start = "accepted"  // a moderator took it in
	FromAssigned  Start = "assigned"  // a coordinator handed it out
)

// Starts lists the events in the order in which they come.
func Starts() []Start { return []Start{FromPublished, FromFound, FromAccepted, FromAssigned} }

// Title is the event as people read it: a term is counted «с …».
func (s Start) Title() string {
	switch s {
	case FromPublished:
		return "с публикации в сети"
	case FromFound:
		return "с обнаружения"
	case FromAccepted:
		return "с приёма модератором"
	case FromAssigned:
		return "с назначения исполнителю"
	}
	return ""
}

// Rule is how one step is timed.
type Rule struct {
	Start  Start `json:"start"`
	Normal Term  `json:"normal"`
	// Raised is for cases of raised importance, Fast for the fast track; without
	// them Normal holds. Where a case is both, the earlier moment counts.
	Raised Term `json:"raised,omitzero"`
	Fast   Term `json:"fast,omitzero"`
}

// Policy is the deadlines of an organisation. It is data: an administrator
// changes it, and a case keeps the one it was opened under.
type Policy struct {
	Name  string        `json:"name"`
	Rules map[Step]Rule `json:"rules"`
	// AfterInterim is by when the final answer is due once an interim answer has
	// gone out that promises no date; counted from that answer.
	AfterInterim Term `json:"after_interim,omitzero"`
	// Longest bounds a promised date, from the case's opening; zero sets no bound.
	Longest Term `json:"longest,omitzero"`
	// PauseOn names the kinds of waiting that stop the clock.
	PauseOn []Reason `json:"pause_on,omitempty"`
	Ladder  []Rung   `json:"ladder,omitempty"`
}

// Reason is why a case waits for somebody outside.
type Reason string

const (
	WaitAuthor Reason = "author" // the citizen was asked for details
	WaitOther  Reason = "other"  // another organisation was asked
)

// Check says what is wrong with a policy. Errors: errs.Invalid.
func (p Policy) Check() error {
	if _, ok := p.Rules[Final]; !ok {
		return errs.New(errs.Invalid, "Укажите срок окончательного ответа.")
	}
	for step, r := range p.Rules {
		if !slices.Contains(Steps(), step) || !slices.Contains(Starts(), r.Start) {
			return errs.New(errs.Invalid, "Такого шага или начала срока нет.")
		}
		if r.Normal.None() {
			return errs.New(errs.Invalid, "Шаг «"+step.Title()+"»: срок должен быть больше нуля.")
		}
		for _, t := range []Term{r.Normal, r.Raised, r.Fast} {
			if !t.None() {
				if err := t.Check(); err != nil {
					return err
				}
			}
		}
	}
	return checkLadder(p.Ladder)
}

// Facts are what the deadlines of a case go by.
type Facts struct {
	Published, Found, Accepted, Assigned time.Time
	Fast, Raised                         bool
	// Interim is when an interim answer went out, Promised the date it named.
	Interim, Promised time.Time
	Waits             []Wait
}

// Wait is a time in which the case waited for somebody.
type Wait struct {
	Reason Reason
	Pause
}

// Due is one deadline of a case.
type Due struct {
	Step Step
	// From is when its clock began, At when it ends. At is zero while the clock
	// stands still, both are zero while it has not begun.
	From, At time.Time
	Term     Term
	// Promised says that the date is the one that an interim answer named.
	Promised bool
	Paused   bool
}

// Deadlines are all deadlines of a case, in the order of Steps.
func (p Policy) Deadlines(s *Schedule, f Facts) []Due {
	var list []Due
	for _, step := range Steps() {
		if r, ok := p.Rules[step]; ok {
			list = append(list, p.due(s, step, r, f))
		}
	}
	return list
}

func (p Policy) due(s *Schedule, step Step, r Rule, f Facts) Due {
	d := Due{Step: step, From: f.begin(r.Start), Term: r.Normal}
	if step == Final && !f.Interim.IsZero() {
		switch {
		case !f.Promised.IsZero():
			return Due{Step: step, From: f.Interim, At: f.Promised, Promised: true}
		case !p.AfterInterim.None():
			d.From, d.Term = f.Interim, p.AfterInterim
			return p.end(s, d, f)
		}
	}
	if d.From.IsZero() {
		return d
	}
	best := p.end(s, d, f)
	for _, other := range r.quicker(f) {
		d.Term = other
		if x := p.end(s, d, f); x.At.Before(best.At) {
			best = x
		}
	}
	return best
}

func (r Rule) quicker(f Facts) []Term {
	var list []Term
	if f.Raised && !r.Raised.None() {
		list = append(list, r.Raised)
	}
	if f.Fast && !r.Fast.None() {
		list = append(list, r.Fast)
	}
	return list
}

func (p Policy) end(s *Schedule, d Due, f Facts) Due {
	var pauses []Pause
	for _, w := range f.Waits {
		if slices.Contains(p.PauseOn, w.Reason) {
			pauses = append(pauses, w.Pause)
		}
	}
	d.At = s.EndWith(d.From, d.Term, pauses)
	d.Paused = d.At.IsZero()
	return d
}

// begin is when the event took place. What was missed is taken to be at the
// next event before it that is known, so that a clock never fails to run.
func (f Facts) begin(s Start) time.Time {
	switch s {
	case FromPublished:
		if !f.Published.IsZero() {
			return f.Published
		}
		return f.Found
	case FromAccepted:
		return f.Accepted
	case FromAssigned:
		return f.Assigned
	}
	return f.Found
}

// Promise checks a date that an interim answer is to name: a working moment
// ahead, within the longest term. It returns the end of work on that day, which
// is the control date. Errors: errs.Invalid.
func (p Policy) Promise(s *Schedule, opened, day, now time.Time) (time.Time, error) {
	at := s.Day(day, 0, true)
	switch {
	case !at.After(now):
		return time.Time{}, errs.New(errs.Invalid, "Обещанная дата уже прошла: укажите день впереди.")
	case !s.WorkingDay(day):
		return time.Time{}, errs.New(errs.Invalid, "Обещанный день — нерабочий. Ближайший рабочий день: "+at.In(s.zone).Format("02.01.2006")+".")
	case !p.Longest.None() && at.After(s.End(opened, p.Longest)):
		return time.Time{}, errs.New(errs.Invalid, "Обещать можно не позже "+s.End(opened, p.Longest).In(s.zone).Format("02.01.2006")+": таков предельный срок.")
	}
	return at, nil
}
