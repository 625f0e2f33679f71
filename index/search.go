package index

import (
	"context"
	"encoding/base64"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/social"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/query"
)

const (
	defaultLimit = 50
	maxLimit     = 500
	// checkPage is how many documents are fetched at once, and maxChecked how
	// many at most, to be decided one by one.
	checkPage  = 500
	maxChecked = 5000
)

// Query says what to search for. Empty fields ask for nothing.
type Query struct {
	// Text is in the language of Parse, of which plain words are a part.
	Text     string
	Networks []social.Network
	Kind     social.Kind
	Source   string
	Author   string
	Thread   string
	// WithCase leaves out what has no case.
	WithCase bool
	// From and To bound the time of publication: From inclusive, To exclusive.
	From, To time.Time
	// Limit is at most 500; 0 is 50.
	Limit int
	// After continues where Found.Next of the page before ended.
	After string
}

// Found is one page of what was found, newest first.
type Found struct {
	Hits []Hit
	// Total counts all documents that satisfy the query. With AtLeast it is
	// only a lower bound: distances and exact forms are decided document by
	// document, and that is not done for thousands of them.
	Total   int
	AtLeast bool
	// Next is for Query.After, empty on the last page.
	Next string
}

// Hit is one document that was found.
type Hit struct {
	ID        string
	Published time.Time
	Text      string
	// Spans are the words that were asked for, as in Match.
	Spans []Span
}

// Search returns a page of documents, newest first. Errors have the code
// errs.Invalid, with the sentence from Parse, or errs.Unavailable; a done ctx
// is returned as it is.
func (a *Archive) Search(ctx context.Context, q Query) (Found, error) {
	leave, err := a.enter()
	if err != nil {
		return Found{}, err
	}
	defer leave()
	s := inquiry{archive: a, limit: q.Limit, precise: true}
	if s.limit <= 0 {
		s.limit = defaultLimit
	}
	s.limit = min(s.limit, maxLimit)
	if err := s.prepare(q); err != nil {
		return Found{}, err
	}
	if s.precise {
		return s.page(ctx)
	}
	return s.check(ctx)
}

// inquiry is a search under way.
type inquiry struct {
	archive *Archive
	query   query.Query
	matcher *Matcher // nil when there are no words
	precise bool
	limit   int
	after   []string
}

func (s *inquiry) prepare(q Query) error {
	all := bleve.NewConjunctionQuery(q.filters()...)
	if strings.TrimSpace(q.Text) != "" {
		expr, err := Parse(q.Text)
		if err != nil {
			return err
		}
		b := builder{compiler: compiler{analyzer: s.archive.analyzer, atoms: newAtoms()}}
		root := b.node(expr.root)
		words, precise := b.atoms.bleveQuery(&root)
		b.add(&Rule{}, root)
		s.matcher = b.build()
		all.AddQuery(words)
		s.precise = precise
	}
	s.query = all
	if len(all.Conjuncts) == 0 {
		s.query = bleve.NewMatchAllQuery()
	}
	if q.After == "" {
		return nil
	}
	after, err := decodeAfter(q.After)
	s.after = after
	return err
}

func (q *Query) filters() (filters []query.Query) {
	keyword := func(field, value string) query.Query { return inField(bleve.NewTermQuery(value), field) }
	if len(q.Networks) > 0 {
		var networks []query.Query
		for _, n := range q.Networks {
			networks = append(networks, keyword(fieldNetwork, string(n)))
		}
		filters = append(filters, bleve.NewDisjunctionQuery(networks...))
	}
	for _, f := range [][2]string{{fieldKind, string(q.Kind)}, {fieldSource, q.Source}, {fieldAuthor, q.Author}, {fieldThread, q.Thread}} {
		if f[1] != "" {
			filters = append(filters, keyword(f[0], f[1]))
		}
	}
	if q.WithCase {
		filters = append(filters, keyword(fieldHas, fieldCase))
	}
	if !q.From.IsZero() || !q.To.IsZero() {
		filters = append(filters, published(q.From, q.To))
	}
	return filters
}

func published(from, to time.Time) query.Query {
	low, high := math.Inf(-1), math.Inf(1)
	if !from.IsZero() {
		low = float64(from.UnixMicro())
	}
	if !to.IsZero() {
		high = float64(to.UnixMicro())
	}
	withLow, withHigh := true, false
	r := bleve.NewNumericRangeInclusiveQuery(&low, &high, &withLow, &withHigh)
	r.SetField(fieldPublished)
	return r
}

