package index

import (
	"cmp"
	"math/bits"
	"slices"
)

// maxPooledWords bounds the memory that an idle reading keeps.
const maxPooledWords = 1 << 14

// reading is one item as a Matcher sees it: which atoms it holds, and where.
type reading struct {
	matcher *Matcher
	cut     cutText
	// held has a bit for each atom; met lists those that are set.
	held []uint64
	met  []atom
	// ends are the first and the last occurrence of an atom. They mean something
	// for atoms that are held and placed, and after locate for all that are held.
	ends        []chain
	occurrences []occurrence
	// fired lists the rules that the item satisfies, once decided, ascending.
	fired []uint32
	// hits has a bit for each rule, and hitWords one for each word of hits.
	hits, hitWords []uint64
	cursors        []int32
	left, right    []place
	scratch        []atom
}

type chain struct{ first, last int32 }

// occurrence is a word that an atom was met in; next is -1 for the last one.
type occurrence struct{ pos, start, end, next int32 }

// place is where an operand stands: positions and bytes, the ends included and
// excluded respectively.
type place struct {
	first, last int
	span        Span
}

func newReading(m *Matcher) *reading {
	return &reading{
		matcher: m, held: make([]uint64, len(m.placed)), ends: make([]chain, len(m.atoms.names)),
		hits: make([]uint64, len(m.rules)/64+1), hitWords: make([]uint64, len(m.rules)/4096+1),
	}
}

func (r *reading) release() {
	// A giant text must not pin its memory in the pool.
	if cap(r.cut.words) > maxPooledWords {
		return
	}
	r.forget()
	r.fired = r.fired[:0]
	r.cut.vocabulary = nil
	clear(r.cut.extra)
	r.matcher.pool.Put(r)
}

func (r *reading) forget() {
	for _, id := range r.met {
		r.held[id>>6] = 0
	}
	r.met, r.occurrences = r.met[:0], r.occurrences[:0]
}

// read takes an item in.
func (r *reading) read(text string, facts *Facts) {
	m := r.matcher
	m.analyzer.cut(&r.cut, text)
	if m.texts.Add(1)%sampleEvery == 0 {
		m.analyzer.count(&r.cut)
	}
	r.meet(facts, m.placed)
}

// locate finds the places of all atoms, which only matches need.
func (r *reading) locate(facts *Facts) {
	r.forget()
	r.meet(facts, nil)
}

// meet notes the atoms of an item, with places where placed says so; nil means
// all of them.
func (r *reading) meet(facts *Facts, placed []uint64) {
	if len(r.matcher.atoms.facts) > 0 {
		r.meetFacts(facts)
	}
	v := r.matcher.viewOf(r.cut.vocabulary)
	for i := range r.cut.words {
		t := &r.cut.words[i]
		if int(t.word) >= len(v.resolved) {
			r.scratch = r.matcher.atoms.resolve(r.scratch[:0], r.cut.word(t.word))
			for _, id := range r.scratch {
				r.note(id, t, placed)
			}
			continue
		}
		value := v.resolved[t.word].Load()
		if value == 0 {
			value = v.resolve(r.matcher.atoms, t.word)
		}
		switch {
		case value == resolvedNone:
		case value&1 == 0:
			r.note(atom(value>>1-1), t, placed)
		default:
			for _, id := range v.list(value) {
				r.note(atom(id), t, placed)
			}
		}
	}
}

func (r *reading) meetFacts(f *Facts) {
	r.meetFact(fieldNetwork, string(f.Network))
	r.meetFact(fieldKind, string(f.Kind))
	r.meetFact(fieldSource, f.Source)
	r.meetFact(fieldAuthor, f.Author)
	for _, t := range f.Territories {
		r.meetFact(fieldTerritory, foldPlace(t))
	}
}

