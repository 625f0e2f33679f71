package index

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/errs"
	"otklik/internal/social"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func openArchive(t *testing.T, path string) (*Archive, Opening) {
	t.Helper()
	a, opening, err := Open(path, NewAnalyzer())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a, opening
}

func put(t *testing.T, a *Archive, cursor string, docs ...Doc) {
	t.Helper()
	if err := a.Put(t.Context(), docs, cursor); err != nil {
		t.Fatal(err)
	}
}

func found(t *testing.T, a *Archive, q Query) ([]string, Found) {
	t.Helper()
	f, err := a.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, h := range f.Hits {
		ids = append(ids, h.ID)
	}
	return ids, f
}

func TestSearch(t *testing.T) {
	t.Parallel()
	a, opening := openArchive(t, filepath.Join(t.TempDir(), "index"))
	if !opening.Fresh || opening.MovedTo != "" {
		t.Errorf("opening a new archive: %+v", opening)
	}
	put(t, a, "1",
		Doc{ID: "a", Text: "Нет воды в доме", Network: social.VK, Kind: social.Comment, Source: "s1", Author: "7", Thread: "t1", Published: noon},
		Doc{ID: "b", Text: "Воду дали, света нет", Network: social.Telegram, Kind: social.Comment, Source: "s2", Territories: []string{"Заречный район"}, Published: noon.Add(time.Hour)},
		Doc{ID: "c", Text: "День города: вода, свет, музыка", Network: social.VK, Kind: social.Post, Source: "s1", Published: noon.Add(2 * time.Hour)},
		Doc{ID: "d", Text: "битые байты \xff и лёд", Network: social.VK, Kind: social.Post, Published: noon.Add(-time.Microsecond)},
	)
	for _, tt := range []struct {
		name string
		q    Query
		want []string
	}{
		{"everything, newest first", Query{}, []string{"c", "b", "a", "d"}},
		{"a word in any form", Query{Text: "вода"}, []string{"c", "b", "a"}},
		{"this form", Query{Text: "=вода"}, []string{"c"}},
		{"distance", Query{Text: "нет /1 (вода | свет)"}, []string{"b", "a"}},
		{"a fact", Query{Text: "вода сеть:вк"}, []string{"c", "a"}},
		{"only a fact", Query{Text: "автор:7"}, []string{"a"}},
		{"a fact that must not be", Query{Text: "вода -вид:пост"}, []string{"b", "a"}},
		{"a fact beside a form", Query{Text: "=вода сеть:вк | =Воду сеть:вк"}, []string{"c"}},
		{"a fact or a form", Query{Text: "=вода | территория:\"заречный район\""}, []string{"c", "b"}},
		{"a slip", Query{Text: "музика~1"}, []string{"c"}},
		{"within a word", Query{Text: "*узык*"}, []string{"c"}},
		{"phrase", Query{Text: "«нет воды»"}, []string{"a"}},
		{"exclusion", Query{Text: "вода -нет"}, []string{"c"}},
		{"exclusion of a form", Query{Text: "вода -=вода"}, []string{"b", "a"}},
		{"after broken bytes", Query{Text: "льда"}, []string{"d"}},
		{"network", Query{Text: "вода", Networks: []social.Network{social.VK}}, []string{"c", "a"}},
		{"networks", Query{Networks: []social.Network{social.VK, social.Telegram}, Kinds: []social.Kind{social.Comment}}, []string{"b", "a"}},
		{"source, author, thread", Query{Sources: []string{"s1"}, Author: "7", Thread: "t1"}, []string{"a"}},
		{"from is in, to is out", Query{From: noon, To: noon.Add(2 * time.Hour)}, []string{"b", "a"}},
		{"until", Query{To: noon}, []string{"d"}},
		{"nothing", Query{Text: "газ"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ids, f := found(t, a, tt.q)
			if diff := cmp.Diff(tt.want, ids); diff != "" {
				t.Error(diff)
			}
			if f.Total != len(tt.want) || f.AtLeast || f.Next != "" {
				t.Errorf("total %d, at least %v, next %q", f.Total, f.AtLeast, f.Next)
			}
		})
	}
	_, f := found(t, a, Query{Text: "«нет воды»"})
	h := f.Hits[0]
	if !h.Published.Equal(noon) || h.Text != "Нет воды в доме" || !cmp.Equal(h.Spans, []Span{{0, 15}}) {
		t.Errorf("hit %+v", h)
	}
}

