package index

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
)

// putKey is where a shard keeps the number of the last writing that reached it.
const putKey = "otklik.put"

// shard is the documents of one month.
type shard struct {
	month   string
	index   bleve.Index
	columns columnCache
}

// write carries out one batch; put is the writing it belongs to.
func (s *shard) write(put uint64, fill func(*bleve.Batch) error) error {
	batch := s.index.NewBatch()
	if err := fill(batch); err != nil {
		return err
	}
	var raw [8]byte
	binary.BigEndian.PutUint64(raw[:], put)
	batch.SetInternal([]byte(putKey), raw[:])
	return s.index.Batch(batch)
}

// reached is the last writing that the shard holds, 0 for none.
func (s *shard) reached() uint64 {
	raw, err := s.index.GetInternal([]byte(putKey))
	if err != nil || len(raw) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(raw)
}

// glance is a shard as it stands at one moment. It has to be closed.
type glance struct {
	shard    *shard
	snapshot *scorch.IndexSnapshot
	columns  []*columns
	from     []uint64 // the number of each segment's first document
}

func (s *shard) look(names *columnNames) (*glance, error) {
	advanced, err := s.index.Advanced()
	if err != nil {
		return nil, err
	}
	reader, err := advanced.Reader()
	if err != nil {
		return nil, err
	}
	snapshot, ok := reader.(*scorch.IndexSnapshot)
	if !ok {
		return nil, fmt.Errorf("a reader of %T", reader)
	}
	v := &glance{shard: s, snapshot: snapshot}
	if v.columns, err = s.columns.of(snapshot, names); err != nil {
		_ = snapshot.Close()
		return nil, err
	}
	next := uint64(0)
	for _, x := range snapshot.Segments() {
		v.from = append(v.from, next)
		next += uint64(x.FullSize())
	}
	return v, nil
}

func (v *glance) close() { _ = v.snapshot.Close() }

// segment is in which segment a document stands.
func (v *glance) segment(number uint64) int {
	i := 0
	for i+1 < len(v.from) && v.from[i+1] <= number {
		i++
	}
	return i
}

func (v *glance) id(number uint64) (string, error) {
	i := v.segment(number)
	raw, err := v.snapshot.Segments()[i].DocID(number - v.from[i])
	return string(raw), err
}

// stored reads what is stored of a document.
func (v *glance) stored(number uint64) (stored, error) {
	var s stored
	i := v.segment(number)
	err := v.snapshot.Segments()[i].VisitDocument(number-v.from[i], func(field string, _ byte, value []byte, _ []uint64) bool {
		switch field {
		case fieldText:
			s.text = string(value)
		case fieldAuthor:
			s.author = string(value)
		case fieldTerritory:
			s.territories = append(s.territories, string(value))
		}
		return true
	})
	return s, err
}

// stored is what a document says besides its columns.
type stored struct {
	text, author string
	territories  []string
}

// each calls do for every document of the shard.
func (v *glance) each(ctx context.Context, do func(number uint64, r *row) error) error {
	for i, s := range v.snapshot.Segments() {
		deleted := s.Deleted()
		rows := v.columns[i].rows
		for j := range rows {
			if j&0xffff == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if deleted != nil && deleted.Contains(uint32(j)) {
				continue
			}
			if err := do(v.from[i]+uint64(j), &rows[j]); err != nil {
				return err
			}
		}
	}
	return nil
}
