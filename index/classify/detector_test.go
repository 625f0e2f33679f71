package classify

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/index"
	"otklik/internal/errs"
	"otklik/internal/social"
)

func signalsForTests() []Signal {
	return []Signal{
		{ID: "delo", Title: "Говорит о городе", Expr: "дорога | яма | автобус | мусор | фонарь", Weight: 1},
		{ID: "net", Title: "Чего-то нет", Expr: "нет | нету | не", Weight: 1},
		{ID: "hvalit", Title: "Хвалит", Expr: "спасибо | молодцы", Weight: -2},
	}
}

func newDetector(t *testing.T) *Detector {
	t.Helper()
	d, err := NewDetector(index.NewAnalyzer(), signalsForTests(), map[string]float64{"weak": 0.3})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func comment(text string) Item { return Item{Text: text, Kind: social.Comment, Depth: 1} }

func TestNewInstallationRanksByWhatWasSetByHand(t *testing.T) {
	t.Parallel()
	d := newDetector(t)
	fired, weak := []index.Match{{RuleID: "strong"}}, []index.Match{{RuleID: "weak"}}
	p := func(text string, rules []index.Match) float64 { return d.Judge(comment(text), rules).Probability }
	ordered := []float64{
		p("Когда на Садовой 12 починят фонарь? Его нет месяц", fired),
		p("Когда на Садовой 12 починят фонарь? Его нет месяц", weak),
		p("Когда на Садовой 12 починят фонарь? Его нет месяц", nil),
		p("Фонарь и яма", nil),
		p("Спасибо, молодцы", nil),
	}
	if !slices.IsSortedFunc(ordered, func(a, b float64) int {
		if a > b {
			return -1
		}
		return 1
	}) {
		t.Errorf("probabilities are %.4f, want them descending", ordered)
	}
	if ordered[0] < DefaultThreshold || ordered[4] > 0.01 {
		t.Errorf("a plain complaint has %.3f, plain thanks %.3f", ordered[0], ordered[4])
	}
	reasons := d.Judge(comment("Спасибо за автобус"), nil).Reasons
	if len(reasons) == 0 || reasons[0].Words != "Хвалит" || reasons[0].Weight != -2 {
		t.Errorf("the weightiest reason of thanks is not thanks: %v", reasons)
	}
}

func TestSecondRuleAddsLessThanTheFirst(t *testing.T) {
	t.Parallel()
	d := newDetector(t)
	weigh := func(ids ...string) (sum float64) {
		var rules []index.Match
		for _, id := range ids {
			rules = append(rules, index.Match{RuleID: id})
		}
		for _, s := range d.signs(comment("."), rules, nil) {
			if strings.HasPrefix(s.name, "rule ") {
				sum += s.weight
			}
		}
		return sum
	}
	if one, two, swapped := weigh("a"), weigh("a", "weak"), weigh("weak", "a"); one != priorRule || two != swapped || two != priorRule+0.3 {
		t.Errorf("one rule weighs %v, two %v or %v", one, two, swapped)
	}
}

// decisions makes up what people decided: they take messages about lanterns and
// never such about football, of which the hand-set signals know nothing.
func decisions(n int) []Decision {
	var list []Decision
	at := time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)
	for i, e := range letters(9, n) {
		d := Decision{Item: comment(e.Text), At: at.Add(time.Duration(i) * time.Minute)}
		if d.Due = i%3 == 0; d.Due {
			d.Text += " скважина пересохла"
		} else {
			d.Text += " футбол посмотрели"
		}
		list = append(list, d)
	}
	return list
}

func TestDetectorLearnsFromDecisions(t *testing.T) {
	t.Parallel()
	d := newDetector(t)
	trained, err := d.Train(t.Context(), decisions(300))
	if err != nil {
		t.Fatal(err)
	}
	yes, no := trained.Judge(comment("опять скважина пересохла"), nil), trained.Judge(comment("опять футбол посмотрели"), nil)
	if yes.Probability < 0.7 || no.Probability > 0.2 {
		t.Errorf("after 300 decisions %.3f and %.3f", yes.Probability, no.Probability)
	}
	if !slices.ContainsFunc(yes.Reasons, func(r Reason) bool { return r.Words == "скважина" && r.Weight > 0 }) {
		t.Errorf("the reasons do not name the word: %v", yes.Reasons)
	}
	if before := d.Judge(comment("опять скважина пересохла"), nil).Probability; before > 0.2 || d.Learned() != 0 {
		t.Errorf("the detector that was trained from has changed: %.3f", before)
	}
	again, err := trained.Train(t.Context(), decisions(300))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(trained.Weights(), again.Weights()); diff != "" {
		t.Errorf("training twice is not the same as once:\n%s", diff)
	}
}

