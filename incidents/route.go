package incidents

import (
	"cmp"
	"slices"
)

// Route says which department answers for a topic in a place. An empty topic or
// place stands for any; the route with both empty takes what nobody owns.
type Route struct {
	TopicID      string
	PlaceID      string
	DepartmentID string
}

// Rest says that the route takes what nobody owns.
func (r Route) Rest() bool { return r.TopicID == "" && r.PlaceID == "" }

// Matter is what has to be given to a department.
type Matter struct {
	TopicID string
	// Path are the ids of the place and of all in which it lies, the place first.
	Path []string
	// RuleDepartmentID is what the rule that found it names, "" for none.
	RuleDepartmentID string
	// FactDepartmentID and TopicDepartmentID are those that the rubricator and
	// the dictionary name, "" for none.
	FactDepartmentID  string
	TopicDepartmentID string
}

// RoutedBy is what decided.
type RoutedBy string

const (
	ByRule  RoutedBy = "rule"
	ByRoute RoutedBy = "route"
	ByFact  RoutedBy = "fact"
	ByTopic RoutedBy = "topic"
	ByRest  RoutedBy = "rest"
	ByNone  RoutedBy = ""
)

// Routed is a decision with what explains it.
type Routed struct {
	DepartmentID string
	By           RoutedBy
	// Route is the one that decided, where one did.
	Route Route
	// Beaten are the other routes that fit, the strongest first.
	Beaten []Route
}

// Choose finds who answers. Who wrote the rule that found a complaint knows
// better than the map; else the most specific route wins: one of topic and place
// before one of the topic alone, that before one of the place alone; of two
// places the inner one. Where no route fits, the fact of the rubricator decides,
// then the topic, and last the route that takes what nobody owns.
func Choose(routes []Route, m Matter) Routed {
	var fit []Route
	rest, hasRest := Route{}, false
	for _, r := range routes {
		switch {
		case r.Rest():
			rest, hasRest = r, true
		case (r.TopicID == "" || r.TopicID == m.TopicID) && (r.PlaceID == "" || slices.Contains(m.Path, r.PlaceID)):
			fit = append(fit, r)
		}
	}
	slices.SortStableFunc(fit, func(a, b Route) int {
		return cmp.Or(-cmp.Compare(weight(a), weight(b)), cmp.Compare(slices.Index(m.Path, a.PlaceID), slices.Index(m.Path, b.PlaceID)))
	})
	switch {
	case m.RuleDepartmentID != "":
		return Routed{DepartmentID: m.RuleDepartmentID, By: ByRule, Beaten: fit}
	case len(fit) > 0:
		return Routed{DepartmentID: fit[0].DepartmentID, By: ByRoute, Route: fit[0], Beaten: fit[1:]}
	case m.FactDepartmentID != "":
		return Routed{DepartmentID: m.FactDepartmentID, By: ByFact}
	case m.TopicDepartmentID != "":
		return Routed{DepartmentID: m.TopicDepartmentID, By: ByTopic}
	case hasRest:
		return Routed{DepartmentID: rest.DepartmentID, By: ByRest, Route: rest}
	}
	return Routed{}
}

func weight(r Route) int {
	w := 0
	if r.TopicID != "" {
		w += 2
	}
	if r.PlaceID != "" {
		w++
	}
	return w
}

// Clash is a pair of routes of which neither is more specific: what fits both is
// decided by the topic, and perhaps nobody meant that.
type Clash struct{ Topic, Place Route }

// Clashes lists the routes of a topic alone and of a place alone that name
// different departments, unless a route of both decides.
func Clashes(routes []Route) []Clash {
	var out []Clash
	for _, t := range routes {
		if t.TopicID == "" || t.PlaceID != "" {
			continue
		}
		for _, p := range routes {
			both := func(r Route) bool { return r.TopicID == t.TopicID && r.PlaceID == p.PlaceID }
			if p.TopicID == "" && p.PlaceID != "" && p.DepartmentID != t.DepartmentID && !slices.ContainsFunc(routes, both) {
				out = append(out, Clash{t, p})
			}
		}
	}
	return out
}
