package telegram

import (
	"context"
	"errors"
	"time"

	"otklik/internal/delivery"
	"otklik/internal/network/pace"
)

// perSecond is how many messages a bot may send in a second.
const perSecond = 30

// Limits keeps one token within the network's limits. One value is shared by
// all who send with the token, in whatever chat.
type Limits struct{ gate *pace.Gate }

// NewLimits returns the limits of a token that has sent nothing yet, as they
// are published (Bots FAQ): 30 messages a second for a bot, one a second for a
// chat, 20 a minute for a group. The network counts when a request arrives and
// not when it leaves: hence the margin, and the 30 leave in sixths, so that a
// crowd does not hold up itself.
func NewLimits(now func() time.Time) *Limits {
	const margin, sixth = 50 * time.Millisecond, 180 * time.Millisecond
	chat := pace.Limit{Calls: 1, Per: time.Second + margin}
	group := pace.Limit{Calls: 20, Per: time.Minute + margin}
	return &Limits{pace.NewGate(pace.Options{
		Now: now,
		Key: []pace.Limit{{Calls: perSecond / 6, Per: sixth}},
		Lane: func(id int64) []pace.Limit {
			if id < 0 {
				return []pace.Limit{chat, group}
			}
			return []pace.Limit{chat}
		},
	})}
}

// wait waits until messages may be sent to a chat. Nothing is booked when that
// is further away than atMost: the failure then says when to come back.
func (l *Limits) wait(ctx context.Context, chat int64, messages int, atMost time.Duration) *delivery.Failure {
	err := l.gate.Take(ctx, chat, messages, atMost)
	var later *pace.LaterError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &later):
		return &delivery.Failure{
			Outcome: delivery.NotSent, Code: "tg.limit", RetryAfter: later.After, Unasked: true,
			Message: "Сообщений в этот чат слишком много за минуту: программа отправит сама, когда Telegram позволит.",
		}
	}
	return &delivery.Failure{
		Outcome: delivery.NotSent, Code: "tg.interrupted", Cause: err,
		Message: "Отправка прервана до обращения к Telegram: программа повторит её сама.",
	}
}
