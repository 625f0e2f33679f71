package index

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/search/query"
	"pgregory.net/rapid"
)

// oracle decides conditions slowly and plainly, on the tokens that bleve gets,
// straight from the parsed rule.
type oracle struct {
	analyzer *Analyzer
	tokens   []Token
	facts    Facts
}

func (o *oracle) holds(e exprNode) bool {
	switch e := e.(type) {
	case andExpr:
		return !slices.ContainsFunc(e.kids, func(kid exprNode) bool { return !o.holds(kid) })
	case orExpr:
		return slices.ContainsFunc(e.kids, o.holds)
	case notExpr:
		return !o.holds(e.kid)
	case factExpr:
		return o.known(e)
	case nearExpr:
		for _, p := range o.stands(e.left) {
			for _, q := range o.stands(e.right) {
				gap := max(q[0]-p[1], p[0]-q[1])
				if gap >= 1 && gap <= e.dist {
					return true
				}
			}
		}
		return false
	}
	return len(o.stands(e)) > 0
}

func (o *oracle) known(f factExpr) bool {
	switch f.field {
	case fieldNetwork:
		return string(o.facts.Network) == f.value
	case fieldKind:
		return string(o.facts.Kind) == f.value
	case fieldSource:
		return o.facts.Source == f.value
	case fieldAuthor:
		return o.facts.Author == f.value
	}
	return slices.ContainsFunc(o.facts.Territories, func(t string) bool { return foldPlace(t) == f.value })
}

// stands returns the first and last positions of every occurrence.
func (o *oracle) stands(e exprNode) (found [][2]int) {
	switch e := e.(type) {
	case orExpr:
		for _, kid := range e.kids {
			found = append(found, o.stands(kid)...)
		}
		return found
	case phraseExpr:
		return o.phrase(e.words)
	}
	return o.phrase([]wordExpr{e.(wordExpr)})
}

func (o *oracle) phrase(words []wordExpr) (found [][2]int) {
	var tests []func(Token) bool
	for _, w := range words {
		tests = append(tests, o.tests(w)...)
	}
	for _, first := range o.tokens {
		holds := true
		for i, test := range tests {
			holds = holds && slices.ContainsFunc(o.tokens, func(t Token) bool { return t.Pos == first.Pos+i && test(t) })
		}
		if holds {
			found = append(found, [2]int{first.Pos, first.Pos + len(tests) - 1})
		}
	}
	return found
}

func (o *oracle) tests(w wordExpr) (tests []func(Token) bool) {
	like := func(test func(term string) bool) []func(Token) bool {
		return []func(Token) bool{func(t Token) bool { return test(t.Term) }}
	}
	switch w.mode {
	case globForm:
		parts := strings.Split(foldGlob(w.text), "*")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		return like(regexp.MustCompile("^(?s:" + strings.Join(parts, ".*") + ")$").MatchString)
	case regexpForm:
		return like(regexp.MustCompile("^(?:" + w.text + ")$").MatchString)
	case fuzzyForm:
		form := fold(w.text)
		term := o.analyzer.stemmer.term(form)
		return like(func(got string) bool {
			far := slowDistance([]rune(got), []rune(term))
			return far == 0 || far <= w.edits && runeCount(term) >= minFuzzy-1 ||
				smooth(form) != term && slowDistance([]rune(got), []rune(smooth(form))) <= w.edits
		})
	}
	for _, want := range o.analyzer.Tokens(nil, w.text) {
		switch {
		case w.text[0] == '#':
			return []func(Token) bool{func(t Token) bool { return t.Term == want.Term }}
		case w.mode == exactForm && want.Form != "":
			tests = append(tests, func(t Token) bool { return t.Form == want.Form })
		case w.mode == prefixForm:
			tests = append(tests, func(t Token) bool {
				for form, term := range o.analyzer.stemmer.families {
					if strings.HasPrefix(form, want.Form) && term == t.Term {
						return true
					}
				}
				return t.Term == want.Term || strings.HasPrefix(t.Term, want.Form)
			})
		default:
			tests = append(tests, func(t Token) bool { return t.Term == want.Term })
		}
	}
	return tests
}

// slowDistance counts edits by trying all of them.
func slowDistance(a, b []rune) int {
	switch {
	case len(a) == 0 || len(b) == 0:
		return len(a) + len(b)
	case a[0] == b[0]:
		return slowDistance(a[1:], b[1:])
	case max(len(a)-len(b), len(b)-len(a)) > 2:
		return 3 // more than any rule allows
	}
	far := 1 + min(slowDistance(a[1:], b), slowDistance(a, b[1:]), slowDistance(a[1:], b[1:]))
	if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
		far = min(far, 1+slowDistance(a[2:], b[2:]))
	}
	return far
}

