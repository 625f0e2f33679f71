// Package alarm notices what somebody has to know of: a source that is not read,
// a key that runs out, an answer that waits for a person. An auditor that is
// independent of the workers looks at the base every minute, raises alarms,
// follows them and clears them with time.
package alarm

import (
	"time"

	"otklik/collectors"
	"otklik/internal/finding"
)

// Kind is what an alarm is about. At most one alarm of a kind is open for a
// subject.
type Kind string

const (
	SourceDown    Kind = "source.down"    // a source is not read, or is far behind
	SourceSilent  Kind = "source.silent"  // nothing is written where much is usual
	KeyRefused    Kind = "key.refused"    // the network refuses the key
	KeyExpires    Kind = "key.expires"    // the key runs out within days
	AbilityLost   Kind = "ability.lost"   // the key was able to do it, and is not any more
	GapLost       Kind = "gap.lost"       // a gap that cannot be filled
	GapStays      Kind = "gap.stays"      // a gap that should have been filled by now
	UpdatesBroken Kind = "updates.broken" // updates that are kept and not understood
	QuotaShort    Kind = "quota.short"    // the day's quota of a key is used up
	DetectionLate Kind = "detection.late" // stored messages wait to be judged
	DeliveryLate  Kind = "delivery.late"  // answers wait to leave
	AnswerUnknown Kind = "answer.unknown" // the network may or may not have taken an answer
	AnswerFailed  Kind = "answer.failed"  // the network did not take an answer
	PlanLate      Kind = "plan.late"      // due posts are not given to the ledger
	PlanHeld      Kind = "plan.held"      // a stop keeps posts from leaving
	PostUnknown   Kind = "post.unknown"   // a person has to say what becomes of a post
	PostFailed    Kind = "post.failed"    // a network did not take a post or a change to it
	PostVanished  Kind = "post.vanished"  // a post that stood on a page was deleted in the network
	PostHindered  Kind = "post.hindered"  // a planned post could not leave for a page as it is now
	DeadlineLost  Kind = "deadline.lost"  // deadlines have passed and nobody was told
	DeadlineLong  Kind = "deadline.long"  // deadlines passed more than a day ago
	CalendarEnds  Kind = "calendar.ends"  // the production calendar holds no next year
	DiskFull      Kind = "disk.full"      // the machine's disk is almost full
	ArchiveWrong  Kind = "archive.wrong"  // the archive of the search was not what the base holds
	MassGrows     Kind = "mass.grows"     // many people complain of one thing in one place
	TopicSurges   Kind = "topic.surges"   // far more complaints of a topic than usual in this hour
)

// Kinds lists all kinds in the order in which people read them.
func Kinds() []Kind {
	return []Kind{
		SourceDown, SourceSilent, KeyRefused, KeyExpires, AbilityLost, GapLost, GapStays, UpdatesBroken, QuotaShort,
		DetectionLate, DeliveryLate, AnswerUnknown, AnswerFailed, PlanLate, PlanHeld, PostUnknown, PostFailed, PostVanished, PostHindered,
		DeadlineLost, DeadlineLong, CalendarEnds, DiskFull, ArchiveWrong,
		MassGrows, TopicSurges,
	}
}

// rest is how long a kind has to be calm before its alarm is cleared, so that
// what comes and goes stays one alarm.
func (k Kind) rest() time.Duration {
	switch k {
	case SourceDown, KeyRefused, DetectionLate, DeliveryLate, PlanLate:
		return 5 * time.Minute
	case AbilityLost, DiskFull, QuotaShort, KeyExpires:
		return 2 * time.Minute
	case TopicSurges:
		return 15 * time.Minute
	}
	return 0
}

// Grade is how grave an alarm is. It never falls while the alarm is open.
type Grade int

const (
	Warning Grade = 1 // somebody should look at it today
	Grave   Grade = 2 // messages or answers are being lost or delayed now
)

// Alarm is one thing that somebody has to know of, from the moment it was
// noticed until it had passed. Alarms are never deleted.
type Alarm struct {
	ID      string
	Kind    Kind
	Subject string // what of the kind: a source, a machine; "" for the program
	Grade   Grade
	Detail  Detail
	// Mark grows with every occurrence that a person has to be told of again.
	Mark      int64
	RaisedAt  time.Time
	SeenAt    time.Time // when the auditor last found it
	CalmSince time.Time // since when it is not found any more; zero while it is
	ClearedAt time.Time // zero while it is open
	// TakenAt is when a person said that they know; zero before.
	TakenAt time.Time
	TakenBy string // the person's name
}

// Open says that the alarm has not passed.
func (a Alarm) Open() bool { return a.ClearedAt.IsZero() }

// Loud says that nobody has taken the open alarm yet and that nobody keeps it
// from people.
func (a Alarm) Loud() bool { return a.Open() && a.TakenAt.IsZero() && a.Detail.Muted == "" }

