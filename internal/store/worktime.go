package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"otklik/incidents/clock"
	"otklik/incidents/deadline"
	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/workcal"
)

// timings keeps laid-out calendars until hours or days change.
type timings struct {
	mu    sync.Mutex
	rev   int64
	byOrg map[string]*deadline.Schedule
}

// schedule returns the working time of an organisation and its revision.
func (t *timings) schedule(ctx context.Context, q querier, orgID string) (*deadline.Schedule, int64, error) {
	var rev int64
	if err := q.QueryRowContext(ctx, "SELECT value FROM counters WHERE name = 'rev.deadlines'").Scan(&rev); err != nil {
		return nil, 0, err
	}
	t.mu.Lock()
	if s := t.byOrg[orgID]; s != nil && t.rev == rev {
		t.mu.Unlock()
		return s, rev, nil
	}
	t.mu.Unlock()
	hours, err := hoursOf(ctx, q, orgID)
	if err != nil {
		return nil, 0, err
	}
	zone, err := zoneOf(ctx, q, orgID)
	if err != nil {
		return nil, 0, err
	}
	hours.Zone = cmp.Or(zone, hours.Zone)
	days, err := daysOf(ctx, q, orgID)
	if err != nil {
		return nil, 0, err
	}
	s, err := hours.Schedule(days)
	if err != nil {
		return nil, 0, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.rev != rev {
		t.rev, t.byOrg = rev, nil
	}
	if t.byOrg == nil {
		t.byOrg = map[string]*deadline.Schedule{}
	}
	t.byOrg[orgID] = s
	return s, rev, nil
}

// Schedule returns the working time of an organisation.
func (s *Store) Schedule(ctx context.Context, orgID string) (*deadline.Schedule, error) {
	x, _, err := s.times.schedule(ctx, s.read, orgID)
	return x, err
}

// WorkTime returns the hours of an organisation, or those of the agency.
func (s *Store) WorkTime(ctx context.Context, orgID string) (clock.WorkTime, error) {
	return hoursOf(ctx, s.read, orgID)
}

func hoursOf(ctx context.Context, q querier, orgID string) (clock.WorkTime, error) {
	w := clock.WorkTime{Zone: "Europe/Moscow", Hours: deadline.OfficeHours()}
	var body string
	var at int64
	err := q.QueryRowContext(ctx, `SELECT version, zone, hours, by_name, at_us FROM work_hours WHERE org_id = $1 OR org_id = ''
		ORDER BY CASE WHEN org_id = $1 THEN 0 ELSE 1 END, version DESC LIMIT 1`, orgID).Scan(&w.Version, &w.Zone, &body, &w.By, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return w, nil
	}
	if err != nil {
		return w, err
	}
	w.At, w.Hours = moment(at), deadline.Hours{}
	return w, json.Unmarshal([]byte(body), &w.Hours)
}

// zoneOf is the zone of an organisation where it is another one than the agency's.
func zoneOf(ctx context.Context, q querier, orgID string) (string, error) {
	var zone string
	err := q.QueryRowContext(ctx, "SELECT zone FROM organisations WHERE id = $1", orgID).Scan(&zone)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return zone, err
}

// SaveWorkTime writes a new version of the hours of an organisation; open cases
// are counted anew by the worker. Errors: Forbidden, Invalid, Conflict when
// somebody has changed them since seen.
func (s *Store) SaveWorkTime(ctx context.Context, by rights.Actor, orgID string, seen int, w clock.WorkTime, now time.Time) error {
	if !by.Can(rights.ManageDeadlines) {
		return errs.New(errs.Forbidden, "Рабочее время меняет администратор или куратор.")
	}
	if _, err := w.Schedule(workcal.Calendar{}); err != nil {
		return err
	}
	body, err := json.Marshal(w.Hours)
	if err != nil {
		return err
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		if err := tx.bump(ctx, "deadlines"); err != nil { // holds everyone else who changes them
			return err
		}
		old, err := hoursOf(ctx, tx, orgID)
		if err != nil {
			return err
		}
		if old.Version != seen {
			return errs.New(errs.Conflict, "Пока вы работали, рабочее время изменил другой человек. Посмотрите, что стало, и сохраните ещё раз.")
		}
		_, err = tx.exec(ctx, "INSERT INTO work_hours (org_id, version, zone, hours, by_id, by_name, at_us) VALUES ($1, $2, $3, $4, $5, $6, $7)",
			orgID, seen+1, w.Zone, string(body), by.ID, by.Name, tx.us)
		return err
	})
}

