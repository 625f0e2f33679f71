package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/finding"
	"otklik/internal/rights"
)

// SaveSearch keeps a search of a person; one of the same name is replaced.
// Errors: Invalid.
func (s *Store) SaveSearch(ctx context.Context, by rights.Actor, x finding.Saved, now time.Time) (string, error) {
	const most, longest = 50, 80
	x.Name = strings.TrimSpace(clean(x.Name))
	if x.Name == "" || len([]rune(x.Name)) > longest {
		return "", errs.Newf(errs.Invalid, "Назовите поиск: от 1 до %d знаков.", longest)
	}
	var id string
	err := s.inTx(ctx, now, func(tx *Tx) error {
		// The counter is locked first: two people's searches wait for each other,
		// so that nobody gets past the bound.
		if err := tx.bump(ctx, "searches"); err != nil {
			return err
		}
		err := tx.QueryRowContext(ctx, "SELECT id FROM saved_searches WHERE owner_id = $1 AND name = $2", by.ID, x.Name).Scan(&id)
		if err == nil {
			return tx.askAnew(ctx, id, x)
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		var have int
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM saved_searches WHERE owner_id = $1", by.ID).Scan(&have); err != nil {
			return err
		}
		if have >= most {
			return errs.Newf(errs.Invalid, "Сохранённых поисков уже %d. Удалите ненужные.", have)
		}
		if id, err = newID(); err != nil {
			return err
		}
		_, err = tx.exec(ctx, `INSERT INTO saved_searches (id, owner_id, owner_name, name, query, shared, created_us, after_seq)
			VALUES ($1, $2, $3, $4, $5, $6, $7, (SELECT value FROM counters WHERE name = 'item'))`,
			id, by.ID, by.Name, x.Name, x.Query, flag(x.Shared), tx.us)
		return err
	})
	return id, err
}

// askAnew gives a saved search another query. What the former one found is
// nothing that the new one did, so it begins anew; the same query goes on.
func (tx *Tx) askAnew(ctx context.Context, id string, x finding.Saved) error {
	if _, err := tx.exec(ctx, "DELETE FROM saved_hits WHERE search_id = $1 AND EXISTS (SELECT 1 FROM saved_searches s WHERE s.id = $1 AND s.query <> $2)", id, x.Query); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `UPDATE saved_searches SET after_seq = CASE WHEN query = $2 THEN after_seq ELSE (SELECT value FROM counters WHERE name = 'item') END,
		query = $2, shared = $3 WHERE id = $1`, id, x.Query, flag(x.Shared))
	return err
}

// ForgetSearch removes a search of a person. Errors: NotFound.
func (s *Store) ForgetSearch(ctx context.Context, by rights.Actor, id string, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		n, err := tx.exec(ctx, "DELETE FROM saved_searches WHERE id = $1 AND owner_id = $2", id, by.ID)
		if err == nil && n == 0 {
			return errs.New(errs.NotFound, "Такого поиска нет среди ваших. Общий поиск удаляет тот, кто его сохранил.")
		}
		if err != nil {
			return err
		}
		return tx.bump(ctx, "searches")
	})
}

// SavedSearches lists those that a person may use, with what is new in them.
func (s *Store) SavedSearches(ctx context.Context, personID string) ([]finding.Saved, error) {
	return collect(ctx, s.read, scanSaved, `SELECT s.id, s.owner_id, s.owner_name, s.name, s.query, s.shared, s.after_seq,
		(SELECT COUNT(*) FROM saved_hits h WHERE h.search_id = s.id
			AND h.found_us > COALESCE((SELECT l.seen_us FROM saved_looks l WHERE l.search_id = s.id AND l.person_id = $1), s.created_us))
		FROM saved_searches s WHERE s.owner_id = $1 OR s.shared = 1 ORDER BY s.name, s.id`, personID)
}

func scanSaved(r *sql.Rows) (finding.Saved, error) {
	var x finding.Saved
	var shared int
	err := r.Scan(&x.ID, &x.OwnerID, &x.OwnerName, &x.Name, &x.Query, &shared, &x.AfterSeq, &x.New)
	x.Shared = shared == 1
	return x, err
}

// LookAtSearch notes that a person has seen what a saved search found.
func (s *Store) LookAtSearch(ctx context.Context, personID, id string, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		_, err := tx.exec(ctx, `INSERT INTO saved_looks (search_id, person_id, seen_us)
			SELECT s.id, $2, CAST($3 AS BIGINT) FROM saved_searches s WHERE s.id = $1 AND (s.owner_id = $2 OR s.shared = 1)
			ON CONFLICT (search_id, person_id) DO UPDATE SET seen_us = excluded.seen_us`, id, personID, tx.us)
		return err
	})
}

// Watch is what all saved searches ask, and how far they have been asked.
type Watch struct {
	List []finding.Saved
	// Revision grows when the list changes.
	Revision int64
	// UpTo is the revision of items up to which they have been asked, Newest the
	// present one: whatever is saved later asks for what is stored after that.
	UpTo, Newest int64
}

// WatchedSearches returns all saved searches.
func (s *Store) WatchedSearches(ctx context.Context) (Watch, error) {
	var w Watch
	err := s.read.QueryRowContext(ctx, `SELECT (SELECT value FROM counters WHERE name = 'rev.searches'),
		(SELECT value FROM counters WHERE name = 'archive.watched'), (SELECT value FROM counters WHERE name = 'item.revision')`).Scan(&w.Revision, &w.UpTo, &w.Newest)
	if err != nil {
		return w, err
	}
	w.List, err = collect(ctx, s.read, scanSaved, "SELECT id, owner_id, owner_name, name, query, shared, after_seq, 0 FROM saved_searches ORDER BY id")
	return w, err
}

// SearchesRemember is how long what saved searches found is kept.
const SearchesRemember = 90 * 24 * time.Hour

// SearchHit is an item that a saved search found as it came in.
type SearchHit struct{ SearchID, ItemID string }

// KeepSearchHits notes what saved searches found up to a revision of items, each
// once, and forgets what is older than SearchesRemember.
func (s *Store) KeepSearchHits(ctx context.Context, hits []SearchHit, upTo int64, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		var found int64
		for _, h := range hits {
			n, err := tx.exec(ctx, `INSERT INTO saved_hits (search_id, item_id, found_us)
				SELECT s.id, $2, CAST($3 AS BIGINT) FROM saved_searches s WHERE s.id = $1 ON CONFLICT DO NOTHING`, h.SearchID, h.ItemID, tx.us)
			if err != nil {
				return err
			}
			found += n
		}
		if found > 0 {
			if err := tx.bump(ctx, "hits"); err != nil {
				return err
			}
		}
		if _, err := tx.exec(ctx, "DELETE FROM saved_hits WHERE found_us < $1", micros(now.Add(-SearchesRemember))); err != nil {
			return err
		}
		_, err := tx.exec(ctx, "UPDATE counters SET value = $1 WHERE name = 'archive.watched' AND value < $1", upTo)
		return err
	})
}
