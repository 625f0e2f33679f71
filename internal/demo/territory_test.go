package demo

import (
	"testing"

	"otklik/index"
	"otklik/index/places"
	"otklik/index/starter"
)

// The map knows the places that citizens name, and its routes lead to topics
// and departments that exist.
func TestTheMapOfTheCity(t *testing.T) {
	t.Parallel()
	list, err := cityPlaces()
	if err != nil {
		t.Fatal(err)
	}
	f := places.New(index.NewAnalyzer(), list)
	known, unknown := 0, 0
	for _, text := range complaints() {
		spot, ok := f.Locate(text, list[0].ID)
		switch {
		case ok && spot.PlaceID != "":
			known++
		case ok:
			unknown++
			t.Logf("not on the map: %s in %q", spot.Title, text)
		}
	}
	if known < 18 || unknown > 0 {
		t.Errorf("%d complaints are on the map, %d are not", known, unknown)
	}
	topics, departments := map[string]bool{"": true}, map[string]bool{}
	for _, x := range starter.Topics() {
		topics[x.ID] = true
	}
	for _, x := range starter.Departments() {
		departments[x.ID] = true
	}
	for _, r := range cityRoutes(list) {
		if _, ok := f.Place(r.PlaceID); !topics[r.TopicID] || !departments[r.DepartmentID] || !ok && r.PlaceID != "" {
			t.Errorf("a route leads nowhere: %+v", r)
		}
	}
}
