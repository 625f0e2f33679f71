package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"otklik/internal/errs"
	"otklik/publisher"
)

// PostTemplates lists the templates by their titles.
func (s *Store) PostTemplates(ctx context.Context) ([]publisher.Template, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (publisher.Template, error) {
		var t publisher.Template
		var body string
		var edited int64
		if err := r.Scan(&t.ID, &body, &edited); err != nil {
			return t, err
		}
		id := t.ID
		err := json.Unmarshal([]byte(body), &t)
		t.ID, t.EditedAt = id, moment(edited)
		return t, err
	}, "SELECT id, body, edited_us FROM post_templates ORDER BY title, id")
}

// SavePostTemplate writes a template; an empty id begins one.
func (s *Store) SavePostTemplate(ctx context.Context, t publisher.Template, now time.Time) (publisher.Template, error) {
	err := s.inTx(ctx, now, func(tx *Tx) error {
		if t.ID == "" {
			var err error
			if t.ID, err = newID(); err != nil {
				return err
			}
		}
		body, err := json.Marshal(t)
		if err != nil {
			return err
		}
		_, err = tx.exec(ctx, `INSERT INTO post_templates (id, title, body, edited_us) VALUES ($1, $2, $3, $4)
			ON CONFLICT (id) DO UPDATE SET title = excluded.title, body = excluded.body, edited_us = excluded.edited_us`, t.ID, t.Title, string(body), tx.us)
		return err
	})
	return t, err
}

// DropPostTemplate forgets a template. Errors: NotFound.
func (s *Store) DropPostTemplate(ctx context.Context, id string, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		n, err := tx.exec(ctx, "DELETE FROM post_templates WHERE id = $1", id)
		if err == nil && n == 0 {
			err = errs.New(errs.NotFound, "Такого шаблона уже нет. Обновите страницу.")
		}
		return err
	})
}
