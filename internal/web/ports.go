package web

import (
	"context"
	"time"

	"otklik/collectors"
	"otklik/incidents"
	"otklik/internal/alarm"
	"otklik/internal/auth"
	"otklik/internal/delivery"
	"otklik/internal/media"
	"otklik/internal/rights"
	"otklik/internal/sources"
)

// Queue is where the pages read cases from.
type Queue interface {
	// Inbox returns a part of the queue.
	Inbox(ctx context.Context, f incidents.Filter) (incidents.Page, error)
	// Counts returns the numbers of the navigation for a person.
	Counts(ctx context.Context, by rights.Actor, now time.Time) (incidents.Counts, error)
	// View returns one case with the draft of the person. Errors: NotFound.
	View(ctx context.Context, caseID string, by rights.Actor, now time.Time) (incidents.View, error)
	// Neighbours returns the numbers of the open cases before and after a case in
	// the order of the queue as the person sees it, "" at its ends.
	Neighbours(ctx context.Context, by rights.Actor, caseID string, now, todayEnds time.Time) (previous, next string, err error)
	// CaseByNumber returns the id of the case with the number, if the person may
	// see it. Errors: NotFound.
	CaseByNumber(ctx context.Context, by rights.Actor, number int64) (string, error)
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
	// Paces tells how much is written on each source, by its id.
	Paces(ctx context.Context, now time.Time) (map[string]collectors.Pace, error)
	// WishHistory asks a source's history to stop, or to be read some days back.
	// Errors: NotFound, Invalid, Conflict when there is nothing to stop.
	WishHistory(ctx context.Context, sourceID string, w collectors.Wish, now time.Time) error
}

// Alarms is what somebody has to know of.
type Alarms interface {
	AlarmPage(ctx context.Context, f alarm.Filter) (alarm.Page, error)
	// OpenAlarms returns those that have not passed, the gravest first.
	OpenAlarms(ctx context.Context) ([]alarm.Alarm, error)
	// TakeAlarm notes that a person knows of one. Errors: NotFound, Conflict when
	// it has passed or somebody has taken it.
	TakeAlarm(ctx context.Context, by rights.Actor, id string, now time.Time) error
}

// Registry is where an administrator connects pages and looks after their keys.
// Every method but View, Readable and Webhook checks the right to do it.
type Registry interface {
	View(ctx context.Context, id string) (sources.Source, error)
	Readable(sourceID string, k sources.Key) bool
	CheckDraft(ctx context.Context, by rights.Actor, x sources.Draft) (sources.Checked, error)
	ConnectDraft(ctx context.Context, by rights.Actor, token string) (id string, err error)
	KeyRing
}

// KeyBook tells how the keys of all sources stand.
type KeyBook interface {
	// Registry returns the sources in use with their keys, sealed.
	Registry(ctx context.Context) ([]sources.Source, error)
	// Quota returns what is left of the calls a day of every key in use.
	Quota(ctx context.Context, now time.Time) ([]collectors.QuotaLeft, error)
}

// KeyRing is what can be done to a source that is connected.
type KeyRing interface {
	SetShelf(ctx context.Context, by rights.Actor, id, chat string) error
	ReplaceKey(ctx context.Context, by rights.Actor, id string, kind sources.KeyKind, secret string, expires time.Time) error
	SetExpiry(ctx context.Context, by rights.Actor, id string, kind sources.KeyKind, expires time.Time) error
	RemoveKey(ctx context.Context, by rights.Actor, id string, kind sources.KeyKind) error
	Standing
}

// Standing is what is done to a source as a whole.
type Standing interface {
	CheckAgain(ctx context.Context, by rights.Actor, id string) error
	Pause(ctx context.Context, by rights.Actor, id string) error
	Resume(ctx context.Context, by rights.Actor, id string) error
	Remove(ctx context.Context, by rights.Actor, id string) error
	Hooks
}

// Hooks is how the updates of a channel of Telegram come in.
type Hooks interface {
	// Webhook returns where Telegram would send them.
	// Errors: Invalid with the reason why it could not.
	Webhook(sourceID string) (address string, err error)
	TurnOnWebhook(ctx context.Context, by rights.Actor, id string) error
	TurnOffWebhook(ctx context.Context, by rights.Actor, id string) error
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
