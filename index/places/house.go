package places

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// number of a house and where it ends in the text.
type houseNumber struct {
	number string
	end    int
}

// house reads the number of a house at token i: «, 15», «д. 15/2», «15 к 2».
// Without a word for a house it has to stand right behind the street (bare).
func (s *sight) house(i int, bare bool) (houseNumber, int) {
	at, announced := i, false
	if s.near(at, ",.;:()№-–—") && s.f.houseWord[s.form(at)] && s.plainGap(at) {
		at, announced = at+1, true
	}
	if at >= len(s.tokens) || !announced && !bare {
		return houseNumber{}, i
	}
	signs := ",№#"
	if m, n := s.mark(at - 1); announced || n > 0 && (m.loose || m.dotted) {
		signs = ",.№#:"
	}
	if !s.near(at, signs) {
		return houseNumber{}, i
	}
	h, next := s.digits(at)
	if next == at || s.notHouse(at, next, announced) {
		return houseNumber{}, i
	}
	return s.block(h, next)
}

// plainGap keeps a sentence from ending between a street and its house: «на
// Ленина. Дома 5 собак».
func (s *sight) plainGap(i int) bool {
	return !strings.Contains(s.gap(i), ".") || s.form(i) == "д" || !s.capital(i) && s.dotIsShort(i)
}

// dotIsShort says that the full stop before a token belongs to an abbreviation.
func (s *sight) dotIsShort(i int) bool { return utf8.RuneCountInString(s.form(i-1)) <= 3 }

// digits reads the number with what is written into it: «15а», «15/2», «15-а».
func (s *sight) digits(at int) (houseNumber, int) {
	form := s.form(at)
	if !numeral(form) {
		return houseNumber{}, at
	}
	n, rest := number(form)
	end := s.tokens[at].End
	if cut := strings.IndexAny(form, ",."); cut > 0 && strings.Trim(rest, "0123456789,") == "" && len(rest) <= 3 && form[0] != '0' && rest[0] == ',' {
		end = s.tokens[at].Start + cut // «15,17» are two houses
		return houseNumber{number: form[:cut], end: end}, at + 1
	}
	if n == 0 || rest != "" || len(form) > 4 || form[0] == '0' {
		return houseNumber{}, at
	}
	h, next := houseNumber{form, end}, at+1
	if letter, ok := s.letter(next); ok {
		h = houseNumber{h.number + letter, s.letterEnd(next)}
		next++
	}
	if numeral(s.form(next)) && s.gap(next) == "/" && len(s.form(next)) <= 3 {
		h = houseNumber{h.number + "/" + s.form(next), s.tokens[next].End}
		next++
		if letter, ok := s.letter(next); ok && s.gap(next) == "" {
			h = houseNumber{h.number + letter, s.tokens[next].End}
			next++
		}
	}
	return h, next
}

// letter reads the letter of a house: «15а», «15-а», «15 "А"», «15 А».
func (s *sight) letter(i int) (string, bool) {
	form := s.form(i)
	if utf8.RuneCountInString(form) != 1 || numeral(form) {
		return "", false
	}
	switch gap := s.gap(i); {
	case gap == "":
		if numeral(s.form(i+1)) && s.gap(i+1) == "" { // «15к2»
			return "", false
		}
	case gap == "-", strings.Trim(gap, " ") == "«", strings.Trim(gap, " ") == `"`, gap == "/":
	case gap == " " && s.capital(i) && strings.ContainsAny(form, "абвгде"):
		if next := s.gap(i + 1); !strings.ContainsAny(next, ",.;\n)!?") && i+1 < len(s.tokens) {
			return "", false
		}
	default:
		return "", false
	}
	if !strings.Contains("абвгдежзиклмн", form) {
		return "", false
	}
	return form, true
}

// letterEnd takes the closing quotation mark with a letter in quotation marks.
func (s *sight) letterEnd(i int) int {
	end := s.tokens[i].End
	if strings.ContainsAny(s.gap(i), "«\"") {
		if r, n := utf8.DecodeRuneInString(s.text[end:]); r == '»' || r == '"' {
			return end + n
		}
	}
	return end
}

// block reads the building of a house: «к 2», «корп. 2», «стр. 1».
func (s *sight) block(h houseNumber, i int) (houseNumber, int) {
	for range 2 {
		word, ok := s.f.blocks[s.form(i)]
		if !ok || !s.near(i, ",/") {
			break
		}
		v := s.form(i + 1)
		short := len(v) <= 3 && numeral(v) && strings.Trim(v, "0123456789") == "" || utf8.RuneCountInString(v) == 1 && word != "к."
		if !short || !s.near(i+1, ".№") || s.unit(i+2) && utf8.RuneCountInString(s.form(i)) < 3 {
			break
		}
		h = houseNumber{h.number + " " + word + " " + v, s.tokens[i+1].End}
		i += 2
	}
	return h, i
}

// unit says that a token is what a number before it counts.
func (s *sight) unit(i int) bool {
	return i < len(s.tokens) && s.f.units[s.form(i)] && s.near(i, "-–")
}

// notHouse says that a number is a time, a date, a quantity.
func (s *sight) notHouse(at, next int, announced bool) bool {
	end := s.tokens[next-1].End
	if after := s.text[end:]; after != "" {
		r, n := utf8.DecodeRuneInString(after)
		switch {
		case r == '%', r == '°', r == '+':
			return true
		case r == ':' || r == '.':
			if len(after) > n && unicode.IsDigit(rune(after[n])) {
				return true
			}
		}
	}
	if numeral(s.form(next)) && s.gap(next) == "-" && s.unit(next+1) {
		return true // «10-12 января»
	}
	if s.unit(next) {
		return !announced || s.form(next) != "подъезд" && s.form(next) != "подъезда"
	}
	if !announced && (len(s.form(at)) > 3 || ordinalEnd(s.form(next)) && s.gap(next) == "-" && s.form(next) != "е") {
		return true
	}
	// «Ленина 5 или 7 дней», «с 15 до 18».
	if !announced && (s.form(next) == "до" || s.form(next) == "или" || s.form(next) == "по") && numeral(s.form(next+1)) {
		return true
	}
	return false
}

// flat passes over the number of a flat, which nobody needs.
func (s *sight) flat(i int) int {
	switch form := s.form(i); {
	case (form == "кв" || strings.HasPrefix(form, "квартир")) && s.near(i, ",;.(") && numeral(s.form(i+1)):
		return i + 2
	case numeral(form) && s.gap(i) == "-":
		return i + 1
	}
	return i
}
