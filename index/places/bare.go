package places

import (
	"slices"
	"strings"
)

// numbered reads what has its kind behind it: «5-й микрорайон», «Ленинский
// проспект», «в Заречном районе».
func (s *sight) numbered(i int) (Found, int) {
	if found, next := s.knownBefore(i); next > i {
		return found, next
	}
	if numeral(s.form(i)) {
		next := i + 1
		if s.gap(next) == "-" && ordinalEnd(s.form(next)) {
			next++
		}
		m, n := s.mark(next)
		if n == 0 || m.typ != "микрорайон" && m.typ != "квартал" || !s.near(next, "") || len(s.form(i)) > 2 {
			return Found{}, i
		}
		for _, nm := range s.namesAt(i) {
			if places := s.f.fitting(nm, m); len(places) > 0 {
				return s.finish(i, next+n, m, called{places: places})
			}
		}
		return s.finish(i, next+n, m, called{text: s.form(i)})
	}
	m, n := s.mark(i + 1)
	if n == 0 || !m.behind || !s.capital(i) || !s.near(i+1, "") || s.f.starts[s.form(i)] != 0 || i == 0 && m.typ == "район" {
		return Found{}, i
	}
	name := nominative(s.raw(i), m.typ)
	if !adjective(name) || s.vague(i) {
		return Found{}, i
	}
	return s.finish(i, i+1+n, m, called{text: name})
}

// knownBefore reads a name of the gazetteer with its kind behind it.
func (s *sight) knownBefore(i int) (Found, int) {
	for _, nm := range s.namesAt(i) {
		next := i + len(nm.terms)
		m, n := s.mark(next)
		if n == 0 || !m.behind || !s.near(next, "") || s.ownName(next+n, m) {
			continue
		}
		if places := s.f.fitting(nm, m); len(places) > 0 {
			return s.finish(i, next+n, m, called{places: places})
		}
	}
	return Found{}, i
}

// ownName says that a kind has a name of its own behind it: in «Ленина улица
// Мира» it belongs to Мира.
func (s *sight) ownName(i int, m mark) bool {
	_, next := s.name(i, m)
	return next > i && s.capital(i)
}

// vague are adjectives that name no place: «Любой район», «Каждая улица».
func (s *sight) vague(i int) bool {
	f := s.form(i)
	for _, stem := range []string{"люб", "кажд", "весь", "наш", "ваш", "данн", "друг", "эт", "нов", "пешеходн", "спальн", "жил", "городск", "сам", "как", "така", "так", "больш", "темн", "отдален", "детск", "спортивн", "игров", "контейнерн", "торгов", "бесплатн", "платн", "льготн"} {
		if strings.HasPrefix(f, stem) && len(f) <= len(stem)+8 {
			return true
		}
	}
	return false
}

// known reads a name of the gazetteer that stands by itself.
func (s *sight) known(i int) (Found, int) {
	names := s.namesAt(i)
	for _, streets := range []bool{true, false} {
		for _, n := range names {
			next := i + len(n.terms)
			if streets != s.housed(next, n) || s.otherGender(next-1, n) || !s.believable(i, next, n) {
				continue
			}
			m := mark{kind: n.kind, typ: s.f.list[n.places[0]].Type}
			return s.finish(i, next, m, called{places: s.f.unsaid(n)})
		}
	}
	return Found{}, i
}

// housed says that a name is of a street and that a house stands behind it: of
// places with one name the street is meant then.
func (s *sight) housed(next int, n name) bool {
	if n.kind != Street {
		return false
	}
	_, after := s.house(next, true)
	return after > next
}

// otherGender says that a form is a feminine adjective while the name is
// masculine or neuter: «на Заречной» is a street, not the district «Заречный».
func (s *sight) otherGender(at int, n name) bool {
	form := s.form(at)
	ends := func(word string, list ...string) bool {
		return slices.ContainsFunc(list, func(end string) bool { return strings.HasSuffix(word, end) })
	}
	return n.kind != Street && ends(n.last, "ый", "ий", "ое", "ее") && ends(form, "ая", "яя", "ую", "юю", "ой", "ей")
}

// unsaid are the places that a bare name stands for: of streets that share a
// name, people leave out the word «улица» and no other.
func (f *Finder) unsaid(n name) []int {
	var out []int
	for _, at := range n.places {
		if f.list[at].Type == "улица" {
			out = append(out, at)
		}
	}
	if len(out) == 0 {
		return n.places
	}
	return out
}

// believable says that a bare name is meant as a place.
func (s *sight) believable(i, next int, n name) bool {
	lead := s.lead(i)
	if n.kind == Street {
		if n.fixed && s.form(next-1) != n.last || s.f.starts[s.form(i)]&startsMark != 0 && !s.capital(i) {
			return false
		}
		if _, after := s.house(next, true); after > next {
			return s.capital(i) || lead || !n.usual
		}
		last := next - 1
		return lead && (s.capital(i) || s.capital(last)) && !(numeral(s.form(i)) && s.monthName(last))
	}
	if s.capital(i) {
		return !n.usual || lead && !adjectiveForm(s.form(next-1)) || lead && next < len(s.tokens) && !s.capital(next) && s.standsAlone(next)
	}
	return lead && !n.usual && !adjectiveForm(s.form(next-1)) || s.shouted && !n.usual
}

// standsAlone says that no noun follows to which an adjective could belong.
func (s *sight) standsAlone(next int) bool {
	return !s.near(next, "") || len(s.form(next)) <= 6
}

// adjectiveForm says that a form may be an adjective in any case.
func adjectiveForm(form string) bool {
	for _, end := range []string{"ый", "ий", "ой", "ая", "яя", "ое", "ом", "ем", "ого", "его", "ому", "ему", "ую", "юю", "ым", "им"} {
		if strings.HasSuffix(form, end) {
			return true
		}
	}
	return false
}

// lead says that a preposition of place stands before a token.
func (s *sight) lead(i int) bool {
	return i > 0 && s.f.leads[s.form(i-1)] && s.near(i, ".:«\"")
}

// plain reads «на Ленина 15» where no gazetteer knows Ленина: a preposition, a
// name with a capital, a house.
func (s *sight) plain(i int) (Found, int) {
	if !s.capital(i) || s.f.starts[s.form(i)] != 0 || len(s.form(i)) < 6 {
		return Found{}, i
	}
	if form := s.form(i); !genitive(form) && !adjectiveForm(form) {
		return Found{}, i
	}
	next := i + 1
	for next < len(s.tokens) && next < i+3 && s.goesOn(i, next) {
		next++
	}
	_, announced := s.house(next, false)
	_, bare := s.house(next, true)
	before := s.form(i - 1)
	lead := s.lead(i) && before != "с" && before != "со" && before != "у" && before != "в" && before != "во" && before != "из" && before != "за"
	if announced == next && (bare == next || !lead && s.flat(bare) == bare) || !lead && s.vague(i) {
		return Found{}, i
	}
	m := mark{kind: Street}
	// An adjective in the feminine goes with «улица».
	if text := nominative(s.raw(i), "улица"); next == i+1 && text != s.raw(i) {
		return s.finish(i, next, mark{kind: Street, typ: "улица"}, called{text: text})
	}
	return s.finish(i, next, m, called{text: s.written(i, next, m)})
}