// Detail is what the sentence about an alarm is made of. Which fields are set
// depends on the kind.
type Detail struct {
	SourceID string    `json:"source_id,omitempty"`
	Source   string    `json:"source,omitempty"` // the source's title
	Name     string    `json:"name,omitempty"`   // an ability, a key, a machine, a method of a network
	Trouble  string    `json:"trouble,omitempty"`
	Since    time.Time `json:"since,omitzero"`
	Until    time.Time `json:"until,omitzero"`
	Count    int64     `json:"count,omitempty"`
	Limit    int64     `json:"limit,omitempty"`
	Usual    float64   `json:"usual,omitempty"`
	// Muted is why nobody is told of it while it goes on, "" when people are.
	Muted string `json:"muted,omitempty"`
}

// Facts are what the auditor judges by. All of it stands in the base.
type Facts struct {
	Sources []collectors.SourceStatus
	Paces   map[string]collectors.Pace
	// Broken are the updates of the last day that were not understood, by source.
	Broken map[string]int
	// Able is when a source's key was last known to have an ability.
	Able []Able
	// Detection and Delivery are since when the oldest work waits, zero for none.
	Detection, Delivery time.Time
	Unknown, Failed     Stuck
	// Plan is when the post was due that waits longest to be given to the ledger.
	Plan                    time.Time
	PostUnknown, PostFailed Stuck
	Vanished                []Vanished
	Hindered                []Hindered
	Halts                   []Halt
	Overdue                 []Overdue
	// Calendar is what is wrong with the production calendar, a sentence, "" for nothing.
	Calendar string
	Nodes    []Node
	Keys     []Key
	Quotas   []Quota
	Masses   []Mass
	// Archives are the last comparisons of archives with the base, one a machine.
	Archives []finding.Check
	Surges   []Surge
}

// Mass is an open mass incident that is still growing.
type Mass struct {
	ID      string
	Number  int64
	Title   string
	TopicID string
	PlaceID string // "" where it is not known
	Members int    // with those of its parts
	At      time.Time
	Muted   string
}

// Surge is how many complaints of a topic came in this hour and the one before.
type Surge struct {
	TopicID, Topic string
	PlaceID, Place string // "" stands for everywhere
	Count          int
	Usual          float64 // for the same time
	Muted          string
}

// Able is one ability that a source's key had.
type Able struct {
	SourceID string
	Kind     collectors.AbilityKind
	At       time.Time
}

// Stuck is how many answers or posts wait for a person, and since when.
type Stuck struct {
	Count  int
	Oldest time.Time
	Newest time.Time
}

// Vanished are the posts of a page that its network has lately deleted.
type Vanished struct {
	PageID, Title  string
	Count          int
	Number         int64 // of the newest post
	Oldest, Newest time.Time
}

// Hindered are the planned posts of a page that could not leave there.
type Hindered struct {
	PageID, Title string // no title where the page is gone
	Count         int
	Number        int64     // of the post that is due first
	First         time.Time // when it is due
	Why           string    // for people, a sentence
}

// With is both together.
func (x Stuck) With(y Stuck) Stuck {
	switch {
	case x.Count == 0:
		return y
	case y.Count == 0:
		return x
	}
	x.Count += y.Count
	if y.Oldest.Before(x.Oldest) {
		x.Oldest = y.Oldest
	}
	if y.Newest.After(x.Newest) {
		x.Newest = y.Newest
	}
	return x
}

// Halt is a stop of what leaves.
type Halt struct {
	ID       string
	ByPerson bool   // else the program stopped by itself
	Why      string // for people, without a full stop
	At       time.Time
	Held     int // posts that should have left meanwhile
}

// Overdue are the open cases of which one step is past its deadline.
type Overdue struct {
	Step   string
	Count  int
	Oldest time.Time // the deadline that passed first
	// Untold is of how many of them nobody was told, Unheard the first of those.
	Untold  int
	Unheard time.Time
}

// Node is what one process says of its machine. Sizes are in bytes.
type Node struct {
	Name                string
	DiskFree, DiskTotal int64
	SeenAt              time.Time
}

// Key is one key of a source whose end is known.
type Key struct {
	SourceID  string
	Kind      string // the code of the registry
	ExpiresAt time.Time
}

// Quota is how the calls of one method by one key stand that a network grants
// in any 24 hours.
type Quota struct {
	KeyPrint  string // the key's fingerprint
	Method    string
	Calls     int // granted
	Used      int
	Left      int
	FreesAt   time.Time // when the first used call comes back
	RefusedAt time.Time // when the network last said that it is used up
}

// Filter chooses alarms for a page.
type Filter struct {
	Past          bool // those that have passed; else those that have not
	Kinds         []Kind
	SourceID      string
	Since         time.Time // raised since; zero for all
	Limit, Offset int
}

// Page is a part of the alarms.
type Page struct {
	Alarms []Alarm
	Total  int // of the filter
	Open   int // that have not passed, whatever the filter
	Loud   int // of them those that nobody has taken
	// AuditedAt is when the auditor last looked; zero if it never did.
	AuditedAt time.Time
}
