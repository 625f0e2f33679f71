package demo

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"otklik/internal/errs"
)

// texts reads one column of a table row by row: CSV or TSV, plain or gzipped,
// with a header.
type texts struct {
	file   *os.File
	row    func() ([]string, error)
	column int
	path   string
	read   int // texts so far
}

// openTexts opens a table and finds the column.
// Errors: Invalid with what is wrong with the file.
func openTexts(path, column string) (*texts, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, fmt.Sprintf("Файл %s не открывается. Проверьте путь в --replay.", path), err)
	}
	if about, err := f.Stat(); err == nil && about.IsDir() {
		_ = f.Close()
		return nil, errs.Newf(errs.Invalid, "%s — это папка. Укажите в --replay файл CSV или TSV, можно сжатый (.gz).", path)
	}
	t := &texts{file: f, path: path}
	if err := t.begin(column); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return t, nil
}

func (t *texts) begin(column string) error {
	var r io.Reader = bufio.NewReaderSize(t.file, 1<<16)
	name := t.path
	if strings.HasSuffix(name, ".gz") {
		z, err := gzip.NewReader(r)
		if err != nil {
			return errs.Wrap(errs.Invalid, fmt.Sprintf("Файл %s назван .gz, но это не архив gzip.", t.path), err)
		}
		r, name = z, strings.TrimSuffix(name, ".gz")
	}
	if filepath.Ext(name) == ".tsv" {
		t.row = tabbed(bufio.NewReaderSize(r, 1<<16))
	} else {
		rows := csv.NewReader(r)
		rows.LazyQuotes, rows.ReuseRecord, rows.FieldsPerRecord = true, true, -1
		t.row = rows.Read
	}
	header, err := t.row()
	if err != nil {
		return errs.Wrap(errs.Invalid, fmt.Sprintf("В файле %s нет строки заголовка.", t.path), err)
	}
	for i, h := range header {
		if strings.TrimPrefix(h, "\uFEFF") == column {
			t.column = i
			return nil
		}
	}
	return errs.Newf(errs.Invalid, "В файле %s нет столбца «%s». Есть: %s.", t.path, column, strings.Join(header, ", "))
}

// tabbed reads rows that are lines and fields that are parted by tabs. There a
// quotation mark is only a sign, unless it stands around a whole field.
func tabbed(r *bufio.Reader) func() ([]string, error) {
	return func() ([]string, error) {
		line, err := r.ReadString('\n')
		if err != nil && (line == "" || !errors.Is(err, io.EOF)) {
			return nil, err // a line that breaks off is no text
		}
		fields := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		for i, f := range fields {
			if inner, ok := strings.CutPrefix(f, `"`); ok && len(inner) > 0 && strings.HasSuffix(inner, `"`) {
				fields[i] = strings.ReplaceAll(inner[:len(inner)-1], `""`, `"`)
			}
		}
		return fields, nil
	}
}

// next returns the next text that is not empty; io.EOF at the end.
func (t *texts) next() (string, error) {
	for {
		row, err := t.row()
		if errors.Is(err, io.EOF) {
			return "", io.EOF
		}
		if err != nil {
			return "", errs.Wrap(errs.Invalid, fmt.Sprintf("Файл %s оборван или повреждён: прочитано текстов — %d, дальше не читается. Скачайте или сожмите его заново.", t.path, t.read), err)
		}
		if t.column < len(row) {
			if s := strings.TrimSpace(row[t.column]); s != "" {
				t.read++
				return strings.Clone(s), nil
			}
		}
	}
}

func (t *texts) close() error { return t.file.Close() }
