package store

import (
	"context"
	"encoding/base64"
	"time"
	"unicode/utf8"

	"otklik/collectors"
	"otklik/internal/lease"
)

// Cursor returns where a stream stands; "" when it has never been read.
func (s *Store) Cursor(ctx context.Context, stream string) (collectors.Cursor, error) {
	var c string
	err := s.read.QueryRowContext(ctx, "SELECT cursor FROM streams WHERE name = $1", stream).Scan(&c)
	return collectors.Cursor(c), err
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
		in := intake{tx: tx, stream: stream}
		for _, u := range b.Updates {
			if err := in.take(ctx, u); err != nil {
				return err
			}
		}
		created = in.created
		if err := in.gaps(ctx, b); err != nil {
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
	touched bool // a case shows something that has changed
}

// take stores one update and carries out its changes, once for each key.
func (in *intake) take(ctx context.Context, u collectors.Update) error {
	if u.Key != "" {
		raw, encoding := string(u.Raw), "text"
		if !utf8.ValidString(raw) || hasNUL(raw) {
			raw, encoding = base64.StdEncoding.EncodeToString(u.Raw), "base64"
		}
		n, err := in.tx.exec(ctx, `INSERT INTO updates (stream, key, raw, encoding, broken, received_us)
			VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`, in.stream.Name, u.Key, raw, encoding, u.Broken, in.tx.us)
		if err != nil || n == 0 {
			return err
		}
	}
	for _, c := range u.Changes {
		if err := in.change(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func hasNUL(s string) bool {
	for i := range len(s) {
		if s[i] == 0 {
			return true
		}
	}
	return false
}

// advance moves the cursor and notes that the stream is well.
func (in *intake) advance(ctx context.Context, b collectors.Batch) error {
	_, err := in.tx.exec(ctx, `UPDATE streams SET cursor = $2,
		complete_us = CASE WHEN $3 > complete_us THEN $3 ELSE complete_us END,
		fetched_us = $4, trouble_kind = '', trouble = '', failing_us = 0, cooling_us = 0, progress = $5 WHERE name = $1`,
		in.stream.Name, string(b.Next), micros(b.CompleteTo), in.tx.us, b.Progress)
	if err != nil {
		return err
	}
	if in.touched {
		return in.tx.bump(ctx, "cases")
	}
	return nil
}

func (in *intake) gaps(ctx context.Context, b collectors.Batch) error {
	for _, g := range b.Gaps {
		id, err := newID()
		if err != nil {
			return err
		}
		_, err = in.tx.exec(ctx, "INSERT INTO gaps (id, source_id, from_us, to_us, reason) VALUES ($1, $2, $3, $4, $5)",
			id, in.stream.SourceID, micros(g.From), micros(g.To), g.Reason)
		if err != nil {
			return err
		}
	}
	for _, g := range b.Filled {
		_, err := in.tx.exec(ctx, "UPDATE gaps SET filled_us = $4 WHERE source_id = $1 AND filled_us = 0 AND from_us >= $2 AND to_us <= $3",
			in.stream.SourceID, micros(g.From), micros(g.To), in.tx.us)
		if err != nil {
			return err
		}
	}
	return nil
}

// Fail notes that a stream could not be read, and why.
// Errors: lease.ErrLost.
func (s *Store) Fail(ctx context.Context, l lease.Lease, stream collectors.Stream, t *collectors.Trouble, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		if err := tx.fenced(ctx, l); err != nil {
			return err
		}
		var cooling int64
		if t.Kind == collectors.Limited && t.RetryAfter > 0 {
			cooling = micros(now.Add(t.RetryAfter))
		}
		_, err := tx.exec(ctx, `UPDATE streams SET trouble_kind = $2, trouble = $3, cooling_us = $4,
			failing_us = CASE WHEN failing_us = 0 THEN $5 ELSE failing_us END WHERE name = $1`,
			stream.Name, string(t.Kind), t.Message, cooling, tx.us)
		if err != nil {
			return err
		}
		return tx.bump(ctx, "sources")
	})
}
