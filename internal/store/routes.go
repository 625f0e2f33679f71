package store

import (
	"context"
	"database/sql"
	"time"

	"otklik/incidents"
	"otklik/internal/errs"
	"otklik/internal/records"
	"otklik/internal/rights"
)

// Routes returns who answers for what where.
func (s *Store) Routes(ctx context.Context) ([]incidents.Route, error) { return routes(ctx, s.read) }

func routes(ctx context.Context, q querier) ([]incidents.Route, error) {
	return collect(ctx, q, func(r *sql.Rows) (incidents.Route, error) {
		var x incidents.Route
		return x, r.Scan(&x.TopicID, &x.PlaceID, &x.DepartmentID)
	}, "SELECT topic_id, place_id, department_id FROM routes ORDER BY topic_id, place_id")
}

// SaveRoute sets who answers for a topic in a place; a department of "" takes
// the route away. Errors: Forbidden, Invalid when something of it does not exist.
func (s *Store) SaveRoute(ctx context.Context, by rights.Actor, r incidents.Route, now time.Time) error {
	return s.routing(ctx, by, now, func(tx *Tx) error {
		if r.DepartmentID == "" {
			_, err := tx.exec(ctx, "DELETE FROM routes WHERE topic_id = $1 AND place_id = $2", r.TopicID, r.PlaceID)
			return err
		}
		return tx.putRoute(ctx, r)
	})
}

// ReplaceRoutes makes the given routes the only ones. Errors: as SaveRoute.
func (s *Store) ReplaceRoutes(ctx context.Context, by rights.Actor, list []incidents.Route, now time.Time) error {
	return s.routing(ctx, by, now, func(tx *Tx) error {
		if _, err := tx.exec(ctx, "DELETE FROM routes"); err != nil {
			return err
		}
		for _, r := range list {
			if err := tx.putRoute(ctx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) routing(ctx context.Context, by rights.Actor, now time.Time, fn func(*Tx) error) error {
	if !by.IsSystem() && !by.Can(rights.ManageDirectory) {
		return errs.New(errs.Forbidden, "Маршруты меняет администратор или координатор.")
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		// Whoever changes routes waits for whoever changes places.
		if err := tx.bump(ctx, "places"); err != nil {
			return err
		}
		tx.note(by, records.Setting, "setting:routes", nil)
		return fn(tx)
	})
}

func (tx *Tx) putRoute(ctx context.Context, r incidents.Route) error {
	for _, x := range []struct{ id, query, wrong string }{
		{r.TopicID, "SELECT COUNT(*) FROM topics WHERE id = $1", "Такой темы нет. Выберите тему из списка."},
		{r.PlaceID, "SELECT COUNT(*) FROM places WHERE id = $1", "Такого места в справочнике нет. Выберите место из подсказок."},
		{r.DepartmentID, "SELECT COUNT(*) FROM departments WHERE id = $1", "Такого ведомства нет. Выберите ведомство из списка."},
	} {
		var n int
		if err := tx.QueryRowContext(ctx, x.query, x.id).Scan(&n); err != nil {
			return err
		}
		if x.id != "" && n == 0 {
			return errs.New(errs.Invalid, x.wrong)
		}
	}
	_, err := tx.exec(ctx, `INSERT INTO routes (topic_id, place_id, department_id) VALUES ($1, $2, $3)
		ON CONFLICT (topic_id, place_id) DO UPDATE SET department_id = excluded.department_id`, r.TopicID, r.PlaceID, r.DepartmentID)
	return err
}

// routed is who answers for a message that is about to open a case.
func (tx *Tx) routed(ctx context.Context, topic incidents.Topic, place incidents.Place, ruleDesk string) (string, error) {
	list, err := routes(ctx, tx)
	if err != nil {
		return "", err
	}
	return incidents.Choose(list, incidents.Matter{
		TopicID: topic.ID, Path: place.Path, RuleDepartmentID: ruleDesk, TopicDepartmentID: topic.DepartmentID,
	}).DepartmentID, nil
}
