package app

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"otklik/index"
	"otklik/internal/store"
)

const (
	archiveTick  = time.Second
	archiveBatch = 500
)

// Archived is when the archive of messages was last up to date, zero before that.
func (a *App) Archived() time.Time { return moment(a.archived.Load()) }

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
	docs, err := a.documents(ctx, items)
	return docs, strconv.FormatInt(items[len(items)-1].Revision, 10), err
}

func readCursor(cursor string) (int64, error) {
	if cursor == "" {
		return 0, nil
	}
	return strconv.ParseInt(cursor, 10, 64)
}

// documents are items as the archive holds them.
func (a *App) documents(ctx context.Context, items []store.Changed) ([]index.Doc, error) {
	where, err := a.atlas.territories(ctx, items)
	if err != nil {
		return nil, err
	}
	docs := make([]index.Doc, len(items))
	for i, x := range items {
		docs[i] = index.Doc{
			ID: x.ID, Text: x.Item.Text, Network: x.Item.Ref.Network, Source: x.SourceID, Kind: x.Item.Kind,
			Author: x.Item.Author.ID, Thread: x.Item.Thread.String(), Topic: x.TopicID, Case: x.CaseID,
			Published: x.Item.PublishedAt, Revision: x.Revision, Territories: where[i],
		}
	}
	return docs, nil
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
		if n, err := a.archive.Len(); err != nil || n == 0 {
			return errors.Join(err, a.archive.SetNote(strconv.FormatInt(wish, 10))) // there is nothing to build anew
		}
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
