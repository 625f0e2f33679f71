package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"otklik/internal/alarm"
	"otklik/internal/errs"
	"otklik/internal/lease"
	"otklik/internal/records"
	"otklik/internal/rights"
)

// muted says of an alarm that it is kept from people. Quotes within what people
// write are escaped in JSON, so nobody's words pass for the field.
const muted = `detail LIKE '%"muted":"%'`

const alarmColumns = `id, kind, subject, grade, mark, detail, raised_us, seen_us, calm_us, cleared_us, taken_us, taken_name`

func scanAlarm(r *sql.Rows) (alarm.Alarm, error) {
	var a alarm.Alarm
	var detail string
	var raised, seen, calm, cleared, taken int64
	err := r.Scan(&a.ID, &a.Kind, &a.Subject, &a.Grade, &a.Mark, &detail, &raised, &seen, &calm, &cleared, &taken, &a.TakenBy)
	if err != nil {
		return a, err
	}
	a.RaisedAt, a.SeenAt, a.CalmSince, a.ClearedAt, a.TakenAt = moment(raised), moment(seen), moment(calm), moment(cleared), moment(taken)
	return a, json.Unmarshal([]byte(detail), &a.Detail)
}

// OpenAlarms returns the alarms that have not passed: the gravest first, then
// the newest.
func (s *Store) OpenAlarms(ctx context.Context) ([]alarm.Alarm, error) {
	return collect(ctx, s.read, scanAlarm, "SELECT "+alarmColumns+" FROM alarms WHERE cleared_us = 0 ORDER BY grade DESC, raised_us DESC, id")
}

// AlarmPage returns a part of the alarms, those that have not passed first, and
// when the auditor last looked.
func (s *Store) AlarmPage(ctx context.Context, f alarm.Filter) (alarm.Page, error) {
	var p alarm.Page
	var err error
	if p.AuditedAt, err = s.audited(ctx); err != nil {
		return p, err
	}
	q := &query{}
	if f.Past {
		q.and("cleared_us <> 0")
	} else {
		q.and("cleared_us = 0")
	}
	in(q, "kind", f.Kinds)
	if f.SourceID != "" {
		q.and("source_id = " + q.arg(f.SourceID))
	}
	if !f.Since.IsZero() {
		q.and("raised_us >= " + q.arg(micros(f.Since)))
	}
	if err := s.read.QueryRowContext(ctx, "SELECT COUNT(*) FROM alarms"+q.clause(), q.args...).Scan(&p.Total); err != nil {
		return p, err
	}
	err = s.read.QueryRowContext(ctx, "SELECT COUNT(*), COALESCE(SUM(CASE WHEN taken_us = 0 AND NOT ("+muted+") THEN 1 ELSE 0 END), 0) FROM alarms WHERE cleared_us = 0").
		Scan(&p.Open, &p.Loud)
	if err != nil {
		return p, err
	}
	order := " ORDER BY CASE WHEN taken_us = 0 AND NOT (" + muted + ") THEN 0 ELSE 1 END, grade DESC, raised_us DESC, id"
	if f.Past {
		order = " ORDER BY raised_us DESC, id"
	}
	clause := q.clause()
	limit, offset := q.arg(min(max(f.Limit, 1), 200)), q.arg(max(f.Offset, 0))
	p.Alarms, err = collect(ctx, s.read, scanAlarm, "SELECT "+alarmColumns+" FROM alarms"+clause+order+" LIMIT "+limit+" OFFSET "+offset, q.args...)
	return p, err
}

// audited is when the auditor last looked, zero if it never did.
func (s *Store) audited(ctx context.Context) (time.Time, error) {
	var at int64
	err := s.read.QueryRowContext(ctx, "SELECT value FROM counters WHERE name = 'audited'").Scan(&at)
	return moment(at), err
}

// TakeAlarm notes that a person knows of an alarm, which stays in the record.
// Errors: NotFound, Conflict when it has passed or somebody took it before.
func (s *Store) TakeAlarm(ctx context.Context, by rights.Actor, id string, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		n, err := tx.exec(ctx, "UPDATE alarms SET taken_us = $2, taken_by = $3, taken_name = $4 WHERE id = $1 AND cleared_us = 0 AND taken_us = 0",
			id, tx.us, by.ID, by.Name)
		if err != nil || n > 0 {
			tx.note(by, records.Change, "alarm:"+id, map[string]string{"event": "taken"})
			return errors.Join(err, tx.bump(ctx, "alarms"))
		}
		var name string
		err = tx.QueryRowContext(ctx, "SELECT taken_name FROM alarms WHERE id = $1", id).Scan(&name)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return errs.New(errs.NotFound, "Такой тревоги нет. Обновите страницу.")
		case err != nil:
			return err
		case name != "":
			return errs.Newf(errs.Conflict, "Тревогу уже приняли: %s.", name)
		}
		return errs.New(errs.Conflict, "Тревога прошла сама, принимать её не нужно.")
	})
}

