package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"otklik/incidents"
	"otklik/internal/detect"
	"otklik/internal/rules"
)

// Topics returns all topics in their order.
func (s *Store) Topics(ctx context.Context) ([]incidents.Topic, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (incidents.Topic, error) {
		var t incidents.Topic
		return t, r.Scan(&t.ID, &t.Name, &t.DepartmentID, &t.DueHours)
	}, "SELECT id, name, department_id, due_hours FROM topics ORDER BY position, id")
}

// Departments returns all departments that work, in their order.
func (s *Store) Departments(ctx context.Context) ([]incidents.Department, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (incidents.Department, error) {
		var d incidents.Department
		return d, r.Scan(&d.ID, &d.Name, &d.OrganisationID)
	}, "SELECT id, name, organisation_id FROM departments WHERE active = 1 ORDER BY position, id")
}

// Starter is the dictionary a new installation begins with.
type Starter struct {
	Departments []incidents.Department
	Topics      []incidents.Topic
	Rules       []detect.Rule
	// Spelled are the conditions as people wrote them, by the ids of rules.
	Spelled map[string]string
	Lists   []rules.List
}

// Seed fills an empty dictionary. It leaves one that has any topic untouched,
// because from then on it belongs to the agency.
func (s *Store) Seed(ctx context.Context, x Starter, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		var topics int
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM topics").Scan(&topics); err != nil || topics > 0 {
			return err
		}
		var errAll error
		for i, d := range x.Departments {
			_, err := tx.exec(ctx, "INSERT INTO departments (id, name, position) VALUES ($1, $2, $3)", d.ID, d.Name, i)
			errAll = errors.Join(errAll, err)
		}
		for i, t := range x.Topics {
			_, err := tx.exec(ctx, "INSERT INTO topics (id, name, department_id, due_hours, position) VALUES ($1, $2, $3, $4, $5)",
				t.ID, t.Name, t.DepartmentID, t.DueHours, i)
			errAll = errors.Join(errAll, err)
		}
		if errAll != nil {
			return errAll
		}
		if err := tx.seedRules(ctx, x); err != nil {
			return err
		}
		return tx.bump(ctx, "rules")
	})
}

// Revisions returns how often each region has changed, so that a process
// notices what another one wrote.
func (s *Store) Revisions(ctx context.Context) (map[string]int64, error) {
	type rev struct {
		name  string
		value int64
	}
	list, err := collect(ctx, s.read, func(r *sql.Rows) (rev, error) {
		var x rev
		return x, r.Scan(&x.name, &x.value)
	}, "SELECT name, value FROM counters WHERE name LIKE 'rev.%'")
	out := make(map[string]int64, len(list))
	for _, x := range list {
		out[x.name[len("rev."):]] = x.value
	}
	return out, err
}
