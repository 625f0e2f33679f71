package app

import (
	"context"
	"time"

	"otklik/internal/social"
	"otklik/internal/web"
	"otklik/internal/workcal"
	"otklik/publisher"
)

const (
	// unfoldTick is how often the occurrences of series are brought up to date.
	unfoldTick = 10 * time.Minute
	// unfoldAhead is how far ahead they are made.
	unfoldAhead = 60 * 24 * time.Hour
)

// planning is what the press officer's pages work with.
func (a *App) planning() web.Planning {
	return web.Planning{
		Plan: a.store, Posts: a.store, Desk: publisher.NewDesk(a.store, a.store, a.now), Register: a.store, Editing: a.store, Templates: a.store,
		Series: a.store, Halts: a.store, Days: workcal.Calendar{}, Changed: func() { a.told(social.VK, social.Telegram) },
	}
}

// unfold makes the occurrences of all series up to the horizon. Any number of
// nodes may do so: an occurrence is unique.
func (a *App) unfold(ctx context.Context) {
	pages, err := a.store.Pages(ctx)
	if err != nil {
		a.log.Error("series are not unfolded", "err", err)
		return
	}
	list, err := a.store.AllSeries(ctx)
	if err != nil {
		a.log.Error("series are not unfolded", "err", err)
		return
	}
	for _, x := range list {
		if _, err := a.store.UnfoldSeries(ctx, x.ID, workcal.Calendar{}, publisher.Facts{Now: a.now(), Pages: pages}, unfoldAhead); err != nil && ctx.Err() == nil {
			a.log.Error("a series is not unfolded", "series", x.ID, "err", err)
		}
	}
}
