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
	fieldTopic     = "topic"
	fieldHas       = "has"   // "case" where there is one: a term for all cases at once
	fieldStamp     = "stamp" // when it was published and which revision this is, see stamp
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
		word.Store = name == fieldAuthor || name == fieldTerritory // rules may ask for them where bleve alone cannot decide
		word.IncludeTermVectors = false
		word.IncludeInAll = false
		word.SkipFreqNorm = true
		word.DocValues = isColumn(name)
		doc.AddFieldMappingsAt(name, word)
	}
	m := bleve.NewIndexMapping()
	m.DefaultMapping = doc
	m.DefaultAnalyzer = analyzerName
	m.StoreDynamic, m.IndexDynamic, m.DocValuesDynamic = false, false, false
	return m
}

func keywordFields() []string {
	return []string{fieldNetwork, fieldSource, fieldKind, fieldAuthor, fieldThread, fieldTerritory, fieldTopic, fieldHas, fieldStamp}
}

// columnFields are those by which hits are sorted, narrowed and counted.
func columnFields() []string {
	return []string{fieldNetwork, fieldSource, fieldKind, fieldTopic, fieldHas, fieldStamp}
}

func isColumn(field string) bool {
	for _, c := range columnFields() {
		if c == field {
			return true
		}
	}
	return false
}
