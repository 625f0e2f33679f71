package classify

import (
	"context"
	"slices"
	"time"

	"otklik/index"
)

// Report says how a new model did beside the present one, on decisions that
// neither had seen.
type Report struct {
	Held    int     `json:"held"`
	Present Quality `json:"present"`
	New     Quality `json:"new"`
	// Better says that the new one takes the place of the present one.
	Better bool `json:"better"`
	// Why is a sentence for people.
	Why string `json:"why"`
}

const (
	// heldPart is the share of decisions that is held back, the newest ones.
	heldPart = 10
	// fewestHeld is how many unseen decisions it takes to compare.
	fewestHeld = 30
)

// Retrain learns from examples what the present model, which may be nil, does
// not know yet, and says whether the result is better. The newest tenth is held
// back and judged by both; if the new model is better, or there is no present
// one, it learns from all of them and is returned. Otherwise the present one is.
// Workers are those of Train.
func Retrain(ctx context.Context, a *index.Analyzer, present *Model, examples []Example, workers int) (*Model, Report, error) {
	held := len(examples) / heldPart
	sorted := slices.Clone(examples)
	slices.SortStableFunc(sorted, func(a, b Example) int { return a.At.Compare(b.At) })
	learn, test := sorted[:len(sorted)-held], Unseen(sorted[len(sorted)-held:], sorted[:len(sorted)-held])
	if present != nil {
		test = after(test, present.Through())
	}
	r := Report{Held: len(test)}
	if present != nil && len(test) < fewestHeld {
		r.Why = "Новых решений пока мало, чтобы сравнить модели. Работает прежняя."
		return present, r, nil
	}
	candidate, err := Train(ctx, a, learn, workers)
	if err != nil {
		return present, r, err
	}
	r.New = candidate.Test(test)
	if present != nil {
		r.Present = present.Test(test)
		if r.New.Accuracy <= r.Present.Accuracy {
			r.Why = "Новая модель угадывает не лучше прежней. Работает прежняя."
			return present, r, nil
		}
	}
	r.Better, r.Why = true, "Новая модель угадывает лучше прежней и заняла её место."
	if present == nil {
		r.Why = "Это первая модель: программа начала угадывать темы."
	}
	whole, err := Train(ctx, a, sorted, workers)
	if err != nil {
		return present, Report{}, err
	}
	return whole, r, nil
}

// DetectorReport is Report for what tells complaints.
type DetectorReport struct {
	Held    int     `json:"held"`
	Present Ranking `json:"present"`
	New     Ranking `json:"new"`
	Better  bool    `json:"better"`
	Why     string  `json:"why"`
}

// Retrain is like the function for models: the newest tenth is held back, and
// the detector that ranks it better is returned.
func (d *Detector) Retrain(ctx context.Context, decisions []Decision) (*Detector, DetectorReport, error) {
	held := len(decisions) / heldPart
	sorted := slices.Clone(decisions)
	slices.SortStableFunc(sorted, func(a, b Decision) int { return a.At.Compare(b.At) })
	learn, test := sorted[:len(sorted)-held], sorted[len(sorted)-held:]
	for len(test) > 0 && !d.through.IsZero() && !test[0].At.After(d.through) {
		test = test[1:]
	}
	r := DetectorReport{Held: len(test)}
	candidate, err := d.Train(ctx, learn)
	if err != nil {
		return d, r, err
	}
	r.Present, r.New = d.rank(test), candidate.rank(test)
	switch {
	case len(test) < fewestHeld || r.New.Due == 0:
		r.Why = "Новых решений пока мало, чтобы сравнить. Программа находит жалобы по-прежнему."
		return d, r, nil
	case r.New.AveragePrecision <= r.Present.AveragePrecision:
		r.Why = "После обучения программа находила бы жалобы не лучше. Она находит их по-прежнему."
		return d, r, nil
	}
	whole, err := d.Train(ctx, sorted)
	if err != nil {
		return d, DetectorReport{}, err
	}
	r.Better, r.Why = true, "Программа обучилась на новых решениях и находит жалобы точнее."
	return whole, r, nil
}

func (d *Detector) rank(decisions []Decision) Ranking {
	var all []Scored
	for _, x := range decisions {
		p := d.Judge(x.Item, x.Rules).Probability
		all = append(all, Scored{Score: p, Found: p >= DefaultThreshold, Due: x.Due})
	}
	return Rank(all)
}

func after(examples []Example, moment time.Time) []Example {
	var kept []Example
	for _, e := range examples {
		if e.At.After(moment) {
			kept = append(kept, e)
		}
	}
	return kept
}
