package incidents

import (
	"time"

	"otklik/internal/social"
)

// Finding is why a message was taken for a complaint: the best rule that
// fired, and the topic it stands for.
type Finding struct {
	Item     social.Item
	SourceID string
	RuleName string
	Topic    Topic
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
}

// Open makes a new case from a finding. The id and the number come from whoever
// keeps the cases.
func Open(f Finding, id string, number int64, now time.Time) (Case, Event) {
	c := Case{
		ID: id, Number: number, Version: 1,
		Stage: Moderation, StageSince: now,
		Message: f.Item, SourceID: f.SourceID,
		TopicID: f.Topic.ID, DepartmentID: f.Topic.DepartmentID,
		OpenedAt: now, DueAt: now.Add(time.Duration(f.Topic.DueHours) * time.Hour),
	}
	return c, Event{
		At: now, ActorName: "Отклик", Kind: EventOpened, Version: 1,
		Data: map[string]string{"rule": f.RuleName, "topic": f.Topic.Name},
	}
}

// Attach adds one more message of the same author in the same thread to an
// open case.
func Attach(c Case, f Finding, now time.Time) (Case, Event) {
	c.Version++
	c.Timing.heard()
	return c, Event{
		At: now, ActorName: "Отклик", Kind: EventAttached, Version: c.Version, Text: f.Item.Text,
		Data: map[string]string{"rule": f.RuleName, "topic": f.Topic.Name, "link": f.Item.Permalink},
	}
}
