package index

import (
	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/search/query"
)

// fieldText is the field of the archive that rules are about.
const fieldText = "text"

// bleveQuery translates a compiled condition for an index that was built with
// the same analyzer. precise says that the query finds exactly what the
// condition means; otherwise it finds that and more, as bleve knows neither
// distances nor forms, and each hit has to be decided by the matcher.
func (a *atoms) bleveQuery(n *node) (q query.Query, precise bool) {
	switch n.op {
	case opLeaf:
		return a.bleveLeaf(n.run)
	case opAnd:
		return a.bleveAll(n.kids)
	case opNear:
		q, _ := a.bleveAll(n.kids)
		return q, false
	case opOr:
		precise = true
		kids := make([]query.Query, 0, len(n.kids))
		for i := range n.kids {
			kid, ok := a.bleveQuery(&n.kids[i])
			kids, precise = append(kids, kid), precise && ok
		}
		return bleve.NewDisjunctionQuery(kids...), precise
	}
	return a.bleveAll([]node{*n})
}

// bleveAll translates a conjunction. What must not stand is left out where the
// translation would exclude too much.
func (a *atoms) bleveAll(kids []node) (query.Query, bool) {
	precise, demanded := true, false
	out := bleve.NewBooleanQuery()
	for i := range kids {
		if kids[i].op == opNot {
			banned, ok := a.bleveQuery(&kids[i].kids[0])
			if ok {
				out.AddMustNot(banned)
			}
			precise = precise && ok
			continue
		}
		kid, ok := a.bleveQuery(&kids[i])
		out.AddMust(kid)
		precise, demanded = precise && ok, true
	}
	if !demanded {
		out.AddMust(bleve.NewMatchAllQuery())
	}
	return out, precise
}

func (a *atoms) bleveLeaf(run []atom) (query.Query, bool) {
	precise := true
	terms := make([]string, 0, len(run))
	for _, id := range run {
		name := a.names[id]
		switch name.mode {
		case prefixForm:
			q := bleve.NewPrefixQuery(name.text)
			q.SetField(fieldText)
			return q, true
		case exactForm:
			precise = false
			terms = append(terms, name.term)
		default:
			terms = append(terms, name.text)
		}
	}
	if len(terms) == 1 {
		q := bleve.NewTermQuery(terms[0])
		q.SetField(fieldText)
		return q, precise
	}
	return query.NewPhraseQuery(terms, fieldText), precise
}
