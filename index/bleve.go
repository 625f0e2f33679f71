package index

import (
	"sync"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/registry"
)

// analyzerName is the name of the Analyzer in bleve's registry, and so in the
// mapping that every archive on disk carries.
const analyzerName = "ru_social"

// register makes the Analyzer known to bleve. The registry is one map per
// process without a lock, which takes a name once: hence once, and before the
// first index is opened.
var register = sync.OnceValue(func() error {
	return registry.RegisterAnalyzer(analyzerName, func(map[string]any, *registry.Cache) (analysis.Analyzer, error) {
		return bleveAnalyzer{NewAnalyzer()}, nil
	})
})

// bleveAnalyzer shows an Analyzer to bleve.
type bleveAnalyzer struct{ *Analyzer }

// Analyze implements analysis.Analyzer. It neither keeps nor changes input.
func (b bleveAnalyzer) Analyze(input []byte) analysis.TokenStream {
	tokens := b.Tokens(nil, string(input))
	size := 0
	for i := range tokens {
		size += len(tokens[i].Term)
	}
	terms := make([]byte, 0, size)
	slab := make([]analysis.Token, len(tokens))
	stream := make(analysis.TokenStream, len(tokens))
	for i, t := range tokens {
		begin := len(terms)
		terms = append(terms, t.Term...)
		slab[i] = analysis.Token{
			Term: terms[begin:len(terms):len(terms)], Start: t.Start, End: t.End, Position: t.Pos, Type: tokenType(t),
		}
		stream[i] = &slab[i]
	}
	return stream
}

func tokenType(t Token) analysis.TokenType {
	first, _ := utf8.DecodeRuneInString(t.Term)
	switch classOf(first) {
	case classDigit:
		return analysis.Numeric
	case classEmoji:
		return analysis.Ideographic
	}
	return analysis.AlphaNumeric
}
