package app

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"otklik/incidents"
	"otklik/index"
	"otklik/internal/finding"
	"otklik/internal/store"
)

const (
	archiveTick  = time.Second
	archiveBatch = 500
	// searchMost bounds how many messages a search by word forms hands to the
	// queue; the rest of a wider search is found by its letters alone.
	searchMost = 10_000
)

// keepArchive brings the search index up to the database. The index is only a
// projection: what it covers stands in it, so a new folder is filled from the
// beginning and a crash repeats at most one batch. What people ask of it, to
// be built anew or to keep fewer months, each process looks up for itself.
func (a *App) keepArchive(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := a.projectBatch(ctx)
		if err == nil && n < archiveBatch {
			a.archived.Store(a.now().UnixMicro())
			err = a.tendArchive(ctx)
		}
		if err != nil && ctx.Err() == nil {
			a.log.Error("search index is behind", "err", err)
		}
		if n == archiveBatch {
			continue
		}
		if a.project.Sleep(ctx, archiveTick) != nil {
			return
		}
	}
}

func (a *App) projectBatch(ctx context.Context) (int, error) {
	cursor, err := a.archive.Cursor()
	if err != nil {
		return 0, err
	}
	x, err := a.newsAfter(ctx, cursor)
	switch {
	case err != nil || len(x.docs)+len(x.gone) == 0:
		return 0, err
	case len(x.docs) == 0:
		return len(x.gone), a.archive.Delete(ctx, x.gone, x.next)
	case len(x.gone) > 0:
		// The cursor moves with the last write: a crash between repeats this one.
		if err := a.archive.Delete(ctx, x.gone, cursor); err != nil {
			return 0, err
		}
	}
	return max(len(x.docs), len(x.gone)), a.archive.Put(ctx, x.docs, x.next)
}

// news is what an archive has to follow: what has changed and what is gone.
type news struct {
	docs []index.Doc
	gone []string
	next string // the cursor that covers both
}

// newsAfter reads both lists up to the same revision. What has a number up to
// the counter's, read first, is committed and seen by both.
func (a *App) newsAfter(ctx context.Context, cursor string) (news, error) {
	var x news
	after, err := readCursor(cursor)
	if err != nil {
		return x, err
	}
	_, _, upTo, err := a.store.ArchiveWishes(ctx)
	if err != nil {
		return x, err
	}
	docs, next, err := a.docsAfter(ctx, cursor)
	if err != nil {
		return x, err
	}
	removed, err := a.store.Removed(ctx, after, archiveBatch)
	if err != nil {
		return x, err
	}
	if len(docs) == archiveBatch {
		last, err := readCursor(next)
		if err != nil {
			return x, err
		}
		upTo = min(upTo, last)
	}
	if len(removed) == archiveBatch {
		upTo = min(upTo, removed[archiveBatch-1].Revision)
	}
	for _, r := range removed {
		if r.Revision <= upTo {
			x.gone = append(x.gone, r.ID)
		}
	}
	x.docs = slices.DeleteFunc(docs, func(d index.Doc) bool { return d.Revision > upTo })
	x.next = strconv.FormatInt(upTo, 10)
	return x, nil
}

// docsAfter reads what changed after a cursor, and the cursor that covers it.
func (a *App) docsAfter(ctx context.Context, cursor string) ([]index.Doc, string, error) {
	after, err := readCursor(cursor)
	if err != nil {
		return nil, "", err
	}
	items, err := a.store.Changed(ctx, after, archiveBatch)
	if err != nil || len(items) == 0 {
		return nil, cursor, err
	}
	docs := make([]index.Doc, len(items))
	for i, x := range items {
		docs[i] = document(x)
		if docs[i].Territories, err = a.atlas.territories(ctx, x.Item.Text, x.SourceID); err != nil {
			return nil, "", err
		}
	}
	return docs, strconv.FormatInt(items[len(items)-1].Revision, 10), nil
}

func readCursor(cursor string) (int64, error) {
	if cursor == "" {
		return 0, nil
	}
	return strconv.ParseInt(cursor, 10, 64)
}

func document(x store.Changed) index.Doc {
	return index.Doc{
		ID: x.ID, Text: x.Item.Text, Network: x.Item.Ref.Network, Source: x.SourceID, Kind: x.Item.Kind,
		Author: x.Item.Author.ID, Thread: x.Item.Thread.String(), Topic: x.TopicID, Case: x.CaseID,
		Published: x.Item.PublishedAt, Revision: x.Revision,
	}
}

