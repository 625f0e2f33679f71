package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"otklik/index/places"
	"otklik/internal/errs"
	"otklik/internal/rights"
)

// Gazetteer returns the places of the territory, with a revision that grows
// when they change; false when the caller has that revision.
func (s *Store) Gazetteer(ctx context.Context, have int64) ([]places.Place, int64, bool, error) {
	var revision int64
	err := s.read.QueryRowContext(ctx, "SELECT value FROM counters WHERE name = 'rev.places'").Scan(&revision)
	if err != nil || revision == have {
		return nil, revision, false, err
	}
	list, err := gazetteer(ctx, s.read)
	return list, revision, true, err
}

func gazetteer(ctx context.Context, q querier) ([]places.Place, error) {
	return collect(ctx, q, func(r *sql.Rows) (places.Place, error) {
		var p places.Place
		var synonyms string
		if err := r.Scan(&p.ID, &p.Kind, &p.Type, &p.Name, &p.ParentID, &p.Houses, &synonyms); err != nil {
			return p, err
		}
		err := json.Unmarshal([]byte(synonyms), &p.Synonyms)
		if len(p.Synonyms) == 0 {
			p.Synonyms = nil
		}
		return p, err
	}, "SELECT id, kind, type, name, parent_id, houses, synonyms FROM places ORDER BY position")
}

// SaveGazetteer replaces the gazetteer. Cases keep the place that they have;
// routes and pages of places that are gone go with them.
// Errors: Forbidden, Invalid when it is empty.
func (s *Store) SaveGazetteer(ctx context.Context, by rights.Actor, list []places.Place, now time.Time) error {
	if !by.IsSystem() && !by.Can(rights.ManageDirectory) {
		return errs.New(errs.Forbidden, "Территории загружает администратор или координатор.")
	}
	if len(list) == 0 {
		return errs.New(errs.Invalid, "В файле нет ни одного места. Прежние территории остались как были.")
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		if err := tx.remapped(ctx); err != nil {
			return err
		}
		return tx.putGazetteer(ctx, list)
	})
}

// putGazetteer writes the places, and drops what is kept for those that are gone.
func (tx *Tx) putGazetteer(ctx context.Context, list []places.Place) error {
	if _, err := tx.exec(ctx, "DELETE FROM places"); err != nil {
		return err
	}
	for i, p := range list {
		synonyms, err := json.Marshal(append([]string{}, p.Synonyms...))
		if err != nil {
			return err
		}
		_, err = tx.exec(ctx, "INSERT INTO places (id, kind, type, name, parent_id, houses, synonyms, position) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
			p.ID, string(p.Kind), p.Type, clean(p.Name), p.ParentID, clean(p.Houses), clean(string(synonyms)), i)
		if err != nil {
			return err
		}
	}
	for _, q := range []string{
		"DELETE FROM routes WHERE place_id <> '' AND place_id NOT IN (SELECT id FROM places)",
		"DELETE FROM source_places WHERE place_id NOT IN (SELECT id FROM places)",
	} {
		if _, err := tx.exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// remapped says that places are others now. Where a message happens is written
// into the archive with it, so archives that hold any are built anew.
func (tx *Tx) remapped(ctx context.Context) error {
	if err := tx.bump(ctx, "places"); err != nil {
		return err
	}
	_, err := tx.exec(ctx, "UPDATE counters SET value = value + 1 WHERE name = 'archive.wish' AND EXISTS (SELECT 1 FROM items)")
	return err
}

// PagePlaces returns the territory of each page that has one, by the ids of
// both.
func (s *Store) PagePlaces(ctx context.Context) (map[string]string, error) {
	type pair struct{ source, place string }
	list, err := collect(ctx, s.read, func(r *sql.Rows) (pair, error) {
		var x pair
		return x, r.Scan(&x.source, &x.place)
	}, "SELECT source_id, place_id FROM source_places")
	out := make(map[string]string, len(list))
	for _, x := range list {
		out[x.source] = x.place
	}
	return out, err
}

// SavePagePlace sets the territory of a page; "" takes it away.
// Errors: Forbidden, NotFound, Invalid when there is no such place.
func (s *Store) SavePagePlace(ctx context.Context, by rights.Actor, sourceID, placeID string, now time.Time) error {
	if !by.IsSystem() && !by.Can(rights.ManageDirectory) {
		return errs.New(errs.Forbidden, "Территорию страницы задаёт администратор или координатор.")
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		var one int
		err := tx.QueryRowContext(ctx, "SELECT 1 FROM sources WHERE id = $1", sourceID).Scan(&one)
		if errors.Is(err, sql.ErrNoRows) {
			return errs.New(errs.NotFound, "Такой страницы нет.")
		}
		if err != nil {
			return err
		}
		if err := tx.remapped(ctx); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, "DELETE FROM source_places WHERE source_id = $1", sourceID); err != nil || placeID == "" {
			return err
		}
		n, err := tx.exec(ctx, "INSERT INTO source_places (source_id, place_id) SELECT CAST($1 AS TEXT), id FROM places WHERE id = $2", sourceID, placeID)
		if err == nil && n == 0 {
			return errs.New(errs.Invalid, "Такого места в справочнике нет. Выберите место из подсказок.")
		}
		return err
	})
}

// ThreadPosts returns the texts of the posts under which items stand, by the
// ids of the items. An item that is the post itself has none.
func (s *Store) ThreadPosts(ctx context.Context, itemIDs []string) (map[string]string, error) {
	out := map[string]string{}
	if len(itemIDs) == 0 {
		return out, nil
	}
	q := &query{}
	in(q, "i.id", itemIDs)
	type pair struct{ id, body string }
	list, err := collect(ctx, s.read, func(r *sql.Rows) (pair, error) {
		var x pair
		return x, r.Scan(&x.id, &x.body)
	}, `SELECT i.id, p.body FROM items i JOIN items p ON p.network = i.network AND p.thread_owner = i.thread_owner AND p.thread_id = i.thread_id
		AND p.kind = 'post' AND p.id <> i.id AND p.version > 0`+q.clause()+" AND i.kind <> 'post'", q.args...)
	for _, x := range list {
		out[x.id] = x.body
	}
	return out, err
}
