package app

import (
	"context"
	"time"

	"otklik/collectors"
	"otklik/internal/errs"
	"otklik/internal/live"
	"otklik/internal/sources"
)

// Sources implements web.Sources: to what the base knows it adds which keys do
// not open on this machine, which another one may well be able to read.
func (a *App) Sources(ctx context.Context, now time.Time) ([]collectors.SourceStatus, error) {
	list, err := a.store.Sources(ctx, now)
	if err != nil {
		return nil, err
	}
	registered, err := a.store.Registry(ctx)
	if err != nil {
		return nil, err
	}
	sealed := map[string]string{}
	for _, s := range registered {
		for _, k := range s.Keys {
			if _, err := a.sealer.Open(s.ID, k); err != nil {
				sealed[s.ID] = errs.MessageOf(err)
			}
		}
	}
	for i, x := range list {
		if why := sealed[x.ID]; why != "" && !x.Paused {
			list[i].State, list[i].Trouble = collectors.Sick, why
		}
	}
	return list, nil
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
	return &sources.Desk{Book: a.store, Check: a, Sealer: a.sealer, Now: a.now, Log: a.log, Changed: func() {
		a.registry.Ring()
		a.hub.Publish(live.Sources)
	}}
}
