package delivery

import (
	"strings"
	"unicode"
)

// Print reduces a text to its letters and digits, without mentions, so that an
// answer is recognised in the network whatever the network made of its spaces
// and signs.
func Print(text string) string { return reduce(replaceMentions(text, false)) }

// Prints are the forms that an answer of ours may have had before it left: a
// mention is put in front of a text, or in the place of a name with which the
// text began.
func Prints(text string) (without, with string) {
	return Print(text), reduce(replaceMentions(text, true))
}

func reduce(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r = unicode.ToLower(r); r == 'ё' {
			r = 'е'
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// replaceMentions removes every [id1|Имя], [club1|Имя] and [public1|Имя], or
// leaves the name of it; other brackets are part of the text.
func replaceMentions(text string, names bool) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "[")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		inside, after, closed := strings.Cut(rest, "]")
		if closed && isMention(inside) {
			if _, name, _ := strings.Cut(inside, "|"); names {
				b.WriteString(name)
			}
			text = after
		} else {
			text = rest
		}
	}
}

func isMention(inside string) bool {
	target, _, named := strings.Cut(inside, "|")
	if !named {
		return false
	}
	for _, kind := range []string{"id", "club", "public"} {
		if digits, ok := strings.CutPrefix(target, kind); ok && digits != "" && strings.Trim(digits, "0123456789") == "" {
			return true
		}
	}
	return false
}