func (r *reading) meetFact(field, value string) {
	if id, ok := r.matcher.atoms.facts[fact{field, value}]; ok && !r.has(id) {
		r.held[id>>6] |= 1 << (id & 63)
		r.met = append(r.met, id)
		r.ends[id] = chain{-1, -1}
	}
}

func (r *reading) has(id atom) bool { return r.held[id>>6]&(1<<(id&63)) != 0 }

// note takes down that the word t is the atom.
func (r *reading) note(id atom, t *cutWord, placed []uint64) {
	at, bit := id>>6, uint64(1)<<(id&63)
	fresh := r.held[at]&bit == 0
	if fresh {
		r.held[at] |= bit
		r.met = append(r.met, id)
	}
	if placed != nil && placed[at]&bit == 0 {
		return
	}
	n := int32(len(r.occurrences))
	r.occurrences = append(r.occurrences, occurrence{t.pos, t.start, t.end, -1})
	if fresh {
		r.ends[id] = chain{n, n}
		return
	}
	r.occurrences[r.ends[id].last].next = n
	r.ends[id].last = n
}

// decide lists the rules that the item satisfies, ascending.
func (r *reading) decide() {
	m := r.matcher
	for _, id := range r.met {
		for i := m.anchorsOf[id]; i < m.anchorsOf[id+1]; i++ {
			a := &m.anchors[i]
			if a.second != noAtom && !r.has(a.second) {
				continue
			}
			if a.code == 0 || r.satisfies(m.code[a.code:]) {
				r.hits[a.rule>>6] |= 1 << (a.rule & 63)
				r.hitWords[a.rule>>12] |= 1 << (a.rule >> 6 & 63)
			}
		}
	}
	r.collectHits()
}

// collectHits turns the bits of hits into a list and clears them: several
// anchors may have led to one rule, and rules are named in their order.
func (r *reading) collectHits() {
	for i, words := range r.hitWords {
		for ; words != 0; words &= words - 1 {
			at := i<<6 | bits.TrailingZeros64(words)
			for hits := r.hits[at]; hits != 0; hits &= hits - 1 {
				r.fired = append(r.fired, uint32(at<<6|bits.TrailingZeros64(hits)))
			}
			r.hits[at] = 0
		}
		r.hitWords[i] = 0
	}
}

// satisfies says whether all nodes up to the end of a rule hold.
func (r *reading) satisfies(code []uint32) bool {
	for code[0] != uint32(opEnd) {
		if !r.holds(code) {
			return false
		}
		code = code[nodeSize(code):]
	}
	return true
}

// holds decides the node at the beginning of code.
func (r *reading) holds(code []uint32) bool {
	n := code[0] >> opBits
	switch opcode(code[0] & opMask) {
	case opTerm:
		return r.has(atom(n))
	case opAny:
		return slices.ContainsFunc(code[1:1+n], func(id uint32) bool { return r.has(atom(id)) })
	case opPhrase:
		found := false
		r.phrases(code[1:1+n], func(occurrence, occurrence) bool {
			found = true
			return false
		})
		return found
	case opAnd:
		for rest := code[1 : 1+n]; len(rest) > 0; rest = rest[nodeSize(rest):] {
			if !r.holds(rest) {
				return false
			}
		}
		return true
	case opOr:
		for rest := code[1 : 1+n]; len(rest) > 0; rest = rest[nodeSize(rest):] {
			if r.holds(rest) {
				return true
			}
		}
		return false
	case opNot:
		return !r.holds(code[1:])
	}
	found := false
	r.near(code[1:1+n], func(place, place) bool {
		found = true
		return false
	})
	return found
}

