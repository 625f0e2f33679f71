package classify

import (
	"cmp"
	"math"
	"slices"
)

// Bounds of a model. The cells bound features times labels, so that a
// rubricator of a thousand facts is learned in the same memory.
const (
	mostFeatures = 1 << 18
	mostCells    = 1 << 25
	// fewestTexts is in how many texts a feature has to stand to be kept.
	fewestTexts = 2
)

// vocabulary is the features that a model knows.
type vocabulary struct {
	keys []uint64  // ascending
	rare []float32 // how much the rareness of a feature adds to it
}

// hit is a feature without where it was found.
type hit struct {
	key    uint64
	weight float32
}

// hitsOf appends the hits of found.
func hitsOf(dst []hit, found []feature) []hit {
	for i := range found {
		dst = append(dst, hit{found[i].key, found[i].weight})
	}
	return dst
}

// choose makes a vocabulary of what stands in texts, the most frequent
// features where there are too many.
func choose(texts [][]hit, labels int) *vocabulary {
	counts := make(map[uint64]int32)
	for _, found := range texts {
		for i := range found {
			counts[found[i].key]++
		}
	}
	type counted struct {
		key uint64
		n   int32
	}
	kept := make([]counted, 0, len(counts)/4)
	for key, n := range counts {
		if n >= fewestTexts {
			kept = append(kept, counted{key, n})
		}
	}
	if most := min(mostFeatures, mostCells/max(labels, 1)); len(kept) > most {
		slices.SortFunc(kept, func(a, b counted) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.key, b.key)) })
		kept = kept[:most]
	}
	slices.SortFunc(kept, func(a, b counted) int { return cmp.Compare(a.key, b.key) })
	v := &vocabulary{keys: make([]uint64, len(kept)), rare: make([]float32, len(kept))}
	for i, k := range kept {
		v.keys[i] = k.key
		v.rare[i] = float32(1 + math.Log(float64(len(texts)+1)/float64(k.n+1)))
	}
	return v
}

// cell is a feature of a text, by its number, and its share of the text.
type cell struct {
	id int32
	x  float32
}

// encode appends the features of a text that are known, scaled so that every
// text has the length one. found has to be ascending by key.
func (v *vocabulary) encode(dst []cell, found []hit) []cell {
	start, at, sum := len(dst), 0, 0.0
	for i := range found {
		step, ok := slices.BinarySearch(v.keys[at:], found[i].key)
		at += step
		if !ok {
			continue
		}
		x := found[i].weight * v.rare[at]
		dst = append(dst, cell{int32(at), x})
		sum += float64(x) * float64(x)
	}
	scale := float32(1 / math.Sqrt(max(sum, 1e-12)))
	for i := start; i < len(dst); i++ {
		dst[i].x *= scale
	}
	return dst
}

// corpus is encoded texts and the number of the label of each.
type corpus struct {
	cells    []cell
	from     []int32 // where a text begins; one more at the end
	labels   []int32
	features int
	kinds    int // how many labels there are
	workers  int // that learn at once, 0 for one for each processor
}

func (c *corpus) text(i int) []cell { return c.cells[c.from[i]:c.from[i+1]] }

func (c *corpus) len() int { return len(c.labels) }

// order returns for each feature its place by frequency. Training counts
// features so: the frequent ones then lie side by side in memory, which makes
// it twice as fast.
func (c *corpus) order() []int32 {
	counts := make([]int32, c.features)
	for i := range c.cells {
		counts[c.cells[i].id]++
	}
	byCount := make([]int32, c.features)
	for i := range byCount {
		byCount[i] = int32(i)
	}
	slices.SortStableFunc(byCount, func(a, b int32) int { return cmp.Compare(counts[b], counts[a]) })
	place := make([]int32, c.features)
	for i, f := range byCount {
		place[f] = int32(i)
	}
	return place
}
