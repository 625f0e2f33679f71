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
	// Due returns what is to be sent now, the oldest first, at most so many of
	// each page.
	Due(ctx context.Context, network social.Network, now time.Time, perPage int) ([]Delivery, error)
	Interrupted(ctx context.Context, network social.Network) ([]Delivery, error)
	Begin(ctx context.Context, l lease.Lease, id string, now time.Time) (Delivery, bool, error)
	// Finish writes the verdict on a call that was begun, or on a delivery that
	// is still planned and could not be prepared.
	Finish(ctx context.Context, l lease.Lease, d Delivery, v Verdict, now time.Time) error
}

// Preparer is a Sender that makes something before the call, such as uploads,
// of which nobody sees anything until the call. Whatever breaks there leaves
// nothing unknown. The error is a *Failure, or one of the ledger itself.
type Preparer interface {
	Prepare(ctx context.Context, d Delivery) error
}

// Turner is a Sender that has to wait before a call may be begun. The function
// that it returns is called when the call has ended.
type Turner interface {
	Turn(ctx context.Context) (leave func(), err error)
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
	// Before is asked when a call has been written down and before it is made;
	// its error keeps the call from being made. Nil allows every call.
	Before func(ctx context.Context) error
	// Window is how long the network recognises a repeated call by its
	// idempotency key; zero for a network that takes none.
	Window time.Duration
}

// Run works until ctx ends. It is meant for lease.Keeper.Hold.
func (w *Worker) Run(ctx context.Context, l lease.Lease) error {
	if err := w.recover(ctx, l); err != nil {
		return err
	}
	s := newLanes()
	defer s.running.Wait()
	working, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	for {
		if err := w.round(working, l, s, fail); err != nil {
			return err
		}
		if err := w.sleep(working, s); err != nil {
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
			Message: "Программа остановилась во время отправки: " + fate(d.Kind) + " " + look(d.Kind),
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

// look says where a person finds it out.
func look(k Kind) string {
	if k == KindAnswer {
		return "Откройте ветку и посмотрите."
	}
	return "Откройте страницу и посмотрите."
}

// windowOpen says that a call may be repeated: it is harmless, or the network
// still recognises it. Where the clock was set back behind the first call,
// nobody knows how much of the window is over.
func (w *Worker) windowOpen(d Delivery) bool {
	age := w.Now().Sub(d.FirstSendingAt)
	return d.Kind.Harmless() || age >= 0 && age < w.Window
}

// send carries out one delivery and says for how long its page has to rest.
func (w *Worker) send(ctx context.Context, l lease.Lease, planned Delivery) (time.Duration, error) {
	sender, ok := w.Senders.Sender(planned.SourceID)
	if !ok {
		sender = keyless{}
	}
	if f, err := w.prepare(ctx, sender, planned); f != nil || err != nil {
		if err != nil {
			return 0, err
		}
		planned.Attempt++
		return w.conclude(ctx, l, planned, Receipt{}, f)
	}
	if t, ok := sender.(Turner); ok {
		leave, err := t.Turn(ctx)
		if err != nil {
			return 0, err
		}
		defer leave()
	}
	d, begun, err := w.Book.Begin(ctx, l, planned.ID, w.Now())
	if err != nil || !begun {
		return 0, err
	}
	calling, done := lasting(ctx, stopGrace)
	receipt, f := w.call(calling, sender, d)
	done()
	return w.conclude(ctx, l, d, receipt, f)
}

// prepare makes what the call needs. What failed in it was surely not sent.
func (w *Worker) prepare(ctx context.Context, sender Sender, d Delivery) (*Failure, error) {
	if !d.LeaveBy.IsZero() && !d.MaybeOut && w.Now().After(d.LeaveBy) {
		return &Failure{Outcome: Refused, Code: "late", Message: "Пост не ушёл вовремя, а выпускать его позже не разрешено. Назначьте другое время или отправьте его сейчас."}, nil
	}
	p, ok := sender.(Preparer)
	if !ok || d.MaybeOut && !w.windowOpen(d) {
		return nil, nil
	}
	err := p.Prepare(ctx, d)
	var f *Failure
	if !errors.As(err, &f) || ctx.Err() != nil {
		return nil, err
	}
	told := *f
	if told.Outcome == Uncertain {
		told.Outcome = NotSent
	}
	return &told, nil
}

// conclude writes what came of a call, or of its preparation.
func (w *Worker) conclude(ctx context.Context, l lease.Lease, d Delivery, receipt Receipt, f *Failure) (rest time.Duration, err error) {
	v := Verdict{State: Sent, Receipt: receipt}
	if f != nil {
		w.Log.Warn("delivery not confirmed", "delivery", d.ID, "err", f)
		v = w.judge(d, f)
		if v.State == Planned && f.Outcome == NotSent && d.Kind != KindClosePoll {
			rest = f.RetryAfter
		}
	}
	w.Log.Info("delivery", "delivery", d.ID, "kind", string(d.Kind), "number", d.Number, "network", string(d.Network), "attempt", d.Attempt, "state", string(v.State), "code", v.Code)
	// The call was made: what came of it must be written even while stopping.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return rest, w.Book.Finish(last, l, d, v, w.Now())
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

// call makes the call. A nil failure means that the network confirmed it.
func (w *Worker) call(ctx context.Context, sender Sender, d Delivery) (Receipt, *Failure) {
	if d.MaybeOut && !w.windowOpen(d) {
		return Receipt{}, &Failure{Outcome: Uncertain, Code: "window_closed", Message: "Сеть не подтвердила отправку, а повторить её без риска уже нельзя. " + look(d.Kind)}
	}
	if w.Before != nil {
		if err := w.Before(ctx); err != nil {
			return Receipt{}, &Failure{Outcome: NotSent, Code: "held", Message: "Отправка остановлена до обращения к сети; программа повторит её, когда это можно.", Cause: err}
		}
	}
	receipt, err := sender.Send(ctx, d)
	if err == nil {
		return receipt, nil
	}
	var f *Failure
	if !errors.As(err, &f) {
		f = &Failure{Outcome: Uncertain, Code: "unclassified", Message: "Сеть ответила непонятно: " + fate(d.Kind) + " " + look(d.Kind), Cause: err}
	}
	return Receipt{}, f
}

// keyless speaks for a page without a key.
type keyless struct{}

// Send implements Sender.
func (keyless) Send(context.Context, Delivery) (Receipt, error) {
	return Receipt{}, &Failure{Outcome: Refused, Code: "no_key", Message: "У страницы нет ключа, которым можно это отправить. Администратор добавит его в «Источниках», потом нажмите «Отправить ещё раз»."}
}

// judge turns a failure into what the ledger says next.
func (w *Worker) judge(d Delivery, f *Failure) Verdict {
	v := Verdict{Code: f.Code, Trouble: f.Message}
	v.MaybeOut = d.MaybeOut || f.Outcome == Uncertain
	switch {
	case f.Outcome == Refused && !d.MaybeOut:
		v.State = Failed
	case f.Outcome == NotSent, f.Outcome == Uncertain && (f.Repeatable || d.Kind.Harmless()):
		pause := max(f.RetryAfter, backoff(d.Attempt))
		if f.Unasked {
			pause = f.RetryAfter
		}
		v.State, v.NextTry = Planned, w.Now().Add(pause)
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
