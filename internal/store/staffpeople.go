package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/auth"
	"otklik/internal/errs"
	"otklik/internal/rights"
)

const maxPersonName = 120

// Person returns one person. Errors: NotFound.
func (s *Store) Person(ctx context.Context, id string) (auth.Person, error) {
	return personOf(ctx, s.read, id)
}

func personOf(ctx context.Context, q querier, id string) (auth.Person, error) {
	p, err := scanPerson(q.QueryRowContext(ctx, "SELECT "+personColumns+" FROM people p WHERE p.id = $1", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return p, errs.New(errs.NotFound, "Такого человека нет. Обновите список.")
	}
	return p, err
}

// SavePerson adds a person, who cannot sign in before they have chosen a
// password, or changes one who has an id: the name, the place of work, the roles
// with their bounds, and whether they work here. Whoever works no more loses
// their sessions and links.
//
// May: rights.ManagePeople over the person as they were and as they will be;
// nobody hands out more than their own bounds.
// Errors: Forbidden, Invalid, NotFound, Conflict when the address is taken or
// nobody would be left to manage people.
func (s *Store) SavePerson(ctx context.Context, by rights.Actor, p auth.Person, now time.Time) (string, error) {
	if err := checkPerson(&p); err != nil {
		return "", err
	}
	fresh := p.ID == ""
	if fresh {
		var err error
		if p.ID, err = newID(); err != nil {
			return "", err
		}
	}
	return p.ID, s.inTx(ctx, now, func(tx *Tx) error {
		if err := tx.mayHold(ctx, by, p); err != nil {
			return err
		}
		var err error
		if fresh {
			err = tx.addPerson(ctx, p)
		} else {
			err = tx.changePerson(ctx, by, p)
		}
		return errors.Join(err, tx.bump(ctx, "people"))
	})
}

func checkPerson(p *auth.Person) error {
	p.Name, p.Email = strings.TrimSpace(clean(p.Name)), foldEmail(p.Email)
	if p.Name == "" || utf8.RuneCountInString(p.Name) > maxPersonName {
		return errs.New(errs.Invalid, "Напишите имя и фамилию, до 120 знаков.")
	}
	if a, err := mail.ParseAddress(p.Email); err != nil || a.Address != p.Email {
		return errs.New(errs.Invalid, "Проверьте адрес почты: по нему человек входит.")
	}
	for _, r := range p.Roles {
		if r.Title() == "" {
			return errs.New(errs.Invalid, "Такой роли нет. Обновите страницу.")
		}
	}
	bounds := map[rights.Role]rights.Scope{}
	for r, scope := range p.Bounds {
		if slices.Contains(p.Roles, r) && !scope.Boundless() {
			bounds[r] = scope
		}
	}
	p.Bounds = bounds
	return nil
}

// mayHold checks that the actor may manage a person with such roles.
func (tx *Tx) mayHold(ctx context.Context, by rights.Actor, p auth.Person) error {
	if by.IsSystem() {
		return nil
	}
	if _, err := tx.mayStaff(ctx, by, p.OrganisationID); err != nil {
		return err
	}
	if by.May(rights.ManagePeople, rights.Subject{Organisations: []string{RootOrganisation}}) {
		return nil
	}
	for _, r := range p.Roles {
		organisations := p.Bounds[r].Organisations
		if len(organisations) == 0 {
			return errs.Newf(errs.Forbidden, "Роль «%s» без границ даёт тот, кто ведёт все организации. Укажите организацию роли.", r.Title())
		}
		for _, id := range organisations {
			if _, err := tx.mayStaff(ctx, by, id); err != nil {
				return err
			}
		}
	}
	return nil
}

func (tx *Tx) addPerson(ctx context.Context, p auth.Person) error {
	roles, bounds, err := rolesText(p)
	if err != nil {
		return err
	}
	n, err := tx.exec(ctx, `INSERT INTO people (id, email, name, roles, department_id, password_hash, active, created_us, bounds, organisation_id)
		VALUES ($1, $2, $3, $4, $5, '', 1, $6, $7, $8) ON CONFLICT DO NOTHING`, p.ID, p.Email, p.Name, roles, p.DepartmentID, tx.us, bounds, p.OrganisationID)
	if err == nil && n == 0 {
		return errs.Newf(errs.Conflict, "Человек с почтой %s уже есть.", p.Email)
	}
	return err
}

func rolesText(p auth.Person) (roles, bounds string, err error) {
	if p.Roles == nil {
		p.Roles = []rights.Role{}
	}
	r, e1 := json.Marshal(p.Roles)
	b, e2 := json.Marshal(p.Bounds)
	return string(r), string(b), errors.Join(e1, e2)
}

func (tx *Tx) changePerson(ctx context.Context, by rights.Actor, p auth.Person) error {
	was, err := personOf(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	if err := tx.mayHold(ctx, by, was); err != nil {
		return err
	}
	roles, bounds, err := rolesText(p)
	if err != nil {
		return err
	}
	if _, err = tx.exec(ctx, "UPDATE people SET name = $2, roles = $3, bounds = $4, department_id = $5, organisation_id = $6, active = $7 WHERE id = $1",
		p.ID, p.Name, roles, bounds, p.DepartmentID, p.OrganisationID, flag(p.Active)); err != nil {
		return err
	}
	if err := tx.somebodyManages(ctx); err != nil {
		return err
	}
	if p.Active {
		return nil
	}
	_, e1 := tx.exec(ctx, "DELETE FROM sessions WHERE person_id = $1", p.ID)
	_, e2 := tx.exec(ctx, "DELETE FROM password_links WHERE person_id = $1", p.ID)
	return errors.Join(e1, e2)
}

// somebodyManages refuses to leave nobody who can manage people everywhere. The
// counter's row keeps two who withdraw each other's role at once apart.
func (tx *Tx) somebodyManages(ctx context.Context) error {
	if err := tx.bump(ctx, "people"); err != nil {
		return err
	}
	all, err := collect(ctx, tx, func(r *sql.Rows) (auth.Person, error) { return scanPerson(r.Scan) },
		"SELECT "+personColumns+" FROM people p WHERE p.active = 1 AND p.roles LIKE '%administrator%'")
	if err != nil {
		return err
	}
	for _, p := range all {
		if p.Actor().May(rights.ManagePeople, rights.Subject{Organisations: []string{RootOrganisation}}) {
			return nil
		}
	}
	return errs.New(errs.Conflict, "Должен остаться хотя бы один администратор всех организаций: иначе людей некому будет вести.")
}

// AddLink implements auth.LinkBook.
func (s *Store) AddLink(ctx context.Context, by rights.Actor, l auth.Link, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		p, err := personOf(ctx, tx, l.PersonID)
		if err != nil {
			return err
		}
		if err := tx.mayHold(ctx, by, p); err != nil {
			return err
		}
		if !p.Active {
			return errs.New(errs.Conflict, "Этот человек отключён. Сначала включите его.")
		}
		if _, err := tx.exec(ctx, "DELETE FROM password_links WHERE person_id = $1", p.ID); err != nil {
			return err
		}
		_, err = tx.exec(ctx, "INSERT INTO password_links (token_hash, person_id, expires_us, by_name) VALUES ($1, $2, $3, $4)",
			l.TokenHash, l.PersonID, micros(l.ExpiresAt), by.Name)
		return err
	})
}

