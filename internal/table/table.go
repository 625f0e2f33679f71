// Package table reads rows of CSV and TSV, as different programs write them, and
// columns of text out of files of them, plain or gzipped.
package table

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"otklik/internal/errs"
)

// Reader reads some columns of a table with a header. The first of them is the
// text: rows without it are passed over.
type Reader struct {
	file    *os.File
	rows    *Rows
	columns []int
	header  []string
	path    string
	read    int // rows so far
}

// Open opens a table and finds the columns by their names in its header. The
// caller closes the Reader. Errors have the code errs.Invalid and say what is
// wrong with the file.
func Open(path string, columns ...string) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, fmt.Sprintf("Файл %s не открывается. Проверьте путь.", path), err)
	}
	if about, err := f.Stat(); err == nil && about.IsDir() {
		_ = f.Close()
		return nil, errs.Newf(errs.Invalid, "%s — это папка. Укажите файл CSV или TSV, можно сжатый (.gz).", path)
	}
	t := &Reader{file: f, path: path}
	if err := t.begin(columns); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return t, nil
}

func (t *Reader) begin(columns []string) error {
	var r io.Reader = bufio.NewReaderSize(t.file, 1<<16)
	name := t.path
	if strings.HasSuffix(name, ".gz") {
		z, err := gzip.NewReader(r)
		if err != nil {
			return errs.Wrap(errs.Invalid, fmt.Sprintf("Файл %s назван .gz, но это не архив gzip.", t.path), err)
		}
		r, name = z, strings.TrimSuffix(name, ".gz")
	}
	layout := Quoted
	if filepath.Ext(name) == ".tsv" {
		layout = Lined
	}
	t.rows = ReadRows(bufio.NewReaderSize(r, 1<<16), layout)
	header, _, err := t.rows.Next()
	if err != nil {
		return errs.Wrap(errs.Invalid, fmt.Sprintf("В файле %s нет строки заголовка.", t.path), err)
	}
	for _, name := range header {
		t.header = append(t.header, strings.TrimSpace(strings.Clone(name)))
	}
	for _, column := range columns {
		at := slices.Index(header, column)
		if at < 0 {
			return errs.Newf(errs.Invalid, "В файле %s нет столбца «%s». Есть: %s.", t.path, column, strings.Join(header, ", "))
		}
		t.columns = append(t.columns, at)
	}
	return nil
}

// Next returns the values of the next row that has a text, without white space
// around them; io.EOF at the end.
func (t *Reader) Next() ([]string, error) {
	for {
		row, _, err := t.rows.Next()
		if errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		if err != nil {
			return nil, t.torn(err)
		}
		values := make([]string, len(t.columns))
		for i, at := range t.columns {
			if at < len(row) {
				values[i] = strings.Clone(strings.TrimSpace(row[at]))
			}
		}
		if len(values) > 0 && values[0] != "" {
			t.read++
			return values, nil
		}
	}
}

// Header returns the names of all columns.
func (t *Reader) Header() []string { return t.header }

// Row returns all fields of the next row, be they empty, and its number as a
// spreadsheet shows it; io.EOF at the end. The fields are valid until the next call.
func (t *Reader) Row() (fields []string, number int, err error) {
	fields, number, err = t.rows.Next()
	if err != nil && !errors.Is(err, io.EOF) {
		err = t.torn(err)
	}
	t.read++
	return fields, number, err
}

func (t *Reader) torn(err error) error {
	return errs.Wrap(errs.Invalid, fmt.Sprintf("Файл %s оборван или повреждён: прочитано строк — %d, дальше не читается. Скачайте или сожмите его заново.", t.path, t.read), err)
}

// Close closes the file.
func (t *Reader) Close() error { return t.file.Close() }

// Column reads one column at once, at most limit texts; 0 means all.
// Errors are those of Open and Next.
func Column(path, column string, limit int) ([]string, error) {
	t, err := Open(path, column)
	if err != nil {
		return nil, err
	}
	defer func() { _ = t.Close() }()
	var texts []string
	for limit == 0 || len(texts) < limit {
		row, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		texts = append(texts, row[0])
	}
	return texts, nil
}
