// Package wording looks at an answer to a citizen before a head approves it: is
// it about the matter, does it say what is done, by whom and by when, and is it
// written for people. It explains what it misses and never decides by itself.
package wording

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Point is one thing that a good answer has.
type Point string

const (
	Polite      Point = "polite"      // a greeting
	ToThePoint  Point = "matter"      // it speaks of what the citizen wrote of
	Action      Point = "action"      // what was done or will be
	Responsible Point = "responsible" // who does it
	Term        Point = "term"        // by when
	Plain       Point = "plain"       // no officialese
	SpeltOut    Point = "spelt_out"   // no abbreviation that is not explained
	Substance   Point = "substance"   // more than "taken under control"
)

// Points lists the points in the order in which people read them.
func Points() []Point {
	return []Point{Polite, ToThePoint, Action, Responsible, Term, Substance, Plain, SpeltOut}
}

// Title is the point as a line of a check list.
func (p Point) Title() string {
	switch p {
	case Polite:
		return "Есть приветствие"
	case ToThePoint:
		return "Ответ по существу"
	case Action:
		return "Названо действие"
	case Responsible:
		return "Назван ответственный"
	case Term:
		return "Назван срок"
	case Plain:
		return "Без канцелярита"
	case SpeltOut:
		return "Без нерасшифрованных сокращений"
	case Substance:
		return "Не отписка"
	}
	return ""
}

// Span is a part of the answer, in bytes.
type Span struct{ From, To int }

// Remark is what was found on one point.
type Remark struct {
	Point Point
	OK    bool
	// Why says in a sentence what is missing and how to mend it; empty when all is well.
	Why string
	// Places are the words it is about: what is wrong, or what fulfils the point.
	Places []Span
}

// Answer is what is looked at.
type Answer struct {
	Text string
	// Message is what the citizen wrote, Topic the name of the matter.
	Message, Topic string
	// Known are abbreviations that need no explanation here, besides the common ones.
	Known []string
}

// mostText bounds what is looked at; networks take less.
const mostText = 64 << 10

// Check returns a remark for each point, in the order of Points.
func Check(a Answer) []Remark {
	if len(a.Text) > mostText {
		a.Text = strings.ToValidUTF8(a.Text[:mostText], "")
	}
	words := split(a.Text)
	term := findTerm(a.Text, words)
	done := findAny(words, doneStems())
	return []Remark{
		polite(words),
		toThePoint(a, words),
		action(words, done),
		responsible(words),
		termOf(term, done),
		substance(a.Text, words, term, done),
		plain(a.Text, words),
		speltOut(a, words),
	}
}

// Poor counts the points that an answer misses.
func Poor(list []Remark) int {
	n := 0
	for _, r := range list {
		if !r.OK {
			n++
		}
	}
	return n
}

// word is a run of letters and digits; low is in lower case with ё as е.
type word struct {
	Span
	text, low string
}

func split(text string) []word {
	var list []word
	from := -1
	end := func(to int) {
		if from >= 0 {
			w := text[from:to]
			list = append(list, word{Span{from, to}, w, strings.ReplaceAll(strings.ToLower(w), "ё", "е")})
			from = -1
		}
	}
	for i, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			if from < 0 {
				from = i
			}
			continue
		}
		end(i)
	}
	end(len(text))
	return list
}

// findAny returns the words that begin with one of the stems.
func findAny(words []word, stems []string) []Span {
	var found []Span
	for _, w := range words {
		for _, s := range stems {
			if strings.HasPrefix(w.low, s) {
				found = append(found, w.Span)
				break
			}
		}
	}
	return found
}

// findPhrases returns where phrases stand; each is written as beginnings of
// words that follow one another; a dot ends a word that must not go on.
func findPhrases(words []word, phrases []string) (spans []Span, which []int) {
	for p, phrase := range phrases {
		stems := strings.Fields(phrase)
		for i := 0; i+len(stems) <= len(words); i++ {
			if begins(words[i:], stems) {
				spans = append(spans, Span{words[i].From, words[i+len(stems)-1].To})
				which = append(which, p)
			}
		}
	}
	return spans, which
}

func begins(words []word, stems []string) bool {
	for i, s := range stems {
		// Short words are meant as they stand.
		whole := strings.HasSuffix(s, ".") || utf8.RuneCountInString(s) <= 3
		s = strings.TrimSuffix(s, ".")
		if !strings.HasPrefix(words[i].low, s) || whole && words[i].low != s {
			return false
		}
	}
	return true
}
