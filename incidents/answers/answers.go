// Package answers is what an answer to a citizen is made with and held to:
// texts to begin with, what has to be filled in, and what must not stand in
// public.
package answers

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"otklik/internal/errs"
	"otklik/internal/redact"
)

// Template is a text to begin an answer with. Words in braces are filled in from
// the case where it knows them.
type Template struct {
	ID    string
	Title string
	// TopicID and FactID narrow it to cases of a topic or of a fact; with neither
	// it is offered for every case.
	TopicID, FactID string
	Text            string
	EditedBy        string
	EditedAt        time.Time
}

// Bounds of a template, in characters.
const (
	maxTitle = 120
	maxText  = 4000
)

// Clean trims a template and checks it. Errors: Invalid.
func (t Template) Clean() (Template, error) {
	t.Title = strings.Join(strings.Fields(strings.ToValidUTF8(t.Title, "")), " ")
	t.Text = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(t.Text, ""), "\r\n", "\n"))
	switch {
	case t.Title == "":
		return t, errs.New(errs.Invalid, "Назовите шаблон, чтобы его было легко найти.")
	case utf8.RuneCountInString(t.Title) > maxTitle:
		return t, errs.Newf(errs.Invalid, "Название шаблона длиннее %d знаков. Сократите его.", maxTitle)
	case t.Text == "":
		return t, errs.New(errs.Invalid, "Шаблон пустой: напишите текст.")
	case utf8.RuneCountInString(t.Text) > maxText:
		return t, errs.Newf(errs.Invalid, "Шаблон длиннее %d знаков. Сократите его.", maxText)
	}
	return t, nil
}

// Fits says that the template is offered for a case of a topic and a fact.
func (t Template) Fits(topicID, factID string) bool {
	switch {
	case t.FactID != "":
		return t.FactID == factID
	case t.TopicID != "":
		return t.TopicID == topicID
	}
	return true
}

// For returns the templates for a case, the closest first: those of its fact,
// then of its topic, then those for every case.
func For(list []Template, topicID, factID string) []Template {
	var out []Template
	for _, t := range list {
		if t.Fits(topicID, factID) {
			out = append(out, t)
		}
	}
	rank := func(t Template) int {
		switch {
		case t.FactID != "":
			return 0
		case t.TopicID != "":
			return 1
		}
		return 2
	}
	slices.SortStableFunc(out, func(a, b Template) int { return rank(a) - rank(b) })
	return out
}

// Names are the words in braces that a case can fill in by itself.
func Names() []string {
	return []string{"имя", "место", "адрес", "тема", "номер", "срок", "исполнитель", "ведомство", "организация"}
}

// Fill puts what is known into the braces; the rest stays for people to fill in.
func Fill(text string, known map[string]string) string {
	return blank().ReplaceAllStringFunc(text, func(b string) string {
		if v := known[strings.ToLower(strings.Trim(b, "{ }"))]; v != "" {
			return v
		}
		return b
	})
}

// FirstName is the name to address a citizen by: the first word of the name in
// the network where that is a Russian name, "" for a nickname.
func FirstName(author string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(author), " ")
	for i, r := range first {
		if !unicode.Is(unicode.Cyrillic, r) || i == 0 && !unicode.IsUpper(r) {
			return ""
		}
	}
	if utf8.RuneCountInString(first) < 2 {
		return ""
	}
	return first
}

// Span is a part of a text, in bytes.
type Span struct{ From, To int }

// blank is a word or a few in braces, as templates have them.
var blank = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{[\p{L}\p{N} ,.\-–—]{1,40}\}`) })

// Blanks are the braces that nobody has filled in.
func Blanks(text string) []Span {
	var out []Span
	for _, at := range blank().FindAllStringIndex(text, -1) {
		out = append(out, Span{at[0], at[1]})
	}
	return out
}

var finder = sync.OnceValue(redact.New)

// Words is what the agency says of its own answers.
type Words struct {
	// Abbreviations need no explanation.
	Abbreviations []string
	// Contacts are the agency's own telephones and e-mail addresses, which are
	// no personal data.
	Contacts []string
}

// Personal finds what must not stand in a public answer.
func (w Words) Personal(text string) []redact.Find {
	own := map[string]bool{}
	for _, c := range w.Contacts {
		own[contact(c)] = true
	}
	return slices.DeleteFunc(finder().Find(text), func(x redact.Find) bool {
		return (x.Kind == redact.Phone || x.Kind == redact.Email) && own[contact(text[x.Start:x.End])]
	})
}

// contact makes two ways to write the same contact equal: an address in lower
// case, a telephone as its last ten digits.
func contact(s string) string {
	if strings.Contains(s, "@") {
		return strings.ToLower(strings.TrimSpace(s))
	}
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	return digits[max(0, len(digits)-10):]
}

// Refuse says why a text may not be published: something in it is personal, or
// a template's braces are not filled in. The sentence never repeats what was
// found. Errors: Invalid.
func (w Words) Refuse(text string) error {
	if found := w.Personal(text); len(found) > 0 {
		return errs.Newf(errs.Invalid, "В ответе личные данные (%s), а его увидят все. Места отмечены под текстом: уберите их.", kinds(found))
	}
	if n := Blanks(text); len(n) > 0 {
		return errs.New(errs.Invalid, "В ответе остались незаполненные места в фигурных скобках. Они отмечены под текстом: впишите своё или уберите.")
	}
	return nil
}

func kinds(found []redact.Find) string {
	var names []string
	for _, x := range found {
		if t := x.Kind.Title(); !slices.Contains(names, t) {
			names = append(names, t)
		}
	}
	return strings.Join(names, ", ")
}

// Clean trims the words, forgets what is said twice and checks them. Errors: Invalid.
func (w Words) Clean() (Words, error) {
	var out Words
	for _, x := range w.Abbreviations {
		if x = strings.TrimSpace(x); x == "" || slices.Contains(out.Abbreviations, x) {
			continue
		}
		if n := utf8.RuneCountInString(x); n > 20 || strings.ContainsFunc(x, unicode.IsSpace) {
			return w, errs.Newf(errs.Invalid, "«%s» не похоже на сокращение: одно слово до 20 знаков.", x)
		}
		out.Abbreviations = append(out.Abbreviations, x)
	}
	for _, x := range w.Contacts {
		if x = strings.Join(strings.Fields(x), " "); x == "" || slices.ContainsFunc(out.Contacts, func(y string) bool { return contact(x) == contact(y) }) {
			continue
		}
		if found := finder().Find(x); len(found) != 1 || found[0].Kind != redact.Phone && found[0].Kind != redact.Email {
			return w, errs.Newf(errs.Invalid, "«%s» не похоже на телефон или почту. Пишите по одному в строке.", x)
		}
		out.Contacts = append(out.Contacts, x)
	}
	if len(out.Abbreviations) > maxWords || len(out.Contacts) > maxWords {
		return w, errs.Newf(errs.Invalid, "Слишком много строк: до %d в каждом списке.", maxWords)
	}
	return out, nil
}

const maxWords = 500
