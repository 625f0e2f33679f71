package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"otklik/index"
	"otklik/internal/social"
)

type benchSearchCmd struct {
	benchArchive
	Runs int `default:"200" help:"Сколько раз задать каждый запрос."`
}

type searchFigures struct {
	Docs    int           `json:"docs"`
	P99     float64       `json:"p99_ms"` // of the slowest query
	Default float64       `json:"default_p99_ms"`
	Queries []queryFigure `json:"queries"`
}

type queryFigure struct {
	Name  string  `json:"name"`
	Query string  `json:"query"`
	Hits  int     `json:"hits"`
	P50   float64 `json:"p50_ms"`
	P99   float64 `json:"p99_ms"`
	// CPU is processor time of one run on average, which neighbours on the
	// machine do not lengthen.
	CPU float64 `json:"cpu_ms"`
}

// benchQuery is one query of the search page.
type benchQuery struct {
	name  string
	query index.Query
}

// Run measures how fast the archive answers.
func (c *benchSearchCmd) Run(e *environment) error {
	texts, err := c.texts(c.Docs)
	if err != nil {
		return err
	}
	var f searchFigures
	err = c.with(e.ctx, texts, func(a *index.Archive, _ string, _, _ time.Duration) error {
		f.Docs = c.Docs
		if err := a.Warm(); err != nil {
			return err
		}
		for i, q := range queriesOf(texts) {
			figure, err := c.ask(e.ctx, a, q)
			if err != nil {
				return err
			}
			if i == 0 {
				f.Default = figure.P99
			}
			f.P99 = max(f.P99, figure.P99)
			f.Queries = append(f.Queries, figure)
		}
		return nil
	})
	if err != nil {
		return err
	}
	lines := []figure{{"Запрос", "найдено, половина быстрее, 99 из 100 быстрее, время процессора (мс)"}}
	for _, q := range f.Queries {
		lines = append(lines, figure{q.Name + ": " + q.Query, fmt.Sprintf("%d, %.2f, %.2f, %.2f", q.Hits, q.P50, q.P99, q.CPU)})
	}
	return c.report(e.out, f, lines)
}

func (c *benchSearchCmd) ask(ctx context.Context, a *index.Archive, q benchQuery) (queryFigure, error) {
	f := queryFigure{Name: q.name, Query: q.query.Text}
	took := make([]time.Duration, 0, c.Runs)
	var cpu time.Duration
	for i := range max(1, c.Runs) + 1 {
		if i == 1 { // the first run reads the index from the disk
			took, cpu = took[:0], cpuTime()
		}
		start := time.Now()
		found, err := a.Search(ctx, q.query)
		if err != nil {
			return f, err
		}
		took = append(took, time.Since(start))
		f.Hits = found.Total
	}
	f.CPU = float64((cpuTime() - cpu).Microseconds()) / 1e3 / float64(len(took))
	slices.Sort(took)
	f.P50, f.P99 = quantile(took, 0.5), quantile(took, 0.99)
	return f, nil
}

// queriesOf makes queries with words of the texts; the first is what the page
// asks when it opens: a word within the last thirty days.
func queriesOf(texts []string) []benchQuery {
	m := newRuleMaker(texts, 1)
	common, middling, rare := m.ranked(0.03), m.ranked(0.005), m.ranked(0.0002)
	left, right := m.together(0.002)
	month, day := lastPost.AddDate(0, 0, -30), lastPost.AddDate(0, 0, -3)
	var list []benchQuery
	first := []rune(middling)
	list = append(list, []benchQuery{
		{"слово за месяц", index.Query{Text: common, From: month}},
		{"всё за три дня", index.Query{From: day}},
		{"всё за месяц", index.Query{From: month}},
		{"редкое слово", index.Query{Text: rare}},
		{"частое слово", index.Query{Text: common}},
		{"два слова", index.Query{Text: left + " " + right}},
		{"одно из трёх", index.Query{Text: common + " | " + middling + " | " + rare}},
		{"фраза", index.Query{Text: m.somePhrase()}},
		{"рядом за месяц", index.Query{Text: left + " /5 " + right, From: month}},
		{"рядом", index.Query{Text: left + " /5 " + right}},
		{"начало слова", index.Query{Text: string(first[:min(4, len(first))]) + "*"}},
		{"с опечаткой", index.Query{Text: rare + "~1"}},
		{"внутри слова", index.Query{Text: "*" + string(first[1:min(5, len(first))]) + "*", From: month}},
		{"слово и сеть", index.Query{Text: common + " сеть:тг", From: month}},
		{"всё", index.Query{}},
		{"частое слово по близости", index.Query{Text: common, Order: index.Relevant}},
		{"два источника, посты", index.Query{Text: common, Sources: []string{"source-5", "source-10"}, Kinds: []social.Kind{social.Post}}},
		{"с карточкой", index.Query{Text: middling, WithCase: true, Networks: []social.Network{social.VK}}},
	}...)
	for i := range list {
		list[i].query.Facets = true // the page shows them
	}
	return list
}

// ranked returns the word that comes nearest to standing in a share of texts.
func (m *ruleMaker) ranked(share float64) string {
	want, best, off := int(share*float64(len(m.texts)))+1, "", -1
	for w, n := range m.common {
		away := max(n-want, want-n)
		if len([]rune(w)) < 5 || !russianWord(w) {
			continue
		}
		if off < 0 || away < off || away == off && w < best {
			best, off = w, away
		}
	}
	if best == "" {
		return "вода"
	}
	return best
}

// together returns two words that stand within five words of each other in what
// comes nearest to a share of texts, so that a search for both finds something.
func (m *ruleMaker) together(share float64) (left, right string) {
	const near = 5
	least, most := int(share*float64(len(m.texts)))+1, max(len(m.texts)/10, 2)
	fits := func(w string) bool {
		return len([]rune(w)) >= 5 && m.common[w] >= least && m.common[w] <= most && russianWord(w)
	}
	count := map[[2]string]int{}
	for _, words := range m.texts {
		seen := map[[2]string]bool{}
		for i, w := range words {
			if !fits(w) {
				continue
			}
			for _, next := range words[i+1 : min(i+near, len(words))] {
				if pair := [2]string{w, next}; w != next && !seen[pair] && fits(next) {
					seen[pair] = true
					count[pair]++
				}
			}
		}
	}
	best, off := [2]string{"нет", "воды"}, -1
	for pair, n := range count {
		away := max(n-least, least-n)
		if off < 0 || away < off || away == off && pair[0]+pair[1] < best[0]+best[1] {
			best, off = pair, away
		}
	}
	return best[0], best[1]
}

func (m *ruleMaker) somePhrase() string {
	const tries = 1000
	for range tries {
		if p := m.phrase(m.texts[m.random.IntN(len(m.texts))]); p != "" {
			return p
		}
	}
	return `"нет воды"`
}

func russianWord(w string) bool {
	return !strings.ContainsFunc(w, func(r rune) bool { return r < 'а' || r > 'я' })
}
