package main

import (
	"cmp"
	"fmt"
	"slices"

	"otklik/index/classify"
	"otklik/internal/errs"
	"otklik/internal/social"
	"otklik/internal/table"
)

type evalRulesCmd struct {
	evalOutput
	Posts  string      `required:"" type:"path" placeholder:"ФАЙЛ" help:"CSV или TSV с сообщениями, можно сжатый (.gz)."`
	Column string      `default:"text" help:"Столбец с текстом; разметка HTML убирается."`
	Kind   social.Kind `enum:"comment,post" default:"post" help:"Что это за сообщения: comment или post."`
}

type rulesFigures struct {
	Posts int `json:"posts"`
	Fired int `json:"fired"`
	// Share is of the items on which any rule fires.
	Share float64 `json:"share"`
	// Queued are those that a new installation puts into the queue, with or
	// without a rule; QueuedShare is their share.
	Queued      int            `json:"queued"`
	QueuedShare float64        `json:"queued_share"`
	Rules       map[string]int `json:"rules"`
}

// Run counts and prints.
func (c *evalRulesCmd) Run(e *environment) error {
	d, err := newEvalDetector()
	if err != nil {
		return err
	}
	texts, err := table.Column(c.Posts, c.Column, 0)
	if err != nil {
		return err
	}
	if len(texts) == 0 {
		return errs.Newf(errs.Invalid, "В столбце «%s» файла %s нет ни одного текста.", c.Column, c.Posts)
	}
	f := rulesFigures{Posts: len(texts), Rules: map[string]int{}}
	for _, text := range texts {
		item := classify.Item{Text: plainText(text), Kind: c.Kind}
		if c.Kind == social.Comment {
			item.Depth = 1
		}
		fired := d.match(item)
		if d.detector.Judge(item, fired).Probability >= classify.DefaultThreshold {
			f.Queued++
		}
		if len(fired) > 0 {
			f.Fired++
		}
		for _, m := range fired {
			f.Rules[m.RuleID]++
		}
	}
	f.Share, f.QueuedShare = float64(f.Fired)/float64(f.Posts), float64(f.Queued)/float64(f.Posts)
	lines := [][]string{{"Сообщений", fmt.Sprint(f.Posts)}, {"Сработали правила", fmt.Sprintf("%d (%s)", f.Fired, percent(f.Share))}, {"Попали бы в очередь", fmt.Sprintf("%d (%s)", f.Queued, percent(f.QueuedShare))}}
	for _, rule := range byCount(f.Rules) {
		lines = append(lines, []string{rule, fmt.Sprint(f.Rules[rule])})
	}
	return c.print(e.out, f, lines)
}

// byCount lists names, the most frequent first.
func byCount(counts map[string]int) []string {
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	return names
}
