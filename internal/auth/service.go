package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/errs"
	"otklik/internal/ru"
)

// Bounds of guessing: so many wrong passwords per account and per address
// within the window, then the door stays shut until the oldest is forgotten.
const (
	ThrottleWindow  = 15 * time.Minute
	accountAttempts = 5
	addressAttempts = 20
)

// Life of a session: it ends after idleLife without a request, and after
// fullLife in any case.
const (
	idleLife = 12 * time.Hour
	fullLife = 7 * 24 * time.Hour
)

const (
	tokenBytes = 32
	// parallelChecks bounds the memory that password checks take at once.
	parallelChecks = 2
	maxEmail       = 254
	maxAgent       = 120
)

// Expiry is when a session that began at started and was last seen at seen
// ends. A Vault stores it with every sight of the session.
func Expiry(started, seen time.Time) time.Time {
	idle, full := seen.Add(idleLife), started.Add(fullLife)
	if idle.Before(full) {
		return idle
	}
	return full
}

// Service signs people in and out.
type Service struct {
	vault    Vault
	throttle Throttle
	now      func() time.Time
	// decoy is checked where there is no such person, so that the answer takes
	// as long as for a wrong password.
	decoy  string
	checks chan struct{}
}

// NewService returns a service over a vault and a throttle.
func NewService(vault Vault, throttle Throttle, now func() time.Time) (*Service, error) {
	decoy, err := HashPassword(rand.Text())
	if err != nil {
		return nil, err
	}
	return &Service{vault: vault, throttle: throttle, now: now, decoy: decoy, checks: make(chan struct{}, parallelChecks)}, nil
}

// SignIn checks the password and starts a session. The token is for the
// person's cookie and is kept nowhere else. remoteIP is the caller's address
// without a port, agent names the browser.
// Errors: Unauthenticated with the number of attempts left, RateLimited when
// there are none.
func (s *Service) SignIn(ctx context.Context, email, password, remoteIP, agent string) (string, Person, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	if len(email) > maxEmail {
		email = email[:maxEmail]
	}
	// The slot is taken before the failures are counted, so that many requests
	// at once cannot all see the same last attempt.
	select {
	case s.checks <- struct{}{}:
		defer func() { <-s.checks }()
	case <-ctx.Done():
		return "", Person{}, ctx.Err()
	}
	account, address := "account:"+email, "address:"+remoteIP
	used, err := s.admit(ctx, account, address)
	if err != nil {
		return "", Person{}, err
	}
	person, err := s.check(ctx, email, password)
	if err != nil {
		if errs.CodeOf(err) != errs.Unauthenticated {
			return "", Person{}, err
		}
		return "", Person{}, s.noteFailure(ctx, account, address, used)
	}
	if err := s.throttle.ClearFailures(ctx, account); err != nil {
		return "", Person{}, err
	}
	token, err := s.start(ctx, person, agent)
	return token, person, err
}

// admit refuses when the account or the address has no attempts left and
// returns how many the account has used.
func (s *Service) admit(ctx context.Context, account, address string) (int, error) {
	since := s.now().Add(-ThrottleWindow)
	used, err := s.throttle.Failures(ctx, account, since)
	if err != nil {
		return 0, err
	}
	fromAddress, err := s.throttle.Failures(ctx, address, since)
	if err != nil {
		return 0, err
	}
	if used >= accountAttempts || fromAddress >= addressAttempts {
		return 0, errs.New(errs.RateLimited, "Слишком много неверных паролей. Вход закрыт на 15 минут, потом попробуйте ещё раз.")
	}
	return used, nil
}

func (s *Service) check(ctx context.Context, email, password string) (Person, error) {
	person, hash, err := s.vault.PersonByEmail(ctx, email)
	unknown := errs.CodeOf(err) == errs.NotFound
	if err != nil && !unknown {
		return Person{}, err
	}
	if unknown {
		hash = s.decoy
	}
	if ok := VerifyPassword(hash, password); !ok || unknown || !person.Active {
		return Person{}, errs.New(errs.Unauthenticated, "")
	}
	return person, nil
}

func (s *Service) noteFailure(ctx context.Context, account, address string, used int) error {
	now := s.now()
	for _, key := range []string{account, address} {
		if err := s.throttle.NoteFailure(ctx, key, now); err != nil {
			return err
		}
	}
	left := accountAttempts - used - 1
	if left <= 0 {
		return errs.New(errs.RateLimited, "Пароль не подошёл. Вход закрыт на 15 минут, потом попробуйте ещё раз или попросите у администратора новый пароль.")
	}
	return errs.Newf(errs.Unauthenticated, "Пароль не подошёл. %s %s, потом вход закроется на 15 минут.",
		ru.Plural(left, "Осталась", "Осталось", "Осталось"), ru.Count(left, "попытка", "попытки", "попыток"))
}

func (s *Service) start(ctx context.Context, person Person, agent string) (string, error) {
	raw := make([]byte, tokenBytes)
	if _, err := rand.Read(raw); err != nil {
		return "", errs.Wrap(errs.Internal, "", err)
	}
	token, now := base64.RawURLEncoding.EncodeToString(raw), s.now()
	err := s.vault.StartSession(ctx, Session{
		TokenHash: hashToken(token), PersonID: person.ID,
		StartedAt: now, SeenAt: now, ExpiresAt: Expiry(now, now), Agent: shorten(agent, maxAgent),
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// Session returns whose session the token is.
// Errors: Unauthenticated when there is none or it has ended.
func (s *Service) Session(ctx context.Context, token string) (Person, error) {
	ended := errs.New(errs.Unauthenticated, "Вход закончился. Войдите ещё раз.")
	if token == "" {
		return Person{}, ended
	}
	now := s.now()
	person, session, err := s.vault.SessionPerson(ctx, hashToken(token), now)
	switch {
	case errs.CodeOf(err) == errs.NotFound:
		return Person{}, ended
	case err != nil:
		return Person{}, err
	case !person.Active, !now.Before(session.StartedAt.Add(fullLife)):
		return Person{}, ended
	}
	return person, nil
}

// SignOut ends the session; a token that is unknown changes nothing.
func (s *Service) SignOut(ctx context.Context, token string) error {
	if token == "" {
		return nil
	}
	return s.vault.EndSession(ctx, hashToken(token))
}

// hashToken is what the vault knows of a token. The token is random, so a
// plain hash is enough.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func shorten(text string, limit int) string {
	text = strings.ToValidUTF8(text, "")
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return string([]rune(text)[:limit])
}
