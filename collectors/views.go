package collectors

import (
	"time"

	"otklik/internal/social"
)

// SourceState is one word for how a source is.
type SourceState string

const (
	Healthy SourceState = "healthy" // read up to now
	Lagging SourceState = "lagging" // it works, but is behind, or was told to slow down
	Gapped  SourceState = "gapped"  // something between two moments is missing
	Sick    SourceState = "sick"    // a person is needed
	Silent  SourceState = "silent"  // it has never been read, or nothing is known
	Held    SourceState = "held"    // somebody has paused it
)

// SourceStatus is one line of the page Источники.
type SourceStatus struct {
	ID      string
	Network social.Network
	Title   string
	Kind    string // what it is by a stable code, such as "vk.community"
	URL     string
	State   SourceState
	Paused  bool // nothing is read and nothing is sent until somebody resumes it
	// CoveredFrom is the moment since which everything is known: when the source
	// was added, or as far back as its history has been read.
	CoveredFrom time.Time
	// CompleteTo is the moment up to which everything is known.
	CompleteTo time.Time
	// Trouble is the sentence for people when something is wrong.
	Trouble      string
	FailingSince time.Time
	// Refused says that the network refuses a key of the source.
	Refused bool
	// CoolingUntil is when the next call may be made after the network asked to slow down.
	CoolingUntil time.Time
	Progress     string
	// History is nil where the network gives none.
	History   *HistoryStatus
	Gaps      []SourceGap // of the last 24 hours, oldest first
	Items     int64       // stored in all
	LastHour  int
	Broken    int // updates kept but not understood
	Abilities []Ability
	Since     time.Time // when the source was added
	// Public says that the page is not the agency's own: it is read without a
	// key of that page, and nothing can be answered there.
	Public bool
	// DueAt is when a source that is read by plan will say more, zero for one
	// that is heard at once.
	DueAt time.Time
}

// SourceGap is a span that was missed, and whether it was filled later.
type SourceGap struct {
	From, To time.Time
	Reason   string
	FilledAt time.Time // zero while it is open
	// Hopeless says that nothing can fill it: the network gives no history, or
	// not so far back.
	Hopeless bool
}

// AbilityKind sorts abilities by what they are for, whatever the network calls
// them; other findings about a key have none.
type AbilityKind string

const (
	AbleToListen AbilityKind = "listen" // to hear of new comments at once
	AbleToList   AbilityKind = "list"   // to read what was written before
	AbleToAnswer AbilityKind = "answer" // to answer in the thread

	AbleToPost       AbilityKind = "post"       // to publish a text
	AbleToIllustrate AbilityKind = "illustrate" // to publish photos
	AbleToPoll       AbilityKind = "poll"       // to hold polls
	AbleToEdit       AbilityKind = "edit"       // to edit, pin and delete what is published
	AbleToMeasure    AbilityKind = "measure"    // to see reach and statistics
	AbleToTalk       AbilityKind = "talk"       // to write personal messages
)

// Ability is one thing that the key at hand can or cannot do.
type Ability struct {
	Kind AbilityKind
	Name string // "Читать комментарии"
	Can  bool
	Why  string // what is missing and what to do, where it cannot
}

// QuotaLeft is how the quota of calls a day of one key and method stands.
type QuotaLeft struct {
	// KeyPrint is the fingerprint of the key.
	KeyPrint string
	Method   string // "wall.get"
	Calls    int    // granted in any 24 hours
	Used     int    // in the last 24 hours, by all processes that share the base
	Left     int
	// FreesAt is when the first of the used calls comes back: networks count a
	// sliding day, so there is no hour at which all of them do.
	FreesAt time.Time
	// RefusedAt is when the network said last that the quota is used up, zero for never.
	RefusedAt time.Time
}

// Standing is one stored item that is not known to be deleted.
type Standing struct {
	Ref         social.Ref
	PublishedAt time.Time
}
