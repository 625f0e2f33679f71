package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"otklik/incidents/rubricator"
	"otklik/internal/errs"
	"otklik/internal/ru"
)

// factPage is one fact of the rubricator.
type factPage struct {
	Shell    shell
	Edit     bool
	URL      string
	Code     string
	Category string
	Name     string
	Desks    []choice
	Topics   []choice
	Fields   []choice
	Answers  []choice
	Answer   string // its text
	Hours    string
	Time     string
	Fast     bool
	Inactive bool
	Maps     []mappingPair // what it corresponds to, by classifier
	Problem  string
	// New is a fact that is about to be added: it has its category and
	// subcategory as fields, Categories are the present ones.
	New               bool
	Of, Under         string
	Categories, Parts []string
	Shared            int // how many facts have this answer
}

func (s *server) factPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	tree, err := s.Guide.Rubric.Rubricator(r.Context())
	if err != nil {
		return err
	}
	f, ok := tree.Fact(r.PathValue("id"))
	if !ok {
		return errs.New(errs.NotFound, "Такого факта в рубрикаторе нет.")
	}
	page, err := s.factView(r, v, tree, f)
	if err != nil {
		return err
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "fact", page)
	return nil
}

func (s *server) factView(r *http.Request, v *visit, tree rubricator.Rubricator, f rubricator.Fact) (*factPage, error) {
	page := &factPage{
		Shell: s.shell(r, v, "fact", f.Name), Edit: mayGuide(v), URL: "/rubricator/facts/" + url.PathEscape(f.ID), Code: f.ID, Name: f.Name,
		Hours: strconv.Itoa(f.Hours), Time: hoursText(f.Hours), Fast: f.Fast, Inactive: f.Inactive,
		Category: strings.Join(slices.DeleteFunc([]string{f.Category, f.Subcategory}, func(x string) bool { return x == "" }), " → "),
	}
	departments, err := s.Directory.Departments(r.Context())
	if err != nil {
		return nil, err
	}
	for _, d := range departments {
		page.Desks = append(page.Desks, choice{d.Name, d.ID, d.ID == f.DepartmentID})
	}
	topics, err := s.Directory.Topics(r.Context())
	if err != nil {
		return nil, err
	}
	for _, t := range topics {
		page.Topics = append(page.Topics, choice{t.Name, t.ID, t.ID == f.TopicID})
	}
	for _, x := range rubricator.Fields() {
		page.Fields = append(page.Fields, choice{string(x), string(x), slices.Contains(f.Required, x)})
	}
	for _, a := range tree.Answers {
		page.Answers = append(page.Answers, choice{ru.Cut(firstWords(a.Text), 60), a.ID, a.ID == f.AnswerID})
		if a.ID == f.AnswerID {
			page.Answer = a.Text
		}
	}
	for _, x := range tree.Facts {
		if x.AnswerID == f.AnswerID {
			page.Shared++
		}
	}
	maps, err := s.Guide.Rubric.Mappings(r.Context())
	for name, m := range maps {
		if e, ok := m[f.ID]; ok {
			page.Maps = append(page.Maps, mappingPair{name, e.Code, e.Name})
		}
	}
	slices.SortFunc(page.Maps, func(a, b mappingPair) int { return byRussian(a.Fact, b.Fact) })
	return page, err
}

// firstWords is what tells answers apart: their second line, because the first
// one greets.
func firstWords(text string) string {
	if _, rest, ok := strings.Cut(text, "\n"); ok {
		line, _, _ := strings.Cut(rest, "\n")
		return line
	}
	return text
}

func (s *server) saveFact(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := form(r)
	if err != nil {
		return err
	}
	tree, err := s.Guide.Rubric.Rubricator(r.Context())
	if err != nil {
		return err
	}
	f, ok := tree.Fact(r.PathValue("id"))
	if !ok {
		return errs.New(errs.NotFound, "Такого факта в рубрикаторе нет.")
	}
	readFact(form, &f)
	err = s.Guide.Rubric.SaveFact(r.Context(), v.person.Actor(), f, v.now)
	if errs.CodeOf(err) == errs.Invalid && err != nil {
		page, failed := s.factView(r, v, tree, f)
		if failed != nil {
			return failed
		}
		page.Shell.Here, page.Hours, page.Problem = page.URL, ru.Cut(form.Get("hours"), 10), errs.MessageOf(err)
		s.show(w, v, http.StatusUnprocessableEntity, "fact", page)
		return nil
	}
	if err != nil {
		return err
	}
	s.setFlash(w, "fact-saved", 0)
	http.Redirect(w, r, "/rubricator/facts/"+url.PathEscape(f.ID), http.StatusSeeOther)
	return nil
}

// readFact takes a fact from its form.
func readFact(form url.Values, f *rubricator.Fact) {
	f.Name, f.DepartmentID, f.TopicID, f.AnswerID = oneLine(form.Get("name")), form.Get("desk"), form.Get("topic"), form.Get("answer")
	f.Fast, f.Inactive, f.Required = form.Get("fast") == "1", form.Get("inactive") == "1", nil
	f.Hours, _ = strconv.Atoi(form.Get("hours")) // what is no number is refused as nought
	for _, x := range rubricator.Fields() {
		if slices.Contains(form["required"], string(x)) {
			f.Required = append(f.Required, x)
		}
	}
}
