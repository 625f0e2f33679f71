package app

import (
	"context"
	"time"

	"otklik/collectors"
	"otklik/incidents"
	"otklik/internal/errs"
	"otklik/internal/live"
	"otklik/internal/rights"
	"otklik/internal/sources"
)

// Sources implements web.Sources: to what the base knows it adds which keys do
// not open on this machine, which another one may well be able to read.
func (a *App) Sources(ctx context.Context, now time.Time) ([]collectors.SourceStatus, error) {
	list, err := a.store.Sources(ctx, now)
	if err != nil {
		return nil, err
	}
	sealed, err := a.sealed(ctx)
	if err != nil {
		return nil, err
	}
	for i, x := range list {
		if why := sealed[x.ID]; why != "" && !x.Paused {
			list[i].State, list[i].Trouble = collectors.Sick, why
		}
	}
	return list, nil
}

// sealed are the pages with a key that does not open on this machine, and why.
func (a *App) sealed(ctx context.Context) (map[string]string, error) {
	registered, err := a.store.Registry(ctx)
	out := map[string]string{}
	for _, s := range registered {
		for _, k := range s.Keys {
			if _, err := a.sealer.Open(s.ID, k); err != nil {
				out[s.ID] = errs.MessageOf(err)
			}
		}
	}
	return out, err
}

// Counts implements web.Queue: a page whose key does not open here needs a
// person as much as one that its network refuses.
func (q archived) Counts(ctx context.Context, by rights.Actor, now time.Time) (incidents.Counts, error) {
	n, err := q.Store.Counts(ctx, by, now)
	if err != nil {
		return n, err
	}
	sealed, err := q.a.sealed(ctx)
	if err != nil || len(sealed) == 0 {
		return n, err
	}
	list, err := q.a.Sources(ctx, now)
	n.Sick = 0
	for _, x := range list {
		if x.State == collectors.Sick {
			n.Sick++
		}
	}
	return n, err
}

// Paces implements web.Sources.
func (a *App) Paces(ctx context.Context, now time.Time) (map[string]collectors.Pace, error) {
	return a.store.Paces(ctx, now)
}

// WishHistory implements web.Sources.
func (a *App) WishHistory(ctx context.Context, sourceID string, w collectors.Wish, now time.Time) error {
	return a.store.WishHistory(ctx, sourceID, w, now)
}

// registrar is where administrators connect pages and change their keys.
func (a *App) registrar() *sources.Desk {
	return &sources.Desk{Book: a.store, Check: a, Sealer: a.sealer, Hook: a.hookAddress, Shelf: a.checkShelf, Now: a.now, Log: a.log, Changed: func() {
		a.registry.Ring()
		a.hub.Publish(live.Sources)
	}}
}
