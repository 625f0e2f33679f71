package rights

import "slices"

// Scope bounds a role. An empty list bounds nothing, so the zero value is the
// role without bounds; several lists bound together.
type Scope struct {
	// Organisations are ids; each stands for itself and all below it.
	Organisations []string `json:"organisations,omitempty"`
	Pages         []string `json:"pages,omitempty"`
	Topics        []string `json:"topics,omitempty"`
	// Territories are ids of places; each stands for itself and all within it.
	Territories []string `json:"territories,omitempty"`
}

// Boundless says that the scope bounds nothing.
func (s Scope) Boundless() bool {
	return len(s.Organisations)+len(s.Pages)+len(s.Topics)+len(s.Territories) == 0
}

// Subject is what somebody wants to act on, as far as scopes ask.
type Subject struct {
	// Organisations are the one in whose hands it is and all above that one.
	Organisations []string
	Page          string
	Topic         string
	// Territories are the place of the matter and all in which that lies.
	Territories []string
	// Publication is something that the agency itself puts on the page: it has
	// neither a topic nor a place, and only pages bound it.
	Publication bool
}

// Covers says whether the subject lies within the scope. What is not known of a
// subject lies within no bound; a publication lies within a bounded role only
// when its page is named.
func (s Scope) Covers(x Subject) bool {
	if s.Boundless() {
		return true
	}
	if x.Publication {
		return slices.Contains(s.Pages, x.Page)
	}
	return meet(s.Organisations, x.Organisations) && meet(s.Pages, []string{x.Page}) &&
		meet(s.Topics, []string{x.Topic}) && meet(s.Territories, x.Territories)
}

func meet(bound, have []string) bool {
	return len(bound) == 0 || slices.ContainsFunc(have, func(id string) bool { return id != "" && slices.Contains(bound, id) })
}

// May says whether the table allows the action to one of the actor's roles and
// the subject lies within that role's bounds.
func (a Actor) May(action Action, on Subject) bool {
	return slices.ContainsFunc(a.Scopes(action), func(s Scope) bool { return s.Covers(on) })
}

// Scopes are the bounds of the roles that allow the action, one for each role.
// Nothing allows it where the list is empty.
func (a Actor) Scopes(action Action) []Scope {
	var list []Scope
	for _, r := range a.Roles {
		if allowed(r, action) {
			list = append(list, a.Bounds[r])
		}
	}
	return list
}
