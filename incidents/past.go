package incidents

import (
	"cmp"
	"time"

	"otklik/internal/social"
)

// Past is a case as another system had it.
type Past struct {
	// Message has the external number as the id of its Ref.
	Message      social.Item
	TopicID      string // "" for none of ours
	TopicName    string // as the file names it
	DepartmentID string
	Address      string
	// Stage is Moderation, Coordination, Execution or Done; Outcome goes with Done.
	Stage   Stage
	Outcome Outcome
	// Interim says that an answer was given that promised another one.
	Interim  bool
	Answer   string
	Reason   string    // why it was rejected
	DueAt    time.Time // zero where the file does not say
	ClosedAt time.Time // zero where the file does not say
}

// PastActor is who stands in the history for what was done in another system.
const PastActor = "Прежняя система"

// Restore makes the case with its history. What the other system did not date is
// dated with the opening; a case of nobody cannot be in execution and waits to be
// handed out.
func Restore(p Past, whose Whose, id string, number int64, sourceID string) (Case, []Event) {
	opened := p.Message.PublishedAt
	c := Case{
		ID: id, Number: number, Version: 1, Stage: p.Stage, StageSince: opened, Message: p.Message, SourceID: sourceID, Foreign: true,
		TopicID: p.TopicID, DepartmentID: p.DepartmentID, Whose: whose, OpenedAt: opened, DueAt: p.DueAt,
	}
	if p.Address != "" {
		c.Place = Place{Title: p.Address, From: FromPerson}
	}
	if p.Stage == Execution && p.DepartmentID == "" {
		c.Stage = Coordination
	}
	if p.Interim {
		c.Life.Interims = 1
	}
	events := []Event{{
		At: opened, ActorName: PastActor, Kind: EventOpened, Version: 1,
		Data: map[string]string{"topic": p.TopicName, "organisation_id": whose.OrganisationID, "external": p.Message.Ref.ID},
	}}
	if p.Stage != Done {
		if p.Answer != "" {
			c.Version++
			events = append(events, Event{At: opened, ActorName: PastActor, Kind: EventNote, Version: c.Version, Text: p.Answer})
		}
		return c, events
	}
	at := p.ClosedAt
	if at.Before(opened) {
		at = opened
	}
	c.Version++
	c.Outcome, c.StageSince, c.ClosedAt = cmp.Or(p.Outcome, Resolved), at, at
	if p.Answer != "" && c.Outcome == Resolved {
		c.Answer = Answer{Text: p.Answer, Version: 1, AuthorName: PastActor, WrittenAt: at}
	}
	end := Event{At: at, ActorName: PastActor, Kind: EventPublished, Version: c.Version, Text: p.Reason, Data: map[string]string{}}
	switch c.Outcome {
	case Rejected:
		end.Kind, c.RejectReason = EventRejected, p.Reason
	case Redirected:
		end.Kind = EventRedirected
	case Merged:
		end.Kind = EventMerged
	}
	return c, append(events, end)
}
