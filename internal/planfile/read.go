package planfile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
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
	// Post is the draft that the row stands for already, its ID empty where it
	// stands for none; Change is what makes it as the row says.
	Post   publisher.Post
	Change []publisher.Command
}

// Result is what a file would become.
type Result struct {
	Rows     []Row
	Problems []Problem
	// Notes are what the pre-flight says of good rows: they become drafts all the
	// same, and are mended there.
	Notes []Problem
	// Known are rows that stand in the plan as they are, or stand twice.
	Known int
}

// Reader reads the rows of a file.
type Reader struct {
	Mapping Mapping
	Zone    *time.Location // of the agency: dates are written in it
	Facts   publisher.Facts
	By      rights.Actor
	// Posts are the posts for which rows stand already, by the rows' keys.
	Posts map[string]publisher.Post
}

// Keys lists what names the rows of a file.
func (r Reader) Keys(f sheet.File) []string {
	var out []string
	for _, row := range f.Rows {
		x := rowReader{Reader: r, file: f, row: row}
		out = append(out, x.key())
	}
	return out
}

// Read makes a draft, or a change of one, of every good row and lists what is
// wrong with the others. It changes nothing. Errors: Invalid when a column is
// missing that no row can do without.
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
		key := x.key()
		if p, ok := r.Posts[key]; ok {
			x.known = &p
		}
		good, same := x.read(key)
		switch {
		case seen[key] || same:
			out.Known++
		case len(x.problems) > 0:
			out.Problems = append(out.Problems, x.problems...)
		default:
			seen[key] = true
			out.Rows = append(out.Rows, good)
			out.Notes = append(out.Notes, x.notes(good)...)
		}
	}
	return out, nil
}

// rowReader reads one row.
type rowReader struct {
	Reader
	file     sheet.File
	row      sheet.Row
	known    *publisher.Post // for which the row stands already
	problems []Problem
}

// read makes of the row what it stands for; same says that the plan has it so.
func (r *rowReader) read(key string) (row Row, same bool) {
	row = Row{Number: r.row.Number, Key: key}
	if _, own := Number(key); own && r.known == nil {
		r.wrong(Key, "поста с таким ключом нет. Сотрите ключ, и строка станет новым черновиком.")
		return row, false
	}
	if r.known == nil {
		row.Draft = r.draft()
		return row, false
	}
	row.Post = *r.known
	row.Change, same = r.change()
	return row, same
}

// change is what makes the known post as the row says. A post that is past its
// draft is not changed from a file.
func (r *rowReader) change() (commands []publisher.Command, same bool) {
	p := *r.known
	w, at := r.write(), r.moment()
	if r.value(Date) == "" && !r.mapped(Date) {
		at = p.At
	}
	if len(r.problems) > 0 {
		return nil, false
	}
	q, _, err := publisher.Begin(w, publisher.Plan{}, r.By, r.Facts)
	if err != nil {
		r.wrong("", "%s", errs.MessageOf(err))
		return nil, false
	}
	words := q.Hash() == p.Hash() && q.Title == p.Title && q.Rubric == p.Rubric && slices.Equal(q.Tags, p.Tags)
	switch {
	case words && at.Equal(p.At):
		return nil, true
	case p.State != publisher.Draft:
		r.wrong("", "пост № %d уже в состоянии «%s», из файла его не меняем. Откройте его в плане.", p.Number, p.State.Title())
		return nil, false
	}
	if !words {
		commands = append(commands, w)
	}
	if !at.Equal(p.At) {
		commands = append(commands, publisher.Plan{At: at, LateBy: p.LateBy})
	}
	for _, cmd := range commands {
		d, err := publisher.Apply(p, cmd, r.By, r.Facts)
		if err != nil {
			r.wrong("", "%s", errs.MessageOf(err))
			return nil, false
		}
		p = d.Post
	}
	return commands, false
}

// notes is the pre-flight of a good row, which stops no draft.
func (r *rowReader) notes(row Row) []Problem {
	p := row.Draft.Post
	if row.Post.ID != "" {
		p = row.Post
		for _, cmd := range row.Change {
			if d, err := publisher.Apply(p, cmd, r.By, r.Facts); err == nil {
				p = d.Post
			}
		}
	}
	var out []Problem
	for _, x := range publisher.Preflight(p, r.Facts) {
		out = append(out, Problem{Row: r.row.Number, Text: x.Text})
	}
	return out
}

func (r *rowReader) mapped(f Field) bool {
	_, ok := r.Mapping[f]
	return ok
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

// write is what the row says. What it has no column for stays as the known post
// has it, photos above all.
func (r *rowReader) write() publisher.Write {
	w := publisher.Write{}
	if r.known != nil {
		w = publisher.Copy(*r.known)
	}
	w.PageIDs = r.pages()
	if r.mapped(Title) {
		w.Title = r.value(Title)
	}
	if r.mapped(Rubric) {
		w.Rubric = r.value(Rubric)
	}
	if r.mapped(Tags) {
		w.Tags = split(r.value(Tags), ",;\n")
	}
	versions := map[social.Network]string{}
	maps.Copy(versions, w.Content.Versions)
	for f, n := range map[Field]social.Network{TextVK: social.VK, TextTG: social.Telegram} {
		if r.mapped(f) {
			versions[n] = r.value(f)
		}
	}
	w.Content.Text, w.Content.Versions = r.value(Text), versions
	if r.mapped(Question) || r.mapped(Options) {
		w.Content.Poll = r.poll(w.Content.Poll)
	}
	if w.Content.Text == "" && versions[social.VK] == "" && versions[social.Telegram] == "" && len(w.Content.Media) == 0 && w.Content.Poll == nil {
		r.wrong(Text, "текста нет. Напишите его.")
	}
	return w
}

func (r *rowReader) draft() publisher.Begun {
	w, plan := r.write(), publisher.Plan{At: r.moment()}
	if len(r.problems) > 0 {
		return publisher.Begun{}
	}
	p, ev, err := publisher.Begin(w, plan, r.By, r.Facts)
	if err != nil {
		r.wrong("", "%s", errs.MessageOf(err))
	}
	return publisher.Begun{Post: p, Event: ev}
}

// poll reads a question with its answers; they come together or not at all. How
// a known poll is held stays.
func (r *rowReader) poll(known *publisher.PollForm) *publisher.PollForm {
	question, options := r.value(Question), split(r.value(Options), ";\n")
	switch {
	case question == "" && len(options) == 0:
		return nil
	case question == "":
		r.wrong(Options, "ответы есть, а вопроса нет. Напишите вопрос.")
	case len(options) == 0:
		r.wrong(Options, "вопрос есть, а ответов нет. Напишите их через точку с запятой.")
	}
	form := publisher.PollForm{}
	if known != nil {
		form = *known
	}
	form.Question, form.Options = question, options
	return &form
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