// Settle writes a round of the auditor. Errors: lease.ErrLost.
func (s *Store) Settle(ctx context.Context, l lease.Lease, c alarm.Changes, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		if err := tx.fenced(ctx, l); err != nil {
			return err
		}
		for _, a := range c.Raise {
			if err := tx.raise(ctx, a); err != nil {
				return err
			}
		}
		for _, a := range append(append([]alarm.Alarm{}, c.Keep...), c.Clear...) {
			if err := tx.keepAlarm(ctx, a); err != nil {
				return err
			}
		}
		for _, x := range c.Able {
			_, err := tx.exec(ctx, `INSERT INTO abilities_seen (source_id, kind, able_us) VALUES ($1, $2, $3)
				ON CONFLICT (source_id, kind) DO UPDATE SET able_us = excluded.able_us`, x.SourceID, string(x.Kind), micros(x.At))
			if err != nil {
				return err
			}
		}
		if _, err := tx.exec(ctx, "UPDATE counters SET value = $1 WHERE name = 'audited'", tx.us); err != nil || !c.Told {
			return err
		}
		return tx.bump(ctx, "alarms")
	})
}

func (tx *Tx) raise(ctx context.Context, a alarm.Alarm) error {
	id, err := newID()
	if err != nil {
		return err
	}
	detail, err := json.Marshal(a.Detail)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO alarms (id, kind, subject, source_id, grade, mark, detail, raised_us, seen_us, calm_us, cleared_us,
		taken_us, taken_by, taken_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 0, 0, 0, '', '') ON CONFLICT DO NOTHING`,
		id, string(a.Kind), a.Subject, a.Detail.SourceID, int(a.Grade), a.Mark, clean(string(detail)), tx.us)
	return err
}

// keepAlarm writes what the auditor found of an open alarm. Whether a person
// has taken it meanwhile is not undone, unless it has become worse.
func (tx *Tx) keepAlarm(ctx context.Context, a alarm.Alarm) error {
	detail, err := json.Marshal(a.Detail)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `UPDATE alarms SET detail = $2, seen_us = $3, calm_us = $4, cleared_us = $5,
		taken_us = CASE WHEN $7 > mark OR $6 > grade THEN 0 ELSE taken_us END,
		taken_by = CASE WHEN $7 > mark OR $6 > grade THEN '' ELSE taken_by END,
		taken_name = CASE WHEN $7 > mark OR $6 > grade THEN '' ELSE taken_name END,
		grade = $6, mark = $7 WHERE id = $1 AND cleared_us = 0`,
		a.ID, clean(string(detail)), micros(a.SeenAt), micros(a.CalmSince), micros(a.ClearedAt), int(a.Grade), a.Mark)
	return err
}

// nodeLife is for how long a process counts as working after it was heard of:
// it says how it is every minute.
const nodeLife = 2 * time.Minute

// ReportNode notes what a process says of its machine, forgets machines that
// have not been heard of for a day, and returns how many processes work now.
func (s *Store) ReportNode(ctx context.Context, n alarm.Node, now time.Time) (working int, err error) {
	err = s.inTx(ctx, now, func(tx *Tx) error {
		_, err := tx.exec(ctx, `INSERT INTO nodes (name, disk_free, disk_total, seen_us) VALUES ($1, $2, $3, $4)
			ON CONFLICT (name) DO UPDATE SET disk_free = excluded.disk_free, disk_total = excluded.disk_total, seen_us = excluded.seen_us`,
			n.Name, n.DiskFree, n.DiskTotal, tx.us)
		if err != nil {
			return err
		}
		if _, err = tx.exec(ctx, "DELETE FROM nodes WHERE seen_us < $1", micros(now.Add(-24*time.Hour))); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM nodes WHERE seen_us > $1", micros(now.Add(-nodeLife))).Scan(&working)
	})
	return working, err
}
