package web

import (
	"context"
	"time"

	"otklik/internal/records"
	"otklik/internal/rights"
	"otklik/internal/social"
)

// Journal is who has read and changed what.
type Journal interface {
	// Record writes a row and returns when it stands in the base.
	Record(ctx context.Context, e records.Entry) error
	Journal(ctx context.Context, f records.Filter) ([]records.Row, error)
	JournalPeople(ctx context.Context) ([]records.Person, error)
	JournalChecks(ctx context.Context, limit int) ([]records.Check, error)
}

// Terms is for how long data stay.
type Terms interface {
	Terms(ctx context.Context) (records.Terms, records.Chosen, error)
	// SetTerms stores terms over the version seen. Errors: Invalid, Conflict.
	SetTerms(ctx context.Context, by rights.Actor, t records.Terms, seen int, now time.Time) error
	DueOf(ctx context.Context, c records.Class, before time.Time) (records.Due, error)
}

// Erasing is what a person's request needs.
type Erasing interface {
	// FindAuthor finds an author by the end of their page's address. Errors: NotFound.
	FindAuthor(ctx context.Context, network social.Network, handle string) (records.Author, error)
	Holding(ctx context.Context, a records.Author) (records.Holding, error)
	// AskErasure begins a request. Errors: Invalid, Conflict.
	AskErasure(ctx context.Context, by rights.Actor, e records.Erasure, now time.Time) (records.Erasure, error)
	Erasures(ctx context.Context, number int64, limit int) ([]records.Erasure, error)
}

// Records is what the pages of records need.
type Records struct {
	Journal Journal
	Terms   Terms
	Erasing Erasing
}

func (x Records) lacking() bool { return x.Journal == nil || x.Terms == nil || x.Erasing == nil }
