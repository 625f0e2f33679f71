package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"otklik/incidents"
	"otklik/incidents/mass"
	"otklik/internal/errs"
	"otklik/internal/rights"
)

// BeginIncident makes an incident of cases that a person has chosen. Cases of
// open incidents stay where they are.
// Errors: those of mass.Begin, NotFound and Conflict about a case.
func (s *Store) BeginIncident(ctx context.Context, by rights.Actor, i mass.Incident, cases []int64, now time.Time) (mass.Incident, error) {
	var out mass.Incident
	err := s.inTx(ctx, now, func(tx *Tx) error {
		d, err := mass.Begin(i, cases, by, now)
		if err != nil {
			return err
		}
		if err := tx.lockIncidents(ctx); err != nil {
			return err
		}
		if out, err = tx.insertIncident(ctx, d); err != nil {
			return err
		}
		d.Incident = out
		if err := tx.members(ctx, d, by); err != nil {
			return err
		}
		return tx.told(ctx)
	})
	return out, err
}

// ChangeIncident carries out a person's command on an incident at the version
// that the person saw.
// Errors: those of mass.Apply, NotFound, Conflict when it has changed.
func (s *Store) ChangeIncident(ctx context.Context, by rights.Actor, number int64, expect int, cmd mass.Command, now time.Time) (mass.Incident, error) {
	var out mass.Incident
	err := s.inTx(ctx, now, func(tx *Tx) error {
		if err := tx.lockIncidents(ctx); err != nil {
			return err
		}
		i, err := loadIncident(ctx, tx, number)
		if err != nil {
			return err
		}
		if i.Version != expect {
			return errs.New(errs.Conflict, "Пока вы работали, инцидент изменил другой человек. Посмотрите, что изменилось, и повторите.")
		}
		d, err := mass.Apply(i, cmd, by, now)
		if err != nil {
			return err
		}
		out = d.Incident
		if err := tx.saveIncident(ctx, d); err != nil {
			return err
		}
		if d.Into != 0 {
			err = tx.merge(ctx, d, by)
		} else {
			err = tx.members(ctx, d, by)
		}
		return errors.Join(err, tx.told(ctx))
	})
	return out, err
}

func (tx *Tx) told(ctx context.Context) error {
	return errors.Join(tx.bump(ctx, "incidents"), tx.bump(ctx, "cases"))
}

func (tx *Tx) saveIncident(ctx context.Context, d mass.Decision) error {
	i := d.Incident
	n, err := tx.exec(ctx, `UPDATE mass_incidents SET version = $3, state = $4, title = $5, draft = $6, why = $7, grew_us = $8, closed_us = $9, into_no = $10
		WHERE id = $1 AND version = $2`,
		i.ID, i.Version-1, i.Version, string(i.State), i.Title, i.Draft, i.Why, micros(i.GrewAt), micros(i.ClosedAt), i.Into)
	if err != nil {
		return err
	}
	if n == 0 {
		return errStale
	}
	return tx.addMassEvent(ctx, i.ID, d.Event)
}

// members carries out who joins and who leaves.
func (tx *Tx) members(ctx context.Context, d mass.Decision, by rights.Actor) error {
	for _, number := range d.Join {
		if err := tx.addMember(ctx, d.Incident, number, by); err != nil {
			return err
		}
	}
	for _, number := range d.Leave {
		if err := tx.dropMember(ctx, d.Incident, number, by); err != nil {
			return err
		}
	}
	return nil
}

