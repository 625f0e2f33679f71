package casefile

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"otklik/incidents"
	"otklik/internal/errs"
	"otklik/internal/social"
	"otklik/internal/table"
)

// Problem is why a row is not taken.
type Problem struct {
	Row    int    // in the file, from 1
	Column string // as the file names it
	Text   string // what is wrong and what to do
}

// Words is the problem as people read it.
func (p Problem) Words() string {
	return fmt.Sprintf("Строка %d, столбец «%s»: %s", p.Row, p.Column, p.Text)
}

// Options are what the reader has to know beside the file.
type Options struct {
	Map         map[string]string // columns by fields, beside what is guessed
	Statuses    map[string]string // our stages by their words, beside what is guessed
	TopicNames  map[string]string // our names of topics by theirs
	Topics      []incidents.Topic
	Departments []incidents.Department
	Zone        *time.Location // of dates that name none
	Now         time.Time
}

// Reader reads the cases of a file one by one.
type Reader struct {
	// Unmatched counts the topics of the file that are none of ours.
	Unmatched map[string]int
	// Undated counts finished cases without a date of their end.
	Undated int

	table       *table.Reader
	columns     Mapping
	statuses    map[string]standing
	topics      map[string]incidents.Topic
	departments map[string]string
	zone        *time.Location
	now         time.Time

	row      []string
	number   int
	problems []Problem
}

// Open opens a file, CSV or TSV, plain or gzipped. The caller closes the Reader.
// Errors: Invalid, for the file as a whole.
func Open(path string, o Options) (*Reader, error) {
	t, err := table.Open(path)
	if err != nil {
		return nil, err
	}
	r := &Reader{Unmatched: map[string]int{}, table: t, zone: o.Zone, now: o.Now, topics: map[string]incidents.Topic{}, departments: map[string]string{}}
	if err := r.begin(o); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return r, nil
}

func (r *Reader) begin(o Options) (err error) {
	if r.columns, err = Map(r.table.Header(), o.Map); err != nil {
		return err
	}
	if r.statuses, err = statuses(o.Statuses); err != nil {
		return err
	}
	for _, d := range o.Departments {
		r.departments[fold(d.Name)] = d.ID
	}
	for _, t := range o.Topics {
		r.topics[fold(t.Name)] = t
	}
	for theirs, ours := range o.TopicNames {
		t, ok := r.topics[fold(ours)]
		if !ok {
			return errs.Newf(errs.Invalid, "Темы «%s» в программе нет. Проверьте таблицу тем.", ours)
		}
		r.topics[fold(theirs)] = t
	}
	return nil
}

// Close closes the file.
func (r *Reader) Close() error { return r.table.Close() }

// Columns says in which column each field was found.
func (r *Reader) Columns() []string {
	var list []string
	for _, f := range Fields() {
		if at, ok := r.columns[f]; ok {
			list = append(list, fmt.Sprintf("%s — «%s»", f, r.table.Header()[at]))
		}
	}
	return list
}

// Next returns the next case, or what is wrong with its row; io.EOF at the end.
func (r *Reader) Next() (incidents.Past, []Problem, error) {
	for {
		var err error
		if r.row, r.number, err = r.table.Row(); err != nil {
			return incidents.Past{}, nil, err
		}
		if strings.TrimSpace(strings.Join(r.row, "")) == "" {
			continue
		}
		r.problems = nil
		p := r.read()
		return p, r.problems, nil
	}
}

// Bounds of one row, in bytes.
const (
	longestText = 64 << 10
	longestWord = 1000
)

func (r *Reader) read() incidents.Past {
	number, text := r.short(Number), r.value(Text)
	switch {
	case number == "":
		r.wrong(Number, "номера нет. Без него карточку не отличить от других.")
	case text == "":
		r.wrong(Text, "текста нет.")
	case len(text) > longestText:
		r.wrong(Text, "текст длиннее 64 КБ. Сократите его.")
	}
	ref := social.Ref{Network: social.Imported, Owner: string(social.Imported), ID: number}
	p := incidents.Past{
		Message: social.Item{
			Ref: ref, Kind: social.Comment, Thread: ref, Author: social.Author{Name: r.short(Author)}, Text: text, Permalink: r.link(),
			PublishedAt: r.moment(Created, true),
		},
		TopicName: r.short(Topic), Address: r.short(Address), Answer: r.value(Answer), Reason: r.value(Reason),
		DueAt: r.moment(Due, false), ClosedAt: r.moment(Closed, false), DepartmentID: r.departments[fold(r.value(Department))],
	}
	if len(p.Answer) > longestText {
		r.wrong(Answer, "ответ длиннее 64 КБ. Сократите его.")
	}
	r.stand(&p)
	if len(r.problems) == 0 {
		r.classify(&p)
	}
	return p
}

