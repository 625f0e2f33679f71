package planfile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/sheet"
	"otklik/internal/social"
	"otklik/publisher"
)

// Mapping says in which column of a file a field stands, from 0.
type Mapping map[Field]int

// Suggest finds the columns by their names.
func Suggest(header []string) Mapping {
	m := Mapping{}
	taken := map[int]bool{}
	for _, exact := range []bool{true, false} {
		for _, f := range Fields() {
			if _, ok := m[f]; ok {
				continue
			}
			for i, h := range header {
				h = fold(h)
				if !taken[i] && (h == fold(f.Title()) || !exact && slices.Contains(f.names(), h)) {
					m[f], taken[i] = i, true
					break
				}
			}
		}
	}
	return m
}

// Problem is why a row is not taken.
type Problem struct {
	Row    int    // in the file, from 1
	Column string // as the file names it, "" for the whole row
	Text   string // what is wrong and what to do
}

// Words is the problem as people read it.
func (p Problem) Words() string {
	if p.Column == "" {
		return fmt.Sprintf("Строка %d: %s", p.Row, p.Text)
	}
	return fmt.Sprintf("Строка %d, столбец «%s»: %s", p.Row, p.Column, p.Text)
}

// Row is a good row.
type Row struct {
	Number int
	// Key names the row among all files that are ever imported.
	Key   string
	Draft publisher.Begun
}

// Result is what a file would become.
type Result struct {
	Rows     []Row
	Problems []Problem
	// Known are rows that the program has exported itself or that stand twice.
	Known int
}

// Reader reads the rows of a file.
type Reader struct {
	Mapping Mapping
	Zone    *time.Location // of the agency: dates are written in it
	Facts   publisher.Facts
	By      rights.Actor
}

// Read makes a draft of every good row and lists what is wrong with the others.
// It changes nothing. Errors: Invalid when a column is missing that no row can
// do without.
func (r Reader) Read(f sheet.File) (Result, error) {
	if _, ok := r.Mapping[Text]; !ok {
		return Result{}, errs.New(errs.Invalid, "Укажите, в каком столбце текст поста.")
	}
	if _, ok := r.Mapping[Pages]; !ok {
		return Result{}, errs.New(errs.Invalid, "Укажите, в каком столбце страницы.")
	}
	var out Result
	seen := map[string]bool{}
	for _, row := range f.Rows {
		x := rowReader{Reader: r, file: f, row: row}
		draft := x.draft()
		key := x.key()
		switch {
		case strings.HasPrefix(key, ownKey):
			out.Known++
		case len(x.problems) > 0:
			out.Problems = append(out.Problems, x.problems...)
		case seen[key]:
			out.Known++
		default:
			seen[key] = true
			out.Rows = append(out.Rows, Row{row.Number, key, draft})
		}
	}
	return out, nil
}

// rowReader reads one row.
type rowReader struct {
	Reader
	file     sheet.File
	row      sheet.Row
	problems []Problem
}

func (r *rowReader) value(f Field) string {
	i, ok := r.Mapping[f]
	if !ok || i < 0 || i >= len(r.row.Cells) {
		return ""
	}
	return strings.TrimSpace(r.row.Cells[i])
}

func (r *rowReader) wrong(f Field, format string, args ...any) {
	p := Problem{Row: r.row.Number, Text: fmt.Sprintf(format, args...)}
	if i, ok := r.Mapping[f]; ok && i >= 0 && i < len(r.file.Header) {
		p.Column = r.file.Header[i]
	}
	r.problems = append(r.problems, p)
}

func (r *rowReader) draft() publisher.Begun {
	w := publisher.Write{Title: r.value(Title), Rubric: r.value(Rubric), Tags: split(r.value(Tags), ",;\n"), PageIDs: r.pages()}
	w.Content = publisher.Content{Text: r.value(Text), Versions: map[social.Network]string{social.VK: r.value(TextVK), social.Telegram: r.value(TextTG)}}
	w.Content.Poll = r.poll()
	plan := publisher.Plan{At: r.moment()}
	if w.Content.Text == "" && r.value(TextVK) == "" && r.value(TextTG) == "" {
		r.wrong(Text, "текста нет. Напишите его.")
	}
	if len(r.problems) > 0 {
		return publisher.Begun{}
	}
	p, ev, err := publisher.Begin(w, plan, r.By, r.Facts)
	if err != nil {
		r.wrong("", "%s", errs.MessageOf(err))
	}
	return publisher.Begun{Post: p, Event: ev}
}

// poll reads a question with its answers; they come together or not at all.
func (r *rowReader) poll() *publisher.PollForm {
	question, options := r.value(Question), split(r.value(Options), ";\n")
	switch {
	case question == "" && len(options) == 0:
		return nil
	case question == "":
		r.wrong(Options, "ответы есть, а вопроса нет. Напишите вопрос.")
	case len(options) < 2:
		r.wrong(Options, "у опроса нужно хотя бы два ответа через точку с запятой.")
	}
	return &publisher.PollForm{Question: question, Options: options}
}

func (r *rowReader) pages() []string {
	names := split(r.value(Pages), ";\n")
	if len(names) == 0 {
		r.wrong(Pages, "страница не указана. Напишите название из реестра.")
	}
	var ids []string
	for _, name := range names {
		found := r.find(name)
		switch len(found) {
		case 0:
			r.wrong(Pages, "страницы «%s» нет в реестре. Сверьте название.", name)
		case 1:
			ids = append(ids, found[0])
		default:
			r.wrong(Pages, "страниц с названием «%s» несколько. Напишите адрес страницы.", name)
		}
	}
	return ids
}

func (r *rowReader) find(name string) []string {
	var found []string
	for _, p := range r.Facts.Pages {
		if fold(p.Title) == fold(name) || p.URL != "" && address(p.URL) == address(name) {
			found = append(found, p.ID)
		}
	}
	return found
}

// key is what the file itself calls the row, or what the row says.
func (r *rowReader) key() string {
	if own := r.value(Key); own != "" {
		return own
	}
	sum := sha256.New()
	for _, f := range Fields() {
		fmt.Fprintf(sum, "%s\x00", r.value(f))
	}
	return "sha256-" + hex.EncodeToString(sum.Sum(nil))
}

func fold(s string) string {
	return strings.ReplaceAll(strings.ToLower(strings.Join(strings.Fields(s), " ")), "ё", "е")
}

func address(s string) string {
	return strings.TrimRight(strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), "https://"), "http://"), "/")
}

func split(s, signs string) []string {
	var out []string
	for _, part := range strings.FieldsFunc(s, func(c rune) bool { return strings.ContainsRune(signs, c) }) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