func TestDetectorSurvivesBeingStored(t *testing.T) {
	t.Parallel()
	d := newDetector(t)
	trained, err := d.Train(t.Context(), decisions(300))
	if err != nil {
		t.Fatal(err)
	}
	data, err := trained.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	read, err := newDetector(t).Read(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range decisions(40) {
		if a, b := trained.Judge(x.Item, nil), read.Judge(x.Item, nil); !cmp.Equal(a, b) {
			t.Fatalf("the stored detector says %+v, want %+v", b, a)
		}
	}
	if _, err := d.Read(data[:len(data)/2]); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("half of it is read with %v", err)
	}
	fresh, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Read(fresh); err != nil {
		t.Errorf("one that has learned nothing is not read: %v", err)
	}
}

func TestDetectorIsSwappedOnlyIfBetter(t *testing.T) {
	t.Parallel()
	d := newDetector(t)
	next, r, err := d.Retrain(t.Context(), decisions(600))
	if err != nil || !r.Better || next == d || r.New.AveragePrecision <= r.Present.AveragePrecision {
		t.Fatalf("%+v, %v", r, err)
	}
	if same, r, err := next.Retrain(t.Context(), decisions(600)); err != nil || same != next || r.Better || r.Why == "" {
		t.Errorf("without new decisions: %+v, %v", r, err)
	}
	if _, _, err := d.Retrain(t.Context(), decisions(9)); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("nine decisions give %v", err)
	}
}

func TestSignalThatCannotBeRead(t *testing.T) {
	t.Parallel()
	_, err := NewDetector(index.NewAnalyzer(), []Signal{{ID: "kosoj", Expr: "(яма"}}, nil)
	if errs.CodeOf(err) != errs.Invalid || !strings.Contains(errs.MessageOf(err), "kosoj") {
		t.Errorf("the error is %v", err)
	}
}

func TestShapes(t *testing.T) {
	t.Parallel()
	a := index.NewAnalyzer()
	for _, tt := range []struct {
		item Item
		has  []Shape
		not  []Shape
	}{
		{comment("Уберите снег на Садовой!"), []Shape{shapeImperative, shapeAddress, shapeCry}, []Shape{shapeQuestion, shapePost}},
		{comment("ул. Мира, 5, когда свет?"), []Shape{shapeAddress, shapeQuestion, shapeNumber}, []Shape{shapeImperative}},
		{comment("в доме 7 холодно"), []Shape{shapeAddress}, nil},
		{comment("Вы хотите сказать, что на природе лучше"), nil, []Shape{shapeImperative, shapeAddress}},
		{comment("да"), []Shape{shapeTiny}, []Shape{shapeShort}},
		{comment("[id1|Анна], «это» не так"), []Shape{shapeToPerson, shapeQuote}, nil},
		{Item{Text: "Новости https://example.org #город", Kind: social.Post, OwnPage: true}, []Shape{shapePost, shapeLink, shapeTag, shapeOwnPage}, []Shape{shapeReply}},
		{Item{Text: strings.Repeat("слово ", 200), Depth: 2}, []Shape{shapeEndless, shapeReply}, []Shape{shapeLong}},
	} {
		got := shapesOf(tt.item, a.Tokens(nil, tt.item.Text))
		for _, s := range tt.has {
			if !slices.Contains(got, s) {
				t.Errorf("%.40q has no shape %s: %v", tt.item.Text, s, got)
			}
		}
		for _, s := range tt.not {
			if slices.Contains(got, s) {
				t.Errorf("%.40q has the shape %s", tt.item.Text, s)
			}
		}
	}
	for shape, facts := range shapeFacts() {
		if facts.title == "" || shape.Title() != facts.title {
			t.Errorf("the shape %s has no title", shape)
		}
	}
}
