package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"otklik/incidents"
	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/social"
)

// inboxPage is the page Входящие.
type inboxPage struct {
	Shell   shell
	Query   query
	Total   int
	Tabs    []tab
	Menus   []menu
	Chips   []chip
	Sorts   []tab
	Sort    string
	List    queueList
	Gather  bool // the person may make incidents of rows
	Preview *preview
}

// tab is a saved view or another choice among links.
type tab struct {
	Title   string
	URL     string
	Name    string // names the count for scripts
	Count   int
	Current bool
}

// menu is one drop-down of the filter.
type menu struct {
	Title   string
	Name    string // of the field
	Radio   bool
	Chosen  int
	Choices []choice
}

type choice struct {
	Title, Value string
	Checked      bool
}

// chip is one chosen filter with the address that takes it off.
type chip struct{ Label, Value, URL string }

func (s *server) inbox(w http.ResponseWriter, r *http.Request, v *visit) error {
	q := parseQuery(r.URL.Query())
	if to, ok := s.jump(r, v, q); ok {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	page := inboxPage{Shell: s.shell(r, v, "inbox", "Входящие"), Query: q, Sort: sortTitle(q.Sort)}
	var err error
	if page.List, err = s.list(r, v, q); err != nil {
		return err
	}
	if err := s.filters(r, q, &page); err != nil {
		return err
	}
	page.Gather = v.person.Actor().Can(rights.ManageIncidents)
	page.Total, page.Tabs = page.List.Total, savedViews(q, page.Shell.Counts)
	if len(page.List.Rows) > 0 {
		first := page.List.Rows[0].ID
		if page.Preview, err = s.preview(r, v, first, q.url()); err != nil && errs.CodeOf(err) != errs.NotFound {
			return err
		}
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "inbox", page)
	return nil
}

// inboxRows is the list alone, with the same filter, for scripts.
func (s *server) inboxRows(w http.ResponseWriter, r *http.Request, v *visit) error {
	list, err := s.list(r, v, parseQuery(r.URL.Query()))
	if err != nil {
		return err
	}
	s.part(w, v, "inbox", "rows", list)
	return nil
}

// jump finds a case by its number, typed into the field of the rail.
func (s *server) jump(r *http.Request, v *visit, q query) (string, bool) {
	n, ok := caseNumber(q.Text)
	if !ok {
		return "", false
	}
	if _, err := s.Queue.CaseByNumber(r.Context(), v.person.Actor(), n); err != nil {
		return "", false
	}
	return fmt.Sprintf("/cases/%d", n), true
}

func savedViews(q query, n incidents.Counts) []tab {
	tabs := []struct {
		title, name string
		q           query
		count       int
	}{
		{"Все", "open", query{}, n.Open},
		{"Мои", "mine", query{Mine: true}, n.Mine},
		{"На утверждении", "approval", query{Stages: []incidents.Stage{incidents.Approval}}, n.Approval},
		{"Просрочено", "overdue", query{Due: incidents.DueOverdue}, n.Overdue},
		{"Без ведомства", "nodept", query{Depts: []string{"-"}}, n.NoDept},
	}
	var out []tab
	for _, t := range tabs {
		t.q.Page, t.q.Sort = 1, incidents.ByDue
		out = append(out, tab{Title: t.title, URL: t.q.url(), Name: t.name, Count: t.count, Current: q.same(t.q)})
	}
	return append(out, tab{Title: "Вероятно не жалобы", URL: "/unlikely", Name: "unlikely", Count: n.Unlikely})
}

// filters fills the drop-downs, the chips and the orders.
func (s *server) filters(r *http.Request, q query, page *inboxPage) error {
	topics, err := s.Directory.Topics(r.Context())
	if err != nil {
		return err
	}
	departments, err := s.Directory.Departments(r.Context())
	if err != nil {
		return err
	}
	stage := menu{Title: "Стадия", Name: "stage"}
	for _, x := range incidents.Stages() {
		stage.add(x.Title(), string(x), slices.Contains(q.Stages, x))
	}
	topic := menu{Title: "Тема", Name: "topic"}
	for _, x := range topics {
		topic.add(x.Name, x.ID, slices.Contains(q.Topics, x.ID))
	}
	dept := menu{Title: "Ведомство", Name: "dept"}
	for _, x := range departments {
		dept.add(x.Name, x.ID, slices.Contains(q.Depts, x.ID))
	}
	dept.add("Не выбрано", "-", slices.Contains(q.Depts, "-"))
	finder, err := s.Guide.Atlas.Finder(r.Context())
	if err != nil {
		return err
	}
	place := menu{Title: "Место", Name: "place"}
	for _, x := range placeChoices(finder, q.Places) {
		place.add(x.Title, x.Value, x.Checked)
	}
	place.add("Неизвестно", "-", slices.Contains(q.Places, "-"))
	network := menu{Title: "Сеть", Name: "net"}
	for _, x := range networks() {
		network.add(x.Title(), string(x), slices.Contains(q.Networks, x))
	}
	due := menu{Title: "Срок", Name: "due", Radio: true}
	due.add("Любой", "", q.Due == incidents.DueAny)
	due.add("Просрочено", string(incidents.DueOverdue), q.Due == incidents.DueOverdue)
	due.add("Сегодня", string(incidents.DueToday), q.Due == incidents.DueToday)
	due.add("За неделю", string(incidents.DueWeek), q.Due == incidents.DueWeek)
	due.add("Часы стоят", string(incidents.DueStands), q.Due == incidents.DueStands)
	page.Menus = []menu{stage, topic, place, dept, network, due}
	page.Chips = chips(q, page.Menus)
	for _, x := range sorts() {
		page.Sorts = append(page.Sorts, tab{Title: sortTitle(x), URL: q.with(func(q *query) { q.Sort = x }).url(), Current: q.Sort == x})
	}
	return nil
}

func (m *menu) add(title, value string, checked bool) {
	m.Choices = append(m.Choices, choice{Title: title, Value: value, Checked: checked})
	if checked && value != "" {
		m.Chosen++
	}
}

// chips names each chosen value in the words of the menus.
func chips(q query, menus []menu) []chip {
	var out []chip
	for _, m := range menus {
		for _, c := range m.Choices {
			if c.Checked && c.Value != "" {
				out = append(out, chip{m.Title, c.Title, q.with(func(q *query) { drop(q, m.Name, c.Value) }).url()})
			}
		}
	}
	if q.Mine {
		out = append(out, chip{"Исполнитель", "я", q.with(func(q *query) { q.Mine = false }).url()})
	}
	if q.Mass != 0 {
		out = append(out, chip{"Инцидент", "№\u00a0" + strconv.FormatInt(q.Mass, 10), q.with(func(q *query) { q.Mass = 0 }).url()})
	}
	if q.Apart {
		out = append(out, chip{"Инциденты", "развёрнуты", q.with(func(q *query) { q.Apart = false }).url()})
	}
	if q.Closed {
		out = append(out, chip{"Завершённые", "показаны", q.with(func(q *query) { q.Closed = false }).url()})
	}
	if q.Text != "" {
		out = append(out, chip{"Слова", q.Text, q.with(func(q *query) { q.Text = "" }).url()})
	}
	return out
}

func drop(q *query, name, value string) {
	switch name {
	case "stage":
		q.Stages = without(q.Stages, incidents.Stage(value))
	case "topic":
		q.Topics = without(q.Topics, value)
	case "dept":
		q.Depts = without(q.Depts, value)
	case "place":
		q.Places = without(q.Places, value)
	case "net":
		q.Networks = without(q.Networks, social.Network(value))
	case "due":
		q.Due = incidents.DueAny
	}
}
