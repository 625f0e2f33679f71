package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"time"

	"otklik/index"
	"otklik/internal/errs"
)

type benchMatchCmd struct {
	benchInput
	Rules   int    `default:"1000" help:"Сколько правил составить из слов файла."`
	Limit   int    `default:"40000" help:"Сколько сообщений взять из файла: из половины составляются правила, на другой измеряется. 0 — все."`
	Seed    uint64 `default:"1" help:"Другое число — другие правила."`
	Profile string `type:"path" placeholder:"ФАЙЛ" help:"Записать профиль процессора (pprof)."`
}

// matchFigures is what the command measures; times are of one item.
type matchFigures struct {
	Rules         int     `json:"rules"`
	PerCPUSecond  float64 `json:"posts_per_cpu_second"`
	P50           float64 `json:"p50_ms"`
	P99           float64 `json:"p99_ms"`
	BytesPerRule  float64 `json:"bytes_per_rule"`
	MatchesAPost  float64 `json:"matches_per_post"`
	Posts         int     `json:"posts"`
	MeanLength    float64 `json:"mean_characters"`
	CompileMillis float64 `json:"compile_ms"`
	AllocsAPost   float64 `json:"allocs_per_post"`
}

// Run measures the matcher on one processor.
func (c *benchMatchCmd) Run(e *environment) error {
	if c.Rules < 1 {
		return errs.New(errs.Invalid, "В --rules нужно число правил, хотя бы 1.")
	}
	texts, err := c.texts(c.Limit)
	if err != nil {
		return err
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	source, texts := halves(texts)
	f := matchFigures{Posts: len(texts), MeanLength: meanLength(texts)}
	m, err := c.compile(source, texts, &f)
	if err != nil {
		return err
	}
	stop, err := c.profile()
	if err != nil {
		return err
	}
	c.measure(m, texts, &f)
	stop()
	return c.report(e.out, f, []figure{
		{"Правил", fmt.Sprint(f.Rules)},
		{"Сообщений", fmt.Sprintf("%d, в среднем %.0f знаков", f.Posts, f.MeanLength)},
		{"Сообщений за секунду процессора", fmt.Sprintf("%.0f", f.PerCPUSecond)},
		{"Одно сообщение, мс", fmt.Sprintf("половина быстрее %.4f, 99 из 100 быстрее %.4f", f.P50, f.P99)},
		{"Байт на правило", fmt.Sprintf("%.0f", f.BytesPerRule)},
		{"Совпадений на сообщение", fmt.Sprintf("%.3f", f.MatchesAPost)},
		{"Выделений памяти на сообщение", fmt.Sprintf("%.3f", f.AllocsAPost)},
		{"Сборка правил, мс", fmt.Sprintf("%.0f", f.CompileMillis)},
	})
}

// halves parts texts into those that rules are made of and those that are
// measured, so that no text meets the rules that were drawn from it.
func halves(texts []string) (source, measured []string) {
	if len(texts) == 1 {
		return texts, texts
	}
	for i, text := range texts {
		if i%2 == 0 {
			source = append(source, text)
		} else {
			measured = append(measured, text)
		}
	}
	return source, measured
}

// compile makes the rules and the matcher, and weighs what it keeps: the
// matcher and what it learns from a run over the texts.
func (c *benchMatchCmd) compile(source, texts []string, f *matchFigures) (*index.Matcher, error) {
	rules, err := newRuleMaker(source, c.Seed).rules(c.Rules)
	if err != nil {
		return nil, err
	}
	analyzer := index.NewAnalyzer()
	for _, text := range source {
		analyzer.Observe(text)
	}
	if err := meet(analyzer, rules, texts); err != nil {
		return nil, err
	}
	before := heap()
	began := cpuTime()
	m, _ := analyzer.Compile(rules)
	f.CompileMillis = float64((cpuTime() - began).Microseconds()) / 1e3
	var fired []int
	for _, text := range texts {
		fired = m.Fired(fired[:0], text, index.Facts{})
	}
	f.BytesPerRule = float64(heap()-before) / float64(len(rules))
	f.Rules = m.Len()
	// What was there before has to be there still, or its end would be counted.
	runtime.KeepAlive(rules)
	runtime.KeepAlive(source)
	runtime.KeepAlive(analyzer)
	return m, nil
}

// meet lets the analyzer meet the words of rules and texts before anything is
// weighed: they cost the same whether there are rules or not. A vocabulary that
// grows on the way takes words over only when they are met again.
func meet(analyzer *index.Analyzer, rules []index.Rule, texts []string) error {
	const rounds = 2
	for range rounds {
		m, failed := analyzer.Compile(rules)
		if len(failed) > 0 {
			return failed[0].Err
		}
		for _, text := range texts {
			m.Fired(nil, text, index.Facts{})
		}
	}
	return nil
}

// heap is what is in use now; pools give back what they keep in two rounds.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}

func (c *benchMatchCmd) profile() (stop func(), err error) {
	if c.Profile == "" {
		return func() {}, nil
	}
	out, err := os.Create(c.Profile)
	if err == nil {
		err = pprof.StartCPUProfile(out)
	}
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, "Файл "+c.Profile+" не записывается. Проверьте путь в --profile.", err)
	}
	return func() {
		pprof.StopCPUProfile()
		_ = out.Close()
	}, nil
}

// measure runs over the texts again and again: first for the speed, then with
// a clock around every text.
func (c *benchMatchCmd) measure(m *index.Matcher, texts []string, f *matchFigures) {
	const atLeast, passes = 2 * time.Second, 5
	var rates []float64
	var fired []int
	matches, allocs, began := 0, uint64(0), time.Now()
	for len(rates) < passes || time.Since(began) < atLeast {
		matches = 0
		before, start := mallocs(), cpuTime()
		for _, text := range texts {
			fired = m.Fired(fired[:0], text, index.Facts{})
			matches += len(fired)
		}
		rates = append(rates, float64(len(texts))/max((cpuTime()-start).Seconds(), 1e-9))
		allocs = mallocs() - before
	}
	f.PerCPUSecond = median(rates)
	f.MatchesAPost = float64(matches) / float64(len(texts))
	f.AllocsAPost = float64(allocs) / float64(len(texts))
	var p50, p99 []float64
	took := make([]time.Duration, len(texts))
	for range passes {
		for i, text := range texts {
			start := time.Now()
			fired = m.Fired(fired[:0], text, index.Facts{})
			took[i] = time.Since(start)
		}
		slices.Sort(took)
		p50, p99 = append(p50, quantile(took, 0.5)), append(p99, quantile(took, 0.99))
	}
	f.P50, f.P99 = median(p50), median(p99)
}

func mallocs() uint64 {
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.Mallocs
}
