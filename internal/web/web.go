// Package web is the face of the program for people who work with it: HTML
// rendered on the server, forms that work without scripts, and live updates
// that say only what is stale.
package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"otklik/incidents"
	"otklik/internal/auth"
	"otklik/internal/live"
	"otklik/internal/ru"
)

// Deps is all that the pages need. Every field is required but Secure.
type Deps struct {
	Queue     Queue
	Drafts    Drafts
	Directory Directory
	Changes   Changes
	Sources   Sources
	Registry  Registry
	Keys      KeyBook
	Unread    Unread
	Photos    Photos
	Alarms    Alarms
	Ledger    Ledger
	Desk      *incidents.Desk
	Staff     Staff
	Invites   *auth.Invitations
	Guide     Guide
	Masses    Masses
	Planning  Planning
	Press     Press
	Timing    Timing
	Learning  Learning
	Rules     Rules
	Searching Searching
	Auth      *auth.Service
	Hub       *live.Hub
	Now       func() time.Time
	Zone      *time.Location
	// Promise checks a day that an interim answer is to name, and returns the end
	// of work on it. Errors: NotFound, Invalid.
	Promise func(ctx context.Context, caseID string, day, now time.Time) (time.Time, error)
	Agency  string // the agency's name, shown at the sign-in
	// Secure says that people come by https, so that cookies may not travel otherwise.
	Secure  bool
	Version string
	// Ready returns how long the oldest work of each kind waits, or why that is
	// not known.
	Ready  func(ctx context.Context) ([]Wait, error)
	Logger *slog.Logger
}

type server struct {
	Deps
	clock  ru.Clock
	assets *assets
	views  *views
	gate   *gate
	// drawing lets one uploaded photo at a time be drawn anew.
	drawing chan struct{}
}

// New returns the handler of all pages. Streams of live updates end when the
// request's context does, so the http.Server that carries the handler needs a
// BaseContext that ends on shutdown.
func New(d Deps) (http.Handler, error) {
	s, err := newServer(d)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	if err := s.register(mux, s.routes()); err != nil {
		return nil, err
	}
	return s.wrap(mux), nil
}

func newServer(d Deps) (*server, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	s := &server{Deps: d, clock: ru.NewClock(d.Zone), gate: newGate(streamsPerPerson, streamsInAll), drawing: make(chan struct{}, 1)}
	var err error
	if s.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	if s.views, err = parseViews(s.assets); err != nil {
		return nil, err
	}
	return s, nil
}

func (d Deps) check() error {
	missing := d.Queue == nil || d.Drafts == nil || d.Directory == nil || d.Changes == nil ||
		d.Sources == nil || d.Registry == nil || d.Keys == nil || d.Alarms == nil || d.Unread == nil || d.Photos == nil ||
		d.Ledger == nil || d.Desk == nil || d.Staff == nil || d.Invites == nil || d.Promise == nil || d.Auth == nil || d.Hub == nil || d.Now == nil || d.Zone == nil ||
		d.Guide.lacking() || d.Masses.lacking() || d.Planning.lacking() || d.Press.lacking() || d.Timing.lacking() || d.Learning.lacking() || d.Rules.lacking() || d.Searching.lacking() || d.Ready == nil || d.Logger == nil
	if missing {
		return errors.New("web: a dependency is missing")
	}
	return nil
}
