package web

import (
	"net/http"
	"net/url"

	"otklik/index"
	"otklik/internal/errs"
	"otklik/internal/finding"
	"otklik/internal/rights"
)

// searchRoutes are the routes of the page Поиск.
func (s *server) searchRoutes() []route {
	return []route{
		{"GET /search", may(rights.ViewCases), s.search},
		{"GET /search/export", may(rights.ViewCases), s.searchFile},
		{"GET /search/items/{item}", may(rights.ViewCases), s.foundItem},
		{"GET /search/saved/{id}", may(rights.ViewCases), s.openSaved},
		{"POST /search/saved", may(rights.ViewCases), s.saveSearch},
		{"POST /search/saved/{id}/forget", may(rights.ViewCases), s.forgetSearch},
		{"GET /archive", may(rights.ManageArchive), s.archive},
		{"POST /archive/reindex", may(rights.ManageArchive), s.reindex},
		{"POST /archive/months", may(rights.ManageArchive), s.keepMonths},
	}
}

// openSaved goes to a saved search; what it has found so far is seen.
func (s *server) openSaved(w http.ResponseWriter, r *http.Request, v *visit) error {
	list, err := s.Searching.Saved.SavedSearches(r.Context(), v.person.ID)
	if err != nil {
		return err
	}
	for _, x := range list {
		if x.ID != r.PathValue("id") {
			continue
		}
		if err := s.Searching.Saved.LookAtSearch(r.Context(), v.person.ID, x.ID, v.now); err != nil {
			return err
		}
		values, err := url.ParseQuery(x.Query)
		if err != nil {
			return errs.Wrap(errs.Internal, "Сохранённый поиск не читается. Сохраните его заново.", err)
		}
		http.Redirect(w, r, parseSearch(values).url(), http.StatusSeeOther)
		return nil
	}
	return errs.New(errs.NotFound, "Такого поиска нет. Может быть, его удалили.")
}

func (s *server) saveSearch(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	values, err := url.ParseQuery(f.Get("query"))
	if err != nil {
		return errs.New(errs.Invalid, "Этот поиск не сохраняется. Откройте поиск заново.")
	}
	q := parseSearch(values).with(func(*searchQuery) {})
	if q.Text != "" {
		if _, err := index.Parse(q.Text); err != nil {
			return err
		}
	}
	x := finding.Saved{Name: f.Get("name"), Query: q.values().Encode(), Shared: f.Get("shared") == "1"}
	if _, err := s.Searching.Saved.SaveSearch(r.Context(), v.person.Actor(), x, v.now); err != nil {
		return err
	}
	return s.searched(w, r, q.url(), "search-saved")
}

func (s *server) forgetSearch(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.Searching.Saved.ForgetSearch(r.Context(), v.person.Actor(), r.PathValue("id"), v.now); err != nil {
		return err
	}
	return s.searched(w, r, "/search", "search-forgotten")
}

func searchFlash(name string) string {
	switch name {
	case "search-saved":
		return "Поиск сохранён. Рядом с ним будет число новых сообщений."
	case "search-forgotten":
		return "Сохранённый поиск удалён."
	case "reindex":
		return "Архив перестраивается. Поиск всё это время работает."
	case "months":
		return "Срок хранения архива изменён. В базе остаётся всё."
	}
	return ""
}

func (s *server) searched(w http.ResponseWriter, r *http.Request, to, flash string) error {
	s.setFlash(w, flash, 0)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
