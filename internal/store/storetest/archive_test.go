package storetest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/collectors"
	"otklik/incidents"
	"otklik/internal/alarm"
	"otklik/internal/errs"
	"otklik/internal/finding"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/internal/store"
)

// changes reads what the search index would read next, as «id:topic:place:case».
type changes struct {
	b     *bundle
	after int64
}

func (c *changes) want(what ...string) {
	c.b.t.Helper()
	list, err := c.b.s.Changed(c.b.ctx, c.after, 100)
	c.b.must(err)
	var got []string
	for _, x := range list {
		c.after = x.Revision
		got = append(got, fmt.Sprintf("%s:%s:%s:%v", x.Item.Ref.ID, x.TopicID, x.Place.Title, x.CaseID != ""))
	}
	if !slices.Equal(got, what) {
		c.b.t.Fatalf("%q, want %q", got, what)
	}
}

func TestTheArchiveFollowsWhatBecomesOfAnItem(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.must(b.s.SaveGazetteer(b.ctx, keeper, town(b), b.now))
		c := changes{b: b}
		first := b.open(comment("1", citizen, "яма"))
		c.want("r1:pits::true")
		b.commit(created(comment("2", citizen, "опять")), created(comment("3", social.Author{ID: "7"}, "лужа")))
		c.want("r2:::false", "r3:::false")
		_, err := b.s.OpenByHand(b.ctx, moderator, b.texts("SELECT id FROM items WHERE item_id = 'r2'")[0], b.now)
		b.must(err)
		c.want("r2:pits::true")
		b.do(moderator, first.ID, incidents.Classify{TopicID: "leaks", TopicName: "Протечки"})
		c.want("r1:leaks::true", "r2:leaks::true")
		b.do(moderator, first.ID, incidents.Locate{Place: incidents.Place{ID: town(b)[2].ID, Title: "улица Мира", From: incidents.FromPerson}})
		c.want("r1:leaks:улица Мира:true", "r2:leaks:улица Мира:true")
		b.do(moderator, first.ID, incidents.Accept{})
		c.want()
		b.detectAll()
		c.want()
		// A rule that is written later gives topics to what is stored, and takes them.
		b.must(b.saveRule(pits("яма | лужа"), 1, b.now.AddDate(0, 0, -30)))
		b.scanAll(wordsMatcher)
		list, err := b.s.Changed(b.ctx, c.after, 10)
		b.must(err)
		if !slices.ContainsFunc(list, func(x store.Changed) bool { return x.Item.Ref.ID == "r3" && x.TopicID == "pits" }) {
			t.Fatalf("the message that the new rule found is not told of: %+v", list)
		}
		c.after = list[len(list)-1].Revision
		b.must(b.saveRule(pits("яма"), 2, b.now.AddDate(0, 0, -30)))
		b.scanAll(wordsMatcher)
		c.want("r3:::false")
	})
}

func TestPlacesThatChangeBuildTheArchiveAnew(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		wish := func() int64 {
			w, _, _, err := b.s.ArchiveWishes(b.ctx)
			b.must(err)
			return w
		}
		b.must(b.s.SaveGazetteer(b.ctx, keeper, town(b), b.now))
		if wish() != 0 {
			t.Fatal("an archive without a message is to be built anew")
		}
		b.commit(created(comment("1", citizen, "яма")))
		b.must(b.s.SaveGazetteer(b.ctx, keeper, town(b), b.now))
		b.must(b.s.SavePagePlace(b.ctx, keeper, b.source, town(b)[0].ID, b.now))
		if wish() != 2 {
			t.Fatalf("wish %d", wish())
		}
	})
}

