package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"time"

	"otklik/incidents"
	"otklik/internal/errs"
	"otklik/internal/ru"
)

// views are the parsed pages. Every page has its own set, in which the frame
// and the shared parts are the same and "main" is the page's own.
type views struct{ sets map[string]*template.Template }

// pages names every page; a page without a file does not let the program start.
func pages() []string {
	return []string{
		"search", "item", "archive", "journal", "keeping", "persons", "erasure",
		"inbox", "unlikely", "case", "incidents", "incident", "mass-settings", "silences",
		"deadlines", "worktime", "notices",
		"rules", "rule-versions", "rule-found", "lists",
		"sources", "source", "source-new", "source-connect", "unread", "alarms", "learning",
		"deliveries", "answers", "places", "place", "routes", "answers", "rubricator", "organisations", "organisation", "people", "person", "welcome", "fact", "mapping",
		"plan", "plan-move", "plan-stop", "post", "post-templates", "series",
		"signin", "failure",
		"pages", "page", "polls", "poll", "stats", "stats-post", "mandates", "mandate", "mandate-new", "plan-import", "more",
	}
}

func parseViews(a *assets) (*views, error) {
	shared, err := template.New("shared").Funcs(template.FuncMap{
		"asset":    a.url,
		"icons":    func() string { return a.url("icons.svg") },
		"initials": ru.Initials,
		"number":   ru.Number,
		"dict":     dict,
		"grounds":  incidents.Grounds,
	}).ParseFS(templateFiles, "templates/shared/*.html")
	if err != nil {
		return nil, err
	}
	v := &views{sets: map[string]*template.Template{}}
	for _, name := range pages() {
		data, err := fs.ReadFile(templateFiles, "templates/"+name+".html")
		if err != nil {
			return nil, err
		}
		set, err := shared.Clone()
		if err != nil {
			return nil, err
		}
		if v.sets[name], err = set.Parse(string(data)); err != nil {
			return nil, fmt.Errorf("page %s: %w", name, err)
		}
	}
	return v, nil
}

// dict makes the argument of a part that needs more than one value.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: %d arguments", len(pairs))
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		key, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: key %v is not a string", pairs[i])
		}
		m[key] = pairs[i+1]
	}
	return m, nil
}

// show writes a whole page.
func (s *server) show(w http.ResponseWriter, v *visit, status int, page string, data any) {
	s.write(w, v, status, page, "page", data)
}

// part writes a part of a page for a script that puts it in its place.
func (s *server) part(w http.ResponseWriter, v *visit, page, name string, data any) {
	s.write(w, v, http.StatusOK, page, name, data)
}

// write renders into memory first, so that a failure never shows half a page.
func (s *server) write(w http.ResponseWriter, v *visit, status int, page, name string, data any) {
	var buf bytes.Buffer
	if err := s.views.sets[page].ExecuteTemplate(&buf, name, data); err != nil {
		s.Logger.Error("page did not render", "ref", "500-"+v.id, "page", page, "part", name, "err", err)
		http.Error(w, errs.MessageOf(err)+" Код для администратора: 500-"+v.id+".", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	// The reader may be gone; there is nobody to tell.
	_, _ = w.Write(buf.Bytes())
}

// stamp is a moment as a page shows it.
type stamp struct {
	Machine string // for the attribute datetime
	Short   string
	Exact   string // with the zone, for the hint
}

func (s *server) stamp(t, now time.Time) stamp {
	if t.IsZero() {
		return stamp{}
	}
	return stamp{Machine: s.clock.Machine(t), Short: s.clock.Moment(t, now), Exact: s.clock.Exact(t)}
}
