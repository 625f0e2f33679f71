package auth

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
)

// LinkLife is how long a link by which a person chooses a password is good.
const LinkLife = 72 * time.Hour

// Link lets one person choose a password once. Its token is kept as a hash.
type Link struct {
	TokenHash string
	PersonID  string
	ExpiresAt time.Time
}

// LinkBook keeps such links.
type LinkBook interface {
	// AddLink stores a link in the place of the person's earlier ones.
	// Errors: Forbidden, NotFound.
	AddLink(ctx context.Context, by rights.Actor, l Link, now time.Time) error
	// LinkPerson returns whose link it is, while it is good. Errors: NotFound.
	LinkPerson(ctx context.Context, tokenHash string, now time.Time) (Person, error)
	// UseLink sets the password, ends the person's sessions and forgets the link.
	// Errors: NotFound.
	UseLink(ctx context.Context, tokenHash, passwordHash string, now time.Time) error
}

// Invitations hands out links and lets people choose passwords by them.
type Invitations struct {
	book   LinkBook
	now    func() time.Time
	checks chan struct{}
}

// NewInvitations returns invitations over a book.
func NewInvitations(book LinkBook, now func() time.Time) *Invitations {
	return &Invitations{book: book, now: now, checks: make(chan struct{}, parallelChecks)}
}

// Invite makes a link for a person and returns its token, which is kept nowhere
// else. Errors: Forbidden, NotFound.
func (s *Invitations) Invite(ctx context.Context, by rights.Actor, personID string) (string, error) {
	raw := make([]byte, tokenBytes)
	if _, err := rand.Read(raw); err != nil {
		return "", errs.Wrap(errs.Internal, "", err)
	}
	token, now := base64.RawURLEncoding.EncodeToString(raw), s.now()
	return token, s.book.AddLink(ctx, by, Link{TokenHash: hashToken(token), PersonID: personID, ExpiresAt: now.Add(LinkLife)}, now)
}

// Whose returns the person of a link. Errors: NotFound when it is used or old.
func (s *Invitations) Whose(ctx context.Context, token string) (Person, error) {
	return s.book.LinkPerson(ctx, hashToken(token), s.now())
}

// Choose sets the password that the person has chosen. Errors: Invalid, NotFound.
func (s *Invitations) Choose(ctx context.Context, token, password string) error {
	if _, err := s.Whose(ctx, token); err != nil {
		return err // nothing is computed for whoever guesses
	}
	select {
	case s.checks <- struct{}{}:
		defer func() { <-s.checks }()
	case <-ctx.Done():
		return ctx.Err()
	}
	hash, err := HashPassword(password)
	if err != nil {
		return err
	}
	return s.book.UseLink(ctx, hashToken(token), hash, s.now())
}
