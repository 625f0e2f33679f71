package rubricator

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"otklik/internal/errs"
)

// maxAnswer bounds an answer to begin with, in characters.
const maxAnswer = 4000

// Add puts a fact into the tree, behind the others of its subcategory, and gives
// it an id. Errors: Invalid, Conflict when there is such a fact.
func (r *Rubricator) Add(f Fact) (Rubricator, Fact, error) {
	f.ID = r.free("own", func(id string) bool { _, ok := r.Fact(id); return ok })
	if err := f.Check(); err != nil {
		return *r, f, err
	}
	if slices.ContainsFunc(r.Facts, func(x Fact) bool { return strings.EqualFold(x.Title(), f.Title()) }) {
		return *r, f, errs.Newf(errs.Conflict, "Факт «%s» уже есть. Найдите его в рубрикаторе: он может быть отключён.", f.Title())
	}
	at := len(r.Facts)
	for i, x := range r.Facts {
		if x.Category == f.Category && (x.Subcategory == f.Subcategory || at == len(r.Facts)) {
			at = i + 1
		}
	}
	out := *r
	out.Facts = slices.Insert(slices.Clone(r.Facts), at, f)
	return out, f, nil
}

// SetAnswer changes the answer of a fact, for all facts that share it, or gives
// the fact one of its own. Errors: NotFound, Invalid, TooLarge.
func (r *Rubricator) SetAnswer(factID, text string, own bool) (Rubricator, error) {
	out := Rubricator{Answers: slices.Clone(r.Answers), Facts: slices.Clone(r.Facts)}
	at := slices.IndexFunc(out.Facts, func(f Fact) bool { return f.ID == factID })
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	switch {
	case at < 0:
		return out, errs.New(errs.NotFound, "Такого факта в рубрикаторе нет.")
	case text == "":
		return out, errs.New(errs.Invalid, "Ответ пустой: напишите текст.")
	case utf8.RuneCountInString(text) > maxAnswer:
		return out, errs.Newf(errs.TooLarge, "Ответ длиннее %d знаков. Сократите его.", maxAnswer)
	}
	f := &out.Facts[at]
	if i := slices.IndexFunc(out.Answers, func(a Answer) bool { return a.ID == f.AnswerID }); i >= 0 && !own {
		out.Answers[i].Text = text
		return out, nil
	}
	f.AnswerID = r.free("own", func(id string) bool { _, ok := r.Answer(id); return ok })
	out.Answers = append(out.Answers, Answer{ID: f.AnswerID, Text: text})
	return out, nil
}

func (r *Rubricator) free(prefix string, taken func(string) bool) string {
	for n := 1; ; n++ {
		if id := prefix + "-" + strconv.Itoa(n); !taken(id) {
			return id
		}
	}
}
