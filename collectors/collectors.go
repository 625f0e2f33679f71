// Package collectors is the way in: sources that read the networks, and the
// Runner that drives each of them under a lease, stores what came together
// with the cursor, and only then lets the network know that it was taken.
package collectors

import (
	"context"
	"time"

	"otklik/internal/social"
)

// Cursor is a stream's own note of where it stands. The Runner stores it in
// the transaction of the data it covers and understands none of it. The empty
// cursor means a first connection.
type Cursor string

// Source is one stream of one page: the live updates of a community, its
// history, the updates of a bot.
type Source interface {
	// Fetch waits for what follows the cursor and returns it. It returns an
	// empty batch when the network had nothing to say within its own waiting
	// time, and it honours ctx at every wait. What it returns may be thrown
	// away and asked for again with the same cursor: Fetch must not tell the
	// network that updates were taken beyond those the given cursor covers.
	//
	// A returned error is a *Trouble wherever the source knows what happened.
	Fetch(ctx context.Context, cursor Cursor) (Batch, error)
}

// Batch is what one Fetch brought.
type Batch struct {
	Updates []Update
	// Next is the cursor after this batch.
	Next Cursor
	// CompleteTo is the moment up to which the stream now knows everything;
	// zero leaves the earlier statement as it was.
	CompleteTo time.Time
	// Gaps are spans in which something may have been missed: the stream was
	// told so by the network, or noticed it. A history stream fills them.
	Gaps []Gap
	// Filled are spans that this batch has just made complete.
	Filled []Gap
	// Beyond are spans that were looked for and cannot be listed any more; gaps
	// in them stay open for ever, and are shown so.
	Beyond []Gap
	// Wish is what the stream says of a person's wish; nil says nothing.
	Wish *WishReply
	// Progress is a sentence for people about long work, such as reading the
	// history; empty when there is none.
	Progress string
	// Share is how much of that work is done, from 0 to 1; 0 while its size is
	// not known.
	Share float64
	// Due is when a stream that reads by plan expects to know more; until then
	// it is not behind. Zero leaves the earlier statement as it was.
	Due time.Time
	// Pause is how long to wait before the next Fetch.
	Pause time.Duration
}

// Gap is a span of time, From inclusive, To exclusive.
type Gap struct {
	From, To time.Time
	Reason   string // a sentence in Russian for the page of sources
	// Items are what the network numbered and never sent. A gap whose items
	// are all known otherwise, such as the agency's own answers, is none. Empty
	// where the network's numbers say nothing.
	Items []social.Ref
}

// Update is one thing the network sent, kept as it was, with what it means.
type Update struct {
	// Key is the network's own identifier of the update (Telegram update_id,
	// VK event_id) and makes a repeated update harmless. It is empty for what
	// was listed rather than sent; such updates are not kept raw.
	Key string
	// Raw is the update as received.
	Raw []byte
	// Broken is why Raw could not be understood, empty if it was. A broken
	// update is kept and counted, and its neighbours go on.
	Broken string
	// Reader is the version of the reader that read Raw. It grows whenever a
	// reader learns to understand more.
	Reader int
	// Changes is what the update means; an update of no interest has none.
	Changes []Change
}

// Op is what happened to an item.
type Op string

const (
	// Created: the item appeared. On an item that is known already it adds
	// nothing but the text at first sight, if that was missing.
	Created Op = "created"
	// Edited: the item now has this text.
	Edited Op = "edited"
	// Deleted: the item is gone; only Item.Ref is filled.
	Deleted Op = "deleted"
	// Restored: a deleted item is back.
	Restored Op = "restored"
	// Listed: the item was found in a listing with this text.
	Listed Op = "listed"
)

// Change is one event in the life of one item.
type Change struct {
	Op   Op
	Item social.Item
	// AskedAt is when the listing that showed the item was asked for, of Listed
	// only, by the program's own clock: what a listing shows stood in the network
	// then. Asked for after an item was taken for deleted it brings it back, asked
	// for after the present text was stored it brings a newer one.
	AskedAt time.Time
}

// Trouble is an error that the Runner and the page of sources can act on.
type Trouble struct {
	Kind TroubleKind
	// Message is one sentence in Russian: what happened and what to do.
	Message string
	// RetryAfter is what the network asked for; zero leaves it to the Runner.
	RetryAfter time.Duration
	// Cause goes to the log, with secrets already masked.
	Cause error
}

// TroubleKind sorts troubles by what helps.
type TroubleKind string

const (
	// Passing: a network failure, a time-out, a broken answer. Waiting helps.
	Passing TroubleKind = "passing"
	// Limited: the network asked to slow down.
	Limited TroubleKind = "limited"
	// Denied: the key is wrong, revoked, or has no right to this page. Only a
	// person can help, so the Runner asks again rarely.
	Denied TroubleKind = "denied"
)

func (t *Trouble) Error() string {
	if t.Cause == nil {
		return string(t.Kind) + ": " + t.Message
	}
	return string(t.Kind) + ": " + t.Message + ": " + t.Cause.Error()
}

// Unwrap gives errors.Is and errors.As the cause.
func (t *Trouble) Unwrap() error { return t.Cause }

// Stream names one way of reading a source, such as "vk:-1:live".
type Stream struct {
	Name     string
	SourceID string
	// History says that the stream lists what was written before and follows
	// people's wishes about it.
	History bool
}
