package index

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"otklik/internal/errs"
)

// List is a condition with a name, which rules hold as «@имя».
type List struct {
	Name string
	Expr string
}

// ListError says why a list could not be read. Err comes from Parse.
type ListError struct {
	Name string
	Err  error
}

func (e ListError) Error() string { return "list " + e.Name + ": " + e.Err.Error() }

func (e ListError) Unwrap() error { return e.Err }

// Lists are the lists that rules may refer to. The zero value has none. It is
// immutable and safe for concurrent use.
type Lists struct{ nodes map[string]listed }

// listed is a list as it was read, with how many words it holds.
type listed struct {
	node  exprNode
	words int
}

// maxListName bounds the name of a list, in letters.
const maxListName = 40

// ReadLists reads lists in whatever order they stand; a list may hold others,
// but not itself. Those that could not be read are reported and missing.
func ReadLists(lists []List) (Lists, []ListError) {
	r := listReader{texts: map[string]string{}, open: map[string]bool{}, failed: map[string]error{}, out: Lists{map[string]listed{}}}
	var failed []ListError
	for _, l := range lists {
		r.texts[FoldListName(l.Name)] = l.Expr
	}
	for _, l := range lists {
		if err := r.read(FoldListName(l.Name)); err != nil {
			failed = append(failed, ListError{Name: l.Name, Err: err})
		}
	}
	return r.out, failed
}

type listReader struct {
	texts  map[string]string
	open   map[string]bool // being read
	failed map[string]error
	out    Lists
}

func (r *listReader) read(name string) error {
	if _, done := r.out.nodes[name]; done || r.failed[name] != nil {
		return r.failed[name]
	}
	r.open[name] = true
	for _, other := range ListsIn(r.texts[name]) {
		if r.open[other] {
			return r.fail(name, errs.Newf(errs.Invalid, "Список «@%s» держит сам себя через «@%s», уберите одну из ссылок.", name, other))
		}
		if _, known := r.texts[other]; !known {
			continue // the parser says where
		}
		if err := r.read(other); err != nil && r.failed[name] == nil {
			return r.fail(name, errs.Wrap(errs.Invalid, fmt.Sprintf("Список «@%s» внутри не читается: %s", other, errs.MessageOf(err)), err))
		}
	}
	p := parser{lex: lexer{rest: r.texts[name]}, lists: r.out}
	root, err := p.parse(r.texts[name])
	if err != nil {
		return r.fail(name, errs.Wrap(errs.Invalid, err.Error(), err))
	}
	r.open[name] = false
	r.out.nodes[name] = listed{root, p.words}
	return nil
}

func (r *listReader) fail(name string, err error) error {
	r.open[name] = false
	r.failed[name] = err
	return err
}

// Parse reads a condition that may hold lists. Errors are those of Parse.
func (l Lists) Parse(text string) (Expr, error) {
	p := parser{lex: lexer{rest: text}, lists: l}
	root, err := p.parse(text)
	if err != nil {
		return Expr{}, errs.Wrap(errs.Invalid, err.Error(), err)
	}
	return Expr{root}, nil
}

// list reads «@имя» as the condition that it stands for.
func (p *parser) list(head lexeme) (exprNode, error) {
	l, ok := p.lists.nodes[FoldListName(head.text)]
	if !ok {
		return nil, syntaxError(head.at, "Нет списка «@"+head.text+"», заведите его или уберите знак «@»")
	}
	if p.words += l.words; p.words > maxExprWords {
		return nil, syntaxError(head.at, fmt.Sprintf("Вместе со списками в правиле больше %d слов, разделите его на несколько", maxExprWords))
	}
	return l.node, nil
}

// ListsIn names the lists that a condition refers to itself, each once, in the
// order in which they stand. A condition that cannot be read names those that
// stand before its mistake.
func ListsIn(text string) []string {
	var names []string
	for lex := (lexer{rest: text}); ; {
		x, err := lex.next()
		if err != nil || x.kind == lexEnd {
			return names
		}
		if name := FoldListName(x.text); x.kind == lexList && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
}

// FoldListName is a name as it is compared: case and ё do not matter.
func FoldListName(name string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(strings.TrimSpace(name), "@")), "ё", "е")
}

// CheckListName says what is wrong with the name of a list.
func CheckListName(name string) error {
	if name == "" || runeCount(name) > maxListName || strings.ContainsFunc(name, func(r rune) bool { return !inListName(r) }) {
		return errs.Newf(errs.Invalid, "Название списка — до %d букв, цифр и чёрточек без пробелов, например «беда».", maxListName)
	}
	return nil
}

func inListName(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_'
}

// PlaceOf returns the place of the mistake that an error of Parse tells of: the
// number of a character from one, 0 for any other error.
func PlaceOf(err error) int {
	var e *SyntaxError
	if errors.As(err, &e) {
		return e.At
	}
	return 0
}
