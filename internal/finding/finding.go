// Package finding has what people see of the search archive: messages that were
// found, saved searches, and how the archive was compared with the base.
package finding

import (
	"time"

	"otklik/internal/social"
)

// Check is what a comparison of an archive with the base found.
type Check struct {
	Node         string
	Begun, Ended time.Time
	Items        int
	// Missing were not in the archive, Stale in an older revision, Extra not in
	// the base. All were mended.
	Missing, Stale, Extra int
	Months                []string // in which something differed
	// Trouble is why the comparison was not finished, for people; "" when it was.
	Trouble string
}

// Differs says that something had to be mended.
func (c Check) Differs() bool { return c.Mended() > 0 }

// Mended is how many messages had to be put right.
func (c Check) Mended() int { return c.Missing + c.Stale + c.Extra }

// Item is an item as a page shows it.
type Item struct {
	ID         string
	Message    social.Item
	Source     string // its title
	SourceID   string
	Topic      string
	CaseNumber int64 // 0 without a case
	DeletedAt  time.Time
	Versions   int
}

// Saved is a search that somebody wants to come back to.
type Saved struct {
	ID        string
	OwnerID   string
	OwnerName string
	Name      string
	Query     string // what stands in the address after the question mark
	Shared    bool
	// AfterSeq numbers the last message that was stored when the search was
	// saved; those after it are new.
	AfterSeq int64
	New      int // found since the person last looked
}
