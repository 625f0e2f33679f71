package incidents

import (
	"context"
	"time"

	"otklik/incidents/answers"
	"otklik/internal/rights"
)

// Book keeps the cases.
type Book interface {
	// Change loads the case, lets decide say what happens, and writes the case,
	// its events and its delivery in one transaction. expect is the version the
	// person saw; 0 takes any. Errors: NotFound, Conflict when the version is
	// another, and whatever decide returns.
	Change(ctx context.Context, caseID string, expect int, now time.Time, decide func(Case) (Decision, error)) (Case, error)
	// AnswerWords returns what may stand in an answer though it looks personal.
	AnswerWords(ctx context.Context) (answers.Words, error)
}

// Desk is where people and the program act on cases.
type Desk struct {
	book Book
	now  func() time.Time
}

// NewDesk returns a desk over a book.
func NewDesk(book Book, now func() time.Time) *Desk {
	return &Desk{book: book, now: now}
}

// Do carries out a command of by on a case at the version that the person saw.
// A note takes any version, because it overwrites nothing.
// A text that would be public is refused where it holds personal data, both when
// it is handed in and when it is approved: what is personal may have become
// known between the two.
// Errors: those of Apply, of Book.Change and of answers.Words.Refuse.
func (d *Desk) Do(ctx context.Context, by rights.Actor, caseID string, expect int, cmd Command) (Case, error) {
	now := d.now()
	if _, ok := cmd.(Note); ok {
		expect = 0
	}
	var words answers.Words
	if public(cmd) {
		var err error
		if words, err = d.book.AnswerWords(ctx); err != nil {
			return Case{}, err
		}
	}
	return d.book.Change(ctx, caseID, expect, now, func(c Case) (Decision, error) {
		decision, err := Apply(c, cmd, by, now)
		if err == nil && public(cmd) {
			err = words.Refuse(decision.Case.Answer.Text)
		}
		return decision, err
	})
}

// public says that a command brings a text nearer to the thread.
func public(cmd Command) bool {
	switch cmd.(type) {
	case Submit, Interim, Approve:
		return true
	}
	return false
}
