package rights

import (
	"testing"

	"pgregory.net/rapid"
)

func TestScopeCovers(t *testing.T) {
	t.Parallel()
	x := Subject{Organisations: []string{"lake", "root"}, Page: "p1", Topic: "snow", Territories: []string{"street", "district"}}
	for name, c := range map[string]struct {
		s    Scope
		x    Subject
		want bool
	}{
		"no bounds":                        {Scope{}, x, true},
		"no bounds, nothing":               {Scope{}, Subject{}, true},
		"its organisation":                 {Scope{Organisations: []string{"lake"}}, x, true},
		"one above":                        {Scope{Organisations: []string{"far", "root"}}, x, true},
		"another organisation":             {Scope{Organisations: []string{"far"}}, x, false},
		"its page":                         {Scope{Pages: []string{"p1"}}, x, true},
		"another page":                     {Scope{Pages: []string{"p2"}}, x, false},
		"topic but not the page":           {Scope{Topics: []string{"snow"}, Pages: []string{"p2"}}, x, false},
		"topic and page":                   {Scope{Topics: []string{"snow"}, Pages: []string{"p1"}}, x, true},
		"within a territory":               {Scope{Territories: []string{"district"}}, x, true},
		"unknown place":                    {Scope{Territories: []string{"district"}}, Subject{}, false},
		"an empty id":                      {Scope{Topics: []string{""}}, Subject{}, false},
		"a publication":                    {Scope{Pages: []string{"p1"}, Topics: []string{"snow"}}, Subject{Page: "p1", Publication: true}, true},
		"a publication of an organisation": {Scope{Organisations: []string{"lake"}}, Subject{Page: "p1", Publication: true}, false},
	} {
		if got := c.s.Covers(c.x); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A bound only ever takes away, and what no role allows no bound lets through.
func TestBoundsNeverWiden(t *testing.T) {
	t.Parallel()
	ids := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 2)
	rapid.Check(t, func(t *rapid.T) {
		a := Actor{ID: "x", Roles: rapid.SliceOfN(rapid.SampledFrom(Roles()), 0, 3).Draw(t, "roles"), Bounds: map[Role]Scope{}}
		for _, r := range a.Roles {
			a.Bounds[r] = Scope{ids.Draw(t, "organisations"), ids.Draw(t, "pages"), ids.Draw(t, "topics"), ids.Draw(t, "places")}
		}
		x := Subject{Organisations: ids.Draw(t, "of"), Page: "a", Topic: "b", Territories: ids.Draw(t, "at"), Publication: rapid.Bool().Draw(t, "post")}
		for _, action := range Actions() {
			if a.May(action, x) && !a.Can(action) {
				t.Fatalf("%s is allowed by bounds alone", action)
			}
			free := Actor{ID: "x", Roles: a.Roles}
			if free.Can(action) != free.May(action, x) {
				t.Fatalf("%s: a role without bounds is bounded", action)
			}
		}
	})
}
