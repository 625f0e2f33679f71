package app

import (
	"context"
	"time"

	"otklik/index"
	"otklik/internal/finding"
	"otklik/internal/lease"
	"otklik/internal/live"
	"otklik/internal/store"
	"otklik/internal/web"
)

// watchedTick is how often saved searches look for what has come in.
const watchedTick = 2 * time.Second

// watchSearches notes what comes in and satisfies saved searches: all of them
// are one Matcher, so an item is read once whatever their number.
func (a *App) watchSearches(ctx context.Context, _ lease.Lease) error {
	var w watchers
	for {
		n, err := a.watchBatch(ctx, &w)
		if err != nil {
			return err
		}
		if n == archiveBatch {
			continue
		}
		t := time.NewTimer(watchedTick)
		select {
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		case <-t.C:
		}
	}
}

// watchers are the saved searches as they are asked.
type watchers struct {
	revision int64
	made     bool
	queries  map[string]index.Query
	after    map[string]int64 // the last message stored when the search was saved
	matcher  *index.Matcher
}

func (a *App) watchBatch(ctx context.Context, w *watchers) (int, error) {
	now, err := a.store.WatchedSearches(ctx)
	if err != nil {
		return 0, err
	}
	if !w.made || w.revision != now.Revision {
		if *w, err = a.watchersOf(ctx, now.List); err != nil {
			return 0, err
		}
		w.revision, w.made = now.Revision, true
	}
	if len(now.List) == 0 && now.UpTo < now.Newest {
		return 0, a.store.KeepSearchHits(ctx, nil, now.Newest, a.now())
	}
	items, err := a.store.Changed(ctx, now.UpTo, archiveBatch)
	if err != nil || len(items) == 0 {
		return 0, err
	}
	docs, err := a.documents(ctx, items)
	if err != nil {
		return 0, err
	}
	// What is older than the record of what was found might be counted twice.
	oldest := a.now().Add(-store.SearchesRemember)
	var hits []store.SearchHit
	for i, x := range items {
		if x.StoredAt.Before(oldest) {
			continue
		}
		for _, id := range w.of(&docs[i]) {
			if x.Seq > w.after[id] {
				hits = append(hits, store.SearchHit{SearchID: id, ItemID: x.ID})
			}
		}
	}
	err = a.store.KeepSearchHits(ctx, hits, items[len(items)-1].Revision, a.now())
	if err == nil && len(hits) > 0 {
		a.hub.Publish(live.Hits)
	}
	return len(items), err
}

func (a *App) watchersOf(ctx context.Context, list []finding.Saved) (watchers, error) {
	finder, err := a.atlas.Finder(ctx)
	if err != nil {
		return watchers{}, err
	}
	w := watchers{queries: map[string]index.Query{}, after: map[string]int64{}}
	var rules []index.Rule
	for _, x := range list {
		q, err := web.SearchOf(x.Query, a.zone)
		if err != nil {
			a.log.Warn("a saved search is not understood", "search", x.ID, "err", err)
			continue
		}
		for i, name := range q.Territories {
			if spot, _ := finder.Resolve(name); spot.PlaceID != "" {
				q.Territories[i] = spot.PlaceID
			}
		}
		w.queries[x.ID], w.after[x.ID] = q, x.AfterSeq
		if q.Text != "" {
			rules = append(rules, index.Rule{ID: x.ID, Expr: q.Text})
		}
	}
	var wrong []index.RuleError
	w.matcher, wrong = index.Compile(rules)
	for _, e := range wrong {
		a.log.Warn("a saved search is not understood", "search", e.RuleID, "err", e.Err)
	}
	return w, nil
}

// of are the searches that a document satisfies.
func (w *watchers) of(d *index.Doc) (ids []string) {
	facts := index.Facts{Network: d.Network, Kind: d.Kind, Source: d.Source, Author: d.Author, Territories: d.Territories}
	matched := map[string]bool{}
	for _, m := range w.matcher.MatchItem(d.Text, facts) {
		matched[m.RuleID] = true
	}
	for id, q := range w.queries {
		if (q.Text == "" || matched[id]) && q.Admits(d) {
			ids = append(ids, id)
		}
	}
	return ids
}
