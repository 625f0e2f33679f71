package social

import "time"

// Untold stands for a number that the network does not tell.
const Untold = -1

// PollResult is how a poll stands.
type PollResult struct {
	// Poll names it as its network does: "poll-1_2" in VK, the poll's id in Telegram.
	Poll     string       `json:"poll"`
	Question string       `json:"question"`
	Answers  []PollAnswer `json:"answers"`
	// Voters is how many people voted; with several answers allowed it is less
	// than the sum of the votes.
	Voters   int       `json:"voters"`
	Closed   bool      `json:"closed"`
	ClosesAt time.Time `json:"closes_at,omitzero"`
}

// PollAnswer is one answer and its votes.
type PollAnswer struct {
	Text  string `json:"text"`
	Votes int    `json:"votes"`
}

// PostNumbers is what the network counts under one post. Untold where it does not.
type PostNumbers struct {
	Ref      Ref `json:"ref"`
	Views    int `json:"views"`
	Likes    int `json:"likes"` // Telegram: all reactions together
	Reposts  int `json:"reposts"`
	Comments int `json:"comments"`
}

// PostReach is how many different people saw a post and what they did then.
type PostReach struct {
	Ref         Ref `json:"ref"`
	Total       int `json:"total"`
	Subscribers int `json:"subscribers"`
	Links       int `json:"links"`       // followed the post's links
	Joined      int `json:"joined"`      // became subscribers
	Hidden      int `json:"hidden"`      // hid it
	Complaints  int `json:"complaints"`  // reported it
	Unsubscribe int `json:"unsubscribe"` // left after it
}

// PageDay is what the network counts for a page over one day of its own: VK
// counts by Moscow time.
type PageDay struct {
	From         time.Time `json:"from"`
	To           time.Time `json:"to"`
	Views        int       `json:"views"`
	Visitors     int       `json:"visitors"`
	Reach        int       `json:"reach"`
	Likes        int       `json:"likes"`
	Reposts      int       `json:"reposts"`
	Comments     int       `json:"comments"`
	Subscribed   int       `json:"subscribed"`
	Unsubscribed int       `json:"unsubscribed"`
}
