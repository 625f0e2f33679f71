package classify

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"

	"otklik/index"
	"otklik/internal/errs"
)

// Bounds of training. Above mostExamples the newest are taken.
const (
	mostExamples = 200_000
	mostLabels   = 1 << 12
	// fewestExamples is how many decisions it takes to learn anything.
	fewestExamples = 20
)

// blend is the share of the logistic weights in a model. What the hinge finds
// is better where texts are few, the logistic loss ranks better where they are
// many; their sum is better than either.
const blend = 0.1

// Train learns a Model. The names of labels count as texts of their own, since
// a label that was used twice is known best by its name. Labels are learned by as
// many workers, 0 for one for each processor; with one, everything is done by the
// caller. The result is the same. It returns errs.Invalid
// where there is nothing to learn from, and the error of a ctx that is done.
func Train(ctx context.Context, a *index.Analyzer, examples []Example, workers int) (*Model, error) {
	if len(examples) > mostExamples {
		examples = newest(examples, mostExamples)
	}
	m := &Model{analyzer: a, learned: len(examples)}
	number := map[string]int32{}
	for _, e := range examples {
		if _, known := number[e.Label]; !known {
			number[e.Label] = 0
			m.labels = append(m.labels, e.Label)
		}
		if e.At.After(m.through) {
			m.through = e.At
		}
	}
	slices.Sort(m.labels)
	for i, label := range m.labels {
		number[label] = int32(i)
	}
	switch {
	case len(examples) < fewestExamples:
		return nil, errs.Newf(errs.Invalid, "Учиться пока не на чем: решений — %d, нужно хотя бы %d.", len(examples), fewestExamples)
	case len(m.labels) < 2:
		return nil, errs.New(errs.Invalid, "Учиться не на чем: во всех решениях одна и та же метка.")
	case len(m.labels) > mostLabels:
		return nil, errs.Newf(errs.Invalid, "Меток слишком много: %d, можно не больше %d.", len(m.labels), mostLabels)
	}
	c, err := m.read(ctx, examples, number)
	if err != nil {
		return nil, err
	}
	c.workers = workers
	if m.heat, m.curve, err = calibrate(ctx, c, len(examples)); err != nil {
		return nil, err
	}
	weights, bias, err := learn(ctx, c)
	if err != nil {
		return nil, err
	}
	m.table, m.bias = pack(weights, c.features, c.kinds), bias
	return m, nil
}

// read encodes the examples, and after them the names of the labels.
func (m *Model) read(ctx context.Context, examples []Example, number map[string]int32) (*corpus, error) {
	x := m.extractor()
	defer m.building.Put(x)
	texts := make([][]hit, 0, len(examples)+len(m.labels))
	c := &corpus{kinds: len(m.labels), from: []int32{0}}
	for i, e := range examples {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		texts = append(texts, hitsOf(nil, x.read(e.Item)))
		c.labels = append(c.labels, number[e.Label])
	}
	for i, label := range m.labels {
		texts = append(texts, hitsOf(nil, x.read(Item{Text: label})))
		c.labels = append(c.labels, int32(i))
	}
	m.vocabulary = choose(texts, len(m.labels))
	c.features = len(m.vocabulary.keys)
	for _, found := range texts {
		c.cells = m.vocabulary.encode(c.cells, found)
		c.from = append(c.from, int32(len(c.cells)))
	}
	return c, nil
}

// learn returns weights by feature and label, and biases. The logistic loss goes
// through the texts one after another, so it is minimised beside the hinge.
func learn(ctx context.Context, c *corpus) ([]float32, []float32, error) {
	place := c.order()
	sorted := *c
	sorted.cells = make([]cell, len(c.cells))
	for i, cl := range c.cells {
		sorted.cells[i] = cell{place[cl.id], cl.x}
	}
	var smooth, smoothBias []float32
	var smoothErr error
	var both sync.WaitGroup
	if c.workers == 1 {
		smooth, smoothBias, smoothErr = logistic(ctx, &sorted)
	} else {
		both.Go(func() { smooth, smoothBias, smoothErr = logistic(ctx, &sorted) })
	}
	found, bias, err := hinge(ctx, &sorted)
	both.Wait()
	if err := cmp.Or(err, smoothErr); err != nil {
		return nil, nil, err
	}
	addScaled(bias, smoothBias, blend)
	addScaled(found, smooth, blend)
	weights := smooth
	for f, at := range place {
		copy(weights[f*c.kinds:(f+1)*c.kinds], found[int(at)*c.kinds:])
	}
	return weights, bias, nil
}

