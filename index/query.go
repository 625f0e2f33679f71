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
	if len(run) == 1 {
		if q := a.names[run[0]].pattern(); q != nil {
			return q, true
		}
	}
	precise := true
	terms := make([]string, 0, len(run))
	for _, id := range run {
		name := &a.names[id]
		if name.mode == exactForm {
			precise = false
			terms = append(terms, name.term)
			continue
		}
		terms = append(terms, name.text)
	}
	if len(terms) == 1 {
		return inField(bleve.NewTermQuery(terms[0]), fieldText), precise
	}
	return query.NewPhraseQuery(terms, fieldText), precise
}

// pattern translates what stands for many terms, or for none; nil for terms
// and forms.
func (n *atomName) pattern() query.Query {
	switch n.mode {
	case prefixForm:
		return inField(bleve.NewPrefixQuery(n.text), fieldText)
	case fuzzyForm:
		q := bleve.NewFuzzyQuery(n.text)
		q.SetFuzziness(int(n.edits))
		return inField(q, fieldText)
	case globForm:
		return inField(bleve.NewWildcardQuery(n.text), fieldText)
	case regexpForm:
		return inField(bleve.NewRegexpQuery(n.text), fieldText)
	case factForm:
		return inField(bleve.NewTermQuery(n.text), n.term)
	}
	return nil
}

func inField(q query.FieldableQuery, field string) query.Query {
	q.SetField(field)
	return q
}
