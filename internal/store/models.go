package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"otklik/incidents/rubricator"
	"otklik/index/classify"
	"otklik/internal/errs"
	"otklik/internal/learn"
	"otklik/internal/rights"
)

const (
	// recountAfter is after how many changes of cases rules are weighed anew.
	recountAfter = 100
	// provenFor is how far back people's decisions weigh a rule.
	provenFor = 90 * 24 * time.Hour
)

// proven is what people made of the messages of rules until the newest decision.
func (s *Store) proven(ctx context.Context) (map[string]classify.Proven, error) {
	var last int64
	if err := s.read.QueryRowContext(ctx, "SELECT COALESCE(MAX(at_us), 0) FROM decisions").Scan(&last); err != nil || last == 0 {
		return nil, err
	}
	quality, err := s.RuleQuality(ctx, moment(last).Add(-provenFor))
	out := make(map[string]classify.Proven, len(quality))
	for id, q := range quality {
		out[id] = classify.Proven{Confirmed: q.Confirmed, False: q.False}
	}
	return out, err
}

// Present implements learn.Shelf. Topics and departments change under the
// revision of rules, facts and routes under that of places, and what people make
// of the messages of rules is counted anew now and then as cases change; so the
// revision is the sum of all, which only grows.
func (s *Store) Present(ctx context.Context, have int64) (learn.Present, bool, error) {
	var p learn.Present
	err := s.read.QueryRowContext(ctx, `SELECT SUM(CASE WHEN name = 'rev.cases' THEN value / $1 ELSE value END)
		FROM counters WHERE name IN ('rev.learn', 'rev.rules', 'rev.places', 'rev.cases')`, recountAfter).Scan(&p.Revision)
	if err != nil || p.Revision == have {
		return p, false, err
	}
	if p.Settings, _, err = s.LearnSettings(ctx); err != nil {
		return p, false, err
	}
	if p.Topics, err = s.Topics(ctx); err != nil {
		return p, false, err
	}
	if p.Departments, err = s.Departments(ctx); err != nil {
		return p, false, err
	}
	if p.Routes, err = s.Routes(ctx); err != nil {
		return p, false, err
	}
	if p.Proven, err = s.proven(ctx); err != nil {
		return p, false, err
	}
	tree, err := s.Rubricator(ctx)
	if err != nil {
		return p, false, err
	}
	p.Facts = slices.DeleteFunc(tree.Facts, func(f rubricator.Fact) bool { return f.Inactive })
	list, err := collect(ctx, s.read, func(r *sql.Rows) (learn.Version, error) {
		v, err := scanModel(r.Scan)
		return v, err
	}, "SELECT id, part, number, report, learned, made_us, active, data FROM models WHERE active = 1")
	p.Active = make(map[learn.Part]learn.Version, len(list))
	for _, v := range list {
		p.Active[v.Part] = v
	}
	return p, true, err
}

func scanModel(scan func(...any) error) (learn.Version, error) {
	var v learn.Version
	var part, report string
	var made int64
	var active int
	err := scan(&v.ID, &part, &v.Number, &report, &v.Learned, &made, &active, &v.Data)
	v.Part, v.Report, v.MadeAt, v.Active = learn.Part(part), json.RawMessage(report), moment(made), active == 1
	return v, err
}

// Versions lists all models without their data, the newest first.
func (s *Store) Versions(ctx context.Context) ([]learn.Version, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (learn.Version, error) { return scanModel(r.Scan) },
		"SELECT id, part, number, report, learned, made_us, active, NULL FROM models ORDER BY made_us DESC, part")
}

// Use puts an earlier or later version of a part into use again; number 0 is
// what the program came with. Errors: Forbidden, NotFound.
func (s *Store) Use(ctx context.Context, by rights.Actor, part learn.Part, number int, now time.Time) error {
	if !by.Can(rights.ManageLearning) {
		return errForbidden()
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		if _, err := tx.take(ctx, "rev.learn", 1); err != nil { // whoever comes second waits here
			return err
		}
		if _, err := tx.exec(ctx, "UPDATE models SET active = 0 WHERE part = $1 AND active = 1", string(part)); err != nil || number == 0 {
			return err
		}
		n, err := tx.exec(ctx, "UPDATE models SET active = 1 WHERE part = $1 AND number = $2", string(part), number)
		if err == nil && n == 0 {
			return errs.New(errs.NotFound, "Такой версии нет: её уже убрали. Обновите страницу.")
		}
		return err
	})
}

// keptVersions is how many versions of a part stay to go back to.
const keptVersions = 20

// keepVersion stores a version and puts it into use.
func (tx *Tx) keepVersion(ctx context.Context, v learn.Version) error {
	id, err := newID()
	if err != nil {
		return err
	}
	var last int
	if err := tx.QueryRowContext(ctx, "SELECT COALESCE(MAX(number), 0) FROM models WHERE part = $1", string(v.Part)).Scan(&last); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, "UPDATE models SET active = 0 WHERE part = $1 AND active = 1", string(v.Part)); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, "INSERT INTO models (id, part, number, data, report, learned, made_us, active) VALUES ($1, $2, $3, $4, $5, $6, $7, 1)",
		id, string(v.Part), last+1, v.Data, string(v.Report), v.Learned, tx.us); err != nil {
		return err
	}
	_, err = tx.exec(ctx, "DELETE FROM models WHERE part = $1 AND active = 0 AND number <= $2", string(v.Part), last+1-keptVersions)
	return err
}

const learnChoice = "learn"

// LearnSettings returns what the agency has chosen about learning, and who chose it.
func (s *Store) LearnSettings(ctx context.Context) (learn.Settings, learn.Chosen, error) {
	x, by := learn.DefaultSettings(), learn.Chosen{}
	var value string
	var at int64
	err := s.read.QueryRowContext(ctx, "SELECT value, version, person_name, set_us FROM choices WHERE name = $1", learnChoice).Scan(&value, &by.Version, &by.Name, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return x, by, nil
	}
	if err != nil {
		return x, by, err
	}
	by.At = moment(at)
	return x, by, json.Unmarshal([]byte(value), &x)
}

// SetLearn stores what a person has chosen, over the version that they saw.
// Errors: Forbidden, Invalid, Conflict.
func (s *Store) SetLearn(ctx context.Context, by rights.Actor, x learn.Settings, seen int, now time.Time) error {
	if !by.Can(rights.ManageLearning) {
		return errForbidden()
	}
	if err := x.Check(); err != nil {
		return err
	}
	value, err := json.Marshal(x)
	if err != nil {
		return err
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		if _, err := tx.take(ctx, "rev.learn", 1); err != nil {
			return err
		}
		n, err := tx.exec(ctx, `UPDATE choices SET value = $2, version = version + 1, person_name = $3, set_us = $4 WHERE name = $1 AND version = $5`,
			learnChoice, string(value), by.Name, tx.us, seen)
		if err == nil && n == 0 && seen == 0 {
			n, err = tx.exec(ctx, "INSERT INTO choices (name, value, version, person_name, set_us) VALUES ($1, $2, 1, $3, $4) ON CONFLICT DO NOTHING",
				learnChoice, string(value), by.Name, tx.us)
		}
		if err == nil && n == 0 {
			return errs.New(errs.Conflict, "Пока вы выбирали, настройки изменил другой человек. Посмотрите, что теперь стоит, и повторите.")
		}
		return err
	})
}
