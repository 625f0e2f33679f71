package index

import (
	"context"
	"errors"
	"sync"
	"time"

	"otklik/internal/errs"
)

// maxBatch bounds the memory that one write takes; measured, larger batches
// are not faster.
const maxBatch = 1000

// Archive is a searchable copy of the items of the store, cut by the months in
// which they were published. It can be thrown away and built again at any
// time. It is safe for concurrent use; Put and Delete are one writer's.
type Archive struct {
	root     string
	format   string
	analyzer *Analyzer
	// mu keeps volumes in place while calls are under way: bleve's own Close
	// does not wait for them.
	mu     sync.RWMutex
	now    *volume
	next   *volume // is being built beside, nil without
	closed bool
}

// Put writes docs and then, together with the last of them, the cursor: the
// caller's note of what the archive now covers. After a crash the archive
// holds at least the docs that its cursor covers; those beyond it are put
// again and replace themselves. Docs of months before Keep's are passed over.
func (a *Archive) Put(ctx context.Context, docs []Doc, cursor string) error {
	leave, err := a.enter()
	if err != nil {
		return err
	}
	defer leave()
	return a.now.put(ctx, docs, cursor)
}

// Delete removes docs; ids that the archive does not know do no harm. It moves
// the cursor as Put does.
func (a *Archive) Delete(ctx context.Context, ids []string, cursor string) error {
	leave, err := a.enter()
	if err != nil {
		return err
	}
	defer leave()
	return a.now.remove(ctx, ids, cursor)
}

// Cursor returns the cursor of the last Put or Delete, empty for a new archive.
func (a *Archive) Cursor() (string, error) {
	leave, err := a.enter()
	if err != nil {
		return "", err
	}
	defer leave()
	return a.now.cursor(), nil
}

// Len returns how many documents the archive holds.
func (a *Archive) Len() (int, error) {
	leave, err := a.enter()
	if err != nil {
		return 0, err
	}
	defer leave()
	n, err := a.now.count()
	if err != nil {
		return 0, errs.Wrap(errs.Unavailable, "Архив поиска не читается. Перестройте его командой otklik reindex.", err)
	}
	return n, nil
}

// Keep drops the months that ended before from, and what is put of them later.
// Months once dropped come back only by Rebuild.
func (a *Archive) Keep(from time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return errClosed()
	}
	oldest := ""
	if !from.IsZero() {
		oldest = month(from)
	}
	for _, v := range []*volume{a.now, a.next} {
		if v == nil {
			continue
		}
		if err := v.keep(oldest); err != nil {
			return err
		}
	}
	return nil
}

// Oldest is the first month that is kept, zero for all.
func (a *Archive) Oldest() time.Time {
	leave, err := a.enter()
	if err != nil {
		return time.Time{}
	}
	defer leave()
	t, err := time.Parse("2006-01", a.oldest())
	if err != nil {
		return time.Time{}
	}
	return t
}

// Warm reads what sorting and counting need of parts that are new, so that the
// next search does not wait for it.
func (a *Archive) Warm() error {
	leave, err := a.enter()
	if err != nil {
		return err
	}
	defer leave()
	for _, s := range a.now.all() {
		g, err := s.look(a.now.names)
		if err != nil {
			return errs.Wrap(errs.Unavailable, "Архив поиска не читается. Перестройте его командой otklik reindex.", err)
		}
		g.close()
	}
	return nil
}

// Entry is what a check compares.
type Entry struct {
	ID       string
	Revision int64
}

// Month is how many documents stand in one month of UTC.
type Month struct {
	Name string // "2026-11"; see EntriesOf
	Docs int
}

// Months lists the months that the archive holds, the newest first.
func (a *Archive) Months() ([]Month, error) {
	leave, err := a.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	var list []Month
	for _, s := range a.now.all() {
		n, err := s.index.DocCount()
		if err != nil {
			return nil, errs.Wrap(errs.Unavailable, "Архив поиска не читается. Перестройте его командой otklik reindex.", err)
		}
		list = append(list, Month{s.month, int(n)})
	}
	return list, nil
}

// MonthOf names the month in which a document published at t stands.
func MonthOf(t time.Time) string { return month(t) }

// EntriesOf calls do for every document of a month.
func (a *Archive) EntriesOf(ctx context.Context, name string, do func(Entry) error) error {
	leave, err := a.enter()
	if err != nil {
		return err
	}
	defer leave()
	for _, s := range a.now.all() {
		if s.month != name {
			continue
		}
		g, err := s.look(a.now.names)
		if err != nil {
			return err
		}
		defer g.close()
		return g.each(ctx, func(number uint64, r *row) error {
			id, err := g.id(number)
			if err != nil {
				return err
			}
			return do(Entry{id, r.revision})
		})
	}
	return nil
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
	err := a.now.close()
	if a.next != nil {
		err = errors.Join(err, a.next.close())
	}
	return err
}

// enter keeps the archive open until leave is called.
func (a *Archive) enter() (leave func(), err error) {
	a.mu.RLock()
	if a.closed {
		a.mu.RUnlock()
		return nil, errClosed()
	}
	return a.mu.RUnlock, nil
}

func errClosed() error {
	return errs.New(errs.Unavailable, "Архив поиска закрыт, программа останавливается.")
}
