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
	social.Item
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

// Conclusion is what detection says of one item. No hits means that it is not
// a complaint; otherwise Hits[0] is the rule that gave the Topic.
type Conclusion struct {
	Item  Item
	Hits  []Hit
	Topic incidents.Topic
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
