package app

import (
	"context"
	"strconv"
	"time"

	"otklik/incidents"
	"otklik/index"
	"otklik/internal/store"
)

const (
	archiveTick  = time.Second
	archiveBatch = 500
	// searchMost bounds how many messages a search by word forms hands to the queue.
	searchMost = 500
)

// keepArchive brings the search index up to the database. The index is only a
// projection: what it covers stands in it, so a new folder is filled from the
// beginning and a crash repeats at most one batch.
func (a *App) keepArchive(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := a.projectBatch(ctx)
		if err != nil && ctx.Err() == nil {
			a.log.Error("search index is behind", "err", err)
		}
		if err == nil && n < archiveBatch {
			a.archived.Store(a.now().UnixMicro())
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
	var after int64
	if cursor != "" {
		if after, err = strconv.ParseInt(cursor, 10, 64); err != nil {
			return 0, err
		}
	}
	items, err := a.store.Changed(ctx, after, archiveBatch)
	if err != nil || len(items) == 0 {
		return 0, err
	}
	docs := make([]index.Doc, len(items))
	for i, x := range items {
		docs[i] = document(x)
		if docs[i].Territories, err = a.atlas.territories(ctx, x.Item.Text, x.SourceID); err != nil {
			return 0, err
		}
	}
	return len(items), a.archive.Put(ctx, docs, strconv.FormatInt(items[len(items)-1].Revision, 10))
}

func document(x store.Changed) index.Doc {
	return index.Doc{
		ID: x.ID, Text: x.Item.Text, Network: x.Item.Ref.Network, Source: x.SourceID, Kind: x.Item.Kind,
		Author: x.Item.Author.ID, Thread: x.Item.Thread.String(), Case: x.CaseID, Published: x.Item.PublishedAt,
	}
}

// archived searches the queue by word forms too: «ямы» finds «яма».
type archived struct {
	*store.Store
	a *App
}

// Inbox implements web.Queue.
func (q archived) Inbox(ctx context.Context, f incidents.Filter) (incidents.Page, error) {
	if f.Text != "" {
		found, err := q.a.archive.Search(ctx, index.Query{Text: f.Text, WithCase: true, Limit: searchMost})
		// What is not a query in the rule language is still a text to look for.
		if err == nil {
			for _, h := range found.Hits {
				f.Messages = append(f.Messages, h.ID)
			}
		}
	}
	return q.Store.Inbox(ctx, f)
}
