package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"otklik/incidents/answers"
	"otklik/incidents/rubricator"
	"otklik/internal/errs"
)

// answersPage is the page «Шаблоны ответов».
type answersPage struct {
	Shell     shell
	Edit      bool
	Templates []answerRow
	// Form is the template that is written or changed; Names are the words in
	// braces that cases fill in.
	Form    answerForm
	Names   string
	Facts   []string
	Words   answers.Words
	Problem string
}

// answerRow is one template in words.
type answerRow struct {
	ID, Title, For, Text, By string
	Edited                   stamp
}

type answerForm struct {
	ID, Title, Text, Fact string
	Topics                []choice
}

func (s *server) answersPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, err := s.answersView(r, v, answers.Template{ID: r.URL.Query().Get("edit")}, nil)
	if err != nil {
		return err
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "answers", page)
	return nil
}

// answersView shows the templates with one of them in the form. kept is what a
// person wrote and what was refused; where it names an id alone, the form shows
// that template as it stands.
func (s *server) answersView(r *http.Request, v *visit, kept answers.Template, cause error) (*answersPage, error) {
	list, err := s.Guide.Answers.AnswerTemplates(r.Context())
	if err != nil {
		return nil, err
	}
	words, err := s.Guide.Words.AnswerWords(r.Context())
	if err != nil {
		return nil, err
	}
	tree, err := s.Guide.Rubric.Rubricator(r.Context())
	if err != nil {
		return nil, err
	}
	page := &answersPage{Shell: s.shell(r, v, "answers", "Шаблоны ответов"), Edit: mayGuide(v), Words: words, Names: "{" + strings.Join(answers.Names(), "}, {") + "}"}
	if cause != nil {
		page.Shell.Here, page.Problem = "/answers", errs.MessageOf(cause)
	} else if i := slices.IndexFunc(list, func(t answers.Template) bool { return t.ID == kept.ID }); i >= 0 {
		kept = list[i]
	} else {
		kept = answers.Template{}
	}
	if page.Form.Topics, err = s.topicChoices(r, kept.TopicID, "Для всех карточек"); err != nil {
		return nil, err
	}
	topics := map[string]string{}
	for _, t := range page.Form.Topics {
		topics[t.Value] = t.Title
	}
	for _, t := range list {
		page.Templates = append(page.Templates, answerRow{t.ID, t.Title, whatFor(t, topics, tree), t.Text, t.EditedBy, s.stamp(t.EditedAt, v.now)})
	}
	page.Form.ID, page.Form.Title, page.Form.Text = kept.ID, kept.Title, kept.Text
	if f, ok := tree.Fact(kept.FactID); ok {
		page.Form.Fact = f.Title()
	}
	for _, f := range tree.Facts {
		if !f.Inactive {
			page.Facts = append(page.Facts, f.Title())
		}
	}
	return page, nil
}

// whatFor says for which cases a template is offered.
func whatFor(t answers.Template, topics map[string]string, tree rubricator.Rubricator) string {
	if f, ok := tree.Fact(t.FactID); ok {
		return f.Title()
	}
	if name := topics[t.TopicID]; name != "" {
		return name
	}
	return "факта или темы больше нет"
}

func (s *server) saveAnswerTemplate(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	t := answers.Template{ID: f.Get("id"), Title: f.Get("title"), Text: f.Get("text")}
	if err = s.readWhatFor(r, f, &t); err == nil {
		err = s.Guide.Answers.SaveAnswerTemplate(r.Context(), v.person.Actor(), t, v.now)
	}
	return s.answersDone(w, r, v, t, "template-saved", err)
}

func (s *server) readWhatFor(r *http.Request, f url.Values, t *answers.Template) error {
	fact, err := s.factOfForm(r, f.Get("fact"))
	if err != nil {
		return err
	}
	if t.FactID = fact.ID; t.FactID != "" {
		return nil
	}
	t.TopicID, err = s.knownTopic(r, f.Get("topic"))
	return err
}

func (s *server) dropAnswerTemplate(w http.ResponseWriter, r *http.Request, v *visit) error {
	err := s.Guide.Answers.DropAnswerTemplate(r.Context(), v.person.Actor(), r.PathValue("id"), v.now)
	return s.answersDone(w, r, v, answers.Template{}, "template-dropped", err)
}

func (s *server) saveAnswerWords(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	words := answers.Words{
		Abbreviations: strings.FieldsFunc(f.Get("abbreviations"), func(x rune) bool { return strings.ContainsRune(" ,;\n\r\t\u00a0", x) }),
		Contacts:      strings.FieldsFunc(f.Get("contacts"), func(x rune) bool { return x == '\n' || x == '\r' }),
	}
	err = s.Guide.Words.SaveAnswerWords(r.Context(), v.person.Actor(), words, v.now)
	if errs.CodeOf(err) != errs.Invalid {
		return s.answersDone(w, r, v, answers.Template{}, "answer-words", err)
	}
	page, perr := s.answersView(r, v, answers.Template{}, err)
	if perr != nil {
		return perr
	}
	page.Words = words
	s.show(w, v, statusOf(errs.Invalid), "answers", page)
	return nil
}

// answersDone leads back, or shows the page with what was written and why it
// was refused.
func (s *server) answersDone(w http.ResponseWriter, r *http.Request, v *visit, t answers.Template, flash string, cause error) error {
	if cause == nil {
		s.setFlash(w, flash, 0)
		http.Redirect(w, r, "/answers", http.StatusSeeOther)
		return nil
	}
	code := errs.CodeOf(cause)
	if code != errs.Invalid {
		return cause
	}
	page, err := s.answersView(r, v, t, cause)
	if err != nil {
		return err
	}
	s.show(w, v, statusOf(code), "answers", page)
	return nil
}
