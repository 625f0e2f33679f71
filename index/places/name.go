package places

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// called is the name of a place: its words, or the entries that have it.
type called struct {
	text   string
	places []int
}

const (
	// longestName bounds the words of a name.
	longestName = 4
	// longestShort is the longest of the other abbreviations; behind one, a full
	// stop ends no sentence.
	longestShort = 3
)

// namesAt are the names of the gazetteer that stand at token i, longest first.
func (s *sight) namesAt(i int) []name {
	if i >= len(s.tokens) || s.flags[i]&startsName == 0 {
		return nil
	}
	list := s.f.names[s.tokens[i].Term]
	for k, n := range list {
		if s.reads(i, n.terms) {
			end := k + 1
			for end < len(list) && len(list[end].terms) == len(n.terms) && s.reads(i, list[end].terms) {
				end++
			}
			return list[k:end]
		}
	}
	return nil
}

// reads says that the terms stand one after the other from token i.
func (s *sight) reads(i int, terms []string) bool {
	if i+len(terms) > len(s.tokens) {
		return false
	}
	for k, t := range terms {
		if s.tokens[i+k].Term != t || k > 0 && !s.near(i+k, "-.") {
			return false
		}
	}
	return true
}

// name reads the name behind a word for a kind of place, and the token after it.
func (s *sight) name(i int, m mark) (called, int) {
	signs := ".«\"'(:"
	if !m.loose && !m.dotted && utf8.RuneCountInString(s.form(i-1)) > longestShort {
		signs = "«\"'(:"
	}
	if i >= len(s.tokens) || !s.near(i, signs) {
		return called{}, i
	}
	for _, n := range s.namesAt(i) {
		if places := s.f.fitting(n, m); len(places) > 0 && s.plausible(i, n, m) {
			return called{places: places}, i + len(n.terms)
		}
	}
	if m.typ == "микрорайон" && s.f.marks[s.form(i-1)].typ == "" && s.quoted(i) {
		return called{}, i // «м-н "Магнит"» is a shop
	}
	next := s.spelled(i, m)
	if next == i {
		return called{}, i
	}
	return called{text: s.written(i, next, m)}, next
}

// fitting are the places of a name that are of the kind that a mark names. A
// street whose type is another one is another street.
func (f *Finder) fitting(n name, m mark) []int {
	var out []int
	for _, at := range n.places {
		p := f.list[at]
		if p.Kind == m.kind && (p.Kind != Street || p.Type == "" || p.Type == m.typ) {
			out = append(out, at)
		}
	}
	return out
}

// plausible keeps «город рад» from being the town of Радость: after an ordinary
// word in small letters the name has to be the name.
func (s *sight) plausible(i int, n name, m mark) bool {
	return m.loose || m.dotted || s.capital(i) || s.shouted || s.tokens[i+len(n.terms)-1].Form == n.last || m.kind == Street
}

func (s *sight) quoted(i int) bool { return strings.ContainsAny(s.gap(i), "«\"'") }

// spelled finds the end of a name that no gazetteer knows.
func (s *sight) spelled(i int, m mark) int {
	if numeral(s.form(i)) {
		return s.numberedName(i, m)
	}
	if !s.capital(i) {
		return s.smallName(i, m)
	}
	initial := utf8.RuneCountInString(s.form(i)) == 1 && s.dotAfter(i) && s.capital(i+1)
	if s.common(i) && !initial {
		return i
	}
	next := i + 1
	for next < len(s.tokens) && next < i+longestName && s.goesOn(i, next) {
		next++
	}
	return next
}

// common are words that stand behind a kind of place without being its name.
func (s *sight) common(i int) bool {
	form := s.form(i)
	begins := s.f.starts[form]
	if begins&(startsMark|startsHouse) != 0 && !s.dotAfter(i) || utf8.RuneCountInString(form) < 3 {
		return form != "им"
	}
	return begins&(startsLead|startsCrossing|startsUnit) != 0
}

// goesOn says that a word belongs to the name that began at i: «Карла Маркса»,
// «им. Кирова», «Новая-2».
func (s *sight) goesOn(i, next int) bool {
	if numeral(s.form(next)) {
		return s.gap(next) == "-" && len(s.form(next)) < 3
	}
	before := s.form(next - 1)
	initial := utf8.RuneCountInString(before) <= 2
	if !s.near(next, "-") && !(initial && s.near(next, ".")) || !s.capital(next) {
		return false
	}
	if s.common(next) {
		return false
	}
	if initial || s.gap(next) == "-" {
		return true
	}
	if sizeWord(before) {
		return true
	}
	// A genitive goes on with a genitive: «Розы Люксембург», not «Ленина Иван».
	form := s.form(next)
	return genitive(before) && (genitive(form) || form == "люксембург" || form == "цеткин") && !adjective(before)
}

