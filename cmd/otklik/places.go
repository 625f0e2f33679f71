package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"otklik/index"
	"otklik/index/places"
	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/sheet"
)

type placesCmd struct {
	Import placesImportCmd `cmd:"" help:"Загрузить справочник улиц и районов из таблицы CSV или XLSX."`
	Check  placesCheckCmd  `cmd:"" help:"Показать, какие места программа видит в тексте."`
}

type placesImportCmd struct {
	database
	Partial bool   `help:"Пропустить строки с ошибками."`
	File    string `arg:"" type:"path" help:"Таблица: вид, название, входит в, дома, другие названия."`
}

// mostPlaces bounds the rows of a gazetteer.
const mostPlaces = 50_000

// Run replaces the gazetteer by the table.
func (c *placesImportCmd) Run(e *environment) (err error) {
	list, bad, err := readPlaces(c.File)
	if err != nil {
		return err
	}
	for _, b := range bad {
		if _, err := fmt.Fprintln(e.out, b.Error()); err != nil {
			return err
		}
	}
	if len(bad) > 0 && !c.Partial {
		return errs.New(errs.Invalid, "В файле есть ошибки, поэтому ничего не изменилось. Исправьте их или добавьте --partial.")
	}
	s, err := c.open(e)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.SaveGazetteer(e.ctx, rights.System(), list, time.Now()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.out, "Загружено мест: %d.\n", len(list))
	return err
}

type placesCheckCmd struct {
	File string `type:"path" placeholder:"ФАЙЛ" help:"Справочник; без него видно только то, что написано полностью."`
	Text string `arg:"" help:"Текст в кавычках."`
}

// Run says what is found in the text and what the place of a case would be.
func (c *placesCheckCmd) Run(e *environment) error {
	var list []places.Place
	if c.File != "" {
		var bad []places.BadCell
		var err error
		if list, bad, err = readPlaces(c.File); err != nil {
			return err
		}
		if len(bad) > 0 {
			return bad[0]
		}
	}
	f := places.New(index.NewAnalyzer(), list)
	for _, x := range f.Find(nil, c.Text) {
		if _, err := fmt.Fprintf(e.out, "%s: %s, по словам «%s»\n", x.Kind.Title(), x.Title, c.Text[x.Start:x.End]); err != nil {
			return err
		}
	}
	spot, ok := f.Locate(c.Text)
	if !ok {
		_, err := io.WriteString(e.out, "Места в тексте нет.\n")
		return err
	}
	_, err := fmt.Fprintf(e.out, "Место карточки: %s\n", spot.Title)
	return err
}

func readPlaces(path string) ([]places.Place, []places.BadCell, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, errs.Wrap(errs.Invalid, fmt.Sprintf("Файл %s не открывается. Проверьте путь.", path), err)
	}
	t, err := sheet.ReadUpTo(data, mostPlaces)
	if err != nil {
		return nil, nil, err
	}
	rows := make([]places.Row, len(t.Rows))
	for i, r := range t.Rows {
		rows[i] = places.Row{Number: r.Number, Cells: r.Cells}
	}
	list, bad := places.Read(t.Header, rows)
	return list, bad, nil
}
