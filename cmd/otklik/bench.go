package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"otklik/internal/errs"
	"otklik/internal/table"
)

type benchCmd struct {
	Match  benchMatchCmd  `cmd:"" help:"Сколько сообщений в секунду проверяют правила."`
	Index  benchIndexCmd  `cmd:"" help:"Как быстро наполняется архив поиска."`
	Search benchSearchCmd `cmd:"" help:"Как быстро архив отвечает."`
	Desk   benchDeskCmd   `cmd:"" help:"Как быстро страницы отвечают, когда карточек много и людей много."`
}

// benchInput is what every measurement reads.
type benchInput struct {
	Posts  string `required:"" type:"path" placeholder:"ФАЙЛ" help:"CSV или TSV с сообщениями, можно сжатый (.gz)."`
	Column string `default:"text" help:"Столбец с текстом."`
	JSON   bool   `name:"json" help:"Вывести числа в JSON."`
}

// texts reads at most limit texts.
func (b *benchInput) texts(limit int) ([]string, error) {
	texts, err := table.Column(b.Posts, b.Column, limit)
	if err == nil && len(texts) == 0 {
		err = errs.Newf(errs.Invalid, "В столбце «%s» файла %s нет ни одного текста.", b.Column, b.Posts)
	}
	return texts, err
}

// figure is one line of a report for people.
type figure struct {
	name  string
	value string
}

// report prints figures as JSON or as a table.
func (b *benchInput) report(out io.Writer, values any, figures []figure) error {
	if b.JSON {
		return json.NewEncoder(out).Encode(values)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, f := range figures {
		if _, err := fmt.Fprintf(w, "%s\t%s\n", f.name, f.value); err != nil {
			return err
		}
	}
	return w.Flush()
}

// quantile returns the value below which the share q of the sorted list lies,
// in milliseconds.
func quantile(sorted []time.Duration, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := min(int(q*float64(len(sorted))), len(sorted)-1)
	return float64(sorted[at].Nanoseconds()) / 1e6
}

func median(list []float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

func meanLength(texts []string) float64 {
	n := 0
	for _, text := range texts {
		n += utf8.RuneCountInString(text)
	}
	return float64(n) / float64(len(texts))
}
