package index

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/blevesearch/bleve/v2/search"
)

// candidate is a document that satisfies a query, as far as bleve can say.
type candidate struct {
	key    float64 // the greater, the earlier on the page
	number uint64
	row    *row
	from   *glance
	id     string // "" until it is asked for
}

func (c *candidate) name() (string, error) {
	var err error
	if c.id == "" {
		c.id, err = c.from.id(c.number)
	}
	return c.id, err
}

// ahead orders candidates as the page shows them: equal keys by their ids, the
// greatest first.
func ahead(a, b *candidate) int {
	if a.key != b.key {
		return cmp.Compare(b.key, a.key)
	}
	x, _ := a.name() // a document without a name is told of when it is read
	y, _ := b.name()
	return cmp.Compare(y, x)
}

// best keeps the first candidates of those that it is given.
type best struct {
	size  int
	list  []candidate
	worst float64 // nothing below it can be among them
	full  bool
}

func (b *best) add(c candidate) {
	if b.full && c.key < b.worst {
		return
	}
	b.list = append(b.list, c)
	if len(b.list) >= 2*b.size+64 {
		b.cut()
	}
}

func (b *best) cut() {
	slices.SortFunc(b.list, func(x, y candidate) int { return cmp.Compare(y.key, x.key) })
	if len(b.list) <= b.size {
		return
	}
	// Of those that share the last key all are kept until the ids decide.
	worst := b.list[b.size-1].key
	end := b.size
	for end < len(b.list) && b.list[end].key == worst {
		end++
	}
	b.list, b.worst, b.full = b.list[:end], worst, true
	if end > 2*b.size {
		b.list = b.sorted()
	}
}

func (b *best) sorted() []candidate {
	slices.SortFunc(b.list, func(x, y candidate) int { return ahead(&x, &y) })
	return b.list[:min(b.size, len(b.list))]
}

// counts are facets before their names are known.
type counts struct {
	networks, kinds [256]int
	sources, topics map[uint16]int
	with            int
}

func newCounts() *counts {
	return &counts{sources: map[uint16]int{}, topics: map[uint16]int{}}
}

// add counts a document that satisfies all but what fails says: nothing, or
// what was asked of one property.
func (c *counts) add(r *row, fails lacks) {
	if fails&^lackNetwork == 0 {
		c.networks[r.network]++
	}
	if fails&^lackKind == 0 {
		c.kinds[r.kind]++
	}
	if fails&^lackSource == 0 {
		c.sources[r.source]++
	}
	if fails&^lackTopic == 0 {
		c.topics[r.topic]++
	}
	if fails&^lackCase == 0 && r.has {
		c.with++
	}
}

func (c *counts) join(other *counts) {
	for i := range c.networks {
		c.networks[i] += other.networks[i]
		c.kinds[i] += other.kinds[i]
	}
	for k, n := range other.sources {
		c.sources[k] += n
	}
	for k, n := range other.topics {
		c.topics[k] += n
	}
	c.with += other.with
}

func (c *counts) facets(names *columnNames) Facets {
	f := Facets{Networks: map[string]int{}, Kinds: map[string]int{}, Sources: map[string]int{}, Topics: map[string]int{}, WithCase: c.with}
	for i := 1; i < len(c.networks); i++ {
		if c.networks[i] > 0 {
			f.Networks[names.value(fieldNetwork, uint16(i))] = c.networks[i]
		}
		if c.kinds[i] > 0 {
			f.Kinds[names.value(fieldKind, uint16(i))] = c.kinds[i]
		}
	}
	for k, n := range c.sources {
		if k != 0 {
			f.Sources[names.value(fieldSource, k)] = n
		}
	}
	for k, n := range c.topics {
		if k != 0 {
			f.Topics[names.value(fieldTopic, k)] = n
		}
	}
	return f
}

// gathered is what all months answered.
type gathered struct {
	best    []candidate
	total   int
	counts  *counts
	glances []*glance
}

func (g *gathered) close() {
	for _, x := range g.glances {
		x.close()
	}
}

// gather asks the months that the window touches, the newest first, as many at
// a time as there are processors.
func (s *inquiry) gather(ctx context.Context) (*gathered, error) {
	size := s.limit + 1
	if !s.precise {
		size = maxChecked + 1
	}
	g := &gathered{counts: newCounts()}
	shards := s.volume.within(s.asked.From, s.asked.To)
	for _, x := range shards {
		glance, err := x.look(s.volume.names)
		if err != nil {
			return g, err
		}
		g.glances = append(g.glances, glance)
	}
	workers := min(runtime.GOMAXPROCS(0), len(shards))
	parts := make([]part, workers)
	var next atomic.Int64
	var wait sync.WaitGroup
	for i := range parts {
		parts[i] = part{inquiry: s, best: best{size: size}, counts: newCounts(), sieve: s.sieve()}
		wait.Go(func() {
			for parts[i].err == nil {
				n := int(next.Add(1)) - 1
				if n >= len(g.glances) {
					return
				}
				parts[i].err = parts[i].ask(ctx, g.glances[n])
			}
		})
	}
	wait.Wait()
	all := best{size: size}
	for i := range parts {
		if parts[i].err != nil {
			return g, parts[i].err
		}
		g.total += parts[i].total
		g.counts.join(parts[i].counts)
		all.list = append(all.list, parts[i].best.list...)
	}
	g.best = all.sorted()
	return g, nil
}

