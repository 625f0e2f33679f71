package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"otklik/incidents/answers"
	"otklik/internal/errs"
	"otklik/internal/records"
	"otklik/internal/rights"
)

// AnswerTemplates lists the texts to begin an answer with, by their titles.
func (s *Store) AnswerTemplates(ctx context.Context) ([]answers.Template, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (answers.Template, error) {
		var t answers.Template
		var edited int64
		err := r.Scan(&t.ID, &t.Title, &t.TopicID, &t.FactID, &t.Text, &t.EditedBy, &edited)
		t.EditedAt = moment(edited)
		return t, err
	}, "SELECT id, title, topic_id, fact_id, body, edited_by, edited_us FROM answer_templates ORDER BY title, id")
}

// SaveAnswerTemplate writes a template; an empty id begins one.
// Errors: Forbidden, Invalid, NotFound when another person has dropped it.
func (s *Store) SaveAnswerTemplate(ctx context.Context, by rights.Actor, t answers.Template, now time.Time) error {
	t, err := t.Clean()
	if err != nil {
		return err
	}
	return s.answerBook(ctx, by, now, func(tx *Tx) error {
		args := []any{clean(t.Title), t.TopicID, t.FactID, clean(t.Text), by.Name, tx.us}
		if t.ID == "" {
			id, err := newID()
			if err != nil {
				return err
			}
			_, err = tx.exec(ctx, "INSERT INTO answer_templates (title, topic_id, fact_id, body, edited_by, edited_us, id) VALUES ($1, $2, $3, $4, $5, $6, $7)", append(args, id)...)
			return err
		}
		n, err := tx.exec(ctx, "UPDATE answer_templates SET title = $1, topic_id = $2, fact_id = $3, body = $4, edited_by = $5, edited_us = $6 WHERE id = $7", append(args, t.ID)...)
		if err == nil && n == 0 {
			err = errs.New(errs.NotFound, "Этого шаблона уже нет: его удалили. Обновите страницу.")
		}
		return err
	})
}

// DropAnswerTemplate forgets a template; answers made of it stay.
// Errors: Forbidden, NotFound.
func (s *Store) DropAnswerTemplate(ctx context.Context, by rights.Actor, id string, now time.Time) error {
	return s.answerBook(ctx, by, now, func(tx *Tx) error {
		n, err := tx.exec(ctx, "DELETE FROM answer_templates WHERE id = $1", id)
		if err == nil && n == 0 {
			err = errs.New(errs.NotFound, "Этого шаблона уже нет. Обновите страницу.")
		}
		return err
	})
}

// The lists of answer_words.
const (
	wordAbbreviation = "abbreviation"
	wordContact      = "contact"
)

// AnswerWords returns what the agency says of its answers.
func (s *Store) AnswerWords(ctx context.Context) (answers.Words, error) {
	var w answers.Words
	rows, err := collect(ctx, s.read, func(r *sql.Rows) ([2]string, error) {
		var x [2]string
		return x, r.Scan(&x[0], &x[1])
	}, "SELECT kind, value FROM answer_words ORDER BY position, kind, value")
	for _, x := range rows {
		switch x[0] {
		case wordAbbreviation:
			w.Abbreviations = append(w.Abbreviations, x[1])
		case wordContact:
			w.Contacts = append(w.Contacts, x[1])
		}
	}
	return w, err
}

// SaveAnswerWords puts both lists in the place of the present ones.
// Errors: Forbidden, Invalid.
func (s *Store) SaveAnswerWords(ctx context.Context, by rights.Actor, w answers.Words, now time.Time) error {
	w, err := w.Clean()
	if err != nil {
		return err
	}
	return s.answerBook(ctx, by, now, func(tx *Tx) error {
		if _, err := tx.exec(ctx, "DELETE FROM answer_words"); err != nil {
			return err
		}
		put := func(kind string, list []string) error {
			for i, x := range list {
				if _, err := tx.exec(ctx, "INSERT INTO answer_words (kind, value, position) VALUES ($1, $2, $3)", kind, clean(x), i); err != nil {
					return err
				}
			}
			return nil
		}
		return errors.Join(put(wordAbbreviation, w.Abbreviations), put(wordContact, w.Contacts))
	})
}

// answerBook is a change of what answers are made with, by a person who may
// make it; one waits for the other.
func (s *Store) answerBook(ctx context.Context, by rights.Actor, now time.Time, fn func(*Tx) error) error {
	if !by.Can(rights.ManageDirectory) {
		return errs.New(errs.Forbidden, "Шаблоны ответов меняет администратор или координатор.")
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		if err := tx.bump(ctx, "places"); err != nil {
			return err
		}
		tx.note(by, records.Setting, "setting:answers", nil)
		return fn(tx)
	})
}
