package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"otklik/incidents/rubricator"
	"otklik/internal/errs"
	"otklik/internal/ru"
	"otklik/internal/sheet"
)

// rubricPage is the page «Рубрикатор».
type rubricPage struct {
	Shell      shell
	Edit       bool
	Find       string
	Total      int
	Off        bool // inactive facts are shown too
	Inactive   int
	Categories []rubricCategory
	Maps       []rubricMap
	Problem    string
	Empty      emptyState
}

type rubricCategory struct {
	Title string
	Count int
	Open  bool
	Parts []rubricPart
}

type rubricPart struct {
	Title string
	Facts []rubricRow
}

// rubricRow is one fact in words.
type rubricRow struct {
	URL, Name, Desk, Time string
	Fast, Inactive        bool
}

// rubricMap says how far another classifier is mapped.
type rubricMap struct{ Name, URL, Text string }

func (s *server) rubricPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, err := s.rubricView(r, v)
	if err != nil {
		return err
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "rubricator", page)
	return nil
}

func (s *server) rubricView(r *http.Request, v *visit) (*rubricPage, error) {
	tree, err := s.Guide.Rubric.Rubricator(r.Context())
	if err != nil {
		return nil, err
	}
	desks, err := s.deskNames(r)
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	page := &rubricPage{
		Shell: s.shell(r, v, "rubricator", "Рубрикатор"), Edit: mayGuide(v), Find: ru.Cut(q.Get("q"), maxFind), Total: len(tree.Facts), Off: q.Get("off") == "1",
		Empty: emptyState{Title: "Ничего не нашлось", Text: "Ни один факт не подходит под эти слова.", URL: "/rubricator", Button: "Показать все"},
	}
	for _, f := range tree.Facts {
		if f.Inactive {
			page.Inactive++
		}
	}
	list := tree.Find(page.Find)
	if page.Off {
		list = tree.FindAll(page.Find)
	}
	page.Categories = branches(list, desks, page.Find != "")
	maps, err := s.Guide.Rubric.Mappings(r.Context())
	if err != nil {
		return nil, err
	}
	for name, m := range maps {
		report := tree.Covered(m)
		text := ru.Count(report.Mapped, "факт сопоставлен", "факта сопоставлены", "фактов сопоставлены")
		if n := len(report.Missing); n > 0 {
			text += ", не сопоставлено " + strconv.Itoa(n)
		}
		page.Maps = append(page.Maps, rubricMap{name, "/rubricator/mapping?name=" + url.QueryEscape(name), text})
	}
	slices.SortFunc(page.Maps, func(a, b rubricMap) int { return byRussian(a.Name, b.Name) })
	return page, nil
}

// branches puts facts, which stand in the order of the tree, into a tree.
func branches(list []rubricator.Fact, desks map[string]string, open bool) []rubricCategory {
	var out []rubricCategory
	at := map[string]int{}
	for _, f := range list {
		i, ok := at[f.Category]
		if !ok {
			i = len(out)
			at[f.Category] = i
			out = append(out, rubricCategory{Title: f.Category, Open: open})
		}
		c := &out[i]
		c.Count++
		part := slices.IndexFunc(c.Parts, func(p rubricPart) bool { return p.Title == f.Subcategory })
		if part < 0 {
			part = len(c.Parts)
			c.Parts = append(c.Parts, rubricPart{Title: f.Subcategory})
		}
		c.Parts[part].Facts = append(c.Parts[part].Facts, rubricRow{
			URL: "/rubricator/facts/" + url.PathEscape(f.ID), Name: f.Name, Desk: desks[f.DepartmentID], Time: hoursText(f.Hours), Fast: f.Fast, Inactive: f.Inactive,
		})
	}
	return out
}

// hoursText is a time to answer in days where it is whole ones.
func hoursText(hours int) string {
	if hours%24 == 0 && hours > 24 {
		return ru.Count(hours/24, "день", "дня", "дней")
	}
	return ru.Count(hours, "час", "часа", "часов")
}

func (s *server) deskNames(r *http.Request) (map[string]string, error) {
	list, err := s.Directory.Departments(r.Context())
	out := map[string]string{}
	for _, d := range list {
		out[d.ID] = d.Name
	}
	return out, err
}

func (s *server) rubricExport(w http.ResponseWriter, r *http.Request, v *visit) error {
	tree, err := s.Guide.Rubric.Rubricator(r.Context())
	if err != nil {
		return err
	}
	return s.download(w, textTable("Рубрикатор", rubricator.Columns(), tree.Table()), "Рубрикатор "+s.clock.Date(v.now), r.URL.Query().Get("format"))
}

func (s *server) importRubric(w http.ResponseWriter, r *http.Request, v *visit) error {
	tree, err := s.Guide.Rubric.Rubricator(r.Context())
	if err != nil {
		return err
	}
	header, rows, err := rubricRows(r)
	var fresh rubricator.Rubricator
	if err == nil {
		fresh, err = tree.ImportRows(header, rows)
	}
	if err == nil {
		err = s.Guide.Rubric.SaveRubricator(r.Context(), v.person.Actor(), fresh, v.now)
	}
	return s.rubricDone(w, r, v, "rubric-saved", "/rubricator", err)
}

