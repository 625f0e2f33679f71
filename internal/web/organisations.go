package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"otklik/incidents"
	"otklik/internal/auth"
	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/ru"
)

// tallyDays is how far back the figures beside an organisation reach.
const tallyDays = 30

type organisationsPage struct {
	Shell   shell
	Rows    []organisationRow
	Columns []string // the five statuses
	Days    int
	Edit    bool
}

type organisationRow struct {
	Name, URL string
	Steps     []struct{} // one for each organisation above it of those shown
	Off       bool
	Ready     string // the line of readiness
	Fit       bool
	People    int
	Received  int
	By        []int // in the order of the columns
}

func (s *server) organisations(w http.ResponseWriter, r *http.Request, v *visit) error {
	all, err := s.Staff.Organisations(r.Context())
	if err != nil {
		return err
	}
	people, err := s.Staff.People(r.Context())
	if err != nil {
		return err
	}
	tallies, err := s.Staff.Tallies(r.Context(), v.now.AddDate(0, 0, -tallyDays), v.now.Add(time.Second))
	if err != nil {
		return err
	}
	by := v.person.Actor()
	p := organisationsPage{Shell: s.shell(r, v, "organisations", "Организации"), Days: tallyDays, Edit: by.Can(rights.ManagePeople)}
	for _, st := range incidents.Statuses() {
		p.Columns = append(p.Columns, st.Title())
	}
	top := 0
	for i, o := range seen(by, rights.ViewPeople, all) {
		if i == 0 || len(o.Path) < top {
			top = len(o.Path)
		}
		row := organisationRow{Name: o.Name, URL: "/organisations/" + url.PathEscape(o.ID), Steps: make([]struct{}, min(max(len(o.Path)-top, 0), 6)), Off: !o.Active}
		row.Ready, row.Fit, row.People = readyLine(o, people)
		t := tallies[o.ID]
		row.Received = t.Received
		for _, st := range incidents.Statuses() {
			row.By = append(row.By, t.By[st])
		}
		p.Rows = append(p.Rows, row)
	}
	p.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "organisations", p)
	return nil
}

// readyLine says whether an organisation can work: its administrator and one
// more person with a role have signed in. An administrator of an organisation
// above serves as well.
func readyLine(o incidents.Organisation, people []auth.Person) (line string, fit bool, n int) {
	var admin, other, invited bool
	for _, p := range people {
		if !p.Active || len(p.Roles) == 0 {
			continue
		}
		manages := p.Actor().May(rights.ManagePeople, rights.Subject{Organisations: o.Path})
		here := p.OrganisationID == o.ID
		if here {
			n++
		}
		entered := !p.EnteredAt.IsZero()
		switch {
		case manages && entered && !admin:
			admin = true
		case here && entered:
			other = true
		case here:
			invited = true
		}
	}
	switch {
	case admin && other:
		return "ЛКО готов: администратор и ещё один человек вошли", true, n
	case !admin:
		return "ЛКО не готов: администратор ещё не вошёл", false, n
	case invited:
		return "ЛКО не готов: никто из сотрудников ещё не вошёл", false, n
	}
	return "ЛКО не готов: добавьте сотрудника", false, n
}

type organisationPage struct {
	Shell       shell
	ID, URL     string
	Title       string
	Form        organisationForm
	Parents     []choice
	Zones       []choice
	Departments []incidents.Department
	Ready       string
	Fit         bool
	Edit, Root  bool
	Problem     string
}

type organisationForm struct {
	Name, Parent, Zone  string
	Agreement, Active   bool
	Repeats, RepeatDays string
}

func (s *server) organisation(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.organisationPage(r, v, r.PathValue("id"))
	if err != nil {
		return err
	}
	p.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "organisation", p)
	return nil
}

func (s *server) organisationPage(r *http.Request, v *visit, id string) (*organisationPage, error) {
	all, err := s.Staff.Organisations(r.Context())
	if err != nil {
		return nil, err
	}
	by := v.person.Actor()
	o, found := incidents.Organisation{Active: true, Policy: incidents.UsualPolicy()}, id == ""
	for _, x := range seen(by, rights.ViewPeople, all) {
		if x.ID == id && id != "" {
			o, found = x, true
		}
	}
	if !found {
		return nil, errs.New(errs.NotFound, "Такой организации нет. Вернитесь к списку.")
	}
	p := &organisationPage{ID: id, URL: "/organisations", Title: o.Name, Root: id != "" && o.ParentID == "", Zones: zoneChoices(o.Zone)}
	if p.Edit = id == "" || by.May(rights.ManagePeople, rights.Subject{Organisations: o.Path}); id == "" {
		p.Title = "Новая организация"
	} else {
		p.URL += "/" + url.PathEscape(id)
		people, err := s.Staff.People(r.Context())
		if err != nil {
			return nil, err
		}
		p.Ready, p.Fit, _ = readyLine(o, people)
		departments, err := s.Directory.Departments(r.Context())
		if err != nil {
			return nil, err
		}
		for _, d := range departments {
			if d.OrganisationID == id {
				p.Departments = append(p.Departments, d)
			}
		}
	}
	for _, x := range seen(by, rights.ManagePeople, all) {
		p.Parents = append(p.Parents, choice{Title: x.Name, Value: x.ID, Checked: x.ID == o.ParentID})
	}
	p.Form = organisationForm{
		Name: o.Name, Parent: o.ParentID, Zone: o.Zone, Agreement: o.Policy.Agreement, Active: o.Active,
		Repeats: strconv.Itoa(o.Policy.Repeats), RepeatDays: strconv.Itoa(o.Policy.RepeatDays),
	}
	p.Shell = s.shell(r, v, "organisation", p.Title)
	return p, nil
}

