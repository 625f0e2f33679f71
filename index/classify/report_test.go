package classify

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"otklik/index"
)

func TestQualityCounts(t *testing.T) {
	t.Parallel()
	var c tally
	sure := func(labels ...string) []Guess {
		var list []Guess
		for i, l := range labels {
			list = append(list, Guess{l, 1 / float64(i+1)})
		}
		return list
	}
	c.add("а", sure("а", "б", "в"))
	c.add("а", sure("б", "а", "в"))
	c.add("б", sure("б", "а", "в"))
	c.add("г", sure("а", "б", "в"))
	q := c.quality()
	// а: 1 right, 1 wrong, 1 missed; б: 1, 1, 0; г: 0, 0, 1.
	wantMacro := (2.0/4 + 2.0/3 + 0) / 3
	wantWeighted := (2*(2.0/4) + 1*(2.0/3) + 0) / 4
	if q.Accuracy != 0.5 || q.Top3 != 0.75 || math.Abs(q.MacroF1-wantMacro) > 1e-9 || math.Abs(q.WeightedF1-wantWeighted) > 1e-9 {
		t.Errorf("%+v, want accuracy 0.5, top3 0.75, macro %.4f, weighted %.4f", q, wantMacro, wantWeighted)
	}
	if math.Abs(q.Miscalibration-0.5) > 1e-9 {
		t.Errorf("sure of all and right in half is off by %.2f, want 0.5", q.Miscalibration)
	}
}

func TestRankCounts(t *testing.T) {
	t.Parallel()
	r := Rank([]Scored{{0.9, true, true}, {0.8, true, false}, {0.7, false, true}, {0.1, false, false}})
	if want := (1 + 2.0/3) / 2; math.Abs(r.AveragePrecision-want) > 1e-9 {
		t.Errorf("average precision %.3f, want %.3f", r.AveragePrecision, want)
	}
	if r.Precision != 0.5 || r.Recall != 0.5 || math.Abs(r.PrecisionAtRecall80-2.0/3) > 1e-9 {
		t.Errorf("%+v", r)
	}
	if r := Rank(nil); r.AveragePrecision != 0 || r.Precision != 0 {
		t.Errorf("nothing gives %+v", r)
	}
}

func TestRankDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "n")
		all := make([]Scored, n)
		for i := range all {
			all[i] = Scored{float64(rapid.IntRange(0, 4).Draw(t, "score")), rapid.Bool().Draw(t, "found"), rapid.Bool().Draw(t, "due")}
		}
		want := Rank(all)
		rand.New(rand.NewPCG(1, 1)).Shuffle(n, func(i, j int) { all[i], all[j] = all[j], all[i] })
		if got := Rank(all); math.Abs(got.AveragePrecision-want.AveragePrecision) > 1e-9 || got.Precision != want.Precision {
			t.Fatalf("%+v in one order, %+v in another", want, got)
		}
	})
}

func TestRepeatedTextsAreLeftOut(t *testing.T) {
	t.Parallel()
	text := func(s string) Example { return Example{Item: Item{Text: s}} }
	fresh := Unseen([]Example{text("Яма  на\nдороге"), text("Яма у дома")}, []Example{text("Яма на дороге ")})
	if len(fresh) != 1 || fresh[0].Text != "Яма у дома" {
		t.Errorf("what is left: %v", fresh)
	}
}

func TestCurveKeepsTheOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOfN(rapid.Float64Range(0, 1), 2, 60).Draw(t, "raw")
		happened := make([]bool, len(raw))
		for i := range happened {
			happened[i] = rapid.Bool().Draw(t, "happened")
		}
		c := fitCurve(raw, happened)
		last := -1.0
		for p := 0.0; p <= 1; p += 0.05 {
			q := c.of(p)
			if math.IsNaN(q) || q < 0 || q > 1 || q < last-1e-12 {
				t.Fatalf("%+v turns %.2f into %v after %v", c, p, q, last)
			}
			last = q
		}
	})
}

func TestCurveFindsTheTruth(t *testing.T) {
	t.Parallel()
	// What says 0.9 comes true in six of ten.
	r := rand.New(rand.NewPCG(3, 3))
	var raw []float64
	var happened []bool
	for range 4000 {
		p := r.Float64()
		raw, happened = append(raw, logistic1(3*logit(p))), append(happened, r.Float64() < p)
	}
	c := fitCurve(raw, happened)
	for _, p := range []float64{0.2, 0.5, 0.8} {
		if got := c.of(logistic1(3 * logit(p))); math.Abs(got-p) > 0.04 {
			t.Errorf("what comes true in %.2f of cases is given %.2f", p, got)
		}
	}
}

func dated(examples []Example, from time.Time) []Example {
	for i := range examples {
		examples[i].At = from.Add(time.Duration(i) * time.Hour)
	}
	return examples
}

func TestRetrainTakesOnlyWhatIsBetter(t *testing.T) {
	t.Parallel()
	a := index.NewAnalyzer()
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	// At first one label in two is wrong.
	poor := dated(letters(1, 300), start)
	labels := []string{"Дороги", "Мусор", "Отопление", "Транспорт"}
	for i := range poor {
		if i%2 == 0 {
			poor[i].Label = labels[i/2%4]
		}
	}
	first, r, err := Retrain(t.Context(), a, nil, poor, 0)
	if err != nil || !r.Better || first == nil {
		t.Fatalf("the first model: %+v, %v", r, err)
	}
	same, r, err := Retrain(t.Context(), a, first, poor, 0)
	if err != nil || r.Better || same != first || r.Why == "" {
		t.Errorf("without new decisions: %+v, %v", r, err)
	}
	good := append(poor, dated(letters(2, 900), start.AddDate(0, 2, 0))...)
	second, r, err := Retrain(t.Context(), a, first, good, 0)
	if err != nil || !r.Better || second == first || r.New.Accuracy <= r.Present.Accuracy {
		t.Errorf("with better decisions: %+v, %v", r, err)
	}
	if !second.Through().Equal(good[len(good)-1].At) || second.Learned() != len(good) {
		t.Errorf("the new model has learned %d through %v", second.Learned(), second.Through())
	}
	noise := dated(letters(3, 900), start.AddDate(0, 6, 0))
	for i := range noise {
		noise[i].Label = labels[i%4]
	}
	if kept, r, err := Retrain(t.Context(), a, second, append(good[:0:0], noise...), 0); err != nil || (r.Better && r.New.Accuracy <= r.Present.Accuracy) || (!r.Better && kept != second) {
		t.Errorf("with noise: %+v, %v", r, err)
	}
}
