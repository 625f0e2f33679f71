package index

import (
	"sync"

	"github.com/blevesearch/bleve/v2/index/scorch"
	bleveindex "github.com/blevesearch/bleve_index_api"
)

// row is what is known of a document without reading it: sorting, narrowing
// and counting a hundred thousand hits through bleve's own values would take a
// tenth of a second.
type row struct {
	micros   int64
	revision int64
	source   uint16
	topic    uint16
	network  uint8
	kind     uint8
	has      bool
}

// columns are the rows of a segment, by document number. A segment of bleve
// never changes, so its columns are read once.
type columns struct {
	once sync.Once
	rows []row
	err  error
}

// columnCache keeps the columns of the segments of one shard that are in use.
type columnCache struct {
	mu   sync.Mutex
	list map[uint64]*columns
}

// of returns the columns of all segments of a snapshot and forgets those of others.
func (c *columnCache) of(snapshot *scorch.IndexSnapshot, names *columnNames) ([]*columns, error) {
	segments := snapshot.Segments()
	out := make([]*columns, len(segments))
	c.mu.Lock()
	kept := make(map[uint64]*columns, len(segments))
	for i, s := range segments {
		if out[i] = c.list[s.Id()]; out[i] == nil {
			out[i] = &columns{}
		}
		kept[s.Id()] = out[i]
	}
	c.list = kept
	c.mu.Unlock()
	from := uint64(0)
	for i, s := range segments {
		size := uint64(s.FullSize())
		out[i].once.Do(func() { out[i].read(snapshot, from, size, names) })
		if out[i].err != nil {
			return nil, out[i].err
		}
		from += size
	}
	return out, nil
}

func (c *columns) read(snapshot *scorch.IndexSnapshot, from, size uint64, names *columnNames) {
	c.rows = make([]row, size)
	values, err := snapshot.DocValueReader(columnFields())
	if err != nil {
		c.err = err
		return
	}
	var r *row
	visit := func(field string, term []byte) {
		switch field {
		case fieldStamp:
			r.micros, r.revision = readStamp(term)
		case fieldSource:
			r.source = names.number(field, term)
		case fieldTopic:
			r.topic = names.number(field, term)
		case fieldNetwork:
			r.network = uint8(names.number(field, term))
		case fieldKind:
			r.kind = uint8(names.number(field, term))
		case fieldHas:
			r.has = true
		}
	}
	for i := range c.rows {
		r = &c.rows[i]
		if c.err = values.VisitDocValues(bleveindex.NewIndexInternalID(nil, from+uint64(i)), visit); c.err != nil {
			return
		}
	}
}

// columnNames numbers the values of the columns, from 1; 0 stands for none.
type columnNames struct {
	mu      sync.RWMutex
	numbers map[string]map[string]uint16 // by field
	values  map[string][]string
}

func newColumnNames() *columnNames {
	d := &columnNames{numbers: map[string]map[string]uint16{}, values: map[string][]string{}}
	for _, field := range columnFields() {
		d.numbers[field], d.values[field] = map[string]uint16{}, []string{""}
	}
	return d
}

// number returns the number of a value. Networks and kinds are few; of sources
// and topics those beyond 65,535 are told apart by bleve and not counted here.
func (d *columnNames) number(field string, value []byte) uint16 {
	d.mu.RLock()
	n, ok := d.numbers[field][string(value)]
	d.mu.RUnlock()
	if ok {
		return n
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if n, ok := d.numbers[field][string(value)]; ok {
		return n
	}
	most := 1 << 16
	if field == fieldNetwork || field == fieldKind {
		most = 1 << 8
	}
	if len(d.values[field]) == most {
		return 0
	}
	n = uint16(len(d.values[field]))
	d.numbers[field][string(value)] = n
	d.values[field] = append(d.values[field], string(value))
	return n
}

// value is what a number stands for.
func (d *columnNames) value(field string, n uint16) string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.values[field][n]
}
