package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"otklik/incidents/rubricator"
	"otklik/internal/errs"
	"otklik/internal/rights"
)

// Rubricator returns the tree, inactive facts included.
func (s *Store) Rubricator(ctx context.Context) (rubricator.Rubricator, error) {
	return tree(ctx, s.read)
}

func tree(ctx context.Context, q querier) (rubricator.Rubricator, error) {
	var out rubricator.Rubricator
	var err error
	out.Answers, err = collect(ctx, q, func(r *sql.Rows) (rubricator.Answer, error) {
		var a rubricator.Answer
		return a, r.Scan(&a.ID, &a.Text)
	}, "SELECT id, body FROM rubric_answers ORDER BY position, id")
	if err != nil {
		return out, err
	}
	out.Facts, err = collect(ctx, q, func(r *sql.Rows) (rubricator.Fact, error) {
		var f rubricator.Fact
		var fast, inactive int
		var required string
		if err := r.Scan(&f.ID, &f.Category, &f.Subcategory, &f.Name, &f.DepartmentID, &f.TopicID, &fast, &f.Hours, &required, &f.AnswerID, &inactive); err != nil {
			return f, err
		}
		f.Fast, f.Inactive = fast == 1, inactive == 1
		return f, json.Unmarshal([]byte(required), &f.Required)
	}, "SELECT id, category, subcategory, name, department_id, topic_id, fast, hours, required, answer_id, inactive FROM rubric_facts ORDER BY position, id")
	return out, err
}

// SeedRubricator fills an empty rubricator; one that has any fact belongs to
// the agency and is left alone.
func (s *Store) SeedRubricator(ctx context.Context, r rubricator.Rubricator, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		var facts int
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM rubric_facts").Scan(&facts); err != nil || facts > 0 {
			return err
		}
		return tx.putTree(ctx, r)
	})
}

// SaveRubricator puts the facts of a table in the place of the present ones.
// Facts that are not among them become inactive, because cases name them.
// Errors: Forbidden, Invalid when a fact names what does not exist.
func (s *Store) SaveRubricator(ctx context.Context, by rights.Actor, r rubricator.Rubricator, now time.Time) error {
	return s.rubric(ctx, by, now, func(tx *Tx) error {
		had, err := tree(ctx, tx)
		if err != nil {
			return err
		}
		for _, f := range had.Facts {
			if _, stays := r.Fact(f.ID); !stays {
				f.Inactive = true
				r.Facts = append(r.Facts, f)
			}
		}
		for _, f := range r.Facts {
			if err := tx.known(ctx, f, r); err != nil {
				return err
			}
		}
		for _, q := range []string{"DELETE FROM rubric_facts", "DELETE FROM rubric_answers"} {
			if _, err := tx.exec(ctx, q); err != nil {
				return err
			}
		}
		return tx.putTree(ctx, r)
	})
}

// SaveFact changes one fact of the tree. Errors: Forbidden, NotFound, Invalid.
func (s *Store) SaveFact(ctx context.Context, by rights.Actor, f rubricator.Fact, now time.Time) error {
	return s.rubric(ctx, by, now, func(tx *Tx) error {
		r, err := tree(ctx, tx)
		if err != nil {
			return err
		}
		if err := tx.known(ctx, f, r); err != nil {
			return err
		}
		required, err := json.Marshal(append([]rubricator.Field{}, f.Required...))
		if err != nil {
			return err
		}
		n, err := tx.exec(ctx, `UPDATE rubric_facts SET name = $2, department_id = $3, topic_id = $4, fast = $5, hours = $6, required = $7,
			answer_id = $8, inactive = $9 WHERE id = $1`, f.ID, clean(f.Name), f.DepartmentID, f.TopicID, flag(f.Fast), f.Hours, string(required),
			f.AnswerID, flag(f.Inactive))
		if err == nil && n == 0 {
			return errs.New(errs.NotFound, "Такого факта в рубрикаторе нет.")
		}
		return err
	})
}

// EditRubricator lets edit say what becomes of the tree and writes it, one
// change after another. Errors: Forbidden, those of edit, Invalid.
func (s *Store) EditRubricator(ctx context.Context, by rights.Actor, now time.Time, edit func(rubricator.Rubricator) (rubricator.Rubricator, error)) error {
	return s.rubric(ctx, by, now, func(tx *Tx) error {
		had, err := tree(ctx, tx)
		if err != nil {
			return err
		}
		r, err := edit(had)
		if err != nil {
			return err
		}
		for _, f := range r.Facts {
			if old, ok := had.Fact(f.ID); ok && old.AnswerID == f.AnswerID {
				continue // what was there before is not what was edited
			}
			if err := tx.known(ctx, f, r); err != nil {
				return err
			}
		}
		for _, q := range []string{"DELETE FROM rubric_facts", "DELETE FROM rubric_answers"} {
			if _, err := tx.exec(ctx, q); err != nil {
				return err
			}
		}
		return tx.putTree(ctx, r)
	})
}

