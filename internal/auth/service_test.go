package auth

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
)

// shelf is the smallest Vault and Throttle that keep their word.
type shelf struct {
	people   map[string]Person
	hashes   map[string]string
	sessions map[string]Session
	failures map[string][]time.Time
}

func (s *shelf) PersonByEmail(_ context.Context, email string) (Person, string, error) {
	p, ok := s.people[email]
	if !ok {
		return Person{}, "", errs.New(errs.NotFound, "Нет такого человека.")
	}
	return p, s.hashes[email], nil
}

func (s *shelf) StartSession(_ context.Context, session Session) error {
	s.sessions[session.TokenHash] = session
	return nil
}

func (s *shelf) SessionPerson(_ context.Context, hash string, now time.Time) (Person, Session, error) {
	session, ok := s.sessions[hash]
	if !ok || !now.Before(session.ExpiresAt) {
		return Person{}, Session{}, errs.New(errs.NotFound, "Нет такого входа.")
	}
	session.SeenAt, session.ExpiresAt = now, Expiry(session.StartedAt, now)
	s.sessions[hash] = session
	for _, p := range s.people {
		if p.ID == session.PersonID {
			return p, session, nil
		}
	}
	return Person{}, Session{}, errs.New(errs.NotFound, "Нет такого человека.")
}

func (s *shelf) EndSession(_ context.Context, hash string) error {
	delete(s.sessions, hash)
	return nil
}

func (s *shelf) Failures(_ context.Context, key string, since time.Time) (int, error) {
	n := 0
	for _, at := range s.failures[key] {
		if !at.Before(since) {
			n++
		}
	}
	return n, nil
}

func (s *shelf) NoteFailure(_ context.Context, key string, now time.Time) error {
	s.failures[key] = append(s.failures[key], now)
	return nil
}

func (s *shelf) ClearFailures(_ context.Context, key string) error {
	delete(s.failures, key)
	return nil
}

