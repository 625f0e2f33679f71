package incidents

import (
	"slices"
	"time"

	"otklik/internal/rights"
)

// Whose says in whose hands a card is: the organisation, those above it, and
// how it wants its cards handled.
type Whose struct {
	OrganisationID string
	Organisation   string // its name
	// Above are the organisation's id and those of all above it.
	Above  []string
	Policy Policy
}

// Policy is how an organisation wants its cards handled.
type Policy struct {
	// Agreement says that an answer is agreed to before it is approved.
	Agreement bool `json:"agreement,omitempty"`
	// Repeats is how often a citizen may have the matter considered again, within
	// RepeatDays after the answer; zero of either is never.
	Repeats    int `json:"repeats"`
	RepeatDays int `json:"repeat_days"`
}

// UsualPolicy is what a new organisation begins with.
func UsualPolicy() Policy { return Policy{Repeats: 2, RepeatDays: 30} }

// Bounds of a policy's numbers.
const (
	MaxRepeats    = 10
	MaxRepeatDays = 365
)

// Life is what has happened to a card beside its stages. It is stored as it is.
type Life struct {
	// Term is how long the answer may take, counted from the opening.
	Term time.Duration `json:"term,omitempty"`
	// Interims counts the interim answers that stand in the thread; Promised is
	// the control date that the last of them named.
	Interims int       `json:"interims,omitempty"`
	Promised time.Time `json:"promised,omitzero"`
	// Repeats counts how often the matter was taken up again.
	Repeats int    `json:"repeats,omitempty"`
	Rating  Rating `json:"rating,omitzero"`
	// From is the number of the card that this one came from by redirection or
	// splitting, Into the number of the card that goes on in its place; 0 for none.
	From int64 `json:"from,omitempty"`
	Into int64 `json:"into,omitempty"`
}

// Rating is what the citizen said of the answer.
type Rating struct {
	// Score is from 1 to 5, 0 while there is none.
	Score int `json:"score,omitempty"`
	// Unsolved says that the matter is not solved, whatever the score.
	Unsolved bool      `json:"unsolved,omitempty"`
	Comment  string    `json:"comment,omitempty"`
	At       time.Time `json:"at,omitzero"`
}

// Status is how a case stands for those who look at it from outside.
type Status string

const (
	Considered     Status = "considered"
	InWork         Status = "in_work"
	SolvedStatus   Status = "resolved"
	SentOnStatus   Status = "redirected"
	DeclinedStatus Status = "rejected"
)

// Statuses lists the five statuses; every card has exactly one of them.
func Statuses() []Status {
	return []Status{Considered, InWork, SolvedStatus, SentOnStatus, DeclinedStatus}
}

// Title is the status as people read it, "" for an unknown one.
func (s Status) Title() string {
	switch s {
	case Considered:
		return "На рассмотрении"
	case InWork:
		return "На исполнении"
	case SolvedStatus:
		return "Решено"
	case SentOnStatus:
		return "Перенаправлено"
	case DeclinedStatus:
		return "Отклонено"
	}
	return ""
}

// StatusOf is the status of a card at a stage with an outcome. A double counts
// as rejected: its matter is counted on the card that it was merged into.
func StatusOf(stage Stage, outcome Outcome) Status {
	switch {
	case stage == Moderation, stage == Coordination:
		return Considered
	case stage != Done:
		return InWork
	case outcome == Resolved:
		return SolvedStatus
	case outcome == Redirected:
		return SentOnStatus
	}
	return DeclinedStatus
}

// Status is the card's status.
func (c Case) Status() Status { return StatusOf(c.Stage, c.Outcome) }

// Interim says that the answer is an interim one: it promises and does not end
// the case.
func (a Answer) Interim() bool { return !a.Promise.IsZero() }

// WrittenBy says that the person had a hand in the text.
func (a Answer) WrittenBy(personID string) bool {
	return personID != "" && (a.AuthorID == personID || slices.Contains(a.Editors, personID))
}

// Subject is the case as the bounds of roles see it.
func (c Case) Subject() rights.Subject {
	return rights.Subject{Organisations: c.Whose.Above, Page: c.SourceID, Topic: c.TopicID, Territories: c.Place.Path}
}

// MayRepeat says whether a citizen who is not content has the matter taken up again.
func (c Case) MayRepeat(now time.Time) bool {
	p := c.Whose.Policy
	return c.Stage == Done && c.Outcome == Resolved && c.Life.Repeats < p.Repeats &&
		!now.After(c.ClosedAt.AddDate(0, 0, p.RepeatDays))
}

// Opening is a new card that follows from a decision about another one. The id
// and the number come from whoever keeps the cases.
type Opening struct {
	// ItemID is the message that the card is of, "" for the message of the old one.
	ItemID string
	Whose  Whose
	// Kind is EventReceived or EventDetached.
	Kind   EventKind
	Reason string
}

// OpenFrom makes the new card. A redirected one keeps the clock of the old one;
// one that was taken out of another has its topic, its place and its time.
func OpenFrom(old Case, o Opening, id string, number int64, by rights.Actor, now time.Time) (Case, Event) {
	c := Case{
		ID: id, Number: number, Version: 1, Stage: Coordination, StageSince: now, Message: old.Message, SourceID: old.SourceID, Foreign: old.Foreign,
		TopicID: old.TopicID, FactID: old.FactID, FactName: old.FactName, Fast: old.Fast, Place: old.Place,
		Whose: o.Whose, Life: Life{Term: old.Life.Term, From: old.Number}, OpenedAt: now, DueAt: old.DueAt,
	}
	ev := Event{At: now, ActorID: by.ID, ActorName: by.Name, Kind: o.Kind, Version: 1, Text: o.Reason, Data: map[string]string{
		"from": itoa(old.Number), "organisation": o.Whose.Organisation, "organisation_id": o.Whose.OrganisationID,
	}}
	if o.Kind == EventReceived {
		c.Life.Repeats, c.Life.Interims, c.Life.Promised = old.Life.Repeats, old.Life.Interims, old.Life.Promised
	}
	if o.Kind == EventDetached {
		c.Stage, c.DepartmentID = Moderation, old.DepartmentID
		ev.Data["since"] = old.OpenedAt.UTC().Format(time.RFC3339Nano)
	}
	return c, ev
}

// JoinDouble notes on a card that a double was merged into it.
func JoinDouble(c Case, double int64, by rights.Actor, now time.Time) (Case, Event) {
	c.Version++
	return c, Event{
		At: now, ActorID: by.ID, ActorName: by.Name, Kind: EventTookIn, Version: c.Version,
		Data: map[string]string{"from": itoa(double)},
	}
}
