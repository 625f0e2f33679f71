package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"otklik/internal/errs"

	"github.com/blevesearch/bleve/v2"
)

// manifestName is the file that says what a volume covers.
const manifestName = "manifest.json"

// manifest is written after the documents that it speaks of.
type manifest struct {
	Format string `json:"format"`
	Cursor string `json:"cursor"`
	// Put numbers the writings; Shards holds the last one that reached each shard.
	Put    uint64            `json:"put"`
	Shards map[string]uint64 `json:"shards"`
	// Oldest is the first month that is kept, "" for all.
	Oldest string `json:"oldest,omitempty"`
	// Building: it is being filled beside the present archive.
	Building bool `json:"building,omitempty"`
	// Note is the caller's, see Archive.Rebuild.
	Note string `json:"note,omitempty"`
}

// volume is a whole archive in one folder: one shard for each month.
type volume struct {
	path  string
	names *columnNames

	mu       sync.Mutex // guards what follows
	manifest manifest
	shards   map[string]*shard
}

// put writes documents and then, together with the last of them, the cursor.
func (v *volume) put(ctx context.Context, docs []Doc, cursor string) error {
	byMonth := map[string][]*Doc{}
	for i := range docs {
		m := month(docs[i].Published)
		byMonth[m] = append(byMonth[m], &docs[i])
	}
	return v.write(cursor, func(number uint64, oldest string) ([]string, error) {
		var reached []string
		for m, list := range byMonth {
			if m < oldest {
				continue
			}
			s, err := v.shard(m)
			if err != nil {
				return nil, err
			}
			for part := range slices.Chunk(list, maxBatch) {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				err := s.write(number, func(b *bleve.Batch) error {
					for _, d := range part {
						if err := b.Index(d.ID, d.fields()); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					return nil, err
				}
			}
			reached = append(reached, m)
		}
		return reached, nil
	})
}

// remove deletes documents, whatever their month.
func (v *volume) remove(ctx context.Context, ids []string, cursor string) error {
	return v.write(cursor, func(number uint64, _ string) ([]string, error) {
		var reached []string
		for _, s := range v.all() {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			err := s.write(number, func(b *bleve.Batch) error {
				for _, id := range ids {
					b.Delete(id)
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
			reached = append(reached, s.month)
		}
		return reached, nil
	})
}

// write carries out a writing and notes it in the manifest. Documents that are
// on the disk before a crash and not in the manifest are put again.
func (v *volume) write(cursor string, do func(number uint64, oldest string) ([]string, error)) error {
	v.mu.Lock()
	v.manifest.Put++
	number, oldest := v.manifest.Put, v.manifest.Oldest
	v.mu.Unlock()
	reached, err := do(number, oldest)
	if err != nil {
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		return errs.Wrap(errs.Unavailable, "Архив поиска не принял запись. Проверьте, есть ли место на диске.", err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.manifest.Cursor = cursor
	for _, m := range reached {
		v.manifest.Shards[m] = max(number, v.manifest.Shards[m])
	}
	return v.save()
}

// save writes the manifest so that a crash leaves the old one or the new one.
func (v *volume) save() error {
	raw, err := json.Marshal(v.manifest)
	if err == nil {
		err = replaceFile(filepath.Join(v.path, manifestName), raw)
	}
	if err != nil {
		return errs.Wrap(errs.Unavailable, "Архив поиска не принял запись. Проверьте, есть ли место на диске.", err)
	}
	return nil
}

// replaceFile writes a file beside, and puts it in its place once it is on the disk.
func replaceFile(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// shard returns the shard of a month, which may have to be made.
func (v *volume) shard(name string) (*shard, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if s, ok := v.shards[name]; ok {
		return s, nil
	}
	path := filepath.Join(v.path, name)
	// What a crash left before the shard was noted holds nothing that counts.
	if err := os.RemoveAll(path); err != nil {
		return nil, err
	}
	index, err := create(path)
	if err != nil {
		return nil, err
	}
	s := &shard{month: name, index: index}
	v.shards[name] = s
	return s, nil
}

// all returns the shards, the newest month first.
func (v *volume) all() []*shard {
	v.mu.Lock()
	defer v.mu.Unlock()
	list := make([]*shard, 0, len(v.shards))
	for _, s := range v.shards {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b *shard) int {
		if a.month > b.month {
			return -1
		}
		return 1
	})
	return list
}

// within returns the shards in which documents of [from, to) may stand.
func (v *volume) within(from, to time.Time) []*shard {
	list := v.all()
	return slices.DeleteFunc(list, func(s *shard) bool {
		return !from.IsZero() && s.month < month(from) || !to.IsZero() && s.month > month(to)
	})
}

// keep drops the months before the given one. The caller lets nobody search meanwhile.
func (v *volume) keep(oldest string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if oldest <= v.manifest.Oldest {
		return nil
	}
	v.manifest.Oldest = oldest
	var dropped []*shard
	for name, s := range v.shards {
		if name < oldest {
			dropped = append(dropped, s)
			delete(v.shards, name)
			delete(v.manifest.Shards, name)
		}
	}
	if err := v.save(); err != nil {
		return err
	}
	var all error
	for _, s := range dropped {
		all = errors.Join(all, s.index.Close(), os.RemoveAll(filepath.Join(v.path, s.month)))
	}
	return all
}

func (v *volume) count() (int, error) {
	total := 0
	for _, s := range v.all() {
		n, err := s.index.DocCount()
		if err != nil {
			return 0, fmt.Errorf("shard %s: %w", s.month, err)
		}
		total += int(n)
	}
	return total, nil
}

func (v *volume) cursor() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.manifest.Cursor
}

func (v *volume) close() error {
	var all error
	for _, s := range v.all() {
		all = errors.Join(all, s.index.Close())
	}
	return all
}
