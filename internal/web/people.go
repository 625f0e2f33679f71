package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"otklik/incidents"
	"otklik/internal/auth"
	"otklik/internal/errs"
	"otklik/internal/rights"
)

type peoplePage struct {
	Shell shell
	Rows  []personRow
	Edit  bool
}

type personRow struct {
	Name, Email, URL, Roles, Place string
	Off, Entered                   bool
}

func (s *server) people(w http.ResponseWriter, r *http.Request, v *visit) error {
	all, err := s.Staff.Organisations(r.Context())
	if err != nil {
		return err
	}
	people, err := s.Staff.People(r.Context())
	if err != nil {
		return err
	}
	by := v.person.Actor()
	p := peoplePage{Shell: s.shell(r, v, "people", "Люди"), Edit: by.Can(rights.ManagePeople)}
	visible := seen(by, rights.ViewPeople, all)
	for _, x := range people {
		if !slices.ContainsFunc(visible, func(o incidents.Organisation) bool { return o.ID == x.OrganisationID }) {
			continue
		}
		p.Rows = append(p.Rows, personRow{
			Name: x.Name, Email: x.Email, URL: "/people/" + url.PathEscape(x.ID), Roles: roleTitle(x), Off: !x.Active,
			Place: organisationName(all, x.OrganisationID), Entered: !x.EnteredAt.IsZero(),
		})
	}
	p.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "people", p)
	return nil
}

type personPage struct {
	Shell         shell
	ID, URL       string
	Title         string
	Person        auth.Person
	Organisations []choice
	Departments   []choiceGroup
	Roles         []roleForm
	Entered       stamp
	Edit          bool
	Problem       string
	// Link is shown once, right after it was made.
	Link string
}

// roleForm is one role with its bounds.
type roleForm struct {
	Role          rights.Role
	Title, Hint   string
	Held, Bounded bool
	Bounds        []boundForm
}

// boundForm is one kind of bounds: «org», «page», «topic» or «place».
type boundForm struct {
	Name, Title string
	Choices     []choice
}

func (s *server) person(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.personPage(r, v, r.PathValue("id"))
	if err != nil {
		return err
	}
	p.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "person", p)
	return nil
}

func (s *server) personPage(r *http.Request, v *visit, id string) (*personPage, error) {
	all, err := s.Staff.Organisations(r.Context())
	if err != nil {
		return nil, err
	}
	by := v.person.Actor()
	x := auth.Person{Active: true}
	p := &personPage{URL: "/people", Title: "Новый человек", Edit: true}
	if id != "" {
		if x, err = s.Staff.Person(r.Context(), id); err != nil {
			return nil, err
		}
		i := slices.IndexFunc(all, func(o incidents.Organisation) bool { return o.ID == x.OrganisationID })
		if i < 0 || !by.May(rights.ViewPeople, rights.Subject{Organisations: all[i].Path}) {
			return nil, errs.New(errs.NotFound, "Такого человека нет. Вернитесь к списку.")
		}
		p.ID, p.URL, p.Title = id, p.URL+"/"+url.PathEscape(id), x.Name
		p.Edit = by.May(rights.ManagePeople, rights.Subject{Organisations: all[i].Path})
		p.Entered = s.stamp(x.EnteredAt, v.now)
	}
	p.Shell = s.shell(r, v, "person", p.Title)
	return p, s.fillPerson(r, by, all, x, p)
}

