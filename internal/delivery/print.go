package delivery

import (
	"strings"
	"unicode"

	"otklik/internal/social"
)

// Print reduces a text to its letters and digits, without mentions, so that an
// answer is recognised in the network whatever the network made of its spaces
// and signs.
func Print(text string) string {
	return reduce(social.ReplaceMentions(text, func(string) string { return "" }))
}

// Prints are the forms that an answer of ours may have had before it left: a
// mention is put in front of a text, or in the place of a name with which the
// text began.
func Prints(text string) (without, with string) {
	return Print(text), reduce(social.ReplaceMentions(text, func(name string) string { return name }))
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