func setup(t *testing.T) (*Service, *shelf) {
	t.Helper()
	hash, err := HashPassword("верный-пароль")
	if err != nil {
		t.Fatal(err)
	}
	const email = "d.koltsova@city.example"
	keep := &shelf{
		people: map[string]Person{
			email:               {ID: "p1", Email: email, Name: "Дарья Кольцова", Roles: []rights.Role{rights.Moderator}, Active: true},
			"gone@city.example": {ID: "p2", Email: "gone@city.example"},
		},
		hashes:   map[string]string{email: hash, "gone@city.example": hash},
		sessions: map[string]Session{}, failures: map[string][]time.Time{},
	}
	service, err := NewService(keep, keep, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return service, keep
}

func try(t *testing.T, s *Service, email, password, ip string) error {
	t.Helper()
	_, _, err := s.SignIn(t.Context(), email, password, ip, "браузер")
	return err
}

func TestSignInKeepsOnlyAHash(t *testing.T) {
	t.Parallel()
	s, keep := setup(t)
	token, person, err := s.SignIn(t.Context(), "  D.Koltsova@city.example ", "верный-пароль", "10.0.0.1", strings.Repeat("ё", 500))
	if err != nil {
		t.Fatal(err)
	}
	if person.Name != "Дарья Кольцова" {
		t.Errorf("signed in as %q", person.Name)
	}
	for hash, session := range keep.sessions {
		if strings.Contains(hash, token) || session.TokenHash == token {
			t.Error("the vault got the token itself")
		}
		if n := len([]rune(session.Agent)); n != maxAgent {
			t.Errorf("the browser's name is kept with %d characters, want %d", n, maxAgent)
		}
	}
	got, err := s.Session(t.Context(), token)
	if err != nil || got.ID != "p1" {
		t.Fatalf("Session = %v, %v", got, err)
	}
	if err := s.SignOut(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Session(t.Context(), token); errs.CodeOf(err) != errs.Unauthenticated {
		t.Errorf("after signing out: %v, want unauthenticated", err)
	}
}

func TestUnknownAndDismissedLookLikeAWrongPassword(t *testing.T) {
	t.Parallel()
	s, _ := setup(t)
	wrong := try(t, s, "d.koltsova@city.example", "неверный-пароль", "10.0.0.1")
	unknown := try(t, s, "nobody@city.example", "неверный-пароль", "10.0.0.1")
	dismissed := try(t, s, "gone@city.example", "верный-пароль", "10.0.0.1")
	want := "Пароль не подошёл. Осталось 4\u00a0попытки, потом вход закроется на 15 минут."
	for name, err := range map[string]error{"wrong": wrong, "unknown": unknown, "dismissed": dismissed} {
		if errs.CodeOf(err) != errs.Unauthenticated || errs.MessageOf(err) != want {
			t.Errorf("%s: %v, want unauthenticated with %q", name, err, want)
		}
	}
}

func TestThrottlePerAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := setup(t)
		const email = "d.koltsova@city.example"
		for i := range accountAttempts {
			want := errs.Unauthenticated
			if i == accountAttempts-1 {
				want = errs.RateLimited
			}
			if err := try(t, s, email, "мимо-мимо", "10.0.0.1"); errs.CodeOf(err) != want {
				t.Fatalf("attempt %d: %v, want %s", i+1, err, want)
			}
			time.Sleep(time.Minute)
		}
		if err := try(t, s, email, "верный-пароль", "10.0.0.9"); errs.CodeOf(err) != errs.RateLimited {
			t.Fatalf("the right password while shut: %v, want rate limited", err)
		}
		time.Sleep(ThrottleWindow - time.Duration(accountAttempts)*time.Minute + time.Second)
		if err := try(t, s, email, "верный-пароль", "10.0.0.9"); err != nil {
			t.Fatalf("after the window: %v", err)
		}
		if err := try(t, s, email, "мимо-мимо", "10.0.0.9"); !strings.Contains(errs.MessageOf(err), "4\u00a0попытки") {
			t.Errorf("a success does not clear the account's failures: %v", err)
		}
	})
}

func TestThrottlePerAddress(t *testing.T) {
	t.Parallel()
	s, keep := setup(t)
	for range addressAttempts {
		keep.failures["address:10.0.0.1"] = append(keep.failures["address:10.0.0.1"], time.Now())
	}
	if err := try(t, s, "d.koltsova@city.example", "верный-пароль", "10.0.0.1"); errs.CodeOf(err) != errs.RateLimited {
		t.Errorf("from the shut address: %v, want rate limited", err)
	}
	if err := try(t, s, "d.koltsova@city.example", "верный-пароль", "10.0.0.2"); err != nil {
		t.Errorf("from another address: %v", err)
	}
}

func TestSessionSlidesAndEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := setup(t)
		token, _, err := s.SignIn(t.Context(), "d.koltsova@city.example", "верный-пароль", "10.0.0.1", "")
		if err != nil {
			t.Fatal(err)
		}
		started := time.Now()
		for time.Since(started) < fullLife-11*time.Hour {
			time.Sleep(11 * time.Hour)
			if _, err := s.Session(t.Context(), token); err != nil {
				t.Fatalf("in use, after %v: %v", time.Since(started), err)
			}
		}
		time.Sleep(fullLife - time.Since(started))
		if _, err := s.Session(t.Context(), token); errs.CodeOf(err) != errs.Unauthenticated {
			t.Errorf("after seven days: %v, want unauthenticated", err)
		}
		token, _, err = s.SignIn(t.Context(), "d.koltsova@city.example", "верный-пароль", "10.0.0.1", "")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(idleLife)
		if _, err := s.Session(t.Context(), token); errs.CodeOf(err) != errs.Unauthenticated {
			t.Errorf("idle for twelve hours: %v, want unauthenticated", err)
		}
	})
}
