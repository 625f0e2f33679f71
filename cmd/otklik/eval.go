package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"
	"text/tabwriter"

	"otklik/index/classify"
	"otklik/internal/errs"
	"otklik/internal/social"
	"otklik/internal/table"
)

type evalCmd struct {
	Classify evalClassifyCmd `cmd:"" help:"Как точно программа угадывает тему, если её обучить на ваших решениях."`
	Detect   evalDetectCmd   `cmd:"" help:"Как точно программа находит жалобы: одни правила и вместе с обучением."`
	Rules    evalRulesCmd    `cmd:"" help:"На какой доле сообщений срабатывают правила."`
}

// evalOutput is how every figure is printed.
type evalOutput struct {
	JSON bool `name:"json" help:"Вывести числа в JSON."`
}

// print prints values as JSON, or lines of a name and values as a table.
func (o *evalOutput) print(out io.Writer, values any, lines [][]string) error {
	if o.JSON {
		return json.NewEncoder(out).Encode(values)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, line := range lines {
		if _, err := fmt.Fprintln(w, strings.Join(line, "\t")); err != nil {
			return err
		}
	}
	return w.Flush()
}

// examples reads texts and labels out of tables, the rows that have both.
func examples(files []string, text, label string, kind social.Kind) ([]classify.Example, error) {
	var all []classify.Example
	for _, file := range files {
		list, err := examplesOf(file, text, label, kind)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

func examplesOf(file, text, label string, kind social.Kind) ([]classify.Example, error) {
	t, err := table.Open(file, text, label)
	if err != nil {
		return nil, err
	}
	defer func() { _ = t.Close() }()
	var list []classify.Example
	for {
		row, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		e := classify.Example{Item: classify.Item{Text: plainText(row[0]), Kind: kind}, Label: row[1]}
		if kind == social.Comment {
			e.Depth = 1
		}
		if e.Text != "" && e.Label != "" {
			list = append(list, e)
		}
	}
	if len(list) == 0 {
		return nil, errs.Newf(errs.Invalid, "В файле %s нет ни одной строки, где заполнены оба столбца, «%s» и «%s».", file, text, label)
	}
	return list, nil
}

// tag finds what marks up a page: a name after the bracket, or the end of one.
var tag = regexp.MustCompile(`(?s)<!--.*?-->|</?[a-zA-Z][^<>]*>`)

// plainText takes the tags out of a text that was kept as HTML.
func plainText(text string) string {
	if strings.ContainsAny(text, "<&") {
		text = html.UnescapeString(tag.ReplaceAllString(text, " "))
	}
	return strings.Join(strings.Fields(text), " ")
}

// percent prints a share.
func percent(share float64) string {
	return strings.Replace(fmt.Sprintf("%.1f %%", 100*share), ".", ",", 1)
}