func (r *Reader) stand(p *incidents.Past) {
	status := r.value(Status)
	is, ok := r.statuses[fold(status)]
	if !ok {
		is, ok = known(status)
	}
	if !ok {
		r.wrong(Status, fmt.Sprintf("статус «%s» непонятен. Скажите, что он значит: --status '%s=исполнение'.", status, status))
	}
	p.Stage, p.Outcome, p.Interim = is.stage, is.outcome, is.interim
	if !p.ClosedAt.IsZero() && p.ClosedAt.Before(p.Message.PublishedAt) {
		r.wrong(Closed, "закрыто раньше, чем создано.")
	}
}

func (r *Reader) classify(p *incidents.Past) {
	if p.Stage == incidents.Done && p.ClosedAt.IsZero() {
		r.Undated++
	}
	t, ok := r.topics[fold(p.TopicName)]
	if !ok {
		if p.TopicName != "" {
			r.Unmatched[p.TopicName]++
		}
		return
	}
	p.TopicID, p.TopicName = t.ID, t.Name
	if p.DepartmentID == "" {
		p.DepartmentID = t.DepartmentID
	}
}

// value is a field of the row, "" where the file has no such column.
func (r *Reader) value(f Field) string {
	at, ok := r.columns[f]
	if !ok || at >= len(r.row) {
		return ""
	}
	return strings.Clone(strings.TrimSpace(r.row[at]))
}

func (r *Reader) short(f Field) string {
	v := r.value(f)
	if len(v) > longestWord {
		r.wrong(f, "слишком длинно для этого поля. Проверьте, тот ли это столбец.")
	}
	return v
}

func (r *Reader) link() string {
	v := r.short(Link)
	if v != "" && !strings.HasPrefix(v, "https://") && !strings.HasPrefix(v, "http://") {
		r.wrong(Link, "ссылка начинается не с https://.")
	}
	return v
}

func (r *Reader) wrong(f Field, text string) {
	column := string(f)
	if at, ok := r.columns[f]; ok {
		column = r.table.Header()[at]
	}
	r.problems = append(r.problems, Problem{Row: r.number, Column: column, Text: text})
}

func (r *Reader) moment(f Field, past bool) time.Time {
	v := r.value(f)
	if v == "" {
		if past {
			r.wrong(f, "даты нет. Пишите 23.11.2026 14:05.")
		}
		return time.Time{}
	}
	at, ok := readMoment(v, r.zone)
	switch {
	case !ok:
		r.wrong(f, fmt.Sprintf("«%s» — не дата. Пишите 23.11.2026 14:05.", cut(v)))
	case past && at.After(r.now):
		r.wrong(f, "дата в будущем.")
	default:
		return at
	}
	return time.Time{}
}

func cut(s string) string {
	const most = 40
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

// readMoment reads a date with or without a time, in the zone unless it names one.
func readMoment(s string, zone *time.Location) (time.Time, bool) {
	s = strings.Join(strings.Fields(strings.ReplaceAll(s, ",", " ")), " ")
	if at, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return at.UTC(), sane(at)
	}
	for _, day := range []string{"2006-1-2", "2.1.2006", "2/1/2006"} {
		for _, clock := range []string{"", "T15:04:05", " 15:04:05", "T15:04", " 15:04"} { // a fraction of a second is read as well
			if at, err := time.ParseInLocation(day+clock, s, zone); err == nil {
				return at.UTC(), sane(at)
			}
		}
	}
	return time.Time{}, false
}

func sane(t time.Time) bool { return t.Year() >= 2000 && t.Year() < 2100 }