// tendArchive does what people ask of the archive: keeps as many months as they
// want, and builds it anew beside the present one, a batch at a time, so that
// neither new items nor a stop wait for it.
func (a *App) tendArchive(ctx context.Context) error {
	wish, months, _, err := a.store.ArchiveWishes(ctx)
	if err != nil {
		return err
	}
	if note, cursor, building := a.archive.Rebuilding(); building {
		return a.buildBatch(ctx, note, cursor)
	}
	if wish > readNote(a.archive.Note()) {
		if err := a.archive.Rebuild(strconv.FormatInt(wish, 10)); err != nil {
			return err
		}
		a.project.Ring()
		return nil
	}
	if months > 0 {
		if err := a.archive.Keep(a.now().AddDate(0, 1-months, 0)); err != nil {
			return err
		}
	}
	return errors.Join(a.checkIfDue(ctx), a.archive.Warm())
}

func (a *App) buildBatch(ctx context.Context, _, cursor string) error {
	docs, next, err := a.docsAfter(ctx, cursor)
	if err != nil {
		return err
	}
	a.project.Ring()
	if len(docs) > 0 {
		return a.archive.PutNext(ctx, docs, next)
	}
	return a.archive.Swap()
}

// readNote is the number of the wish by which an archive was built.
func readNote(note string) int64 {
	n, _ := strconv.ParseInt(note, 10, 64) // an archive that nobody asked for has none
	return n
}

// archived searches the queue by word forms too: «ямы» finds «яма».
type archived struct {
	*store.Store
	a *App
}

// Inbox implements web.Queue.
func (q archived) Inbox(ctx context.Context, f incidents.Filter) (incidents.Page, error) {
	if f.Text != "" {
		f.Messages = q.messages(ctx, f.Text)
	}
	return q.Store.Inbox(ctx, f)
}

// messages are those with a case that have the words. What is not a query in
// the rule language is still a text to look for.
func (q archived) messages(ctx context.Context, text string) []string {
	const page = 500
	var list []string
	ask := index.Query{Text: text, WithCase: true, Limit: page}
	for len(list) < searchMost {
		found, err := q.a.archive.Search(ctx, ask)
		if err != nil {
			return list
		}
		for _, h := range found.Hits {
			list = append(list, h.ID)
		}
		if ask.After = found.Next; ask.After == "" {
			return list
		}
	}
	return list
}

// nightly is when the archive is compared with the base.
const nightly = "30 3 * * *"

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

// checkIfDue compares the archive with the base if the night has asked for it.
func (a *App) checkIfDue(ctx context.Context) error {
	select {
	case <-a.checking:
	default:
		return nil
	}
	c, err := a.checkArchive(ctx)
	if err == nil && c.Differs() {
		a.log.Warn("search index differed from the base and was mended", "missing", c.Missing, "stale", c.Stale, "extra", c.Extra, "months", c.Months)
	}
	return err
}

// checkArchive compares the archive with the base month by month: every item
// and its revision. What differs is put right and reported.
func (a *App) checkArchive(ctx context.Context) (finding.Check, error) {
	c := finding.Check{Node: a.node, Begun: a.now(), Months: []string{}}
	cursor, err := a.archive.Cursor()
	if err != nil {
		return c, err
	}
	covered, err := readCursor(cursor)
	if err != nil {
		return c, err
	}
	from, to, err := a.store.PublishedSpan(ctx)
	if err != nil {
		return c, err
	}
	if oldest := a.archive.Oldest(); from.Before(oldest) {
		from = oldest
	}
	held, err := a.archive.Months()
	if err != nil {
		return c, err
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
			err = a.compareMonth(ctx, index.MonthOf(m), want, covered, &c)
		}
		if err != nil {
			return c, err
		}
	}
	for name := range months { // in the archive, and not in the base
		if err := a.compareMonth(ctx, name, nil, covered, &c); err != nil {
			return c, err
		}
	}
	c.Ended = a.now()
	return c, a.store.KeepArchiveCheck(ctx, c, c.Ended)
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
	docs, there := make([]index.Doc, len(items)), make(map[string]bool, len(items))
	for i, x := range items {
		docs[i], there[x.ID] = document(x), true
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
