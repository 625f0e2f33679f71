package store

import (
	"context"
	"strings"
	"time"

	"otklik/incidents"
	"otklik/index/places"
	"otklik/internal/errs"
	"otklik/internal/rights"
)

// SavePlace changes one entry of the gazetteer, or adds one where the id is "",
// and returns its id. What names the place by its id goes with it.
// Errors: Forbidden, and those of places.Change.
func (s *Store) SavePlace(ctx context.Context, by rights.Actor, id string, e places.Entry, now time.Time) (string, error) {
	var out string
	err := s.editPlaces(ctx, by, now, func(tx *Tx, list []places.Place) ([]places.Place, error) {
		after, renamed, moved, err := places.Change(list, id, e)
		if err != nil {
			return nil, err
		}
		out = renamed
		for was, is := range moved {
			if err := tx.renamePlace(ctx, was, is); err != nil {
				return nil, err
			}
		}
		return after, nil
	})
	return out, err
}

// DropPlace takes a place and all that lies in it out of the gazetteer, with
// their routes and the territories of pages; cases keep what they have.
// Errors: Forbidden, Conflict for the last place.
func (s *Store) DropPlace(ctx context.Context, by rights.Actor, id string, now time.Time) error {
	return s.editPlaces(ctx, by, now, func(_ *Tx, list []places.Place) ([]places.Place, error) {
		after, _ := places.Without(list, id)
		if len(after) == 0 {
			return nil, errs.New(errs.Conflict, "Это последнее место справочника. Загрузите другой справочник вместо этого.")
		}
		return after, nil
	})
}

func (s *Store) editPlaces(ctx context.Context, by rights.Actor, now time.Time, edit func(*Tx, []places.Place) ([]places.Place, error)) error {
	if !by.IsSystem() && !by.Can(rights.ManageDirectory) {
		return errs.New(errs.Forbidden, "Территории меняет администратор или координатор.")
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		if err := tx.bump(ctx, "places"); err != nil { // whoever comes second waits here
			return err
		}
		list, err := gazetteer(ctx, tx)
		if err != nil {
			return err
		}
		if list, err = edit(tx, list); err != nil {
			return err
		}
		return tx.putGazetteer(ctx, list)
	})
}

// renamePlace follows a place whose id has changed.
func (tx *Tx) renamePlace(ctx context.Context, was, is string) error {
	for table, column := range map[string]string{
		"routes": "place_id", "source_places": "place_id", "case_spots": "place_id", "topic_hours": "place_id", "mass_incidents": "place_id", "silences": "place_id",
	} {
		if _, err := tx.exec(ctx, "UPDATE "+table+" SET "+column+" = $2 WHERE "+column+" = $1", was, is); err != nil {
			return err
		}
	}
	for table, column := range map[string]string{"cases": "place", "verdicts": "place", "mass_incidents": "path"} {
		_, err := tx.exec(ctx, strings.NewReplacer("{t}", table, "{c}", column).Replace("UPDATE {t} SET {c} = REPLACE({c}, $1, $2) WHERE {c} LIKE $3"),
			`"`+was+`"`, `"`+is+`"`, `%"`+was+`"%`)
		if err != nil {
			return err
		}
	}
	return nil
}

// PlaceUses counts what depends on a place.
func (s *Store) PlaceUses(ctx context.Context, id string) (incidents.PlaceUses, error) {
	var u incidents.PlaceUses
	list, err := gazetteer(ctx, s.read)
	if err != nil {
		return u, err
	}
	_, ids := places.Without(list, id)
	u.Inside = len(ids) - 1
	for _, x := range []struct {
		to    *int
		query string
	}{{&u.Routes, "SELECT COUNT(*) FROM routes"}, {&u.Pages, "SELECT COUNT(*) FROM source_places"}, {&u.Cases, "SELECT COUNT(DISTINCT case_id) FROM case_spots"}} {
		q := &query{}
		in(q, "place_id", ids)
		if err := s.read.QueryRowContext(ctx, x.query+q.clause(), q.args...).Scan(x.to); err != nil {
			return u, err
		}
	}
	return u, nil
}
