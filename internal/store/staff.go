package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"otklik/incidents"
	"otklik/internal/errs"
	"otklik/internal/rights"
)

// NameRoot gives the organisation above all the agency's configured name, until
// people have written one.
func (s *Store) NameRoot(ctx context.Context, agency string, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		if err := tx.bump(ctx, "deadlines"); err != nil { // its zone may be another one
			return err
		}
		_, err := tx.exec(ctx, "UPDATE organisations SET name = $2 WHERE id = $1 AND name = ''", RootOrganisation, clean(agency))
		return err
	})
}

// Organisations returns the whole tree, each after the one above it.
func (s *Store) Organisations(ctx context.Context) ([]incidents.Organisation, error) {
	list, err := collect(ctx, s.read, func(r *sql.Rows) (incidents.Organisation, error) {
		var o incidents.Organisation
		var path, policy string
		var active int
		if err := r.Scan(&o.ID, &o.ParentID, &path, &o.Name, &o.Zone, &policy, &active); err != nil {
			return o, err
		}
		o.Path, o.Active = pathIDs(path), active == 1
		return o, json.Unmarshal([]byte(policy), &o.Policy)
	}, "SELECT id, parent_id, path, name, zone, policy, active FROM organisations")
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, o := range list {
		names[o.ID] = fold(o.Name) + "\x00" + o.ID
	}
	line := func(o incidents.Organisation) string {
		var all []string
		for _, id := range o.Path {
			all = append(all, names[id])
		}
		return strings.Join(all, "\x01")
	}
	slices.SortFunc(list, func(a, b incidents.Organisation) int { return strings.Compare(line(a), line(b)) })
	return list, nil
}

// pathOf is the path of an organisation. Errors: Invalid.
func (tx *Tx) pathOf(ctx context.Context, id string) (string, error) {
	var path string
	err := tx.QueryRowContext(ctx, "SELECT path FROM organisations WHERE id = $1", id).Scan(&path)
	if errors.Is(err, sql.ErrNoRows) {
		return "", errs.New(errs.Invalid, "Такой организации нет. Обновите страницу.")
	}
	return path, err
}

// mayStaff checks the right over an organisation. Errors: Forbidden, Invalid.
func (tx *Tx) mayStaff(ctx context.Context, by rights.Actor, organisationID string) (string, error) {
	path, err := tx.pathOf(ctx, organisationID)
	if err != nil {
		return "", err
	}
	if !by.IsSystem() && !by.May(rights.ManagePeople, rights.Subject{Organisations: pathIDs(path)}) {
		return "", errs.New(errs.Forbidden, "Эту организацию ведёт другой администратор.")
	}
	return path, nil
}

// SaveOrganisation adds an organisation under another one, or changes one that
// has an id. May: rights.ManagePeople over it and over the one above it.
// Errors: Forbidden, Invalid.
func (s *Store) SaveOrganisation(ctx context.Context, by rights.Actor, o incidents.Organisation, now time.Time) (string, error) {
	if err := o.Check(); err != nil {
		return "", err
	}
	policy, err := json.Marshal(o.Policy)
	if err != nil {
		return "", err
	}
	fresh := o.ID == ""
	if fresh {
		if o.ID, err = newID(); err != nil {
			return "", err
		}
	}
	return o.ID, s.inTx(ctx, now, func(tx *Tx) error {
		if fresh {
			path, err := tx.mayStaff(ctx, by, o.ParentID)
			if err != nil {
				return err
			}
			_, err = tx.exec(ctx, "INSERT INTO organisations (id, parent_id, path, name, zone, policy, active, created_us) VALUES ($1, $2, $3, $4, $5, $6, 1, $7)",
				o.ID, o.ParentID, path+o.ID+"/", clean(strings.TrimSpace(o.Name)), o.Zone, string(policy), tx.us)
			return errors.Join(err, tx.bump(ctx, "people"))
		}
		return tx.changeOrganisation(ctx, by, o, string(policy))
	})
}

func (tx *Tx) changeOrganisation(ctx context.Context, by rights.Actor, o incidents.Organisation, policy string) error {
	if _, err := tx.mayStaff(ctx, by, o.ID); err != nil {
		return err
	}
	if !o.Active {
		if err := tx.mayRest(ctx, o.ID); err != nil {
			return err
		}
	}
	_, err := tx.exec(ctx, "UPDATE organisations SET name = $2, zone = $3, policy = $4, active = $5 WHERE id = $1",
		o.ID, clean(strings.TrimSpace(o.Name)), o.Zone, policy, flag(o.Active))
	return errors.Join(err, tx.bump(ctx, "people"))
}

