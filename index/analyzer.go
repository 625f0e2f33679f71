package index

// Analyzer turns texts into tokens. It is safe for concurrent use; the word
// forms that it has met are remembered within a fixed bound.
type Analyzer struct {
	stemmer *stemmer
	cache   *formCache
}

// NewAnalyzer returns an Analyzer with an empty cache. One is enough for a
// program.
func NewAnalyzer() *Analyzer {
	return &Analyzer{stemmer: newStemmer(), cache: newFormCache(cacheForms)}
}

// Tokens appends the tokens of text to dst, in the order of their starts. Any
// bytes are allowed in text.
func (a *Analyzer) Tokens(dst []Token, text string) []Token {
	var missed map[string]word
	a.cache.mu.RLock()
	scan, pos := scanner{text: text}, 0
	for {
		p, ok := scan.next()
		if !ok {
			break
		}
		if !p.joined {
			pos++
		}
		if p.kind == pieceAside {
			continue
		}
		raw := text[p.start:p.end]
		w, found, fresh := a.cache.find(raw)
		if !found {
			if w, found = missed[raw]; !found {
				w = a.read(p.kind, raw)
			}
		}
		if !fresh && len(raw) <= maxCached {
			if missed == nil {
				missed = make(map[string]word)
			}
			missed[raw] = w
		}
		if w.term != "" {
			dst = append(dst, Token{Term: w.term, Form: w.form, Start: p.start, End: p.end, Pos: pos})
		}
	}
	a.cache.mu.RUnlock()
	if missed != nil {
		a.cache.add(missed)
	}
	return dst
}

// read does the linguistics of one piece.
func (a *Analyzer) read(kind pieceKind, raw string) word {
	switch kind {
	case pieceTag:
		return word{term: "#" + fold(raw[1:])}
	case pieceEmoji:
		return word{term: bareEmoji(raw)}
	}
	form := fold(raw)
	return word{term: a.stemmer.term(form), form: form}
}

// bareEmoji leaves of a picture what tells it from others: no skin tone, no
// choice of colour.
func bareEmoji(raw string) string {
	out := make([]rune, 0, 4)
	for _, r := range raw {
		if !isPictureModifier(r) {
			out = append(out, r)
		}
	}
	if n := len(out); n > 1 && out[n-1] == zeroWidthJoiner {
		out = out[:n-1]
	}
	return string(out)
}
