package index

// Part is a word, phrase or fact of a condition.
type Part struct {
	// Text is how it is spelled; it is a condition by itself.
	Text string
	// Excluded says that it must not stand.
	Excluded bool
	// List is the list that it came from, "" for what stands in the condition.
	List string
	// Fact says that it is a condition on the message itself, not a word.
	Fact bool
	// Terms are what its words are compared by, one for each word in the order of
	// the phrase; none for facts and for words that stand for many.
	Terms []string
}

// Parts lists the words, phrases and facts of a condition in the order in which
// they stand, each once. Of lists it gives the reference alone, as Text and List.
// A condition that cannot be read gives those before its mistake.
func Parts(text string) []Part {
	var out []Part
	seen := map[string]bool{}
	not := false
	depth, notDepth := 0, -1
	for lex := (lexer{rest: text}); ; {
		x, err := lex.next()
		if err != nil || x.kind == lexEnd {
			return out
		}
		switch x.kind {
		case lexNot:
			not = true
			continue
		case lexOpen:
			if not && notDepth < 0 {
				notDepth = depth
			}
			depth++
		case lexClose:
			if depth--; depth == notDepth {
				notDepth = -1
			}
		case lexWord, lexPhrase, lexRegexp, lexFact, lexList:
			p, ok := partOf(x)
			p.Excluded = not || notDepth >= 0
			if ok && !seen[p.Text] {
				seen[p.Text] = true
				out = append(out, p)
			}
		}
		not = false
	}
}

func partOf(x lexeme) (Part, bool) {
	if x.kind == lexList {
		return Part{Text: "@" + x.text, List: FoldListName(x.text)}, true
	}
	node, err := operand(x)
	if err != nil {
		return Part{}, false
	}
	p := Part{Text: Expr{node}.String(), Fact: x.kind == lexFact}
	words, _ := node.(phraseExpr)
	if w, ok := node.(wordExpr); ok {
		words.words = []wordExpr{w}
	}
	for _, w := range words.words {
		if w.mode == anyForm || w.mode == exactForm {
			for _, t := range sharedAnalyzer().Tokens(nil, w.text) {
				p.Terms = append(p.Terms, t.Term)
			}
		}
	}
	return p, true
}