func TestWhatPeopleAskOfTheArchive(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		for _, err := range []error{b.s.WishReindex(b.ctx, executor, b.now), b.s.KeepMonths(b.ctx, executor, 3, b.now)} {
			if errs.CodeOf(err) != errs.Forbidden {
				t.Fatal(err)
			}
		}
		for _, months := range []int{-1, 241} {
			if err := b.s.KeepMonths(b.ctx, keeper, months, b.now); errs.CodeOf(err) != errs.Invalid {
				t.Fatal(months, err)
			}
		}
		b.must(b.s.WishReindex(b.ctx, keeper, b.now))
		for _, months := range []int{12, 6, 6} { // fewer months need nothing built anew
			b.must(b.s.KeepMonths(b.ctx, keeper, months, b.now))
		}
		wish, months, _, err := b.s.ArchiveWishes(b.ctx)
		if err != nil || wish != 1 || months != 6 {
			t.Fatal(wish, months, err)
		}
		b.must(b.s.KeepMonths(b.ctx, keeper, 7, b.now))
		b.must(b.s.KeepMonths(b.ctx, keeper, 0, b.now))
		if wish, _, _, _ := b.s.ArchiveWishes(b.ctx); wish != 3 {
			t.Fatalf("months come back into view, and the wish is %d", wish)
		}
	})
}

func TestWhatACheckHasToFind(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		from, to, err := b.s.PublishedSpan(b.ctx)
		if err != nil || !from.IsZero() || !to.IsZero() {
			t.Fatal(from, to, err)
		}
		old := comment("1", citizen, "яма")
		old.PublishedAt = old.PublishedAt.AddDate(0, -2, 0)
		b.commit(created(old), created(comment("2", citizen, "ещё")), collectors.Change{Op: collectors.Deleted, Item: social.Item{Ref: ref("never")}})
		from, to, err = b.s.PublishedSpan(b.ctx)
		if err != nil || !from.Equal(old.PublishedAt) || !to.Equal(comment("2", citizen, "").PublishedAt) {
			t.Fatal(from, to, err)
		}
		all, err := b.s.RevisionsOf(b.ctx, from, to.Add(time.Microsecond), 1<<40)
		b.must(err)
		one, err := b.s.RevisionsOf(b.ctx, from, to, 1<<40)
		b.must(err)
		early, err := b.s.RevisionsOf(b.ctx, from, to.Add(time.Hour), one[0].Revision)
		b.must(err)
		if len(all) != 2 || len(one) != 1 || !cmp.Equal(one, early) {
			t.Fatal(all, one, early)
		}
		items, err := b.s.ItemsOf(b.ctx, []string{one[0].ID, "nothing"})
		if err != nil || len(items) != 1 || items[0].Item.Text != "яма" || items[0].Seq != 1 || !items[0].StoredAt.Equal(b.now) {
			t.Fatalf("%+v %v", items, err)
		}
		if none, err := b.s.ItemsOf(b.ctx, nil); err != nil || len(none) != 0 {
			t.Fatal(none, err)
		}
	})
}

func TestFoundItemsHaveAllTheirTexts(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		c := b.open(comment("1", citizen, "яма"))
		b.commit(created(comment("2", social.Author{ID: "7"}, "спасибо")))
		edited := comment("1", citizen, "яма у школы")
		edited.EditedAt = b.now
		b.commit(collectors.Change{Op: collectors.Edited, Item: edited}, collectors.Change{Op: collectors.Deleted, Item: social.Item{Ref: ref("r1")}})
		ids := b.texts("SELECT id FROM items ORDER BY seq DESC")
		list, err := b.s.FoundItems(b.ctx, append([]string{"gone"}, ids...))
		b.must(err)
		if len(list) != 2 || list[0].ID != ids[0] || list[0].CaseNumber != 0 || list[1].CaseNumber != c.Number || list[1].Topic != "Ямы" ||
			list[1].Source != "Город" || list[1].Versions != 2 || list[1].DeletedAt.IsZero() {
			t.Fatalf("%+v", list)
		}
		x, versions, err := b.s.FoundItem(b.ctx, ids[1])
		if err != nil || x.Message.Text != "яма у школы" || len(versions) != 2 || versions[0].Text != "яма" {
			t.Fatalf("%+v %+v %v", x, versions, err)
		}
		if _, _, err := b.s.FoundItem(b.ctx, "gone"); errs.CodeOf(err) != errs.NotFound {
			t.Fatal(err)
		}
	})
}

