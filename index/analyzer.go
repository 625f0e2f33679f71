package index

import (
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/analysis"
)

// Analyzer turns texts into tokens. It is safe for concurrent use; the word
// forms that it has met are remembered within a fixed bound.
type Analyzer struct {
	stemmer    *stemmer
	vocabulary atomic.Pointer[vocabulary]
	// most bounds the vocabulary.
	most    int
	mu      sync.Mutex // guards the change of vocabulary
	sampled atomic.Uint32
}

// NewAnalyzer returns an Analyzer that has met no words yet. One is enough for
// a program, and is better than several: each learns the words by itself.
func NewAnalyzer() *Analyzer { return newAnalyzer(firstForms, mostForms) }

func newAnalyzer(first, most int) *Analyzer {
	a := &Analyzer{stemmer: newStemmer(), most: most}
	a.vocabulary.Store(newVocabulary(first))
	return a
}

// cutWord is one term of a text: the number of its word and where it stands.
type cutWord struct {
	word            uint32
	pos, start, end int32
}

// cutText is a text as numbered words. Those that the vocabulary has no room
// for are numbered from its size on.
type cutText struct {
	vocabulary *vocabulary
	words      []cutWord
	extra      []word
	pieces     []cutPiece
}

// cutPiece is what a word is looked up by.
type cutPiece struct {
	key  formKey
	kind pieceKind
	home uint64
}

func (c *cutText) word(id uint32) *word {
	if n := uint32(len(c.vocabulary.words)); id >= n {
		return &c.extra[id-n]
	}
	return &c.vocabulary.words[id]
}

// cut reads text into c, whose former content is dropped. It goes over the text
// once and over its words twice more: asking for the slots of many words one
// right after the other lets the processor fetch them from memory together.
func (a *Analyzer) cut(c *cutText, text string) {
	v := a.current()
	c.vocabulary, c.words, c.extra, c.pieces = v, c.words[:0], c.extra[:0], c.pieces[:0]
	scan, pos := scanner{text: text}, int32(0)
	for p, ok := scan.nextPlain(); ok; p, ok = scan.nextPlain() {
		if !p.joined {
			pos++
		}
		if p.kind == pieceAside {
			continue
		}
		c.words = append(c.words, cutWord{0, pos, int32(p.start), int32(p.end)})
		piece := cutPiece{kind: p.kind}
		if p.end-p.start <= maxCached {
			piece.key = v.keyAt(text, p.start, p.end)
			piece.home = v.home(&piece.key)
		}
		c.pieces = append(c.pieces, piece)
	}
	for i := range c.pieces {
		v.slots[c.pieces[i].home].id.Load()
	}
	for i := range c.pieces {
		p, t := &c.pieces[i], &c.words[i]
		id, found := uint32(0), false
		if p.key.size > 0 {
			id, found = v.find(&p.key, p.home)
		}
		if !found {
			id = a.learn(c, p, text[t.start:t.end])
		}
		t.word = id
	}
}

func (a *Analyzer) learn(c *cutText, p *cutPiece, raw string) uint32 {
	if p.key.size == 0 {
		return c.put(a.read(p.kind, raw))
	}
	id, w, ok := c.vocabulary.learn(p.key, raw, func(raw string) word { return a.read(p.kind, raw) })
	if !ok {
		return c.put(w)
	}
	return id
}

// put keeps a word for this text alone.
func (c *cutText) put(w word) uint32 {
	c.extra = append(c.extra, w)
	return uint32(len(c.vocabulary.words) + len(c.extra) - 1)
}

// current returns the vocabulary to read the next text with.
func (a *Analyzer) current() *vocabulary {
	v := a.vocabulary.Load()
	if !v.full.Load() {
		return v
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if now := a.vocabulary.Load(); now != v {
		return now
	}
	next := v.next(a.most)
	a.vocabulary.Store(next)
	return next
}

// Tokens appends the tokens of text to dst, in the order of their starts. Any
// bytes are allowed in text.
func (a *Analyzer) Tokens(dst []Token, text string) []Token {
	c := cutTexts.Get().(*cutText)
	defer putCut(c)
	a.cut(c, text)
	for _, t := range c.words {
		if w := c.word(t.word); w.term != "" {
			dst = append(dst, Token{Term: w.term, Form: w.form, Start: int(t.start), End: int(t.end), Pos: int(t.pos)})
		}
	}
	return dst
}

// cutTexts keeps the memory of cut texts; it holds nothing that is remembered.
var cutTexts = sync.Pool{New: func() any { return new(cutText) }}

func putCut(c *cutText) {
	// A giant text must not pin its memory in the pool, nor an old vocabulary
	// its words.
	if cap(c.words) <= maxPooledWords {
		c.vocabulary = nil
		clear(c.extra)
		cutTexts.Put(c)
	}
}

// read does the linguistics of one piece.
func (a *Analyzer) read(kind pieceKind, raw string) word {
	var w word
	switch kind {
	case pieceTag:
		w.term = "#" + fold(raw[1:])
	case pieceEmoji:
		w.term = bareEmoji(raw)
	default:
		w.form = fold(raw)
		w.term = a.stemmer.term(w.form)
	}
	w.bytes, w.kind = []byte(w.term), tokenType(w.term)
	return w
}

func tokenType(term string) analysis.TokenType {
	first, _ := utf8.DecodeRuneInString(term)
	switch classOf(first) {
	case classDigit:
		return analysis.Numeric
	case classEmoji:
		return analysis.Ideographic
	}
	return analysis.AlphaNumeric
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
