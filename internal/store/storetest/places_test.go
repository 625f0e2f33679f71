package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/incidents"
	"otklik/incidents/rubricator"
	"otklik/index/places"
	"otklik/internal/detect"
	"otklik/internal/errs"
	"otklik/internal/rights"
)

var keeper = actor("keeper", "", rights.Administrator)

func gazetteer(b *bundle, rows ...[]string) []places.Place {
	b.t.Helper()
	var list []places.Row
	for i, cells := range rows {
		list = append(list, places.Row{Number: i + 2, Cells: cells})
	}
	out, bad := places.Read(places.Columns(), list)
	if len(bad) > 0 {
		b.t.Fatal(bad)
	}
	return out
}

func town(b *bundle) []places.Place {
	return gazetteer(b,
		[]string{"город", "Энск", "", "", ""},
		[]string{"район", "Заречный", "Энск", "", "Заречье; за рекой"},
		[]string{"улица", "Мира", "Заречный район", "1-9 нечёт", ""})
}

func TestGazetteerIsReplacedWhole(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		list := town(b)
		if err := b.s.SaveGazetteer(b.ctx, executor, list, b.now); errs.CodeOf(err) != errs.Forbidden {
			t.Fatal(err)
		}
		b.must(b.s.SaveGazetteer(b.ctx, keeper, list, b.now))
		got, revision, changed, err := b.s.Gazetteer(b.ctx, -1)
		b.must(err)
		if diff := cmp.Diff(list, got); diff != "" || !changed {
			t.Fatal(diff)
		}
		if _, _, changed, err := b.s.Gazetteer(b.ctx, revision); err != nil || changed {
			t.Fatal(err, "told of a change where there is none")
		}
		street := list[2].ID
		b.must(b.s.SavePagePlace(b.ctx, keeper, b.source, list[1].ID, b.now))
		b.must(b.s.SaveRoute(b.ctx, keeper, incidents.Route{TopicID: "pits", PlaceID: street, DepartmentID: "water"}, b.now))
		b.must(b.s.SaveRoute(b.ctx, keeper, incidents.Route{TopicID: "pits", DepartmentID: "roads"}, b.now))
		if err := b.s.SavePagePlace(b.ctx, keeper, b.source, "nowhere", b.now); errs.CodeOf(err) != errs.Invalid {
			t.Fatal(err)
		}
		if err := b.s.SavePagePlace(b.ctx, keeper, "nobody", street, b.now); errs.CodeOf(err) != errs.NotFound {
			t.Fatal(err)
		}
		pages, err := b.s.PagePlaces(b.ctx)
		if err != nil || pages[b.source] != list[1].ID {
			t.Fatal(pages, err)
		}
		b.must(b.s.SaveGazetteer(b.ctx, keeper, list[:2], b.now))
		rest, err := b.s.Routes(b.ctx)
		if err != nil || len(rest) != 1 || rest[0].PlaceID != "" {
			t.Fatalf("%+v %v", rest, err)
		}
		if pages, err := b.s.PagePlaces(b.ctx); err != nil || len(pages) != 1 {
			t.Fatal(pages, err)
		}
		if err := b.s.SaveGazetteer(b.ctx, keeper, nil, b.now); errs.CodeOf(err) != errs.Invalid {
			t.Fatal(err)
		}
	})
}

func TestRoutesNameWhatExists(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		for _, r := range []incidents.Route{{TopicID: "no", DepartmentID: "roads"}, {PlaceID: "no", DepartmentID: "roads"}, {DepartmentID: "no"}} {
			if err := b.s.SaveRoute(b.ctx, keeper, r, b.now); errs.CodeOf(err) != errs.Invalid {
				t.Errorf("%+v: %v", r, err)
			}
		}
		want := []incidents.Route{{DepartmentID: "water"}, {TopicID: "leaks", DepartmentID: "roads"}}
		b.must(b.s.ReplaceRoutes(b.ctx, keeper, want, b.now))
		if err := b.s.ReplaceRoutes(b.ctx, keeper, []incidents.Route{{DepartmentID: "no"}}, b.now); errs.CodeOf(err) != errs.Invalid {
			t.Fatal(err)
		}
		if err := b.s.SaveRoute(b.ctx, executor, want[0], b.now); errs.CodeOf(err) != errs.Forbidden {
			t.Fatal(err)
		}
		got, err := b.s.Routes(b.ctx)
		b.must(err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		b.must(b.s.SaveRoute(b.ctx, keeper, incidents.Route{TopicID: "leaks"}, b.now))
		if got, err := b.s.Routes(b.ctx); err != nil || len(got) != 1 {
			t.Fatal(got, err)
		}
	})
}

