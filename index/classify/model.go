package classify

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"otklik/index"
)

// Model tells which of its labels a message belongs to.
type Model struct {
	analyzer   *index.Analyzer
	labels     []string
	vocabulary *vocabulary
	table      packed
	bias       []float32
	// heat turns scores into probabilities, and curve makes that of the best
	// guess keep its word.
	heat     float32
	curve    curve
	learned  int
	through  time.Time
	building sync.Pool // of *extractor
}

// packed is the weights without those that say next to nothing: for each feature
// the labels that it speaks for or against, and by how much in steps of scale.
type packed struct {
	from   []uint32 // by feature; one more at the end
	kinds  []uint16
	steps  []int8
	scales []float32 // by feature
}

// negligible is the share of the greatest weight of a model below which a
// weight is left out.
const negligible = 0.004

func pack(weights []float32, features, kinds int) packed {
	var greatest float32
	for _, w := range weights {
		greatest = max(greatest, abs(w))
	}
	t := packed{from: make([]uint32, 1, features+1), scales: make([]float32, features)}
	for f := range features {
		row := weights[f*kinds : (f+1)*kinds]
		var most float32
		for _, w := range row {
			most = max(most, abs(w))
		}
		t.scales[f] = most / math.MaxInt8
		for l, w := range row {
			if abs(w) < negligible*greatest {
				continue
			}
			if step := int8(math.Round(float64(w / t.scales[f]))); step != 0 {
				t.kinds, t.steps = append(t.kinds, uint16(l)), append(t.steps, step)
			}
		}
		t.from = append(t.from, uint32(len(t.kinds)))
	}
	t.kinds, t.steps = slices.Clip(t.kinds), slices.Clip(t.steps)
	return t
}

func abs(x float32) float32 { return max(x, -x) }

// add adds to scores what a feature says.
func (t *packed) add(scores []float32, c cell) {
	by := t.scales[c.id] * c.x
	for i := t.from[c.id]; i < t.from[c.id+1]; i++ {
		scores[t.kinds[i]] += by * float32(t.steps[i])
	}
}

// Labels returns the labels in their order.
func (m *Model) Labels() []string { return slices.Clone(m.labels) }

// Learned is how many examples the model has learned from.
func (m *Model) Learned() int { return m.learned }

// Through is the moment of the newest decision that the model has learned from.
func (m *Model) Through() time.Time { return m.through }

func (m *Model) extractor() *extractor {
	if x, ok := m.building.Get().(*extractor); ok {
		return x
	}
	return &extractor{analyzer: m.analyzer}
}

// scores returns the score of each label.
func (m *Model) scores(item Item) []float32 {
	x := m.extractor()
	defer m.building.Put(x)
	scores := slices.Clone(m.bias)
	for _, c := range m.vocabulary.encode(nil, hitsOf(nil, x.read(item))) {
		m.table.add(scores, c)
	}
	return scores
}

// Best returns the n most probable labels, the best first.
func (m *Model) Best(item Item, n int) []Guess {
	scores := m.scores(item)
	for i := range scores {
		scores[i] *= m.heat
	}
	softmax(scores)
	guesses := make([]Guess, len(scores))
	for i, p := range scores {
		guesses[i] = Guess{m.labels[i], float64(p)}
	}
	slices.SortStableFunc(guesses, func(a, b Guess) int { return cmp.Compare(b.Probability, a.Probability) })
	m.keepWord(guesses)
	return guesses[:min(n, len(guesses))]
}

// keepWord puts the calibrated probability of the best guess in its place and
// leaves the rest to the others, none of which may overtake it.
func (m *Model) keepWord(guesses []Guess) {
	raw := guesses[0].Probability
	best := m.curve.of(raw)
	guesses[0].Probability = best
	for i := 1; i < len(guesses); i++ {
		rest := guesses[i].Probability * (1 - best) / max(1-raw, 1e-9)
		guesses[i].Probability = min(rest, best)
	}
}

// Explain returns what of the item speaks most for a label and against its
// nearest rival, at most n reasons. It is empty for an unknown label.
func (m *Model) Explain(item Item, label string, n int) []Reason {
	own := slices.Index(m.labels, label)
	if own < 0 || len(m.labels) < 2 {
		return nil
	}
	rival := m.rival(item, own)
	x := m.extractor()
	defer m.building.Put(x)
	found := x.read(item)
	reasons := newReasons(item.Text, x.tokens)
	scores := make([]float32, len(m.labels))
	for _, f := range found {
		// Alone, a feature is encoded without the scale of the text, which is the
		// same for all of them.
		id, ok := slices.BinarySearch(m.vocabulary.keys, f.key)
		if !ok {
			continue
		}
		clear(scores)
		m.table.add(scores, cell{int32(id), f.weight * m.vocabulary.rare[id]})
		reasons.add(f, float64(scores[own]-scores[rival]))
	}
	return reasons.best(n)
}

func (m *Model) rival(item Item, own int) int {
	scores, rival := m.scores(item), -1
	for l, s := range scores {
		if l != own && (rival < 0 || s > scores[rival]) {
			rival = l
		}
	}
	return rival
}

// reasons gathers what single features say into what words say.
type reasons struct {
	text   string
	tokens []index.Token
	words  []float64 // by token
	shapes []Reason
}

func newReasons(text string, tokens []index.Token) *reasons {
	return &reasons{text: text, tokens: tokens, words: make([]float64, len(tokens))}
}

func (r *reasons) add(f feature, weight float64) {
	if f.shape != "" {
		r.shapes = append(r.shapes, Reason{f.shape.Title(), weight})
		return
	}
	var under []int
	for i, t := range r.tokens {
		if t.Start >= f.span.Start && t.End <= f.span.End {
			under = append(under, i)
		}
	}
	for _, i := range under {
		r.words[i] += weight / float64(len(under))
	}
}

// best returns the n reasons that weigh most, a word once.
func (r *reasons) best(n int) []Reason {
	all, at := r.shapes, map[string]int{}
	for i, t := range r.tokens {
		word := strings.ToLower(r.text[t.Start:t.End])
		if j, ok := at[word]; ok {
			all[j].Weight += r.words[i]
			continue
		}
		at[word] = len(all)
		all = append(all, Reason{word, r.words[i]})
	}
	all = slices.DeleteFunc(all, func(r Reason) bool { return r.Weight == 0 })
	slices.SortStableFunc(all, func(a, b Reason) int { return cmp.Compare(b.Weight, a.Weight) })
	return all[:min(n, len(all))]
}
