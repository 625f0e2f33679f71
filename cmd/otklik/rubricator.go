package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"otklik/incidents/rubricator"
	"otklik/internal/errs"
)

type rubricatorCmd struct {
	Export rubricatorExportCmd `cmd:"" help:"Выписать стартовый рубрикатор таблицей CSV."`
	Check  rubricatorCheckCmd  `cmd:"" help:"Проверить свою таблицу и сопоставление с другим классификатором."`
}

type rubricatorExportCmd struct {
	Mapping bool `help:"Выписать таблицу сопоставления с пустыми кодами."`
}

// Run writes the table to the standard output.
func (c *rubricatorExportCmd) Run(e *environment) error {
	r := rubricator.Starter()
	if c.Mapping {
		return r.ExportMapping(e.out, nil)
	}
	return r.Export(e.out)
}

type rubricatorCheckCmd struct {
	File string `type:"path" placeholder:"ФАЙЛ" help:"Таблица рубрикатора; без неё — стартовый."`
	Map  string `type:"path" placeholder:"ФАЙЛ" help:"Таблица сопоставления: код, код классификатора, название классификатора."`
}

// Run reads the tables and says what is in them and what is not.
func (c *rubricatorCheckCmd) Run(e *environment) error {
	r := rubricator.Starter()
	if c.File != "" {
		err := reading(c.File, func(from io.Reader) (err error) {
			r, err = r.Import(from)
			return err
		})
		if err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(e.out, "Фактов в рубрикаторе: %d.\n", len(r.Facts)); err != nil || c.Map == "" {
		return err
	}
	return reading(c.Map, func(from io.Reader) error {
		_, report, err := r.ReadMapping(from)
		if err != nil {
			return err
		}
		return printMapping(e.out, report)
	})
}

func printMapping(out io.Writer, report rubricator.MapReport) error {
	_, err := fmt.Fprintf(out, "Сопоставлено: %d. Не сопоставлено: %d.\n", report.Mapped, len(report.Missing))
	for _, f := range report.Missing {
		_, next := fmt.Fprintf(out, "не сопоставлено: %s, %s → %s → %s\n", f.ID, f.Category, f.Subcategory, f.Name)
		err = errors.Join(err, next)
	}
	for _, id := range report.Unknown {
		_, next := fmt.Fprintf(out, "нет в рубрикаторе: %s\n", id)
		err = errors.Join(err, next)
	}
	for _, id := range report.Repeated {
		_, next := fmt.Fprintf(out, "сопоставлено дважды, взята первая строка: %s\n", id)
		err = errors.Join(err, next)
	}
	return err
}

func reading(path string, read func(io.Reader) error) error {
	f, err := os.Open(path)
	if err != nil {
		return errs.Wrap(errs.Invalid, fmt.Sprintf("Файл %s не открывается. Проверьте путь.", path), err)
	}
	defer func() { _ = f.Close() }()
	return read(f)
}
