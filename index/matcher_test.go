package index

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"otklik/internal/social"

	"github.com/google/go-cmp/cmp"
)

func matchOne(t *testing.T, expr, text string) []Match {
	t.Helper()
	m, failed := Compile([]Rule{{ID: "r", TopicID: "water", Version: 3, Expr: expr}})
	if failed != nil {
		t.Fatal(failed)
	}
	return m.Match(text)
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		rule, text string
		want       []string // the words that made it fire; nil: it does not
	}{
		{"нет воды", "Третий день НЕТ горячей воды!", []string{"НЕТ", "воды"}},
		{"нет воды", "Вода есть", nil},
		{`"нет воды"`, "нет горячей воды", nil},
		{`"нет воды"`, "опять нет воды", []string{"нет воды"}},
		{"=вода", "нет воды", nil},
		{"=вода", "ВОДА ржавая", []string{"ВОДА"}},
		{`="не работает"`, "не работают", nil},
		{"канализ*", "вонь из канализации", []string{"канализации"}},
		{"участок*", "два участка", []string{"участка"}},
		{"вывоз*", "мусор не вывезли", []string{"вывезли"}},
		{"вода | свет", "нет света", []string{"света"}},
		{"нет -воды", "нет света", []string{"нет"}},
		{"нет -воды", "нет света и воды", nil},
		{"нет /2 воды", "воды уже нет", []string{"воды", "нет"}},
		{"нет /2 воды", "нет у нас горячей воды", nil},
		{"нет /2 воды", "нет https://vk.com/x воды", []string{"нет", "воды"}},
		{"(нет | без) /2 (воды | света)", "сидим без света, просто слов нет", []string{"без", "света"}},
		{`снег /3 "не убирают"`, "снег у нас не убирают", []string{"снег", "не убирают"}},
		{"вода /3 вода", "вода", nil},
		{"вода /3 вода", "вода, вода", []string{"вода", "вода"}},
		{"лёд", "двор во льду", []string{"льду"}},
		{"#нетводы", "#НетВоды уже неделю", []string{"#НетВоды"}},
		{"#нетводы", "нетводы", nil},
		{"яма", "#Ямы_Дороги", []string{"Ямы"}},
		{"вода", "[id1|Вода], привет, vk.com/вода @вода", nil},
		{"прорыв", "прорыва \xff нет", []string{"прорыва"}},
		{"подъезд", "в под'езде", []string{"под'езде"}},
		{"из-за снега", "опоздал из-за снега", []string{"из-за", "снега"}},
		{"🤬", "опять🤬🏽", []string{"🤬🏽"}},
		{"вода -(нет света)", "вода, нет газа", []string{"вода"}},
		{"вода (мусор | -снег)", "вода", []string{"вода"}},
		{"отопление~1", "когда включат отапление", []string{"отапление"}},
		{"отопление~1", "отопелние не дали", []string{"отопелние"}},
		{"отоплен~1", "нет отопления", []string{"отопления"}},
		{"отопление~1", "топление", []string{"топление"}},
		{"отопление~1", "затопление", nil},
		{"электричество~2", "нет эликтричиства", []string{"эликтричиства"}},
		{"электричество~1", "нет эликтричиства", nil},
		{"водой~1", "прошлый год", nil},
		{"*топлен*", "отопление и затопления", []string{"отопление", "затопления"}},
		{"*вал", "свалка, подвал, валенки", []string{"подвал"}},
		{"под*зд", "в подъезде и под'езде", []string{"подъезде", "под'езде"}},
		{"/мус[оа]р/", "мусар и мусор, мусоровоз", []string{"мусар", "мусор"}},
		{"вода -сеть:вк", "вода", []string{"вода"}},
		{"вода сеть:вк", "вода", nil},
	} {
		matches := matchOne(t, tt.rule, tt.text)
		var got []string
		if len(matches) > 0 {
			got = matches[0].Words
		}
		if (tt.want != nil) != (len(matches) == 1) || !cmp.Equal(tt.want, got) {
			t.Errorf("%q on %q: %q, want %q", tt.rule, tt.text, got, tt.want)
		}
	}
}

func TestMatchNamesItsRule(t *testing.T) {
	t.Parallel()
	want := []Match{{RuleID: "r", RuleVersion: 3, TopicID: "water", Spans: []Span{{0, 6}, {7, 15}}, Words: []string{"Нет", "воды"}}}
	if diff := cmp.Diff(want, matchOne(t, "нет воды", "Нет воды")); diff != "" {
		t.Error(diff)
	}
}

func TestFacts(t *testing.T) {
	t.Parallel()
	item := Facts{Network: social.VK, Kind: social.Comment, Source: "s1", Author: "-7", Territories: []string{"Берёзовский Район", "t9"}}
	for expr, want := range map[string]bool{
		"вода сеть:вк": true, "вода сеть:тг": false, "вода -сеть:тг": true, "вода -сеть:вк": false,
		"вода вид:комментарий": true, "вода вид:пост": false, "автор:-7": true, "вода автор:7": false,
		"вода источник:s1": true, "вода (источник:s2 | источник:s3)": false, "вода | источник:s1": true,
		`вода территория:"березовский район"`: true, "место:t9": true, "место:т9": false,
	} {
		m, failed := Compile([]Rule{{ID: "r", Expr: expr}})
		if failed != nil {
			t.Fatal(failed)
		}
		if got := len(m.MatchItem("нет воды", item)) == 1; got != want {
			t.Errorf("%s: %t", expr, got)
		}
	}
}

