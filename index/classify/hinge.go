package classify

import (
	"cmp"
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Dual coordinate descent for one label against the others with a squared
// hinge and a square penalty, as in Hsieh, Chang, Lin, Keerthi, Sundararajan,
// "A Dual Coordinate Descent Method for Large-scale Linear SVM" (2008).
const (
	hingeCost   = 0.5
	hingeRounds = 6
	// Texts of other labels that are this far beyond the margin are not looked
	// at again.
	hingeDone = 0.1
	// Only every so-many-th text of other labels is looked at in the first round,
	// which only has to find the direction.
	hingeSample = 8
)

// hinge learns weights by feature and label, and a bias by label: a first round
// for each label, one look at all texts with what that found, and further
// rounds over the texts that are near a margin. Labels are learned apart from
// each other, so the number of workers changes nothing.
func hinge(ctx context.Context, c *corpus) (weights, bias []float32, err error) {
	weights, bias = make([]float32, c.features*c.kinds), make([]float32, c.kinds)
	supports := make([][]support, c.kinds)
	byLabel := func(work func(*hingeWorker, int)) {
		parallel(c.workers, c.kinds, func(next func() (int, bool)) {
			h := newHingeWorker(c)
			for l, ok := next(); ok && ctx.Err() == nil; l, ok = next() {
				work(h, l)
				for f, w := range h.weights {
					weights[f*c.kinds+l] = w
				}
				bias[l] = h.bias
			}
		})
	}
	byLabel(func(h *hingeWorker, l int) { supports[l] = h.begin(int32(l)) })
	near := nearTexts(ctx, c, weights, bias)
	byLabel(func(h *hingeWorker, l int) {
		for f := range h.weights {
			h.weights[f] = weights[f*c.kinds+l]
		}
		h.bias = bias[l]
		h.finish(int32(l), supports[l], near[l])
	})
	return weights, bias, ctx.Err()
}

// parallel lets workers take the numbers below n, 0 workers for one for each
// processor. A single one works on the caller's thread, whose priority is the
// caller's affair.
func parallel(most, n int, worker func(next func() (int, bool))) {
	var taken atomic.Int64
	next := func() (int, bool) {
		i := int(taken.Add(1)) - 1
		return i, i < n
	}
	if most == 1 {
		worker(next)
		return
	}
	var workers sync.WaitGroup
	for range min(cmp.Or(most, runtime.GOMAXPROCS(0)), n) {
		workers.Go(func() { worker(next) })
	}
	workers.Wait()
}

// nearChunk is how many texts are looked at in one go.
const nearChunk = 512

// nearTexts lists, by label, the texts of other labels that are not far beyond
// the margin, ascending. One pass over a text tells it for all labels.
func nearTexts(ctx context.Context, c *corpus, weights, bias []float32) [][]int32 {
	chunks := make([][][]int32, (c.len()+nearChunk-1)/nearChunk)
	parallel(c.workers, len(chunks), func(next func() (int, bool)) {
		scores := make([]float32, c.kinds)
		for n, ok := next(); ok && ctx.Err() == nil; n, ok = next() {
			chunks[n] = make([][]int32, c.kinds)
			for i := n * nearChunk; i < min(c.len(), (n+1)*nearChunk); i++ {
				copy(scores, bias)
				for _, cl := range c.text(i) {
					addScaled(scores, weights[int(cl.id)*c.kinds:int(cl.id+1)*c.kinds], cl.x)
				}
				for l, score := range scores {
					if score > -1-hingeDone && int(c.labels[i]) != l {
						chunks[n][l] = append(chunks[n][l], int32(i))
					}
				}
			}
		}
	})
	near := make([][]int32, c.kinds)
	for _, chunk := range chunks {
		for l, texts := range chunk {
			near[l] = append(near[l], texts...)
		}
	}
	return near
}

type hingeWorker struct {
	c       *corpus
	weights []float32
	bias    float32
	duals   []float32
	active  []int32
}

// support is a text that holds a margin up, and its dual variable.
type support struct {
	text int32
	dual float32
}

func newHingeWorker(c *corpus) *hingeWorker {
	return &hingeWorker{c: c, weights: make([]float32, c.features), duals: make([]float32, c.len())}
}

// begin makes the first round for a label: all its texts, and a sample of the
// others.
func (h *hingeWorker) begin(label int32) []support {
	clear(h.weights)
	clear(h.duals)
	h.bias, h.active = 0, h.active[:0]
	random := rand.New(rand.NewPCG(uint64(label), 1))
	for i, l := range h.c.labels {
		if l == label || random.Uint32()%hingeSample == 0 {
			h.active = append(h.active, int32(i))
		}
	}
	h.round(label, random, false)
	var list []support
	for _, i := range h.active {
		if h.duals[i] != 0 {
			list = append(list, support{i, h.duals[i]})
		}
	}
	return list
}

// finish makes the further rounds for a label.
func (h *hingeWorker) finish(label int32, supports []support, near []int32) {
	clear(h.duals)
	h.active = append(h.active[:0], near...)
	for i, l := range h.c.labels {
		if l == label {
			h.active = append(h.active, int32(i))
		}
	}
	for _, s := range supports {
		h.duals[s.text] = s.dual
		if h.c.labels[s.text] != label {
			h.active = append(h.active, s.text)
		}
	}
	slices.Sort(h.active)
	h.active = slices.Compact(h.active)
	random := rand.New(rand.NewPCG(uint64(label), 2))
	for range hingeRounds - 1 {
		h.round(label, random, true)
	}
}

// round goes once over the active texts. Where it may drop, it leaves out those
// that are far beyond the margin.
func (h *hingeWorker) round(label int32, random *rand.Rand, drop bool) {
	const ridge = 0.5 / hingeCost
	active := h.active
	random.Shuffle(len(active), func(i, j int) { active[i], active[j] = active[j], active[i] })
	kept := active[:0]
	for _, i := range active {
		side := float32(-1)
		if h.c.labels[i] == label {
			side = 1
		}
		text := h.c.text(int(i))
		slope := side*(dot(h.weights, text)+h.bias) - 1 + ridge*h.duals[i]
		if h.duals[i] == 0 && slope >= 0 {
			if !drop || slope < hingeDone {
				kept = append(kept, i)
			}
			continue
		}
		kept = append(kept, i)
		// A text has the length one and the bias counts as a feature more.
		dual := max(0, h.duals[i]-slope/(2+ridge))
		step := (dual - h.duals[i]) * side
		h.duals[i] = dual
		for _, cell := range text {
			h.weights[cell.id] += step * cell.x
		}
		h.bias += step
	}
	h.active = kept
}

// dot adds up in four sums, so that no addition has to wait for the one before;
// this makes training a third faster.
func dot(weights []float32, text []cell) float32 {
	var a, b, c, d float32
	for len(text) >= 4 {
		a += weights[text[0].id] * text[0].x
		b += weights[text[1].id] * text[1].x
		c += weights[text[2].id] * text[2].x
		d += weights[text[3].id] * text[3].x
		text = text[4:]
	}
	for _, t := range text {
		a += weights[t.id] * t.x
	}
	return (a + b) + (c + d)
}
