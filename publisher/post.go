// Package publisher is what goes out by plan: drafts, their approval by another
// person, occurrences of what repeats, polls, stops and the figures of pages.
// It knows no database and no network; whoever keeps the plan implements Book.
package publisher

import (
	"slices"
	"time"

	"otklik/internal/social"
)

// State is where a post stands.
type State string

const (
	Draft     State = "draft"     // Черновик
	Review    State = "review"    // На согласовании
	Approved  State = "approved"  // Согласовано, without a time
	Scheduled State = "scheduled" // Запланировано: leaves at its time
	Published State = "published" // Опубликовано on all its pages
	Failed    State = "failed"    // Не опубликовано: at least one page surely did not take it
	Check     State = "check"     // Проверьте: a person has to look and decide
	Cancelled State = "cancelled" // Отменено
)

// States lists all states in the order in which a post passes them.
func States() []State {
	return []State{Draft, Review, Approved, Scheduled, Published, Failed, Check, Cancelled}
}

// Title is the state's name as people read it, "" for an unknown one.
func (s State) Title() string {
	switch s {
	case Draft:
		return "Черновик"
	case Review:
		return "На согласовании"
	case Approved:
		return "Согласовано"
	case Scheduled:
		return "Запланировано"
	case Published:
		return "Опубликовано"
	case Failed:
		return "Не опубликовано"
	case Check:
		return "Проверьте"
	case Cancelled:
		return "Отменено"
	}
	return ""
}

// TargetState is where a post stands on one page.
type TargetState string

const (
	Waiting TargetState = "waiting" // not given to the ledger yet
	Leaving TargetState = "leaving" // in the ledger
	Out     TargetState = "out"     // stands on the page
	Refused TargetState = "refused" // surely not on the page
	Unsure  TargetState = "unsure"  // may or may not stand on the page
	Dropped TargetState = "dropped" // will not go to this page
	Taken   TargetState = "taken"   // stood on the page and was removed
)

// Target is a post on one page.
type Target struct {
	PageID  string         `json:"page"`
	Network social.Network `json:"network"`
	State   TargetState    `json:"state"`
	// Refs are the items that it became, one for each part that went out.
	Refs []social.Ref `json:"refs,omitempty"`
	// Also are further messages that make up its first part, as of an album.
	Also []social.Ref `json:"also,omitempty"`
	Link string       `json:"link,omitempty"`
	// OutAt is when the network confirmed the first part.
	OutAt time.Time `json:"out_at,omitzero"`
	// Trouble is a sentence for people: why it does not stand there, or why the
	// last change to it did not work.
	Trouble string `json:"trouble,omitempty"`
	Pinned  bool   `json:"pinned,omitempty"`
	// VanishedAt is when the network said that the post was deleted there although
	// the program had not deleted it; zero while it stands.
	VanishedAt time.Time `json:"vanished_at,omitzero"`
}

// stands says that the page shows the post, or a part of it, and that the
// program knows where: then it can be changed there.
func (t Target) stands() bool {
	return (t.State == Out || t.State == Refused) && len(t.Refs) > 0 && !t.Refs[0].IsZero()
}

// Approval is one person's consent to one content.
type Approval struct {
	Hash     string    `json:"hash,omitempty"`
	ByID     string    `json:"by,omitempty"`
	ByName   string    `json:"by_name,omitempty"`
	At       time.Time `json:"at,omitzero"`
	Inherits bool      `json:"inherits,omitempty"` // it came with the series
}

// Amendment is another content for a post that stands in the networks already.
// It waits for approval as the post itself did.
type Amendment struct {
	Content    Content `json:"content"`
	WriterID   string  `json:"writer"`
	WriterName string  `json:"writer_name"`
}

