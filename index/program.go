package index

import "slices"

// A compiled rule is a stretch of one array of numbers, so that deciding it
// touches little memory: nodes one after the other, all of which have to hold,
// up to opEnd. A node begins with its opcode in the low bits and a payload: the
// atom of an opTerm, else how many numbers follow and belong to it.

const (
	opBits = 3
	opMask = 1<<opBits - 1
)

func headOf(op opcode, payload int) uint32 { return uint32(payload)<<opBits | uint32(op) }

// nodeSize is how many numbers the node at the beginning of code takes.
func nodeSize(code []uint32) int {
	if opcode(code[0]&opMask) == opTerm {
		return 1
	}
	return 1 + int(code[0]>>opBits)
}

// encode appends a node.
func encode(code []uint32, n *node) []uint32 {
	if n.op == opLeaf && len(n.run) == 1 {
		return append(code, headOf(opTerm, int(n.run[0])))
	}
	at := len(code)
	code = append(code, 0)
	op := n.op
	switch {
	case op == opLeaf:
		op = opPhrase
		for _, id := range n.run {
			code = append(code, uint32(id))
		}
	case op == opOr && allSingle(n.kids):
		op = opAny
		for i := range n.kids {
			code = append(code, uint32(n.kids[i].run[0]))
		}
	case op == opNear:
		code = append(code, uint32(n.dist))
		fallthrough
	default:
		for i := range n.kids {
			code = encode(code, &n.kids[i])
		}
	}
	code[at] = headOf(op, len(code)-at-1)
	return code
}

func single(n *node) bool { return n.op == opLeaf && len(n.run) == 1 }

func allSingle(kids []node) bool {
	return !slices.ContainsFunc(kids, func(n node) bool { return !single(&n) })
}

// anchor sends an item that holds some atom to a rule.
type anchor struct {
	rule uint32
	// second has to be met as well; noAtom if there is no such atom.
	second atom
	// code is where the rest of the rule begins; 0: nothing is left to decide.
	code uint32
}

// plan orders what a rule demands for deciding it fast: the part with the
// rarest atoms first, whose atoms become the anchors, then the rarest single
// word of the others. What anchors alone decide is not decided again.
func (b *builder) plan(root node) (anchors []atom, a anchor) {
	parts := []node{root}
	if root.op == opAnd {
		parts = slices.Clone(root.kids)
	}
	first, anchors := b.cheapestPart(parts)
	parts[0], parts[first] = parts[first], parts[0]
	decided := 0 // parts that anchors decide
	if single(&parts[0]) || parts[0].op == opOr && allSingle(parts[0].kids) {
		decided = 1
	}
	a.second = noAtom
	if at := b.cheapestWord(parts, 1); at > 0 {
		a.second = parts[at].run[0]
		parts[1], parts[at] = parts[at], parts[1]
		if decided == 1 {
			decided = 2
		}
	} else if parts[0].op == opLeaf && len(parts[0].run) > 1 {
		a.second = b.companion(parts[0].run, anchors[0])
	}
	b.starts = append(b.starts, uint32(len(b.code)))
	for i := range parts {
		if i == decided {
			a.code = uint32(len(b.code))
		}
		b.code = encode(b.code, &parts[i])
	}
	b.code = append(b.code, uint32(opEnd))
	return anchors, a
}

// cheapestPart returns the part with the rarest anchors.
func (b *builder) cheapestPart(parts []node) (at int, set []atom) {
	best := 0.0
	for i := range parts {
		kidSet, cost, ok := b.anchors(&parts[i])
		if ok && (set == nil || cost < best) {
			at, set, best = i, kidSet, cost
		}
	}
	slices.Sort(set)
	return at, slices.Compact(set)
}

// cheapestWord returns the rarest of the parts from from on that are one word;
// 0 if none is.
func (b *builder) cheapestWord(parts []node, from int) (at int) {
	for i := from; i < len(parts); i++ {
		if single(&parts[i]) && (at == 0 || b.cost(parts[i].run[0]) < b.cost(parts[at].run[0])) {
			at = i
		}
	}
	return at
}

// companion returns the rarest other atom of a phrase.
func (b *builder) companion(run []atom, anchor atom) atom {
	best := noAtom
	for _, id := range run {
		if id != anchor && (best == noAtom || b.cost(id) < b.cost(best)) {
			best = id
		}
	}
	return best
}

// anchors returns a set of atoms one of which stands in every text that
// satisfies the node, and the set's cost: how often, roughly, texts hold one
// of them. ok is false where no such set exists.
func (b *builder) anchors(n *node) (set []atom, cost float64, ok bool) {
	switch n.op {
	case opLeaf:
		best := n.run[0]
		for _, id := range n.run[1:] {
			if b.cost(id) < b.cost(best) {
				best = id
			}
		}
		return []atom{best}, b.cost(best), true
	case opAnd, opNear:
		for i := range n.kids {
			kidSet, kidCost, kidOK := b.anchors(&n.kids[i])
			if kidOK && (!ok || kidCost < cost) {
				set, cost, ok = kidSet, kidCost, true
			}
		}
		return set, cost, ok
	case opOr:
		for i := range n.kids {
			kidSet, kidCost, kidOK := b.anchors(&n.kids[i])
			if !kidOK {
				return nil, 0, false
			}
			set, cost = append(set, kidSet...), cost+kidCost
		}
		return set, cost, true
	}
	return nil, 0, false
}
