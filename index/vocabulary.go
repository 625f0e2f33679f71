package index

import (
	"math/bits"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/blevesearch/bleve/v2/analysis"
)

const (
	// firstForms and mostForms bound the vocabulary: it starts small, doubles
	// when full, and at mostForms (some 70 MB, which half a million posts of a
	// city fill) begins anew.
	firstForms = 1 << 10
	mostForms  = 5 << 16
	// inlineForm is the longest form, in bytes, that a slot holds whole: twelve
	// Russian letters.
	inlineForm = 24
	// maxCached is the longest form, in bytes, that is remembered at all.
	maxCached = 64
)

// word is what the linguistics make of a form as written.
type word struct {
	term, form string
	// bytes is the term as bleve wants it. Nobody writes to it.
	bytes []byte
	kind  analysis.TokenType
}

// slot is one place of the vocabulary's open-addressing table. The keys are
// written once, before id, and never change after.
type slot struct {
	k0, k1, k2 uint64
	size       uint32
	id         atomic.Uint32 // number of the word plus one; 0: free
}

// vocabulary is one generation of remembered forms: a fixed table that is read
// without a lock and filled under one. When it is full, a larger one or a new
// generation takes its place; whoever still reads it may go on.
type vocabulary struct {
	slots []slot
	seeds [3]uint64
	words []word
	// seen counts, by word, the sampled texts that it was met in.
	seen []atomic.Uint32

	mu    sync.Mutex
	count int
	full  atomic.Bool
	// old is the generation before: what is still asked for is taken over.
	old *vocabulary
}

func newVocabulary(forms int) *vocabulary {
	v := &vocabulary{slots: make([]slot, 1<<bits.Len(uint(forms+forms/2))), words: make([]word, forms), seen: make([]atomic.Uint32, forms)}
	for i := range v.seeds {
		v.seeds[i] = rand.Uint64() | 1 // nobody can write texts that collide
	}
	return v
}

// formKey is a form as the table compares it: whole where it is short, else
// both ends and a hash. Two longer forms with the same ends and length are
// confused once in 2⁶⁴ cases, and nobody can choose them, as seeds are secret.
type formKey struct {
	k0, k1, k2 uint64
	size       uint32
}

// keyAt makes the key of text[start:end], which is not empty.
func (v *vocabulary) keyAt(text string, start, end int) formKey {
	n := end - start
	if n > inlineForm {
		return v.longKey(text[start:end])
	}
	if start+inlineForm > len(text) {
		var room [inlineForm]byte
		copy(room[:], text[start:end])
		return cutKey(le64(room[0:8]), le64(room[8:16]), le64(room[16:24]), n)
	}
	return cutKey(load64(text, start), load64(text, start+8), load64(text, start+16), n)
}

// cutKey blanks what lies beyond n bytes.
func cutKey(k0, k1, k2 uint64, n int) formKey {
	switch {
	case n <= 8:
		k0, k1, k2 = k0&(^uint64(0)>>(64-8*n)), 0, 0
	case n <= 16:
		k1, k2 = k1&(^uint64(0)>>(128-8*n)), 0
	default:
		k2 &= ^uint64(0) >> (192 - 8*n)
	}
	return formKey{k0, k1, k2, uint32(n)}
}

func (v *vocabulary) longKey(raw string) formKey {
	h := uint64(len(raw))
	i := 0
	for ; i+8 <= len(raw); i += 8 {
		h = mix(h^load64(raw, i), v.seeds[0])
	}
	k1 := load64(raw, len(raw)-8)
	return formKey{load64(raw, 0), k1, mix(h^k1, v.seeds[1]), uint32(len(raw))}
}

func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// load64 reads eight bytes; the compiler makes one load of it.
func load64(s string, i int) uint64 {
	_ = s[i+7]
	return uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
		uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
}

func le64(b []byte) uint64 {
	_ = b[7]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// home is where the search for a form begins.
func (v *vocabulary) home(key *formKey) uint64 {
	return mix(mix(key.k0^v.seeds[0], key.k1^v.seeds[1])^key.k2, v.seeds[2]) & uint64(len(v.slots)-1)
}

// find returns the number of a form, looked for from its home on; where it is
// not remembered, the slot to put it into, and false.
func (v *vocabulary) find(key *formKey, home uint64) (uint32, bool) {
	last := uint64(len(v.slots) - 1)
	for i := home & last; ; i = (i + 1) & last {
		s := &v.slots[i]
		id := s.id.Load()
		if id == 0 {
			return uint32(i), false
		}
		if s.k0 == key.k0 && s.k1 == key.k1 && s.k2 == key.k2 && s.size == key.size {
			return id - 1, true
		}
	}
}

// learn remembers what read makes of a form and returns its number; false when
// there is no room, with the word itself.
func (v *vocabulary) learn(key formKey, raw string, read func(string) word) (uint32, word, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	at, found := v.find(&key, v.home(&key))
	if found {
		return at, word{}, true
	}
	w, seen, known := v.remembered(raw)
	if !known {
		w = read(raw)
	}
	if v.count == len(v.words) {
		v.full.Store(true)
		return 0, w, false
	}
	id := v.put(at, key, w)
	v.seen[id].Store(seen)
	if v.count == len(v.words)/2 {
		v.old = nil // what is in use has come over
	}
	return id, word{}, true
}

// remembered asks the generation before, which nobody fills any more.
func (v *vocabulary) remembered(raw string) (w word, seen uint32, ok bool) {
	if v.old == nil {
		return word{}, 0, false
	}
	key := v.old.keyAt(raw, 0, len(raw))
	id, ok := v.old.find(&key, v.old.home(&key))
	if !ok {
		return word{}, 0, false
	}
	return v.old.words[id], v.old.seen[id].Load(), true
}

func (v *vocabulary) put(at uint32, key formKey, w word) uint32 {
	id := uint32(v.count)
	v.words[id] = w
	v.count++
	s := &v.slots[at]
	s.k0, s.k1, s.k2, s.size = key.k0, key.k1, key.k2, key.size
	s.id.Store(id + 1)
	return id
}

// next returns the vocabulary that takes the place of a full one. What is asked
// for again comes over from the old one.
func (v *vocabulary) next(most int) *vocabulary {
	next := newVocabulary(min(2*len(v.words), most))
	v.mu.Lock()
	defer v.mu.Unlock()
	v.old = nil // two generations at most
	next.old = v
	return next
}
