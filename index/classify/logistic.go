package classify

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// Stochastic gradient descent on the multinomial logistic loss. A step gets
// smaller for features that were met often (AdaGrad) and towards the end; a
// part of the features is hidden from each step, so that no word is relied on
// alone.
const (
	logisticRounds = 4
	logisticRate   = 1
	logisticFade   = 0.9
	logisticHidden = 0.3
	logisticSlack  = 0.003 // gradients below it are passed over
	logisticFar    = 7     // scores that are so far below the best have none
	logisticBias   = 0.05  // the share of a step that the bias makes
)

type logisticWorker struct {
	c       *corpus
	weights []float32
	bias    []float32
	squares []float32 // by feature: what steps were made of
	scores  []float32
	active  []int32
	shown   []cell
	random  *rand.Rand
}

// logistic learns weights by feature and label, and a bias by label.
func logistic(ctx context.Context, c *corpus) (weights, bias []float32, err error) {
	w := &logisticWorker{
		c: c, weights: make([]float32, c.features*c.kinds), bias: make([]float32, c.kinds),
		squares: make([]float32, c.features), scores: make([]float32, c.kinds), random: rand.New(rand.NewPCG(1, 2)),
	}
	order := make([]int, c.len())
	for i := range order {
		order[i] = i
	}
	steps := float64(logisticRounds * len(order))
	for round := range logisticRounds {
		w.random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for n, i := range order {
			if n%1024 == 0 && ctx.Err() != nil {
				return nil, nil, ctx.Err()
			}
			done := float64(round*len(order)+n) / steps
			w.step(i, float32(logisticRate*(1-logisticFade*done)))
		}
	}
	return w.weights, w.bias, nil
}

func (w *logisticWorker) step(i int, rate float32) {
	w.shown = w.shown[:0]
	for _, c := range w.c.text(i) {
		if w.random.Float32() >= logisticHidden {
			w.shown = append(w.shown, cell{c.id, c.x / (1 - logisticHidden)})
		}
	}
	kinds := w.c.kinds
	copy(w.scores, w.bias)
	for _, c := range w.shown {
		addScaled(w.scores, w.weights[int(c.id)*kinds:int(c.id+1)*kinds], c.x)
	}
	roughSoftmax(w.scores)
	w.scores[w.c.labels[i]]--
	w.active = w.active[:0]
	var square float32
	for l, g := range w.scores {
		if g > logisticSlack || g < -logisticSlack {
			w.active = append(w.active, int32(l))
			square += g * g
		}
	}
	for _, c := range w.shown {
		w.squares[c.id] += square * c.x * c.x
		step := rate * c.x / float32(math.Sqrt(float64(w.squares[c.id])+1e-3))
		row := w.weights[int(c.id)*kinds : int(c.id+1)*kinds]
		for _, l := range w.active {
			row[l] -= step * w.scores[l]
		}
	}
	for _, l := range w.active {
		w.bias[l] -= rate * logisticBias * w.scores[l]
	}
}

func addScaled(dst, src []float32, by float32) {
	for len(dst) >= 8 && len(src) >= 8 {
		d, s := (*[8]float32)(dst), (*[8]float32)(src)
		d[0] += by * s[0]
		d[1] += by * s[1]
		d[2] += by * s[2]
		d[3] += by * s[3]
		d[4] += by * s[4]
		d[5] += by * s[5]
		d[6] += by * s[6]
		d[7] += by * s[7]
		dst, src = dst[8:], src[8:]
	}
	for i := range dst {
		dst[i] += by * src[i]
	}
}

// roughSoftmax is softmax that takes what is below a thousandth of the most
// probable for nothing: training would pass such gradients over anyhow.
func roughSoftmax(scores []float32) {
	least, sum := slices.Max(scores)-logisticFar, float32(0)
	for i, s := range scores {
		if s < least {
			scores[i] = 0
			continue
		}
		scores[i] = float32(math.Exp(float64(s - least)))
		sum += scores[i]
	}
	for i := range scores {
		scores[i] /= sum
	}
}

// softmax turns scores into probabilities.
func softmax(scores []float32) {
	if len(scores) == 0 {
		return
	}
	most, sum := slices.Max(scores), float32(0)
	for i, s := range scores {
		scores[i] = float32(math.Exp(float64(s - most)))
		sum += scores[i]
	}
	for i := range scores {
		scores[i] /= sum
	}
}
