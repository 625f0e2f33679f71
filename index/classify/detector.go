package classify

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"otklik/index"
	"otklik/internal/errs"
)

// Signal is a condition that speaks for a complaint, or against it.
type Signal struct {
	ID    string
	Title string
	// Expr is in the language of index.Parse.
	Expr string
	// Weight is by how much it changes the log odds, set by hand.
	Weight float64
}

// DefaultThreshold is the probability from which a message is shown as one that
// a reaction is due to.
const DefaultThreshold = 0.2

// What is known before anybody has decided anything: complaints are rare, and a
// rule that fires is worth a lot, each further one less.
const (
	priorBias = -4.6
	priorRule = 2.2
	priorMore = 0.5
)

// Detector tells how probable it is that a reaction to a message is due.
type Detector struct {
	analyzer *index.Analyzer
	signals  []Signal
	rules    map[string]float64 // hand-set, where they differ from priorRule
	proven   map[string]float64 // by what people made of their messages
	matcher  *index.Matcher
	shapes   map[Shape]float64
	// What was learned, on top of the hand-set weights. All of it is nil or zero
	// for a new installation.
	bias       float64
	offsets    map[string]float64 // by signal, shape or rule
	vocabulary *vocabulary
	words      []float32
	curve      curve
	learned    int
	through    time.Time
}

// NewDetector returns what a new installation goes by: signals, and the weights
// of rules that say more or less than others, by their ids. A signal that cannot
// be read is errs.Invalid.
func NewDetector(a *index.Analyzer, signals []Signal, rules map[string]float64) (*Detector, error) {
	d := &Detector{analyzer: a, signals: slices.Clone(signals), rules: maps.Clone(rules), shapes: map[Shape]float64{}, curve: identity()}
	conditions := make([]index.Rule, len(signals))
	for i, s := range signals {
		conditions[i] = index.Rule{ID: s.ID, Version: 1, Name: s.Title, Expr: s.Expr}
	}
	var failed []index.RuleError
	if d.matcher, failed = a.Compile(conditions); len(failed) > 0 {
		return nil, errs.Wrap(errs.Invalid, "Признак «"+failed[0].RuleID+"»: "+errs.MessageOf(failed[0].Err), failed[0].Err)
	}
	for shape, facts := range shapeFacts() {
		d.shapes[shape] = facts.weight
	}
	return d, nil
}

// sign is one thing that the detector goes by: its name, its hand-set weight,
// and the words that people read.
type sign struct {
	name   string
	weight float64
	title  string
}

// signs lists what is known of an item besides its single words. rules are the
// rules that fired.
func (d *Detector) signs(item Item, rules []index.Match, tokens []index.Token) []sign {
	var list []sign
	best := -1
	for i, m := range rules {
		list = append(list, sign{"rule " + m.RuleID, min(priorMore, d.ruleWeight(m.RuleID)), "сработало правило"})
		if best < 0 || d.ruleWeight(m.RuleID) > d.ruleWeight(rules[best].RuleID) {
			best = i
		}
	}
	if best >= 0 {
		list[best].weight = d.ruleWeight(rules[best].RuleID)
	}
	for _, n := range d.matcher.Fired(nil, item.Text, index.Facts{}) {
		s := &d.signals[n]
		list = append(list, sign{"signal " + s.ID, s.Weight, s.Title})
	}
	for _, s := range shapesOf(item, tokens) {
		list = append(list, sign{"shape " + string(s), d.shapes[s], s.Title()})
	}
	return list
}

func (d *Detector) ruleWeight(id string) float64 {
	if w, ok := d.rules[id]; ok {
		return w
	}
	if _, learned := d.offsets["rule "+id]; learned {
		return priorRule // decisions have already been counted
	}
	if w, ok := d.proven[id]; ok {
		return w
	}
	return priorRule
}

// Proven is how often people confirmed what a rule had found, and how often not.
type Proven struct{ Confirmed, False int }

const (
	// provenPrior is with how many decisions of each kind a rule begins.
	provenPrior = 2
	// provenMost bounds the weight of a rule that was never wrong.
	provenMost = 4.6
)

func (p Proven) weight() float64 {
	w := priorRule + math.Log(float64(p.Confirmed+provenPrior)/float64(p.False+provenPrior))
	return min(max(w, 0), provenMost)
}

// WithRules is a Detector that holds rules for worth what people made of their
// messages, by their ids. Rules with a weight set by hand, and those that it has
// learned about, stay as they are.
func (d *Detector) WithRules(proven map[string]Proven) *Detector {
	out := *d
	out.proven = make(map[string]float64, len(proven))
	for id, p := range proven {
		out.proven[id] = p.weight()
	}
	return &out
}

// Verdict is what a Detector says of an item.
type Verdict struct {
	Probability float64
	// Reasons are the weightiest first, those for a complaint and those against.
	Reasons []Reason
}

// Judge says how probable it is that a reaction is due. rules are the rules that
// fired on the item.
func (d *Detector) Judge(item Item, rules []index.Match) Verdict {
	x := &extractor{analyzer: d.analyzer}
	found := x.read(item)
	score := priorBias + d.bias
	var reasons []Reason
	for _, s := range d.signs(item, rules, x.tokens) {
		w := s.weight + d.offsets[s.name]
		score += w
		reasons = append(reasons, Reason{s.title, w})
	}
	if d.vocabulary != nil {
		words := newReasons(item.Text, x.tokens)
		for _, c := range d.vocabulary.encode(nil, hitsOf(nil, found)) {
			score += float64(d.words[c.id] * c.x)
		}
		reasons = append(reasons, d.explainWords(words, found)...)
	}
	reasons = slices.DeleteFunc(reasons, func(r Reason) bool { return r.Weight == 0 })
	slices.SortStableFunc(reasons, func(a, b Reason) int { return cmp.Compare(max(b.Weight, -b.Weight), max(a.Weight, -a.Weight)) })
	return Verdict{d.curve.of(logistic1(score)), reasons}
}

// fewReasons is how many single words explain a verdict.
const fewReasons = 5

func (d *Detector) explainWords(words *reasons, found []feature) []Reason {
	cells := d.vocabulary.encode(nil, hitsOf(nil, found))
	for _, f := range found {
		id, ok := slices.BinarySearch(d.vocabulary.keys, f.key)
		if !ok || f.shape != "" {
			continue
		}
		at, _ := slices.BinarySearchFunc(cells, int32(id), func(c cell, id int32) int { return cmp.Compare(c.id, id) })
		words.add(f, float64(d.words[id]*cells[at].x))
	}
	return words.best(fewReasons)
}
