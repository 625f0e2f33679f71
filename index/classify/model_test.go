package classify

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"otklik/index"
	"otklik/internal/errs"
)

// speech says what people write about, by label.
func speech() map[string][]string {
	return map[string][]string{
		"Дороги":    {"яма", "асфальт", "выбоина", "колея", "бордюр", "дорожники", "подвеска", "объезд"},
		"Мусор":     {"контейнер", "свалка", "мусоровоз", "урна", "пакеты", "крысы", "бак", "вывоз"},
		"Отопление": {"батарея", "котельная", "холодно", "стояк", "радиатор", "градусник", "подача", "тепло"},
		"Транспорт": {"автобус", "маршрутка", "остановка", "водитель", "расписание", "рейс", "проезд", "билет"},
	}
}

// letters makes up n texts with labels; the words of a label are mixed with
// words that every text has.
func letters(seed uint64, n int) []Example {
	r := rand.New(rand.NewPCG(seed, 7))
	labels := []string{"Дороги", "Мусор", "Отопление", "Транспорт"}
	common := strings.Fields("добрый день у нас во дворе опять который месяц прошу разобраться дом улица соседи когда ответьте пожалуйста номер")
	words := speech()
	var list []Example
	for range n {
		label := labels[r.IntN(len(labels))]
		var text []string
		for range 6 {
			text = append(text, common[r.IntN(len(common))])
		}
		for range 1 + r.IntN(2) {
			text[r.IntN(len(text))] = words[label][r.IntN(len(words[label]))]
		}
		list = append(list, Example{Item: Item{Text: strings.Join(text, " ")}, Label: label})
	}
	return list
}

func train(t *testing.T, examples []Example) *Model {
	t.Helper()
	m, err := Train(t.Context(), index.NewAnalyzer(), examples, 0)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestModelLearnsWhatTextsAreAbout(t *testing.T) {
	t.Parallel()
	m := train(t, letters(1, 800))
	q := m.Test(letters(2, 400))
	if q.Accuracy < 0.97 || q.Top3 < 0.98 || q.MacroF1 < 0.97 {
		t.Errorf("the model does badly: %+v", q)
	}
	if q.Miscalibration > 0.06 {
		t.Errorf("probabilities are off by %.3f on the average", q.Miscalibration)
	}
	// Other forms of the words, and a slip of the pen.
	for text, want := range map[string]string{
		"Сколько можно объезжать выбоины":          "Дороги",
		"мусоровоза не было, у контейнеров крысы":  "Мусор",
		"к радиаторам не притронуться, они ледяны": "Отопление",
		"маршруткаа ушла раньше расписания":        "Транспорт",
	} {
		if got := m.Best(Item{Text: text}, 1)[0]; got.Label != want {
			t.Errorf("%q is taken for %s, want %s", text, got.Label, want)
		}
	}
}

func TestGuessesAreProbabilities(t *testing.T) {
	t.Parallel()
	m := train(t, letters(1, 400))
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "яма и контейнер", "батарея", "!!!"})).Draw(t, "text")
		guesses := m.Best(Item{Text: text}, 10)
		if len(guesses) != 4 {
			t.Fatalf("%d guesses of 4 labels", len(guesses))
		}
		sum, before := 0.0, 1.0
		for _, g := range guesses {
			if g.Probability < 0 || g.Probability > before {
				t.Fatalf("%v: not descending from 1 to 0", guesses)
			}
			before = g.Probability
			sum += g.Probability
		}
		if sum > 1.001 {
			t.Fatalf("%v add up to %v", guesses, sum)
		}
	})
}

func TestTrainingIsDeterministic(t *testing.T) {
	// Not parallel: it changes how many processors there are.
	before := runtime.GOMAXPROCS(1)
	one, err := train(t, letters(1, 300)).Bytes()
	runtime.GOMAXPROCS(4)
	four, err2 := train(t, letters(1, 300)).Bytes()
	runtime.GOMAXPROCS(before)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	if string(one) != string(four) {
		t.Error("two trainings on the same texts give different models")
	}
}

func TestModelSurvivesBeingStored(t *testing.T) {
	t.Parallel()
	a := index.NewAnalyzer()
	m := train(t, letters(1, 400))
	data, err := m.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > 100_000 {
		t.Errorf("a model of four labels takes %d bytes", len(data))
	}
	read, err := ReadModel(a, data)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range letters(3, 50) {
		if diff := cmp.Diff(m.Best(e.Item, 4), read.Best(e.Item, 4)); diff != "" {
			t.Fatalf("the stored model says otherwise (-was +is):\n%s", diff)
		}
	}
	if read.Learned() != 400 {
		t.Errorf("the stored model has learned from %d, want 400", read.Learned())
	}
	rapid.Check(t, func(t *rapid.T) {
		broken := append([]byte(nil), data...)
		at := rapid.IntRange(0, len(broken)-1).Draw(t, "at")
		broken[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "flip"))
		broken = broken[:rapid.IntRange(at+1, len(broken)).Draw(t, "length")]
		if m, err := ReadModel(a, broken); err == nil {
			m.Best(Item{Text: "яма"}, 1) // a flip of a name of the archive does no harm
		} else if errs.CodeOf(err) != errs.Invalid {
			t.Fatalf("a damaged model gives the code %v", errs.CodeOf(err))
		}
	})
}

func TestExplanationsNameTheWords(t *testing.T) {
	t.Parallel()
	m := train(t, letters(1, 800))
	item := Item{Text: "Добрый день, у нас во дворе переполнен контейнер"}
	reasons := m.Explain(item, m.Best(item, 1)[0].Label, 3)
	if len(reasons) == 0 || reasons[0].Words != "контейнер" || reasons[0].Weight <= 0 {
		t.Errorf("the reasons are %v, want «контейнер» first", reasons)
	}
	if got := m.Explain(item, "нет такой", 3); got != nil {
		t.Errorf("an unknown label is explained by %v", got)
	}
}

func TestNothingToLearnFrom(t *testing.T) {
	t.Parallel()
	alike := letters(1, 50)
	for i := range alike {
		alike[i].Label = "Дороги"
	}
	var many []Example
	for i := range mostLabels + 1 {
		many = append(many, Example{Item: Item{Text: "текст"}, Label: fmt.Sprint(i)})
	}
	for name, examples := range map[string][]Example{"none": nil, "few": letters(1, 5), "one label": alike, "too many labels": many} {
		if _, err := Train(t.Context(), index.NewAnalyzer(), examples, 0); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: the error is %v, want one with the code invalid", name, err)
		}
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Train(done, index.NewAnalyzer(), letters(1, 200), 0); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled training returns %v", err)
	}
}

func TestModelServesManyAtOnce(t *testing.T) {
	t.Parallel()
	m := train(t, letters(1, 200))
	item := Item{Text: "яма у остановки"}
	want := m.Best(item, 4)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				if diff := cmp.Diff(want, m.Best(item, 4)); diff != "" {
					t.Errorf("another answer at the same time:\n%s", diff)
				}
				m.Explain(item, "Дороги", 3)
			}
		})
	}
	all.Wait()
}
