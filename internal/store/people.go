package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"otklik/internal/auth"
	"otklik/internal/errs"
)

const personColumns = "p.id, p.email, p.name, p.roles, p.department_id, p.active, p.bounds, p.organisation_id, p.entered_us"

func scanPerson(scan func(...any) error, more ...any) (auth.Person, error) {
	var p auth.Person
	var roles, bounds string
	var active int
	var entered int64
	if err := scan(append([]any{&p.ID, &p.Email, &p.Name, &roles, &p.DepartmentID, &active, &bounds, &p.OrganisationID, &entered}, more...)...); err != nil {
		return p, err
	}
	p.Active, p.EnteredAt = active == 1, moment(entered)
	return p, errors.Join(json.Unmarshal([]byte(roles), &p.Roles), json.Unmarshal([]byte(bounds), &p.Bounds))
}

// AddPerson stores a person with the hash of their password and returns them
// with an id. Errors: Conflict when the address is taken.
func (s *Store) AddPerson(ctx context.Context, p auth.Person, hash string, now time.Time) (auth.Person, error) {
	roles, err := json.Marshal(p.Roles)
	if err != nil {
		return p, err
	}
	if p.ID, err = newID(); err != nil {
		return p, err
	}
	p.Email, p.Active = foldEmail(p.Email), true
	err = s.inTx(ctx, now, func(tx *Tx) error {
		n, err := tx.exec(ctx, `INSERT INTO people (id, email, name, roles, department_id, password_hash, active, created_us)
			VALUES ($1, $2, $3, $4, $5, $6, 1, $7) ON CONFLICT DO NOTHING`, p.ID, p.Email, p.Name, string(roles), p.DepartmentID, hash, tx.us)
		if err == nil && n == 0 {
			return errs.Newf(errs.Conflict, "Человек с почтой %s уже есть.", p.Email)
		}
		return err
	})
	return p, err
}

func foldEmail(email string) string { return strings.ToLower(strings.TrimSpace(clean(email))) }

// SetPassword changes a person's password and ends their sessions.
// Errors: NotFound.
func (s *Store) SetPassword(ctx context.Context, email, hash string, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		var id string
		err := tx.QueryRowContext(ctx, "UPDATE people SET password_hash = $2 WHERE email = $1 RETURNING id", foldEmail(email), hash).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return errs.Newf(errs.NotFound, "Человека с почтой %s нет.", email)
		}
		if err != nil {
			return err
		}
		_, err = tx.exec(ctx, "DELETE FROM sessions WHERE person_id = $1", id)
		return err
	})
}

// SetActive says whether a person may sign in; closing that ends their sessions.
// Errors: NotFound.
func (s *Store) SetActive(ctx context.Context, email string, active bool, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		var may int
		if active {
			may = 1
		}
		var id string
		err := tx.QueryRowContext(ctx, "UPDATE people SET active = $2 WHERE email = $1 RETURNING id", foldEmail(email), may).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return errs.Newf(errs.NotFound, "Человека с почтой %s нет.", email)
		}
		if err != nil || active {
			return err
		}
		_, err = tx.exec(ctx, "DELETE FROM sessions WHERE person_id = $1", id)
		return err
	})
}

// People returns everyone, by name.
func (s *Store) People(ctx context.Context) ([]auth.Person, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (auth.Person, error) { return scanPerson(r.Scan) },
		"SELECT "+personColumns+" FROM people p ORDER BY p.name, p.id")
}

// Executors returns active people who may write answers, of one department or,
// with "", of all.
func (s *Store) Executors(ctx context.Context, departmentID string) ([]auth.Person, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (auth.Person, error) { return scanPerson(r.Scan) },
		"SELECT "+personColumns+` FROM people p WHERE p.active = 1 AND ($1 = '' OR p.department_id = $1) AND p.roles LIKE '%"executor"%'
		ORDER BY p.name, p.id`, departmentID)
}

