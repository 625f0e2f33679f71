package index

import (
	"fmt"
	"strings"
	"unicode"
)

// Hint is what a condition probably does not say as its author means it, though
// it can be read.
type Hint struct {
	// At is the number of the character where it stands, counted from one.
	At int
	// Text is a sentence in Russian with the place and what to write instead.
	Text string
}

// Hints looks for operators that are read as words: «или» in small letters,
// «нет/3 воды» without spaces. A condition that cannot be read gives those
// before its mistake.
func Hints(text string) []Hint {
	var out []Hint
	for lex := (lexer{rest: text}); ; {
		x, err := lex.next()
		if err != nil || x.kind == lexEnd {
			return out
		}
		if x.kind != lexWord {
			continue
		}
		if what := hintOf(x.text); what != "" {
			out = append(out, Hint{x.at, fmt.Sprintf("«%s», знак %d: %s.", x.text, x.at, what)})
		}
	}
}

func hintOf(word string) string {
	switch strings.ToLower(word) {
	case "или", "or":
		return "это слово, и оно должно стоять в сообщении. Чтобы сказать «одно из двух», напишите «|» или ИЛИ прописными"
	case "и", "and":
		return "это слово, и оно должно стоять в сообщении. Уберите его: слова и так нужны все сразу"
	case "не", "not":
		return "это слово, и оно должно стоять в сообщении. Чтобы исключить следующее слово, поставьте вплотную к нему минус, а фразу целиком возьмите в кавычки"
	}
	left, right, ok := strings.Cut(word, "/")
	digits := right[:len(right)-len(strings.TrimLeft(right, "0123456789"))]
	if !ok || left == "" || digits == "" || len(digits) > 2 || !strings.ContainsFunc(left, unicode.IsLetter) {
		return ""
	}
	mend := strings.TrimSpace(left + " /" + digits + " " + right[len(digits):])
	return "расстояние отделяют пробелами. Напишите «" + mend + "»"
}