func (s *server) fillPerson(r *http.Request, by rights.Actor, all []incidents.Organisation, x auth.Person, p *personPage) error {
	p.Person = x
	offered := seen(by, rights.ManagePeople, all)
	for i, o := range offered {
		p.Organisations = append(p.Organisations, choice{Title: o.Name, Value: o.ID, Checked: o.ID == x.OrganisationID || x.ID == "" && x.OrganisationID == "" && i == 0})
	}
	departments, err := s.Directory.Departments(r.Context())
	if err != nil {
		return err
	}
	for _, o := range offered {
		g := choiceGroup{Title: o.Name}
		for _, d := range departments {
			if d.OrganisationID == o.ID {
				g.Choices = append(g.Choices, choice{Title: d.Name, Value: d.ID, Checked: d.ID == x.DepartmentID})
			}
		}
		if len(g.Choices) > 0 {
			p.Departments = append(p.Departments, g)
		}
	}
	kinds, err := s.boundKinds(r, offered)
	if err != nil {
		return err
	}
	for _, role := range rights.Roles() {
		p.Roles = append(p.Roles, roleOf(role, x, kinds))
	}
	return nil
}

// boundKinds are all that a role can be bounded to.
func (s *server) boundKinds(r *http.Request, organisations []incidents.Organisation) ([]boundForm, error) {
	kinds := []boundForm{{Name: "org", Title: "Организации и всё, что ниже"}, {Name: "page", Title: "Страницы"}, {Name: "topic", Title: "Темы"}, {Name: "place", Title: "Территории"}}
	for _, o := range organisations {
		kinds[0].Choices = append(kinds[0].Choices, choice{Title: o.Name, Value: o.ID})
	}
	pages, err := s.Keys.Registry(r.Context())
	if err != nil {
		return nil, err
	}
	for _, x := range pages {
		kinds[1].Choices = append(kinds[1].Choices, choice{Title: x.Title, Value: x.ID})
	}
	topics, err := s.Directory.Topics(r.Context())
	if err != nil {
		return nil, err
	}
	for _, t := range topics {
		kinds[2].Choices = append(kinds[2].Choices, choice{Title: t.Name, Value: t.ID})
	}
	finder, err := s.Guide.Atlas.Finder(r.Context())
	if err != nil {
		return nil, err
	}
	kinds[3].Choices = placeChoices(finder, nil)
	return kinds, nil
}

func roleOf(role rights.Role, x auth.Person, kinds []boundForm) roleForm {
	scope := x.Bounds[role]
	f := roleForm{Role: role, Title: role.Title(), Held: slices.Contains(x.Roles, role), Bounded: !scope.Boundless()}
	chosen := map[string][]string{"org": scope.Organisations, "page": scope.Pages, "topic": scope.Topics, "place": scope.Territories}
	for _, k := range kinds {
		b := boundForm{Name: k.Name + ":" + string(role), Title: k.Title, Choices: slices.Clone(k.Choices)}
		for i := range b.Choices {
			b.Choices[i].Checked = slices.Contains(chosen[k.Name], b.Choices[i].Value)
		}
		// What is chosen and not offered any more stays, or it would widen the role.
		for _, id := range chosen[k.Name] {
			if !slices.ContainsFunc(b.Choices, func(c choice) bool { return c.Value == id }) {
				b.Choices = append(b.Choices, choice{Title: "другое (" + id + ")", Value: id, Checked: true})
			}
		}
		if len(b.Choices) > 0 {
			f.Bounds = append(f.Bounds, b)
		}
	}
	return f
}

func readPerson(f url.Values, id string) auth.Person {
	p := auth.Person{
		ID: id, Name: f.Get("name"), Email: f.Get("email"), OrganisationID: f.Get("organisation"), DepartmentID: f.Get("department"),
		Active: f.Get("off") != "1", Bounds: map[rights.Role]rights.Scope{},
	}
	for _, role := range rights.Roles() {
		if !slices.Contains(f["role"], string(role)) {
			continue
		}
		p.Roles = append(p.Roles, role)
		of := func(kind string) []string {
			return slices.DeleteFunc(slices.Clone(f[kind+":"+string(role)]), func(id string) bool { return strings.TrimSpace(id) == "" })
		}
		p.Bounds[role] = rights.Scope{Organisations: of("org"), Pages: of("page"), Topics: of("topic"), Territories: of("place")}
	}
	return p
}

