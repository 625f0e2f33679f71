package rubricator

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"otklik/internal/errs"
	"otklik/internal/table"
)

// Columns are the header of the table, in its order.
func Columns() []string {
	return []string{"код", "категория", "подкатегория", "факт", "отдел", "тема", "быстро", "срок, часов", "нужно", "ответ", "отключён"}
}

// Export writes the facts as a table (CSV, UTF-8). Answers are not in it: they
// are texts of several lines and stay in the text form.
func (r *Rubricator) Export(w io.Writer) error {
	return csv.NewWriter(w).WriteAll(append([][]string{Columns()}, r.Table()...))
}

// Table is the tree as the rows of a table with Columns.
func (r *Rubricator) Table() [][]string {
	var rows [][]string
	for _, f := range r.Facts {
		fast, inactive := "", ""
		if f.Fast {
			fast = "да"
		}
		if f.Inactive {
			inactive = "да"
		}
		var required []string
		for _, field := range f.Required {
			required = append(required, string(field))
		}
		rows = append(rows, []string{
			f.ID, f.Category, f.Subcategory, f.Name, f.DepartmentID, f.TopicID, fast,
			strconv.Itoa(f.Hours), strings.Join(required, ", "), f.AnswerID, inactive,
		})
	}
	return rows
}

// Row is a row of a table; Number is its number in the file, for people.
type Row struct {
	Number int
	Cells  []string
}

// Import reads a table of Export; the columns may stand in any order, and a
// spreadsheet may have written it in its own encoding. Answers are those of r. Errors have the code
// errs.Invalid and name the line.
func (r *Rubricator) Import(from io.Reader) (Rubricator, error) {
	t, err := readTable(from)
	if err != nil {
		return Rubricator{}, err
	}
	return r.read(t)
}

// ImportRows is Import of a table that somebody else has read.
func (r *Rubricator) ImportRows(header []string, rows []Row) (Rubricator, error) {
	return r.read(tableOf(header, rows))
}

func (r *Rubricator) read(t grid) (Rubricator, error) {
	if err := t.need("код", "категория", "подкатегория", "факт", "отдел", "срок, часов"); err != nil {
		return Rubricator{}, err
	}
	out := Rubricator{Answers: slices.Clone(r.Answers)}
	seen := map[string]bool{}
	for i := range t.rows {
		f, err := r.row(t, i)
		if err != nil {
			return Rubricator{}, err
		}
		if seen[f.ID] {
			return Rubricator{}, t.fail(i, "код «%s» встречается второй раз", f.ID)
		}
		seen[f.ID] = true
		out.Facts = append(out.Facts, f)
	}
	if len(out.Facts) == 0 {
		return Rubricator{}, errs.New(errs.Invalid, "В таблице нет ни одной строки с фактом.")
	}
	return out, nil
}

func (r *Rubricator) row(t grid, i int) (Fact, error) {
	f := Fact{
		ID: t.at(i, "код"), Category: t.at(i, "категория"), Subcategory: t.at(i, "подкатегория"), Name: t.at(i, "факт"),
		DepartmentID: t.at(i, "отдел"), TopicID: t.at(i, "тема"), AnswerID: t.at(i, "ответ"),
	}
	for name, value := range map[string]string{"код": f.ID, "категория": f.Category, "факт": f.Name, "отдел": f.DepartmentID} {
		if value == "" {
			return f, t.fail(i, "пуст столбец «%s»", name)
		}
	}
	for name, to := range map[string]*bool{"быстро": &f.Fast, "отключён": &f.Inactive} {
		switch said := strings.ToLower(t.at(i, name)); said {
		case "", "нет", "0":
		case "да", "1":
			*to = true
		default:
			return f, t.fail(i, "в столбце «%s» бывает «да» или «нет», а не «%s»", name, said)
		}
	}
	var err error
	if f.Hours, err = strconv.Atoi(t.at(i, "срок, часов")); err != nil || f.Hours < 1 {
		return f, t.fail(i, "срок — число часов")
	}
	for name := range strings.SplitSeq(t.at(i, "нужно"), ",") {
		field := Field(strings.TrimSpace(name))
		if field == "" {
			continue
		}
		if !slices.Contains(Fields(), field) {
			return f, t.fail(i, "нет поля «%s»", field)
		}
		f.Required = append(f.Required, field)
	}
	if _, known := r.Answer(f.AnswerID); f.AnswerID != "" && !known {
		return f, t.fail(i, "нет ответа «%s»", f.AnswerID)
	}
	return f, nil
}

// grid is a CSV file with a header.
type grid struct {
	columns map[string]int
	rows    [][]string
	lines   []int
}

// mostTable bounds a file that a person uploads, in bytes.
const mostTable = 16 << 20

func readTable(from io.Reader) (grid, error) {
	data, err := io.ReadAll(io.LimitReader(from, mostTable+1))
	if err != nil {
		return grid{}, errs.Wrap(errs.Invalid, "Файл не читается.", err)
	}
	if len(data) > mostTable {
		return grid{}, errs.New(errs.Invalid, "Файл больше 16 МБ. Для рубрикатора это слишком много: проверьте, тот ли это файл.")
	}
	rows := table.ReadRows(bufio.NewReaderSize(bytes.NewReader(data), len(data)+1), table.Quoted)
	t := grid{columns: map[string]int{}}
	for {
		row, number, err := rows.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return grid{}, errs.Wrap(errs.Invalid, "Это не таблица CSV: "+err.Error()+".", err)
		}
		if len(t.columns) > 0 {
			t.rows, t.lines = append(t.rows, slices.Clone(row)), append(t.lines, number)
			continue
		}
		for i, name := range row {
			t.columns[strings.ToLower(strings.TrimSpace(name))] = i
		}
	}
	return t, nil
}

func tableOf(header []string, rows []Row) grid {
	t := grid{columns: map[string]int{}}
	for i, name := range header {
		t.columns[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, r := range rows {
		t.rows, t.lines = append(t.rows, r.Cells), append(t.lines, r.Number)
	}
	return t
}

// need refuses a table without one of the columns.
func (t *grid) need(columns ...string) error {
	for _, name := range columns {
		if _, ok := t.columns[name]; !ok {
			return errs.Newf(errs.Invalid, "В таблице нет столбца «%s».", name)
		}
	}
	return nil
}

func (t *grid) at(row int, column string) string {
	i, ok := t.columns[column]
	if !ok || i >= len(t.rows[row]) {
		return ""
	}
	return strings.TrimSpace(t.rows[row][i])
}

func (t *grid) fail(row int, format string, args ...any) error {
	return errs.New(errs.Invalid, fmt.Sprintf("Строка %d: "+format+".", append([]any{t.lines[row]}, args...)...))
}
