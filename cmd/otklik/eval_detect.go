package main

import (
	"context"
	"fmt"
	"slices"

	"otklik/index"
	"otklik/index/classify"
	"otklik/index/starter"
	"otklik/internal/errs"
	"otklik/internal/social"
)

type evalDetectCmd struct {
	evalOutput
	Train    []string    `type:"path" placeholder:"ФАЙЛ" help:"CSV или TSV с решениями; без него — то, с чем программа приходит."`
	Test     []string    `required:"" type:"path" placeholder:"ФАЙЛ" help:"Такой же файл для проверки; тексты, которые есть в обучении, пропускаются."`
	Text     string      `required:"" placeholder:"СТОЛБЕЦ" help:"Столбец с текстом; разметка HTML убирается."`
	Label    string      `required:"" placeholder:"СТОЛБЕЦ" help:"Столбец с меткой."`
	Positive []string    `required:"" placeholder:"МЕТКА" help:"Метки сообщений, на которые надо отвечать, через запятую."`
	Negative []string    `required:"" placeholder:"МЕТКА" help:"Метки остальных сообщений; строки с другими метками пропускаются."`
	Kind     social.Kind `enum:"comment,post" default:"comment" help:"Что это за сообщения: comment или post."`
}

type detectFigures struct {
	Rules     classify.Ranking `json:"rules"`
	Combined  classify.Ranking `json:"combined"`
	Threshold float64          `json:"threshold"`
	Learned   int              `json:"learned"`
	Repeated  int              `json:"repeated"`
}

// Run tests rules and detector, trained or as it comes, and prints.
func (c *evalDetectCmd) Run(e *environment) error {
	d, err := newEvalDetector()
	if err != nil {
		return err
	}
	learned, err := c.read(c.Train)
	if err != nil {
		return err
	}
	all, err := c.read(c.Test)
	if err != nil {
		return err
	}
	fresh := classify.Unseen(all, learned)
	if len(learned) > 0 {
		if err := d.train(e.ctx, learned); err != nil {
			return err
		}
	}
	f := detectFigures{Threshold: classify.DefaultThreshold, Learned: len(learned), Repeated: len(all) - len(fresh)}
	var rules, combined []classify.Scored
	for _, x := range fresh {
		due := x.Label == duePositive
		fired := d.match(x.Item)
		p := d.detector.Judge(x.Item, fired).Probability
		rules = append(rules, classify.Scored{Score: float64(len(fired)), Found: len(fired) > 0, Due: due})
		combined = append(combined, classify.Scored{Score: p, Found: p >= classify.DefaultThreshold, Due: due})
	}
	f.Rules, f.Combined = classify.Rank(rules), classify.Rank(combined)
	if f.Rules.Due == 0 {
		return errs.New(errs.Invalid, "Проверять не на чем: среди строк проверки нет ни одной с меткой из --positive.")
	}
	row := func(name string, value func(classify.Ranking) float64) []string {
		return []string{name, percent(value(f.Rules)), percent(value(f.Combined))}
	}
	return c.print(e.out, f, [][]string{
		{fmt.Sprintf("Проверено: %d, из них жалоб: %d", f.Rules.Tested, f.Rules.Due), "правила", "вместе"},
		row("Средняя точность", func(r classify.Ranking) float64 { return r.AveragePrecision }),
		row("Точность", func(r classify.Ranking) float64 { return r.Precision }),
		row("Полнота", func(r classify.Ranking) float64 { return r.Recall }),
		row("Точность при полноте 80 %", func(r classify.Ranking) float64 { return r.PrecisionAtRecall80 }),
	})
}

// What the labels of a file are turned into.
const (
	duePositive = "yes"
	dueNegative = "no"
)

// read leaves the rows with the named labels.
func (c *evalDetectCmd) read(files []string) ([]classify.Example, error) {
	all, err := examples(files, c.Text, c.Label, c.Kind)
	if err != nil {
		return nil, err
	}
	var kept []classify.Example
	for _, x := range all {
		switch {
		case slices.Contains(c.Positive, x.Label):
			x.Label = duePositive
		case slices.Contains(c.Negative, x.Label):
			x.Label = dueNegative
		default:
			continue
		}
		kept = append(kept, x)
	}
	if len(all) > 0 && len(kept) == 0 {
		return nil, errs.Newf(errs.Invalid, "В столбце «%s» нет меток из --positive и --negative.", c.Label)
	}
	return kept, nil
}

// evalDetector is the shipped rules and the detector beside them.
type evalDetector struct {
	rules    *index.Matcher
	detector *classify.Detector
}

func newEvalDetector() (*evalDetector, error) {
	analyzer := index.NewAnalyzer()
	rules, failed := analyzer.Compile(starter.Rules())
	if len(failed) > 0 {
		return nil, failed[0]
	}
	d, err := classify.NewDetector(analyzer, starter.Signals(), starter.Weights())
	return &evalDetector{rules: rules, detector: d}, err
}

func (d *evalDetector) match(item classify.Item) []index.Match {
	return d.rules.MatchItem(item.Text, index.Facts{Kind: item.Kind})
}

func (d *evalDetector) train(ctx context.Context, learned []classify.Example) error {
	decisions := make([]classify.Decision, len(learned))
	for i, x := range learned {
		decisions[i] = classify.Decision{Item: x.Item, Rules: d.match(x.Item), Due: x.Label == duePositive}
	}
	trained, err := d.detector.Train(ctx, decisions)
	if err == nil {
		d.detector = trained
	}
	return err
}
