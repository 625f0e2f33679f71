package telegram

import (
	"context"
	"slices"
	"sync"
	"time"

	"otklik/internal/delivery"
)

// Telegram's published limits (Bots FAQ): 30 messages a second for a bot, one
// a second for a chat, 20 a minute for a group.
const (
	perSecond    = 30
	perChat      = 1
	perGroup     = 20
	maxIdleChats = 1000
	// margin lengthens every window: requests do not arrive as evenly as they
	// are sent, and the network counts when they arrive.
	margin = 100 * time.Millisecond
)

// Limits keeps one token within the network's limits as sliding windows. One
// value is shared by all who send with the token.
type Limits struct {
	now func() time.Time

	mu    sync.Mutex
	token window
	chats map[int64]*chatWindows
}

type chatWindows struct{ second, minute window }

// NewLimits returns the limits of a token that has sent nothing yet.
func NewLimits(now func() time.Time) *Limits {
	return &Limits{now: now, chats: map[int64]*chatWindows{}}
}

// wait books a call and waits for its moment. Nothing is booked when the
// moment is further away than atMost: the failure then says when to come back.
func (l *Limits) wait(ctx context.Context, chat int64, atMost time.Duration) *delivery.Failure {
	delay, booked := l.book(chat, atMost)
	if !booked {
		return &delivery.Failure{
			Outcome: delivery.NotSent, Code: "tg.limit", RetryAfter: delay,
			Message: "Ответов в этот чат слишком много за минуту: ответ уйдёт сам, когда Telegram позволит.",
		}
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	if ctx.Err() == nil {
		return nil
	}
	return &delivery.Failure{
		Outcome: delivery.NotSent, Code: "tg.interrupted", Cause: ctx.Err(),
		Message: "Отправка прервана до обращения к Telegram: ответ уйдёт при следующей попытке.",
	}
}

// book finds the first moment at which every window has room and takes it.
func (l *Limits) book(chat int64, atMost time.Duration) (time.Duration, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	c := l.chats[chat]
	if c == nil {
		l.forgetIdle(now)
		c = &chatWindows{}
		l.chats[chat] = c
	}
	at := latest(now, l.token.free(now, perSecond, time.Second+margin), c.second.free(now, perChat, time.Second+margin))
	if room := c.minute.free(now, perGroup, time.Minute+margin); chat < 0 {
		at = latest(at, room)
	}
	if delay := at.Sub(now); delay > atMost {
		return delay, false
	}
	l.token.book(at)
	c.second.book(at)
	c.minute.book(at)
	return at.Sub(now), true
}

// forgetIdle keeps the map of chats small.
func (l *Limits) forgetIdle(now time.Time) {
	if len(l.chats) < maxIdleChats {
		return
	}
	for id, c := range l.chats {
		if n := len(c.minute); n == 0 || now.Sub(c.minute[n-1]) >= time.Minute+margin {
			delete(l.chats, id)
		}
	}
}

// window is the moments at which calls were booked, in order.
type window []time.Time

// free is the first moment from now on with room for one more call among limit
// per span; what is older than span is forgotten.
func (w *window) free(now time.Time, limit int, span time.Duration) time.Time {
	old := 0
	for old < len(*w) && now.Sub((*w)[old]) >= span {
		old++
	}
	*w = append((*w)[:0], (*w)[old:]...)
	if len(*w) < limit {
		return now
	}
	return latest(now, (*w)[len(*w)-limit].Add(span))
}

// book keeps the order: a call in another chat may be booked for an earlier moment.
func (w *window) book(at time.Time) {
	i, _ := slices.BinarySearchFunc(*w, at, time.Time.Compare)
	*w = slices.Insert(*w, i, at)
}

func latest(t time.Time, more ...time.Time) time.Time {
	for _, x := range more {
		if x.After(t) {
			t = x
		}
	}
	return t
}
