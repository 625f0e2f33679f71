package index

import (
	"unicode"
	"unicode/utf8"
)

// maxForm bounds a form in runes. Nobody writes longer words; what is longer
// is keyboard noise and must not fill the index.
const maxForm = 64

// fold brings a word as written to the form that is compared: small letters,
// ё as е, accents and invisible signs gone, look-alike latin letters of mixed
// words replaced, stretched letters shortened.
func fold(raw string) string {
	var room [maxForm]rune
	runes := lowerRunes(room[:0], raw)
	if cyrillic, latin := scripts(runes); cyrillic && latin {
		unmix(runes)
	}
	runes = shorten(runes)
	return string(runes)
}

// lowerRunes appends the seen runes of a word, small, composed where the
// composed letter is another letter (й, ё).
func lowerRunes(dst []rune, raw string) []rune {
	for _, r := range raw {
		if len(dst) == maxForm {
			break
		}
		last := len(dst) - 1
		switch {
		case r == combiningBreve && last >= 0 && dst[last] == 'и':
			dst[last] = 'й'
		case r == combiningDots && last >= 0 && dst[last] == 'е', classOf(r) == classMark:
		case r == '\'' || r == '’' || r == 'ʼ' || r == '`':
			dst = append(dst, 'ъ')
		case r == 'ё' || r == 'Ё':
			dst = append(dst, 'е')
		case r == '0' && last >= 0 && classOf(dst[last]) == classCyrillic:
			dst = append(dst, 'о')
		default:
			if low := lookAlikeCapital(r, raw); low != 0 {
				r = low
			}
			dst = append(dst, unicode.ToLower(r))
		}
	}
	return dst
}

// lookAlikeCapital translates the latin capitals whose small letters look
// like nothing Russian (B, H). It does so only in words that hold Russian
// letters, and returns 0 otherwise.
func lookAlikeCapital(r rune, raw string) rune {
	if r != 'B' && r != 'H' {
		return 0
	}
	for _, other := range raw {
		if classOf(other) == classCyrillic {
			if r == 'B' {
				return 'в'
			}
			return 'н'
		}
	}
	return 0
}

func scripts(runes []rune) (cyrillic, latin bool) {
	for _, r := range runes {
		switch {
		case r >= 'a' && r <= 'z':
			latin = true
		case r >= 0x400 && r <= 0x52f:
			cyrillic = true
		}
	}
	return cyrillic, latin
}

// unmix replaces the latin letters of a mixed word by the Russian letters they
// look like, if every one of them looks like one; otherwise the word is meant
// to be mixed.
func unmix(runes []rune) {
	for _, r := range runes {
		if r >= 'a' && r <= 'z' && lookAlike(r) == 0 {
			return
		}
	}
	for i, r := range runes {
		if r >= 'a' && r <= 'z' {
			runes[i] = lookAlike(r)
		}
	}
}

func lookAlike(r rune) rune {
	switch r {
	case 'a':
		return 'а'
	case 'c':
		return 'с'
	case 'e':
		return 'е'
	case 'k':
		return 'к'
	case 'm':
		return 'м'
	case 'n':
		return 'п'
	case 'o':
		return 'о'
	case 'p':
		return 'р'
	case 't':
		return 'т'
	case 'u':
		return 'и'
	case 'x':
		return 'х'
	case 'y':
		return 'у'
	}
	return 0
}

// shorten undoes stretching: three and more of a letter become one, or two of
// a consonant within the word, where Russian does double («длинннный»).
func shorten(runes []rune) []rune {
	out := runes[:0]
	for i := 0; i < len(runes); {
		j := i
		for j < len(runes) && runes[j] == runes[i] {
			j++
		}
		keep := j - i
		if keep >= 3 && unicode.IsLetter(runes[i]) {
			keep = 1
			if j < len(runes) && i > 0 && isConsonant(runes[i]) {
				keep = 2
			}
		}
		for range keep {
			out = append(out, runes[i])
		}
		i = j
	}
	return out
}

func isConsonant(r rune) bool {
	switch r {
	case 'б', 'в', 'г', 'д', 'ж', 'з', 'к', 'л', 'м', 'н', 'п', 'р', 'с', 'т', 'ф', 'х', 'ц', 'ч', 'ш', 'щ':
		return true
	}
	return false
}

// isRussian says that every letter of a folded form is of the Russian alphabet.
func isRussian(form string) bool {
	for _, r := range form {
		if r < 'а' || r > 'я' {
			return false
		}
	}
	return form != ""
}

// smooth takes from a stem what writers slip on: soft and hard signs, and
// doubled letters after the first two, which tell prefixes apart («ввод»).
func smooth(stem string) string {
	var room [maxForm]rune
	out := room[:0]
	for _, r := range stem {
		if r == 'ь' || r == 'ъ' {
			continue
		}
		if n := len(out); n >= 2 && out[n-1] == r {
			continue
		}
		out = append(out, r)
	}
	if len(out) == 0 {
		return stem
	}
	return string(out)
}

func runeCount(s string) int { return utf8.RuneCountInString(s) }