func TestChecksAreToldOfUntilOneIsCalm(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		l := b.take("audit")
		check := func(c finding.Check) {
			c.Begun, c.Ended = b.now, b.now.Add(time.Second)
			b.must(b.s.KeepArchiveCheck(b.ctx, c, c.Ended))
		}
		open := func() (list []alarm.Alarm) {
			b.audit(l)
			for _, a := range b.alarms(alarm.Filter{}).Alarms {
				if a.Kind == alarm.ArchiveWrong {
					list = append(list, a)
				}
			}
			return list
		}
		check(finding.Check{Node: "a", Items: 9, Missing: 2, Stale: 1, Extra: 4, Months: []string{"2026-03"}})
		check(finding.Check{Node: "b", Items: 9, Months: []string{}})
		got := open()
		if len(got) != 1 || got[0].Subject != "a" || got[0].Detail.Count != 7 || got[0].Detail.Name != "a" {
			t.Fatalf("%+v", got)
		}
		list, err := b.s.ArchiveChecks(b.ctx, 5)
		b.must(err)
		if len(list) != 2 || list[1].Node != "a" && list[0].Node != "a" {
			t.Fatalf("%+v", list)
		}
		b.now = b.now.Add(time.Hour)
		check(finding.Check{Node: "b", Trouble: "Архив не читается.", Months: []string{}})
		if got := open(); len(got) != 2 {
			t.Fatalf("%+v", got)
		}
		b.now = b.now.Add(time.Hour)
		check(finding.Check{Node: "a", Items: 9, Months: []string{}})
		if got := open(); len(got) != 1 || got[0].Subject != "b" || got[0].Detail.Trouble == "" {
			t.Fatalf("what agrees again is still told of: %+v", got)
		}
		b.now = b.now.AddDate(0, 0, 3) // a machine that is gone
		if got := open(); len(got) != 0 {
			t.Fatalf("%+v", got)
		}
		b.now = b.now.AddDate(1, 0, 1)
		check(finding.Check{Node: "c", Months: []string{}})
		if n := b.count("SELECT COUNT(*) FROM archive_checks"); n != 1 {
			t.Fatalf("%d checks are kept", n)
		}
	})
}

func TestSavedSearchesArePeoples(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		anna, boris := b.searcher("anna"), b.searcher("boris")
		for _, name := range []string{"", "  ", strings.Repeat("ё", 81)} {
			if _, err := b.s.SaveSearch(b.ctx, anna, finding.Saved{Name: name}, b.now); errs.CodeOf(err) != errs.Invalid {
				t.Fatalf("%q: %v", name, err)
			}
		}
		own := b.save(anna, finding.Saved{Name: "Вода", Query: "q=вода"})
		shared := b.save(anna, finding.Saved{Name: "Ямы", Query: "q=яма", Shared: true})
		if b.save(anna, finding.Saved{Name: " Вода ", Query: "q=течь"}) != own || b.save(boris, finding.Saved{Name: "Вода", Query: "q=вода"}) == own {
			t.Fatal("a name is its owner's")
		}
		if got := b.names(anna); got != "Вода q=течь 0, Ямы q=яма 0" {
			t.Fatal(got)
		}
		if got := b.names(boris); got != "Вода q=вода 0, Ямы q=яма 0" {
			t.Fatal(got)
		}
		if err := b.s.ForgetSearch(b.ctx, boris, shared, b.now); errs.CodeOf(err) != errs.NotFound {
			t.Fatal(err)
		}
		b.must(b.s.ForgetSearch(b.ctx, anna, shared, b.now))
		if got := b.names(boris); got != "Вода q=вода 0" {
			t.Fatal(got)
		}
	})
}

