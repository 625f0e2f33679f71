package index

import (
	"slices"
	"sync"
)

// Matcher decides which of a fixed set of rules a text satisfies. It is
// immutable and safe for concurrent use; to change the rules, compile anew and
// swap.
type Matcher struct {
	analyzer *Analyzer
	atoms    *atoms
	rules    []compiledRule
	// anchored lists, per atom, the rules to decide when the atom is met.
	anchored [][]uint32
	pool     sync.Pool // of *reading
}

type compiledRule struct {
	id, topic string
	version   int
	root      node
}

// Compile builds a Matcher from the rules that can be compiled and reports the
// others. It brings an Analyzer of its own; use Analyzer.Compile to share one.
func Compile(rules []Rule) (*Matcher, []RuleError) {
	return NewAnalyzer().Compile(rules)
}

// Compile builds a Matcher that reads texts with this Analyzer.
func (a *Analyzer) Compile(rules []Rule) (*Matcher, []RuleError) {
	c := compiler{analyzer: a, atoms: newAtoms()}
	m := &Matcher{analyzer: a, atoms: c.atoms}
	var failed []RuleError
	for _, r := range rules {
		expr, err := Parse(r.Expr)
		if err != nil {
			failed = append(failed, RuleError{RuleID: r.ID, Err: err})
			continue
		}
		m.rules = append(m.rules, compiledRule{id: r.ID, topic: r.TopicID, version: r.Version, root: c.node(expr.root)})
	}
	m.anchor()
	m.pool.New = func() any { return newReading(m.atoms) }
	return m, failed
}

func (m *Matcher) anchor() {
	m.anchored = make([][]uint32, len(m.atoms.names))
	for i, r := range m.rules {
		set, _, _ := m.atoms.anchors(r.root)
		slices.Sort(set)
		for _, id := range slices.Compact(set) {
			m.anchored[id] = append(m.anchored[id], uint32(i))
		}
	}
}

// Len is the number of rules.
func (m *Matcher) Len() int { return len(m.rules) }

// Match returns the rules that text satisfies, in the order they were given.
func (m *Matcher) Match(text string) []Match {
	r := m.read(text)
	defer m.release(r)
	var matches []Match
	for _, i := range m.candidates(r) {
		rule := &m.rules[i]
		if !r.holds(&rule.root) {
			continue
		}
		match := Match{RuleID: rule.id, RuleVersion: rule.version, TopicID: rule.topic, Spans: r.spans(&rule.root)}
		for _, s := range match.Spans {
			match.Words = append(match.Words, text[s.Start:s.End])
		}
		matches = append(matches, match)
	}
	return matches
}

// candidates lists the rules one of whose anchors was met, ascending.
func (m *Matcher) candidates(r *reading) []uint32 {
	for _, id := range r.met {
		r.candidates = append(r.candidates, m.anchored[id]...)
	}
	slices.Sort(r.candidates)
	r.candidates = slices.Compact(r.candidates)
	return r.candidates
}

func (m *Matcher) read(text string) *reading {
	r := m.pool.Get().(*reading)
	r.tokens = m.analyzer.Tokens(r.tokens, text)
	for i := range r.tokens {
		r.meet(int32(i))
	}
	return r
}

func (m *Matcher) release(r *reading) {
	// A giant text must not pin its memory in the pool.
	if cap(r.tokens) <= maxPooledTokens {
		r.reset()
		m.pool.Put(r)
	}
}
