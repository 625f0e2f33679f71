package web

import (
	"context"
	"time"

	"otklik/incidents"
	"otklik/internal/auth"
	"otklik/internal/errs"
	"otklik/internal/rights"
)

// staff keeps two organisations and a few people in memory.
type staff struct {
	organisations []incidents.Organisation
	people        []auth.Person
	links         map[string]string
}

func newStaff() *staff {
	s := &staff{links: map[string]string{}, organisations: []incidents.Organisation{
		{ID: "root", Name: "Администрация города Приреченска", Active: true, Policy: incidents.UsualPolicy(), Path: []string{"root"}},
		{ID: "lake", ParentID: "root", Name: "Озёрский округ", Active: true, Policy: incidents.Policy{Agreement: true}, Path: []string{"root", "lake"}},
	}}
	for _, p := range people() {
		p.Email, p.OrganisationID = p.ID+"@example.org", "root"
		s.people = append(s.people, p)
	}
	s.people = append(s.people, auth.Person{ID: "far", Email: "far@example.org", Name: "Дальний <b>", OrganisationID: "lake", Active: true, Roles: []rights.Role{rights.Executor}})
	return s
}

func (s *staff) Organisations(context.Context) ([]incidents.Organisation, error) {
	return s.organisations, nil
}

func (s *staff) SaveOrganisation(_ context.Context, by rights.Actor, o incidents.Organisation, _ time.Time) (string, error) {
	if !by.Can(rights.ManagePeople) {
		return "", errs.New(errs.Forbidden, "Нельзя.")
	}
	o.ID = "new"
	s.organisations = append(s.organisations, o)
	return o.ID, nil
}

func (s *staff) SaveDepartment(context.Context, rights.Actor, incidents.Department, time.Time) error {
	return nil
}

func (s *staff) Tallies(context.Context, time.Time, time.Time) (map[string]incidents.Tally, error) {
	return map[string]incidents.Tally{"root": {Received: 3, By: map[incidents.Status]int{incidents.InWork: 2, incidents.SolvedStatus: 1}}}, nil
}

func (s *staff) People(context.Context) ([]auth.Person, error) { return s.people, nil }

func (s *staff) Person(_ context.Context, id string) (auth.Person, error) {
	for _, p := range s.people {
		if p.ID == id {
			return p, nil
		}
	}
	return auth.Person{}, errs.New(errs.NotFound, "Такого человека нет.")
}

func (s *staff) SavePerson(_ context.Context, _ rights.Actor, p auth.Person, _ time.Time) (string, error) {
	if p.ID == "" {
		p.ID = "fresh"
		s.people = append(s.people, p)
	}
	return p.ID, nil
}

func (s *staff) AddLink(_ context.Context, _ rights.Actor, l auth.Link, _ time.Time) error {
	s.links[l.TokenHash] = l.PersonID
	return nil
}

func (s *staff) LinkPerson(ctx context.Context, hash string, _ time.Time) (auth.Person, error) {
	return s.Person(ctx, s.links[hash])
}

func (s *staff) UseLink(_ context.Context, hash, _ string, _ time.Time) error {
	delete(s.links, hash)
	return nil
}

// endOfDay stands for the rule of promised days.
func endOfDay(_ context.Context, _ string, day, now time.Time) (time.Time, error) {
	if at := day.Add(18 * time.Hour); at.After(now) {
		return at, nil
	}
	return time.Time{}, errs.New(errs.Invalid, "Обещанная дата уже прошла: укажите день впереди.")
}