// found is a conclusion about a comment in a place.
func (b *bundle) openedAt(id, author, text string, place detect.Place) incidents.Case {
	b.t.Helper()
	who := citizen
	who.ID = author
	b.commit(created(comment(id, who, text)))
	items, err := b.s.Pending(b.ctx, 100)
	b.must(err)
	i := slices.IndexFunc(items, func(x detect.Item) bool { return x.Ref == ref("r"+id) })
	it := items[i]
	it.Place = place
	_, err = b.s.Conclude(b.ctx, b.detect, []detect.Conclusion{{Item: it, Hits: []detect.Hit{{RuleID: "r-pit", RuleName: "Ямы", TopicID: "pits"}}, Topic: dictionary().Topics[0]}}, b.now)
	b.must(err)
	page, err := b.s.Inbox(b.ctx, incidents.Filter{By: rights.System(), Now: b.now, Sort: incidents.Newest, Limit: 1})
	b.must(err)
	v, err := b.s.View(b.ctx, page.Rows[0].ID, reader("x"), b.now)
	b.must(err)
	return v.Case
}

func TestACaseHasItsPlaceAndItsRoute(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		list := town(b)
		b.must(b.s.SaveGazetteer(b.ctx, keeper, list, b.now))
		b.must(b.s.SaveRoute(b.ctx, keeper, incidents.Route{TopicID: "pits", PlaceID: list[1].ID, DepartmentID: "water"}, b.now))
		path := []string{list[2].ID, list[1].ID, list[0].ID}
		c := b.openedAt("1", "1", "яма на Мира 5", detect.Place{Territory: path[0], Title: "улица Мира, 5", From: incidents.FromMessage, Path: path, Words: []string{"Мира 5"}})
		want := incidents.Place{ID: path[0], Title: "улица Мира, 5", Words: "Мира 5", From: incidents.FromMessage, Path: path}
		if diff := cmp.Diff(want, c.Place); diff != "" || c.DepartmentID != "water" {
			t.Fatal(diff, c.DepartmentID)
		}
		other := b.openedAt("2", "2", "яма", detect.Place{})
		if other.Place.Known() || other.DepartmentID != "roads" {
			t.Fatalf("%+v", other)
		}
		for _, x := range []struct {
			places []string
			want   int
		}{{[]string{list[0].ID}, 1}, {[]string{list[2].ID}, 1}, {[]string{"-"}, 1}, {[]string{"-", list[1].ID}, 2}, {[]string{"abc"}, 0}} {
			page, err := b.s.Inbox(b.ctx, incidents.Filter{By: rights.System(), Places: x.places, Now: b.now, Limit: 10})
			if err != nil || page.Total != x.want {
				t.Errorf("%v: %d cases, want %d (%v)", x.places, page.Total, x.want, err)
			}
		}
		desk := incidents.NewDesk(b.s, func() time.Time { return b.now })
		c, err := desk.Do(b.ctx, actor("m", "", rights.Moderator), other.ID, other.Version, incidents.Locate{Place: incidents.Place{Title: "у реки"}, DepartmentID: "water"})
		if err != nil || c.Place.From != incidents.FromPerson || c.DepartmentID != "water" {
			t.Fatalf("%+v %v", c, err)
		}
		c, err = desk.Do(b.ctx, actor("m", "", rights.Moderator), c.ID, c.Version, incidents.Classify{TopicID: "leaks", TopicName: "Протечки", FactID: "f", FactName: "Факт", Fast: true, Hours: 3})
		if err != nil || c.FactID != "f" || !c.Fast || c.DueAt != c.OpenedAt.Add(3*3600e9) {
			t.Fatalf("%+v %v", c, err)
		}
		v, err := b.s.View(b.ctx, c.ID, reader("x"), b.now)
		if err != nil || v.Case.FactName != "Факт" || !v.Case.Fast || v.Case.Place.Title != "у реки" {
			t.Fatalf("%+v %v", v.Case, err)
		}
	})
}

