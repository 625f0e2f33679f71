package publisher

import (
	"time"

	"otklik/internal/social"
)

// Filter is what a person has chosen to see of the plan. Empty lists mean all.
type Filter struct {
	// From and To bound the planned time; posts without one are left out when
	// either is set.
	From, To time.Time
	States   []State
	PageIDs  []string
	Rubrics  []string
	// AuthorIDs are those who began the posts.
	AuthorIDs []string
	SeriesID  string
	// Text is matched against the title, the text, the tags and the number.
	Text string
	// Undated keeps only posts that have no time: the drafts beside the calendar.
	Undated bool
	Limit   int // at most 500
	Offset  int
}

// List is a part of the plan.
type List struct {
	Posts []Post
	Total int
	// Counts are the numbers in each state within the same filter, but for its states.
	Counts map[State]int
}

// Version is one content that a post had.
type Version struct {
	Number  int // the post's version at which it came
	Content Content
	ByID    string
	By      string
	At      time.Time
}

// View is all that the page of a post shows.
type View struct {
	Post     Post
	History  []Event
	Versions []Version // the newest first
	Poll     *Poll
	Under    []Under
}

// Under is what happens under a post on one page.
type Under struct {
	PageID string
	// Comments are all that were seen and not deleted; Complaints those that
	// opened a case or joined one.
	Comments   int
	Complaints int
	// Open, Answered and Rejected are cases of the thread.
	Open     int
	Answered int
	Rejected int
	// Stats is the newest count that the network gave, At its moment; Reach is how
	// many people saw the post. What is not told is Untold.
	Stats Reactions
	At    time.Time
	Reach int
}

// Template is a content to begin posts with.
type Template struct {
	ID       string
	Title    string
	Content  Content
	Rubric   string
	Tags     []string
	EditedAt time.Time
}

// PageStats is what a network says of a whole page at a moment.
type PageStats struct {
	PageID string
	At     time.Time
	// Subscribers is how many people follow the page.
	Subscribers int
	// Reach is how many people saw something of the page on the last whole day
	// that the network told, social.Untold where it does not.
	Reach int
}

// PostStats is what a network says of one post of a page at a moment.
type PostStats struct {
	PageID    string
	Ref       social.Ref
	At        time.Time
	Reactions Reactions
}

// MandateView is a mandate with the posts of its pages, in its order.
type MandateView struct {
	Mandate Mandate
	Posts   []Post
}

// Proofs judges every page.
func (v MandateView) Proofs(now time.Time) []Proof {
	var out []Proof
	for _, p := range v.Posts {
		out = append(out, Prove(v.Mandate, p, now))
	}
	return out
}
