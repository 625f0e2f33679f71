package app

import (
	"context"
	"time"

	"otklik/index"
	"otklik/index/classify"
	"otklik/index/starter"
	"otklik/internal/learn"
	"otklik/internal/live"
	"otklik/internal/rights"
	"otklik/internal/store"
	"otklik/internal/web"
)

// learnTick finds what another process asked for, and what people decided.
const learnTick = 5 * time.Second

// openJudge takes up what was learned in an earlier life.
func (a *App) openJudge(ctx context.Context) error {
	analyzer := index.NewAnalyzer()
	base, err := classify.NewDetector(analyzer, starter.Signals(), starter.Weights())
	if err != nil {
		return err
	}
	a.judge = learn.NewJudge(a.store, analyzer, base, a.log)
	a.trainer = &learn.Trainer{
		Lessons: a.store, Register: a.store, Shelf: a.store, Analyzer: analyzer, Base: base, Compile: compile,
		Wake: a.training, Tick: learnTick, Now: a.now, Log: a.log,
		Told: func() { a.hub.Publish(live.Training) },
	}
	return a.judge.Refresh(ctx)
}

// keepLearning learns in the background, as the only process that does.
func (a *App) keepLearning(ctx context.Context) { a.keeper.Hold(ctx, "learn", a.trainer.Run) }

func (a *App) learning() web.Learning {
	return web.Learning{Decisions: a.store, Lessons: asking{a.store, a}, Doubts: opening{a.store, a}, Suggester: a.judge}
}

// asking wakes whoever learns.
type asking struct {
	*store.Store
	a *App
}

// AskTraining implements web.Lessons.
func (x asking) AskTraining(ctx context.Context, by rights.Actor, now time.Time) error {
	err := x.Store.AskTraining(ctx, by, now)
	if err == nil {
		x.a.training.Ring()
		x.a.hub.Publish(live.Training)
	}
	return err
}

// opening tells open pages of what came into the queue by hand.
type opening struct {
	*store.Store
	a *App
}

// OpenByHand implements web.Doubts.
func (x opening) OpenByHand(ctx context.Context, by rights.Actor, itemID string, now time.Time) (int64, error) {
	number, err := x.Store.OpenByHand(ctx, by, itemID, now)
	if err == nil {
		x.a.hub.Publish(live.Cases)
	}
	return number, err
}

// Dismiss implements web.Doubts.
func (x opening) Dismiss(ctx context.Context, by rights.Actor, itemID string, now time.Time) error {
	err := x.Store.Dismiss(ctx, by, itemID, now)
	if err == nil {
		x.a.hub.Publish(live.Cases)
	}
	return err
}
