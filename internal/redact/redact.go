// Package redact finds personal data in a text: in what is about to be published,
// and in what is shown or stored longer than it may be.
package redact

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind is what was found.
type Kind string

const (
	Phone    Kind = "phone"
	Email    Kind = "email"
	SNILS    Kind = "snils"
	INN      Kind = "inn"
	Passport Kind = "passport"
	Card     Kind = "card"
	Address  Kind = "address" // of a flat
	Health   Kind = "health"  // an illness or a treatment, beside a person
)

// Kinds lists all kinds in the order in which people read them.
func Kinds() []Kind { return []Kind{Phone, Email, SNILS, INN, Passport, Card, Address, Health} }

// Title is the kind's name as people read it.
func (k Kind) Title() string {
	switch k {
	case Phone:
		return "телефон"
	case Email:
		return "электронная почта"
	case SNILS:
		return "СНИЛС"
	case INN:
		return "ИНН физлица"
	case Passport:
		return "паспорт"
	case Card:
		return "банковская карта"
	case Address:
		return "адрес с квартирой"
	case Health:
		return "сведения о здоровье"
	}
	return ""
}

// Find is one finding: a part of the text in bytes, End exclusive.
type Find struct {
	Kind       Kind
	Start, End int
}

// Finder finds personal data. It is safe for concurrent use.
type Finder struct {
	digits  *regexp.Regexp
	email   *regexp.Regexp
	address *regexp.Regexp
}

// New returns a finder.
func New() *Finder {
	const sep = `[ \x{a0}\x{2009}\x{202f}.()\-–—]`
	return &Finder{
		// Groups of digits with at most three separators between two of them.
		digits: regexp.MustCompile(`\+?[0-9](?:` + sep + `{0,3}(?:№[ \x{a0}]?)?[0-9])*`),
		email:  regexp.MustCompile(`[\p{L}\p{N}._%+\-]+@[\p{L}\p{N}\-]+(?:\.[\p{L}\p{N}\-]+)*\.\p{L}{2,}`),
		address: regexp.MustCompile(`(?i)(?:(?:ул|пр|пр-т|просп|пер|бул|б-р|ш|наб|мкр|д)\.|улица|улице|улицы|проспект[еа]?|переул(?:ок|ке|ка)|бульвар[еа]?|шоссе|набережн(?:ая|ой)|дом[еа]?)` +
			`[^\n;!?]{0,80}?(?:кв\.?|квартир[аеуы])[ \x{a0}]*№?[ \x{a0}]*\p{N}{1,5}`),
	}
}

// Find lists what is in a text, in order; findings do not overlap. Numbers are
// judged by their check digits where they have some, so that an account, an
// article number or a sum is not taken for a person's.
func (f *Finder) Find(text string) []Find {
	var out []Find
	for _, m := range f.address.FindAllStringIndex(text, -1) {
		out = append(out, Find{Address, m[0], m[1]})
	}
	out = append(append(out, flats(text)...), health(text)...)
	for _, m := range f.email.FindAllStringIndex(text, -1) {
		out = append(out, Find{Email, m[0], m[1]})
	}
	for _, m := range f.digits.FindAllStringIndex(text, -1) {
		if !bounded(text, m[0], m[1]) {
			continue
		}
		n := number{text: text, start: m[0], end: m[1], digits: onlyDigits(text[m[0]:m[1]])}
		if kind := n.kind(); kind != "" {
			out = append(out, Find{kind, m[0], m[1]})
		}
	}
	return apart(out)
}

// Hide replaces what is found by its name: «[телефон]».
func (f *Finder) Hide(text string) string {
	var b strings.Builder
	at := 0
	for _, x := range f.Find(text) {
		b.WriteString(text[at:x.Start])
		b.WriteString("[" + x.Kind.Title() + "]")
		at = x.End
	}
	b.WriteString(text[at:])
	return b.String()
}

// apart keeps findings that do not overlap: the earlier, and of two that begin
// together the longer.
func apart(list []Find) []Find {
	slices.SortStableFunc(list, func(a, b Find) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		return b.End - a.End
	})
	var out []Find
	for _, x := range list {
		if n := len(out); n > 0 && x.Start < out[n-1].End {
			continue
		}
		out = append(out, x)
	}
	return out
}

// bounded says that a number does not go on in letters or signs that make it
// part of something else: of an address of a page, of a code.
func bounded(text string, start, end int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:start])
	after, _ := utf8.DecodeRuneInString(text[end:])
	joins := func(r rune) bool { return unicode.IsLetter(r) || strings.ContainsRune("_/=#&@", r) }
	return (start == 0 || !joins(before)) && (end == len(text) || !joins(after) || after == '/')
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