// TestMatcherEqualsBleve holds the matcher to bleve's own search over the same
// texts, rule by rule, and to the oracle where bleve has no such query.
func TestMatcherEqualsBleve(t *testing.T) {
	t.Parallel()
	analyzer := NewAnalyzer()
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(genText(cityWords), 1, 12).Draw(t, "texts")
		exprs := rapid.SliceOfN(genExpr(cityWords), 1, 12).Draw(t, "rules")
		rules := make([]Rule, len(exprs))
		for i, expr := range exprs {
			rules[i] = Rule{ID: fmt.Sprint(i), Expr: expr}
		}
		m, failed := analyzer.Compile(rules)
		if failed != nil {
			t.Fatal(failed)
		}
		facts := make([]Facts, len(texts))
		for i := range facts {
			facts[i] = genFacts().Draw(t, "facts")
		}
		index := memoryIndex(t, texts, facts)
		defer index.Close()
		matched := make([][]int, len(rules)) // texts by rule
		for i, text := range texts {
			for _, match := range m.MatchItem(text, facts[i]) {
				var rule int
				fmt.Sscan(match.RuleID, &rule)
				matched[rule] = append(matched[rule], i)
				checkSpans(t, text, match)
			}
		}
		for i := range rules {
			want := decide(analyzer, exprs[i], texts, facts)
			if !slices.Equal(matched[i], want) {
				t.Fatalf("rule %q matches texts %v, the oracle says %v of %q", exprs[i], matched[i], want, texts)
			}
			expr, _ := Parse(exprs[i])
			c := compiler{analyzer: analyzer, atoms: m.atoms}
			root := c.node(expr.root)
			asked, precise := m.atoms.bleveQuery(&root)
			found := ids(t, index, asked)
			if precise && !slices.Equal(found, want) {
				t.Fatalf("rule %q: bleve finds %v, matcher %v in %q", exprs[i], found, want, texts)
			}
			if !precise && slices.ContainsFunc(want, func(text int) bool { return !slices.Contains(found, text) }) {
				t.Fatalf("rule %q: bleve finds %v and misses some of %v in %q", exprs[i], found, want, texts)
			}
		}
	})
}

func decide(analyzer *Analyzer, spelled string, texts []string, facts []Facts) (want []int) {
	expr, err := Parse(spelled)
	if err != nil {
		panic(err)
	}
	for i, text := range texts {
		o := oracle{analyzer: analyzer, tokens: analyzer.Tokens(nil, text), facts: facts[i]}
		if o.holds(expr.root) {
			want = append(want, i)
		}
	}
	return want
}

func checkSpans(t *rapid.T, text string, match Match) {
	last := 0
	if len(match.Spans) != len(match.Words) {
		t.Fatalf("%d spans, %d words", len(match.Spans), len(match.Words))
	}
	for i, s := range match.Spans {
		if s.Start < last || s.End <= s.Start || text[s.Start:s.End] != match.Words[i] {
			t.Fatalf("spans %v, words %q in %q", match.Spans, match.Words, text)
		}
		last = s.End
	}
}

func memoryIndex(t fataler, texts []string, facts []Facts) bleve.Index {
	if err := register(); err != nil {
		t.Fatal(err)
	}
	index, err := bleve.NewUsing("", archiveMapping(), scorch.Name, scorch.Name, nil)
	if err != nil {
		t.Fatal(err)
	}
	batch := index.NewBatch()
	for i, text := range texts {
		f := facts[i]
		doc := Doc{Text: text, Network: f.Network, Kind: f.Kind, Source: f.Source, Author: f.Author, Territories: f.Territories}
		if err := batch.Index(fmt.Sprint(i), doc.fields()); err != nil {
			t.Fatal(err)
		}
	}
	if err := index.Batch(batch); err != nil {
		t.Fatal(err)
	}
	return index
}

// fataler is what stops a test: of testing or of rapid.
type fataler interface{ Fatal(args ...any) }

func ids(t fataler, index bleve.Index, q query.Query) (found []int) {
	result, err := index.SearchInContext(context.Background(), bleve.NewSearchRequestOptions(q, 10_000, 0, false))
	if err != nil {
		t.Fatal(err)
	}
	for _, hit := range result.Hits {
		var id int
		fmt.Sscan(hit.ID, &id)
		found = append(found, id)
	}
	slices.Sort(found)
	return found
}
