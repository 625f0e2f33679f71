package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"otklik/internal/delivery"
	"otklik/internal/errs"
	"otklik/publisher"
)

const haltColumns = "id, cause, pages, reason, by_id, by_name, at_us, ended_us, ended_id, ended_name"

func scanHalt(scan func(...any) error) (publisher.Halt, error) {
	var h publisher.Halt
	var cause, pages string
	var at, ended int64
	if err := scan(&h.ID, &cause, &pages, &h.Reason, &h.ByID, &h.ByName, &at, &ended, &h.EndedByID, &h.EndedBy); err != nil {
		return h, err
	}
	h.Cause, h.At, h.EndedAt = publisher.Cause(cause), moment(at), moment(ended)
	return h, json.Unmarshal([]byte(pages), &h.PageIDs)
}

// Halts implements publisher.Agenda: the stops that hold now, the oldest first.
func (s *Store) Halts(ctx context.Context) ([]publisher.Halt, error) { return halts(ctx, s.read) }

func halts(ctx context.Context, q querier) ([]publisher.Halt, error) {
	return collect(ctx, q, func(r *sql.Rows) (publisher.Halt, error) { return scanHalt(r.Scan) },
		"SELECT "+haltColumns+" FROM halts WHERE ended_us = 0 ORDER BY at_us, id")
}

// PastHalts lists the stops that have ended, the newest first.
func (s *Store) PastHalts(ctx context.Context, limit int) ([]publisher.Halt, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (publisher.Halt, error) { return scanHalt(r.Scan) },
		"SELECT "+haltColumns+" FROM halts WHERE ended_us <> 0 ORDER BY ended_us DESC LIMIT $1", limit)
}

// AddHalt stops what leaves. A stop by the program itself for a cause that
// already holds adds nothing.
func (s *Store) AddHalt(ctx context.Context, h publisher.Halt, now time.Time) error {
	pages, err := json.Marshal(h.PageIDs)
	if err != nil {
		return err
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		id, err := newID()
		if err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `INSERT INTO halts (id, cause, pages, reason, by_id, by_name, at_us, ended_us, ended_id, ended_name)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '', '') ON CONFLICT DO NOTHING`,
			id, string(h.Cause), string(pages), h.Reason, h.ByID, h.ByName, micros(h.At)); err != nil {
			return err
		}
		return tx.bump(ctx, "halts")
	})
}

// EndHalt lets things leave again, as decide says. Errors: NotFound, and
// whatever decide returns.
func (s *Store) EndHalt(ctx context.Context, id string, now time.Time, decide func(publisher.Halt) (publisher.Halt, error)) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		if _, err := tx.exec(ctx, "UPDATE halts SET reason = reason WHERE id = $1", id); err != nil {
			return err
		}
		h, err := scanHalt(tx.QueryRowContext(ctx, "SELECT "+haltColumns+" FROM halts WHERE id = $1", id).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			return errs.New(errs.NotFound, "Такой остановки нет. Обновите страницу.")
		}
		if err != nil {
			return err
		}
		if h, err = decide(h); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, "UPDATE halts SET ended_us = $2, ended_id = $3, ended_name = $4 WHERE id = $1",
			id, micros(h.EndedAt), h.EndedByID, h.EndedBy); err != nil {
			return err
		}
		return tx.bump(ctx, "halts")
	})
}

// HeldPosts lists the posts that a stop of the pages would hold: scheduled ones
// that have not left for all of them. No pages stand for all.
func (s *Store) HeldPosts(ctx context.Context, pageIDs []string, limit int) ([]publisher.Post, error) {
	q := planQuery(publisher.Filter{PageIDs: pageIDs, States: []publisher.State{publisher.Scheduled}}, true)
	q.and("p.waiting = 1")
	return collect(ctx, s.read, func(r *sql.Rows) (publisher.Post, error) { return scanPost(r.Scan) },
		"SELECT "+postColumns+" FROM posts p"+q.clause()+" ORDER BY p.at_us, p.number LIMIT "+q.arg(limit), q.args...)
}

// HeldDeliveries lists what stands in the ledger, has not begun to leave and is
// covered by one of the stops.
func (s *Store) HeldDeliveries(ctx context.Context, list []publisher.Halt, limit int) ([]delivery.Delivery, error) {
	if len(list) == 0 {
		return nil, nil
	}
	q := &query{}
	q.and("d.state = " + q.arg(string(delivery.Planned)))
	var any []string
	for _, h := range list {
		any = append(any, covered(q, h))
	}
	q.and("(" + strings.Join(any, " OR ") + ")")
	return collect(ctx, s.read, func(r *sql.Rows) (delivery.Delivery, error) { return scanDelivery(r.Scan) },
		"SELECT "+deliveryColumns+" FROM deliveries d"+q.clause()+" ORDER BY d.planned_us, d.id LIMIT "+q.arg(limit), q.args...)
}

// Signs returns the signs of life in the base as the computer node sees them.
func (s *Store) Signs(ctx context.Context, node string) (publisher.Signs, error) {
	var last, own, other, lastAt, ownAt, otherAt int64
	err := s.read.QueryRowContext(ctx, `SELECT b.seq, b.at_us, COALESCE(o.seq, 0), COALESCE(o.at_us, 0), COALESCE(x.seq, 0), COALESCE(x.at_us, 0)
		FROM beats b LEFT JOIN beaters o ON o.node = $1
			LEFT JOIN beaters x ON x.seq = (SELECT MAX(seq) FROM beaters WHERE node <> $1) AND x.node <> $1
		WHERE b.id = 1`, node).Scan(&last, &lastAt, &own, &ownAt, &other, &otherAt)
	return publisher.Signs{
		Last:  publisher.Beat{Seq: last, At: moment(lastAt)},
		Own:   publisher.Beat{Seq: own, At: moment(ownAt)},
		Other: publisher.Beat{Seq: other, At: moment(otherAt)},
	}, err
}

// Beat writes a sign of life of the computer node and returns the one before
// it, whoever gave it, and the new one.
func (s *Store) Beat(ctx context.Context, node string, now time.Time) (before, after publisher.Beat, err error) {
	err = s.inTx(ctx, now, func(tx *Tx) error {
		if _, err := tx.exec(ctx, "UPDATE beats SET seq = seq + 1 WHERE id = 1"); err != nil {
			return err
		}
		var at int64
		if err := tx.QueryRowContext(ctx, "SELECT seq, at_us FROM beats WHERE id = 1").Scan(&after.Seq, &at); err != nil {
			return err
		}
		before = publisher.Beat{Seq: after.Seq - 1, At: moment(at)}
		after.At = now
		if _, err := tx.exec(ctx, "UPDATE beats SET at_us = $1 WHERE id = 1", tx.us); err != nil {
			return err
		}
		_, err := tx.exec(ctx, `INSERT INTO beaters (node, seq, at_us) VALUES ($1, $2, $3)
			ON CONFLICT (node) DO UPDATE SET seq = excluded.seq, at_us = excluded.at_us`, node, after.Seq, tx.us)
		return err
	})
	return before, after, err
}
