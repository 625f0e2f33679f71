package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// posts writes a file of texts that differ enough for rules to be made of them.
func posts(t *testing.T) string {
	t.Helper()
	nouns := strings.Fields("вода труба подвал лестница крыша фонарь дорога мостовая остановка автобус площадка контейнер")
	verbs := strings.Fields("прорвало затопило замёрзла обвалилась протекает погас разбита просела сломана опоздал заросла переполнен")
	places := strings.Fields("Садовая Заречная Луговая Полевая Школьная Речная Лесная Парковая Кленовая Южная Тихая Новая")
	syllables := strings.Fields("ба ве ги до жу за ки ло му не пи ро")
	name := func(i int) string { return syllables[i%12] + syllables[i/12%12] + syllables[i/144%12] + "нов" }
	var text strings.Builder
	text.WriteString("id,text\n")
	for i := range 600 {
		fmt.Fprintf(&text, "%d,\"%s %s на улице %s, дом %d. Когда приедут %s и %s?\"\n",
			i, nouns[i%12], verbs[i/12%12], places[i/144%12], i%40, name(i/2), name(i/2+700))
	}
	return write(t, "posts.csv", text.String())
}

func TestBenchMatch(t *testing.T) {
	t.Parallel()
	out, said := call(t, "bench", "match", "--rules", "50", "--posts", posts(t), "--json")
	var got map[string]float64
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%q, %s: %v", out, said, err)
	}
	for _, key := range []string{"rules", "posts_per_cpu_second", "p50_ms", "p99_ms"} {
		if got[key] <= 0 {
			t.Errorf("%s is %v", key, got[key])
		}
	}
	// Other tests use the same heap, so what it weighs here says nothing.
	for _, key := range []string{"matches_per_post", "bytes_per_rule"} {
		if _, ok := got[key]; !ok {
			t.Errorf("there is no %s: %v", key, got)
		}
	}
	if got["rules"] != 50 {
		t.Errorf("%v rules", got["rules"])
	}
}

func TestBenchArchive(t *testing.T) {
	t.Parallel()
	file := posts(t)
	out, said := call(t, "bench", "index", "--docs", "700", "--batch", "100", "--posts", file, "--json")
	var figures indexFigures
	if err := json.Unmarshal([]byte(out), &figures); err != nil || figures.Docs != 700 || figures.PerSecond <= 0 || figures.BytesADoc <= 0 {
		t.Errorf("%q, %s: %v", out, said, err)
	}
	out, said = call(t, "bench", "search", "--docs", "700", "--runs", "2", "--posts", file, "--json")
	var search searchFigures
	if err := json.Unmarshal([]byte(out), &search); err != nil || len(search.Queries) == 0 || search.P99 <= 0 {
		t.Errorf("%q, %s: %v", out, said, err)
	}
}

func TestBenchRefusesNonsense(t *testing.T) {
	t.Parallel()
	file := posts(t)
	for name, x := range map[string]struct {
		args []string
		says string
	}{
		"no file":        {[]string{"bench", "match"}, "--posts"},
		"no rules":       {[]string{"bench", "match", "--posts", file, "--rules", "0"}, "--rules"},
		"too many rules": {[]string{"bench", "match", "--posts", write(t, "a.csv", "text\nводопровод прорвало"), "--rules", "5000"}, "файл побольше"},
		"no texts":       {[]string{"bench", "index", "--posts", write(t, "a.csv", "text\n")}, "нет ни одного текста"},
		"no documents":   {[]string{"bench", "index", "--posts", file, "--docs", "0"}, "--docs"},
		"wrong column":   {[]string{"bench", "search", "--posts", file, "--column", "x"}, "Есть: id, text"},
	} {
		if _, said := call(t, x.args...); !strings.Contains(said, x.says) {
			t.Errorf("%s: %q", name, said)
		}
	}
}

func TestBenchDesk(t *testing.T) {
	t.Parallel()
	out, said := call(t, "bench", "desk", "--cases", "70", "--people", "3", "--for", "1s", "--pause", "0s", "--json")
	var f deskFigures
	if err := json.Unmarshal([]byte(out), &f); err != nil {
		t.Fatalf("%q %s %v", out, said, err)
	}
	if f.Failures > 0 || f.Cases != 70 {
		t.Errorf("%+v", f)
	}
	for _, page := range []string{"очередь", "карточка", "фильтр", "завершённые", "поиск"} {
		if x := f.Pages[page]; x.Requests == 0 || x.P95 < x.P50 {
			t.Errorf("%s: %+v", page, x)
		}
	}
	if _, said := call(t, "bench", "desk", "--cases", "5"); !strings.Contains(said, "от 20 до 200000") {
		t.Error(said)
	}
}
