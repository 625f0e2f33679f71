package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"otklik/internal/errs"
	"otklik/internal/table"
)

// Bounds of what is read.
const (
	MaxBytes   = 5 << 20
	MaxRows    = 2000
	maxColumns = 60
	maxCell    = 20_000 // characters
	maxUnzip   = 64 << 20
	maxLines   = 100_000 // empty ones among them
)

// File is what was read: the rows as they stand, the first one the header.
type File struct {
	Header []string
	// Rows are those that are not empty.
	Rows []Row
	// Workbook says that dates and times may be numbers; From1904 says that the workbook counts its days from 1904.
	Workbook bool
	From1904 bool
}

// Row is one row of a file, as long as its header.
type Row struct {
	Number int // in the file, from 1, for people
	// Cells are texts. A date that a workbook keeps as a date is the number of
	// its days, as the workbook counts them.
	Cells []string
}

// Read reads the first sheet of a workbook, or a CSV file in UTF-8 or
// Windows-1251 with any of the usual separators. What it is is judged by the
// bytes. Errors: Invalid, TooLarge.
func Read(data []byte) (File, error) { return ReadUpTo(data, MaxRows) }

// ReadUpTo is Read for tables of another size: at most so many rows.
func ReadUpTo(data []byte, rows int) (File, error) {
	switch {
	case len(data) == 0:
		return File{}, errs.New(errs.Invalid, "Файл пустой. Выберите другой.")
	case len(data) > MaxBytes:
		return File{}, errs.New(errs.TooLarge, "Файл больше 5 МБ. Разделите его на части.")
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return readXLSX(data, rows)
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")):
		return File{}, errs.New(errs.Invalid, "Это старый формат XLS. Откройте файл в Excel и сохраните как XLSX.")
	}
	return readCSV(data, rows)
}

func readXLSX(data []byte, most int) (out File, err error) {
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnzip, UnzipXMLSizeLimit: maxUnzip})
	if err != nil {
		return out, errs.Wrap(errs.Invalid, "Файл не открывается как таблица Excel: он повреждён, зашифрован или слишком велик. Сохраните его заново как XLSX.", err)
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	out.Workbook = true
	if props, err := f.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		out.From1904 = *props.Date1904
	}
	sheets := f.GetSheetList()
	if len(sheets) == 0 {
		return out, errs.New(errs.Invalid, "В файле нет листов.")
	}
	rows, err := f.Rows(sheets[0])
	if err != nil {
		return out, errs.Wrap(errs.Invalid, "Лист «"+sheets[0]+"» не читается. Сохраните файл заново как XLSX.", err)
	}
	defer func() { _ = rows.Close() }()
	number := 0
	return gather(out, most, func() (Row, error) {
		if !rows.Next() {
			return Row{}, errors.Join(rows.Error(), io.EOF)
		}
		number++
		cells, err := rows.Columns()
		return Row{number, cells}, err
	})
}

func readCSV(data []byte, most int) (File, error) {
	if bytes.IndexByte(data, 0) >= 0 {
		return File{}, errs.New(errs.Invalid, "Это не таблица. Нужен файл XLSX или CSV.")
	}
	// The whole file lies in the buffer, so all of it is judged.
	rows := table.ReadRows(bufio.NewReaderSize(bytes.NewReader(data), len(data)+1), table.Quoted)
	return gather(File{}, most, func() (Row, error) {
		fields, number, err := rows.Next()
		cells := slices.Clone(fields)
		for i := range cells {
			cells[i] = unguarded(cells[i])
		}
		return Row{number, cells}, err
	})
}

// gather takes rows until their end and passes over empty ones. The first row
// that is not empty is the header.
func gather(out File, most int, next func() (Row, error)) (File, error) {
	for {
		row, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return out, errs.Wrap(errs.Invalid, "Файл обрывается или повреждён. Сохраните его заново.", err)
		}
		if row.Number > maxLines {
			return out, errs.New(errs.TooLarge, "В таблице слишком много пустых строк. Удалите их.")
		}
		if blank(row.Cells) {
			continue
		}
		if err := fits(row.Cells); err != nil {
			return out, err
		}
		if out.Header == nil {
			out.Header = trim(row.Cells)
			continue
		}
		if len(out.Rows) == most {
			return out, errs.Newf(errs.TooLarge, "В файле больше %d строк. Разделите его на части.", most)
		}
		cells := make([]string, len(out.Header))
		copy(cells, row.Cells)
		out.Rows = append(out.Rows, Row{row.Number, cells})
	}
	if out.Header == nil {
		return out, errs.New(errs.Invalid, "В файле нет строки с названиями столбцов.")
	}
	return out, nil
}

func fits(row []string) error {
	if len(row) > maxColumns {
		return errs.Newf(errs.TooLarge, "В таблице больше %d столбцов. Уберите лишние.", maxColumns)
	}
	for _, c := range row {
		if utf8.RuneCountInString(c) > maxCell {
			return errs.Newf(errs.TooLarge, "В одной из ячеек больше %d знаков. Сократите её.", maxCell)
		}
	}
	return nil
}

func trim(row []string) []string {
	for i := range row {
		row[i] = strings.TrimSpace(row[i])
	}
	for len(row) > 0 && row[len(row)-1] == "" {
		row = row[:len(row)-1]
	}
	return row
}

func blank(row []string) bool { return strings.TrimSpace(strings.Join(row, "")) == "" }
