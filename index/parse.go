package index

import (
	"fmt"
	"unicode/utf8"
)

// Bounds of a rule: characters, words, and brackets within brackets.
const (
	MaxExprLen   = 4000
	maxExprWords = 400
	maxExprDepth = 12
)

// SyntaxError is a mistake in a rule: what is wrong, in Russian, and where, as
// the number of a character counted from one.
type SyntaxError struct {
	At      int
	Message string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("%s, знак %d.", e.Message, e.At) }

func syntaxError(at int, message string) *SyntaxError {
	return &SyntaxError{At: at, Message: message}
}

// Parse reads a rule's condition. The language:
//
//	вода            the word in any form
//	=вода           this form only
//	канализ*        words that begin so
//	*канал*, *свал  words whose term holds or ends so
//	отопление~1     at most one letter differs; also ~2
//	/мус[оа]р/      words whose term the regular expression describes whole
//	"вывоз мусора"  words that follow each other, each in any form; also «…»
//	="не работает"  the same in these forms
//	нет /3 воды     at most three words apart, in either order
//	нет воды        both; also И, AND
//	вода | свет     either; also ИЛИ, OR
//	-новости        must not stand; also НЕ, NOT
//	( )             brackets; «|» binds weakest
//	сеть:вк         facts about the item: сеть, вид, источник, автор,
//	                территория; values of several words in quotes
//	@беда           a list of this name; known to Lists alone
//
// A condition has to demand some word or fact. Any error has the code errs.Invalid and
// a sentence with the place; errors.As finds the *SyntaxError in it.
func Parse(text string) (Expr, error) { return Lists{}.Parse(text) }

type parser struct {
	lex   lexer
	lists Lists
	head  lexeme
	words int
	depth int
}

func (p *parser) parse(text string) (exprNode, error) {
	if !utf8.ValidString(text) {
		return nil, syntaxError(1, "Правило записано не в UTF-8")
	}
	if n := utf8.RuneCountInString(text); n > MaxExprLen {
		return nil, syntaxError(MaxExprLen, fmt.Sprintf("Правило длиннее %d знаков, разделите его на несколько", MaxExprLen))
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.head.kind == lexEnd {
		return nil, syntaxError(1, "Правило пустое, напишите хотя бы одно слово")
	}
	root, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.head.kind == lexClose {
		return nil, syntaxError(p.head.at, "Лишняя закрывающая скобка, уберите её")
	}
	if !demands(root) {
		return nil, syntaxError(1, "Правило только исключает слова, добавьте хотя бы одно слово, которое должно быть")
	}
	return root, nil
}

func (p *parser) advance() (err error) {
	p.head, err = p.lex.next()
	return err
}

func (p *parser) or() (exprNode, error) {
	var kids []exprNode
	for {
		kid, err := p.and()
		if err != nil {
			return nil, err
		}
		kids = append(kids, kid)
		if p.head.kind != lexOr {
			return anyOf(kids), nil
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
}

func (p *parser) and() (exprNode, error) {
	var kids []exprNode
	for {
		kid, err := p.near()
		if err != nil {
			return nil, err
		}
		kids = append(kids, kid)
		switch p.head.kind {
		case lexEnd, lexClose, lexOr:
			return all(kids), nil
		case lexAnd:
			if err := p.advance(); err != nil {
				return nil, err
			}
		}
	}
}

func (p *parser) near() (exprNode, error) {
	at := p.head.at
	left, err := p.not()
	if err != nil || p.head.kind != lexNear {
		return left, err
	}
	sign := p.head
	if err := p.advance(); err != nil {
		return nil, err
	}
	rightAt := p.head.at
	right, err := p.not()
	if err != nil {
		return nil, err
	}
	if !placed(left) {
		return nil, syntaxError(at, "Расстояние бывает только между словами, фразами и их перечнями через «|»")
	}
	if !placed(right) {
		return nil, syntaxError(rightAt, "Расстояние бывает только между словами, фразами и их перечнями через «|»")
	}
	if p.head.kind == lexNear {
		return nil, syntaxError(p.head.at, "Расстояние указывают только между двумя словами, третье добавьте отдельным условием")
	}
	return nearExpr{left, right, sign.dist}, nil
}

// placed says whether a condition has places in the text to measure between.
func placed(n exprNode) bool {
	switch n := n.(type) {
	case wordExpr, phraseExpr:
		return true
	case orExpr:
		for _, kid := range n.kids {
			if !placed(kid) {
				return false
			}
		}
		return true
	}
	return false
}

func (p *parser) not() (exprNode, error) {
	if p.head.kind != lexNot {
		return p.primary()
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.head.kind == lexNot {
		return nil, syntaxError(p.head.at, "Два отрицания подряд, оставьте одно")
	}
	kid, err := p.primary()
	if err != nil {
		return nil, err
	}
	return notExpr{kid}, nil
}

func (p *parser) primary() (exprNode, error) {
	head := p.head
	switch head.kind {
	case lexOpen:
		return p.group()
	case lexList:
		node, err := p.list(head)
		if err != nil {
			return nil, err
		}
		return node, p.advance()
	case lexWord, lexPhrase, lexRegexp, lexFact:
		if p.words++; p.words > maxExprWords {
			return nil, syntaxError(head.at, fmt.Sprintf("В правиле больше %d слов, разделите его на несколько", maxExprWords))
		}
		node, err := operand(head)
		if err != nil {
			return nil, err
		}
		return node, p.advance()
	}
	return nil, syntaxError(head.at, "Здесь не хватает слова, допишите его или уберите лишний знак")
}

func (p *parser) group() (exprNode, error) {
	open := p.head
	if p.depth++; p.depth > maxExprDepth {
		return nil, syntaxError(open.at, fmt.Sprintf("Больше %d скобок одна в другой", maxExprDepth))
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	kid, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.head.kind != lexClose {
		return nil, syntaxError(open.at, "Не закрыта скобка, допишите «)»")
	}
	p.depth--
	return kid, p.advance()
}
