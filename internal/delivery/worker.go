package delivery

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"otklik/internal/lease"
	"otklik/internal/social"
	"otklik/internal/wake"
)

// Verdict is what the ledger is told when a call has ended.
type Verdict struct {
	State   State
	NextTry time.Time // for Planned
	Receipt Receipt   // for Sent
	// MaybeOut says that the call may have been taken although it is planned again.
	MaybeOut bool
	Code     string
	Trouble  string
}

// Book is the ledger as the worker needs it.
type Book interface {
	Due(ctx context.Context, network social.Network, now time.Time, limit int) ([]Delivery, error)
	Interrupted(ctx context.Context, network social.Network) ([]Delivery, error)
	Begin(ctx context.Context, l lease.Lease, id string, now time.Time) (Delivery, bool, error)
	Finish(ctx context.Context, l lease.Lease, d Delivery, v Verdict, now time.Time) error
}

// Senders finds who speaks for a page. Pages come, go and change their keys
// while the program runs, so it is asked before every call.
type Senders interface {
	Sender(sourceID string) (Sender, bool)
}

// Worker sends what is planned for one network. It runs under a lease, so that
// there is one of it among all processes.
type Worker struct {
	Network social.Network
	Book    Book
	// Senders knows the pages that can speak now.
	Senders Senders
	Now     func() time.Time
	Log     *slog.Logger
	// Wake rings when something was planned; the tick is the backstop.
	Wake wake.Bell
	Tick time.Duration
	// Window is how long the network recognises a repeated call by its
	// idempotency key; zero for a network that takes none.
	Window time.Duration
}

// Run works until ctx ends. It is meant for lease.Keeper.Hold.
func (w *Worker) Run(ctx context.Context, l lease.Lease) error {
	if err := w.recover(ctx, l); err != nil {
		return err
	}
	for {
		sent, err := w.round(ctx, l)
		if err != nil {
			return err
		}
		if sent > 0 {
			continue
		}
		if err := w.Wake.Sleep(ctx, w.Tick); err != nil {
			return err
		}
	}
}

// recover judges the calls that a dead worker left behind: whether the network
// took them is not known, unless it will recognise the repetition.
func (w *Worker) recover(ctx context.Context, l lease.Lease) error {
	left, err := w.Book.Interrupted(ctx, w.Network)
	if err != nil {
		return err
	}
	for _, d := range left {
		v := w.judge(d, &Failure{
			Outcome: Uncertain, Repeatable: w.windowOpen(d), Code: "interrupted",
			Message: "Программа остановилась во время отправки: " + fate(d.Kind) + " Откройте ветку и посмотрите.",
		})
		if err := w.Book.Finish(ctx, l, d, v, w.Now()); err != nil {
			return err
		}
	}
	return nil
}

// fate says that it is not known what became of a call.
func fate(k Kind) string {
	if k == KindAnswer {
		return "ответ мог уйти, а мог и нет."
	}
	return "публикация могла выйти, а могла и нет."
}

func (w *Worker) windowOpen(d Delivery) bool {
	return d.Kind.Harmless() || w.Window > 0 && w.Now().Sub(d.FirstSendingAt) < w.Window
}

func (w *Worker) round(ctx context.Context, l lease.Lease) (int, error) {
	const batch = 20
	due, err := w.Book.Due(ctx, w.Network, w.Now(), batch)
	if err != nil {
		return 0, err
	}
	for _, d := range due {
		if err := w.send(ctx, l, d); err != nil {
			return 0, err
		}
	}
	return len(due), nil
}

func (w *Worker) send(ctx context.Context, l lease.Lease, planned Delivery) error {
	d, begun, err := w.Book.Begin(ctx, l, planned.ID, w.Now())
	if err != nil || !begun {
		return err
	}
	calling, done := lasting(ctx, stopGrace)
	v := w.call(calling, d)
	done()
	// The call was made: what came of it must be written even while stopping.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	w.Log.Info("delivery", "delivery", d.ID, "kind", string(d.Kind), "number", d.Number, "network", string(d.Network), "attempt", d.Attempt, "state", string(v.State), "code", v.Code)
	return w.Book.Finish(last, l, d, v, w.Now())
}

// stopGrace is how long a call that is under way may go on when the program
// stops: cut short, its answer would be lost and its fate unknown.
const stopGrace = 8 * time.Second

// lasting is a context that outlives ctx by grace.
func lasting(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		t := time.NewTimer(grace)
		defer t.Stop()
		select {
		case <-t.C:
			cancel()
		case <-out.Done():
		}
	})
	return out, func() { stop(); cancel() }
}

func (w *Worker) call(ctx context.Context, d Delivery) Verdict {
	sender, ok := w.Senders.Sender(d.SourceID)
	if !ok {
		return Verdict{State: Failed, Code: "no_key", Trouble: "У страницы нет ключа, которым можно это отправить. Администратор добавит его в «Источниках», потом нажмите «Отправить ещё раз»."}
	}
	if d.MaybeOut && !w.windowOpen(d) {
		return w.judge(d, &Failure{Outcome: Uncertain, Code: "window_closed", Message: "Сеть не подтвердила отправку, а повторить её без риска уже нельзя. Откройте ветку и посмотрите, что там появилось."})
	}
	receipt, err := sender.Send(ctx, d)
	if err == nil {
		return Verdict{State: Sent, Receipt: receipt}
	}
	var f *Failure
	if !errors.As(err, &f) {
		f = &Failure{Outcome: Uncertain, Code: "unclassified", Message: "Сеть ответила непонятно: " + fate(d.Kind) + " Откройте ветку и посмотрите.", Cause: err}
	}
	w.Log.Warn("delivery not confirmed", "delivery", d.ID, "err", f)
	return w.judge(d, f)
}

// judge turns a failure into what the ledger says next.
func (w *Worker) judge(d Delivery, f *Failure) Verdict {
	v := Verdict{Code: f.Code, Trouble: f.Message}
	v.MaybeOut = d.MaybeOut || f.Outcome == Uncertain
	switch {
	case f.Outcome == Refused && !d.MaybeOut:
		v.State = Failed
	case f.Outcome == NotSent, f.Outcome == Uncertain && (f.Repeatable || d.Kind.Harmless()):
		v.State, v.NextTry = Planned, w.Now().Add(max(f.RetryAfter, backoff(d.Attempt)))
	default:
		v.State = Unknown
	}
	return v
}

// backoff grows from one second to five minutes.
func backoff(attempt int) time.Duration {
	const most = 5 * time.Minute
	if attempt > 9 {
		return most
	}
	return min(time.Second<<max(attempt-1, 0), most)
}
