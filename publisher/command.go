package publisher

import (
	"time"

	"otklik/internal/social"
)

// Command is what somebody wants done with a post. The table in transitions.go
// says from which state, to which, and by whom.
type Command interface{ kind() EventKind }

// Write changes what the post says and where it goes. A change of content or
// pages voids the approval; a change of title, rubric or tags does not.
// May: WritePost. Any state in which nothing of the post is out.
type Write struct {
	Content Content
	PageIDs []string
	Title   string
	Rubric  string
	Tags    []string
}

// Plan sets when the post leaves, and by how much it may be late and still
// leave by itself. The zero moment takes it off the calendar. An approval stays.
// May: WritePost. Согласовано with a time becomes Запланировано.
type Plan struct {
	At     time.Time
	LateBy time.Duration
}

// Submit hands the post in for approval. May: WritePost. Черновик → На согласовании.
type Submit struct{}

// Rework sends it back with a reason. May: ReviewPost. На согласовании → Черновик.
type Rework struct{ Reason string }

// Approve lets the post out. It names the hash of what was read; a pre-flight
// refuses what would fail later. May: ReviewPost, who has written none of it.
// На согласовании → Запланировано, or Согласовано while it has no time.
type Approve struct{ Hash string }

// Withdraw takes the post back into work. May: WritePost.
// На согласовании, Согласовано, Запланировано → Черновик.
type Withdraw struct{ Reason string }

// Cancel says that the post will not go out, or not to the pages where it is
// not yet. May: WritePost. → Отменено, or Опубликовано where some of it is out.
type Cancel struct{ Reason string }

// Reopen makes a draft of a cancelled post. May: WritePost. Отменено → Черновик.
type Reopen struct{}

// Remark adds a comment beside the post. May: CommentPost; in any state.
type Remark struct{ Text string }

// ByHand says that a person published the part that has stopped, or found it,
// under a link. May: ActOnPost. What follows that part leaves by itself, unless
// Rest is the link under which it stands too; with nothing left the target is out.
type ByHand struct{ PageID, Link, Rest string }

// Amend proposes another content for a post that is out on some page. Pages
// where it is still to come out, or was refused, get the new content as well.
// May: WritePost.
type Amend struct{ Content Content }

// ApproveAmend lets the other content go into the networks. May: ReviewPost,
// who has written none of it.
type ApproveAmend struct{ Hash string }

// DropAmend forgets the other content. May: WritePost.
type DropAmend struct{}

// Remove takes a published post off a page. May: ActOnPost.
type Remove struct{ PageID, Reason string }

// Pin pins a published post on its page, or takes the pin off. May: ActOnPost.
type Pin struct {
	PageID string
	On     bool
}

// Release gives a post whose time has come to the ledger, except for the pages
// that are held. Only the program.
type Release struct{ Held []string }

// AskLate turns to a person, because the post is later than it may be by
// itself. Only the program.
type AskLate struct{}

// Sent records the network's confirmation of one part. Only the program.
type Sent struct {
	PageID string
	Part   int // from 0
	Ref    social.Ref
	// Also are further messages that make up the part, as of an album.
	Also []social.Ref
	Link string
	// PollID is the poll's own id in the network, where the part holds one.
	PollID string
}

// Found records what was learned later of a part that stands: where, the rest
// of its album, the name of its poll. It is no event. Only the program.
type Found struct {
	PageID string
	Part   int
	Ref    social.Ref
	Also   []social.Ref
	Link   string
	PollID string
}

// NotSent records that the network surely did not take a part. Only the program.
type NotSent struct{ PageID, Why string }

// Uncertain records that a part may or may not stand on the page. Only the program.
type Uncertain struct{ PageID, Why string }

// Resent records that a person has a part sent once more. Only the program, in
// that person's name.
type Resent struct{ PageID string }

// Changed records that an edit, a removal or a pin was carried out. Only the program.
type Changed struct {
	PageID string
	Act    Act
}

// NotChanged records that an edit, a removal or a pin did not work, or that it
// is not known. Only the program.
type NotChanged struct {
	PageID string
	Act    Act
	Why    string
}

// Vanished records that a network told of a part's deletion that the program had
// no hand in. Only the program.
type Vanished struct {
	PageID string
	Ref    social.Ref
}

// Reappeared records that the network shows such a part again. Only the program.
type Reappeared struct {
	PageID string
	Ref    social.Ref
}

func (Write) kind() EventKind        { return EventWritten }
func (Plan) kind() EventKind         { return EventPlanned }
func (Submit) kind() EventKind       { return EventSubmitted }
func (Rework) kind() EventKind       { return EventReworked }
func (Approve) kind() EventKind      { return EventApproved }
func (Withdraw) kind() EventKind     { return EventWithdrawn }
func (Cancel) kind() EventKind       { return EventCancelled }
func (Reopen) kind() EventKind       { return EventReopened }
func (Remark) kind() EventKind       { return EventRemark }
func (ByHand) kind() EventKind       { return EventByHand }
func (Amend) kind() EventKind        { return EventAmended }
func (ApproveAmend) kind() EventKind { return EventAmendApproved }
func (DropAmend) kind() EventKind    { return EventAmendDropped }
func (Remove) kind() EventKind       { return EventRemoving }
func (Pin) kind() EventKind          { return EventPinning }
func (Release) kind() EventKind      { return EventReleased }
func (AskLate) kind() EventKind      { return EventAskedLate }
func (Sent) kind() EventKind         { return EventSent }
func (Found) kind() EventKind        { return EventFound }
func (NotSent) kind() EventKind      { return EventNotSent }
func (Uncertain) kind() EventKind    { return EventUnsure }
func (Resent) kind() EventKind       { return EventResent }
func (Changed) kind() EventKind      { return EventChanged }
func (NotChanged) kind() EventKind   { return EventNotChanged }
func (Vanished) kind() EventKind     { return EventVanished }
func (Reappeared) kind() EventKind   { return EventReappeared }
