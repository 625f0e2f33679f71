package index

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"

	automaton "github.com/blevesearch/vellum/regexp"
)

// Bounds of words that stand for many: fewer letters would match half of all
// texts, and an expression that matches every word would match them all.
const (
	minPrefix     = 3
	minGlob       = 3
	minFuzzy      = 5 // letters, for one difference
	minFuzzyTwice = 8
	maxRegexp     = 200
)

// operand reads the text of a word, a phrase, a regular expression or a fact.
func operand(l lexeme) (exprNode, error) {
	switch l.kind {
	case lexWord:
		return readWord(l.text, l.at)
	case lexRegexp:
		return readRegexp(l.text, l.at)
	case lexFact:
		return readFact(l.field, l.text, l.at)
	}
	var phrase phraseExpr
	for _, text := range strings.Fields(l.text) {
		if strings.Trim(text, sentenceMarks+"-") == "" {
			continue
		}
		w, err := readWord(text, l.at)
		if err != nil {
			return nil, err
		}
		switch w.mode {
		case prefixForm, globForm:
			return nil, syntaxError(l.at, "Внутри кавычек звёздочка не работает, вынесите слово из кавычек")
		case fuzzyForm:
			return nil, syntaxError(l.at, "Внутри кавычек знак «~» не работает, вынесите слово из кавычек")
		}
		if l.exact {
			w.mode = exactForm
		}
		phrase.words = append(phrase.words, w)
	}
	if len(phrase.words) == 0 {
		return nil, syntaxError(l.at, "В кавычках нет ни одного слова")
	}
	return phrase, nil
}

func readWord(text string, at int) (wordExpr, error) {
	w, err := wordMarks(text, at)
	if err != nil {
		return w, err
	}
	if isOperator(w.text) {
		w.text = strings.ToLower(w.text)
	}
	if w.mode == globForm {
		return w, checkGlob(w.text, at)
	}
	if strings.ContainsAny(w.text, "*=~") || strings.HasPrefix(w.text, "/") {
		return w, syntaxError(at, "Непонятный знак в слове «"+text+"», уберите его")
	}
	pieces, longest := contentPieces(w.text)
	letters := runeCount(w.text)
	switch {
	case pieces == 0:
		return w, syntaxError(at, "В «"+text+"» нет слова, которое можно искать")
	case longest > maxForm:
		// Texts keep only the beginning of such a word, and a stretched one
		// shrinks to a letter that stands everywhere.
		return w, syntaxError(at, fmt.Sprintf("Слово длиннее %d букв, так никто не пишет", maxForm))
	case w.mode == prefixForm && (pieces > 1 || letters < minPrefix):
		return w, syntaxError(at, "Перед звёздочкой нужны хотя бы три буквы одного слова")
	case w.mode == fuzzyForm && (pieces > 1 || letters < minFuzzy):
		return w, syntaxError(at, fmt.Sprintf("Знак «~» ставят после одного слова хотя бы из %d букв", minFuzzy))
	case w.mode == fuzzyForm && w.edits == 2 && letters < minFuzzyTwice:
		return w, syntaxError(at, fmt.Sprintf("Две разные буквы допускают в словах хотя бы из %d букв, напишите ~1", minFuzzyTwice))
	}
	return w, nil
}

// wordMarks takes the signs off a word: =, *, ~1, and what ends a sentence.
func wordMarks(text string, at int) (wordExpr, error) {
	w := wordExpr{text: text}
	if rest, ok := strings.CutPrefix(text, "="); ok {
		w.text, w.mode = rest, exactForm
	}
	w.text = strings.TrimRight(w.text, ".,;:!?…")
	mode := anyForm
	if head, edits, ok := strings.Cut(w.text, "~"); ok {
		switch edits {
		case "", "1":
			w.edits = 1
		case "2":
			w.edits = 2
		default:
			return w, syntaxError(at, "После «~» пишут, сколько букв может отличаться: 1 или 2")
		}
		w.text, mode = head, fuzzyForm
	}
	switch rest, ok := strings.CutSuffix(w.text, "*"); {
	case ok && mode == fuzzyForm, mode == fuzzyForm && strings.Contains(w.text, "*"):
		return w, syntaxError(at, "Звёздочка и «~» вместе не бывают, оставьте одно")
	case ok && !strings.Contains(rest, "*"):
		w.text, mode = rest, prefixForm
	case strings.Contains(w.text, "*"):
		mode = globForm
	}
	if mode != anyForm && w.mode == exactForm {
		if mode == fuzzyForm {
			return w, syntaxError(at, "Точная форма и «~» вместе не бывают, оставьте одно")
		}
		return w, syntaxError(at, "Точная форма и звёздочка вместе не бывают, оставьте одно")
	}
	w.mode = max(w.mode, mode)
	return w, nil
}

// checkGlob refuses what would match too much: between stars there have to be
// letters or digits, and enough of them.
func checkGlob(text string, at int) error {
	for _, r := range text {
		if r != '*' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return syntaxError(at, "Вместе со звёздочками могут стоять только буквы одного слова")
		}
	}
	if runeCount(strings.ReplaceAll(foldGlob(text), "*", "")) < minGlob || strings.Contains(text, "**") {
		return syntaxError(at, "Между звёздочками нужны хотя бы три разные буквы одного слова")
	}
	if runeCount(text) > maxForm {
		return syntaxError(at, fmt.Sprintf("Слово длиннее %d букв, так никто не пишет", maxForm))
	}
	return nil
}

// readRegexp accepts what both Go and the archive's automata understand alike.
// ё is read as е, as it is in every term.
func readRegexp(text string, at int) (exprNode, error) {
	wrong := syntaxError(at, "Регулярное выражение «"+text+"» непонятно, проверьте скобки и знаки повторения")
	if runeCount(text) > maxRegexp {
		return nil, syntaxError(at, fmt.Sprintf("Регулярное выражение длиннее %d знаков, сократите его", maxRegexp))
	}
	text = strings.NewReplacer("ё", "е").Replace(text)
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil || strings.Contains(text, "(?") {
		return nil, wrong
	}
	if _, err := automaton.NewWithLimit(text, 1<<16); err != nil {
		return nil, syntaxError(at, "Регулярное выражение «"+text+"» слишком сложно: знаки ^, $, \\b и ленивые повторы не нужны, слово сравнивается целиком")
	}
	if regexp.MustCompile("^(?:"+text+")$").MatchString("") || parsed.Op == syntax.OpEmptyMatch {
		return nil, syntaxError(at, "Регулярное выражение «"+text+"» подходит и к пустому слову, добавьте буквы")
	}
	return wordExpr{text: text, mode: regexpForm}, nil
}

// contentPieces counts what the analyzer will see in a word of a rule, and the
// runes of the longest piece.
func contentPieces(text string) (n, longest int) {
	for scan := (scanner{text: text}); ; {
		p, ok := scan.next()
		if !ok {
			return n, longest
		}
		if p.kind != pieceAside {
			n, longest = n+1, max(longest, runeCount(text[p.start:p.end]))
		}
	}
}
