package vk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/collectors/collectortest"
	"otklik/collectors/vk"
	netvk "otklik/internal/network/vk"
	"otklik/internal/sim/record"
	simvk "otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
	"otklik/internal/social"
	"otklik/internal/store"
)

func searchOf(n *vktest.Network, wall int, query string, change func(*vk.SearchOptions)) *vk.Search {
	o := vk.SearchOptions{Client: service(n), Query: query, Wall: wall, Names: vk.NewNames(service(n), n.Now), Now: n.Now}
	if change != nil {
		change(&o)
	}
	return vk.NewSearch(o)
}

// searched plays a community whose posts a search finds. All of the story's
// words hold one letter, which is what is searched for.
type searched struct {
	harness
	wall int
}

func TestSearchConformance(t *testing.T) {
	t.Parallel()
	for name, wall := range map[string]int{"all of VK": 0, "one wall": vktest.OwnerID} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			collectortest.RunAs(t, collectortest.Nature{Listed: true, Posts: true}, func(t *testing.T) collectortest.Harness {
				n := vktest.Start(t, simvk.Options{})
				n.Must(n.DeletePost(vktest.OwnerID, n.Post))
				return searched{harness{n, t}, wall}
			})
		})
	}
}

func (h searched) Streams(*store.Store) []collectors.Source {
	return []collectors.Source{searchOf(h.Network, h.wall, "т", func(o *vk.SearchOptions) {
		o.Every = 30 * time.Millisecond
		o.Own = func(id int) bool { return id == vktest.OwnerID }
	})}
}

// Edit implements collectortest.Harness for posts.
func (h searched) Edit(ref social.Ref, text string) {
	h.Must(h.EditPost(vktest.OwnerID, h.number(ref), text))
}

// Delete implements collectortest.Harness: a search does not tell of it.
func (h searched) Delete(ref social.Ref) bool {
	h.Must(h.DeletePost(vktest.OwnerID, h.number(ref)))
	return false
}

func TestASearchFindsPostsOfAllWallsUnderTheirTrueNames(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, simvk.Options{})
	n.MustPost(simvk.NewPost{OwnerID: vktest.Boris, FromID: vktest.Boris, Text: "На Лесной яма третий год"})
	n.MustPost(simvk.NewPost{OwnerID: -vktest.OtherGroupID, Text: "Яма у соседей"})
	n.MustPost(simvk.NewPost{Text: "Засыпана яма"})
	n.MustPost(simvk.NewPost{OwnerID: vktest.Anna, FromID: vktest.Anna, Text: "Спасибо за клумбу"})
	n.MustPost(simvk.NewPost{OwnerID: vktest.Anna, FromID: vktest.Anna, Text: "Яма прошлым летом", Date: n.Now().Add(-90 * 24 * time.Hour)})
	s := searchOf(n, 0, "яма", func(o *vk.SearchOptions) { o.Own = func(id int) bool { return id == vktest.OwnerID } })
	all, end := passOf(t, s, "")
	if len(all) != 3 {
		t.Fatalf("found %q", lines(all))
	}
	for _, c := range all {
		it := c.Item
		if it.Author.Name == "" || it.Thread != it.Ref || it.Author.Own != (it.Ref.Owner == "-101") || c.AskedAt.IsZero() {
			t.Errorf("%+v", it)
		}
	}
	if end.CompleteTo.IsZero() || len(end.Filled) != 1 || len(end.Gaps) != 0 {
		t.Errorf("%+v", end)
	}
	// What comes into the network's index late is found as long as it is within
	// half an hour, and later than that by the long look.
	n.Advance(time.Hour)
	n.MustPost(simvk.NewPost{OwnerID: vktest.Boris, FromID: vktest.Boris, Text: "Ещё яма", Date: n.Now().Add(-80 * time.Minute)})
	if all, end = passOf(t, s, end.Next); len(all) != 4 {
		t.Errorf("the second pass found %q", lines(all))
	}
	n.Advance(2 * time.Hour)
	n.MustPost(simvk.NewPost{OwnerID: vktest.Boris, FromID: vktest.Boris, Text: "Давняя яма", Date: n.Now().Add(-170 * time.Minute)})
	if all, end = passOf(t, s, end.Next); strings.Contains(strings.Join(lines(all), "\n"), "Давняя") {
		t.Error("every pass reaches back for hours")
	}
	n.Advance(4 * time.Hour)
	if all, _ = passOf(t, s, end.Next); !strings.Contains(strings.Join(lines(all), "\n"), "Давняя") {
		t.Errorf("the long look found %q", lines(all))
	}
}

func TestASearchGoesBeyondWhatTheNetworkListsOfAQuery(t *testing.T) {
	t.Parallel()
	for name, wall := range map[string]int{"all of VK": 0, "one wall": vktest.OwnerID} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := vktest.Start(t, simvk.Options{})
			for i := range 1450 {
				n.MustPost(simvk.NewPost{Text: "Яма", Date: n.Now().Add(-time.Duration(i) * time.Minute)})
			}
			all, end := passOf(t, searchOf(n, wall, "яма", nil), "")
			if got := len(refs(all, collectors.Listed)); got != 1450 || len(end.Gaps) != 0 {
				t.Errorf("found %d posts, gaps %+v", got, end.Gaps)
			}
		})
	}
}

func TestWhatASearchLeavesOutIsAGap(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, simvk.Options{})
	at := n.Now().Add(-time.Hour).Truncate(time.Second)
	for range 1100 {
		n.MustPost(simvk.NewPost{Text: "Яма", Date: at})
	}
	_, end := passOf(t, searchOf(n, 0, "яма", nil), "")
	if len(end.Gaps) != 1 || !strings.Contains(end.Gaps[0].Reason, "не больше тысячи") || end.CompleteTo.IsZero() {
		t.Errorf("a thousand posts of one second: %+v", end)
	}
	m := vktest.Start(t, simvk.Options{})
	for i := range 2600 {
		m.MustPost(simvk.NewPost{Text: "Яма", Date: m.Now().Add(-time.Duration(i) * time.Minute)})
	}
	_, end = passOf(t, searchOf(m, vktest.OwnerID, "яма", nil), "")
	if len(end.Gaps) != 1 || !strings.Contains(end.Gaps[0].Reason, "Уточните запрос.") || len(end.Filled) != 1 || !end.Filled[0].From.Equal(end.Gaps[0].To) {
		t.Errorf("more than a pass reads: %+v", end)
	}
	if calls := m.Calls("wall.search"); calls != 25 {
		t.Errorf("%d calls", calls)
	}
}

func TestSearchTroubles(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]struct {
		kind collectors.TroubleKind
		part string
	}{
		5: {collectors.Denied, "сервисный ключ"}, 29: {collectors.Limited, "Суточный предел"},
		100: {collectors.Denied, "запрос"}, 10: {collectors.Passing, "повторит"},
	} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			n := vktest.Start(t, simvk.Options{})
			n.Faults().Add(record.Fault{Method: "*.search", Kind: record.FaultError, Code: code})
			_, err := searchOf(n, 0, "яма", nil).Fetch(t.Context(), "")
			wantTrouble(t, err, want.kind, want.part)
		})
	}
	n := vktest.Start(t, simvk.Options{})
	wrong := searchOf(n, 0, "яма", func(o *vk.SearchOptions) { o.Client = client(n, netvk.CommunityKey, vktest.CommunityToken) })
	_, err := wrong.Fetch(t.Context(), "")
	wantTrouble(t, err, collectors.Denied, "сервисный ключ")
}
