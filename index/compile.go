package index

import "strings"

// opcode is what a node of a compiled rule does.
type opcode uint8

const (
	opEnd    opcode = iota
	opTerm          // one atom; in code only
	opAny           // one of several atoms; in code only
	opPhrase        // atoms that follow each other; in code only
	opAnd
	opOr
	opNot
	opNear
	opLeaf // atoms at consecutive positions; in trees only
)

// node is one part of a compiled rule, as a tree.
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
	case factExpr:
		return leaf(c.atoms.fact(fact(e)))
	case nearExpr:
		return node{op: opNear, dist: e.dist, kids: []node{c.node(e.left), c.node(e.right)}}
	case andExpr:
		return node{op: opAnd, kids: c.nodes(e.kids)}
	case orExpr:
		return node{op: opOr, kids: c.nodes(e.kids)}
	}
	return node{op: opNot, kids: []node{c.node(e.(notExpr).kid)}}
}

func leaf(id atom) node { return node{op: opLeaf, run: []atom{id}} }

func (c *compiler) nodes(kids []exprNode) []node {
	out := make([]node, 0, len(kids))
	for _, kid := range kids {
		out = append(out, c.node(kid))
	}
	return out
}

func (c *compiler) word(w wordExpr) node {
	switch w.mode {
	case prefixForm:
		return c.prefix(w)
	case fuzzyForm:
		return c.fuzzy(w)
	case globForm:
		return leaf(c.atoms.glob(foldGlob(w.text)))
	case regexpForm:
		return leaf(c.atoms.regexp(w.text))
	}
	return node{op: opLeaf, run: c.run(w)}
}

// prefix compiles a beginning. It also means the word itself in all its forms,
// and the words that some form of begins so: terms may be shorter than the
// beginning that people type, or differ from it («вывоз*» and «вывезли»).
func (c *compiler) prefix(w wordExpr) node {
	form := fold(w.text)
	prefix := smooth(strings.ReplaceAll(form, "ъ", "ь"))
	kids := []node{leaf(c.atoms.prefix(prefix))}
	for _, term := range c.analyzer.stemmer.beginning(form) {
		if !strings.HasPrefix(term, prefix) {
			kids = append(kids, leaf(c.atoms.term(term)))
		}
	}
	return oneOf(kids)
}

// fuzzy compiles a word that may be misspelled. People also type what is left
// of a word without its ending («отоплен~1»), so both are meant: the term of
// the word and the letters as they stand. A short term is not varied: near
// «вод» there are «год», «код» and «ход».
func (c *compiler) fuzzy(w wordExpr) node {
	form := fold(w.text)
	term := c.analyzer.stemmer.term(form)
	kids := []node{leaf(c.atoms.term(term))}
	if runeCount(term) >= minFuzzy-1 {
		kids[0] = leaf(c.atoms.fuzzyTerm(term, w.edits))
	}
	if bare := smooth(form); bare != term {
		kids = append(kids, leaf(c.atoms.fuzzyTerm(bare, w.edits)))
	}
	return oneOf(kids)
}

func oneOf(kids []node) node {
	if len(kids) == 1 {
		return kids[0]
	}
	return node{op: opOr, kids: kids}
}

// foldGlob brings the letters between stars to what terms are made of. A glob
// may begin within a word, where terms hold no doubled letters.
func foldGlob(text string) string {
	var out []rune
	for _, r := range lowerRunes(make([]rune, 0, maxForm), text) {
		n := len(out)
		if r == 'ь' || r == 'ъ' || n > 0 && out[n-1] == r && (n > 1 || out[0] == '*') {
			continue
		}
		out = append(out, r)
	}
	return string(out)
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
