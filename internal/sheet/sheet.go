// Package sheet writes and reads tables as Excel workbooks and CSV files. What
// it writes runs no formula in whoever's spreadsheet, what it reads is bounded.
package sheet

import (
	"encoding/csv"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Cell is one value: a text, or a number where Number is set.
type Cell struct {
	Text   string
	Number *float64
}

// Text is a cell that is shown as it is written.
func Text(s string) Cell { return Cell{Text: s} }

// Number is a cell that can be summed.
func Number(x float64) Cell { return Cell{Number: &x} }

// Int is a whole number.
func Int(n int) Cell { return Number(float64(n)) }

// Table is a sheet with its header.
type Table struct {
	Name    string // of the sheet
	Columns []string
	Rows    [][]Cell
}

// Rows yields the rows of a table one by one. What it yields with an error ends
// the writing with that error.
type Rows = iter.Seq2[[]Cell, error]

func (t Table) all() Rows {
	return func(yield func([]Cell, error) bool) {
		for _, row := range t.Rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// WriteCSV writes the table the way Excel in Russia opens it: UTF-8 with its
// mark, semicolons, decimal commas. A text that a spreadsheet would take for a
// formula gets an apostrophe before it.
func WriteCSV(w io.Writer, t Table) error { return StreamCSV(w, t, t.all()) }

// StreamCSV is WriteCSV with rows that come one by one; those of t are not looked at.
func StreamCSV(w io.Writer, t Table, rows Rows) error {
	if _, err := io.WriteString(w, "\uFEFF"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	if err := out.Write(t.Columns); err != nil {
		return err
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		line := make([]string, len(row))
		for i, c := range row {
			line[i] = c.plain()
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func (c Cell) plain() string {
	if c.Number != nil {
		return strings.Replace(strconv.FormatFloat(*c.Number, 'f', -1, 64), ".", ",", 1)
	}
	return guarded(c.Text)
}

// formulas are the signs by which spreadsheets know a formula.
const formulas = "=+-@\t\r"

// guarded puts an apostrophe before a formula, and before an apostrophe, so that
// unguarded gives back what was there.
func guarded(s string) string {
	if s != "" && strings.ContainsRune(formulas+"'", rune(s[0])) {
		return "'" + s
	}
	return s
}

// unguarded takes off the apostrophe that guarded put there.
func unguarded(s string) string {
	if len(s) > 1 && s[0] == '\'' && strings.ContainsRune(formulas+"'", rune(s[1])) {
		return s[1:]
	}
	return s
}

// WriteXLSX writes the table as a workbook of one sheet. Texts are texts there,
// whatever they begin with.
func WriteXLSX(w io.Writer, t Table) error { return StreamXLSX(w, t, t.all()) }

// StreamXLSX is WriteXLSX with rows that come one by one; those of t are not
// looked at. A large workbook grows in a temporary file and not in memory.
func StreamXLSX(w io.Writer, t Table, rows Rows) (err error) {
	f := excelize.NewFile()
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	if err := f.SetSheetName("Sheet1", t.Name); err != nil {
		return err
	}
	sw, err := f.NewStreamWriter(t.Name)
	if err != nil {
		return err
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	if err := sw.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if err := sw.SetColWidth(1, max(len(t.Columns), 1), 20); err != nil {
		return err
	}
	header := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		header[i] = excelize.Cell{StyleID: bold, Value: c}
	}
	if err := sw.SetRow("A1", header); err != nil {
		return err
	}
	at := 1
	for row, err := range rows {
		if err != nil {
			return err
		}
		line := make([]any, len(row))
		for j, c := range row {
			line[j] = c.Text
			if c.Number != nil {
				line[j] = *c.Number
			}
		}
		at++
		if err := sw.SetRow("A"+strconv.Itoa(at), line); err != nil {
			return err
		}
	}
	if err := sw.Flush(); err != nil {
		return err
	}
	return f.Write(w)
}
