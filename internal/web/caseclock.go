package web

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"otklik/incidents"
	"otklik/incidents/clock"
	terms "otklik/incidents/deadline"
	"otklik/internal/rights"
)

// caseClock is what the page of a case shows of its deadlines.
type caseClock struct {
	Step   string // what is due next, "" for nothing
	Work   string // «осталось 3 ч 20 мин»
	Class  string
	Stands string // why every clock stands still
	Steps  []stepClock
	Fast   bool
	Raised bool
	Wait   string
}

// stepClock is one deadline in the list of all.
type stepClock struct {
	Title string
	State string
	Class string
	At    stamp
	Hint  string
}

// workSpan is a length of working time: «28 мин», «3 ч 20 мин», «41 ч».
func workSpan(d time.Duration) string {
	h, m := int(d.Hours()), int(d.Minutes())%60
	switch {
	case h == 0:
		return fmt.Sprintf("%d\u00a0мин", m)
	case m == 0:
		return fmt.Sprintf("%d\u00a0ч", h)
	}
	return fmt.Sprintf("%d\u00a0ч %02d\u00a0мин", h, m)
}

// workLeft says how much working time is left, or for how long it is overdue.
func workLeft(s *terms.Schedule, due, now time.Time) string {
	c := s.Clock(terms.Due{At: due}, now)
	switch {
	case c.Overdue:
		return "просрочено на " + workSpan(-c.Work)
	case c.Work == 0:
		return "рабочего времени не осталось"
	}
	return "осталось " + workSpan(c.Work)
}

func stands(t incidents.Timing) string {
	if t.Wait == "" {
		return ""
	}
	return "часы стоят: " + t.Wait.Title()
}

func (s *server) caseClock(ctx context.Context, c incidents.Case, now time.Time) (caseClock, error) {
	k := caseClock{Fast: c.Fast, Raised: c.Timing.Raised || c.Importance > 0, Wait: string(c.Timing.Wait)}
	rows, err := s.Timing.Clocks.CaseDeadlines(ctx, c.ID)
	if err != nil {
		return k, err
	}
	schedule, err := s.Timing.Clocks.Schedule(ctx, c.Whose.OrganisationID)
	if err != nil {
		return k, err
	}
	for _, r := range rows {
		k.Steps = append(k.Steps, s.stepClock(r, c, now))
	}
	if c.Stage == incidents.Done {
		return k, nil
	}
	if next, ok := clock.Next(rows); ok {
		k.Step = next.Step.Title()
	}
	if c.DueAt.IsZero() {
		k.Stands = stands(c.Timing)
		return k, nil
	}
	k.Work = workLeft(schedule, c.DueAt, now)
	if now.After(c.DueAt) {
		k.Class = "bad"
	}
	return k, nil
}

func (s *server) stepClock(r clock.Row, c incidents.Case, now time.Time) stepClock {
	x := stepClock{Title: r.Step.Title(), At: s.stamp(r.At, now)}
	if !r.Term.None() {
		x.Hint = "Срок: " + r.Term.String()
	}
	switch {
	case !r.Open() && !r.At.IsZero() && r.DoneAt.After(r.At):
		x.State, x.Class, x.At = "с опозданием", "warn", s.stamp(r.DoneAt, now)
	case !r.Open():
		x.State, x.Class, x.At = "в срок", "ok", s.stamp(r.DoneAt, now)
	case r.Paused:
		x.State = stands(c.Timing)
	case r.At.IsZero():
		x.State = "ещё не начался"
	case now.After(r.At):
		x.State, x.Class = "просрочен", "bad"
	case r.Promised:
		x.State = "обещан"
	default:
		x.State = "до"
	}
	return x
}

// timingCommands are the forms of a case that only move its clock.
func timingCommands() []command {
	return []command{
		{"await", rights.PauseCase, plain(func(f url.Values) incidents.Command {
			return incidents.Await{For: incidents.Wait(f.Get("for")), Note: f.Get("note")}
		})},
		{"resume", rights.PauseCase, plain(func(url.Values) incidents.Command { return incidents.Resume{} })},
		{"fast-track", rights.UrgeCase, plain(func(f url.Values) incidents.Command { return incidents.FastTrack{On: f.Get("on") == "1"} })},
		{"raise", rights.UrgeCase, plain(func(f url.Values) incidents.Command { return incidents.Raise{On: f.Get("on") == "1"} })},
	}
}

// timingSentence is a line of the history about the clock.
func timingSentence(e incidents.Event) string {
	on := e.Data["on"] == "yes"
	switch {
	case e.Kind == incidents.EventWaits:
		return incidents.Wait(e.Data["for"]).Title()
	case e.Kind == incidents.EventResumed:
		return "больше не ждём"
	case e.Kind == incidents.EventFastTrack && on:
		return "поставлено на фаст-трек"
	case e.Kind == incidents.EventFastTrack:
		return "снято с фаст-трека"
	case e.Kind == incidents.EventRaised && on:
		return "важность повышена"
	case e.Kind == incidents.EventRaised:
		return "важность обычная"
	}
	return "изменение карточки"
}

// workClocks gives the rows of the queue their second clock.
func (s *server) workClocks(ctx context.Context, rows []row, from []incidents.Row, now time.Time) error {
	for i, x := range from {
		if x.Stage == incidents.Done {
			continue
		}
		schedule, err := s.Timing.Clocks.Schedule(ctx, x.OrganisationID)
		if err != nil {
			return err
		}
		d := &rows[i].Due
		if x.DueAt.IsZero() {
			if why := stands(x.Timing); why != "" {
				d.Text, d.Exact = "часы стоят", why
			}
			continue
		}
		if x.Step != "" {
			d.Step = terms.Step(x.Step).Title()
			d.Exact = d.Step + ", " + d.Exact
		}
		c := schedule.Clock(terms.Due{At: x.DueAt}, now)
		d.Work = workSpan(c.Work.Abs()) + " раб."
		if c.Overdue {
			d.Work = "−" + d.Work
		}
	}
	return nil
}
