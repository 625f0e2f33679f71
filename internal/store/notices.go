package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"otklik/incidents"
	"otklik/internal/errs"
	"otklik/internal/notice"
)

// notify gives one person a notice; the same key is told once.
func (tx *Tx) notify(ctx context.Context, personID string, kind notice.Kind, key string, c incidents.Case, data map[string]string) error {
	id, err := newID()
	if err != nil {
		return err
	}
	body, err := json.Marshal(data)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO notices (id, person_id, kind, key, case_id, number, data, at_us, read_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0) ON CONFLICT DO NOTHING`, id, personID, string(kind), key, c.ID, c.Number, string(body), tx.us)
	return err
}

// Notices returns a part of a person's notices, the newest first.
func (s *Store) Notices(ctx context.Context, personID string, limit, offset int) (notice.Page, error) {
	var p notice.Page
	err := s.read.QueryRowContext(ctx, "SELECT COUNT(*), COALESCE(SUM(CASE WHEN read_us = 0 THEN 1 ELSE 0 END), 0) FROM notices WHERE person_id = $1", personID).
		Scan(&p.Total, &p.Unread)
	if err != nil {
		return p, err
	}
	p.Notices, err = collect(ctx, s.read, func(r *sql.Rows) (notice.Notice, error) {
		var x notice.Notice
		var data, message string
		var at, read int64
		if err := r.Scan(&x.ID, &x.Kind, &x.CaseID, &x.Number, &data, &at, &read, &message); err != nil {
			return x, err
		}
		x.At, x.ReadAt = moment(at), moment(read)
		var m struct{ Text string }
		err := errors.Join(json.Unmarshal([]byte(data), &x.Data), json.Unmarshal([]byte(message), &m))
		x.Title = m.Text
		return x, err
	}, `SELECT n.id, n.kind, n.case_id, n.number, n.data, n.at_us, n.read_us, COALESCE((SELECT c.message FROM cases c WHERE c.id = n.case_id), '{}')
		FROM notices n WHERE n.person_id = $1 ORDER BY n.at_us DESC, n.id DESC LIMIT $2 OFFSET $3`, personID, min(max(limit, 1), 200), max(offset, 0))
	return p, err
}

// UnreadNotices counts what a person has not looked at.
func (s *Store) UnreadNotices(ctx context.Context, personID string) (int, error) {
	var n int
	err := s.read.QueryRowContext(ctx, "SELECT COUNT(*) FROM notices WHERE person_id = $1 AND read_us = 0", personID).Scan(&n)
	return n, err
}

// ReadNotices marks one of a person's notices as read, or all of them with "".
// Errors: NotFound.
func (s *Store) ReadNotices(ctx context.Context, personID, id string, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		n, err := tx.exec(ctx, `UPDATE notices SET read_us = CASE WHEN read_us = 0 THEN $3 ELSE read_us END WHERE person_id = $1 AND ($2 = '' OR id = $2)`, personID, id, tx.us)
		if err != nil {
			return err
		}
		if n == 0 && id != "" {
			return errs.New(errs.NotFound, "Такого уведомления нет. Обновите страницу.")
		}
		return tx.bump(ctx, "notices")
	})
}
