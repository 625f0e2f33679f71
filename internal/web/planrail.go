package web

import (
	"net/http"

	"otklik/internal/rights"
	"otklik/publisher"
)

// publications is the group of the navigation for what goes out by plan.
func publications(by rights.Actor, n publisher.Waits, current string) navGroup {
	g := navGroup{Title: "Публикации"}
	add := func(need rights.Action, l navLink) {
		if by.Can(need) {
			l.Current = l.URL == current
			g.Links = append(g.Links, l)
		}
	}
	stuck := navLink{Title: "Контент-план", Short: "План", URL: "/plan", Icon: "cal", Count: n.Stuck, Bad: n.Stuck > 0, Name: "plan"}
	add(rights.ViewPlan, stuck)
	add(rights.ReviewPost, navLink{Title: "Согласование", Short: "Согласовать", URL: reviewURL, Icon: "half", Count: n.Review, Name: "review"})
	add(rights.WritePost, navLink{Title: "Повторы", Short: "Повторы", URL: "/series", Icon: "ref", Name: "series"})
	pressLinks(add)
	return g
}

// reviewURL is the queue of posts that wait for approval.
const reviewURL = "/plan?state=review&view=list"

// waits counts what waits for the person in the plan. A page without numbers
// is better than no page.
func (s *server) waits(r *http.Request, v *visit) publisher.Waits {
	if !v.person.Actor().Can(rights.ViewPlan) {
		return publisher.Waits{}
	}
	n, err := s.Planning.Plan.PlanWaits(r.Context(), v.person.ID)
	if err != nil {
		s.Logger.WarnContext(r.Context(), "no counts of the plan for the navigation", "err", err)
	}
	return n
}