// sizeWord are adjectives that begin names of two words: «Малые Вязы».
func sizeWord(form string) bool {
	for _, stem := range []string{"больш", "мал", "нов", "стар", "верхн", "нижн", "средн", "дальн", "ближн", "красн", "бел"} {
		if strings.HasPrefix(form, stem) && (adjectiveForm(form) || strings.HasSuffix(form, "ые") || strings.HasSuffix(form, "ие")) {
			return true
		}
	}
	return false
}

// numberedName reads «8 Марта», «1-я Садовая», «50 лет Октября» and, for
// districts, a number alone.
func (s *sight) numberedName(i int, m mark) int {
	if len(s.form(i)) > 3 {
		return i
	}
	next := i + 1
	switch {
	case s.gap(next) == "-" && ordinalEnd(s.form(next)), s.near(next, "") && s.form(next) == "лет":
		next++
	case s.near(next, "") && ordinalEnd(s.form(next)) && s.form(next) != "я":
		next++
	}
	if next < len(s.tokens) && s.near(next, "") && (s.capital(next) || s.monthName(next)) && !s.common(next) || s.monthName(next) && s.near(next, "") {
		return next + 1
	}
	if m.kind == District && m.typ != "район" && m.typ != "округ" && m.typ != "ЖК" && (next == i+1) && !s.unit(next) {
		return next
	}
	return i
}

func ordinalEnd(form string) bool {
	switch form {
	case "я", "й", "ая", "ый", "ой", "го", "ого", "е", "м", "ом":
		return true
	}
	return false
}

// monthName are the months after which streets are named.
func (s *sight) monthName(i int) bool {
	switch s.form(i) {
	case "марта", "мая", "января", "октября", "августа", "сентября":
		return true
	}
	return false
}

// smallName reads a name in small letters: behind «ул.» whatever stands there,
// elsewhere what ends as names of streets do or has a house behind it.
func (s *sight) smallName(i int, m mark) int {
	form := s.form(i)
	if m.kind == Settlement || utf8.RuneCountInString(form) < 4 || s.common(i) || s.f.starts[form] != 0 {
		return i
	}
	next := i + 1
	if m.loose && (s.dotAfter(i-1) || s.shouted || nameLike(form)) {
		return next
	}
	if m.kind != Street {
		return i
	}
	if s.shouted && nameLike(form) {
		return next
	}
	if h, after := s.house(next, true); after > next && h.number != "" && (genitive(form) || adjective(form)) {
		return next
	}
	for _, end := range []string{"ина", "ова", "ева", "ского", "ской", "ская"} {
		if strings.HasSuffix(form, end) && utf8.RuneCountInString(form) > 5 && form != "машина" && form != "половина" {
			return next
		}
	}
	return i
}

func nameLike(form string) bool { return genitive(form) || adjective(form) }

// written is a name as it is shown: words with a capital, spaces where the text
// has them.
func (s *sight) written(from, to int, m mark) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		if i > from {
			if gap := s.gap(i); gap == "-" {
				b.WriteByte('-')
			} else {
				b.WriteString(strings.TrimRight(gap, " \u00a0") + " ")
			}
		}
		word := s.raw(i)
		if i == from || s.capital(i) || s.shouted {
			word = capitalised(word)
		}
		b.WriteString(word)
	}
	name := b.String()
	if to-from == 1 && m.kind != Settlement {
		name = nominative(name, m.typ)
	}
	return name
}

func capitalised(word string) string {
	r, n := utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(r)) + strings.ToLower(word[n:])
}

// nominative brings an adjective to the nominative of its type; other words
// stay as they are, because names in the genitive do not change.
func nominative(word, typ string) string {
	ends := [][2]string{{"ском", "ский"}, {"ского", "ский"}, {"скому", "ский"}, {"ным", "ный"}, {"ном", "ный"}, {"ного", "ный"}, {"ному", "ный"}, {"вом", "вый"}, {"вого", "вый"}, {"вому", "вый"}, {"нем", "ний"}, {"него", "ний"}}
	switch typ {
	case "улица", "набережная", "площадь", "аллея":
		ends = [][2]string{{"ской", "ская"}, {"скую", "ская"}, {"ной", "ная"}, {"ную", "ная"}, {"вой", "вая"}, {"вую", "вая"}, {"лой", "лая"}, {"лую", "лая"}, {"той", "тая"}, {"тую", "тая"}, {"дой", "дая"}, {"дую", "дая"}, {"ней", "няя"}, {"нюю", "няя"}}
	case "шоссе":
		ends = [][2]string{{"ском", "ское"}, {"ского", "ское"}, {"скому", "ское"}, {"ном", "ное"}, {"ного", "ное"}, {"ному", "ное"}}
	}
	for _, e := range ends {
		if stem, ok := strings.CutSuffix(word, e[0]); ok && len(stem) >= 4 {
			return stem + e[1]
		}
	}
	return word
}
