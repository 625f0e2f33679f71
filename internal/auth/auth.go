// Package auth knows people: who signs in, how long a session lives, and how
// many wrong passwords are too many.
package auth

import (
	"context"
	"time"

	"otklik/internal/rights"
)

// Person is somebody who works with the program.
type Person struct {
	ID           string
	Email        string
	Name         string
	Roles        []rights.Role
	DepartmentID string
	Active       bool
	// Bounds are the scopes of roles; a role without an entry has no bounds.
	Bounds map[rights.Role]rights.Scope
	// OrganisationID is where the person works.
	OrganisationID string
	// EnteredAt is when they first signed in, zero while they never did.
	EnteredAt time.Time
}

// Actor is the person as the permission table sees them.
func (p Person) Actor() rights.Actor {
	return rights.Actor{ID: p.ID, Name: p.Name, Roles: p.Roles, DepartmentID: p.DepartmentID, Bounds: p.Bounds}
}

// Session is one sign-in on one device. Its token is kept only as a hash.
type Session struct {
	TokenHash string
	PersonID  string
	StartedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time
	Agent     string // the browser, shortened
}

// Vault keeps people and sessions.
type Vault interface {
	// PersonByEmail returns an active person and the hash of their password.
	// Errors: NotFound.
	PersonByEmail(ctx context.Context, email string) (Person, string, error)
	// StartSession stores a session.
	StartSession(ctx context.Context, s Session) error
	// SessionPerson returns the active person of a session that has not expired
	// and notes that it was seen: SeenAt becomes now and ExpiresAt becomes
	// Expiry(StartedAt, now). A sight within a minute of the one noted need not
	// be written. Errors: NotFound.
	SessionPerson(ctx context.Context, tokenHash string, now time.Time) (Person, Session, error)
	// EndSession forgets a session; a second time changes nothing.
	EndSession(ctx context.Context, tokenHash string) error
}

// Throttle counts wrong passwords where a restart does not forget them. The
// key names what is guarded: an address of the person or of the network.
type Throttle interface {
	// Failures returns how many failures of key have happened since the moment.
	Failures(ctx context.Context, key string, since time.Time) (int, error)
	// NoteFailure adds one.
	NoteFailure(ctx context.Context, key string, now time.Time) error
	// ClearFailures forgets those of key.
	ClearFailures(ctx context.Context, key string) error
}
