package collectors

import "time"

// Wish is what a person asked of a source's history. A stream with a history
// looks at the newest wish between two calls and follows it once.
type Wish struct {
	// Number grows with every wish of a source; zero means that nobody has asked.
	Number int64
	Kind   WishKind
	// Days is how far back WishRead goes.
	Days  int
	State WishState
	At    time.Time
	By    string // the name of the person
	// SaidAt is when the stream last said something of the wish.
	SaidAt time.Time
	// KnownFrom is since when posts and what stands under them are known, as the
	// stream says when it has carried the wish out. It says nothing of what was
	// written later under older posts.
	KnownFrom time.Time
	// Short says that this is later than what was asked for: one pass reads a
	// bounded number of posts.
	Short bool
}

// WishKind is what is wished for.
type WishKind string

const (
	// WishStop: to end a long reading of the history and keep what was read.
	WishStop WishKind = "stop"
	// WishRead: to read the history anew, some days back.
	WishRead WishKind = "read"
)

// MaxWishDays bounds how far back a person may ask to read.
const MaxWishDays = 365

// WishState is how far a wish is carried out.
type WishState string

const (
	WishAsked   WishState = "asked"   // the stream has not looked at it yet
	WishTaken   WishState = "taken"   // the history is being read
	WishDone    WishState = "done"    // carried out
	WishDropped WishState = "dropped" // another wish came before it was done
)

// WishReply is what a batch says of a wish.
type WishReply struct {
	Number    int64
	State     WishState // WishTaken or WishDone
	KnownFrom time.Time
	Short     bool
}

// HistoryStatus is what the page Источники shows of a source's history.
type HistoryStatus struct {
	// Reading says that a long reading is under way: the first one, or one that
	// was asked for. The regular looks back are not meant.
	Reading bool
	// Share is how much of it is read, from 0 to 1; 0 while that is not known.
	Share float64
	// Wish is the newest one, or nil.
	Wish *Wish
}
