package delivery

import (
	"strings"
	"unicode"
)

// Print reduces a text to its letters and digits, without the mention that VK
// puts in front, so that an answer is recognised in the network whatever the
// network made of its spaces and signs.
func Print(text string) string {
	var b strings.Builder
	for _, r := range dropMentions(text) {
		if r = unicode.ToLower(r); r == 'ё' {
			r = 'е'
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// dropMentions removes every [id1|Имя], [club1|Имя] and [public1|Имя]; other
// brackets are part of the text.
func dropMentions(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "[")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		inside, after, closed := strings.Cut(rest, "]")
		if closed && isMention(inside) {
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