// zoneChoices are the zones of Russia, from west to east.
func zoneChoices(chosen string) []choice {
	list := []choice{{Title: "Как у агентства", Value: ""}}
	for _, z := range [][2]string{
		{"Europe/Kaliningrad", "Калининград, МСК−1"},
		{"Europe/Moscow", "Москва"},
		{"Europe/Samara", "Самара, МСК+1"},
		{"Asia/Yekaterinburg", "Екатеринбург, МСК+2"},
		{"Asia/Omsk", "Омск, МСК+3"},
		{"Asia/Krasnoyarsk", "Красноярск, МСК+4"},
		{"Asia/Irkutsk", "Иркутск, МСК+5"},
		{"Asia/Yakutsk", "Якутск, МСК+6"},
		{"Asia/Vladivostok", "Владивосток, МСК+7"},
		{"Asia/Magadan", "Магадан, МСК+8"},
		{"Asia/Kamchatka", "Камчатка, МСК+9"},
	} {
		list = append(list, choice{Title: z[1], Value: z[0]})
	}
	for i := range list {
		list[i].Checked = list[i].Value == chosen
	}
	return list
}

func (s *server) saveOrganisation(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	o, err := readOrganisation(f, id)
	if err == nil {
		id, err = s.Staff.SaveOrganisation(r.Context(), v.person.Actor(), o, v.now)
	}
	if err != nil {
		return s.organisationFailed(w, r, v, o, err)
	}
	s.setFlash(w, "organisation", 0)
	http.Redirect(w, r, "/organisations/"+url.PathEscape(id), http.StatusSeeOther)
	return nil
}

func readOrganisation(f url.Values, id string) (incidents.Organisation, error) {
	o := incidents.Organisation{
		ID: id, ParentID: f.Get("parent"), Name: strings.TrimSpace(f.Get("name")), Zone: f.Get("zone"), Active: f.Get("off") != "1",
	}
	var e1, e2 error
	o.Policy.Agreement = f.Get("agreement") == "1"
	o.Policy.Repeats, e1 = strconv.Atoi(f.Get("repeats"))
	o.Policy.RepeatDays, e2 = strconv.Atoi(f.Get("repeat_days"))
	if e1 != nil || e2 != nil {
		return o, errs.New(errs.Invalid, "Число повторных рассмотрений и дней напишите цифрами.")
	}
	return o, o.Check()
}

func (s *server) organisationFailed(w http.ResponseWriter, r *http.Request, v *visit, o incidents.Organisation, cause error) error {
	code := errs.CodeOf(cause)
	if code != errs.Invalid && code != errs.Conflict {
		return cause
	}
	p, err := s.organisationPage(r, v, r.PathValue("id"))
	if err != nil {
		return cause
	}
	f := r.PostForm
	p.Problem = errs.MessageOf(cause)
	p.Form = organisationForm{
		Name: f.Get("name"), Parent: o.ParentID, Zone: o.Zone, Agreement: o.Policy.Agreement, Active: o.Active,
		Repeats: f.Get("repeats"), RepeatDays: f.Get("repeat_days"),
	}
	choose(p.Parents, o.ParentID)
	choose(p.Zones, o.Zone)
	p.Shell.Here = p.URL
	s.show(w, v, statusOf(code), "organisation", p)
	return nil
}

func (s *server) saveDepartment(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	d := incidents.Department{ID: f.Get("department"), Name: f.Get("name"), OrganisationID: r.PathValue("id")}
	if err := s.Staff.SaveDepartment(r.Context(), v.person.Actor(), d, v.now); err != nil {
		return err
	}
	s.setFlash(w, "department", 0)
	http.Redirect(w, r, "/organisations/"+url.PathEscape(d.OrganisationID), http.StatusSeeOther)
	return nil
}

// organisationName finds a name by its id, "" where there is none.
func organisationName(all []incidents.Organisation, id string) string {
	for _, o := range all {
		if o.ID == id {
			return ru.Cut(o.Name, 60)
		}
	}
	return ""
}
