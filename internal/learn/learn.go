// Package learn brings what people decide to what the program expects: it keeps
// the models in use, judges items and cases by them, and learns anew when enough
// has been decided. It rejects nothing.
package learn

import (
	"encoding/json"
	"time"

	"otklik/incidents"
	"otklik/index/classify"
	"otklik/internal/errs"
	"otklik/internal/social"
)

// Kind is what a person decided.
type Kind string

const (
	Accepted      Kind = "accepted"
	Rejected      Kind = "rejected"
	Classified    Kind = "classified"
	Assigned      Kind = "assigned"
	Taken         Kind = "taken"         // an item, though the program held it unlikely or nothing
	Dismissed     Kind = "dismissed"     // an unlikely item
	Uncoordinated Kind = "uncoordinated" // what the program had handed out by itself
	Imported      Kind = "imported"
)

// Decision is what a person decided about a text.
type Decision struct {
	// Key names what the decision was made of; Subject what it is about: later
	// decisions about one subject count more than earlier ones.
	Key, Subject string
	Kind         Kind
	CaseID       string
	ItemID       string
	Item         classify.Item
	// Due says of an imported decision whether a reaction was due.
	Due bool
	// TopicID and DepartmentID are what was chosen, "" where nothing was.
	TopicID, DepartmentID string
	// FactID is the fact of the rubricator that was chosen with the topic.
	FactID string
	Reason string
	// Ground is that of a rejection.
	Ground incidents.Ground
	// Skipped is who has left it out of learning, "" for nobody.
	Skipped              string
	PersonID, PersonName string
	At                   time.Time
}

// ItemOf is an item as models see it.
func ItemOf(it social.Item, ownPage bool) classify.Item {
	depth := 1
	switch {
	case it.Kind == social.Post:
		depth = 0
	case !it.ReplyTo.IsZero():
		depth = 2
	}
	return classify.Item{Text: it.Text, Kind: it.Kind, OwnPage: ownPage, Depth: depth}
}

// Part is one thing that is learned.
type Part string

const (
	PartDue        Part = "due"        // whether a reaction is due
	PartTopic      Part = "topic"      // what it is about
	PartFact       Part = "fact"       // which fact of the rubricator it is
	PartDepartment Part = "department" // who answers
)

// Parts lists the parts in the order in which they are learned.
func Parts() []Part { return []Part{PartDue, PartTopic, PartFact, PartDepartment} }

// Title names a part for people, "" for an unknown one.
func (p Part) Title() string {
	switch p {
	case PartDue:
		return "Что требует ответа"
	case PartTopic:
		return "Тема"
	case PartFact:
		return "Факт рубрикатора"
	case PartDepartment:
		return "Ведомство"
	}
	return ""
}

// Version is one model of a part.
type Version struct {
	ID     string
	Part   Part
	Number int
	// Data is what the model is read from; lists leave it out.
	Data []byte
	// Report is a classify.DetectorReport of PartDue, a classify.Report of others, as JSON.
	Report  json.RawMessage
	Learned int // decisions
	MadeAt  time.Time
	Active  bool
}

// State is how far a training has come.
type State string

const (
	Open      State = "open" // asked for or under way
	Finished  State = "finished"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// Training is one time that the program learned, or tried to.
type Training struct {
	ID    string
	State State
	// AskedBy is the name of who asked for it; "Отклик" where enough was decided.
	AskedBy   string
	AskedAt   time.Time
	BegunAt   time.Time // zero until it has begun
	EndedAt   time.Time
	Decisions int
	// Step says what is being done, for people.
	Step    string
	Parts   []PartResult
	Trouble string
}

// PartResult is what came of one part.
type PartResult struct {
	Part   Part            `json:"part"`
	Better bool            `json:"better"`
	Why    string          `json:"why"`
	Report json.RawMessage `json:"report,omitempty"`
}

// Settings is what an agency has chosen.
type Settings struct {
	// Off leaves the queue to the rules alone.
	Off bool `json:"off"`
	// Threshold is the probability from which an item is put into the queue.
	Threshold float64 `json:"threshold"`
	Auto      Auto    `json:"auto"`
}

// Auto is what the program may hand out by itself; the zero value is nothing.
type Auto struct {
	On bool `json:"on"`
	// Threshold is what everything has to reach: that a reaction is due, what it
	// is about, who answers.
	Threshold float64 `json:"threshold"`
	// Topics have thresholds of their own, by their ids; above 1 means never.
	Topics map[string]float64 `json:"topics,omitempty"`
}

// Never is the threshold of a topic that the program leaves to people.
const Never = 2

// DefaultSettings is what a new installation goes by.
func DefaultSettings() Settings {
	return Settings{Threshold: classify.DefaultThreshold, Auto: Auto{Threshold: 0.9}}
}

// For is the threshold of a topic.
func (a Auto) For(topicID string) float64 {
	if x, ok := a.Topics[topicID]; ok {
		return x
	}
	return a.Threshold
}

// Check says whether the settings make sense. Errors: Invalid.
func (s Settings) Check() error {
	if s.Threshold < 0.05 || s.Threshold > 0.95 {
		return errs.New(errs.Invalid, "Порог очереди — от 5 до 95 %.")
	}
	for _, x := range append([]float64{s.Auto.Threshold}, values(s.Auto.Topics)...) {
		if x != Never && (x < 0.5 || x > 0.99) {
			return errs.New(errs.Invalid, "Порог автокоординации — от 50 до 99 %.")
		}
	}
	return nil
}

func values(m map[string]float64) []float64 {
	out := make([]float64, 0, len(m))
	for _, x := range m {
		out = append(out, x)
	}
	return out
}
