package index

import (
	"strconv"
	"strings"
)

// Expr is a rule's condition, as Parse returns it. String gives the canonical
// spelling, which parses into the same Expr.
type Expr struct{ root exprNode }

// String spells the condition canonically.
func (e Expr) String() string {
	if e.root == nil {
		return ""
	}
	var b strings.Builder
	e.root.print(&b)
	return b.String()
}

// exprNode is one of wordExpr, phraseExpr, nearExpr, factExpr, andExpr, orExpr,
// notExpr.
type exprNode interface {
	print(b *strings.Builder)
}

// wordMode says which spellings of a word are meant.
type wordMode uint8

const (
	anyForm wordMode = iota
	exactForm
	prefixForm
	fuzzyForm // differs by some letters
	globForm  // with stars; text holds them
	regexpForm
	factForm // no word but a fact about the item; of atoms only
)

// wordExpr is a word. Spelled so that the analyzer sees several, as «из-за»,
// it is a phrase of them.
type wordExpr struct {
	text string
	mode wordMode
	// edits is how many letters may differ in the fuzzyForm.
	edits int
}

// phraseExpr is words that follow each other.
type phraseExpr struct{ words []wordExpr }

// nearExpr is two operands at most dist words apart, in either order. The
// operands are words, phrases, or a choice of these.
type nearExpr struct {
	left, right exprNode
	dist        int
}

type (
	andExpr struct{ kids []exprNode }
	orExpr  struct{ kids []exprNode }
	notExpr struct{ kid exprNode }
)

func (w wordExpr) print(b *strings.Builder) {
	if w.mode == exactForm {
		b.WriteByte('=')
	}
	if w.mode == regexpForm {
		b.WriteString("/" + w.text + "/")
		return
	}
	b.WriteString(w.text)
	switch w.mode {
	case prefixForm:
		b.WriteByte('*')
	case fuzzyForm:
		b.WriteString("~" + strconv.Itoa(w.edits))
	}
}

func (p phraseExpr) print(b *strings.Builder) {
	b.WriteByte('"')
	for i, w := range p.words {
		if i > 0 {
			b.WriteByte(' ')
		}
		w.print(b)
	}
	b.WriteByte('"')
}

func (n nearExpr) print(b *strings.Builder) {
	printInside(b, n.left, false)
	b.WriteString(" /" + strconv.Itoa(n.dist) + " ")
	printInside(b, n.right, false)
}

func (a andExpr) print(b *strings.Builder) {
	for i, kid := range a.kids {
		if i > 0 {
			b.WriteByte(' ')
		}
		printInside(b, kid, true)
	}
}

func (o orExpr) print(b *strings.Builder) {
	for i, kid := range o.kids {
		if i > 0 {
			b.WriteString(" | ")
		}
		printInside(b, kid, true)
	}
}

func (n notExpr) print(b *strings.Builder) {
	b.WriteByte('-')
	printInside(b, n.kid, false)
}

// printInside puts brackets around what would otherwise be read differently.
// loose says that the place lets a negation and a distance stand bare.
func printInside(b *strings.Builder, kid exprNode, loose bool) {
	bare := false
	switch kid.(type) {
	case wordExpr, phraseExpr, factExpr:
		bare = true
	case notExpr, nearExpr:
		bare = loose
	}
	if bare {
		kid.print(b)
		return
	}
	b.WriteByte('(')
	kid.print(b)
	b.WriteByte(')')
}

// all and any build conjunctions and disjunctions, flat and without idle
// brackets, so that equal conditions have equal trees.
func all(kids []exprNode) exprNode {
	var flat []exprNode
	for _, kid := range kids {
		if and, ok := kid.(andExpr); ok {
			flat = append(flat, and.kids...)
			continue
		}
		flat = append(flat, kid)
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return andExpr{flat}
}

func anyOf(kids []exprNode) exprNode {
	var flat []exprNode
	for _, kid := range kids {
		if or, ok := kid.(orExpr); ok {
			flat = append(flat, or.kids...)
			continue
		}
		flat = append(flat, kid)
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return orExpr{flat}
}

// demands says whether the condition can only hold where some word stands or
// some fact is known. What does not would fire on every text without the words
// it excludes.
func demands(n exprNode) bool {
	switch n := n.(type) {
	case andExpr:
		for _, kid := range n.kids {
			if demands(kid) {
				return true
			}
		}
		return false
	case orExpr:
		for _, kid := range n.kids {
			if !demands(kid) {
				return false
			}
		}
		return true
	case notExpr:
		return false
	}
	return true
}