// page answers a query that bleve can decide alone.
func (s *inquiry) page(ctx context.Context) (Found, error) {
	result, err := s.ask(ctx, s.limit+1, s.after)
	if err != nil {
		return Found{}, err
	}
	found := Found{Total: int(result.Total)}
	for _, hit := range result.Hits {
		if len(found.Hits) == s.limit {
			found.Next = encodeAfter(result.Hits[s.limit-1])
			break
		}
		read, _ := s.hit(hit)
		found.Hits = append(found.Hits, read)
	}
	return found, nil
}

// check answers a query whose documents are decided one by one.
func (s *inquiry) check(ctx context.Context) (found Found, err error) {
	after := s.after
	for checked := 0; ; {
		result, err := s.ask(ctx, checkPage, after)
		if err != nil {
			return Found{}, err
		}
		for _, raw := range result.Hits {
			hit, holds := s.hit(raw)
			if !holds {
				continue
			}
			found.Total++
			if len(found.Hits) < s.limit {
				found.Hits = append(found.Hits, hit)
				if len(found.Hits) == s.limit {
					found.Next = encodeAfter(raw)
				}
			}
		}
		checked += len(result.Hits)
		if len(result.Hits) < checkPage {
			break
		}
		last := result.Hits[len(result.Hits)-1]
		after = last.DecodedSort
		if checked >= maxChecked {
			found.AtLeast = true
			if found.Next == "" {
				found.Next = encodeAfter(last)
			}
			return found, nil
		}
	}
	if found.Total == len(found.Hits) {
		found.Next = ""
	}
	found.AtLeast = s.after != nil
	return found, nil
}

func (s *inquiry) ask(ctx context.Context, size int, after []string) (*bleve.SearchResult, error) {
	request := bleve.NewSearchRequestOptions(s.query, size, 0, false)
	request.Fields = []string{fieldText}
	if s.matcher != nil && len(s.matcher.atoms.facts) > 0 {
		request.Fields = []string{fieldText, fieldNetwork, fieldKind, fieldSource, fieldAuthor, fieldTerritory}
	}
	request.Score = "none"
	request.Sort = search.SortOrder{
		&search.SortField{Field: fieldPublished, Desc: true, Type: search.SortFieldAsNumber},
		&search.SortDocID{Desc: true},
	}
	request.SearchAfter = after
	result, err := s.archive.index.SearchInContext(ctx, request)
	if err == nil {
		return result, nil
	}
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil, err
	}
	return nil, errs.Wrap(errs.Unavailable, "Поиск не удался. Повторите, а если не поможет, перестройте архив командой otklik reindex.", err)
}

// hit reads a document and says whether it satisfies the condition after all.
func (s *inquiry) hit(raw *search.DocumentMatch) (h Hit, holds bool) {
	h.ID = raw.ID
	h.Text, _ = raw.Fields[fieldText].(string)
	if micros, err := strconv.ParseFloat(raw.DecodedSort[0], 64); err == nil {
		h.Published = time.UnixMicro(int64(micros))
	}
	if s.matcher == nil {
		return h, true
	}
	matches := s.matcher.MatchItem(h.Text, storedFacts(raw.Fields))
	if len(matches) == 0 {
		return h, false
	}
	h.Spans = matches[0].Spans
	return h, true
}

func storedFacts(fields map[string]any) (f Facts) {
	text := func(name string) string {
		value, _ := fields[name].(string)
		return value
	}
	f.Network, f.Kind = social.Network(text(fieldNetwork)), social.Kind(text(fieldKind))
	f.Source, f.Author = text(fieldSource), text(fieldAuthor)
	switch places := fields[fieldTerritory].(type) {
	case string:
		f.Territories = []string{places}
	case []any:
		for _, place := range places {
			if name, ok := place.(string); ok {
				f.Territories = append(f.Territories, name)
			}
		}
	}
	return f
}

func encodeAfter(hit *search.DocumentMatch) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(hit.DecodedSort, " ")))
}

func decodeAfter(after string) ([]string, error) {
	bad := errs.New(errs.Invalid, "Ссылка на страницу поиска испорчена. Начните поиск с первой страницы.")
	raw, err := base64.RawURLEncoding.DecodeString(after)
	if err != nil {
		return nil, bad
	}
	published, id, ok := strings.Cut(string(raw), " ")
	if _, err := strconv.ParseFloat(published, 64); err != nil || !ok {
		return nil, bad
	}
	return []string{published, id}, nil
}
