package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"otklik/incidents"
	"otklik/incidents/answers"
	"otklik/incidents/wording"
)

// answerCheck is what stands under an answer: whether it may leave, and what a
// reader would miss in it.
type answerCheck struct {
	// Stops are reasons for which it cannot be handed in or approved.
	Stops  []string
	Points []checkPoint
	Poor   int
	// Shown is the text with its places marked, empty where there are none.
	Shown []checkSegment
}

// checkPoint is one line of the list.
type checkPoint struct {
	Title, Why string
	OK         bool
}

// checkSegment is a piece of the text; Class is "bad" for what must go, "warn"
// for what could be better, "" for the rest.
type checkSegment struct{ Text, Class string }

// checkAnswer looks at a text as the desk does when it is handed in, and as a
// reader would. An empty text has no check.
func checkAnswer(text string, view incidents.View, words answers.Words) *answerCheck {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	var out answerCheck
	var marks []checkMark
	var personal []string
	for _, x := range words.Personal(text) {
		marks = append(marks, checkMark{x.Start, x.End, "bad"})
		if t := x.Kind.Title(); !slices.Contains(personal, t) {
			personal = append(personal, t)
		}
	}
	if len(personal) > 0 {
		out.Stops = append(out.Stops, "Личные данные: "+strings.Join(personal, ", ")+". Ответ увидят все, поэтому с ними он не уйдёт.")
	}
	blanks := answers.Blanks(text)
	for _, b := range blanks {
		marks = append(marks, checkMark{b.From, b.To, "bad"})
	}
	if len(blanks) > 0 {
		out.Stops = append(out.Stops, "Не заполнено: "+blankWords(text, blanks)+".")
	}
	list := wording.Check(wording.Answer{Text: text, Message: view.Case.Message.Text, Topic: view.TopicName, Known: words.Abbreviations})
	for _, r := range list {
		out.Points = append(out.Points, checkPoint{r.Point.Title(), r.Why, r.OK})
		if r.OK {
			continue
		}
		for _, at := range r.Places {
			marks = append(marks, checkMark{at.From, at.To, "warn"})
		}
	}
	out.Poor = wording.Poor(list)
	if len(marks) > 0 {
		out.Shown = markedText(text, marks)
	}
	return &out
}

// blankWords lists what is not filled in, each once.
func blankWords(text string, blanks []answers.Span) string {
	var names []string
	for _, b := range blanks {
		if name := text[b.From:b.To]; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

type checkMark struct {
	from, to int
	class    string
}

// markedText cuts a text at the marks. Of marks that overlap the earlier one
// stays, and what must go before what could be better.
func markedText(text string, marks []checkMark) []checkSegment {
	slices.SortStableFunc(marks, func(a, b checkMark) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.class, b.class))
	})
	var out []checkSegment
	at := 0
	for _, m := range marks {
		if m.from < at || m.to > len(text) || m.to <= m.from {
			continue
		}
		if m.from > at {
			out = append(out, checkSegment{Text: text[at:m.from]})
		}
		out = append(out, checkSegment{text[m.from:m.to], m.class})
		at = m.to
	}
	if at < len(text) {
		out = append(out, checkSegment{Text: text[at:]})
	}
	return out
}

// knownWords are what the braces of a template are filled in with. The deadline
// inside the house is no promise to a citizen, so only a promised day is one.
func (s *server) knownWords(view incidents.View) map[string]string {
	c := view.Case
	out := map[string]string{
		"имя": answers.FirstName(c.Message.Author.Name), "место": c.Place.Title, "адрес": c.Place.Title, "тема": view.TopicName,
		"номер": strconv.FormatInt(c.Number, 10), "исполнитель": c.ExecutorName, "ведомство": view.Department, "организация": cmp.Or(c.Whose.Organisation, s.Agency),
	}
	if !c.Life.Promised.IsZero() {
		out["срок"] = s.clock.Date(c.Life.Promised)
	}
	return out
}