// rubricRows reads the file of a form.
func rubricRows(r *http.Request) ([]string, []rubricator.Row, error) {
	data, err := upload(r)
	if err != nil {
		return nil, nil, err
	}
	t, err := sheet.ReadUpTo(data, mostPlaces)
	if err != nil {
		return nil, nil, err
	}
	rows := make([]rubricator.Row, len(t.Rows))
	for i, x := range t.Rows {
		rows[i] = rubricator.Row{Number: x.Number, Cells: x.Cells}
	}
	return t.Header, rows, nil
}

// rubricDone leads on, or shows the tree with what is wrong.
func (s *server) rubricDone(w http.ResponseWriter, r *http.Request, v *visit, flash, to string, cause error) error {
	if cause == nil {
		s.setFlash(w, flash, 0)
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	code := errs.CodeOf(cause)
	if code != errs.Invalid && code != errs.TooLarge {
		return cause
	}
	r.URL.RawQuery = ""
	page, err := s.rubricView(r, v)
	if err != nil {
		return err
	}
	page.Shell.Here, page.Problem = "/rubricator", errs.MessageOf(cause)
	s.show(w, v, statusOf(code), "rubricator", page)
	return nil
}

// mappingPage is what facts correspond to in one other classifier.
type mappingPage struct {
	Shell   shell
	Edit    bool
	Name    string
	Mapped  string
	Missing []rubricRow
	Pairs   []mappingPair
	Files   files
}

type mappingPair struct{ Fact, Code, Name string }

// mapping reads which classifier the address names.
func (s *server) mapping(r *http.Request) (string, rubricator.Rubricator, rubricator.Mapping, error) {
	name := ru.Cut(r.URL.Query().Get("name"), 100)
	tree, err := s.Guide.Rubric.Rubricator(r.Context())
	if err != nil {
		return name, tree, nil, err
	}
	maps, err := s.Guide.Rubric.Mappings(r.Context())
	return name, tree, maps[name], err
}

func (s *server) mappingPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	name, tree, m, err := s.mapping(r)
	if err != nil {
		return err
	}
	if len(m) == 0 {
		return noClassifier(name)
	}
	report := tree.Covered(m)
	page := &mappingPage{
		Shell: s.shell(r, v, "mapping", name), Edit: mayGuide(v), Name: name, Files: filesAt("/rubricator/mapping/export?name=" + url.QueryEscape(name)),
		Mapped: ru.Count(report.Mapped, "факт сопоставлен", "факта сопоставлены", "фактов сопоставлены"),
	}
	for _, f := range report.Missing {
		page.Missing = append(page.Missing, rubricRow{URL: "/rubricator/facts/" + url.PathEscape(f.ID), Name: f.Title()})
	}
	for _, f := range tree.Facts {
		if e, ok := m[f.ID]; ok {
			page.Pairs = append(page.Pairs, mappingPair{f.Title(), e.Code, e.Name})
		}
	}
	s.show(w, v, http.StatusOK, "mapping", page)
	return nil
}

func noClassifier(name string) error {
	return errs.Newf(errs.NotFound, "Сопоставления с классификатором «%s» нет. Загрузите его на странице «Рубрикатор» или выберите другое там же.", name)
}

func (s *server) mappingExport(w http.ResponseWriter, r *http.Request, v *visit) error {
	name, tree, m, err := s.mapping(r)
	if err != nil {
		return err
	}
	// Without a name it is a sample to fill in.
	if name != "" && len(m) == 0 {
		return noClassifier(name)
	}
	title := "Сопоставление"
	if name != "" {
		title += " " + name
	}
	return s.download(w, textTable("Сопоставление", rubricator.MappingColumns(), tree.MappingTable(m)), title+" "+s.clock.Date(v.now), r.URL.Query().Get("format"))
}

func (s *server) importMapping(w http.ResponseWriter, r *http.Request, v *visit) error {
	tree, err := s.Guide.Rubric.Rubricator(r.Context())
	if err != nil {
		return err
	}
	header, rows, err := rubricRows(r)
	var m rubricator.Mapping
	if err == nil {
		m, _, err = tree.MappingRows(header, rows)
	}
	name := ru.Cut(oneLine(r.FormValue("name")), 100)
	switch {
	case err != nil:
	case name == "":
		err = errs.New(errs.Invalid, "Назовите классификатор, например «Общероссийский».")
	case len(m) == 0:
		err = errs.New(errs.Invalid, "В файле нет ни одного кода для фактов этого рубрикатора. Скачайте образец и заполните его.")
	default:
		err = s.Guide.Rubric.SaveMapping(r.Context(), v.person.Actor(), name, m, v.now)
	}
	return s.rubricDone(w, r, v, "mapping-saved", "/rubricator/mapping?name="+url.QueryEscape(name), err)
}
