package index

import (
	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/keyword"
	"github.com/blevesearch/bleve/v2/mapping"
)

// Fields of the archive besides the text.
const (
	fieldNetwork   = "network"
	fieldSource    = "source"
	fieldKind      = "kind"
	fieldAuthor    = "author"
	fieldThread    = "thread"
	fieldTerritory = "territory"
	fieldCase      = "case"
	fieldHas       = "has" // "case" where there is one: a term for all cases at once
	fieldPublished = "published"
)

// archiveMapping is what the archive knows of a document: these fields, no
// others, and no copy of all fields in one.
func archiveMapping() *mapping.IndexMappingImpl {
	doc := bleve.NewDocumentStaticMapping()
	text := bleve.NewTextFieldMapping()
	text.Analyzer = analyzerName
	text.Store = true // highlights and distances are decided on the text itself
	text.IncludeTermVectors = true
	text.IncludeInAll = false
	text.DocValues = false
	doc.AddFieldMappingsAt(fieldText, text)
	for _, name := range keywordFields() {
		word := bleve.NewTextFieldMapping()
		word.Analyzer = keyword.Name
		word.Store = isFact(name) // rules may ask for it where bleve alone cannot decide
		word.IncludeTermVectors = false
		word.IncludeInAll = false
		word.SkipFreqNorm = true
		word.DocValues = false
		doc.AddFieldMappingsAt(name, word)
	}
	published := bleve.NewNumericFieldMapping()
	published.Store = false
	published.IncludeInAll = false
	doc.AddFieldMappingsAt(fieldPublished, published)

	m := bleve.NewIndexMapping()
	m.DefaultMapping = doc
	m.DefaultAnalyzer = analyzerName
	m.StoreDynamic, m.IndexDynamic, m.DocValuesDynamic = false, false, false
	return m
}

func keywordFields() []string {
	return []string{fieldNetwork, fieldSource, fieldKind, fieldAuthor, fieldThread, fieldTerritory, fieldCase, fieldHas}
}

func isFact(field string) bool {
	switch field {
	case fieldNetwork, fieldSource, fieldKind, fieldAuthor, fieldTerritory:
		return true
	}
	return false
}
