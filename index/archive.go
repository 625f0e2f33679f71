package index

import (
	"context"
	"sync"
	"time"

	"otklik/internal/errs"
	"otklik/internal/social"

	"github.com/blevesearch/bleve/v2"
)

const (
	// maxBatch bounds the memory that one write takes; measured, larger
	// batches are not faster.
	maxBatch = 1000
	// cursorKey is where the archive keeps the caller's cursor.
	cursorKey = "otklik.cursor"
)

// Doc is one item as the archive knows it.
type Doc struct {
	// ID is unique; a second Doc with the same ID replaces the first.
	ID      string
	Text    string
	Network social.Network
	Source  string
	Kind    social.Kind
	Author  string
	Thread  string
	// Territories are names or ids of places, as in Facts.
	Territories []string
	// Case is the id of the item's case, empty if it has none.
	Case      string
	Published time.Time
}

func (d *Doc) fields() map[string]any {
	fields := map[string]any{fieldText: d.Text, fieldPublished: float64(d.Published.UnixMicro())}
	for name, value := range map[string]string{
		fieldNetwork: string(d.Network), fieldSource: d.Source, fieldKind: string(d.Kind),
		fieldAuthor: d.Author, fieldThread: d.Thread, fieldCase: d.Case,
	} {
		if value != "" {
			fields[name] = value
		}
	}
	if len(d.Territories) > 0 {
		places := make([]string, len(d.Territories))
		for i, t := range d.Territories {
			places[i] = foldPlace(t)
		}
		fields[fieldTerritory] = places
	}
	if d.Case != "" {
		fields[fieldHas] = fieldCase
	}
	return fields
}

// Archive is a searchable copy of the items of the store. It can be thrown
// away and built again at any time. It is safe for concurrent use.
type Archive struct {
	analyzer *Analyzer
	index    bleve.Index
	// mu lets Close wait for the calls under way; bleve's own Close does not.
	mu     sync.RWMutex
	closed bool
}

// Put writes docs and then, together with the last of them, the cursor: the
// caller's note of what the archive now covers. After a crash the archive
// holds at least the docs that its cursor covers; those beyond it are put
// again and replace themselves.
func (a *Archive) Put(ctx context.Context, docs []Doc, cursor string) error {
	return a.write(ctx, len(docs), cursor, func(b *bleve.Batch, i int) error {
		return b.Index(docs[i].ID, docs[i].fields())
	})
}

// Delete removes docs; ids that the archive does not know do no harm. It moves
// the cursor as Put does.
func (a *Archive) Delete(ctx context.Context, ids []string, cursor string) error {
	return a.write(ctx, len(ids), cursor, func(b *bleve.Batch, i int) error {
		b.Delete(ids[i])
		return nil
	})
}

func (a *Archive) write(ctx context.Context, n int, cursor string, add func(*bleve.Batch, int) error) error {
	leave, err := a.enter()
	if err != nil {
		return err
	}
	defer leave()
	for from := 0; ; from += maxBatch {
		if err := ctx.Err(); err != nil {
			return err
		}
		to := min(from+maxBatch, n)
		batch := a.index.NewBatch()
		for i := from; i < to; i++ {
			if err := add(batch, i); err != nil {
				return errs.Wrap(errs.Internal, "Не удалось записать документ в архив поиска.", err)
			}
		}
		if to == n {
			batch.SetInternal([]byte(cursorKey), []byte(cursor))
		}
		if err := a.index.Batch(batch); err != nil {
			return errs.Wrap(errs.Unavailable, "Архив поиска не принял запись. Проверьте, есть ли место на диске.", err)
		}
		if to == n {
			return nil
		}
	}
}

// Cursor returns the cursor of the last Put or Delete, empty for a new archive.
func (a *Archive) Cursor() (string, error) {
	leave, err := a.enter()
	if err != nil {
		return "", err
	}
	defer leave()
	value, err := a.index.GetInternal([]byte(cursorKey))
	if err != nil {
		return "", errs.Wrap(errs.Unavailable, "Архив поиска не читается. Перестройте его командой otklik reindex.", err)
	}
	return string(value), nil
}

// Len returns how many documents the archive holds.
func (a *Archive) Len() (int, error) {
	leave, err := a.enter()
	if err != nil {
		return 0, err
	}
	defer leave()
	n, err := a.index.DocCount()
	if err != nil {
		return 0, errs.Wrap(errs.Unavailable, "Архив поиска не читается. Перестройте его командой otklik reindex.", err)
	}
	return int(n), nil
}

// Close waits for the calls under way and releases the folder. Closing twice
// does no harm.
func (a *Archive) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil
	}
	a.closed = true
	return a.index.Close()
}

// enter keeps the archive open until leave is called.
func (a *Archive) enter() (leave func(), err error) {
	a.mu.RLock()
	if a.closed {
		a.mu.RUnlock()
		return nil, errs.New(errs.Unavailable, "Архив поиска закрыт, программа останавливается.")
	}
	return a.mu.RUnlock, nil
}
