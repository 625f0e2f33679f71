package index

import (
	"sync"

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
		return sharedAnalyzer().Bleve(), nil
	})
})

// sharedAnalyzer is the one that bleve asks: its registry is per process, and
// so is this.
var sharedAnalyzer = sync.OnceValue(NewAnalyzer)

// bleveAnalyzer shows an Analyzer to bleve.
type bleveAnalyzer struct{ *Analyzer }

// Analyze implements analysis.Analyzer. It neither keeps nor changes input.
// The terms are the vocabulary's own bytes, which bleve only reads: no filter
// comes after this analyzer.
func (b bleveAnalyzer) Analyze(input []byte) analysis.TokenStream {
	c := cutTexts.Get().(*cutText)
	defer putCut(c)
	b.cut(c, string(input))
	slab := make([]analysis.Token, len(c.words))
	stream := make(analysis.TokenStream, 0, len(c.words))
	for i, t := range c.words {
		w := c.word(t.word)
		if w.term == "" {
			continue
		}
		slab[i] = analysis.Token{Term: w.bytes, Start: int(t.start), End: int(t.end), Position: int(t.pos), Type: w.kind}
		stream = append(stream, &slab[i])
	}
	return stream
}

// Bleve shows the Analyzer as bleve's indexes see it.
func (a *Analyzer) Bleve() analysis.Analyzer { return bleveAnalyzer{a} }
