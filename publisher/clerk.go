package publisher

import (
	"context"
	"errors"
	"fmt"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
)

// Agenda is what the clerk looks at.
type Agenda interface {
	// DuePosts lists scheduled posts whose time has come and that have a page
	// they did not leave for yet, from the oldest, after the one named.
	DuePosts(ctx context.Context, now time.Time, after string, limit int) ([]Post, error)
	// Halts lists the stops that hold now.
	Halts(ctx context.Context) ([]Halt, error)
}

// Clerk gives posts to the ledger when their time has come. Any number of
// clerks may work at once: each decision is made again on the locked post.
type Clerk struct {
	book     Book
	agenda   Agenda
	register Register
	now      func() time.Time
}

// NewClerk returns a clerk over a book and its agenda.
func NewClerk(book Book, agenda Agenda, register Register, now func() time.Time) *Clerk {
	return &Clerk{book: book, agenda: agenda, register: register, now: now}
}

// errNothing says that the locked post needs nothing any more.
var errNothing = errs.New(errs.Conflict, "Этот пост уже отправляется.")

// Tick releases what is due, or asks about it. It returns how many posts moved.
// A post that cannot be moved keeps no other from it; its error is returned.
func (c *Clerk) Tick(ctx context.Context) (int, error) {
	const batch = 200
	now := c.now()
	pages, err := c.register.Pages(ctx)
	if err != nil {
		return 0, err
	}
	halts, err := c.agenda.Halts(ctx)
	if err != nil {
		return 0, err
	}
	f := Facts{Now: now, Pages: pages}
	moved, after := 0, ""
	var wrong error
	for {
		due, err := c.agenda.DuePosts(ctx, now, after, batch)
		if err != nil || len(due) == 0 {
			return moved, errors.Join(wrong, err)
		}
		for _, p := range due {
			_, err := c.book.ChangePost(ctx, p.ID, 0, now, func(p Post) (Decision, error) {
				cmd, ok := Due(p, halts, now)
				if !ok {
					return Decision{}, errNothing
				}
				return Apply(p, cmd, rights.System(), f)
			})
			switch {
			case err == nil:
				moved++
			case ctx.Err() != nil:
				return moved, errors.Join(wrong, err)
			case !errors.Is(err, errNothing):
				wrong = errors.Join(wrong, fmt.Errorf("post %d: %w", p.Number, err))
			}
			after = p.ID
		}
	}
}
