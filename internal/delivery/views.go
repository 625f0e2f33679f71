package delivery

import (
	"time"
)

// Entry is one line of the page Доставка.
type Entry struct {
	Delivery
	SourceTitle string
	// CaseTitle is the citizen's message, or the title of the post.
	CaseTitle   string
	NextTryAt   time.Time
	DoneAt      time.Time
	Trouble     string
	TroubleCode string
	Permalink   string // of the answer, once the network has confirmed it
	// ThreadLink leads to the message that is answered, or else to its thread,
	// so that a person can look whether the answer stands there.
	ThreadLink string
	Approver   string
}

// Tab is a tab of the page Доставка.
type Tab string

const (
	TabToday   Tab = "today"
	TabUnknown Tab = "unknown"
	TabFailed  Tab = "failed"
	TabWaiting Tab = "waiting"
	TabSent    Tab = "sent"
)

// EntryFilter chooses lines of the page.
type EntryFilter struct {
	Tab    Tab
	Since  time.Time // the start of the day in the agency's zone, for TabToday
	Limit  int
	Offset int
}

// EntryPage is a part of the ledger, with the counts of all tabs.
type EntryPage struct {
	Entries []Entry
	Total   int
	Counts  map[Tab]int
}

// Resolution is what a person decides about a delivery that stopped.
type Resolution string

const (
	// Appeared: the person saw the answer in the network. unknown → sent.
	Appeared Resolution = "appeared"
	// SendAgain: the person looked and it is not there, or the cause of the
	// refusal is mended. unknown, failed → cancelled, and the same answer is
	// planned anew under an idempotency key of its own.
	SendAgain Resolution = "send_again"
)
