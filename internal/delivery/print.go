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

// dropMentions removes every [id1|Имя] and [club1|Имя].
func dropMentions(text string) string {
	for {
		open := strings.Index(text, "[")
		if open < 0 {
			return text
		}
		length := strings.Index(text[open:], "]")
		if length < 0 || !strings.Contains(text[open:open+length], "|") {
			return text[:open] + strings.ReplaceAll(text[open:], "[", " ")
		}
		text = text[:open] + text[open+length+1:]
	}
}
