package app

import (
	"context"
	"errors"
	"time"

	"otklik/index"
	"otklik/internal/errs"
	"otklik/internal/finding"
	"otklik/internal/store"
)

// nightly is when the archive is compared with the base.
const nightly = "30 3 * * *"

// recheckAfter is how long after a comparison that found something wrong
// another one says whether it stays right.
const recheckAfter = time.Hour

// archiveNight checks the archive between two batches of the projection, so
// that there is one writer.
func (a *App) archiveNight() func() {
	return func() {
		select {
		case a.checking <- struct{}{}: // keepArchive finds it before its next batch
			a.project.Ring()
		default:
		}
	}
}

// checkIfDue compares the archive with the base if the night has asked for it,
// or if what was found wrong an hour ago has to be looked at again.
func (a *App) checkIfDue(ctx context.Context) error {
	asked := !a.recheck.IsZero() && !a.now().Before(a.recheck)
	select {
	case <-a.checking:
		asked = true
	default:
	}
	if !asked {
		return nil
	}
	c, err := a.checkArchive(ctx)
	a.recheck = time.Time{}
	if c.Differs() || c.Trouble != "" {
		a.recheck = a.now().Add(recheckAfter)
		a.log.Warn("search index differed from the base and was mended", "missing", c.Missing, "stale", c.Stale, "extra", c.Extra, "months", c.Months, "trouble", c.Trouble)
	}
	return err
}

// checkArchive compares the archive with the base and reports what was put
// right, and why it broke off where it did. A stop of the program is no trouble.
func (a *App) checkArchive(ctx context.Context) (finding.Check, error) {
	c := finding.Check{Node: a.node, Begun: a.now(), Months: []string{}}
	err := a.compareArchive(ctx, &c)
	if ctx.Err() != nil {
		return c, ctx.Err()
	}
	if c.Ended = a.now(); err != nil {
		c.Trouble = errs.MessageOf(err)
	}
	return c, errors.Join(err, a.store.KeepArchiveCheck(ctx, c, c.Ended))
}

// compareArchive goes month by month: every item and its revision.
func (a *App) compareArchive(ctx context.Context, c *finding.Check) error {
	cursor, err := a.archive.Cursor()
	if err != nil {
		return err
	}
	covered, err := readCursor(cursor)
	if err != nil {
		return err
	}
	from, to, err := a.store.PublishedSpan(ctx)
	if err != nil {
		return err
	}
	if oldest := a.archive.Oldest(); from.Before(oldest) {
		from = oldest
	}
	held, err := a.archive.Months()
	if err != nil {
		return err
	}
	months := map[string]bool{}
	for _, m := range held {
		months[m.Name] = true
	}
	first := time.Date(from.Year(), from.Month(), 1, 0, 0, 0, 0, time.UTC)
	for m := first; !to.IsZero() && !m.After(to); m = m.AddDate(0, 1, 0) {
		delete(months, index.MonthOf(m))
		want, err := a.store.RevisionsOf(ctx, m, m.AddDate(0, 1, 0), covered)
		if err == nil {
			err = a.compareMonth(ctx, index.MonthOf(m), want, covered, c)
		}
		if err != nil {
			return err
		}
	}
	for name := range months { // in the archive, and not in the base
		if err := a.compareMonth(ctx, name, nil, covered, c); err != nil {
			return err
		}
	}
	return nil
}

func (a *App) compareMonth(ctx context.Context, name string, want []store.Revision, covered int64, c *finding.Check) error {
	left := make(map[string]int64, len(want))
	for _, r := range want {
		left[r.ID] = r.Revision
	}
	c.Items += len(want)
	var again, extra []string
	err := a.archive.EntriesOf(ctx, name, func(e index.Entry) error {
		revision, ok := left[e.ID]
		delete(left, e.ID)
		switch {
		case ok && e.Revision < revision:
			again = append(again, e.ID)
		case !ok && e.Revision <= covered: // what changed since is put by itself
			extra = append(extra, e.ID)
		}
		return nil
	})
	if err != nil {
		return err
	}
	stale := len(again)
	for id := range left {
		again = append(again, id)
	}
	if len(again)+len(extra) == 0 {
		return nil
	}
	c.Stale, c.Missing = c.Stale+stale, c.Missing+len(left)
	c.Months = append(c.Months, name)
	gone, err := a.mendArchive(ctx, again, extra)
	c.Extra += gone
	return err
}

// mendArchive puts documents again, and removes those that the base does not have.
func (a *App) mendArchive(ctx context.Context, again, extra []string) (gone int, err error) {
	for _, list := range [][]string{again, extra} {
		for from := 0; from < len(list); from += archiveBatch {
			part := list[from:min(from+archiveBatch, len(list))]
			n, err := a.mendPart(ctx, part)
			if err != nil {
				return gone, err
			}
			gone += n
		}
	}
	return gone, nil
}

func (a *App) mendPart(ctx context.Context, ids []string) (gone int, err error) {
	items, err := a.store.ItemsOf(ctx, ids)
	if err != nil {
		return 0, err
	}
	docs, err := a.documents(ctx, items)
	if err != nil {
		return 0, err
	}
	there := make(map[string]bool, len(items))
	for _, x := range items {
		there[x.ID] = true
	}
	var lost []string
	for _, id := range ids {
		if !there[id] {
			lost = append(lost, id)
		}
	}
	cursor, err := a.archive.Cursor()
	if err != nil {
		return 0, err
	}
	err = a.archive.Put(ctx, docs, cursor)
	if len(lost) > 0 {
		err = errors.Join(err, a.archive.Delete(ctx, lost, cursor))
	}
	return len(lost), err
}
