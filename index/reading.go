package index

import (
	"cmp"
	"slices"
)

// maxPooledTokens bounds the memory that an idle reading keeps.
const maxPooledTokens = 1 << 14

// reading is one text as the rules see it: which atoms stand where.
type reading struct {
	atoms  *atoms
	tokens []Token
	// occ lists, per atom, the tokens it was met in, ascending.
	occ        [][]int32
	met        []atom
	candidates []uint32
	left       []place
	right      []place
}

// place is where an operand stands: positions and bytes, the ends included and
// excluded respectively.
type place struct {
	first, last int
	span        Span
}

func newReading(a *atoms) *reading {
	return &reading{atoms: a, occ: make([][]int32, len(a.names))}
}

func (r *reading) reset() {
	for _, id := range r.met {
		r.occ[id] = r.occ[id][:0]
	}
	clear(r.tokens) // the terms would keep the text alive
	r.tokens, r.met, r.candidates = r.tokens[:0], r.met[:0], r.candidates[:0]
}

// meet notes the atoms that the token i is.
func (r *reading) meet(i int32) {
	t := &r.tokens[i]
	if id, ok := r.atoms.terms[t.Term]; ok {
		r.note(id, i)
	}
	if len(r.atoms.forms) > 0 && t.Form != "" {
		if id, ok := r.atoms.forms[t.Form]; ok {
			r.note(id, i)
		}
	}
	for _, n := range r.atoms.prefixLens {
		if n <= len(t.Term) {
			if id, ok := r.atoms.prefixes[t.Term[:n]]; ok {
				r.note(id, i)
			}
		}
	}
}

func (r *reading) note(id atom, token int32) {
	if len(r.occ[id]) == 0 {
		r.met = append(r.met, id)
	}
	r.occ[id] = append(r.occ[id], token)
}

// holds decides a node.
func (r *reading) holds(n *node) bool {
	switch n.op {
	case opLeaf:
		if len(n.run) == 1 {
			return len(r.occ[n.run[0]]) > 0
		}
		for _, start := range r.occ[n.run[0]] {
			if r.follow(n.run, start) >= 0 {
				return true
			}
		}
		return false
	case opAnd:
		for i := range n.kids {
			if !r.holds(&n.kids[i]) {
				return false
			}
		}
		return true
	case opOr:
		for i := range n.kids {
			if r.holds(&n.kids[i]) {
				return true
			}
		}
		return false
	case opNot:
		return !r.holds(&n.kids[0])
	}
	found := false
	r.near(n, func(place, place) bool {
		found = true
		return false
	})
	return found
}

// follow returns the token in which the run that starts with the token start
// ends, -1 if the run does not stand there.
func (r *reading) follow(run []atom, start int32) int32 {
	pos, end := r.tokens[start].Pos, start
	for _, id := range run[1:] {
		pos++
		at, ok := slices.BinarySearchFunc(r.occ[id], pos, func(t int32, want int) int {
			return cmp.Compare(r.tokens[t].Pos, want)
		})
		if !ok {
			return -1
		}
		end = r.occ[id][at]
	}
	return end
}

// places appends all places of an operand: a leaf or a choice of leaves.
func (r *reading) places(dst []place, n *node) []place {
	if n.op == opOr {
		for i := range n.kids {
			dst = r.places(dst, &n.kids[i])
		}
		return dst
	}
	for _, start := range r.occ[n.run[0]] {
		end := start
		if len(n.run) > 1 {
			if end = r.follow(n.run, start); end < 0 {
				continue
			}
		}
		first, last := &r.tokens[start], &r.tokens[end]
		dst = append(dst, place{first.Pos, last.Pos, Span{first.Start, last.End}})
	}
	return dst
}

// near calls yield for each pair of places that is close enough, until yield
// returns false.
func (r *reading) near(n *node, yield func(left, right place) bool) {
	r.left = r.places(r.left[:0], &n.kids[0])
	r.right = r.places(r.right[:0], &n.kids[1])
	byFirst := func(a, b place) int { return cmp.Compare(a.first, b.first) }
	slices.SortFunc(r.right, byFirst)
	longest := 0
	for _, p := range r.right {
		longest = max(longest, p.last-p.first)
	}
	for _, p := range r.left {
		from, _ := slices.BinarySearchFunc(r.right, p.first-n.dist-longest, func(q place, first int) int {
			return cmp.Compare(q.first, first)
		})
		for _, q := range r.right[from:] {
			if q.first > p.last+n.dist {
				break
			}
			if d := p.distance(q); d >= 1 && d <= n.dist && !yield(p, q) {
				return
			}
		}
	}
}

// distance counts the words from one place to the other; neighbours are at 1,
// places that overlap at 0 or less.
func (p place) distance(q place) int { return max(q.first-p.last, p.first-q.last) }

// spans collects the words that make a node hold, merged and ascending.
func (r *reading) spans(root *node) []Span { return merge(r.collect(nil, root)) }

func (r *reading) collect(dst []Span, n *node) []Span {
	switch n.op {
	case opLeaf:
		for _, p := range r.places(nil, n) {
			dst = append(dst, p.span)
		}
	case opAnd, opOr:
		for i := range n.kids {
			if n.op == opAnd || r.holds(&n.kids[i]) {
				dst = r.collect(dst, &n.kids[i])
			}
		}
	case opNear:
		r.near(n, func(left, right place) bool {
			dst = append(dst, left.span, right.span)
			return true
		})
	}
	return dst
}
