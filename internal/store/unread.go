package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"time"

	"otklik/collectors"
	"otklik/internal/lease"
	"otklik/internal/social"
)

// Broken returns the oldest updates of a stream that a reader of a version
// below the given one could not understand.
func (s *Store) Broken(ctx context.Context, stream string, below, limit int) ([]collectors.KeptUpdate, error) {
	// Keys that are numbers stand in the order of the network.
	return collect(ctx, s.read, func(r *sql.Rows) (collectors.KeptUpdate, error) {
		var u collectors.KeptUpdate
		var raw, encoding string
		var received int64
		if err := r.Scan(&u.Key, &raw, &encoding, &u.Broken, &u.Reader, &received); err != nil {
			return u, err
		}
		u.ReceivedAt = moment(received)
		var err error
		u.Raw, err = decodeRaw(raw, encoding)
		return u, err
	}, `SELECT key, raw, encoding, broken, reader, received_us FROM updates
		WHERE stream = $1 AND broken <> '' AND reader < $2 ORDER BY received_us, LENGTH(key), key LIMIT $3`, stream, below, limit)
}

func decodeRaw(raw, encoding string) ([]byte, error) {
	if encoding == "base64" {
		return base64.StdEncoding.DecodeString(raw)
	}
	return []byte(raw), nil
}

// Mend carries out what updates mean that were not understood when they came,
// each one once. It returns how many are understood now.
// Errors: lease.ErrLost when the stream has gone to another worker.
func (s *Store) Mend(ctx context.Context, l lease.Lease, stream collectors.Stream, list []collectors.KeptUpdate, now time.Time) (int, error) {
	var understood int
	err := s.inTx(ctx, now, func(tx *Tx) error {
		understood = 0
		if err := tx.fenced(ctx, l); err != nil {
			return err
		}
		in, err := tx.intake(ctx, stream)
		if err != nil {
			return err
		}
		for _, u := range list {
			n, err := in.mend(ctx, u)
			if err != nil {
				return err
			}
			understood += n
		}
		if in.touched {
			if err := tx.bump(ctx, "cases"); err != nil {
				return err
			}
		}
		return tx.bump(ctx, "sources")
	})
	return understood, err
}

func (in *intake) mend(ctx context.Context, u collectors.KeptUpdate) (int, error) {
	var mended int64
	if u.Broken == "" {
		mended = in.tx.us
	}
	n, err := in.tx.exec(ctx, `UPDATE updates SET broken = $3, reader = $4, mended_us = $5
		WHERE stream = $1 AND key = $2 AND broken <> '' AND reader < $4`, in.stream.Name, u.Key, clean(u.Broken), u.Reader, mended)
	if err != nil || n == 0 || mended == 0 {
		return 0, err
	}
	in.received = u.ReceivedAt
	for _, c := range u.Changes {
		if err := in.change(ctx, storable(c)); err != nil {
			return 0, err
		}
	}
	return 1, nil
}

// Unread returns a part of what was not understood, the newest first.
func (s *Store) Unread(ctx context.Context, f collectors.UnreadFilter) (collectors.UnreadPage, error) {
	var p collectors.UnreadPage
	q := &query{}
	q.and("u.broken <> ''")
	if f.SourceID != "" {
		q.and("s.id = " + q.arg(f.SourceID))
	}
	const from = " FROM updates u JOIN streams t ON t.name = u.stream JOIN sources s ON s.id = t.source_id"
	err := errors.Join(
		s.read.QueryRowContext(ctx, "SELECT COUNT(*)"+from+q.clause(), q.args...).Scan(&p.Total),
		s.read.QueryRowContext(ctx, "SELECT COUNT(*) FROM updates WHERE mended_us <> 0").Scan(&p.Mended),
	)
	if err != nil {
		return p, err
	}
	p.Sources, err = collect(ctx, s.read, func(r *sql.Rows) (collectors.UnreadSource, error) {
		var x collectors.UnreadSource
		var network string
		err := r.Scan(&x.ID, &x.Title, &network, &x.Count)
		x.Network = social.Network(network)
		return x, err
	}, "SELECT s.id, s.title, s.network, COUNT(*)"+from+" WHERE u.broken <> '' GROUP BY s.id, s.title, s.network ORDER BY s.title, s.id")
	if err != nil {
		return p, err
	}
	limit, offset := q.arg(min(max(f.Limit, 1), 200)), q.arg(max(f.Offset, 0))
	p.Rows, err = collect(ctx, s.read, scanUnread, "SELECT s.title, s.network, u.stream, u.key, u.broken, u.raw, u.encoding, u.reader, u.received_us"+
		from+q.clause()+" ORDER BY u.received_us DESC, u.stream, u.key LIMIT "+limit+" OFFSET "+offset, q.args...)
	return p, err
}

func scanUnread(r *sql.Rows) (collectors.UnreadRow, error) {
	var x collectors.UnreadRow
	var network, raw, encoding string
	var received int64
	err := r.Scan(&x.SourceTitle, &network, &x.Stream, &x.Key, &x.Reason, &raw, &encoding, &x.Reader, &received)
	if err != nil {
		return x, err
	}
	x.Network, x.ReceivedAt = social.Network(network), moment(received)
	x.Raw, err = decodeRaw(raw, encoding)
	return x, err
}
