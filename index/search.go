package index

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/social"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/search/query"
)

const (
	defaultLimit = 50
	maxLimit     = 500
	// maxChecked is how many documents at most are decided one by one.
	maxChecked = 3000
)

// Order is how hits are sorted.
type Order int

const (
	Newest   Order = iota
	Oldest         // first what was published first
	Relevant       // first what speaks most of the words that were asked for
)

// Query says what to search for. Empty fields ask for nothing.
type Query struct {
	// Text is in the language of Parse, of which plain words are a part.
	Text        string
	Networks    []social.Network
	Kinds       []social.Kind
	Sources     []string
	Topics      []string
	Author      string
	Thread      string
	Territories []string // any of them
	// WithCase leaves out what has no case, WithoutCase what has one.
	WithCase, WithoutCase bool
	// From and To bound the time of publication: From inclusive, To exclusive.
	From, To time.Time
	Order    Order
	// Limit is at most 500; 0 is 50.
	Limit int
	// After continues where Found.Next of the page before ended; the other
	// fields have to be the same.
	After string
	// Facets asks for Found.Facets.
	Facets bool
}

// Found is one page of what was found.
type Found struct {
	Hits []Hit
	// Total counts all documents that satisfy the query. With AtLeast it is
	// only a lower bound: distances and exact forms are decided document by
	// document, and that is not done for thousands of them.
	Total   int
	AtLeast bool
	// Next is for Query.After, empty on the last page.
	Next   string
	Facets Facets
}

// Facets count all that was found, by its properties: each as if nothing had
// been asked of this property, so that one sees what another choice would find.
// With AtLeast they count what was looked at.
type Facets struct {
	Networks, Kinds, Sources, Topics map[string]int
	WithCase                         int
}

// Hit is one document that was found.
type Hit struct {
	ID        string
	Published time.Time
	Text      string
	// Spans are the words that were asked for, as in Match.
	Spans []Span
}

// Search returns a page of documents. Errors have the code errs.Invalid, with
// the sentence from Parse, or errs.Unavailable; a done ctx is returned as it is.
func (a *Archive) Search(ctx context.Context, q Query) (Found, error) {
	leave, err := a.enter()
	if err != nil {
		return Found{}, err
	}
	defer leave()
	s := inquiry{archive: a, volume: a.now, asked: q, limit: q.Limit, precise: true}
	if s.limit <= 0 {
		s.limit = defaultLimit
	}
	s.limit = min(s.limit, maxLimit)
	if err := s.prepare(q); err != nil {
		return Found{}, err
	}
	found, err := s.answer(ctx)
	if err == nil {
		return found, nil
	}
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return Found{}, err
	}
	return Found{}, errs.Wrap(errs.Unavailable, "Поиск не удался. Повторите, а если не поможет, перестройте архив командой otklik reindex.", err)
}

// inquiry is a search under way.
type inquiry struct {
	archive *Archive
	volume  *volume
	asked   Query
	query   query.Query // nil for everything
	matcher *Matcher    // nil when there are no words
	precise bool
	limit   int
	after   *mark
}

func (s *inquiry) prepare(q Query) error {
	all := q.filters()
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
		all = append(all, words)
		s.precise = precise
	}
	switch len(all) {
	case 0:
	case 1:
		s.query = all[0]
	default:
		s.query = bleve.NewConjunctionQuery(all...)
	}
	if q.After == "" {
		return nil
	}
	after, err := decodeAfter(q.After)
	s.after = after
	return err
}

// filters are those that only bleve can decide; the others are decided by the
// columns.
func (q *Query) filters() (filters []query.Query) {
	keyword := func(field, value string) query.Query { return inField(bleve.NewTermQuery(value), field) }
	for _, f := range [][2]string{{fieldAuthor, q.Author}, {fieldThread, q.Thread}} {
		if f[1] != "" {
			filters = append(filters, keyword(f[0], f[1]))
		}
	}
	if len(q.Territories) > 0 {
		var places []query.Query
		for _, t := range q.Territories {
			places = append(places, keyword(fieldTerritory, foldPlace(t)))
		}
		filters = append(filters, bleve.NewDisjunctionQuery(places...))
	}
	return filters
}

