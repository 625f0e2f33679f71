// Package delivery is the ledger of everything that leaves the program. A row
// is written before the network is called, and the row decides what may
// happen next: nothing is sent because some worker remembers that it should be.
package delivery

import (
	"context"
	"time"

	"otklik/internal/social"
	"otklik/publisher"
)

// State is where a delivery stands.
//
//	planned → sending → sent | unknown | failed | planned (surely not sent, to be tried again)
//	unknown → sent (seen in the network, or a person says so)
//	unknown, failed → cancelled, with a new planned one beside it (a person has it sent again)
//	planned, failed → cancelled (a person takes it back or does it by hand)
type State string

const (
	Planned   State = "planned"
	Sending   State = "sending"
	Sent      State = "sent"
	Unknown   State = "unknown"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// Kind is what leaves.
type Kind string

const (
	KindAnswer    Kind = "answer"     // into a thread, for a case
	KindPost      Kind = "post"       // onto a page, by plan
	KindPoll      Kind = "poll"       // a part of a post that is a poll by itself
	KindEdit      Kind = "edit"       // of a post that stands
	KindDelete    Kind = "delete"     // of a post that stands
	KindPin       Kind = "pin"        // of a post that stands
	KindUnpin     Kind = "unpin"      // of a post that is pinned
	KindClosePoll Kind = "poll_close" // of a poll that stands
	KindNotice    Kind = "notice"     // to one person in a bot
)

// Urgent says that the emergency stop lets it go: an answer to a citizen, and the
// end of a poll, after which nobody shall vote any more.
func (k Kind) Urgent() bool { return k == KindAnswer || k == KindClosePoll }

// Harmless says that carrying it out twice leaves what once leaves: it may be
// repeated whatever became of an earlier call.
func (k Kind) Harmless() bool {
	switch k {
	case KindEdit, KindDelete, KindPin, KindUnpin, KindClosePoll:
		return true
	}
	return false
}

// Delivery is one row of the ledger: one call that one page makes.
type Delivery struct {
	ID   string // UUIDv7; the idempotency key of networks that take one is derived from it
	Kind Kind
	// SubjectID is what it is sent for: a case, a post, a poll.
	SubjectID string
	Number    int64 // of the case or the post, for people
	Network   social.Network
	SourceID  string // the page that speaks
	// Thread is the post under which an answer goes, ReplyTo the comment it
	// answers; ReplyTo is zero where the citizen wrote the post itself. For a
	// change of what stands, Thread is the item that is changed.
	Thread  social.Ref
	ReplyTo social.Ref
	Author  social.Author // whom the answer addresses
	Text    string
	// Part is exactly what is published or what a post is changed to, PartNumber
	// its place in the post, from 0. Nil for what has no content of its own.
	Part       *publisher.Part
	PartNumber int
	// Refs are all the messages of the post that is changed or removed.
	Refs []social.Ref
	// PollID is the network's own name of the poll: of the one that is closed or
	// stands under the post that is edited, or of the one made for this post.
	PollID string
	// Uploaded names the media of Part as the network does, in their order, once
	// they were uploaded; so nothing is uploaded twice.
	Uploaded []string
	State    State
	// Attempt counts the calls made, this one included.
	Attempt int
	// MaybeOut says that an earlier call may have been taken: only a repetition
	// that the network recognises is allowed.
	MaybeOut  bool
	PlannedAt time.Time
	// LeaveBy is until when it may leave by itself; later a person is asked. Zero
	// for what may leave at any time.
	LeaveBy time.Time
	// SendingAt is when the current or last call began.
	SendingAt time.Time
	// FirstSendingAt is when the first call began; the network's window of
	// idempotency is counted from it.
	FirstSendingAt time.Time
}

// Receipt is the network's confirmation.
type Receipt struct {
	Ref       social.Ref
	Permalink string
	// Also are further messages that make it up, as of an album in Telegram.
	Also []social.Ref
	// PollID is the network's own id of a poll that was published.
	PollID string
	// Result is the final result of a poll that was closed, nil where the network
	// did not tell it.
	Result *social.PollResult
}

// Sender carries out one delivery in one network. The error is a *Failure.
type Sender interface {
	Send(ctx context.Context, d Delivery) (Receipt, error)
}

// Outcome says what is known of a call that did not bring a receipt.
type Outcome string

const (
	// NotSent: the network surely did not take it. It may be tried again.
	NotSent Outcome = "not_sent"
	// Refused: the network surely did not take it and never will as it stands.
	Refused Outcome = "refused"
	// Uncertain: the request may have been taken and its answer lost.
	Uncertain Outcome = "uncertain"
)

// Failure is a classified error of a Sender.
type Failure struct {
	Outcome Outcome
	// Repeatable says that repeating an uncertain call cannot double it,
	// because the network takes an idempotency key and its window is open.
	Repeatable bool
	// RetryAfter is what the network asked for; zero leaves it to the worker.
	RetryAfter time.Duration
	// Unasked says that the network was not called, because its limits allow it
	// only after RetryAfter.
	Unasked bool
	// Code is short and stable, for tables and metrics: "vk.15", "tg.403", "timeout".
	Code string
	// Message is one sentence in Russian: what happened and what to do.
	Message string
	Cause   error
}

func (f *Failure) Error() string {
	s := string(f.Outcome) + " " + f.Code + ": " + f.Message
	if f.Cause != nil {
		s += ": " + f.Cause.Error()
	}
	return s
}

// Unwrap gives errors.Is and errors.As the cause.
func (f *Failure) Unwrap() error { return f.Cause }
