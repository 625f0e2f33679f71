package collectors

import (
	"context"
	"time"

	"otklik/internal/lease"
	"otklik/internal/social"
)

// Rereader is a source that can look again at updates which an older version
// of it kept without understanding them.
type Rereader interface {
	// Reader is the version of the reader.
	Reader() int
	// Reread reads the updates anew, in their order, as if they had come at the
	// cursor. It answers with as many as it was given, each with its own key. An
	// error, a *Trouble, leaves them for another time.
	Reread(ctx context.Context, cursor Cursor, raw []KeptUpdate) ([]KeptUpdate, error)
}

// KeptUpdate is an update from the inbox.
type KeptUpdate struct {
	Update
	ReceivedAt time.Time
}

// Unread keeps the updates that were not understood.
type Unread interface {
	// Broken returns the oldest updates of a stream that were not understood by a
	// reader of a version below the given one.
	Broken(ctx context.Context, stream string, below, limit int) ([]KeptUpdate, error)
	// Mend stores what they mean now, under the stream's lease, and returns how
	// many are understood. Doing so twice changes nothing.
	Mend(ctx context.Context, l lease.Lease, stream Stream, list []KeptUpdate, now time.Time) (int, error)
}

// rereadAtOnce is how many updates are read anew between two fetches, so that
// the stream goes on meanwhile.
const rereadAtOnce = 50

// mend gives the source a part of what an older version of it did not
// understand. It comes after a good fetch: by then the source is connected. A
// failure leaves it all for the next time and holds nothing up.
func (r *Runner) mend(ctx context.Context, l lease.Lease, at Cursor) {
	again, able := r.Source.(Rereader)
	if r.mended || !able || r.Unread == nil {
		return
	}
	list, err := r.Unread.Broken(ctx, r.Stream.Name, again.Reader(), rereadAtOnce)
	if err == nil && len(list) == 0 {
		r.mended = true
		return
	}
	var understood int
	if err == nil {
		list, err = again.Reread(ctx, at, list)
	}
	if err == nil {
		understood, err = r.Unread.Mend(ctx, l, r.Stream, list, r.Now())
	}
	if err != nil {
		r.Log.Warn("kept updates were not read anew", "stream", r.Stream.Name, "err", err)
		return
	}
	r.Log.Info("kept updates read anew", "stream", r.Stream.Name, "read", len(list), "understood", understood)
	if r.Stored != nil && understood > 0 {
		r.Stored(understood)
	}
}

// UnreadFilter is what a person has chosen to see of what was not understood.
type UnreadFilter struct {
	SourceID string // empty: of all sources
	Limit    int
	Offset   int
}

// UnreadPage is a part of what was not understood, the newest first.
type UnreadPage struct {
	Rows  []UnreadRow
	Total int
	// Sources are those with something in the list, whatever the filter is.
	Sources []UnreadSource
	// Mended is how many a newer version has understood in the meantime.
	Mended int
}

// UnreadSource counts what was not understood of one source.
type UnreadSource struct {
	ID, Title string
	Network   social.Network
	Count     int
}

// UnreadRow is one update that was kept and not understood.
type UnreadRow struct {
	SourceTitle string
	Network     social.Network
	Stream, Key string
	Reason      string
	Raw         []byte // as it came
	Reader      int
	ReceivedAt  time.Time
}