func TestThreadPosts(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.commit(created(post("1", "Ремонт на улице Мира")), created(comment("1", citizen, "яма")))
		items, err := b.s.Pending(b.ctx, 10)
		b.must(err)
		var ids []string
		for _, it := range items {
			ids = append(ids, it.ID)
		}
		got, err := b.s.ThreadPosts(b.ctx, ids)
		b.must(err)
		for _, it := range items {
			if it.Kind == "comment" && got[it.ID] != "Ремонт на улице Мира" || it.Kind == "post" && got[it.ID] != "" {
				t.Errorf("%s: %q", it.Kind, got[it.ID])
			}
		}
		if got, err := b.s.ThreadPosts(b.ctx, nil); err != nil || len(got) != 0 {
			t.Error(got, err)
		}
	})
}

func TestRubricatorIsKept(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		r := rubricator.Rubricator{
			Answers: []rubricator.Answer{{ID: "a", Text: "Здравствуйте!\nПриедем."}},
			Facts: []rubricator.Fact{
				{ID: "d.p.y", Category: "Дороги", Subcategory: "Покрытие", Name: "Яма", DepartmentID: "roads", TopicID: "pits", Hours: 24, Required: []rubricator.Field{rubricator.Address}, AnswerID: "a"},
				{ID: "d.p.k", Category: "Дороги", Subcategory: "Покрытие", Name: "Колея", DepartmentID: "roads", Fast: true, Hours: 5},
			},
		}
		b.must(b.s.SeedRubricator(b.ctx, r, b.now))
		b.must(b.s.SeedRubricator(b.ctx, rubricator.Starter(), b.now)) // it is the agency's now
		got, err := b.s.Rubricator(b.ctx)
		b.must(err)
		want := r
		want.Facts = slices.Clone(r.Facts)
		want.Facts[1].Required = []rubricator.Field{}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		f := r.Facts[0]
		f.Name, f.Hours, f.Inactive = "Яма на дороге", 48, true
		b.must(b.s.SaveFact(b.ctx, keeper, f, b.now))
		for _, wrong := range []rubricator.Fact{{}, {ID: "d.p.y", Category: "Д", Name: "Я", DepartmentID: "no", Hours: 1}, {ID: "d.p.y", Category: "Д", Name: "Я", DepartmentID: "roads", Hours: 1, AnswerID: "no"}} {
			if err := b.s.SaveFact(b.ctx, keeper, wrong, b.now); errs.CodeOf(err) != errs.Invalid {
				t.Errorf("%+v: %v", wrong, err)
			}
		}
		f.ID = "no"
		if err := b.s.SaveFact(b.ctx, keeper, f, b.now); errs.CodeOf(err) != errs.NotFound {
			t.Error(err)
		}
		if err := b.s.SaveFact(b.ctx, executor, r.Facts[0], b.now); errs.CodeOf(err) != errs.Forbidden {
			t.Error(err)
		}
		b.must(b.s.SaveRubricator(b.ctx, keeper, rubricator.Rubricator{Answers: r.Answers, Facts: r.Facts[:1]}, b.now))
		got, err = b.s.Rubricator(b.ctx)
		if err != nil || len(got.Facts) != 2 || got.Facts[0].Name != "Яма" || got.Facts[0].Inactive || !got.Facts[1].Inactive {
			t.Fatalf("%+v %v", got.Facts, err)
		}
		m := rubricator.Mapping{"d.p.y": {Code: "12", Name: "Дороги"}}
		b.must(b.s.SaveMapping(b.ctx, keeper, "Региональный", m, b.now))
		all, err := b.s.Mappings(b.ctx)
		if diff := cmp.Diff(map[string]rubricator.Mapping{"Региональный": m}, all); err != nil || diff != "" {
			t.Fatal(err, diff)
		}
		b.must(b.s.SaveMapping(b.ctx, keeper, "Региональный", nil, b.now))
		if all, err := b.s.Mappings(b.ctx); err != nil || len(all) != 0 {
			t.Fatal(all, err)
		}
	})
}