// mayRest refuses to switch off an organisation that somebody still needs.
func (tx *Tx) mayRest(ctx context.Context, id string) error {
	if id == RootOrganisation {
		return errs.New(errs.Conflict, "Главную организацию отключить нельзя.")
	}
	var below, open int
	err := tx.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM organisations WHERE parent_id = $1 AND active = 1),
		(SELECT COUNT(*) FROM cases WHERE organisation_id = $1 AND stage <> 'done')`, id).Scan(&below, &open)
	switch {
	case err != nil:
		return err
	case below > 0:
		return errs.New(errs.Conflict, "Сначала отключите организации, которые ниже.")
	case open > 0:
		return errs.Newf(errs.Conflict, "В организации есть открытые карточки: %d. Закройте их или перенаправьте.", open)
	}
	return nil
}

// SaveDepartment adds a department, or changes the name and the organisation of
// one that has an id. May: rights.ManagePeople over both organisations.
// Errors: Forbidden, Invalid, Conflict while it has cards in work.
func (s *Store) SaveDepartment(ctx context.Context, by rights.Actor, d incidents.Department, now time.Time) error {
	if d.Name = clean(strings.TrimSpace(d.Name)); d.Name == "" {
		return errs.New(errs.Invalid, "Напишите название ведомства.")
	}
	fresh := d.ID == ""
	if fresh {
		var err error
		if d.ID, err = newID(); err != nil {
			return err
		}
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		if _, err := tx.mayStaff(ctx, by, d.OrganisationID); err != nil {
			return err
		}
		if fresh {
			_, err := tx.exec(ctx, "INSERT INTO departments (id, name, position, organisation_id) SELECT $1, $2, COALESCE(MAX(position), 0) + 1, $3 FROM departments", d.ID, d.Name, d.OrganisationID)
			return errors.Join(err, tx.bump(ctx, "people"))
		}
		return tx.changeDepartment(ctx, by, d)
	})
}

func (tx *Tx) changeDepartment(ctx context.Context, by rights.Actor, d incidents.Department) error {
	var from string
	var busy int
	err := tx.QueryRowContext(ctx, `SELECT d.organisation_id, (SELECT COUNT(*) FROM cases c WHERE c.department_id = d.id
		AND c.stage NOT IN ('moderation', 'coordination', 'done')) FROM departments d WHERE d.id = $1`, d.ID).Scan(&from, &busy)
	if errors.Is(err, sql.ErrNoRows) {
		return errs.New(errs.Invalid, "Такого ведомства нет. Обновите страницу.")
	}
	if err != nil {
		return err
	}
	if _, err := tx.mayStaff(ctx, by, from); err != nil {
		return err
	}
	if from != d.OrganisationID && busy > 0 {
		return errs.Newf(errs.Conflict, "У ведомства карточки в работе: %d. Перенесите его, когда их не останется.", busy)
	}
	_, err = tx.exec(ctx, "UPDATE departments SET name = $2, organisation_id = $3 WHERE id = $1", d.ID, d.Name, d.OrganisationID)
	return errors.Join(err, tx.bump(ctx, "people"))
}

// Tallies returns how the cards received in the period stand, by organisation.
func (s *Store) Tallies(ctx context.Context, from, to time.Time) (map[string]incidents.Tally, error) {
	type row struct {
		organisation   string
		stage, outcome string
		n              int
	}
	rows, err := collect(ctx, s.read, func(r *sql.Rows) (row, error) {
		var x row
		return x, r.Scan(&x.organisation, &x.stage, &x.outcome, &x.n)
	}, "SELECT organisation_id, stage, outcome, COUNT(*) FROM cases WHERE opened_us >= $1 AND opened_us < $2 GROUP BY organisation_id, stage, outcome", micros(from), micros(to))
	out := map[string]incidents.Tally{}
	for _, x := range rows {
		t := out[x.organisation]
		if t.By == nil {
			t.By = map[incidents.Status]int{}
		}
		t.Received += x.n
		t.By[incidents.StatusOf(incidents.Stage(x.stage), incidents.Outcome(x.outcome))] += x.n
		out[x.organisation] = t
	}
	return out, err
}
