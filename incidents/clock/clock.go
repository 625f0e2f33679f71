// Package clock reads the history of a case as deadlines: which moments its
// terms run from, what stops them, and which of them have been kept. It stores
// nothing, so that what is kept beside a case can always be made anew from its
// history.
package clock

import (
	"strconv"
	"time"

	"otklik/incidents"
	"otklik/incidents/deadline"
)

// Reading is what a history says about the deadlines of a case.
type Reading struct {
	Facts deadline.Facts
	// Hours is the time that the fact of the rubricator allows, 0 where none does.
	Hours int
	// Done is when each step was carried out, without an entry while it was not.
	Done map[deadline.Step]time.Time
}

// Row is one deadline of a case.
type Row struct {
	deadline.Due
	DoneAt time.Time // zero while it is open
}

// Open says that the step has not been carried out.
func (r Row) Open() bool { return r.DoneAt.IsZero() }

// Read folds the history of a case. The history begins with the event that
// opened the case.
func Read(c incidents.Case, history []incidents.Event) Reading {
	r := Reading{Done: map[deadline.Step]time.Time{}}
	r.Facts.Published, r.Facts.Fast, r.Facts.Raised = c.Message.PublishedAt, c.Fast, c.Timing.Raised || c.Importance > 0
	for i, ev := range history {
		if i == 0 {
			r.Facts.Found = ev.At
			if since, err := time.Parse(time.RFC3339, ev.Data["since"]); err == nil {
				r.Facts.Found = since // it was taken out of another card
			}
			continue
		}
		r.take(ev)
	}
	if c.Stage == incidents.Done {
		for _, s := range deadline.Steps() {
			r.done(s, c.ClosedAt)
		}
		r.resume("", c.ClosedAt)
	}
	return r
}

func (r *Reading) take(ev incidents.Event) {
	f := &r.Facts
	switch ev.Kind {
	case incidents.EventAccepted:
		f.Accepted = first(f.Accepted, ev.At)
	case incidents.EventAssigned:
		f.Accepted, f.Assigned = first(f.Accepted, ev.At), first(f.Assigned, ev.At)
	case incidents.EventClassified:
		// What is no number stands for no hours.
		r.Hours, _ = strconv.Atoi(ev.Data["hours"])
	case incidents.EventRepeated:
		r.anew(ev.At)
	case incidents.EventSubmitted, incidents.EventInterim:
		r.done(deadline.Draft, ev.At)
	case incidents.EventApproved:
		r.resume("", ev.At)
	case incidents.EventPublished, incidents.EventByHand:
		r.answered(ev)
	case incidents.EventWaits:
		r.resume("", ev.At)
		f.Waits = append(f.Waits, deadline.Wait{Reason: deadline.Reason(ev.Data["for"]), Pause: deadline.Pause{From: ev.At}})
	case incidents.EventResumed:
		r.resume("", ev.At)
	case incidents.EventAttached:
		r.resume(deadline.WaitAuthor, ev.At)
	}
}

// answered is an answer that stands in the thread.
func (r *Reading) answered(ev incidents.Event) {
	r.done(deadline.First, ev.At)
	if promised, err := time.Parse(time.RFC3339, ev.Data["promise"]); err == nil {
		// An interim answer does not end the matter, it names a control date.
		r.Facts.Interim, r.Facts.Promised = ev.At, promised
		return
	}
	r.done(deadline.Draft, ev.At)
	r.done(deadline.Final, ev.At)
}

// anew begins the clocks once more: the citizen is not content.
func (r *Reading) anew(at time.Time) {
	f := &r.Facts
	f.Published, f.Found, f.Accepted, f.Assigned = time.Time{}, at, at, time.Time{}
	f.Interim, f.Promised, f.Waits = time.Time{}, time.Time{}, nil
	r.Done = map[deadline.Step]time.Time{}
}

func (r *Reading) done(s deadline.Step, at time.Time) {
	if _, ok := r.Done[s]; !ok {
		r.Done[s] = at
	}
}

// resume ends the wait that is open, of one reason or, with "", of any.
func (r *Reading) resume(reason deadline.Reason, at time.Time) {
	n := len(r.Facts.Waits)
	if n == 0 {
		return
	}
	if w := &r.Facts.Waits[n-1]; w.To.IsZero() && (reason == "" || w.Reason == reason) {
		w.To = at
	}
}

func first(known, at time.Time) time.Time {
	if known.IsZero() {
		return at
	}
	return known
}

// Rows are the deadlines of a case by a policy, in the order of the steps.
func (r Reading) Rows(p deadline.Policy, s *deadline.Schedule) []Row {
	var rows []Row
	for _, d := range p.Deadlines(s, r.Facts) {
		rows = append(rows, Row{Due: d, DoneAt: r.Done[d.Step]})
	}
	return rows
}

// Next is the open deadline that ends first. The second result is false when
// none is open or every clock stands still.
func Next(rows []Row) (Row, bool) {
	var next Row
	for _, r := range rows {
		if r.Open() && !r.At.IsZero() && (next.At.IsZero() || r.At.Before(next.At)) {
			next = r
		}
	}
	return next, !next.At.IsZero()
}

// Rung is a rung of the ladder with the moment at which it is reached.
type Rung = deadline.Notice

// Ladder are the rungs of a deadline. Somebody is always told that it has
// passed, whatever the policy says.
func Ladder(p deadline.Policy, s *deadline.Schedule, d deadline.Due) []Rung {
	told := false
	for _, r := range p.Ladder {
		told = told || r.Percent >= 100
	}
	if !told {
		p.Ladder = append(append([]deadline.Rung{}, p.Ladder...), deadline.Rung{Percent: 100, To: deadline.ToHead})
	}
	return p.Notices(s, d)
}

// Reached splits the rungs at a moment: those that are reached, and when the
// next one will be, zero if none is left.
func Reached(ladder []Rung, now time.Time) (reached []Rung, next time.Time) {
	for i, r := range ladder {
		if r.At.After(now) {
			return ladder[:i], r.At
		}
	}
	return ladder, time.Time{}
}

// Default is the policy of a topic for which nobody has set deadlines: one
// answer within so many hours by the clock.
func Default(hours int) deadline.Policy {
	term := deadline.Term{N: hours, Unit: deadline.Hour}
	return deadline.Policy{
		Name:    "Срок темы: " + term.String(),
		Rules:   map[deadline.Step]deadline.Rule{deadline.Final: {Start: deadline.FromFound, Normal: term}},
		PauseOn: []deadline.Reason{deadline.WaitAuthor}, Ladder: deadline.DefaultLadder(),
	}
}
