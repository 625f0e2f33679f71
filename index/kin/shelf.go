package kin

import (
	"slices"
	"time"
)

const (
	// keys is by how many of its pairs a text is found, and least how many have
	// to be shared before two texts are compared: of texts that have half of
	// their pairs in common, one in 300 is missed.
	keys, least = 12, 2
	// mostUnderKey bounds how many texts share a key; stock phrases would
	// otherwise lead to everything.
	mostUnderKey = 64
)

// Original is a text that others may be copies of.
type Original struct {
	// ID is the item's; Author names its author in all networks, "" if unknown.
	ID, Author string
	At         time.Time
	Print      Print
}

// Kinship says what a text was copied from.
type Kinship struct {
	Of string // the original's ID
	// Alike is the share of common pairs of words, 1 for the same words.
	Alike float64
}

// Shelf remembers the newest originals, a fixed number of them. It is for one
// goroutine.
type Shelf struct {
	ring  []Original
	next  int
	pairs map[uint32][]int32 // places in the ring by the keys of prints
	whole map[said]int32
	// shared counts, while one text is looked up, the keys that it shares.
	shared  []uint8
	touched []int32
}

// said is a text of an author, whatever its length.
type said struct {
	author string
	whole  uint64
}

// NewShelf returns a shelf for the newest most originals.
func NewShelf(most int) *Shelf {
	return &Shelf{ring: make([]Original, 0, most), pairs: map[uint32][]int32{}, whole: map[said]int32{}, shared: make([]uint8, most)}
}

// Len is how many originals are remembered.
func (s *Shelf) Len() int { return len(s.ring) }

// Put remembers an original; the oldest leaves when the shelf is full.
func (s *Shelf) Put(o Original) {
	if cap(s.ring) == 0 || o.Print.Words == 0 {
		return
	}
	at := int32(s.next)
	if len(s.ring) < cap(s.ring) {
		s.ring = append(s.ring, o)
	} else {
		s.forget(at)
		s.ring[at] = o
	}
	s.next = (s.next + 1) % cap(s.ring)
	s.whole[key(o)] = at
	if o.Print.Words < shortest {
		return
	}
	for _, k := range o.keys() {
		list := append(s.pairs[k], at)
		s.pairs[k] = list[max(0, len(list)-mostUnderKey):]
	}
}

func key(o Original) said {
	if o.Author == "" {
		return said{"\x00" + o.ID, o.Print.Whole} // nobody repeats himself under no name
	}
	return said{o.Author, o.Print.Whole}
}

func (o *Original) keys() []uint32 { return o.Print.Pairs[:min(keys, len(o.Print.Pairs))] }

func (s *Shelf) forget(at int32) {
	o := s.ring[at]
	if k := key(o); s.whole[k] == at {
		delete(s.whole, k)
	}
	for _, k := range o.keys() {
		list := slices.DeleteFunc(s.pairs[k], func(x int32) bool { return x == at })
		if len(list) == 0 {
			delete(s.pairs, k)
			continue
		}
		s.pairs[k] = list
	}
}

// Find returns the original that a text was copied from: what its author has
// said in the same words, or else the text that it has most in common with.
// Only what was written within Window before or after it counts.
func (s *Shelf) Find(o Original) (Kinship, bool) {
	if o.Print.Words == 0 {
		return Kinship{}, false
	}
	if at, ok := s.whole[key(o)]; ok && o.Author != "" && o.Print.Words > 1 && s.near(at, o) {
		return Kinship{Of: s.ring[at].ID, Alike: 1}, true
	}
	if o.Print.Words < shortest {
		return Kinship{}, false
	}
	var best Kinship
	for _, at := range s.sharing(o) {
		if !s.near(at, o) {
			continue
		}
		alike := Alike(s.ring[at].Print, o.Print)
		if alike > best.Alike {
			best = Kinship{Of: s.ring[at].ID, Alike: alike}
		}
	}
	return best, best.Alike > 0
}

// sharing lists the places of texts that share enough keys with one.
func (s *Shelf) sharing(o Original) []int32 {
	s.touched = s.touched[:0]
	for _, k := range o.keys() {
		for _, at := range s.pairs[k] {
			if s.shared[at] == 0 {
				s.touched = append(s.touched, at)
			}
			s.shared[at]++
		}
	}
	found := s.touched[:0]
	for _, at := range s.touched {
		if s.shared[at] >= least {
			found = append(found, at)
		}
		s.shared[at] = 0
	}
	return found
}

func (s *Shelf) near(at int32, o Original) bool {
	x := &s.ring[at]
	return x.ID != o.ID && o.At.Sub(x.At).Abs() <= Window
}