func (s *Store) rubric(ctx context.Context, by rights.Actor, now time.Time, fn func(*Tx) error) error {
	if !by.IsSystem() && !by.Can(rights.ManageDirectory) {
		return errs.New(errs.Forbidden, "Рубрикатор меняет администратор или координатор.")
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		// One change of the rubricator waits for the other.
		if err := tx.bump(ctx, "places"); err != nil {
			return err
		}
		return fn(tx)
	})
}

// known refuses a fact that names a department, a topic or an answer that does
// not exist.
func (tx *Tx) known(ctx context.Context, f rubricator.Fact, r rubricator.Rubricator) error {
	if err := f.Check(); err != nil {
		return err
	}
	if _, ok := r.Answer(f.AnswerID); f.AnswerID != "" && !ok {
		return errs.Newf(errs.Invalid, "Факт «%s»: нет ответа «%s».", f.Name, f.AnswerID)
	}
	for _, x := range []struct{ id, query, wrong string }{
		{f.DepartmentID, "SELECT COUNT(*) FROM departments WHERE id = $1", "Факт «%s»: нет ведомства «%s»."},
		{f.TopicID, "SELECT COUNT(*) FROM topics WHERE id = $1", "Факт «%s»: нет темы «%s»."},
	} {
		var n int
		if err := tx.QueryRowContext(ctx, x.query, x.id).Scan(&n); err != nil {
			return err
		}
		if x.id != "" && n == 0 && !f.Inactive {
			return errs.Newf(errs.Invalid, x.wrong, f.Name, x.id)
		}
	}
	return nil
}

func (tx *Tx) putTree(ctx context.Context, r rubricator.Rubricator) error {
	for i, a := range r.Answers {
		if _, err := tx.exec(ctx, "INSERT INTO rubric_answers (id, body, position) VALUES ($1, $2, $3)", a.ID, clean(a.Text), i); err != nil {
			return err
		}
	}
	for i, f := range r.Facts {
		required, err := json.Marshal(append([]rubricator.Field{}, f.Required...))
		if err != nil {
			return err
		}
		_, err = tx.exec(ctx, `INSERT INTO rubric_facts (id, category, subcategory, name, department_id, topic_id, fast, hours, required, answer_id, inactive, position)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, f.ID, clean(f.Category), clean(f.Subcategory), clean(f.Name), f.DepartmentID, f.TopicID,
			flag(f.Fast), f.Hours, string(required), f.AnswerID, flag(f.Inactive), i)
		if err != nil {
			return err
		}
	}
	return nil
}

// Mappings returns what facts correspond to in each of the other classifiers,
// by their names.
func (s *Store) Mappings(ctx context.Context) (map[string]rubricator.Mapping, error) {
	type row struct {
		classifier, fact string
		entry            rubricator.Entry
	}
	list, err := collect(ctx, s.read, func(r *sql.Rows) (row, error) {
		var x row
		return x, r.Scan(&x.classifier, &x.fact, &x.entry.Code, &x.entry.Name)
	}, "SELECT classifier, fact_id, code, name FROM rubric_maps")
	out := map[string]rubricator.Mapping{}
	for _, x := range list {
		if out[x.classifier] == nil {
			out[x.classifier] = rubricator.Mapping{}
		}
		out[x.classifier][x.fact] = x.entry
	}
	return out, err
}

// SaveMapping replaces what facts correspond to in another classifier; an empty
// mapping forgets it. Errors: Forbidden.
func (s *Store) SaveMapping(ctx context.Context, by rights.Actor, classifier string, m rubricator.Mapping, now time.Time) error {
	return s.rubric(ctx, by, now, func(tx *Tx) error {
		if _, err := tx.exec(ctx, "DELETE FROM rubric_maps WHERE classifier = $1", classifier); err != nil {
			return err
		}
		for id, e := range m {
			_, err := tx.exec(ctx, "INSERT INTO rubric_maps (classifier, fact_id, code, name) VALUES ($1, $2, $3, $4)", classifier, id, clean(e.Code), clean(e.Name))
			if err != nil {
				return err
			}
		}
		return nil
	})
}
