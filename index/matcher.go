package index

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Matcher decides which of a fixed set of rules an item satisfies. It is
// immutable and safe for concurrent use; to change the rules, compile anew and
// swap.
type Matcher struct {
	analyzer *Analyzer
	atoms    *atoms
	rules    []compiledRule
	code     []uint32
	// anchors are grouped by the atom that leads to them: those of the atom i
	// stand from anchorsOf[i] to anchorsOf[i+1].
	anchors   []anchor
	anchorsOf []uint32
	// placed tells the atoms whose places matter, as bits.
	placed []uint64
	view   atomic.Pointer[view]
	pool   sync.Pool // of *reading
	texts  atomic.Uint32
}

type compiledRule struct {
	id, topic string
	version   int
	start     uint32 // where its code begins
}

// Compile builds a Matcher from the rules that can be compiled and reports the
// others. It reads texts with the Analyzer that the archives' texts are read with,
// so that words are learned once and rules that are compiled anew know them.
func Compile(rules []Rule) (*Matcher, []RuleError) {
	return sharedAnalyzer().Compile(rules)
}

// Compile builds a Matcher that reads texts with this Analyzer.
func (a *Analyzer) Compile(rules []Rule) (*Matcher, []RuleError) {
	b := builder{compiler: compiler{analyzer: a, atoms: newAtoms()}}
	var failed []RuleError
	for i := range rules {
		expr, err := Parse(rules[i].Expr)
		if err != nil {
			failed = append(failed, RuleError{RuleID: rules[i].ID, Err: err})
			continue
		}
		b.add(&rules[i], b.node(expr.root))
	}
	return b.build(), failed
}

// builder gathers the parts of a Matcher.
type builder struct {
	compiler
	rules  []compiledRule
	roots  []node
	costs  []float64 // by atom
	code   []uint32
	starts []uint32 // by rule
}

func (b *builder) add(r *Rule, root node) {
	b.rules = append(b.rules, compiledRule{id: r.ID, topic: r.TopicID, version: r.Version})
	b.roots = append(b.roots, root)
}

func (b *builder) build() *Matcher {
	b.weigh(len(b.roots))
	b.code = []uint32{uint32(opEnd)} // so that no code begins at 0
	m := &Matcher{analyzer: b.analyzer, atoms: b.atoms, rules: slices.Clip(b.rules), anchorsOf: make([]uint32, len(b.atoms.names)+1)}
	type lead struct {
		from atom
		to   anchor
	}
	var leads []lead
	for i, root := range b.roots {
		set, to := b.plan(root)
		to.rule = uint32(i)
		m.rules[i].start = b.starts[i]
		for _, id := range set {
			leads = append(leads, lead{id, to})
			m.anchorsOf[id+1]++
		}
	}
	for i := range len(b.atoms.names) {
		m.anchorsOf[i+1] += m.anchorsOf[i]
	}
	next := slices.Clone(m.anchorsOf)
	m.anchors = make([]anchor, len(leads))
	for _, l := range leads {
		m.anchors[next[l.from]] = l.to
		next[l.from]++
	}
	m.code = slices.Clip(slices.Clone(b.code))
	m.atoms.names = slices.Clip(m.atoms.names)
	m.placed = placedAtoms(b.roots, len(b.atoms.names))
	m.pool.New = func() any { return newReading(m) }
	return m
}

// placedAtoms marks the atoms of phrases and distances.
func placedAtoms(roots []node, n int) []uint64 {
	placed := make([]uint64, (n+63)/64)
	var walk func(*node, bool)
	walk = func(n *node, near bool) {
		if near || len(n.run) > 1 {
			for _, id := range n.run {
				placed[id>>6] |= 1 << (id & 63)
			}
		}
		for i := range n.kids {
			walk(&n.kids[i], near || n.op == opNear)
		}
	}
	for i := range roots {
		walk(&roots[i], false)
	}
	return placed
}

// Len is the number of rules.
func (m *Matcher) Len() int { return len(m.rules) }

// RuleID names a rule by its number, as Fired gives it.
func (m *Matcher) RuleID(i int) string { return m.rules[i].id }

// Match returns the rules that text satisfies, in the order they were given.
// No facts are known of it.
func (m *Matcher) Match(text string) []Match { return m.MatchItem(text, Facts{}) }

// MatchItem returns the rules that an item satisfies, in the order they were
// given.
func (m *Matcher) MatchItem(text string, facts Facts) []Match {
	r := m.pool.Get().(*reading)
	defer r.release()
	r.read(text, &facts)
	r.decide()
	if len(r.fired) == 0 {
		return nil
	}
	r.locate(&facts)
	matches := make([]Match, len(r.fired))
	for i, n := range r.fired {
		rule := &m.rules[n]
		spans := r.spans(m.code[rule.start:])
		matches[i] = Match{RuleID: rule.id, RuleVersion: rule.version, TopicID: rule.topic, Spans: spans}
		for _, s := range spans {
			matches[i].Words = append(matches[i].Words, text[s.Start:s.End])
		}
	}
	return matches
}

// Fired appends the numbers of the rules that an item satisfies, ascending: a
// rule's number is its place among those that were compiled. It is Match
// without the reasons, and takes no memory but that of dst.
func (m *Matcher) Fired(dst []int, text string, facts Facts) []int {
	r := m.pool.Get().(*reading)
	defer r.release()
	r.read(text, &facts)
	r.decide()
	for _, n := range r.fired {
		dst = append(dst, int(n))
	}
	return dst
}
