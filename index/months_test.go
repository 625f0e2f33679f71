package index

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"otklik/internal/social"

	"github.com/google/go-cmp/cmp"
)

// spread puts documents over many months.
func spread(n int) []Doc {
	docs := make([]Doc, n)
	for i := range docs {
		docs[i] = Doc{
			ID: fmt.Sprintf("%05d", i), Text: "нет воды", Source: fmt.Sprint("s", i%3), Network: social.VK, Kind: social.Comment,
			Published: noon.Add(-time.Duration(i) * 31 * time.Hour), Revision: int64(i + 1),
		}
		if i%4 == 0 {
			docs[i].Network, docs[i].Topic, docs[i].Case = social.Telegram, "t1", "c"
		}
		if i%5 == 0 {
			docs[i].Text, docs[i].Kind = "вода, вода и ещё раз вода", social.Post
		}
	}
	return docs
}

func TestMonthsAnswerAsOne(t *testing.T) {
	t.Parallel()
	a, _ := openArchive(t, filepath.Join(t.TempDir(), "index"))
	docs := spread(700)
	put(t, a, "1", docs...)
	months, err := a.Months()
	if err != nil || len(months) < 29 || months[0].Name != "2026-03" {
		t.Fatalf("months %v, %v", months, err)
	}
	ids := func(keep func(Doc) bool) (out []string) {
		for _, d := range docs {
			if keep(d) {
				out = append(out, d.ID)
			}
		}
		return out
	}
	for name, tt := range map[string]struct {
		q    Query
		want []string
	}{
		"all":     {Query{}, ids(func(Doc) bool { return true })},
		"words":   {Query{Text: "вода"}, ids(func(Doc) bool { return true })},
		"near":    {Query{Text: "нет /2 вода"}, ids(func(d Doc) bool { return d.Kind == social.Comment })},
		"window":  {Query{Text: "вода", From: docs[300].Published, To: docs[100].Published}, ids(func(d Doc) bool { return d.ID > "00100" && d.ID <= "00300" })},
		"without": {Query{WithoutCase: true, Topics: []string{"t1"}}, nil},
		"lists": {
			Query{Sources: []string{"s1", "s2", "unknown"}, Networks: []social.Network{social.Telegram}, WithCase: true},
			ids(func(d Doc) bool { return d.Case != "" && d.Source != "s0" }),
		},
		"unknown": {Query{Sources: []string{"unknown"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			for _, order := range []Order{Newest, Oldest, Relevant} {
				q := tt.q
				q.Order, q.Limit = order, 70
				var got []string
				for pages := 0; pages < 30; pages++ {
					page, f := found(t, a, q)
					got = append(got, page...)
					if pages == 0 && f.Total != len(tt.want) {
						t.Errorf("total %d, want %d", f.Total, len(tt.want))
					}
					if q.After = f.Next; q.After == "" {
						break
					}
				}
				want := slices.Clone(tt.want)
				switch order {
				case Oldest:
					slices.Reverse(want)
				case Relevant:
					slices.Sort(got)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("order %d: %s", order, diff)
				}
			}
		})
	}
	first, _ := found(t, a, Query{Text: "вода", Order: Relevant, Limit: 5})
	for _, id := range first {
		var n int
		if fmt.Sscan("1"+id, &n); n%5 != 0 {
			t.Errorf("%s says «вода» once and stands among the first", id)
		}
	}
}

func TestFacets(t *testing.T) {
	t.Parallel()
	a, _ := openArchive(t, filepath.Join(t.TempDir(), "index"))
	put(t, a, "1", spread(600)...)
	_, f := found(t, a, Query{Text: "вода", Facets: true})
	want := Facets{
		Networks: map[string]int{"vk": 450, "telegram": 150}, Kinds: map[string]int{"comment": 480, "post": 120},
		Sources: map[string]int{"s0": 200, "s1": 200, "s2": 200}, Topics: map[string]int{"t1": 150}, WithCase: 150,
	}
	if diff := cmp.Diff(want, f.Facets); diff != "" {
		t.Error(diff)
	}
	// What was chosen of a property narrows all facets but its own.
	_, f = found(t, a, Query{Text: "вода", Facets: true, Networks: []social.Network{social.VK}})
	if f.Total != 450 || f.Facets.Networks["telegram"] != 150 || len(f.Facets.Topics) != 0 || f.Facets.WithCase != 0 {
		t.Errorf("%d, %+v", f.Total, f.Facets)
	}
	_, f = found(t, a, Query{Text: "нет /2 вода", Facets: true})
	if f.Facets.Kinds["comment"] != 480 || f.Facets.Kinds["post"] != 0 {
		t.Errorf("%+v", f.Facets)
	}
}

func TestChangedDocumentsAreCountedOnce(t *testing.T) {
	t.Parallel()
	a, _ := openArchive(t, filepath.Join(t.TempDir(), "index"))
	docs := spread(50)
	put(t, a, "1", docs...)
	for round := range 4 {
		for i := range docs {
			docs[i].Source, docs[i].Revision = "s9", int64(100+round)
		}
		put(t, a, "2", docs...)
		_, f := found(t, a, Query{Facets: true})
		if diff := cmp.Diff(map[string]int{"s9": 50}, f.Facets.Sources); diff != "" || f.Total != 50 {
			t.Errorf("total %d: %s", f.Total, diff)
		}
	}
	seen := map[string]int64{}
	months, _ := a.Months()
	for _, m := range months {
		if err := a.EntriesOf(t.Context(), m.Name, func(e Entry) error { seen[e.ID] = e.Revision; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 50 || seen["00007"] != 103 {
		t.Errorf("entries %v", seen)
	}
}

func TestRetentionDropsMonths(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index")
	a, _ := openArchive(t, path)
	put(t, a, "1", spread(200)...)
	from := time.Date(2026, 1, 17, 0, 0, 0, 0, time.UTC)
	if err := a.Keep(from); err != nil {
		t.Fatal(err)
	}
	months, _ := a.Months()
	if len(months) != 3 || months[2].Name != "2026-01" {
		t.Errorf("months %v", months)
	}
	n, _ := a.Len()
	put(t, a, "2", spread(200)...)
	if again, _ := a.Len(); again != n {
		t.Errorf("%d documents, then %d: what was dropped came back", n, again)
	}
	if _, err := os.Stat(filepath.Join(path, "volume-1", "2025-12")); !os.IsNotExist(err) {
		t.Errorf("the folder of December: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	b, opening := openArchive(t, path)
	if !b.Oldest().Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) || opening.Fresh {
		t.Errorf("oldest %v, %+v", b.Oldest(), opening)
	}
}

func TestBuildingAnewBeside(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index")
	a, _ := openArchive(t, path)
	docs := spread(100)
	put(t, a, "9", docs...)
	if err := a.Rebuild("7"); err != nil {
		t.Fatal(err)
	}
	put2 := func(a *Archive, cursor string, docs ...Doc) {
		t.Helper()
		if err := a.PutNext(t.Context(), docs, cursor); err != nil {
			t.Fatal(err)
		}
		if ids, f := found(t, a, Query{Text: "вода"}); f.Total != 100 || len(ids) == 0 {
			t.Errorf("%d documents are found meanwhile", f.Total)
		}
	}
	put2(a, "50", docs[:50]...)
	// A stop in the middle: the building goes on where it was.
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	b, _ := openArchive(t, path)
	if note, cursor, ok := b.Rebuilding(); note != "7" || cursor != "50" || !ok {
		t.Fatalf("rebuilding %q, %q, %v", note, cursor, ok)
	}
	put2(b, "99", docs[50:99]...)
	if err := b.Swap(); err != nil {
		t.Fatal(err)
	}
	if n, _ := b.Len(); n != 99 || b.Note() != "7" {
		t.Errorf("%d documents, note %q", n, b.Note())
	}
	if cursor, _ := b.Cursor(); cursor != "99" {
		t.Errorf("cursor %q", cursor)
	}
	if err := b.Swap(); err == nil {
		t.Error("there is nothing to swap")
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	c, _ := openArchive(t, path)
	if n, _ := c.Len(); n != 99 {
		t.Errorf("%d documents after opening", n)
	}
	folders, _ := filepath.Glob(filepath.Join(path, volumePrefix+"*"))
	if len(folders) != 1 {
		t.Errorf("folders %v", folders)
	}
}

func TestSearchesDuringSwaps(t *testing.T) {
	t.Parallel()
	a, _ := openArchive(t, filepath.Join(t.TempDir(), "index"))
	docs := spread(60)
	put(t, a, "1", docs...)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		for ctx.Err() == nil {
			f, err := a.Search(context.WithoutCancel(ctx), Query{Text: "вода"})
			if err == nil && f.Total != 60 {
				err = fmt.Errorf("%d documents", f.Total)
			}
			if err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for range 3 {
		if err := a.Rebuild("x"); err != nil {
			t.Error(err)
		}
		if err := a.PutNext(t.Context(), docs, "1"); err != nil {
			t.Error(err)
		}
		if err := a.Swap(); err != nil {
			t.Error(err)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestTheOldSingleIndexIsReplaced(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index")
	if err := os.MkdirAll(path, 0o750); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(path, "index_meta.json"), "{}")
	_, opening := openArchive(t, path)
	if !opening.Fresh || opening.Reason == "" || opening.MovedTo != "" {
		t.Errorf("opening %+v", opening)
	}
}

func TestStamps(t *testing.T) {
	t.Parallel()
	last := ""
	for _, at := range []time.Time{time.Unix(-1e9, 0), time.Unix(0, 0), noon, noon.Add(time.Microsecond), noon.AddDate(200, 0, 0)} {
		s := newStamp(at, 300)
		if micros, revision := readStamp([]byte(s)); micros != at.UnixMicro() || revision != 300 || s <= last {
			t.Errorf("%v: %d, %d", at, micros, revision)
		}
		last = s
	}
}