func TestAnOverlongWordFindsNothing(t *testing.T) {
	t.Parallel()
	a, _ := openArchive(t, filepath.Join(t.TempDir(), "index"))
	put(t, a, "1", Doc{ID: "a", Text: "Воды нет, а света хватает", Published: noon})
	f, err := a.Search(t.Context(), Query{Text: strings.Repeat("а", 300)})
	if errs.CodeOf(err) != errs.Invalid || len(f.Hits) > 0 {
		t.Errorf("300 letters found %v, %v", f.Hits, err)
	}
	if ids, _ := found(t, a, Query{Text: strings.Repeat("а", 64)}); !slices.Equal(ids, []string{"a"}) {
		t.Errorf("a stretched word found %v", ids)
	}
}

func TestPutReplacesAndDeleteRemoves(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index")
	a, _ := openArchive(t, path)
	put(t, a, "1", Doc{ID: "a", Text: "вода", Published: noon}, Doc{ID: "b", Text: "вода", Published: noon})
	put(t, a, "2", Doc{ID: "a", Text: "свет", Published: noon})
	if ids, _ := found(t, a, Query{Text: "вода"}); !slices.Equal(ids, []string{"b"}) {
		t.Errorf("after an edit «вода» is in %v", ids)
	}
	if err := a.Delete(t.Context(), []string{"b", "unknown"}, "3"); err != nil {
		t.Fatal(err)
	}
	if n, err := a.Len(); n != 1 || err != nil {
		t.Errorf("%d documents, %v", n, err)
	}
	if err := a.Put(t.Context(), nil, "4"); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	b, opening := openArchive(t, path)
	if cursor, err := b.Cursor(); cursor != "4" || err != nil || opening.Fresh {
		t.Errorf("cursor %q, %v, opening %+v", cursor, err, opening)
	}
}

