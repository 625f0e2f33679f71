package incidents

import (
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
)

// Wait is for whom a case waits while its clock may stand still.
type Wait string

const (
	WaitAuthor Wait = "author" // the citizen was asked for details
	WaitOther  Wait = "other"  // another organisation was asked
)

// Title is the wait as people read it, without a capital letter: «ждём …».
func (w Wait) Title() string {
	switch w {
	case WaitAuthor:
		return "ждём заявителя"
	case WaitOther:
		return "ждём другую организацию"
	}
	return ""
}

// Timing is what people have said about the clock of a case.
type Timing struct {
	Raised bool `json:"raised,omitempty"` // of raised importance
	// Wait is for whom the case waits, "" for nobody, and Since from when on.
	Wait  Wait      `json:"wait,omitempty"`
	Since time.Time `json:"since,omitzero"`
}

const (
	EventWaits     EventKind = "waits"
	EventResumed   EventKind = "resumed"
	EventFastTrack EventKind = "fast_track"
	EventRaised    EventKind = "raised"
)

// Await says that the case waits for somebody outside; which waits stop the
// clock is said by the deadlines of the organisation.
// May: the case's executor or department, coordinator. Before Публикация ответа.
type Await struct {
	For  Wait
	Note string // what was asked; may be empty
}

// Resume ends the wait. May: as Await.
type Resume struct{}

// FastTrack puts the case on the fast track or takes it off.
// May: moderator, coordinator. Before Публикация ответа.
type FastTrack struct{ On bool }

// Raise sets the raised importance of a case or takes it away. May: as FastTrack.
type Raise struct{ On bool }

func (Await) kind() EventKind     { return EventWaits }
func (Resume) kind() EventKind    { return EventResumed }
func (FastTrack) kind() EventKind { return EventFastTrack }
func (Raise) kind() EventKind     { return EventRaised }

// timingRule holds the rows of the state machine that leave the stage alone and
// change only the clock.
func timingRule(kind EventKind) (rule, bool) {
	open := []Stage{Moderation, Coordination, Execution, Agreement, Approval}
	switch kind {
	case EventWaits, EventResumed:
		return rule{from: open, action: rights.PauseCase}, true
	case EventFastTrack, EventRaised:
		return rule{from: open, action: rights.UrgeCase}, true
	}
	return rule{}, false
}

// applyTiming carries out the commands of timingRule.
func (d *Decision) applyTiming(cmd Command, now time.Time, ev *Event) error {
	t := &d.Case.Timing
	switch x := cmd.(type) {
	case Await:
		if x.For.Title() == "" {
			return errs.New(errs.Invalid, "Выберите, кого ждём: заявителя или другую организацию.")
		}
		if t.Wait == x.For {
			return errs.New(errs.Conflict, "Карточка уже ждёт. Обновите страницу.")
		}
		t.Wait, t.Since, ev.Data["for"] = x.For, now, string(x.For)
		if x.Note != "" {
			var err error
			ev.Text, err = required(x.Note, maxNote, "")
			return err
		}
	case Resume:
		if t.Wait == "" {
			return errs.New(errs.Conflict, "Карточка никого не ждёт. Обновите страницу.")
		}
		t.Wait, t.Since = "", time.Time{}
	case FastTrack:
		if d.Case.Fast == x.On {
			return errs.New(errs.Conflict, "Так уже отмечено. Обновите страницу.")
		}
		d.Case.Fast, ev.Data["on"] = x.On, flagWord(x.On)
	case Raise:
		if t.Raised == x.On {
			return errs.New(errs.Conflict, "Так уже отмечено. Обновите страницу.")
		}
		t.Raised, ev.Data["on"] = x.On, flagWord(x.On)
	}
	return nil
}

// moved ends a wait that the case has outlived: nobody waits once an answer leaves.
func (t *Timing) moved(to Stage) {
	if to == Publication || to == Done {
		t.Wait, t.Since = "", time.Time{}
	}
}

// heard ends the wait for an author who has written again.
func (t *Timing) heard() {
	if t.Wait == WaitAuthor {
		t.Wait, t.Since = "", time.Time{}
	}
}

func flagWord(on bool) string {
	if on {
		return "yes"
	}
	return "no"
}
