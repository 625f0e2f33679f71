package classify

import (
	"time"

	"otklik/internal/social"
)

// Item is what is known of a message.
type Item struct {
	Text string
	Kind social.Kind
	// OwnPage says that it stands on a page of the agency.
	OwnPage bool
	// Depth is how far it stands below its post: 0 for a post and where nothing
	// is known, 1 for a comment, 2 for an answer to a comment.
	Depth int
}

// Example is an Item that a person has decided about.
type Example struct {
	Item
	Label string
	// At is when it was decided; the zero time where nobody knows.
	At time.Time
}

// Guess is a label and how probable it is.
type Guess struct {
	Label       string
	Probability float64
}

// Reason is a part of an explanation: words of the text, or a shape of it, and
// how much it speaks for the guess; below zero, against it.
type Reason struct {
	Words  string
	Weight float64
}