// phrases calls yield with the first and the last word of each place where the
// atoms follow each other, ascending, until yield returns false.
func (r *reading) phrases(run []uint32, yield func(first, last occurrence) bool) {
	r.cursors = r.cursors[:0]
	for _, id := range run {
		if !r.has(atom(id)) {
			return
		}
		r.cursors = append(r.cursors, r.ends[id].first)
	}
	for start := r.cursors[0]; start >= 0; start = r.occurrences[start].next {
		first, whole := r.occurrences[start], true
		last := first
		for j := 1; j < len(run) && whole; j++ {
			want := first.pos + int32(j)
			for r.cursors[j] >= 0 && r.occurrences[r.cursors[j]].pos < want {
				r.cursors[j] = r.occurrences[r.cursors[j]].next
			}
			if r.cursors[j] < 0 {
				return
			}
			last = r.occurrences[r.cursors[j]]
			whole = last.pos == want
		}
		if whole && !yield(first, last) {
			return
		}
	}
}

// places appends all places of an operand: a term, a phrase or a choice.
func (r *reading) places(dst []place, code []uint32) []place {
	n := code[0] >> opBits
	switch opcode(code[0] & opMask) {
	case opTerm:
		return r.placesOf(dst, atom(n))
	case opAny:
		for _, id := range code[1 : 1+n] {
			dst = r.placesOf(dst, atom(id))
		}
	case opPhrase:
		r.phrases(code[1:1+n], func(first, last occurrence) bool {
			dst = append(dst, place{int(first.pos), int(last.pos), Span{int(first.start), int(last.end)}})
			return true
		})
	case opOr:
		for rest := code[1 : 1+n]; len(rest) > 0; rest = rest[nodeSize(rest):] {
			dst = r.places(dst, rest)
		}
	}
	return dst
}

func (r *reading) placesOf(dst []place, id atom) []place {
	if !r.has(id) {
		return dst
	}
	for i := r.ends[id].first; i >= 0; i = r.occurrences[i].next {
		o := &r.occurrences[i]
		dst = append(dst, place{int(o.pos), int(o.pos), Span{int(o.start), int(o.end)}})
	}
	return dst
}

// near calls yield for each pair of places that is close enough, until yield
// returns false. code is a distance and two operands.
func (r *reading) near(code []uint32, yield func(left, right place) bool) {
	dist, left := int(code[0]), code[1:]
	r.left = r.places(r.left[:0], left)
	r.right = r.places(r.right[:0], left[nodeSize(left):])
	byFirst := func(a, b place) int { return cmp.Compare(a.first, b.first) }
	slices.SortFunc(r.right, byFirst)
	longest := 0
	for _, p := range r.right {
		longest = max(longest, p.last-p.first)
	}
	for _, p := range r.left {
		from, _ := slices.BinarySearchFunc(r.right, p.first-dist-longest, func(q place, first int) int {
			return cmp.Compare(q.first, first)
		})
		for _, q := range r.right[from:] {
			if q.first > p.last+dist {
				break
			}
			if d := p.distance(q); d >= 1 && d <= dist && !yield(p, q) {
				return
			}
		}
	}
}

// distance counts the words from one place to the other; neighbours are at 1,
// places that overlap at 0 or less.
func (p place) distance(q place) int { return max(q.first-p.last, p.first-q.last) }

// spans collects the words that make a rule hold, merged and ascending.
func (r *reading) spans(code []uint32) []Span {
	var spans []Span
	for code[0] != uint32(opEnd) {
		spans = r.collect(spans, code)
		code = code[nodeSize(code):]
	}
	return merge(spans)
}

func (r *reading) collect(dst []Span, code []uint32) []Span {
	n := code[0] >> opBits
	op := opcode(code[0] & opMask)
	switch op {
	case opTerm, opAny, opPhrase:
		for _, p := range r.places(nil, code) {
			dst = append(dst, p.span)
		}
	case opAnd, opOr:
		for rest := code[1 : 1+n]; len(rest) > 0; rest = rest[nodeSize(rest):] {
			if op == opAnd || r.holds(rest) {
				dst = r.collect(dst, rest)
			}
		}
	case opNear:
		r.near(code[1:1+n], func(left, right place) bool {
			dst = append(dst, left.span, right.span)
			return true
		})
	}
	return dst
}
