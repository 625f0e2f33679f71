package classify

import (
	"cmp"
	"context"
	"math/rand/v2"
	"runtime"
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

// hinge learns weights by feature and label, and a bias by label. Labels are
// learned apart from each other, so the number of workers changes nothing.
func hinge(ctx context.Context, c *corpus, workers int) (weights, bias []float32, err error) {
	weights, bias = make([]float32, c.features*c.kinds), make([]float32, c.kinds)
	var next atomic.Int64
	work := func() {
		h := hingeWorker{c: c, weights: make([]float32, c.features), duals: make([]float32, c.len()), active: make([]int32, c.len())}
		for l := int(next.Add(1)) - 1; l < c.kinds && ctx.Err() == nil; l = int(next.Add(1)) - 1 {
			bias[l] = h.learn(int32(l))
			for f, w := range h.weights {
				weights[f*c.kinds+l] = w
			}
		}
	}
	if workers == 1 {
		work() // on the caller's thread, whose priority is the caller's affair
		return weights, bias, ctx.Err()
	}
	var all sync.WaitGroup
	for range min(cmp.Or(workers, runtime.GOMAXPROCS(0)), c.kinds) {
		all.Go(work)
	}
	all.Wait()
	return weights, bias, ctx.Err()
}

type hingeWorker struct {
	c       *corpus
	weights []float32
	duals   []float32
	active  []int32
}

// learn leaves the weights of a label in h and returns its bias.
func (h *hingeWorker) learn(label int32) (bias float32) {
	clear(h.weights)
	clear(h.duals)
	random := rand.New(rand.NewPCG(uint64(label), 1))
	active := h.active
	for i := range active {
		active[i] = int32(i)
	}
	const ridge = 0.5 / hingeCost
	for round := range hingeRounds {
		random.Shuffle(len(active), func(i, j int) { active[i], active[j] = active[j], active[i] })
		kept := active[:0]
		for _, i := range active {
			side := float32(-1)
			if h.c.labels[i] == label {
				side = 1
			}
			if round == 0 && side < 0 && random.Uint32()%hingeSample != 0 {
				kept = append(kept, i)
				continue
			}
			text := h.c.text(int(i))
			slope := side*(dot(h.weights, text)+bias) - 1 + ridge*h.duals[i]
			if h.duals[i] == 0 && slope >= 0 {
				if round == 0 || slope < hingeDone {
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
			bias += step
		}
		active = kept
	}
	return bias
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
