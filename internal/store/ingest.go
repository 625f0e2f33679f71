package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/collectors"
	"otklik/internal/lease"
	"otklik/internal/records"
)

// Cursor returns where a stream stands; "" when it has never been read. The
// stream is one that EnsureStream has made known.
func (s *Store) Cursor(ctx context.Context, stream string) (collectors.Cursor, error) {
	var c string
	err := s.read.QueryRowContext(ctx, "SELECT cursor FROM streams WHERE name = $1", stream).Scan(&c)
	if err != nil {
		return "", fmt.Errorf("stream %s: %w", stream, err)
	}
	return collectors.Cursor(c), nil
}

// Commit stores what a stream brought, together with the cursor, in one
// transaction under the stream's lease. It returns how many items are new.
// Errors: lease.ErrLost when the stream has gone to another worker.
func (s *Store) Commit(ctx context.Context, l lease.Lease, stream collectors.Stream, b collectors.Batch, now time.Time) (int, error) {
	var created int
	err := s.inTx(ctx, now, func(tx *Tx) error {
		if err := tx.fenced(ctx, l); err != nil {
			return err
		}
		in, err := tx.intake(ctx, stream)
		if err != nil {
			return err
		}
		for _, u := range b.Updates {
			if err := in.take(ctx, u); err != nil {
				return err
			}
		}
		created = in.created
		if err := in.tellFound(ctx); err != nil {
			return err
		}
		if err := in.gaps(ctx, b); err != nil {
			return err
		}
		if err := in.count(ctx); err != nil {
			return err
		}
		return in.advance(ctx, b)
	})
	return created, err
}

// intake is one batch on its way into the database.
type intake struct {
	tx      *Tx
	stream  collectors.Stream
	created int
	written written
	found   span // of what only a listing showed
	touched bool // a case shows something that has changed
	public  int  // 1 when the source reads what is not the agency's own
	// masks are those who are taken in without their names, by network and number.
	masks map[records.Author]string
	// received is when the update came, if that was long before this
	// transaction; zero means that it is of now.
	received time.Time
}

// intake begins to store what a stream brought.
func (tx *Tx) intake(ctx context.Context, stream collectors.Stream) (intake, error) {
	in := intake{tx: tx, stream: stream}
	err := tx.QueryRowContext(ctx, "SELECT public FROM sources WHERE id = $1", stream.SourceID).Scan(&in.public)
	if err != nil {
		return in, err
	}
	in.masks, err = tx.masks(ctx)
	return in, err
}

// masks lists those whose later messages are to be taken in without their names.
func (tx *Tx) masks(ctx context.Context) (map[records.Author]string, error) {
	masks := map[records.Author]string{}
	_, err := collect(ctx, tx, func(r *sql.Rows) (struct{}, error) {
		var a records.Author
		var alias string
		err := r.Scan(&a.Network, &a.ID, &alias)
		masks[a] = alias
		return struct{}{}, err
	}, "SELECT network, author_id, alias FROM erasures WHERE lasting = 1")
	return masks, err
}

// mask takes the name of a person who asked for it out of an update, and says
// whether it did: the raw form would tell it, so that is not kept.
func (in *intake) mask(changes []collectors.Change) bool {
	hit := false
	for i := range changes {
		it := &changes[i].Item
		alias, ok := in.masks[records.Author{Network: it.Ref.Network, ID: it.Author.ID}]
		if ok && !it.Author.Own {
			hit = true
			it.Author, it.Permalink, it.Media = masked(alias), "", nil
		}
	}
	return hit
}

// told is when the network said what is being stored.
func (in *intake) told() int64 {
	if in.received.IsZero() {
		return in.tx.us
	}
	return micros(in.received)
}

// take stores one update and carries out its changes, once for each key.
func (in *intake) take(ctx context.Context, u collectors.Update) error {
	u.Changes = slices.Clone(u.Changes)
	hidden := in.mask(u.Changes)
	if u.Key != "" {
		raw, encoding := string(u.Raw), "text"
		if hidden {
			raw = "{}"
		}
		if !utf8.ValidString(raw) || strings.Contains(raw, "\x00") {
			raw, encoding = base64.StdEncoding.EncodeToString([]byte(raw)), "base64"
		}
		n, err := in.tx.exec(ctx, `INSERT INTO updates (stream, key, raw, encoding, broken, reader, received_us)
			VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`, in.stream.Name, clean(u.Key), raw, encoding, clean(u.Broken), u.Reader, in.tx.us)
		if err != nil || n == 0 {
			return err
		}
	}
	for _, c := range u.Changes {
		if err := in.change(ctx, storable(c)); err != nil {
			return err
		}
	}
	return nil
}

// advance moves the cursor and notes that the stream is well.
func (in *intake) advance(ctx context.Context, b collectors.Batch) error {
	news, err := in.newsOfSource(ctx, b)
	if err != nil {
		return err
	}
	n, err := in.tx.exec(ctx, `UPDATE streams SET cursor = $2,
		complete_us = CASE WHEN $3 > complete_us THEN $3 ELSE complete_us END,
		fetched_us = $4, trouble_kind = '', trouble = '', failing_us = 0, cooling_us = 0, progress = $5, share = $6,
		due_us = CASE WHEN $7 > due_us THEN $7 ELSE due_us END WHERE name = $1`,
		in.stream.Name, string(b.Next), micros(b.CompleteTo), in.tx.us, clean(b.Progress), int64(b.Share*shareUnit), micros(b.Due))
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("stream %s is not known: its cursor would be lost", in.stream.Name)
	}
	if b.Wish != nil {
		if err := in.reply(ctx, *b.Wish); err != nil {
			return err
		}
	}
	if news {
		if err := in.tx.bump(ctx, "sources"); err != nil {
			return err
		}
	}
	if in.touched {
		return in.tx.bump(ctx, "cases")
	}
	return nil
}

// newsOfSource says that the page of sources shows something else after this
// batch than the mere passing of time.
func (in *intake) newsOfSource(ctx context.Context, b collectors.Batch) (bool, error) {
	var trouble, progress string
	var complete int64
	err := in.tx.QueryRowContext(ctx, "SELECT trouble_kind, progress, complete_us FROM streams WHERE name = $1", in.stream.Name).Scan(&trouble, &progress, &complete)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	first := complete == 0 && !b.CompleteTo.IsZero()
	return first || trouble != "" || progress != clean(b.Progress) || b.Wish != nil ||
		len(b.Gaps)+len(b.Filled)+len(b.Beyond)+in.found.items > 0, err
}

// shareUnit is the whole of a stream's long work as it is stored.
const shareUnit = 1000

// inLine is how long a stream waits without being said to cool down.
const inLine = time.Minute

// Fail notes that a stream could not be read, and why. One that the network
// keeps waiting for more than a minute is shown as cooling down.
// Errors: lease.ErrLost.
func (s *Store) Fail(ctx context.Context, l lease.Lease, stream collectors.Stream, t *collectors.Trouble, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		if err := tx.fenced(ctx, l); err != nil {
			return err
		}
		var cooling int64
		if t.Kind == collectors.Limited && t.RetryAfter > inLine {
			cooling = micros(now.Add(t.RetryAfter))
		}
		_, err := tx.exec(ctx, `UPDATE streams SET trouble_kind = $2, trouble = $3, cooling_us = $4,
			failing_us = CASE WHEN failing_us = 0 THEN $5 ELSE failing_us END WHERE name = $1`,
			stream.Name, string(t.Kind), clean(t.Message), cooling, tx.us)
		if err != nil {
			return err
		}
		return tx.bump(ctx, "sources")
	})
}