// LinkPerson implements auth.LinkBook.
func (s *Store) LinkPerson(ctx context.Context, tokenHash string, now time.Time) (auth.Person, error) {
	return linkPerson(ctx, s.read, tokenHash, now)
}

func linkPerson(ctx context.Context, q querier, tokenHash string, now time.Time) (auth.Person, error) {
	p, err := scanPerson(q.QueryRowContext(ctx, "SELECT "+personColumns+` FROM people p JOIN password_links l ON l.person_id = p.id
		WHERE l.token_hash = $1 AND l.expires_us > $2 AND p.active = 1`, tokenHash, micros(now)).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return p, errs.New(errs.NotFound, "Эта ссылка уже использована или устарела. Попросите у администратора новую.")
	}
	return p, err
}

// UseLink implements auth.LinkBook.
func (s *Store) UseLink(ctx context.Context, tokenHash, passwordHash string, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		p, err := linkPerson(ctx, tx, tokenHash, now)
		if err != nil {
			return err
		}
		n, err := tx.exec(ctx, "DELETE FROM password_links WHERE token_hash = $1", tokenHash)
		if err != nil || n == 0 {
			return errors.Join(err, errStale)
		}
		_, e1 := tx.exec(ctx, "UPDATE people SET password_hash = $2 WHERE id = $1", p.ID, passwordHash)
		_, e2 := tx.exec(ctx, "DELETE FROM sessions WHERE person_id = $1", p.ID)
		return errors.Join(e1, e2)
	})
}
