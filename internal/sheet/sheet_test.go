package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"pgregory.net/rapid"

	"otklik/internal/errs"
)

func written(t *testing.T, write func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestStreamsEndWithTheirRowsError(t *testing.T) {
	t.Parallel()
	gone := errors.New("gone")
	rows := func(yield func([]Cell, error) bool) {
		if yield([]Cell{Text("a"), Int(1)}, nil) {
			yield(nil, gone)
		}
	}
	for name, write := range map[string]func(io.Writer, Table, Rows) error{"csv": StreamCSV, "xlsx": StreamXLSX} {
		if err := write(io.Discard, Table{Name: "Лист", Columns: []string{"x", "y"}}, rows); !errors.Is(err, gone) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		texts := rapid.SliceOfN(rapid.StringMatching(`[=+\-@'"; ,а-яё0-9\n]{0,12}x`), 2, 2).Draw(rt, "texts")
		table := Table{Name: "План", Columns: []string{"Первый", "Второй", "Число"}, Rows: [][]Cell{{Text(texts[0]), Text(texts[1]), Number(1.5)}}}
		for _, data := range [][]byte{
			written(t, func(b *bytes.Buffer) error { return WriteCSV(b, table) }),
			written(t, func(b *bytes.Buffer) error { return WriteXLSX(b, table) }),
		} {
			f, err := Read(data)
			if err != nil || !slices.Equal(f.Header, table.Columns) || len(f.Rows) != 1 || f.Rows[0].Number != 2 {
				rt.Fatalf("%+v %v", f, err)
			}
			if got := f.Rows[0].Cells; got[0] != texts[0] || got[1] != texts[1] || strings.Replace(got[2], ",", ".", 1) != "1.5" {
				rt.Fatalf("%q, want %q", got, texts)
			}
		}
	})
}

// No text becomes a formula in whoever opens the file.
func TestNoFormulas(t *testing.T) {
	t.Parallel()
	evil := []string{`=HYPERLINK("http://x","y")`, "+1+1", "-1", "@SUM(A1)", "\t=1", "\r=1"}
	table := Table{Name: "Л", Columns: []string{"=1"}}
	for _, e := range evil {
		table.Rows = append(table.Rows, []Cell{Text(e)})
	}
	table.Rows = append(table.Rows, []Cell{Number(-5)})
	text := string(written(t, func(b *bytes.Buffer) error { return WriteCSV(b, table) }))
	for _, line := range strings.Split(strings.TrimPrefix(text, "\uFEFF"), "\r\n")[1:] {
		if s := strings.TrimLeft(line, `"`); s != "" && strings.ContainsRune(formulas, rune(s[0])) && line != "-5" {
			t.Errorf("a formula: %q", line)
		}
	}
	f, err := excelize.OpenReader(bytes.NewReader(written(t, func(b *bytes.Buffer) error { return WriteXLSX(b, table) })))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for i := range table.Rows {
		if formula, err := f.GetCellFormula("Л", fmt.Sprintf("A%d", i+2)); err != nil || formula != "" {
			t.Errorf("row %d: %q %v", i, formula, err)
		}
	}
}

func TestReadsWhatPeopleSave(t *testing.T) {
	t.Parallel()
	old, err := charmap.Windows1251.NewEncoder().String("Дата;Текст\r\n23.11.2026;Снег «убран»\r\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"utf-8": "Дата,Текст\n23.11.2026,Снег «убран»\n", "tabs": "Дата\tТекст\n23.11.2026\tСнег «убран»\n", "windows-1251": old,
		"empty lines": "\n\nДата;Текст;;\n;;\n23.11.2026;Снег «убран»;лишнее\n\n", "short row": "Дата;Текст;Ещё\n23.11.2026;Снег «убран»\n",
	} {
		f, err := Read([]byte(data))
		if err != nil || len(f.Rows) != 1 || f.Rows[0].Cells[0] != "23.11.2026" || f.Rows[0].Cells[1] != "Снег «убран»" || len(f.Rows[0].Cells) != len(f.Header) {
			t.Errorf("%s: %+v %v", name, f, err)
		}
	}
	if f, _ := Read([]byte("\n\nа;б\n;\nв;г\n")); f.Rows[0].Number != 5 {
		t.Errorf("%+v", f)
	}
}

func TestRefusesWhatIsNoTable(t *testing.T) {
	t.Parallel()
	bomb := func() []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, name := range []string{"[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"} {
			w, err := z.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			for range 40 {
				if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<20)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	many := "а\n" + strings.Repeat("б\n", MaxRows+1)
	for name, x := range map[string]struct {
		data []byte
		code errs.Code
	}{
		"nothing": {nil, errs.Invalid}, "blank": {[]byte("\n;\n"), errs.Invalid}, "binary": {[]byte("а\x00б"), errs.Invalid},
		"old Excel": {[]byte("\xd0\xcf\x11\xe0rest"), errs.Invalid}, "broken zip": {[]byte("PK\x03\x04rest"), errs.Invalid}, "a bomb": {bomb(), errs.Invalid},
		"many rows": {[]byte(many), errs.TooLarge}, "many columns": {[]byte(strings.Repeat("а;", 99)), errs.TooLarge},
		"a long cell": {[]byte("а\n" + strings.Repeat("я", maxCell+1)), errs.TooLarge}, "a big file": {make([]byte, MaxBytes+1), errs.TooLarge},
	} {
		if _, err := Read(x.data); errs.CodeOf(err) != x.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"а;б\nв;г\n", "PK\x03\x04", "\xff\xfe", "\"a\nb;c", "'=1;2"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := Read(data)
		if err != nil && errs.CodeOf(err) == errs.Internal && !errors.Is(err, nil) {
			t.Errorf("an error without a sentence: %v", err)
		}
		for _, row := range x.Rows {
			if len(row.Cells) != len(x.Header) {
				t.Fatal("a row of another length")
			}
		}
	})
}
