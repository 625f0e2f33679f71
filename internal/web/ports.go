package web

import (
	"context"
	"time"

	"otklik/collectors"
	"otklik/incidents"
	"otklik/internal/auth"
	"otklik/internal/delivery"
	"otklik/internal/media"
	"otklik/internal/rights"
)

// Queue is where the pages read cases from.
type Queue interface {
	// Inbox returns a part of the queue.
	Inbox(ctx context.Context, f incidents.Filter) (incidents.Page, error)
	// Counts returns the numbers of the navigation; personID decides Mine.
	Counts(ctx context.Context, personID string, now time.Time) (incidents.Counts, error)
	// View returns one case with the draft of the person. Errors: NotFound.
	View(ctx context.Context, caseID, personID string, now time.Time) (incidents.View, error)
	// CaseByNumber returns the id of the case with the number. Errors: NotFound.
	CaseByNumber(ctx context.Context, number int64) (string, error)
}

// Drafts keeps what a person has written and not handed in yet.
type Drafts interface {
	// SaveDraft replaces the person's draft of an answer; an empty text removes it.
	SaveDraft(ctx context.Context, caseID, personID, text string, now time.Time) error
}

// Directory is what a person may choose from.
type Directory interface {
	Topics(ctx context.Context) ([]incidents.Topic, error)
	Departments(ctx context.Context) ([]incidents.Department, error)
	// Executors returns the active people who write answers, of one department
	// or, with "", of all.
	Executors(ctx context.Context, departmentID string) ([]auth.Person, error)
}

// Changes tells what happened to a case behind a person's back.
type Changes interface {
	// Since returns the events after the version, oldest first.
	Since(ctx context.Context, caseID string, version int) ([]incidents.Event, error)
}

// Sources tells how the sources are.
type Sources interface {
	Sources(ctx context.Context, now time.Time) ([]collectors.SourceStatus, error)
}

// Unread shows what the networks sent and nobody understood.
type Unread interface {
	Unread(ctx context.Context, f collectors.UnreadFilter) (collectors.UnreadPage, error)
}

// Photos holds the kept pictures.
type Photos interface {
	// Picture returns a picture by its hash. Errors: NotFound.
	Picture(ctx context.Context, hash string) (media.File, error)
}

// Ledger shows what leaves, and settles what stopped.
type Ledger interface {
	Entries(ctx context.Context, f delivery.EntryFilter) (delivery.EntryPage, error)
	// Resolve carries out a person's decision. Errors: NotFound, Conflict when
	// the delivery has moved on by itself.
	Resolve(ctx context.Context, by rights.Actor, deliveryID string, what delivery.Resolution, now time.Time) error
}