func TestPagesMeetWithoutGapOrOverlap(t *testing.T) {
	t.Parallel()
	a, _ := openArchive(t, filepath.Join(t.TempDir(), "index"))
	var docs []Doc
	var want []string
	for i := range 1300 {
		text := "нет воды"
		if i%3 == 0 {
			text = "вода есть, а света у нас опять совсем нет"
		}
		// Several documents share each moment.
		docs = append(docs, Doc{ID: fmt.Sprintf("%04d", i), Text: text, Published: noon.Add(time.Duration(i/7) * time.Second)})
		want = append(want, docs[i].ID)
	}
	put(t, a, "x", docs...)
	slices.Reverse(want)
	near := slices.DeleteFunc(slices.Clone(want), func(id string) bool {
		var i int
		fmt.Sscan(strings.TrimLeft(id, "0")+" ", &i)
		return i%3 == 0
	})
	for text, want := range map[string][]string{"вода": want, "нет /2 воды": near} {
		var got []string
		q := Query{Text: text, Limit: 90}
		for pages := 0; ; pages++ {
			ids, f := found(t, a, q)
			got = append(got, ids...)
			if pages == 0 && (f.Total != len(want) || f.AtLeast) {
				t.Errorf("%s: total %d, at least %v, want %d", text, f.Total, f.AtLeast, len(want))
			}
			if q.After = f.Next; q.After == "" || pages > 100 {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

func TestSearchRefuses(t *testing.T) {
	t.Parallel()
	a, _ := openArchive(t, filepath.Join(t.TempDir(), "index"))
	for _, q := range []Query{{Text: "(вода"}, {Text: "-вода"}, {After: "что-то"}, {After: "YWJj"}} {
		if _, err := a.Search(t.Context(), q); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%+v: %v", q, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.Put(ctx, []Doc{{ID: "a"}}, "1"); !errors.Is(err, context.Canceled) {
		t.Errorf("Put with a done context: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Search(t.Context(), Query{}); errs.CodeOf(err) != errs.Unavailable {
		t.Errorf("a closed archive: %v", err)
	}
}

func TestDamagedArchiveIsPutAside(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(t *testing.T, path string){
		"no pointer":            func(t *testing.T, path string) { remove(t, filepath.Join(path, pointerName)) },
		"bad manifest":          func(t *testing.T, path string) { write(t, filepath.Join(path, "volume-1", manifestName), "{") },
		"lost manifest":         func(t *testing.T, path string) { remove(t, filepath.Join(path, "volume-1", manifestName)) },
		"month: no description": func(t *testing.T, path string) { remove(t, filepath.Join(march(path), "index_meta.json")) },
		"month: bad description": func(t *testing.T, path string) {
			write(t, filepath.Join(march(path), "index_meta.json"), "{")
		},
		"month: bad root": func(t *testing.T, path string) {
			write(t, filepath.Join(march(path), "store", "root.bolt"), strings.Repeat("x", 70000))
		},
		"month: lost root": func(t *testing.T, path string) { remove(t, filepath.Join(march(path), "store", "root.bolt")) },
		"cut segments":     func(t *testing.T, path string) { eachSegment(t, path, func(file string) { write(t, file, "x") }) },
		"lost segments":    func(t *testing.T, path string) { eachSegment(t, path, func(file string) { remove(t, file) }) },
		"a stray file": func(t *testing.T, path string) {
			if err := os.RemoveAll(path); err != nil {
				t.Fatal(err)
			}
			write(t, path, "not a folder")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "index")
			a, _ := openArchive(t, path)
			put(t, a, "7", Doc{ID: "a", Text: "вода", Published: noon})
			if err := a.Close(); err != nil {
				t.Fatal(err)
			}
			damage(t, path)
			b, opening := openArchive(t, path)
			if n, err := b.Len(); !opening.Fresh || n != 0 || err != nil {
				t.Errorf("opening %+v, %d documents, %v", opening, n, err)
			}
			if strings.HasSuffix(name, "segments") {
				// bleve itself goes back to the state before the lost files.
				if opening.Reason == "" {
					t.Errorf("opening: %+v", opening)
				}
				return
			}
			aside := path + ".damaged-1"
			if strings.HasPrefix(name, "month") {
				aside = path + "-2026-03.damaged-1"
			}
			if opening.MovedTo != aside || opening.Reason == "" || opening.Cause == nil {
				t.Errorf("opening: %+v", opening)
			}
			if _, err := os.Stat(opening.MovedTo); err != nil {
				t.Error(err)
			}
			put(t, b, "1", Doc{ID: "a", Text: "вода", Published: noon})
			if ids, _ := found(t, b, Query{Text: "вода"}); len(ids) != 1 {
				t.Errorf("the fresh archive finds %v", ids)
			}
		})
	}
}

func TestOlderFormatIsBuiltAnew(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index")
	a, _ := openArchive(t, path)
	put(t, a, "7", Doc{ID: "a", Text: "вода", Published: noon})
	a.now.manifest.Format = "older"
	if err := a.now.save(); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	b, opening := openArchive(t, path)
	if cursor, _ := b.Cursor(); !opening.Fresh || opening.Reason == "" || opening.MovedTo != "" || cursor != "" {
		t.Errorf("opening %+v, cursor %q", opening, cursor)
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index")
	a, _ := openArchive(t, path)
	put(t, a, "7", Doc{ID: "a", Text: "вода", Published: noon})
	if _, _, err := Open(path, NewAnalyzer()); errs.CodeOf(err) != errs.Unavailable || !strings.Contains(errs.MessageOf(err), "занят") {
		t.Errorf("opening an archive that is in use: %v", err)
	}
	if ids, _ := found(t, a, Query{Text: "вода"}); len(ids) != 1 {
		t.Errorf("the first one now finds %v", ids)
	}
}

func TestArchiveIsConcurrent(t *testing.T) {
	t.Parallel()
	a, _ := openArchive(t, filepath.Join(t.TempDir(), "index"))
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() {
			for i := range 5 {
				if err := a.Put(t.Context(), []Doc{{ID: fmt.Sprint(w, i), Text: "нет воды", Published: noon}}, ""); err != nil {
					t.Error(err)
				}
				if _, err := a.Search(t.Context(), Query{Text: "нет /2 вода"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n, _ := a.Len(); n != 15 {
		t.Errorf("%d documents", n)
	}
}

// march is the folder of the month of noon.
func march(path string) string { return filepath.Join(path, volumePrefix+"1", "2026-03") }

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, file string) {
	t.Helper()
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
}

func eachSegment(t *testing.T, path string, do func(file string)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(march(path), "store", "*.zap"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no segments in %s: %v", path, err)
	}
	for _, file := range files {
		do(file)
	}
}
