package web

import (
	"context"
	"time"

	"otklik/index/classify"
	"otklik/internal/learn"
	"otklik/internal/rights"
)

// Doubts is what rules found and the program holds no complaint.
type Doubts interface {
	// Unlikely returns a part of the list, the most probable first, and its length.
	Unlikely(ctx context.Context, limit, offset int, now time.Time) ([]learn.Unlikely, int, error)
	// OpenByHand makes a case of an item. Errors: NotFound, Conflict.
	OpenByHand(ctx context.Context, by rights.Actor, itemID string, now time.Time) (number int64, err error)
	// Dismiss takes an item off the list. Errors: Conflict when somebody has decided.
	Dismiss(ctx context.Context, by rights.Actor, itemID string, now time.Time) error
}

// Suggester proposes what a message is about.
type Suggester interface {
	Suggest(ctx context.Context, item classify.Item) (learn.Suggestions, error)
}

// Lessons shows what was learned, and of whom.
type Lessons interface {
	Versions(ctx context.Context) ([]learn.Version, error)
	Trainings(ctx context.Context, limit int) ([]learn.Training, error)
	Deciders(ctx context.Context, since time.Time) ([]learn.Decider, error)
	Foretold(ctx context.Context, limit int) ([]learn.Foretold, error)
	Teaching
}

// Teaching is what an administrator or a curator does about learning.
type Teaching interface {
	LearnSettings(ctx context.Context) (learn.Settings, learn.Chosen, error)
	// SetLearn stores settings over the version seen. Errors: Invalid, Conflict.
	SetLearn(ctx context.Context, by rights.Actor, x learn.Settings, seen int, now time.Time) error
	// Use puts a version into use, 0 is what the program came with. Errors: NotFound.
	Use(ctx context.Context, by rights.Actor, part learn.Part, number int, now time.Time) error
	Sessions
}

// Sessions begins and stops trainings.
type Sessions interface {
	AskTraining(ctx context.Context, by rights.Actor, now time.Time) error
	StopTraining(ctx context.Context, by rights.Actor, now time.Time) error
	// WantedTraining returns the training under way and the decisions since the last one.
	WantedTraining(ctx context.Context) (learn.Wish, error)
}

// Decisions is what people decided, one by one.
type Decisions interface {
	// LastDecisions lists them, the newest first.
	LastDecisions(ctx context.Context, limit, offset int) ([]learn.Decision, error)
	// SkipDecision leaves one out of learning or takes it in again. Errors: Forbidden, NotFound.
	SkipDecision(ctx context.Context, by rights.Actor, key string, skip bool, now time.Time) error
}

// Learning is what the pages of learning need.
type Learning struct {
	Decisions Decisions
	Lessons   Lessons
	Doubts    Doubts
	Suggester Suggester
}

func (l Learning) lacking() bool {
	return l.Decisions == nil || l.Lessons == nil || l.Doubts == nil || l.Suggester == nil
}
