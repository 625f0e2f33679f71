package incidents

import (
	"time"

	"otklik/internal/rights"
	"otklik/internal/social"
)

// Sort is the order of the queue.
type Sort string

const (
	ByDue    Sort = "due" // the most urgent first; the default
	Newest   Sort = "new" // the newest first
	ByStage  Sort = "stage"
	ByClosed Sort = "closed"
	ByChance Sort = "chance" // the most probable first
)

// DueFilter narrows the queue by deadline.
type DueFilter string

const (
	DueAny     DueFilter = ""
	DueOverdue DueFilter = "overdue"
	DueToday   DueFilter = "today"
	DueWeek    DueFilter = "week"   // within seven days, today included
	DueStands  DueFilter = "stands" // every clock stands still
)

// Filter is what a person has chosen to see in the queue. Empty lists mean all.
type Filter struct {
	Stages      []Stage
	Topics      []string
	Departments []string // "-" stands for none chosen
	// Places are ids of the gazetteer; a case fits that happens there or in
	// something that lies there. "-" stands for no known place.
	Places   []string
	Networks []social.Network
	Due      DueFilter
	// ExecutorID narrows to one person's cases.
	ExecutorID string
	// Text is matched against the message, the author and the number.
	Text string
	// Messages are ids of messages that a search found for Text; cases with one
	// of them match as well.
	Messages []string
	// Closed shows finished cases too; without it only open ones are shown,
	// unless Stages asks for Done.
	Closed bool
	// Mass narrows to the members of a mass incident by its number.
	Mass int64
	// Fold shows the members of an open mass incident as one line.
	Fold bool
	Sort Sort
	// By is who looks: only what the bounds of their roles let them see is found.
	By rights.Actor
	// TodayEnds is the end of the current day in the agency's zone.
	TodayEnds time.Time
	Now       time.Time
	Limit     int // at most 200
	Offset    int
}

// Row is one line of the queue.
type Row struct {
	ID           string
	Number       int64
	Stage        Stage
	Outcome      Outcome
	Network      social.Network
	Ref          social.Ref
	Text         string
	Marks        []Span // what to highlight in Text
	TopicID      string
	TopicName    string
	DepartmentID string
	Department   string
	Place        string
	Fast         bool
	AuthorName   string
	ExecutorID   string
	ExecutorName string
	SourceTitle  string
	Importance   int
	PublishedAt  time.Time
	OpenedAt     time.Time
	DueAt        time.Time // of the next open step, zero while every clock stands still
	ClosedAt     time.Time
	Step         string // deadline.Step that is due next, "" for none
	Timing       Timing
	// OrganisationID is in whose hands it is, by whose hours its time is counted.
	OrganisationID string
	Attached       int // further messages of the same author in the same thread
	Copies         int // reposts and copies of the message elsewhere
	// Mass is the open mass incident that the case is a member of, zero for none.
	Mass Mass
	// Trouble is why the approved answer does not stand in the thread yet.
	Trouble string
	// Uncertain says of a Trouble that the answer may stand there all the same.
	Uncertain     bool
	AuthorDeleted bool
	Life          Life
	// Probability is that of a reaction being due, −1 where nobody has judged.
	Probability float64
	Auto        bool // the program has handed it out
}

// Reason is what speaks for a reaction being due or, below zero, against it.
type Reason struct {
	Words  string  `json:"words"`
	Weight float64 `json:"weight"`
}

// Mass is a mass incident as other pages show it.
type Mass struct {
	Number  int64 // 0 for none
	Title   string
	Closed  bool
	Members int
	// Folded is how many further members the queue would show under the same filter.
	Folded int
}

// Copy is a message elsewhere that repeats the one of a case.
type Copy struct {
	Network   social.Network
	Author    string
	Source    string // the page's title
	Permalink string
	At        time.Time
	Repost    bool
}

// Span is a part of a text in bytes, End exclusive.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// Page is a part of the queue.
type Page struct {
	Rows  []Row
	Total int
	// Overdue and Today count within the same filter, whatever page is shown.
	Overdue, Today int
	// Note is what people have to know of how the text was looked for, "" for nothing.
	Note string
}

// Counts is what the navigation shows.
type Counts struct {
	Open     int // all open cases
	Mine     int // open cases whose executor is the person
	Approval int // cases that wait for approval
	// Agreement is how many wait for somebody to agree to their answer.
	Agreement int
	Overdue   int
	NoDept    int
	// Unlikely is what rules found and the program holds no complaint.
	Unlikely int
	// Masses is how many mass incidents go on.
	Masses int
	// Stuck is how many deliveries need a person.
	Stuck int
	// Sick is how many sources need a person.
	Sick int
	// CompleteTo is the moment up to which all sources are known to be read.
	CompleteTo time.Time
}

// Why is one rule that fired on the message, and on which words.
type Why struct {
	RuleID   string
	RuleName string
	Version  int
	Topic    string
	Words    []string
	Marks    []Span
}

// Version is one text that an item had.
type Version struct {
	Text     string
	EditedAt time.Time // by the network's clock where it tells, zero of the first text
	SeenAt   time.Time // when the program learned of it
}

// Photo is one photo of an item, as far as it is kept.
type Photo struct {
	Key     string // the network's name of it
	State   string // media.State
	Trouble string // why it is not kept, a sentence for people
	// Picture and Thumb are the hashes under which it is kept, large and small.
	Picture, Thumb string
	Width, Height  int
	SeenAt         time.Time
	DoneAt         time.Time // when it was kept or given up
	// Former says that the item does not show it any more.
	Former bool
}

// ThreadItem is one post or comment of the thread around a case.
type ThreadItem struct {
	ID        string
	Item      social.Item
	SeenAt    time.Time
	DeletedAt time.Time
	// Versions are all texts that it had, the one at first sight first and the
	// present one last.
	Versions []Version
	// Photos are those of the item and, of an album, those of its other parts.
	Photos []Photo
	// IsMessage marks the message that opened the case, IsAttached further ones.
	IsMessage  bool
	IsAttached bool
	Marks      []Span
}

// View is all that the page of a case shows.
type View struct {
	Case       Case
	TopicName  string
	Department string
	Source     string // the page's title
	Why        []Why
	// Probability is that of a reaction being due, −1 where nobody has judged;
	// Reasons are what it was judged by, the weightiest first.
	Probability float64
	Reasons     []Reason
	Thread      []ThreadItem
	// Earlier is how many items of the thread stand before those shown.
	Earlier int
	// History is that of the card, after that of the cards it came from by
	// redirection.
	History []Event
	// Copies are the newest ones; Mass is the case's mass incident, if any.
	Copies []Copy
	Mass   Mass
	// Delivery is the newest ledger row of the case, zero where there is none.
	Delivery Outgoing
	// Draft is the person's own unsaved text.
	Draft   string
	DraftAt time.Time
}

// Outgoing is what the page of a case shows of the ledger.
type Outgoing struct {
	ID        string
	State     string // delivery.State
	Attempts  int
	PlannedAt time.Time
	SendingAt time.Time
	DoneAt    time.Time
	NextTryAt time.Time
	Trouble   string
	Permalink string
}