// How many texts the calibration takes: a part of a great corpus says the
// same in a quarter of the time.
const (
	heatTexts = 6_000
	heatParts = 5 // one of so many is held out
)

// calibrate finds what makes probabilities of scores, on texts that are held
// out: the factor with the least logarithmic loss, and the curve of the best
// guess. Only the first n texts are people's; the rest are names.
func calibrate(ctx context.Context, c *corpus, n int) (float32, curve, error) {
	stride := max(1, n/heatTexts)
	part := &corpus{workers: c.workers, kinds: c.kinds, features: c.features, from: []int32{0}}
	var held []int
	for i := 0; i < n; i += stride {
		if i/stride%heatParts == 0 {
			held = append(held, i)
			continue
		}
		part.cells = append(part.cells, c.text(i)...)
		part.from = append(part.from, int32(len(part.cells)))
		part.labels = append(part.labels, c.labels[i])
	}
	for i := n; i < c.len(); i++ {
		part.cells = append(part.cells, c.text(i)...)
		part.from = append(part.from, int32(len(part.cells)))
		part.labels = append(part.labels, c.labels[i])
	}
	weights, bias, err := learn(ctx, part)
	if err != nil {
		return 0, curve{}, err
	}
	scores := make([][]float32, len(held))
	for k, i := range held {
		scores[k] = slices.Clone(bias)
		for _, cl := range c.text(i) {
			addScaled(scores[k], weights[int(cl.id)*c.kinds:int(cl.id+1)*c.kinds], cl.x)
		}
	}
	answer := func(k int) int32 { return c.labels[held[k]] }
	heat := bestHeat(scores, answer)
	return heat, curveOfBest(scores, heat, answer), nil
}

// curveOfBest looks at how often the best guess was right.
func curveOfBest(scores [][]float32, heat float32, answer func(int) int32) curve {
	raw, right := make([]float64, len(scores)), make([]bool, len(scores))
	for k, s := range scores {
		for l := range s {
			s[l] *= heat
		}
		softmax(s)
		best := 0
		for l := range s {
			if s[l] > s[best] {
				best = l
			}
		}
		raw[k], right[k] = float64(s[best]), int32(best) == answer(k)
	}
	return fitCurve(raw, right)
}

// bestHeat looks for the least loss between 0.1 and 100 by halving; the loss
// has one valley.
func bestHeat(scores [][]float32, answer func(int) int32) float32 {
	var buffer []float32
	loss := func(heat float64) (sum float64) {
		for i, s := range scores {
			buffer = append(buffer[:0], s...)
			for l := range buffer {
				buffer[l] *= float32(heat)
			}
			softmax(buffer)
			sum -= math.Log(max(float64(buffer[answer(i)]), 1e-9))
		}
		return sum
	}
	low, high := math.Log(0.1), math.Log(100)
	for range 24 {
		third := (high - low) / 3
		if loss(math.Exp(low+third)) < loss(math.Exp(high-third)) {
			high -= third
		} else {
			low += third
		}
	}
	return float32(math.Exp((low + high) / 2))
}

// newest returns the n newest examples, in the order they were given.
func newest(examples []Example, n int) []Example {
	at := make([]int, len(examples))
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(a, b int) int { return examples[a].At.Compare(examples[b].At) })
	at = at[len(at)-n:]
	slices.Sort(at)
	kept := make([]Example, n)
	for i, j := range at {
		kept[i] = examples[j]
	}
	return kept
}
