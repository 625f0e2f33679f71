package learn

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"otklik/index"
	"otklik/index/classify"
	"otklik/internal/detect"
	"otklik/internal/errs"
	"otklik/internal/lease"
	"otklik/internal/wake"
)

const (
	// enough is how many new decisions it takes to learn without being asked.
	enough = 50
	// pause is how long the program waits at least between two such trainings.
	pause = time.Hour
	// longest bounds a training, so that one that hangs is told of.
	longest = 15 * time.Minute
	// most bounds the decisions that are learned from, the newest ones.
	most = 50_000
	// fewest is how many labels it takes to guess at all.
	fewest = 40
	// lookStop is how often a training asks whether people want it to stop.
	lookStop = time.Second
)

// Wish is whether there is something to learn.
type Wish struct {
	// Open is a training that was asked for or was broken off; zero if there is none.
	Open Training
	// New is how many decisions were made since the last training began.
	New    int
	LastAt time.Time // when that was
}

// Due says that a training is to begin.
func (w Wish) Due(now time.Time) bool {
	return w.Open.ID != "" || w.New >= enough && now.Sub(w.LastAt) >= pause
}

// Lessons is what a training learns from.
type Lessons interface {
	// Decisions returns the newest decisions, the oldest of them first.
	Decisions(ctx context.Context, limit int) ([]Decision, error)
	// Quiet returns items that never came into the queue and that nobody took
	// from there, as many as limit and evenly over time, older than before.
	Quiet(ctx context.Context, limit int, before time.Time) ([]Decision, error)
	Rulebook(ctx context.Context, have int64) (detect.Rulebook, bool, error)
}

// Register keeps trainings and what came of them.
type Register interface {
	WantedTraining(ctx context.Context) (Wish, error)
	// BeginTraining marks the open training as under way, or opens one by the program.
	BeginTraining(ctx context.Context, l lease.Lease, decisions int, now time.Time) (Training, error)
	// StepTraining notes what a training is doing and says whether it has to stop.
	StepTraining(ctx context.Context, l lease.Lease, id, step string, now time.Time) (stop bool, err error)
	// EndTraining closes a training and puts its better versions into use, all at once.
	EndTraining(ctx context.Context, l lease.Lease, t Training, better []Version, now time.Time) error
}

// Trainer learns in the background, on one processor and after everything else.
// It runs under a lease, so that there is one of it among all processes.
type Trainer struct {
	Lessons  Lessons
	Register Register
	Shelf    Shelf
	Analyzer *index.Analyzer
	Base     *classify.Detector
	Compile  func([]detect.Rule) (detect.Matcher, []error)
	Wake     wake.Bell
	Tick     time.Duration
	Now      func() time.Time
	Log      *slog.Logger
	// Told is called when a training begins, goes on or ends.
	Told func()
}

// Run works until ctx ends. It is meant for lease.Keeper.Hold.
func (t *Trainer) Run(ctx context.Context, l lease.Lease) error {
	for {
		w, err := t.Register.WantedTraining(ctx)
		if err != nil {
			return err
		}
		if w.Due(t.Now()) {
			if err := t.train(ctx, l); err != nil {
				return err
			}
			continue
		}
		if err := t.Wake.Sleep(ctx, t.Tick); err != nil {
			return err
		}
	}
}

// train carries out one training and closes it, however it ends.
func (t *Trainer) train(ctx context.Context, l lease.Lease) error {
	decisions, err := t.Lessons.Decisions(ctx, most)
	if err != nil {
		return err
	}
	tr, err := t.Register.BeginTraining(ctx, l, len(decisions), t.Now())
	if err != nil {
		return err
	}
	t.Told()
	working, end := context.WithTimeout(ctx, longest)
	defer end()
	stopped := errors.New("a person stopped it")
	working, stop := context.WithCancelCause(working)
	watching := make(chan struct{})
	s := session{t: t, lease: l, training: tr, decisions: decisions}
	go func() { defer close(watching); s.watch(working, func() { stop(stopped) }) }()
	var better []Version
	calmly(func() { better, err = s.learn(working) })
	cause := context.Cause(working)
	stop(nil)
	<-watching
	switch {
	case ctx.Err() != nil:
		return ctx.Err() // the training stays open, and whoever comes next does it
	case errors.Is(cause, stopped):
		s.training.State, s.training.Parts, better = Cancelled, nil, nil
	case err != nil:
		t.Log.Error("training failed", "err", err)
		s.training.State, s.training.Trouble, better = Failed, trouble(err), nil
	default:
		s.training.State = Finished
	}
	err = t.Register.EndTraining(ctx, l, s.training, better, t.Now())
	t.Told()
	return err
}

func trouble(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "Обучение не уложилось в 15 минут и остановлено. Работают прежние модели."
	}
	if errs.CodeOf(err) == errs.Internal {
		return "Обучение прервалось из-за ошибки, она записана в журнал программы. Работают прежние модели."
	}
	return errs.MessageOf(err)
}
