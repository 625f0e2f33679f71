package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"otklik/incidents/mass"
	"otklik/internal/errs"
	"otklik/internal/live"
)

// deedOfIncident is one thing a form can do to an incident.
type deedOfIncident struct {
	name string
	read func(f url.Values) (mass.Command, error)
}

func incidentDeeds() []deedOfIncident {
	return []deedOfIncident{
		{"rename", func(f url.Values) (mass.Command, error) { return mass.Rename{Title: f.Get("title")}, nil }},
		{"add", func(f url.Values) (mass.Command, error) {
			list, err := readNumbers(f["case"])
			return mass.Add{Cases: list}, err
		}},
		{"remove", func(f url.Values) (mass.Command, error) {
			list, err := readNumbers(f["case"])
			return mass.Remove{Cases: list}, err
		}},
		{"merge", func(f url.Values) (mass.Command, error) {
			n, _ := caseNumber(f.Get("into"))
			return mass.Merge{Into: n}, nil
		}},
		{"close", func(f url.Values) (mass.Command, error) { return mass.Close{Why: f.Get("reason")}, nil }},
		{"reopen", func(url.Values) (mass.Command, error) { return mass.Reopen{}, nil }},
		{"draft", func(f url.Values) (mass.Command, error) { return mass.Draft{Text: f.Get("text")}, nil }},
	}
}

// readNumbers reads the numbers of cases as people write them: «4120, № 4125 4130».
func readNumbers(fields []string) ([]int64, error) {
	var out []int64
	for _, field := range fields {
		for _, word := range strings.FieldsFunc(field, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;№", r) }) {
			n, ok := caseNumber(word)
			if !ok {
				return nil, errs.Newf(errs.Invalid, "«%s» — не номер карточки. Перечислите номера через запятую.", word)
			}
			out = append(out, n)
		}
	}
	return out, nil
}

func (s *server) incidentDeed(d deedOfIncident) handler {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		f, err := form(r)
		if err != nil {
			return err
		}
		n, ok := caseNumber(r.PathValue("number"))
		if !ok {
			return errs.New(errs.NotFound, "Такого массового инцидента нет. Проверьте номер.")
		}
		seen, err := seenVersion(f, d.name)
		if err != nil {
			return err
		}
		cmd, err := d.read(f)
		if err != nil {
			return err
		}
		done, err := s.Masses.Book.ChangeIncident(r.Context(), v.person.Actor(), n, seen, cmd, v.now)
		if err != nil {
			return err
		}
		if done.Into != 0 {
			n = done.Into
		}
		s.toIncident(w, r, "mass-"+d.name, n)
		return nil
	}
}

// toIncident tells open pages and leads to the incident.
func (s *server) toIncident(w http.ResponseWriter, r *http.Request, flash string, number int64) {
	s.Hub.Publish(live.Incidents, live.Cases)
	s.setFlash(w, flash, number)
	http.Redirect(w, r, "/incidents/"+strconv.FormatInt(number, 10), http.StatusSeeOther)
}

// beginIncident makes an incident of cases that are named by their numbers, or
// puts one case into the incident that its page offers.
func (s *server) beginIncident(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	cases, err := readNumbers(f["case"])
	if err != nil {
		return err
	}
	topic, err := s.knownTopic(r, f.Get("topic"))
	if err != nil {
		return err
	}
	done, err := s.Masses.Book.BeginIncident(r.Context(), v.person.Actor(), mass.Incident{Title: f.Get("title"), TopicID: topic}, cases, v.now)
	if err != nil {
		return err
	}
	s.toIncident(w, r, "mass-begun", done.Number)
	return nil
}

// knownTopic holds a topic to those that there are; "" is none.
func (s *server) knownTopic(r *http.Request, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	topics, err := s.Directory.Topics(r.Context())
	for _, t := range topics {
		if t.ID == id {
			return id, nil
		}
	}
	if err != nil {
		return "", err
	}
	return "", errs.New(errs.Invalid, "Выберите тему из списка.")
}