// TestRulesAreSwappedWhileMatching reads through a pointer that another
// goroutine keeps changing: every answer is of one snapshot.
func TestRulesAreSwappedWhileMatching(t *testing.T) {
	t.Parallel()
	a := newAnalyzer(4, 64) // so that vocabularies change as well
	compile := func(n int) *Matcher {
		m, failed := a.Compile([]Rule{{ID: fmt.Sprintf("water %d", n), Expr: "нет воды"}, {ID: fmt.Sprintf("light %d", n), Expr: "света"}})
		if failed != nil {
			t.Error(failed)
		}
		return m
	}
	var now atomic.Pointer[Matcher]
	now.Store(compile(0))
	var readers sync.WaitGroup
	for r := range 3 {
		readers.Go(func() {
			for i := range 2000 {
				got := now.Load().Match(fmt.Sprintf("нет воды и света%s, дом %d", letters(i), r*i))
				if len(got) != 1 && len(got) != 2 || !strings.HasPrefix(got[0].RuleID, "water ") {
					t.Errorf("matches: %v", got)
					return
				}
				if len(got) == 2 && got[0].RuleID[len("water "):] != got[1].RuleID[len("light "):] {
					t.Errorf("two snapshots in one answer: %v", got)
				}
			}
		})
	}
	for n := range 50 {
		now.Store(compile(n + 1))
	}
	readers.Wait()
}

func TestFiredTakesNoMemory(t *testing.T) {
	m, failed := Compile(append(syntheticRules(500), Rule{ID: "w", Expr: `нет /5 воды ("горячей воды" | отопление~1) -тепло*`}))
	if failed != nil {
		t.Fatal(failed)
	}
	fired := m.Fired(nil, sampleText, Facts{})
	if len(fired) != 1 || m.RuleID(fired[0]) != "w" {
		t.Fatalf("fired: %v", fired)
	}
	// The pool is left out: under the race detector it forgets on purpose.
	r, facts := newReading(m), Facts{Network: social.VK}
	if n := testing.AllocsPerRun(200, func() {
		r.read(sampleText, &facts)
		r.decide()
		r.forget()
		r.fired = r.fired[:0]
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestRepeatedWordsTakeLinearTime would run for minutes if every word were
// compared with every other.
func TestRepeatedWordsTakeLinearTime(t *testing.T) {
	t.Parallel()
	m, failed := Compile([]Rule{{ID: "a", Expr: `"вода вода свет"`}, {ID: "b", Expr: "свет /3 вода"}})
	if failed != nil {
		t.Fatal(failed)
	}
	text := strings.Repeat("вода ", 200_000)
	if got := m.Match(text); len(got) != 0 {
		t.Errorf("%d matches", len(got))
	}
	if got := m.Match(text + "свет"); len(got) != 2 {
		t.Errorf("%d matches", len(got))
	}
}

func TestCompileKeepsTheGoodRules(t *testing.T) {
	t.Parallel()
	m, failed := Compile([]Rule{{ID: "a", Expr: "вода"}, {ID: "b", Expr: "(вода"}, {ID: "c", Expr: "воды нет"}})
	if m.Len() != 2 || len(failed) != 1 || failed[0].RuleID != "b" || failed[0].Err == nil {
		t.Errorf("%d rules, failed: %v", m.Len(), failed)
	}
	if got := m.Match("нет воды"); len(got) != 2 || got[0].RuleID != "a" || got[1].RuleID != "c" {
		t.Errorf("matches: %v", got)
	}
}

func TestMatcherIsConcurrentAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	m, _ := Compile([]Rule{{ID: "water", Expr: "нет воды"}, {ID: "light", Expr: "нет света"}})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 500 {
				text, want := "нет воды", "water"
				if i%2 == 1 {
					text, want = "нет света", "light"
				}
				if got := m.Match(text); len(got) != 1 || got[0].RuleID != want {
					t.Errorf("%q: %v", text, got)
				}
			}
		})
	}
	wg.Wait()
}

func TestHighlight(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text  string
		spans []Span
		want  []Segment
	}{
		{"нет воды", nil, []Segment{{"нет воды", false}}},
		{"нет воды", []Span{{7, 15}, {0, 6}}, []Segment{{"нет", true}, {" ", false}, {"воды", true}}},
		{"abcdef", []Span{{1, 3}, {2, 4}}, []Segment{{"a", false}, {"bcd", true}, {"ef", false}}},
		{"abc", []Span{{-5, 1}, {2, 99}}, []Segment{{"a", true}, {"b", false}, {"c", true}}},
		{"вода", []Span{{1, 3}}, []Segment{{"вода", false}}},
		{"", []Span{{0, 5}}, nil},
	} {
		if diff := cmp.Diff(tt.want, Highlight(tt.text, tt.spans)); diff != "" {
			t.Errorf("Highlight(%q, %v):\n%s", tt.text, tt.spans, diff)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	for _, n := range []int{100, 1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m, failed := Compile(syntheticRules(n))
			if failed != nil {
				b.Fatal(failed[0])
			}
			b.ReportAllocs()
			for b.Loop() {
				m.Match(sampleText)
			}
		})
	}
}

// syntheticRules makes n different rules, few of which meet in one text.
func syntheticRules(n int) []Rule {
	words := strings.Fields(strings.NewReplacer(",", "", ".", "", "«", "", "»", "", "!", "", "?", "").Replace(sampleText))
	rules := make([]Rule, n)
	for i := range rules {
		a, b := words[i%len(words)], words[(i/len(words))%len(words)]
		rules[i] = Rule{ID: fmt.Sprint(i), Expr: fmt.Sprintf("слово%s %s (%s | нет) -новость%s", letters(i), a, b, letters(i/7))}
	}
	return rules
}

func letters(i int) string {
	s := ""
	for ; i > 0; i /= 20 {
		s += string(rune('б' + i%20))
	}
	return s
}
