package index

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type lexKind uint8

const (
	lexEnd lexKind = iota
	lexWord
	lexPhrase
	lexOpen
	lexClose
	lexAnd
	lexOr
	lexNot
	lexNear
	lexRegexp
	lexFact
	lexList
)

// lexeme is one sign, word or phrase of a rule; at is the number of its first
// character, from one, as it is shown to people.
type lexeme struct {
	kind  lexKind
	at    int
	text  string // of a word, phrase or value, without quotes and the exact sign
	exact bool
	dist  int
	field string // of a fact
}

// maxNear is the greatest distance that a rule may ask for.
const maxNear = 50

// lexer cuts a rule into lexemes.
type lexer struct {
	rest string
	at   int // characters read
}

func (l *lexer) peek() rune {
	r, size := utf8.DecodeRuneInString(l.rest)
	if size == 0 {
		return 0
	}
	return r
}

// skip reads n bytes.
func (l *lexer) skip(n int) string {
	read := l.rest[:n]
	l.rest = l.rest[n:]
	l.at += utf8.RuneCountInString(read)
	return read
}

func (l *lexer) next() (lexeme, error) {
	for {
		l.skip(len(l.rest) - len(strings.TrimLeftFunc(l.rest, unicode.IsSpace)))
		at := l.at + 1
		switch r := l.peek(); {
		case l.rest == "":
			return lexeme{kind: lexEnd, at: at}, nil
		case r == '(':
			l.skip(1)
			return lexeme{kind: lexOpen, at: at}, nil
		case r == ')':
			l.skip(1)
			return lexeme{kind: lexClose, at: at}, nil
		case r == '|':
			l.skip(1)
			return lexeme{kind: lexOr, at: at}, nil
		case isQuote(r):
			return l.phrase(at, false)
		case r == '-':
			return l.minus(at)
		case r == '=' && len(l.rest) > 1 && isQuote(second(l.rest)):
			l.skip(1)
			return l.phrase(at, true)
		}
		if r := l.regexp(at); r.kind == lexRegexp {
			return r, nil
		}
		lexeme, err := l.word(at)
		if err != nil || lexeme.kind != lexEnd {
			return lexeme, err
		}
	}
}

func second(s string) rune {
	_, size := utf8.DecodeRuneInString(s)
	r, _ := utf8.DecodeRuneInString(s[size:])
	return r
}

func isQuote(r rune) bool { return strings.ContainsRune("\"«»“”„", r) }

func (l *lexer) minus(at int) (lexeme, error) {
	l.skip(1)
	if r := l.peek(); l.rest == "" || unicode.IsSpace(r) || r == ')' || r == '|' {
		return lexeme{}, syntaxError(at, "Минус пишут вплотную к слову, которого быть не должно")
	}
	return lexeme{kind: lexNot, at: at}, nil
}

// phrase reads quoted text. Which quotation mark closes does not matter, as
// keyboards and editors mix them.
func (l *lexer) phrase(at int, exact bool) (lexeme, error) {
	l.skip(len(string(l.peek())))
	end := strings.IndexFunc(l.rest, isQuote)
	if end < 0 {
		return lexeme{}, syntaxError(at, "Не закрыта кавычка, поставьте вторую в конце фразы")
	}
	text := l.skip(end)
	l.skip(len(string(l.peek())))
	return lexeme{kind: lexPhrase, at: at, text: text, exact: exact}, nil
}

// word reads a word, an operator spelled as a word, or a distance. Punctuation
// that stands alone is passed over: then the kind is lexEnd.
func (l *lexer) word(at int) (lexeme, error) {
	end := strings.IndexFunc(l.rest, endsWord)
	if end < 0 {
		end = len(l.rest)
	}
	text := l.skip(end)
	if name, value, ok := strings.Cut(text, ":"); ok && factField(name) != "" {
		return l.fact(at, factField(name), value)
	}
	if kind := operatorKind(text); kind != lexWord {
		return lexeme{kind: kind, at: at}, nil
	}
	if digits, ok := strings.CutPrefix(text, "/"); ok {
		dist, err := strconv.Atoi(digits)
		if err != nil || dist < 1 || dist > maxNear {
			return lexeme{}, syntaxError(at, "После косой черты нужно расстояние в словах, от 1 до "+strconv.Itoa(maxNear))
		}
		return lexeme{kind: lexNear, at: at, dist: dist}, nil
	}
	if name, ok := strings.CutPrefix(strings.TrimRight(text, sentenceMarks), "@"); ok {
		if CheckListName(name) != nil {
			return lexeme{}, syntaxError(at, "После «@» пишут название списка без пробела, например @беда")
		}
		return lexeme{kind: lexList, at: at, text: name}, nil
	}
	if strings.Trim(text, sentenceMarks) == "" {
		return lexeme{kind: lexEnd}, nil
	}
	return lexeme{kind: lexWord, at: at, text: text}, nil
}

// sentenceMarks are passed over where they stand alone or end a word.
const sentenceMarks = ".,;:!?…—–"

func endsWord(r rune) bool {
	return unicode.IsSpace(r) || r == '(' || r == ')' || r == '|' || isQuote(r)
}

// fact reads a condition of which «name:value» was read; the value may stand
// in quotes.
func (l *lexer) fact(at int, field, value string) (lexeme, error) {
	if value == "" && isQuote(l.peek()) {
		phrase, err := l.phrase(l.at+1, false)
		return lexeme{kind: lexFact, at: at, field: field, text: phrase.text}, err
	}
	return lexeme{kind: lexFact, at: at, field: field, text: strings.TrimRight(value, sentenceMarks)}, nil
}

// regexp reads «/…/»; the kind is another where none stands here. A slash and
// digits up to the end of the word are a distance.
func (l *lexer) regexp(at int) lexeme {
	rest, ok := strings.CutPrefix(l.rest, "/")
	end := strings.IndexFunc(rest, func(r rune) bool { return r == '/' || unicode.IsSpace(r) })
	if !ok || end <= 0 || rest[end] != '/' {
		return lexeme{}
	}
	text := rest[:end]
	l.skip(len(text) + 2)
	return lexeme{kind: lexRegexp, at: at, text: text}
}

// operatorKind tells the operators that are spelled as words, in capitals;
// everything else is a word.
func operatorKind(text string) lexKind {
	switch text {
	case "И", "AND":
		return lexAnd
	case "ИЛИ", "OR":
		return lexOr
	case "НЕ", "NOT":
		return lexNot
	}
	return lexWord
}

func isOperator(text string) bool { return operatorKind(text) != lexWord }