// PersonByEmail implements auth.Vault.
func (s *Store) PersonByEmail(ctx context.Context, email string) (auth.Person, string, error) {
	var hash string
	p, err := scanPerson(s.read.QueryRowContext(ctx, "SELECT "+personColumns+", p.password_hash FROM people p WHERE p.email = $1 AND p.active = 1", foldEmail(email)).Scan, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return p, "", errs.New(errs.NotFound, "Такого человека нет.")
	}
	return p, hash, err
}

// StartSession implements auth.Vault.
func (s *Store) StartSession(ctx context.Context, x auth.Session) error {
	return s.inTx(ctx, x.StartedAt, func(tx *Tx) error {
		_, err := tx.exec(ctx, "INSERT INTO sessions (token_hash, person_id, started_us, seen_us, expires_us, agent) VALUES ($1, $2, $3, $4, $5, $6)",
			x.TokenHash, x.PersonID, micros(x.StartedAt), micros(x.SeenAt), micros(x.ExpiresAt), clean(x.Agent))
		if err != nil {
			return err
		}
		_, err = tx.exec(ctx, "UPDATE people SET entered_us = $2 WHERE id = $1 AND entered_us = 0", x.PersonID, micros(x.StartedAt))
		return err
	})
}

// SessionPerson implements auth.Vault. It writes that the session was seen once
// a minute at most, so that reading pages does not queue behind writers.
func (s *Store) SessionPerson(ctx context.Context, tokenHash string, now time.Time) (auth.Person, auth.Session, error) {
	x := auth.Session{TokenHash: tokenHash}
	var started, seen, expires int64
	p, err := scanPerson(s.read.QueryRowContext(ctx, "SELECT "+personColumns+`, s.person_id, s.started_us, s.seen_us, s.expires_us, s.agent
		FROM sessions s JOIN people p ON p.id = s.person_id WHERE s.token_hash = $1 AND s.expires_us > $2 AND p.active = 1`, tokenHash, micros(now)).Scan,
		&x.PersonID, &started, &seen, &expires, &x.Agent)
	if errors.Is(err, sql.ErrNoRows) {
		return p, x, errs.New(errs.NotFound, "Вход устарел. Войдите ещё раз.")
	}
	if err != nil {
		return p, x, err
	}
	x.StartedAt, x.SeenAt, x.ExpiresAt = moment(started), moment(seen), moment(expires)
	if now.Sub(x.SeenAt) < time.Minute {
		return p, x, nil
	}
	x.SeenAt, x.ExpiresAt = now, auth.Expiry(x.StartedAt, now)
	return p, x, s.inTx(ctx, now, func(tx *Tx) error {
		_, err := tx.exec(ctx, "UPDATE sessions SET seen_us = $2, expires_us = $3 WHERE token_hash = $1", tokenHash, micros(x.SeenAt), micros(x.ExpiresAt))
		return err
	})
}

// EndSession implements auth.Vault.
func (s *Store) EndSession(ctx context.Context, tokenHash string) error {
	return s.inTx(ctx, time.Time{}, func(tx *Tx) error {
		_, err := tx.exec(ctx, "DELETE FROM sessions WHERE token_hash = $1", tokenHash)
		return err
	})
}

// Failures implements auth.Throttle.
func (s *Store) Failures(ctx context.Context, key string, since time.Time) (int, error) {
	var n int
	err := s.read.QueryRowContext(ctx, "SELECT COUNT(*) FROM signin_failures WHERE key = $1 AND at_us > $2", clean(key), micros(since)).Scan(&n)
	return n, err
}

// NoteFailure implements auth.Throttle.
func (s *Store) NoteFailure(ctx context.Context, key string, now time.Time) error {
	id, err := newID()
	if err != nil {
		return err
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		_, err := tx.exec(ctx, "INSERT INTO signin_failures (id, key, at_us) VALUES ($1, $2, $3)", id, clean(key), tx.us)
		return err
	})
}

// ClearFailures implements auth.Throttle.
func (s *Store) ClearFailures(ctx context.Context, key string) error {
	return s.inTx(ctx, time.Time{}, func(tx *Tx) error {
		_, err := tx.exec(ctx, "DELETE FROM signin_failures WHERE key = $1", clean(key))
		return err
	})
}
