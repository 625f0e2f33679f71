package classify

import (
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"otklik/index"
	"otklik/internal/errs"
)

// Decision is what a person decided about an item: whether a reaction was due.
type Decision struct {
	Item
	// Rules are those that fired on it.
	Rules []index.Match
	Due   bool
	// At is when it was decided; the zero time where nobody knows.
	At time.Time
}

// How strongly learning is held to what is known beforehand: to the hand-set
// weights of signs, and to nothing for words. It takes some twenty decisions that
// agree to change the weight of a sign by one.
const (
	signHold  = 6.0
	wordHold  = 1.0
	biasHold  = 0.5
	fitRounds = 25
	// calibrationParts is how many parts decisions are cut into, each judged by
	// what the others taught; of great numbers one part is enough.
	calibrationParts = 5
	manyDecisions    = 10_000
	fewestDue        = 10
)

// Train returns a Detector that has learned from decisions, given what it knew
// from the start; what d has learned itself does not matter. It returns
// errs.Invalid where too few decisions are of either kind, and the error of a
// ctx that is done.
func (d *Detector) Train(ctx context.Context, decisions []Decision) (*Detector, error) {
	due := 0
	for i := range decisions {
		if decisions[i].Due {
			due++
		}
	}
	if due < fewestDue || len(decisions)-due < fewestDue {
		return nil, errs.Newf(errs.Invalid, "Учиться пока не на чем: принято — %d, отклонено — %d, нужно хотя бы по %d.", due, len(decisions)-due, fewestDue)
	}
	if len(decisions) > mostExamples {
		decisions = decisions[len(decisions)-mostExamples:]
	}
	f, err := d.newFit(ctx, decisions)
	if err != nil {
		return nil, err
	}
	raw, happened := make([]float64, 0, len(decisions)), make([]bool, 0, len(decisions))
	for part := range calibrationParts {
		held := func(i int) bool { return i%calibrationParts == part }
		if err := f.solve(ctx, func(i int) bool { return !held(i) }); err != nil {
			return nil, err
		}
		for i := range decisions {
			if held(i) {
				raw, happened = append(raw, logistic1(f.margin(i))), append(happened, decisions[i].Due)
			}
		}
		if len(decisions) > manyDecisions {
			break
		}
	}
	if err := f.solve(ctx, func(int) bool { return true }); err != nil {
		return nil, err
	}
	out := *d
	out.vocabulary, out.curve = f.vocabulary, fitCurve(raw, happened)
	out.learned, out.through = len(decisions), time.Time{}
	out.bias, out.offsets, out.words = f.values[0], map[string]float64{}, make([]float32, len(f.vocabulary.keys))
	for name, j := range f.names {
		out.offsets[name] = f.values[j]
	}
	for i := range out.words {
		out.words[i] = float32(f.values[f.signs+i])
	}
	for i := range decisions {
		if decisions[i].At.After(out.through) {
			out.through = decisions[i].At
		}
	}
	return &out, nil
}

// fit is a logistic regression around what is known beforehand. Column 0 is the
// bias, then come the signs, then the words.
type fit struct {
	vocabulary *vocabulary
	names      map[string]int
	signs      int // how many columns are not words
	columns    [][]entry
	base       []float64 // by row: the score that the hand-set weights give
	due        []bool
	values     []float64 // by column: what was learned
	margins    []float64 // by row
}

type entry struct {
	row int32
	x   float32
}

func (d *Detector) newFit(ctx context.Context, decisions []Decision) (*fit, error) {
	x := &extractor{analyzer: d.analyzer}
	f := &fit{names: map[string]int{}, base: make([]float64, len(decisions)), due: make([]bool, len(decisions))}
	texts := make([][]hit, len(decisions))
	f.columns = append(f.columns, nil)
	for i := range decisions {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		texts[i] = hitsOf(nil, x.read(decisions[i].Item))
		f.due[i], f.base[i] = decisions[i].Due, priorBias
		f.columns[0] = append(f.columns[0], entry{int32(i), 1})
		for _, s := range d.signs(decisions[i].Item, decisions[i].Rules, x.tokens) {
			f.base[i] += s.weight
			j, known := f.names[s.name]
			if !known {
				j = len(f.columns)
				f.names[s.name] = j
				f.columns = append(f.columns, nil)
			}
			f.columns[j] = append(f.columns[j], entry{int32(i), 1})
		}
	}
	f.signs = len(f.columns)
	f.vocabulary = choose(texts, 2)
	f.columns = append(f.columns, make([][]entry, len(f.vocabulary.keys))...)
	var cells []cell
	for i, hits := range texts {
		cells = f.vocabulary.encode(cells[:0], hits)
		for _, c := range cells {
			j := f.signs + int(c.id)
			f.columns[j] = append(f.columns[j], entry{int32(i), c.x})
		}
	}
	return f, nil
}

func (f *fit) margin(i int) float64 { return f.margins[i] }

func (f *fit) hold(column int) float64 {
	switch {
	case column == 0:
		return biasHold
	case column < f.signs:
		return signHold
	}
	return wordHold
}

// solve goes over the columns and makes a step of Newton on each (coordinate
// descent), using the rows that taken names. The margins of all rows follow.
func (f *fit) solve(ctx context.Context, taken func(int) bool) error {
	f.values, f.margins = make([]float64, len(f.columns)), slices.Clone(f.base)
	use := make([]bool, len(f.base))
	for i := range use {
		use[i] = taken(i)
	}
	for range fitRounds {
		if err := ctx.Err(); err != nil {
			return err
		}
		var moved float64
		for j, column := range f.columns {
			hold := f.hold(j)
			slope, bend := hold*f.values[j], hold
			for _, e := range column {
				if !use[e.row] {
					continue
				}
				p, want := logistic1(f.margins[e.row]), 0.0
				if f.due[e.row] {
					want = 1
				}
				slope += (p - want) * float64(e.x)
				bend += p * (1 - p) * float64(e.x) * float64(e.x)
			}
			step := min(max(-slope/bend, -1), 1)
			if math.Abs(step) < 1e-6 {
				continue
			}
			moved = max(moved, math.Abs(step))
			f.values[j] += step
			for _, e := range column {
				f.margins[e.row] += step * float64(e.x)
			}
		}
		if moved < 1e-3 {
			break
		}
	}
	return nil
}

// Learned is how many decisions the detector has learned from; 0 for one that
// goes by what it came with.
func (d *Detector) Learned() int { return d.learned }

// Through is the moment of the newest decision that it has learned from.
func (d *Detector) Through() time.Time { return d.through }

// Weights returns what the detector adds to the hand-set weights, by signs.
func (d *Detector) Weights() map[string]float64 { return maps.Clone(d.offsets) }
