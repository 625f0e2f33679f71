package index

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"otklik/internal/social"
	"otklik/internal/table"
)

// TestMatcherEqualsBleveOnRealTexts holds the matcher to bleve's own search,
// rule by rule, over real texts and rules that are generated of their words.
// What bleve cannot decide alone is decided by the oracle among its hits.
func TestMatcherEqualsBleveOnRealTexts(t *testing.T) {
	t.Parallel()
	var texts []string
	for path, column := range corpora(t) {
		all, err := table.Column(path, column, 0)
		if err != nil {
			t.Skipf("skipped: %v", err)
		}
		step := max(1, len(all)/200)
		if strings.HasPrefix(filepath.Base(path), "vk_posts") {
			step = max(1, len(all)/600)
		}
		for i := 0; i < len(all); i += step {
			texts = append(texts, all[i])
		}
	}
	facts := make([]Facts, len(texts))
	for i := range facts {
		facts[i] = Facts{Network: social.VK, Kind: social.Comment, Author: fmt.Sprint(i % 9), Source: fmt.Sprintf("s%d", i%4)}
		if i%3 == 0 {
			facts[i] = Facts{Network: social.Telegram, Kind: social.Post, Territories: []string{"Заречный район"}}
		}
	}
	analyzer := NewAnalyzer()
	rules := realRules(analyzer, texts, 600)
	m, failed := analyzer.Compile(rules)
	if failed != nil {
		t.Fatal(failed)
	}
	index := memoryIndex(t, texts, facts)
	defer index.Close()
	matched := make([][]int, len(rules))
	var fired []int
	for i, text := range texts {
		fired = m.Fired(fired[:0], text, facts[i])
		for _, rule := range fired {
			matched[rule] = append(matched[rule], i)
		}
	}
	total, exact := 0, 0
	for i := range rules {
		expr, _ := Parse(rules[i].Expr)
		c := compiler{analyzer: analyzer, atoms: newAtoms()}
		root := c.node(expr.root)
		asked, precise := c.atoms.bleveQuery(&root)
		found := ids(t, index, asked)
		if precise {
			exact++
		} else {
			found = slices.DeleteFunc(found, func(at int) bool {
				o := oracle{analyzer: analyzer, tokens: analyzer.Tokens(nil, texts[at]), facts: facts[at]}
				return !o.holds(expr.root)
			})
		}
		if !slices.Equal(found, matched[i]) {
			t.Errorf("rule %q: bleve finds %d texts, the matcher %d", rules[i].Expr, len(found), len(matched[i]))
		}
		total += len(found)
	}
	t.Logf("%d texts, %d rules (%d decided by bleve alone), %d matches, differing: %t", len(texts), len(rules), exact, total, t.Failed())
}

// realRules generates rules of the words that stand in at least two texts.
func realRules(a *Analyzer, texts []string, n int) []Rule {
	counts := map[string]int{}
	for _, text := range texts {
		for _, token := range a.Tokens(nil, text) {
			if token.Form != "" && runeCount(token.Form) >= 2 {
				counts[token.Form]++
			}
		}
	}
	var words []string
	for form, count := range counts {
		if count >= 2 {
			words = append(words, form)
		}
	}
	slices.Sort(words)
	gen := genExpr(words)
	var rules []Rule
	for seed := 0; len(rules) < n; seed++ {
		expr := gen.Example(seed)
		if _, err := Parse(expr); err == nil {
			rules = append(rules, Rule{ID: fmt.Sprint(len(rules)), Expr: expr})
		}
	}
	return rules
}
