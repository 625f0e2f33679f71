package table

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/transform"
)

// Layout is how the rows of a file are told apart.
type Layout int

const (
	// Quoted is CSV: a field in quotation marks may hold line breaks.
	Quoted Layout = iota
	// Lined is a row a line and tabs between fields. There a quotation mark is
	// only a sign, unless it stands around a whole field.
	Lined
)

// Rows reads the rows of a text, whatever program wrote it.
type Rows struct {
	next   func() ([]string, int, error)
	number int
}

// ReadRows looks at what r holds in its buffer and reads rows from it: in UTF-8,
// with a byte order mark or without, or in Windows-1251, with semicolons, tabs or
// commas between fields. What does not fit the buffer has no part in the
// judgement.
func ReadRows(r *bufio.Reader, layout Layout) *Rows {
	begin, err := r.Peek(r.Size())
	if bytes.HasPrefix(begin, bom) {
		begin = begin[len(bom):]
		_, _ = r.Discard(len(bom)) // it lies in the buffer
	}
	text := io.Reader(r)
	if !validBeginning(begin, err == nil) {
		text = transform.NewReader(r, charmap.Windows1251.NewDecoder())
	}
	if layout == Lined {
		return &Rows{next: lined(bufio.NewReaderSize(text, 1<<16))}
	}
	return &Rows{next: quoted(text, separator(begin))}
}

var bom = []byte("\uFEFF")

// validBeginning says that the bytes are UTF-8; more may follow the last one.
func validBeginning(b []byte, more bool) bool {
	for range utf8.UTFMax - 1 {
		if !more || utf8.Valid(b) || len(b) == 0 {
			break
		}
		b = b[:len(b)-1]
	}
	return utf8.Valid(b)
}

// separator is the sign that parts the fields of the first line.
func separator(begin []byte) rune {
	line, _, _ := bytes.Cut(begin, []byte("\n"))
	best, most := ';', 0
	for _, c := range ";\t," {
		if n := bytes.Count(line, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
}

// Next returns the fields of the next row and its number in the file as people
// see it in a spreadsheet, from 1: an empty line is a row, a line break within a
// field is none. The fields are valid until the next call; io.EOF ends them.
func (r *Rows) Next() (fields []string, number int, err error) {
	fields, skipped, err := r.next()
	r.number += 1 + skipped
	return fields, r.number, err
}

// quoted also returns how many empty lines lay before a row.
func quoted(text io.Reader, comma rune) func() ([]string, int, error) {
	r := csv.NewReader(text)
	r.Comma, r.LazyQuotes, r.ReuseRecord, r.FieldsPerRecord = comma, true, true, -1
	ended := 0 // the line on which the row before ended
	return func() ([]string, int, error) {
		fields, err := r.Read()
		if err != nil {
			return nil, 0, err
		}
		begins, _ := r.FieldPos(0)
		skipped := begins - ended - 1
		last := len(fields) - 1
		ended, _ = r.FieldPos(last)
		ended += strings.Count(fields[last], "\n")
		return fields, skipped, nil
	}
}

func lined(r *bufio.Reader) func() ([]string, int, error) {
	return func() ([]string, int, error) {
		line, err := r.ReadString('\n')
		if err != nil && (line == "" || !errors.Is(err, io.EOF)) {
			return nil, 0, err // a line that breaks off is no text
		}
		fields := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		for i, f := range fields {
			if inner, ok := strings.CutPrefix(f, `"`); ok && len(inner) > 0 && strings.HasSuffix(inner, `"`) {
				fields[i] = strings.ReplaceAll(inner[:len(inner)-1], `""`, `"`)
			}
		}
		return fields, 0, nil
	}
}
