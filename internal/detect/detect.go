// Package detect finds citizens' complaints among stored items: it takes a
// small batch that waits, asks the matcher, and returns what follows; whoever
// keeps the items writes all of it in one transaction.
package detect

import (
	"context"
	"slices"
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
	// Title is the place for people, and From how it is known.
	Title string
	From  incidents.PlaceFrom
	// Path are the ids of the territory and of all in which it lies.
	Path []string
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
	// DepartmentID, Importance and Auto are the rule's.
	DepartmentID string
	Importance   int
	Auto         bool
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
	// Author names its author in all networks, "" if unknown.
	Author string
	// Print is what its own copies are known by; it is kept with the item, and
	// is "" for what is not due.
	Print string
}

// Due says that the item is to be in the queue: a judge thinks so or, where
// nobody judges, a rule fired.
func (c Conclusion) Due() bool {
	// An «автоправило» is a person's word and needs no second opinion.
	if slices.ContainsFunc(c.Hits, func(h Hit) bool { return h.Auto }) {
		return true
	}
	if c.Opinion.Judged {
		return c.Opinion.Due
	}
	return len(c.Hits) > 0
}

// Desk is the first rule, from the particular to the general, that names a
// department; the zero Hit where none does.
func Desk(hits []Hit) Hit {
	i := slices.IndexFunc(hits, func(h Hit) bool { return h.DepartmentID != "" })
	if i < 0 {
		return Hit{}
	}
	return hits[i]
}

// Rule is a stored rule.
type Rule struct {
	ID, TopicID, Name, Expr string
	Version                 int
	// DepartmentID stands for the topic's, "" for none.
	DepartmentID string
	// Importance is 0 for what is usual; the greater, the sooner people see it.
	Importance int
	// Auto lets its cases pass the moderation by themselves.
	Auto bool
	// From and To bound when the message was written, To exclusive; zero is
	// without bound.
	From, To time.Time
}

// Covers says whether the rule looks at a message written at t.
func (r Rule) Covers(t time.Time) bool {
	return (r.From.IsZero() || !t.Before(r.From)) && (r.To.IsZero() || t.Before(r.To))
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