// part is what one worker has found.
type part struct {
	*inquiry
	sieve  sieve
	best   best
	counts *counts
	total  int
	err    error
}

// checkEvery is after how many hits a worker looks whether it is still wanted.
const checkEvery = 1 << 14

func (p *part) ask(ctx context.Context, g *glance) (err error) {
	if p.query == nil {
		return g.each(ctx, func(number uint64, r *row) error {
			p.take(g, number, r, 0)
			return nil
		})
	}
	options := search.SearcherOptions{Score: "none"}
	if p.asked.Order == Relevant {
		options.Score = ""
	}
	searcher, err := p.query.Searcher(ctx, g.snapshot, g.shard.index.Mapping(), options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, searcher.Close()) }()
	pool := &search.SearchContext{DocumentMatchPool: search.NewDocumentMatchPool(searcher.DocumentMatchPoolSize()+1, 0), IndexReader: g.snapshot}
	segment := 0
	for n := 1; ; n++ {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		hit, err := searcher.Next(pool)
		if err != nil || hit == nil {
			return err
		}
		number := hit.IndexInternalID.Value()
		for segment+1 < len(g.from) && g.from[segment+1] <= number {
			segment++
		}
		p.take(g, number, &g.columns[segment].rows[number-g.from[segment]], hit.Score)
		pool.DocumentMatchPool.Put(hit)
	}
}

// take counts a hit and keeps it if it may be on the page.
func (p *part) take(g *glance, number uint64, r *row, score float64) {
	if r.micros < p.sieve.from || r.micros >= p.sieve.to {
		return
	}
	fails := p.sieve.lacks(r)
	if p.asked.Facets && p.precise && fails&(fails-1) == 0 {
		p.counts.add(r, fails)
	}
	if fails != 0 {
		return
	}
	p.total++
	c := candidate{number: number, row: r, from: g}
	switch p.asked.Order {
	case Relevant:
		c.key = score
	case Oldest:
		c.key = -float64(r.micros)
	default:
		c.key = float64(r.micros)
	}
	if p.after != nil {
		if c.key > p.after.key {
			return
		}
		if c.key == p.after.key {
			if id, _ := c.name(); id >= p.after.id {
				return
			}
		}
	}
	p.best.add(c)
}

// sieve decides by the columns alone.
type sieve struct {
	from, to        int64
	networks, kinds []uint16
	sources, topics []uint16
	asked           [4]bool // which of the lists were asked for
	with, without   bool
}

func (s *inquiry) sieve() sieve {
	q, names := &s.asked, s.volume.names
	x := sieve{from: -1 << 62, to: 1 << 62, with: q.WithCase, without: q.WithoutCase}
	if !q.From.IsZero() {
		x.from = q.From.UnixMicro()
	}
	if !q.To.IsZero() {
		x.to = q.To.UnixMicro()
	}
	x.networks, x.kinds = names.numbersOf(fieldNetwork, texts(q.Networks)), names.numbersOf(fieldKind, texts(q.Kinds))
	x.sources, x.topics = names.numbersOf(fieldSource, q.Sources), names.numbersOf(fieldTopic, q.Topics)
	x.asked = [4]bool{len(q.Networks) > 0, len(q.Kinds) > 0, len(q.Sources) > 0, len(q.Topics) > 0}
	return x
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

// lacks are the properties of which something was asked that a document does
// not have.
type lacks uint8

const (
	lackNetwork lacks = 1 << iota
	lackKind
	lackSource
	lackTopic
	lackCase
)

func (x *sieve) lacks(r *row) (out lacks) {
	if x.asked[0] && !slices.Contains(x.networks, uint16(r.network)) {
		out |= lackNetwork
	}
	if x.asked[1] && !slices.Contains(x.kinds, uint16(r.kind)) {
		out |= lackKind
	}
	if x.asked[2] && !slices.Contains(x.sources, r.source) {
		out |= lackSource
	}
	if x.asked[3] && !slices.Contains(x.topics, r.topic) {
		out |= lackTopic
	}
	if x.with && !r.has || x.without && r.has {
		out |= lackCase
	}
	return out
}
