package web

import (
	"context"
	"time"

	"otklik/incidents"
	"otklik/internal/auth"
	"otklik/internal/rights"
)

// Staff is the tree of organisations and the people who work in them. Every
// method that changes anything checks the right to do it, within the bounds of
// the actor's role.
type Staff interface {
	// Organisations returns the whole tree, each after the one above it.
	Organisations(ctx context.Context) ([]incidents.Organisation, error)
	SaveOrganisation(ctx context.Context, by rights.Actor, o incidents.Organisation, now time.Time) (id string, err error)
	SaveDepartment(ctx context.Context, by rights.Actor, d incidents.Department, now time.Time) error
	// Tallies returns how the cards received in a period stand, by organisation.
	Tallies(ctx context.Context, from, to time.Time) (map[string]incidents.Tally, error)
	PeopleBook
}

// PeopleBook keeps the people.
type PeopleBook interface {
	// People returns everyone, by name, whoever works no more included.
	People(ctx context.Context) ([]auth.Person, error)
	// Person returns one. Errors: NotFound.
	Person(ctx context.Context, id string) (auth.Person, error)
	SavePerson(ctx context.Context, by rights.Actor, p auth.Person, now time.Time) (id string, err error)
}

func (s *server) staffRoutes() []route {
	see, manage := may(rights.ViewPeople), may(rights.ManagePeople)
	return []route{
		{"GET /organisations", see, s.organisations},
		{"POST /organisations", manage, s.saveOrganisation},
		{"GET /organisations/new", manage, s.organisation},
		{"GET /organisations/{id}", see, s.organisation},
		{"POST /organisations/{id}", manage, s.saveOrganisation},
		{"POST /organisations/{id}/departments", manage, s.saveDepartment},
		{"GET /people", see, s.people},
		{"POST /people", manage, s.savePerson},
		{"GET /people/new", manage, s.person},
		{"GET /people/{id}", see, s.person},
		{"POST /people/{id}", manage, s.savePerson},
		{"POST /people/{id}/link", manage, s.invite},
		{"GET /welcome/{token}", open(), s.welcome},
		{"POST /welcome/{token}", open(), s.choosePassword},
	}
}

func staffFlash(name string) string {
	switch name {
	case "organisation":
		return "Организация записана."
	case "department":
		return "Ведомство записано."
	case "person":
		return "Человек записан."
	case "password":
		return "Пароль записан. Войдите с ним."
	}
	return ""
}

// seen are the organisations that the person may see: those within the bounds
// of the role that lets them.
func seen(by rights.Actor, action rights.Action, all []incidents.Organisation) []incidents.Organisation {
	var list []incidents.Organisation
	for _, o := range all {
		if by.May(action, rights.Subject{Organisations: o.Path}) {
			list = append(list, o)
		}
	}
	return list
}
