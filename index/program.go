package index

import "strings"

// atom is one thing that is looked for among the tokens of a text.
type atom uint32

// atoms numbers the terms, forms and prefixes that a set of rules looks for.
type atoms struct {
	terms    map[string]atom
	forms    map[string]atom
	prefixes map[string]atom
	// prefixLens are the lengths of prefixes in bytes, in no order.
	prefixLens []int
	// names holds each atom's text, for weighing and for queries.
	names []atomName
}

type atomName struct {
	text string
	mode wordMode
	// term is the term of a form, so that an index of terms can be asked.
	term string
}

func newAtoms() *atoms {
	return &atoms{terms: map[string]atom{}, forms: map[string]atom{}, prefixes: map[string]atom{}}
}

func (a *atoms) add(m map[string]atom, name atomName) atom {
	if id, ok := m[name.text]; ok {
		return id
	}
	id := atom(len(a.names))
	a.names = append(a.names, name)
	m[name.text] = id
	return id
}

func (a *atoms) term(text string) atom { return a.add(a.terms, atomName{text: text}) }

func (a *atoms) form(form, term string) atom {
	return a.add(a.forms, atomName{text: form, mode: exactForm, term: term})
}

func (a *atoms) prefix(text string) atom {
	before := len(a.names)
	id := a.add(a.prefixes, atomName{text: text, mode: prefixForm})
	if len(a.names) > before && !contains(a.prefixLens, len(text)) {
		a.prefixLens = append(a.prefixLens, len(text))
	}
	return id
}

func contains(list []int, n int) bool {
	for _, x := range list {
		if x == n {
			return true
		}
	}
	return false
}

// opcode is what a node of a compiled rule does.
type opcode uint8

const (
	opLeaf opcode = iota // atoms at consecutive positions
	opAnd
	opOr
	opNot
	opNear
)

// node is one part of a compiled rule.
type node struct {
	op   opcode
	dist int
	run  []atom // of a leaf
	kids []node
}

// compiler turns expressions into nodes over a common set of atoms.
type compiler struct {
	analyzer *Analyzer
	atoms    *atoms
	scratch  []Token
}

func (c *compiler) node(e exprNode) node {
	switch e := e.(type) {
	case wordExpr:
		return c.word(e)
	case phraseExpr:
		var run []atom
		for _, w := range e.words {
			run = append(run, c.run(w)...)
		}
		return node{op: opLeaf, run: run}
	case nearExpr:
		return node{op: opNear, dist: e.dist, kids: []node{c.node(e.left), c.node(e.right)}}
	case andExpr:
		return node{op: opAnd, kids: c.nodes(e.kids)}
	case orExpr:
		return node{op: opOr, kids: c.nodes(e.kids)}
	}
	return node{op: opNot, kids: []node{c.node(e.(notExpr).kid)}}
}

func (c *compiler) nodes(kids []exprNode) []node {
	out := make([]node, 0, len(kids))
	for _, kid := range kids {
		out = append(out, c.node(kid))
	}
	return out
}

// word compiles a word. A prefix also means the word itself in all its forms,
// and the words that some form of begins so: terms may be shorter than the
// beginning that people type, or differ from it («вывоз*» and «вывезли»).
func (c *compiler) word(w wordExpr) node {
	if w.mode != prefixForm {
		return node{op: opLeaf, run: c.run(w)}
	}
	form := fold(w.text)
	prefix := smooth(strings.ReplaceAll(form, "ъ", "ь"))
	kids := []node{{op: opLeaf, run: []atom{c.atoms.prefix(prefix)}}}
	for _, term := range c.analyzer.stemmer.beginning(form) {
		if !strings.HasPrefix(term, prefix) {
			kids = append(kids, node{op: opLeaf, run: []atom{c.atoms.term(term)}})
		}
	}
	if len(kids) == 1 {
		return kids[0]
	}
	return node{op: opOr, kids: kids}
}

// run compiles the words that a spelled word consists of; mostly one.
func (c *compiler) run(w wordExpr) []atom {
	c.scratch = c.analyzer.Tokens(c.scratch[:0], w.text)
	if strings.HasPrefix(w.text, "#") {
		return []atom{c.atoms.term(c.scratch[0].Term)}
	}
	run := make([]atom, 0, len(c.scratch))
	for _, t := range c.scratch {
		switch {
		case t.Form == "" && strings.HasPrefix(t.Term, "#"):
			// Glued to a word, a hashtag is what its words are.
		case w.mode == exactForm && t.Form != "":
			run = append(run, c.atoms.form(t.Form, t.Term))
		default:
			run = append(run, c.atoms.term(t.Term))
		}
	}
	return run
}