func (s *server) savePerson(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	x := readPerson(f, id)
	by := v.person.Actor()
	if id != "" { // the address is whose password it is: it does not change
		was, err := s.Staff.Person(r.Context(), id)
		if err != nil {
			return err
		}
		x.Email = was.Email
	}
	saved, err := s.Staff.SavePerson(r.Context(), by, x, v.now)
	if err != nil {
		return s.personFailed(w, r, v, x, err)
	}
	if id == "" {
		return s.showLink(w, r, v, saved)
	}
	s.setFlash(w, "person", 0)
	http.Redirect(w, r, "/people/"+url.PathEscape(saved), http.StatusSeeOther)
	return nil
}

func (s *server) personFailed(w http.ResponseWriter, r *http.Request, v *visit, x auth.Person, cause error) error {
	code := errs.CodeOf(cause)
	if code != errs.Invalid && code != errs.Conflict && code != errs.Forbidden {
		return cause
	}
	p, err := s.personPage(r, v, x.ID)
	if err != nil {
		return cause
	}
	all, err := s.Staff.Organisations(r.Context())
	if err != nil {
		return cause
	}
	p.Organisations, p.Departments, p.Roles, p.Problem = nil, nil, nil, errs.MessageOf(cause)
	if err := s.fillPerson(r, v.person.Actor(), all, x, p); err != nil {
		return cause
	}
	p.Shell.Here = p.URL
	s.show(w, v, statusOf(code), "person", p)
	return nil
}

func (s *server) invite(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.showLink(w, r, v, r.PathValue("id"))
}

// showLink makes a link and shows it, this once: it is kept nowhere.
func (s *server) showLink(w http.ResponseWriter, r *http.Request, v *visit, id string) error {
	token, err := s.Invites.Invite(r.Context(), v.person.Actor(), id)
	if err != nil {
		return err
	}
	p, err := s.personPage(r, v, id)
	if err != nil {
		return err
	}
	scheme := "http://"
	if s.Secure {
		scheme = "https://"
	}
	p.Link = scheme + r.Host + "/welcome/" + token
	p.Shell.Here = p.URL
	s.show(w, v, http.StatusOK, "person", p)
	return nil
}

type welcomePage struct {
	Shell              shell
	Name, Email, Error string
	Agency, URL        string
	Gone               string
}

func (s *server) welcome(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.showWelcome(w, r, v, nil)
}

func (s *server) showWelcome(w http.ResponseWriter, r *http.Request, v *visit, problem error) error {
	v.person = auth.Person{} // the page is of whoever the link is for
	token := r.PathValue("token")
	p := welcomePage{Shell: s.shell(r, v, "signin", "Новый пароль"), Agency: s.Agency, URL: "/welcome/" + url.PathEscape(token)}
	p.Shell.Here = "/"
	status := http.StatusOK
	x, err := s.Invites.Whose(r.Context(), token)
	switch {
	case errs.CodeOf(err) == errs.NotFound:
		p.Gone, status = errs.MessageOf(err), http.StatusNotFound
	case err != nil:
		return err
	case problem != nil:
		p.Error, status = errs.MessageOf(problem), statusOf(errs.CodeOf(problem))
	}
	p.Name, p.Email = x.Name, x.Email
	w.Header().Set("Referrer-Policy", "no-referrer")
	s.show(w, v, status, "welcome", p)
	return nil
}

func (s *server) choosePassword(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	if f.Get("password") != f.Get("again") {
		return s.showWelcome(w, r, v, errs.New(errs.Invalid, "Пароли не совпали. Напишите один и тот же дважды."))
	}
	err = s.Invites.Choose(r.Context(), r.PathValue("token"), f.Get("password"))
	if code := errs.CodeOf(err); code == errs.Invalid || code == errs.NotFound || code == errs.TooLarge {
		return s.showWelcome(w, r, v, err)
	}
	if err != nil {
		return err
	}
	s.setFlash(w, "password", 0)
	http.Redirect(w, r, "/signin", http.StatusSeeOther)
	return nil
}
