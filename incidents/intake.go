package incidents

import (
	"cmp"
	"time"

	"otklik/internal/rights"
	"otklik/internal/social"
)

// Finding is why a message was taken for a complaint: the best rule that
// fired, "" where none did, and the topic it stands for.
type Finding struct {
	Item     social.Item
	SourceID string
	RuleName string
	Topic    Topic
	Place    Place
	// DepartmentID is who the rule or the route names, "" for whom the topic does.
	DepartmentID string
	// Whose is the organisation of that department, the first of all where there is none.
	Whose Whose
	// By is who put it into the queue: the program, or a person by hand.
	By         rights.Actor
	Importance int
	// AutoRule is the «автоправило» that fired, "" for none.
	AutoRule string
}

// Topic is a subject of complaints with what follows from it.
type Topic struct {
	ID           string
	Name         string
	DepartmentID string // suggested; a coordinator decides
	// DueHours is the time to the answer in hours by the clock.
	DueHours int
}

// Department is a part of the agency that answers for something.
type Department struct {
	ID   string
	Name string
	// OrganisationID is whose department it is.
	OrganisationID string
}

// Open makes a new case from a finding. The id and the number come from whoever
// keeps the cases.
func Open(f Finding, id string, number int64, now time.Time) (Case, Event) {
	c := Case{
		ID: id, Number: number, Version: 1,
		Stage: Moderation, StageSince: now,
		Message: f.Item, SourceID: f.SourceID,
		TopicID: f.Topic.ID, DepartmentID: cmp.Or(f.DepartmentID, f.Topic.DepartmentID), Place: f.Place, Importance: f.Importance,
		Whose: f.Whose, Life: Life{Term: time.Duration(f.Topic.DueHours) * time.Hour},
		OpenedAt: now, DueAt: now.Add(time.Duration(f.Topic.DueHours) * time.Hour),
	}
	return c, Event{
		At: now, ActorID: f.By.ID, ActorName: cmp.Or(f.By.Name, "Отклик"), Kind: EventOpened, Version: 1,
		Data: map[string]string{"rule": f.RuleName, "topic": f.Topic.Name, "organisation_id": f.Whose.OrganisationID},
	}
}

// TakeIn lets a new case pass the moderation by itself, because a rule that
// people have made an «автоправило» found it.
func TakeIn(c Case, ruleName string, now time.Time) (Case, Event) {
	c.Version++
	c.Stage, c.StageSince = Coordination, now
	return c, Event{
		At: now, ActorName: "Отклик", Kind: EventAccepted, Version: c.Version,
		Text: "Автоправило «" + ruleName + "»", Data: map[string]string{"rule": ruleName, "auto": "1"},
	}
}

// Attach adds one more message of the same author in the same thread to an
// open case.
func Attach(c Case, f Finding, now time.Time) (Case, Event) {
	c.Version++
	c.Timing.heard()
	if !c.Place.Known() || c.Place.From == FromPage && f.Place.From == FromMessage {
		c.Place = f.Place
	}
	c.Importance = max(c.Importance, f.Importance)
	return c, Event{
		At: now, ActorID: f.By.ID, ActorName: f.By.Name, Kind: EventAttached, Version: c.Version, Text: f.Item.Text,
		Data: map[string]string{"rule": f.RuleName, "topic": f.Topic.Name, "link": f.Item.Permalink},
	}
}
