package incidents

import (
	"context"
	"time"

	"otklik/internal/rights"
)

// Book keeps the cases.
type Book interface {
	// Change loads the case, lets decide say what happens, and writes the case,
	// its events and its delivery in one transaction. expect is the version the
	// person saw; 0 takes any. Errors: NotFound, Conflict when the version is
	// another, and whatever decide returns.
	Change(ctx context.Context, caseID string, expect int, now time.Time, decide func(Case) (Decision, error)) (Case, error)
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
// Errors: those of Apply and of Book.Change.
func (d *Desk) Do(ctx context.Context, by rights.Actor, caseID string, expect int, cmd Command) (Case, error) {
	now := d.now()
	if _, ok := cmd.(Note); ok {
		expect = 0
	}
	return d.book.Change(ctx, caseID, expect, now, func(c Case) (Decision, error) {
		return Apply(c, cmd, by, now)
	})
}
