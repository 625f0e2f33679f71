package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/publisher"
)

// ImportPost makes a draft of one row of a file, unless the row has made one
// before; it says whether it was made now.
func (s *Store) ImportPost(ctx context.Context, key string, x publisher.Begun, now time.Time) (made bool, err error) {
	err = s.inTx(ctx, now, func(tx *Tx) error {
		made = false
		var known string
		err := tx.QueryRowContext(ctx, "SELECT post_id FROM plan_rows WHERE row_key = $1", key).Scan(&known)
		if err == nil || !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		p, err := tx.insertPost(ctx, x.Post, x.Event)
		if err != nil {
			return err
		}
		made = true
		_, err = tx.exec(ctx, "INSERT INTO plan_rows (row_key, post_id, at_us) VALUES ($1, $2, $3)", key, p.ID, tx.us)
		return err
	})
	return made, err
}

// Imported are the posts that rows of files have made before, by the rows' keys.
func (s *Store) Imported(ctx context.Context, keys []string) (map[string]publisher.Post, error) {
	out := map[string]publisher.Post{}
	if len(keys) == 0 {
		return out, nil
	}
	q := &query{}
	in(q, "r.row_key", keys)
	type made struct {
		key  string
		post publisher.Post
	}
	list, err := collect(ctx, s.read, func(r *sql.Rows) (made, error) {
		var m made
		var err error
		m.post, err = scanPost(r.Scan, &m.key)
		return m, err
	}, "SELECT "+postColumns+", r.row_key FROM plan_rows r JOIN posts p ON p.id = r.post_id"+q.clause(), q.args...)
	for _, m := range list {
		out[m.key] = m.post
	}
	return out, err
}

// Numbered are the posts with these numbers, by their numbers.
func (s *Store) Numbered(ctx context.Context, numbers []int64) (map[int64]publisher.Post, error) {
	out := map[int64]publisher.Post{}
	if len(numbers) == 0 {
		return out, nil
	}
	q := &query{}
	marks := make([]string, len(numbers))
	for i, n := range numbers {
		marks[i] = q.arg(n)
	}
	q.and("p.number IN (" + strings.Join(marks, ", ") + ")")
	list, err := collect(ctx, s.read, func(r *sql.Rows) (publisher.Post, error) { return scanPost(r.Scan) }, "SELECT "+postColumns+" FROM posts p"+q.clause(), q.args...)
	for _, p := range list {
		out[p.Number] = p
	}
	return out, err
}

// keepFiles is how long a file waits for its person.
const keepFiles = 24 * time.Hour

// KeepPlanFile keeps what was read of a file until its person decides, and
// forgets files that nobody came back to.
func (s *Store) KeepPlanFile(ctx context.Context, personID, name, body string, now time.Time) (string, error) {
	id, err := newID()
	if err != nil {
		return "", err
	}
	return id, s.inTx(ctx, now, func(tx *Tx) error {
		if _, err := tx.exec(ctx, "DELETE FROM plan_files WHERE at_us < $1", micros(now.Add(-keepFiles))); err != nil {
			return err
		}
		_, err := tx.exec(ctx, "INSERT INTO plan_files (id, person_id, name, body, at_us) VALUES ($1, $2, $3, $4, $5)", id, personID, clean(name), clean(body), tx.us)
		return err
	})
}

// PlanFile returns a kept file of a person. Errors: NotFound.
func (s *Store) PlanFile(ctx context.Context, personID, id string) (name, body string, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT name, body FROM plan_files WHERE id = $1 AND person_id = $2", id, personID).Scan(&name, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return "", "", errs.New(errs.NotFound, "Этого файла больше нет: он хранится сутки. Загрузите его ещё раз.")
	}
	return name, body, err
}