// SeedWorkTime gives a base without hours those of an office in a zone.
func (s *Store) SeedWorkTime(ctx context.Context, zone string, now time.Time) error {
	body, err := json.Marshal(deadline.OfficeHours())
	if err != nil {
		return err
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		n, err := tx.exec(ctx, "INSERT INTO work_hours (org_id, version, zone, hours, by_id, by_name, at_us) VALUES ('', 1, $1, $2, '', '', $3) ON CONFLICT DO NOTHING",
			zone, string(body), tx.us)
		if err != nil || n == 0 {
			return err
		}
		return tx.bump(ctx, "deadlines")
	})
}

// WorkDays returns the days that differ from the production calendar for an
// organisation: those of the agency and its own, by the day.
func (s *Store) WorkDays(ctx context.Context, orgID string) ([]clock.OwnDay, error) {
	return ownDays(ctx, s.read, orgID)
}

func ownDays(ctx context.Context, q querier, orgID string) ([]clock.OwnDay, error) {
	return collect(ctx, q, func(r *sql.Rows) (clock.OwnDay, error) {
		var d clock.OwnDay
		var day, kind string
		var at int64
		if err := r.Scan(&day, &kind, &d.By, &at); err != nil {
			return d, err
		}
		var err error
		d.Kind, d.At = workcal.Kind(kind), moment(at)
		d.Date, err = workcal.ParseDate(day)
		return d, err
	}, `SELECT day, kind, by_name, at_us FROM work_days WHERE org_id = '' OR org_id = $1 ORDER BY CASE WHEN org_id = $1 THEN 1 ELSE 0 END, day`, orgID)
}

func daysOf(ctx context.Context, q querier, orgID string) (workcal.Calendar, error) {
	list, err := ownDays(ctx, q, orgID)
	own := make(map[workcal.Date]workcal.Kind, len(list))
	for _, d := range list {
		own[d.Date] = d.Kind
	}
	return workcal.New(own), err
}

// SetWorkDay says what a day is for an organisation; "" gives it back to the
// production calendar. Errors: Forbidden, Invalid.
func (s *Store) SetWorkDay(ctx context.Context, by rights.Actor, orgID string, day workcal.Date, kind workcal.Kind, now time.Time) error {
	if !by.Can(rights.ManageDeadlines) {
		return errs.New(errs.Forbidden, "Календарь меняет администратор или куратор.")
	}
	switch kind {
	case "", workcal.Working, workcal.Short, workcal.Off, workcal.Holiday:
	default:
		return errs.New(errs.Invalid, "День бывает рабочим, сокращённым, выходным или праздничным.")
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		if err := tx.bump(ctx, "deadlines"); err != nil {
			return err
		}
		if kind == "" {
			_, err := tx.exec(ctx, "DELETE FROM work_days WHERE org_id = $1 AND day = $2", orgID, day.String())
			return err
		}
		_, err := tx.exec(ctx, `INSERT INTO work_days (org_id, day, kind, by_id, by_name, at_us) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (org_id, day) DO UPDATE SET kind = excluded.kind, by_id = excluded.by_id, by_name = excluded.by_name, at_us = excluded.at_us`,
			orgID, day.String(), string(kind), by.ID, by.Name, tx.us)
		return err
	})
}
