package app

import (
	"slices"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/incidents"
	"otklik/index"
	"otklik/index/places"
	"otklik/internal/detect"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/internal/store"
	"otklik/internal/testdb"
)

// TestAPlaceIsOfTheMessageThePostOrThePage goes the way of a comment from the
// network to its place and to a rule that asks for it.
func TestAPlaceIsOfTheMessageThePostOrThePage(t *testing.T) {
	t.Parallel()
	ctx, now := t.Context(), time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	s, err := store.Open(ctx, testdb.SQLite(t))
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	must(t, Seed(ctx, s, now))
	at := newAtlas(s, index.NewAnalyzer())
	page, err := s.EnsureSource(ctx, collectors.SourceStatus{Network: social.VK, Title: "Город", Kind: "сообщество"}, "-1", now)
	must(t, err)
	ref := func(id string) social.Ref { return social.Ref{Network: social.VK, Owner: "-1", ID: id} }
	say := func(kind social.Kind, id, thread, text string) collectors.Update {
		it := social.Item{Ref: ref(id), Kind: kind, Thread: ref(thread), Author: social.Author{ID: "5"}, Text: text, PublishedAt: now}
		return collectors.Update{Key: id, Raw: []byte("{}"), Changes: []collectors.Change{{Op: collectors.Created, Item: it}}}
	}
	stream := collectors.Stream{Name: "vk:1:live", SourceID: page}
	must(t, s.EnsureStream(ctx, stream, now))
	l, err := s.Take(ctx, stream.Name, "me", time.Hour, now)
	must(t, err)
	_, err = s.Commit(ctx, l, stream, collectors.Batch{Next: "1", Updates: []collectors.Update{
		say(social.Post, "1", "1", "Ремонт на улице Мира"), say(social.Comment, "r1", "1", "яма у дома, ужас"),
		say(social.Comment, "r2", "1", "На Садовой, 3 яма, кв. 9"), say(social.Post, "2", "2", "Добрый день"), say(social.Comment, "r3", "2", "яма"),
	}}, now)
	must(t, err)
	where := func() map[string]detect.Place {
		items, err := s.Pending(ctx, 10)
		must(t, err)
		list, err := at.Locate(ctx, items)
		must(t, err)
		out := map[string]detect.Place{}
		for i, it := range items {
			out[it.Ref.ID] = list[i]
		}
		return out
	}
	if got := where()["r2"]; got.Territory != "" || got.Title != "Садовая улица, 3" {
		t.Errorf("without a gazetteer: %+v", got)
	}
	list, bad := places.Read(places.Columns(), []places.Row{
		{Number: 2, Cells: []string{"город", "Энск", "", "", ""}},
		{Number: 3, Cells: []string{"район", "Заречный", "Энск", "", ""}},
		{Number: 4, Cells: []string{"улица", "Мира", "Энск", "", ""}},
		{Number: 5, Cells: []string{"улица", "Садовая", "Заречный район", "", ""}},
	})
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	must(t, s.SaveGazetteer(ctx, rights.System(), list, now))
	must(t, s.SavePagePlace(ctx, rights.System(), page, list[0].ID, now))
	got := where()
	for id, want := range map[string]detect.Place{
		"r1": {Title: "улица Мира", From: incidents.FromPost}, "r2": {Title: "Садовая улица, 3 (Заречный район)", From: incidents.FromMessage}, "r3": {Title: "город Энск", From: incidents.FromPage},
	} {
		if got[id].Title != want.Title || got[id].From != want.From || got[id].Territory == "" || !slices.Contains(got[id].Path, list[0].ID) {
			t.Errorf("%s: %+v, want %+v", id, got[id], want)
		}
	}
	if words := got["r2"].Words; !slices.Equal(words, []string{"Садовой, 3"}) {
		t.Errorf("words %q", words)
	}
	m, wrong := compile([]detect.Rule{{ID: "r", TopicID: "yamy", Name: "Ямы в Заречном", Expr: `яма территория:"Заречный район"`}})
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	for id, want := range map[string]int{"r1": 0, "r2": 1, "r3": 0} {
		it := detect.Item{Place: got[id], Item: social.Item{Ref: ref(id), Kind: social.Comment, Text: "яма"}}
		if hits := m.Match(it); len(hits) != want {
			t.Errorf("%s: %d hits, want %d", id, len(hits), want)
		}
	}
	stored, err := s.Changed(ctx, 0, 10)
	must(t, err)
	for i := range stored {
		if stored[i].Item.Ref.ID == "r3" { // a person knows better
			stored[i].Place = incidents.Place{ID: list[1].ID, Title: list[1].Title(), From: incidents.FromPerson}
		}
	}
	names, err := at.territories(ctx, stored)
	must(t, err)
	for i, x := range stored {
		want := map[string]string{"1": "улица Мира", "r1": "улица Мира", "r2": "Заречный район", "2": "город Энск", "r3": "Заречный район"}[x.Item.Ref.ID]
		if !slices.Contains(names[i], want) || !slices.Contains(names[i], "город Энск") {
			t.Errorf("%s: the archive calls it %q, want %s", x.Item.Ref.ID, names[i], want)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var _ detect.Locator = (*atlas)(nil)
