// Package detect finds citizens' complaints among stored items: it takes a
// small batch that waits, asks the matcher, and returns what follows; whoever
// keeps the items writes all of it in one transaction.
package detect

import (
	"context"
	"time"

	"otklik/incidents"
	"otklik/internal/lease"
	"otklik/internal/social"
)

// Item is a stored item that waits for detection.
type Item struct {
	ID       string
	Version  int
	SourceID string
	// OwnPage says that it stands on a page of the agency.
	OwnPage bool
	// Place is where it happens, once a Locator has looked.
	Place Place
	social.Item
}

// Place is a place that a text names; the zero value is none.
type Place struct {
	// Territory is the id of the most exact one that is known.
	Territory string
	// Names are what rules may call it: its own and those of what it lies in.
	Names []string
	Words []string
	Marks []incidents.Span
}

// Hit is one rule that fired on an item.
type Hit struct {
	RuleID      string
	RuleVersion int
	RuleName    string
	TopicID     string
	Words       []string
	Marks       []incidents.Span
}

// Conclusion is what detection says of one item, Item.Place included. Each stage
// of the Worker adds its part and leaves the others alone.
type Conclusion struct {
	Item Item
	// Hits are the rules that fired; the first of them gave the Topic, if there is one.
	Hits    []Hit
	Topic   incidents.Topic
	Opinion Opinion
	Kinship Kinship
}

// Opinion is what a Judge thinks of an item.
type Opinion struct {
	// Judged tells an opinion from none.
	Judged bool
	// Due says that the item belongs into the queue.
	Due bool
	// Probability is that of a reaction being due.
	Probability float64
	// Reasons are the weightiest first.
	Reasons []incidents.Reason
	// TopicID and DepartmentID are the most probable ones, "" where none is known.
	TopicID, DepartmentID string
	TopicP, DepartmentP   float64
	// Coordinate is what the program does with the case by itself, nil for nothing.
	Coordinate *incidents.Coordinate
}

// Kinship is how an item is related to others; the zero value is not at all.
type Kinship struct {
	// CopyOf is the id of the item of which this one is a copy.
	CopyOf string
}

// Due says that the item is to be in the queue: a judge thinks so or, where
// nobody judges, a rule fired.
func (c Conclusion) Due() bool {
	if c.Opinion.Judged {
		return c.Opinion.Due
	}
	return len(c.Hits) > 0
}

// Rule is a stored rule.
type Rule struct {
	ID, TopicID, Name, Expr string
	Version                 int
}

// Rulebook is all that detection goes by.
type Rulebook struct {
	Revision int64
	Rules    []Rule
	Topics   []incidents.Topic
}

// Tally counts what a batch led to.
type Tally struct{ Matched, Opened, Attached int }

// Book keeps items and rules.
type Book interface {
	// Rulebook returns the rules of the present revision; false when it is still
	// the one the caller has.
	Rulebook(ctx context.Context, have int64) (Rulebook, bool, error)
	Pending(ctx context.Context, limit int) ([]Item, error)
	Conclude(ctx context.Context, l lease.Lease, findings []Conclusion, now time.Time) (Tally, error)
}
