package incidents

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestTheMostSpecificRouteWins(t *testing.T) {
	t.Parallel()
	routes := []Route{
		{DepartmentID: "rest"},
		{TopicID: "pits", DepartmentID: "roads"},
		{PlaceID: "river", DepartmentID: "river-desk"},
		{PlaceID: "town", DepartmentID: "town-desk"},
		{TopicID: "pits", PlaceID: "river", DepartmentID: "river-roads"},
		{TopicID: "leaks", PlaceID: "town", DepartmentID: "town-water"},
		{TopicID: "leaks", PlaceID: "river", DepartmentID: "river-water"},
	}
	for name, c := range map[string]struct {
		m    Matter
		want string
		by   RoutedBy
	}{
		"topic and place":      {Matter{TopicID: "pits", Path: []string{"street", "river", "town"}}, "river-roads", ByRoute},
		"the inner place":      {Matter{TopicID: "leaks", Path: []string{"street", "river", "town"}}, "river-water", ByRoute},
		"the outer place":      {Matter{TopicID: "leaks", Path: []string{"centre", "town"}}, "town-water", ByRoute},
		"topic before place":   {Matter{TopicID: "pits", Path: []string{"town"}}, "roads", ByRoute},
		"place alone":          {Matter{TopicID: "snow", Path: []string{"river", "town"}, TopicDepartmentID: "snow"}, "river-desk", ByRoute},
		"nothing but the fact": {Matter{TopicID: "snow", FactDepartmentID: "fact", TopicDepartmentID: "snow"}, "fact", ByFact},
		"nothing but a topic":  {Matter{TopicID: "snow", TopicDepartmentID: "snow"}, "snow", ByTopic},
		"nothing at all":       {Matter{}, "rest", ByRest},
	} {
		got := Choose(routes, c.m)
		if got.DepartmentID != c.want || got.By != c.by {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := Choose(nil, Matter{}); got.DepartmentID != "" || got.By != ByNone {
		t.Errorf("nobody is chosen: %+v", got)
	}
	clashes := Clashes(routes)
	if len(clashes) != 1 || clashes[0].Topic.TopicID != "pits" || clashes[0].Place.PlaceID != "town" {
		t.Errorf("%+v", clashes)
	}
}

// The order in which routes are written decides nothing.
func TestTheOrderOfRoutesDecidesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SampledFrom([]string{"", "a", "b", "c"})
		seen := map[[2]string]bool{}
		var routes []Route
		for i := range rapid.IntRange(0, 10).Draw(t, "routes") {
			r := Route{TopicID: ids.Draw(t, "topic"), PlaceID: ids.Draw(t, "place"), DepartmentID: string(rune('k' + i))}
			if !seen[[2]string{r.TopicID, r.PlaceID}] {
				seen[[2]string{r.TopicID, r.PlaceID}] = true
				routes = append(routes, r)
			}
		}
		m := Matter{TopicID: ids.Draw(t, "of topic"), Path: []string{"a", "b"}[:rapid.IntRange(0, 2).Draw(t, "depth")]}
		first := Choose(routes, m)
		again := Choose(rapid.Permutation(slices.Clone(routes)).Draw(t, "order"), m)
		if first.DepartmentID != again.DepartmentID || first.By != again.By {
			t.Fatalf("%+v and %+v", first, again)
		}
	})
}