// answer asks the months and puts the page together.
func (s *inquiry) answer(ctx context.Context) (Found, error) {
	g, err := s.gather(ctx)
	defer g.close()
	if err != nil {
		return Found{}, err
	}
	if !s.precise {
		return s.check(ctx, g)
	}
	found := Found{Total: g.total}
	if s.asked.Facets {
		found.Facets = g.counts.facets(s.volume.names)
	}
	for i, c := range g.best {
		if i == s.limit {
			found.Next = encodeAfter(g.best[i-1])
			break
		}
		hit, _, err := s.hit(c)
		if err != nil {
			return Found{}, err
		}
		found.Hits = append(found.Hits, hit)
	}
	return found, nil
}

// check decides the candidates one by one.
func (s *inquiry) check(ctx context.Context, g *gathered) (found Found, err error) {
	counts := newCounts()
	for i, c := range g.best {
		if i == maxChecked || ctx.Err() != nil {
			break
		}
		hit, holds, err := s.hit(c)
		if err != nil {
			return Found{}, err
		}
		if !holds {
			continue
		}
		found.Total++
		counts.add(c.row, 0)
		if len(found.Hits) < s.limit {
			found.Hits = append(found.Hits, hit)
			if len(found.Hits) == s.limit {
				found.Next = encodeAfter(c)
			}
		}
	}
	if s.asked.Facets {
		found.Facets = counts.facets(s.volume.names)
	}
	found.AtLeast = s.after != nil || len(g.best) > maxChecked
	switch {
	case len(g.best) > maxChecked && found.Next == "":
		found.Next = encodeAfter(g.best[maxChecked-1])
	case len(g.best) <= maxChecked && found.Total == len(found.Hits):
		found.Next = ""
	}
	return found, ctx.Err()
}

// hit reads a document and says whether it satisfies the condition after all.
func (s *inquiry) hit(c candidate) (h Hit, holds bool, err error) {
	doc, err := c.from.stored(c.number)
	if err != nil {
		return h, false, err
	}
	if h.ID, err = c.name(); err != nil {
		return h, false, err
	}
	h.Text, h.Published = doc.text, time.UnixMicro(c.row.micros)
	if s.matcher == nil {
		return h, true, nil
	}
	names := s.volume.names
	matches := s.matcher.MatchItem(h.Text, Facts{
		Network: social.Network(names.value(fieldNetwork, uint16(c.row.network))), Kind: social.Kind(names.value(fieldKind, uint16(c.row.kind))),
		Source: names.value(fieldSource, c.row.source), Author: doc.author, Territories: doc.territories,
	})
	if len(matches) == 0 {
		return h, false, nil
	}
	h.Spans = matches[0].Spans
	return h, true, nil
}

// mark is where a page ended.
type mark struct {
	key float64
	id  string
}

func encodeAfter(c candidate) string {
	id, err := c.name()
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatFloat(c.key, 'g', -1, 64) + " " + id))
}

func decodeAfter(after string) (*mark, error) {
	bad := errs.New(errs.Invalid, "Ссылка на страницу поиска испорчена. Начните поиск с первой страницы.")
	raw, err := base64.RawURLEncoding.DecodeString(after)
	if err != nil {
		return nil, bad
	}
	key, id, ok := strings.Cut(string(raw), " ")
	value, err := strconv.ParseFloat(key, 64)
	if err != nil || !ok {
		return nil, bad
	}
	return &mark{value, id}, nil
}

// numbers are those of the values, for the comparison with a column.
func (n *columnNames) numbersOf(field string, values []string) []uint16 {
	var out []uint16
	n.mu.RLock()
	defer n.mu.RUnlock()
	for _, v := range values {
		if x, ok := n.numbers[field][v]; ok {
			out = append(out, x)
		}
	}
	slices.Sort(out)
	return out
}
