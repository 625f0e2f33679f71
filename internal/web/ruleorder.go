package web

import (
	"net/http"
	"net/url"
	"slices"

	"otklik/internal/live"
	"otklik/internal/rules"
)

// ruleOrder is where a rule stands among all: the first that fires gives the topic.
type ruleOrder struct {
	At, Total     int
	After, Before string // the names of its neighbours, "" at the ends
	// Up and Down are before what a step leads; the end has no rule after it.
	CanUp, CanDown bool
	Up, Down       string
	Others         []choice
}

func orderOf(set rules.Set, id string) ruleOrder {
	at := slices.IndexFunc(set.Rules, func(r rules.Rule) bool { return r.ID == id })
	o := ruleOrder{At: at + 1, Total: len(set.Rules), CanUp: at > 0, CanDown: at >= 0 && at < len(set.Rules)-1}
	if o.CanUp {
		o.Up, o.After = set.Rules[at-1].ID, set.Rules[at-1].Name
	}
	if o.CanDown {
		o.Before = set.Rules[at+1].Name
	}
	if at+2 < len(set.Rules) {
		o.Down = set.Rules[at+2].ID
	}
	for i, r := range set.Rules {
		if i != at && i != at+1 {
			o.Others = append(o.Others, choice{Title: r.Name, Value: r.ID})
		}
	}
	if o.CanDown {
		o.Others = append(o.Others, choice{Title: "В конец списка"})
	}
	return o
}

func (s *server) moveRule(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	if err := s.Rules.Book.MoveRule(r.Context(), v.person.Actor(), id, f.Get("before"), v.now); err != nil {
		return err
	}
	s.Rules.Changed()
	s.Hub.Publish(live.Rules)
	s.setFlash(w, "rule-moved", 0)
	http.Redirect(w, r, "/rules/"+url.PathEscape(id), http.StatusSeeOther)
	return nil
}
