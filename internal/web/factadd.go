package web

import (
	"net/http"
	"net/url"
	"slices"

	"otklik/incidents/rubricator"
	"otklik/internal/errs"
)

// dayHours is the time to answer that a new fact begins with.
const dayHours = 24

func (s *server) newFact(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.showNewFact(w, r, v, rubricator.Fact{Category: r.URL.Query().Get("category"), Hours: dayHours}, nil)
}

func (s *server) showNewFact(w http.ResponseWriter, r *http.Request, v *visit, f rubricator.Fact, cause error) error {
	tree, err := s.Guide.Rubric.Rubricator(r.Context())
	if err != nil {
		return err
	}
	f.ID = ""
	page, err := s.factView(r, v, tree, f)
	if err != nil {
		return err
	}
	page.New, page.URL, page.Of, page.Under, page.Category, page.Code = true, "/rubricator/new", f.Category, f.Subcategory, "", ""
	page.Shell.Title = "Новый факт"
	for _, x := range tree.Facts {
		if !slices.Contains(page.Categories, x.Category) {
			page.Categories = append(page.Categories, x.Category)
		}
		if x.Subcategory != "" && !slices.Contains(page.Parts, x.Subcategory) {
			page.Parts = append(page.Parts, x.Subcategory)
		}
	}
	status := http.StatusOK
	if cause != nil {
		page.Shell.Here, page.Problem, status = page.URL, errs.MessageOf(cause), statusOf(errs.CodeOf(cause))
	}
	s.show(w, v, status, "fact", page)
	return nil
}

func (s *server) addFact(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := form(r)
	if err != nil {
		return err
	}
	f := rubricator.Fact{Category: oneLine(form.Get("category")), Subcategory: oneLine(form.Get("part"))}
	readFact(form, &f)
	err = s.Guide.Rubric.EditRubricator(r.Context(), v.person.Actor(), v.now, func(tree rubricator.Rubricator) (rubricator.Rubricator, error) {
		var after rubricator.Rubricator
		after, f, err = tree.Add(f)
		return after, err
	})
	if code := errs.CodeOf(err); err != nil && (code == errs.Invalid || code == errs.Conflict) {
		return s.showNewFact(w, r, v, f, err)
	}
	if err != nil {
		return err
	}
	s.setFlash(w, "fact-added", 0)
	http.Redirect(w, r, "/rubricator/facts/"+url.PathEscape(f.ID), http.StatusSeeOther)
	return nil
}

// saveAnswer writes the answer that a fact begins with.
func (s *server) saveAnswer(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := form(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	err = s.Guide.Rubric.EditRubricator(r.Context(), v.person.Actor(), v.now, func(tree rubricator.Rubricator) (rubricator.Rubricator, error) {
		return tree.SetAnswer(id, form.Get("text"), form.Get("own") == "1")
	})
	if err != nil {
		return err
	}
	s.setFlash(w, "answer-saved", 0)
	http.Redirect(w, r, "/rubricator/facts/"+url.PathEscape(id), http.StatusSeeOther)
	return nil
}