func TestManyAtOnceSaveNoMoreThanTheBound(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		anna := b.searcher("anna")
		for i := range 48 {
			b.save(anna, finding.Saved{Name: fmt.Sprint("Поиск ", i), Query: "q=x"})
		}
		var all sync.WaitGroup
		for i := range 6 {
			all.Go(func() {
				_, err := b.s.SaveSearch(b.ctx, anna, finding.Saved{Name: fmt.Sprint("Ещё ", i), Query: "q=x"}, b.now)
				if code := errs.CodeOf(err); err != nil && code != errs.Invalid && code != errs.Conflict {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := b.count("SELECT COUNT(*) FROM saved_searches"); n > 50 {
			t.Fatalf("%d searches", n)
		}
	})
}

func TestWhatIsNewInASavedSearch(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		anna, boris := b.searcher("anna"), b.searcher("boris")
		b.commit(created(comment("1", citizen, "яма")))
		id := b.save(anna, finding.Saved{Name: "Ямы", Query: "q=яма", Shared: true})
		w, err := b.s.WatchedSearches(b.ctx)
		if err != nil || len(w.List) != 1 || w.List[0].AfterSeq != 1 || w.Newest != 1 || w.UpTo != 0 || w.Revision == 0 {
			t.Fatalf("%+v %v", w, err)
		}
		b.commit(created(comment("2", citizen, "яма")))
		item := b.texts("SELECT id FROM items WHERE item_id = 'r2'")[0]
		b.now = b.now.Add(time.Minute)
		for range 2 {
			b.must(b.s.KeepSearchHits(b.ctx, []store.SearchHit{{SearchID: id, ItemID: item}, {SearchID: "gone", ItemID: item}}, 2, b.now))
		}
		b.must(b.s.KeepSearchHits(b.ctx, nil, 1, b.now)) // late, and takes nothing back
		if w, _ = b.s.WatchedSearches(b.ctx); w.UpTo != 2 {
			t.Fatalf("%+v", w)
		}
		if x, y := b.names(anna), b.names(boris); x != "Ямы q=яма 1" || y != x {
			t.Fatal(x, y)
		}
		b.must(b.s.LookAtSearch(b.ctx, anna.ID, id, b.now))
		if x, y := b.names(anna), b.names(boris); x != "Ямы q=яма 0" || y != "Ямы q=яма 1" {
			t.Fatal(x, y)
		}
		// The same query under another name of the button keeps what was found, another does not.
		b.save(anna, finding.Saved{Name: "Ямы", Query: "q=яма", Shared: true})
		if got := b.names(boris); got != "Ямы q=яма 1" {
			t.Fatal(got)
		}
		b.save(anna, finding.Saved{Name: "Ямы", Query: "q=лужа", Shared: true})
		if got := b.names(boris); got != "Ямы q=лужа 0" {
			t.Fatal(got)
		}
		if w, _ = b.s.WatchedSearches(b.ctx); w.List[0].AfterSeq != 2 {
			t.Fatalf("%+v", w)
		}
	})
}

func (b *bundle) searcher(name string) rights.Actor {
	b.t.Helper()
	return rights.Actor{ID: b.person(name+"@city.ru", name, rights.Curator), Name: name, Roles: []rights.Role{rights.Curator}}
}

func (b *bundle) save(by rights.Actor, x finding.Saved) string {
	b.t.Helper()
	id, err := b.s.SaveSearch(b.ctx, by, x, b.now)
	b.must(err)
	return id
}

// names are the saved searches that a person sees, with what is new in them.
func (b *bundle) names(by rights.Actor) string {
	b.t.Helper()
	list, err := b.s.SavedSearches(b.ctx, by.ID)
	b.must(err)
	var out []string
	for _, x := range list {
		out = append(out, fmt.Sprintf("%s %s %d", x.Name, x.Query, x.New))
	}
	return strings.Join(out, ", ")
}
