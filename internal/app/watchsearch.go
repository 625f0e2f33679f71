package app

import (
	"context"
	"time"

	"otklik/index"
	"otklik/internal/finding"
	"otklik/internal/lease"
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
	matcher  *index.Matcher
}

func (a *App) watchBatch(ctx context.Context, w *watchers) (int, error) {
	list, revision, upTo, err := a.store.WatchedSearches(ctx)
	if err != nil {
		return 0, err
	}
	if !w.made || w.revision != revision {
		*w = a.watchersOf(list)
		w.revision, w.made = revision, true
	}
	items, err := a.store.Changed(ctx, upTo, archiveBatch)
	if err != nil || len(items) == 0 {
		return 0, err
	}
	var hits []store.SearchHit
	for _, x := range items {
		d := document(x)
		for _, id := range w.of(&d) {
			hits = append(hits, store.SearchHit{SearchID: id, ItemID: x.ID})
		}
	}
	return len(items), a.store.KeepSearchHits(ctx, hits, items[len(items)-1].Revision, a.now())
}

func (a *App) watchersOf(list []finding.Saved) watchers {
	w := watchers{queries: map[string]index.Query{}}
	var rules []index.Rule
	for _, x := range list {
		q, err := web.SearchOf(x.Query, a.zone)
		if err != nil {
			a.log.Warn("a saved search is not understood", "search", x.ID, "err", err)
			continue
		}
		w.queries[x.ID] = q
		if q.Text != "" {
			rules = append(rules, index.Rule{ID: x.ID, Expr: q.Text})
		}
	}
	var wrong []index.RuleError
	w.matcher, wrong = index.Compile(rules)
	for _, e := range wrong {
		a.log.Warn("a saved search is not understood", "search", e.RuleID, "err", e.Err)
	}
	return w
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
