package classify

import (
	"cmp"
	"math"
	"slices"

	"otklik/index"
)

// A feature is a hash of what was found in a text and of the group that it
// belongs to: a stem and a pair with the same letters are different features.
type group uint64

const (
	groupStem group = iota + 1
	groupPair
	groupPiece
	groupShape
)

// What a feature of a group weighs before it is known how rare it is. Measured
// on portals' cases: pieces add most where texts are few, pairs where they are
// many.
const (
	stemWeight  = 1
	pairWeight  = 1
	pieceWeight = 0.6
	shapeWeight = 0.5
)

// pieceLength is how many letters a piece of a word has.
const pieceLength = 4

// feature is one thing found in a text and the bytes it was found in first.
type feature struct {
	key    uint64
	weight float32
	span   index.Span
	shape  Shape // where it is one
}

// hash names a feature. Stored models hold such names, so it never changes.
func hash(g group, parts ...string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset) ^ uint64(g)*prime
	for _, part := range parts {
		for i := range len(part) {
			h = (h ^ uint64(part[i])) * prime
		}
		h = (h ^ 0x1f) * prime // so that "ab","c" is not "a","bc"
	}
	return h ^ h>>29
}

// extractor reads texts into features. It is for one goroutine.
type extractor struct {
	analyzer *index.Analyzer
	tokens   []index.Token
	found    []feature
	ends     []int
}

// read returns the features of an item, each key once, ascending. They are
// valid until the next call.
func (x *extractor) read(item Item) []feature {
	x.tokens = x.analyzer.Tokens(x.tokens[:0], item.Text)
	x.found = x.found[:0]
	for i := range x.tokens {
		t := &x.tokens[i]
		span := index.Span{Start: t.Start, End: t.End}
		x.add(groupStem, span, stemWeight, t.Term)
		if i > 0 && x.tokens[i-1].Pos == t.Pos-1 {
			x.add(groupPair, index.Span{Start: x.tokens[i-1].Start, End: t.End}, pairWeight, x.tokens[i-1].Term, t.Term)
		}
		x.pieces(t.Form, span)
	}
	for _, s := range shapesOf(item, x.tokens) {
		x.found = append(x.found, feature{key: hash(groupShape, string(s)), weight: shapeWeight, shape: s})
	}
	return x.unite()
}

// pieces adds the pieces of a word. They join words of one root and survive a
// slip of the pen. The edges of the word count as letters.
func (x *extractor) pieces(form string, span index.Span) {
	if form == "" {
		return
	}
	form = "_" + form + "_"
	x.ends = x.ends[:0]
	for i := range form {
		x.ends = append(x.ends, i)
	}
	x.ends = append(x.ends, len(form))
	for i := 0; i+pieceLength < len(x.ends); i++ {
		x.add(groupPiece, span, pieceWeight, form[x.ends[i]:x.ends[i+pieceLength]])
	}
}

func (x *extractor) add(g group, span index.Span, weight float32, parts ...string) {
	x.found = append(x.found, feature{key: hash(g, parts...), weight: weight, span: span})
}

// unite joins equal features: the second and third time count less and less.
func (x *extractor) unite() []feature {
	slices.SortFunc(x.found, func(a, b feature) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.span.Start, b.span.Start))
	})
	n := 0
	for i, j := 0, 0; i < len(x.found); i = j {
		for j = i + 1; j < len(x.found) && x.found[j].key == x.found[i].key; j++ {
		}
		f := x.found[i]
		f.weight *= float32(1 + math.Log(float64(j-i)))
		x.found[n] = f
		n++
	}
	return x.found[:n]
}
