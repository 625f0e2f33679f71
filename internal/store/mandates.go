package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/publisher"
)

const mandateColumns = "m.id, m.number, m.title, m.asks, m.content, m.adapt, m.due_us, m.by_id, m.by_name, m.at_us, m.withdrawn_us, m.withdrawn_name, m.why"

func scanMandate(scan func(...any) error) (publisher.Mandate, error) {
	var m publisher.Mandate
	var content, adapt string
	var due, at, withdrawn int64
	if err := scan(&m.ID, &m.Number, &m.Title, &m.From, &content, &adapt, &due, &m.ByID, &m.ByName, &at, &withdrawn, &m.WithdrawnBy, &m.Why); err != nil {
		return m, err
	}
	m.Adapt, m.DueAt, m.At, m.WithdrawnAt = publisher.Adapting(adapt), moment(due), moment(at), moment(withdrawn)
	return m, json.Unmarshal([]byte(content), &m.Content)
}

// Issue keeps a mandate and the drafts of its pages, all or nothing.
func (s *Store) Issue(ctx context.Context, m publisher.Mandate, posts []publisher.Begun, now time.Time) (publisher.Mandate, error) {
	var out publisher.Mandate
	err := s.inTx(ctx, now, func(tx *Tx) error {
		out = m
		var err error
		if out.ID, err = newID(); err != nil {
			return err
		}
		if out.Number, err = tx.take(ctx, "mandate", 1); err != nil {
			return err
		}
		content, err := json.Marshal(m.Content)
		if err != nil {
			return err
		}
		if _, err = tx.exec(ctx, `INSERT INTO mandates (id, number, title, asks, content, adapt, due_us, by_id, by_name, at_us, withdrawn_us, withdrawn_name, why)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, '', '')`,
			out.ID, out.Number, m.Title, m.From, string(content), string(m.Adapt), micros(m.DueAt), m.ByID, m.ByName, micros(m.At)); err != nil {
			return err
		}
		for i, x := range posts {
			p, err := tx.insertPost(ctx, x.Post, x.Event)
			if err != nil {
				return err
			}
			if _, err := tx.exec(ctx, "INSERT INTO mandate_posts (mandate_id, page_id, place, post_id) VALUES ($1, $2, $3, $4)",
				out.ID, m.PageIDs[i], i, p.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// Mandates lists mandates with their posts, those that hold first, the nearest
// deadline first.
func (s *Store) Mandates(ctx context.Context, limit, offset int) ([]publisher.MandateView, error) {
	list, err := collect(ctx, s.read, func(r *sql.Rows) (publisher.Mandate, error) { return scanMandate(r.Scan) },
		"SELECT "+mandateColumns+` FROM mandates m ORDER BY CASE WHEN m.withdrawn_us = 0 THEN 0 ELSE 1 END, m.due_us DESC, m.number DESC LIMIT $1 OFFSET $2`, limit, offset)
	if err != nil {
		return nil, err
	}
	var out []publisher.MandateView
	for _, m := range list {
		v, err := s.mandateView(ctx, s.read, m)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// Mandate returns one mandate by its number. Errors: NotFound.
func (s *Store) Mandate(ctx context.Context, number int64) (publisher.MandateView, error) {
	m, err := loadMandate(ctx, s.read, number)
	if err != nil {
		return publisher.MandateView{}, err
	}
	return s.mandateView(ctx, s.read, m)
}

func loadMandate(ctx context.Context, q querier, number int64) (publisher.Mandate, error) {
	m, err := scanMandate(q.QueryRowContext(ctx, "SELECT "+mandateColumns+" FROM mandates m WHERE m.number = $1", number).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return m, errs.New(errs.NotFound, "Такого обязательного поста нет. Проверьте номер.")
	}
	return m, err
}

func (s *Store) mandateView(ctx context.Context, q querier, m publisher.Mandate) (publisher.MandateView, error) {
	posts, err := collect(ctx, q, func(r *sql.Rows) (publisher.Post, error) { return scanPost(r.Scan) },
		"SELECT "+postColumns+" FROM mandate_posts x JOIN posts p ON p.id = x.post_id WHERE x.mandate_id = $1 ORDER BY x.place", m.ID)
	for _, p := range posts {
		if len(p.Targets) > 0 {
			m.PageIDs = append(m.PageIDs, p.Targets[0].PageID)
		}
	}
	return publisher.MandateView{Mandate: m, Posts: posts}, err
}

// Withdraw ends a mandate and cancels what of it is not out yet.
// Errors: NotFound, and those of publisher.Mandate.Withdraw.
func (s *Store) Withdraw(ctx context.Context, by rights.Actor, number int64, reason string, now time.Time) (publisher.Mandate, error) {
	var out publisher.Mandate
	err := s.inTx(ctx, now, func(tx *Tx) error {
		if _, err := tx.exec(ctx, "UPDATE mandates SET number = number WHERE number = $1", number); err != nil {
			return err
		}
		m, err := loadMandate(ctx, tx, number)
		if err != nil {
			return err
		}
		if out, err = m.Withdraw(reason, by, now); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, "UPDATE mandates SET withdrawn_us = $2, withdrawn_name = $3, why = $4 WHERE id = $1",
			m.ID, tx.us, out.WithdrawnBy, out.Why); err != nil {
			return err
		}
		return tx.releaseAll(ctx, out, by)
	})
	return out, err
}

func (tx *Tx) releaseAll(ctx context.Context, m publisher.Mandate, by rights.Actor) error {
	ids, err := collect(ctx, tx, func(r *sql.Rows) (string, error) {
		var id string
		return id, r.Scan(&id)
	}, "SELECT post_id FROM mandate_posts WHERE mandate_id = $1 ORDER BY place", m.ID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		p, err := tx.lockPost(ctx, id)
		if err != nil {
			return err
		}
		d, ok := m.Release(p, by, tx.now)
		if !ok {
			continue
		}
		if err := tx.carryOutPost(ctx, p, d); err != nil {
			return err
		}
	}
	return tx.bump(ctx, "posts")
}
