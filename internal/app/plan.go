package app

import (
	"context"
	"errors"
	"time"

	"github.com/robfig/cron/v3"

	"otklik/internal/social"
	"otklik/internal/workcal"
	"otklik/publisher"
)

// How often the plan is looked at without being told to.
const (
	planTick   = 3 * time.Second
	unfoldTick = 10 * time.Minute
)

// schedulePlan lets the clock ring the bells of the plan, and give signs of life.
func (a *App) schedulePlan(ctx context.Context) {
	a.ticks.Schedule(cron.Every(planTick), cron.FuncJob(a.planned.Ring))
	a.ticks.Schedule(cron.Every(unfoldTick), cron.FuncJob(a.unfold.Ring))
	a.ticks.Schedule(cron.Every(beatTick), cron.FuncJob(func() {
		if err := a.guard.look(ctx); err != nil && !errors.Is(err, errJoining) && ctx.Err() == nil {
			a.log.Error("no sign of life", "err", err)
		}
	}))
	a.planned.Ring()
	a.unfold.Ring()
}

// keepPlan gives to the ledger what is due, whenever its bell rings. Any number
// of processes may do so.
func (a *App) keepPlan(ctx context.Context) {
	clerk := publisher.NewClerk(a.store, a.store, a.store, a.now)
	for a.planned.Sleep(ctx, time.Minute) == nil {
		n, err := tickPlan(ctx, a.guard, clerk)
		if err != nil && !errors.Is(err, errJoining) && ctx.Err() == nil {
			a.log.Error("posts are not released", "err", err)
		}
		if n > 0 {
			a.told(social.VK, social.Telegram)
		}
	}
}

// tickPlan looks at the clock and at the base before it believes them: after a
// jump nothing is released, and nothing that seems late is asked about, until a
// person has looked.
func tickPlan(ctx context.Context, g *guard, clerk *publisher.Clerk) (int, error) {
	if err := g.look(ctx); err != nil {
		return 0, err
	}
	return clerk.Tick(ctx)
}

// keepSeries makes the occurrences of what repeats ahead of their time.
func (a *App) keepSeries(ctx context.Context) {
	for a.unfold.Sleep(ctx, unfoldTick) == nil {
		if err := a.unfoldAll(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("series are not unfolded", "err", err)
		}
	}
}

func (a *App) unfoldAll(ctx context.Context) error {
	list, err := a.store.AllSeries(ctx)
	if err != nil || len(list) == 0 {
		return err
	}
	pages, err := a.store.Pages(ctx)
	if err != nil {
		return err
	}
	for _, x := range list {
		f := publisher.Facts{Now: a.now(), Pages: pages}
		if _, err := a.store.UnfoldSeries(ctx, x.ID, workcal.Calendar{}, f, publisher.Horizon); err != nil {
			return err
		}
	}
	return nil
}