// addMember joins a case by its number. One that is in an open incident has to
// leave that first; out of a finished one it moves.
func (tx *Tx) addMember(ctx context.Context, i mass.Incident, number int64, by rights.Actor) error {
	c := gathered{number: number}
	var network, author, held, state string
	var other int64
	err := tx.QueryRowContext(ctx, `SELECT c.id, c.topic_id, c.network, c.author_id, COALESCE(m.incident_id, ''), COALESCE(n.state, ''), COALESCE(n.number, 0)
		FROM cases c LEFT JOIN mass_cases m ON m.case_id = c.id LEFT JOIN mass_incidents n ON n.id = m.incident_id WHERE c.number = $1`, number).
		Scan(&c.id, &c.topic, &network, &author, &held, &state, &other)
	if errors.Is(err, sql.ErrNoRows) {
		return errs.Newf(errs.NotFound, "Карточки № %d нет. Проверьте номер.", number)
	}
	if err != nil {
		return err
	}
	if held == i.ID {
		return nil
	}
	if held != "" && mass.State(state) == mass.Open {
		return errs.Newf(errs.Conflict, "Карточка № %d уже в инциденте № %d. Сначала уберите её оттуда или объедините инциденты.", number, other)
	}
	if _, err := tx.exec(ctx, "DELETE FROM mass_cases WHERE case_id = $1", c.id); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, "DELETE FROM mass_left WHERE incident_id = $1 AND case_id = $2", i.ID, c.id); err != nil {
		return err
	}
	c.author = network + " " + author
	return tx.join(ctx, i, c, by)
}

func (tx *Tx) dropMember(ctx context.Context, i mass.Incident, number int64, by rights.Actor) error {
	var id string
	err := tx.QueryRowContext(ctx, "SELECT c.id FROM cases c JOIN mass_cases m ON m.case_id = c.id WHERE c.number = $1 AND m.incident_id = $2", number, i.ID).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return errs.Newf(errs.NotFound, "Карточки № %d в этом инциденте уже нет.", number)
	}
	if err != nil {
		return err
	}
	if _, err := tx.exec(ctx, "DELETE FROM mass_cases WHERE case_id = $1", id); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, "INSERT INTO mass_left (incident_id, case_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", i.ID, id); err != nil {
		return err
	}
	return tx.noteMembership(ctx, id, incidents.EventLeft, i, by)
}

// merge moves all members; whoever looks into their histories finds both.
func (tx *Tx) merge(ctx context.Context, d mass.Decision, by rights.Actor) error {
	into, err := loadIncident(ctx, tx, d.Into)
	if err != nil {
		return err
	}
	taken, err := mass.Absorb(into, d.Incident, by, tx.now)
	if err != nil {
		return err
	}
	ids, err := collect(ctx, tx, func(r *sql.Rows) (string, error) {
		var id string
		return id, r.Scan(&id)
	}, "SELECT case_id FROM mass_cases WHERE incident_id = $1 ORDER BY case_id", d.Incident.ID)
	if err != nil {
		return err
	}
	if _, err := tx.exec(ctx, "UPDATE mass_cases SET incident_id = $2 WHERE incident_id = $1", d.Incident.ID, into.ID); err != nil {
		return err
	}
	for _, id := range ids {
		if err := tx.noteMembership(ctx, id, incidents.EventJoined, into, by); err != nil {
			return err
		}
	}
	return tx.saveIncident(ctx, taken)
}

// MassSettings returns from when complaints are a mass incident.
func (s *Store) MassSettings(ctx context.Context) (mass.Settings, error) {
	return massSettings(ctx, s.read)
}

// SaveMassLimits sets the limits of a topic, "" for all others; nil goes back to
// those. Errors: Forbidden, Invalid.
func (s *Store) SaveMassLimits(ctx context.Context, by rights.Actor, topicID string, l *mass.Limits, now time.Time) error {
	if !by.Can(rights.ManageIncidents) {
		return errs.New(errs.Forbidden, "Пороги меняют модератор, координатор и руководитель.")
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		if _, err := tx.exec(ctx, "DELETE FROM mass_limits WHERE topic_id = $1", topicID); err != nil {
			return err
		}
		if l == nil {
			return tx.bump(ctx, "incidents")
		}
		if err := l.Check(); err != nil {
			return err
		}
		_, err := tx.exec(ctx, "INSERT INTO mass_limits (topic_id, authors, window_us, off) VALUES ($1, $2, $3, $4)",
			topicID, l.Authors, l.Window.Microseconds(), flag(l.Off))
		return errors.Join(err, tx.bump(ctx, "incidents"))
	})
}
