package main

import (
	"fmt"
	"os"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/rules"
	"otklik/internal/sheet"
)

// rulesCmd moves rules between installations.
type rulesCmd struct {
	Export rulesExportCmd `cmd:"" help:"Выписать правила и списки слов таблицей CSV."`
	Import rulesImportCmd `cmd:"" help:"Взять правила и списки из таблицы; чего в ней нет, останется."`
}

type rulesExportCmd struct{ database }

// Run writes the table to the standard output.
func (c *rulesExportCmd) Run(e *environment) error {
	s, err := c.open(e)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	set, err := s.RuleSet(e.ctx)
	if err != nil {
		return err
	}
	return sheet.WriteCSV(e.out, set.Table())
}

type rulesImportCmd struct {
	database
	File string `arg:"" type:"path" placeholder:"ФАЙЛ" help:"Таблица CSV или XLSX."`
	Scan int    `default:"0" placeholder:"ДНЕЙ" help:"За сколько прошлых дней проверить сообщения; 0 — только новые."`
}

// Run takes a table in, all of it or nothing. A program that is working takes
// the rules up by itself.
func (c *rulesImportCmd) Run(e *environment) error {
	data, err := os.ReadFile(c.File)
	if err != nil {
		return errs.Wrap(errs.Invalid, fmt.Sprintf("Файл %s не открывается. Проверьте путь.", c.File), err)
	}
	f, err := sheet.Read(data)
	if err != nil {
		return err
	}
	s, err := c.open(e)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	now := time.Now()
	var since time.Time
	if c.Scan > 0 {
		since = now.AddDate(0, 0, -c.Scan)
	}
	change, err := s.ChangeRules(e.ctx, since, now, func(set rules.Set) (rules.Change, error) {
		return set.Import(f, rights.System(), now)
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.out, "Новых версий правил: %d, списков: %d.\n", len(change.Rules), len(change.Lists))
	return err
}