// Post is one post of the plan, on all its pages.
type Post struct {
	ID     string
	Number int64
	// Version grows by one with every change; a change names the version it saw.
	Version    int
	State      State
	StateSince time.Time
	// Title is for the calendar; it is never sent.
	Title   string
	Content Content
	Rubric  string
	Tags    []string
	// At is when the post has to leave, zero while nobody has said.
	At time.Time
	// LateBy is by how much the post may be late and still leave by itself;
	// later than that a person is asked.
	LateBy time.Duration
	// MustBy is the deadline of a mandated post, zero for all others; Mandated is
	// what its pages may change of it.
	MustBy   time.Time
	Mandated *Mandated
	Targets  []Target

	AuthorID   string
	AuthorName string
	// Writers are all who ever changed the content; none of them may approve it.
	Writers   []string
	Approval  Approval
	Amendment *Amendment
	// Question is what a person is asked in the state Check, where it is not
	// about a target: that the post is late.
	Question string

	// SeriesID and Slot name the occurrence of a series that this post is: the
	// local time at which the rule fires. They stay when the post is moved.
	SeriesID string
	Slot     string
	// Touched says that a person has changed this occurrence: the series leaves
	// it alone from then on.
	Touched bool

	CreatedAt time.Time
}

// Target returns the post's target on a page.
func (p Post) Target(pageID string) (Target, bool) {
	for _, t := range p.Targets {
		if t.PageID == pageID {
			return t, true
		}
	}
	return Target{}, false
}

// PageIDs lists the pages that the post is for.
func (p Post) PageIDs() []string {
	var ids []string
	for _, t := range p.Targets {
		if t.State != Dropped {
			ids = append(ids, t.PageID)
		}
	}
	return ids
}

// Has says that some target is in one of the states.
func (p Post) Has(states ...TargetState) bool {
	return slices.ContainsFunc(p.Targets, func(t Target) bool { return slices.Contains(states, t.State) })
}

// begun says that something of the post stands, or stood, on some page.
func (p Post) begun() bool {
	return p.Has(Out, Taken) || slices.ContainsFunc(p.Targets, func(t Target) bool { return len(t.Refs) > 0 })
}

// clone copies what a decision changes in place.
func (p Post) clone() Post {
	p.Targets = slices.Clone(p.Targets)
	p.Writers = slices.Clone(p.Writers)
	p.Tags = slices.Clone(p.Tags)
	return p
}

// overall is the state that follows from the targets of a post on its way.
func overall(p Post) State {
	switch {
	case p.Question != "" || p.Has(Unsure):
		return Check
	case p.Has(Refused):
		return Failed
	case p.Has(Waiting, Leaving):
		return Scheduled
	case p.Has(Out, Taken):
		return Published
	}
	return Cancelled
}

// EventKind is what happened to a post.
type EventKind string

const (
	EventCreated       EventKind = "created"
	EventWritten       EventKind = "written"
	EventPlanned       EventKind = "planned"
	EventSubmitted     EventKind = "submitted"
	EventReworked      EventKind = "reworked"
	EventApproved      EventKind = "approved"
	EventWithdrawn     EventKind = "withdrawn"
	EventCancelled     EventKind = "cancelled"
	EventReopened      EventKind = "reopened"
	EventRemark        EventKind = "remark"
	EventByHand        EventKind = "by_hand"
	EventAmended       EventKind = "amended"
	EventAmendApproved EventKind = "amend_approved"
	EventAmendDropped  EventKind = "amend_dropped"
	EventRemoving      EventKind = "removing"
	EventPinning       EventKind = "pinning"
	EventReleased      EventKind = "released"
	EventAskedLate     EventKind = "asked_late"
	EventSent          EventKind = "sent"
	EventFound         EventKind = "found"
	EventNotSent       EventKind = "not_sent"
	EventUnsure        EventKind = "unsure"
	EventResent        EventKind = "resent"
	EventChanged       EventKind = "changed"
	EventNotChanged    EventKind = "not_changed"
	EventVanished      EventKind = "vanished"
	EventReappeared    EventKind = "reappeared"
)

// Event is one line of a post's history. Events are only ever added.
type Event struct {
	At        time.Time
	ActorID   string // empty when the program acted
	ActorName string
	Kind      EventKind
	Version   int
	// PageID is the page that the event is about, "" for all.
	PageID string
	// Text is what a person wrote, or what the network said.
	Text string
	// Data names what changed: "link", "at", "hash", "act".
	Data map[string]string
}
