package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"otklik/internal/errs"
	"otklik/internal/learn"
	"otklik/internal/lease"
	"otklik/internal/rights"
)

const trainingColumns = "id, state, asked_us, asked_name, begun_us, ended_us, decisions, step, parts, trouble"

func scanTraining(scan func(...any) error) (learn.Training, error) {
	var t learn.Training
	var state, parts string
	var asked, begun, ended int64
	err := scan(&t.ID, &state, &asked, &t.AskedBy, &begun, &ended, &t.Decisions, &t.Step, &parts, &t.Trouble)
	if err != nil {
		return t, err
	}
	t.State, t.AskedAt, t.BegunAt, t.EndedAt = learn.State(state), moment(asked), moment(begun), moment(ended)
	return t, json.Unmarshal([]byte(parts), &t.Parts)
}

func openTraining(ctx context.Context, q querier) (learn.Training, error) {
	t, err := scanTraining(q.QueryRowContext(ctx, "SELECT "+trainingColumns+" FROM trainings WHERE state = 'open'").Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return learn.Training{}, nil
	}
	return t, err
}

// WantedTraining implements learn.Register.
func (s *Store) WantedTraining(ctx context.Context) (learn.Wish, error) {
	var w learn.Wish
	var err error
	if w.Open, err = openTraining(ctx, s.read); err != nil {
		return w, err
	}
	var last int64
	if err := s.read.QueryRowContext(ctx, "SELECT COALESCE(MAX(begun_us), 0) FROM trainings WHERE state <> 'open'").Scan(&last); err != nil {
		return w, err
	}
	w.LastAt = moment(last)
	return w, s.read.QueryRowContext(ctx, "SELECT COUNT(*) FROM decisions WHERE stored_us > $1", last).Scan(&w.New)
}

// BeginTraining implements learn.Register.
func (s *Store) BeginTraining(ctx context.Context, l lease.Lease, decisions int, now time.Time) (learn.Training, error) {
	var t learn.Training
	err := s.inTx(ctx, now, func(tx *Tx) error {
		if err := tx.fenced(ctx, l); err != nil {
			return err
		}
		if _, err := tx.openOne(ctx, rights.System()); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, "UPDATE trainings SET begun_us = $1, decisions = $2, step = 'Собирает решения' WHERE state = 'open'", tx.us, decisions); err != nil {
			return err
		}
		var err error
		if t, err = openTraining(ctx, tx); err != nil {
			return err
		}
		return tx.bump(ctx, "training")
	})
	return t, err
}

// openOne opens a training unless one is open and says whether it did.
func (tx *Tx) openOne(ctx context.Context, by rights.Actor) (bool, error) {
	id, err := newID()
	if err != nil {
		return false, err
	}
	n, err := tx.exec(ctx, `INSERT INTO trainings (id, state, asked_us, asked_id, asked_name, begun_us, ended_us, decisions, step, parts, trouble, stop)
		VALUES ($1, 'open', $2, $3, $4, 0, 0, 0, '', '[]', '', 0) ON CONFLICT DO NOTHING`, id, tx.us, by.ID, by.Name)
	return n > 0, err
}

// StepTraining implements learn.Register. An empty step leaves what stands there.
func (s *Store) StepTraining(ctx context.Context, l lease.Lease, id, step string, now time.Time) (bool, error) {
	if step == "" {
		var stop int
		err := s.read.QueryRowContext(ctx, "SELECT stop FROM trainings WHERE id = $1", id).Scan(&stop)
		return stop == 1, err
	}
	err := s.inTx(ctx, now, func(tx *Tx) error {
		if err := tx.fenced(ctx, l); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, "UPDATE trainings SET step = $2 WHERE id = $1 AND state = 'open'", id, step); err != nil {
			return err
		}
		return tx.bump(ctx, "training")
	})
	return false, err
}

// EndTraining implements learn.Register.
func (s *Store) EndTraining(ctx context.Context, l lease.Lease, t learn.Training, better []learn.Version, now time.Time) error {
	parts, err := json.Marshal(t.Parts)
	if err != nil {
		return err
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		if err := tx.fenced(ctx, l); err != nil {
			return err
		}
		n, err := tx.exec(ctx, "UPDATE trainings SET state = $2, ended_us = $3, step = '', parts = $4, trouble = $5 WHERE id = $1 AND state = 'open'",
			t.ID, string(t.State), tx.us, string(parts), t.Trouble)
		if err != nil || n == 0 {
			return err
		}
		if len(better) > 0 {
			if err := tx.bump(ctx, "learn"); err != nil {
				return err
			}
		}
		for _, v := range better {
			if err := tx.keepVersion(ctx, v); err != nil {
				return err
			}
		}
		return tx.bump(ctx, "training")
	})
}

// AskTraining opens a training for a person. Errors: Forbidden, Conflict when
// one is open.
func (s *Store) AskTraining(ctx context.Context, by rights.Actor, now time.Time) error {
	if !by.Can(rights.ManageLearning) {
		return errForbidden()
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		opened, err := tx.openOne(ctx, by)
		if err != nil {
			return err
		}
		if !opened {
			return errs.New(errs.Conflict, "Программа уже учится. Дождитесь конца или остановите обучение.")
		}
		return tx.bump(ctx, "training")
	})
}

// StopTraining asks the open training to stop. Errors: Forbidden, Conflict when
// there is none.
func (s *Store) StopTraining(ctx context.Context, by rights.Actor, now time.Time) error {
	if !by.Can(rights.ManageLearning) {
		return errForbidden()
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		n, err := tx.exec(ctx, "UPDATE trainings SET stop = 1 WHERE state = 'open'")
		if err != nil {
			return err
		}
		if n == 0 {
			return errs.New(errs.Conflict, "Обучение уже закончилось.")
		}
		return tx.bump(ctx, "training")
	})
}

// Trainings lists the newest trainings, the newest first.
func (s *Store) Trainings(ctx context.Context, limit int) ([]learn.Training, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (learn.Training, error) { return scanTraining(r.Scan) },
		"SELECT "+trainingColumns+" FROM trainings ORDER BY asked_us DESC, id DESC LIMIT $1", limit)
}
