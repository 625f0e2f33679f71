package record_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"otklik/internal/errs"
	"otklik/internal/sim/record"
)

func TestThrowsAreTheSameEachRunAndEndInTime(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	run := func(seed uint64) (hits []int) {
		var f record.Faults
		f.Add(record.Fault{
			Method: "send*", Kind: record.FaultLost, Probability: 0.05, Seed: seed,
			From: start.Add(time.Minute), Until: start.Add(time.Hour),
		})
		for i := range 7200 {
			if _, hit := f.TakeAt(start.Add(time.Duration(i)*time.Second), "sendMessage"); hit {
				hits = append(hits, i)
			}
		}
		return hits
	}
	a, b, c := run(1), run(1), run(2)
	if len(a) < 120 || len(a) > 240 || a[0] < 60 || a[len(a)-1] >= 3600 {
		t.Errorf("%d hits, from %d to %d", len(a), a[0], a[len(a)-1])
	}
	same := func(x, y []int) bool {
		for i := range min(len(x), len(y)) {
			if x[i] != y[i] {
				return false
			}
		}
		return len(x) == len(y)
	}
	if !same(a, b) || same(a, c) {
		t.Error("the throws do not follow the seed")
	}
}

func TestKindsAreLookedForSeparately(t *testing.T) {
	t.Parallel()
	var f record.Faults
	f.Add(record.Fault{Method: "update:*", Kind: record.FaultDrop})
	f.Add(record.Fault{Kind: record.FaultClock, Delay: 5000})
	if _, hit := f.TakeAt(time.Time{}, "update:message", record.FaultDelay); hit {
		t.Error("a fault of another kind hit")
	}
	if x, hit := f.TakeAt(time.Time{}, "update:message", record.FaultDrop); !hit || x.Kind != record.FaultDrop {
		t.Errorf("%+v", x)
	}
	for range 2 {
		if x, ok := f.Lasting(time.Time{}, record.FaultClock); !ok || x.Delay != 5000 {
			t.Errorf("the clock: %+v %v", x, ok)
		}
	}
}

// TestTheScenariosOfTheDocumentsAreScenarios reads those that people copy.
func TestTheScenariosOfTheDocumentsAreScenarios(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"../../../docs/simulators.md", "../../../docs/ru/training.md"} {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, found := strings.Cut(string(raw), "```json\n")
		example, _, _ := strings.Cut(rest, "```")
		if s, err := record.ParseScenario([]byte(example)); !found || err != nil || len(s) < 4 {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestAScenarioIsReadAndItsMistakesAreNamed(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	s, err := record.ParseScenario([]byte(`[
		{"at":"10s","for":"1m","method":"send*","fault":"lost","probability":0.5,"seed":7},
		{"network":"vk","at":"0s","method":"wall.*","fault":"error","code":6}]`))
	if err != nil {
		t.Fatal(err)
	}
	tg := s.Faults("telegram", start)
	if len(tg) != 1 || len(s.Faults("vk", start)) != 2 || !tg[0].From.Equal(start.Add(10*time.Second)) ||
		!tg[0].Until.Equal(start.Add(70*time.Second)) || tg[0].Seed != 7 {
		t.Errorf("%+v", tg)
	}
	good := "[\n" + `{"at":"1s","method":"*","fault":"lost"},` + "\n"
	for bad, says := range map[string]string{
		``: "строка 1:", `{}`: "строка 1: это список шагов", good: "строка 3, шаг 2: список не закончен", good + "{}]": "строка 3, шаг 2: нет вида",
		good + "\n\n{\"at\":\"1s\",\n\"at\" 3}]":                     "строка 6, шаг 2: это не JSON",
		`[{"at":"10","method":"*","fault":"lost"}]`:                  "(at)",
		`[{"at":"1s","method":"*"}]`:                                 "(fault)",
		`[{"at":"1s","method":"*","fault":"lots"}]`:                  "«lots»",
		`[{"at":"1s","fault":"lost"}]`:                               "(method)",
		`[{"at":"1s","method":"*","fault":"lost","probability":2}]`:  "(probability)",
		`[{"at":"1s","method":"*","fault":"lost","for":"-1s"}]`:      "(for)",
		`[{"at":"1s","method":"*","fault":"lost","network":"ok"}]`:   "(network)",
		`[{"at":"1s","method":"*","fault":"lost","probabilty":0.1}]`: `поля "probabilty" нет`,
		`[{"at":"1s","method":"*","fault":"lost","code":"six"}]`:     "«code»",
		`[{"at":"1s","method":"*","fault":"lost"}] [{}]`:             "лишнее",
	} {
		_, err := record.ParseScenario([]byte(bad))
		if said := errs.MessageOf(err); errs.CodeOf(err) != errs.Invalid || !strings.Contains(said, says) || !strings.Contains(said, "строка") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	seeded := s.Seeded(100)
	if seeded[0].Seed != 7 || seeded[1].Seed != 101 || s[1].Seed != 0 {
		t.Errorf("%+v", seeded)
	}
}
