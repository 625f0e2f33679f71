package storetest

import (
	"strconv"
	"testing"

	"otklik/index/places"
	"otklik/internal/detect"
	"otklik/internal/rights"
	"otklik/internal/social"
)

// An incident of a district says so when nearly all of it happens in one street.
func TestTheTitleNamesTheStreetOfMost(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		list, bad := places.Read(places.Columns(), []places.Row{
			{Number: 2, Cells: []string{"район", "Заречный", "", "", ""}},
			{Number: 3, Cells: []string{"улица", "Мира", "Заречный район", "", ""}},
			{Number: 4, Cells: []string{"улица", "Садовая", "Заречный район", "", ""}},
		})
		if len(bad) > 0 {
			t.Fatal(bad)
		}
		b.must(b.s.SaveGazetteer(b.ctx, rights.System(), list, b.now))
		complain := func(n, street int) {
			it := comment(strconv.Itoa(n), social.Author{ID: strconv.Itoa(n)}, "яма")
			it.Thread, it.PublishedAt = ref("t"+strconv.Itoa(n)), b.now
			b.commit(created(it))
			items, err := b.s.Pending(b.ctx, 10)
			b.must(err)
			found := conclusions(items)
			found[0].Item.Place = detect.Place{Territory: list[street].ID, Title: list[street].Title(), Path: []string{list[street].ID, list[0].ID}}
			_, err = b.s.Conclude(b.ctx, b.detect, found, b.now)
			b.must(err)
		}
		for n, street := range []int{1, 1, 2, 1, 1} {
			complain(n, street)
		}
		title := func() string {
			open := b.openMass()
			if len(open) != 1 {
				t.Fatalf("%+v", open)
			}
			return open[0].Title
		}
		if got := title(); got != "Ямы: Заречный район, в основном улица Мира" {
			t.Fatal(got)
		}
		complain(5, 2)
		if got := title(); got != "Ямы: Заречный район" {
			t.Fatal(got)
		}
	})
}
