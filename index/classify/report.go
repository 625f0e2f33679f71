package classify

import (
	"cmp"
	"slices"
	"strings"
)

// Quality is how a Model does on texts that it has not learned from.
type Quality struct {
	Tested     int     `json:"tested"`
	Accuracy   float64 `json:"accuracy"`
	Top3       float64 `json:"top3"`
	MacroF1    float64 `json:"macro_f1"`
	WeightedF1 float64 `json:"weighted_f1"`
	// Miscalibration is by how much the probability of the best guess differs
	// from how often it is right, on the average.
	Miscalibration float64 `json:"miscalibration"`
}

// Test measures a Model.
func (m *Model) Test(examples []Example) Quality {
	var t tally
	for _, e := range examples {
		t.add(e.Label, m.Best(e.Item, 3))
	}
	return t.quality()
}

// tally counts guesses. The zero value is ready.
type tally struct {
	tested, right, top3 int
	byLabel             map[string]*confusion
	bins                [10]struct {
		n, right int
		sum      float64
	}
}

type confusion struct{ right, wrong, missed int }

func (t *tally) of(label string) *confusion {
	if t.byLabel == nil {
		t.byLabel = map[string]*confusion{}
	}
	if t.byLabel[label] == nil {
		t.byLabel[label] = &confusion{}
	}
	return t.byLabel[label]
}

func (t *tally) add(answer string, guesses []Guess) {
	best := guesses[0]
	t.tested++
	bin := &t.bins[min(int(best.Probability*float64(len(t.bins))), len(t.bins)-1)]
	bin.n++
	bin.sum += best.Probability
	if best.Label == answer {
		t.right++
		bin.right++
		t.of(answer).right++
	} else {
		t.of(best.Label).wrong++
		t.of(answer).missed++
	}
	if slices.ContainsFunc(guesses, func(g Guess) bool { return g.Label == answer }) {
		t.top3++
	}
}

func (t *tally) quality() Quality {
	q := Quality{Tested: t.tested}
	if t.tested == 0 {
		return q
	}
	n := float64(t.tested)
	q.Accuracy, q.Top3 = float64(t.right)/n, float64(t.top3)/n
	// In the order of labels, so that sums come out alike.
	labels := make([]string, 0, len(t.byLabel))
	for label := range t.byLabel {
		labels = append(labels, label)
	}
	slices.Sort(labels)
	for _, label := range labels {
		c := t.byLabel[label]
		f1 := 2 * float64(c.right) / float64(2*c.right+c.wrong+c.missed)
		q.MacroF1 += f1 / float64(len(t.byLabel))
		q.WeightedF1 += f1 * float64(c.right+c.missed) / n
	}
	for _, b := range t.bins {
		off := b.sum - float64(b.right)
		q.Miscalibration += max(off, -off) / n
	}
	return q
}

// Same brings a text to the form in which repeated texts are equal: white space
// does not tell them apart.
func Same(text string) string { return strings.Join(strings.Fields(text), " ") }

// Unseen returns the examples whose texts do not stand among the learned ones.
func Unseen(examples, learned []Example) []Example {
	seen := make(map[string]bool, len(learned))
	for i := range learned {
		seen[Same(learned[i].Text)] = true
	}
	var fresh []Example
	for _, e := range examples {
		if !seen[Same(e.Text)] {
			fresh = append(fresh, e)
		}
	}
	return fresh
}

// Scored is a message with its score and whether it was to be found.
type Scored struct {
	Score float64
	Found bool // above the threshold, or fired
	Due   bool
}

// Ranking is how well scores tell messages that are due a reaction from others.
type Ranking struct {
	AveragePrecision float64 `json:"average_precision"`
	Precision        float64 `json:"precision"`
	Recall           float64 `json:"recall"`
	// PrecisionAtRecall80 is the precision where four fifths are found.
	PrecisionAtRecall80 float64 `json:"precision_at_recall_80"`
	Found               int     `json:"found"`
	Due                 int     `json:"due"`
	Tested              int     `json:"tested"`
}

// Rank measures scores. Messages with equal scores are taken together, so that
// their order does not matter.
func Rank(all []Scored) Ranking {
	r := Ranking{Tested: len(all)}
	right := 0
	for _, s := range all {
		if s.Due {
			r.Due++
		}
		if s.Found {
			r.Found++
			if s.Due {
				right++
			}
		}
	}
	if r.Found > 0 {
		r.Precision = float64(right) / float64(r.Found)
	}
	if r.Due == 0 {
		return r
	}
	r.Recall = float64(right) / float64(r.Due)
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b Scored) int { return cmp.Compare(b.Score, a.Score) })
	due, before := 0, 0
	for i, s := range sorted {
		if s.Due {
			due++
		}
		if i+1 < len(sorted) && sorted[i+1].Score == s.Score {
			continue
		}
		precision := float64(due) / float64(i+1)
		r.AveragePrecision += precision * float64(due-before) / float64(r.Due)
		if r.PrecisionAtRecall80 == 0 && due*5 >= r.Due*4 {
			r.PrecisionAtRecall80 = precision
		}
		before = due
	}
	return r
}
