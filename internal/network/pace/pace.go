// Package pace keeps all calls that are made with one key within a network's
// limits. The limits are sliding windows, over the key and over each chat or
// page (a lane). Whoever waits is served lane by lane in turn, so that a page
// with a hundred posts does not keep another page's only post waiting.
package pace

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"
)

// Limit allows so many calls in any span of the given length.
type Limit struct {
	Calls int
	Per   time.Duration
}

// Options of a Gate. Now is required.
type Options struct {
	Now func() time.Time
	// Key are the limits over everything that passes.
	Key []Limit
	// Lane returns the limits of one lane; nil means that lanes have none.
	Lane func(id int64) []Limit
}

// Gate is the limits of one key. Everyone who uses the key passes it. It may be
// used concurrently and starts nothing of its own.
type Gate struct {
	opt Options

	mu    sync.Mutex
	key   windows
	lanes map[int64]*lane
	turns []*lane // lanes in which somebody waits, the next in turn first
	timer *time.Timer
}

// lane is one chat or page.
type lane struct {
	windows
	queue []*waiter
}

type waiter struct {
	calls   int
	granted chan struct{}
}

// NewGate returns a gate through which nothing has passed.
func NewGate(o Options) *Gate {
	if o.Lane == nil {
		o.Lane = func(int64) []Limit { return nil }
	}
	return &Gate{opt: o, key: newWindows(o.Key), lanes: map[int64]*lane{}}
}

// Share leaves this process its part of the key's limits when so many processes
// use the key; it can be called again whenever their number changes.
func (g *Gate) Share(processes int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, l := range g.opt.Key {
		g.key[i].limit = l.part(max(processes, 1))
	}
	g.pump()
}

// part is what one of n processes may make of a limit, so that all of them
// together stay within it at the worst moment too.
func (l Limit) part(n int) Limit {
	if l.Calls >= n {
		return Limit{l.Calls / n, l.Per}
	}
	rounds := (n + l.Calls - 1) / l.Calls
	return Limit{1, l.Per * time.Duration(rounds)}
}

// LaterError says that a call may not be made within the time allowed.
type LaterError struct{ After time.Duration }

func (e *LaterError) Error() string {
	return fmt.Sprintf("the limits allow the call in %v at the earliest", e.After)
}

// Take waits until n calls may be made in a lane and books them. It returns a
// *LaterError if that takes longer than atMost, at once where this is already
// known, and the context's error if that ends first; then nothing is booked.
func (g *Gate) Take(ctx context.Context, id int64, n int, atMost time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &waiter{calls: max(n, 1), granted: make(chan struct{})}
	if after := g.enter(id, w, atMost); after > atMost {
		return &LaterError{after}
	}
	timer := time.NewTimer(atMost)
	defer timer.Stop()
	select {
	case <-w.granted:
		return nil
	case <-ctx.Done():
	case <-timer.C:
	}
	if g.leave(id, w) {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return &LaterError{max(g.soonest(id, w), time.Second)}
}

// Lane is a gate as one page sees it.
type Lane struct {
	gate *Gate
	id   int64
}

// Lane returns the gate for one page or chat.
func (g *Gate) Lane(id int64) Lane { return Lane{g, id} }

// Wait waits for the turn of one call, for as long as the context lasts.
func (l Lane) Wait(ctx context.Context) error {
	return l.gate.Take(ctx, l.id, 1, math.MaxInt64)
}

// Wait is Lane(0).Wait: for calls that concern no page.
func (g *Gate) Wait(ctx context.Context) error { return g.Lane(0).Wait(ctx) }

// enter puts a waiter into its lane, unless it is known to wait too long there.
func (g *Gate) enter(id int64, w *waiter, atMost time.Duration) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	after := g.soonest(id, w)
	if after > atMost {
		return after
	}
	l := g.lanes[id]
	if l == nil {
		g.forget()
		l = &lane{windows: newWindows(g.opt.Lane(id))}
		g.lanes[id] = l
	}
	if l.queue = append(l.queue, w); len(l.queue) == 1 {
		g.turns = append(g.turns, l)
	}
	g.pump()
	return after
}

// leave takes a waiter out of its lane; granted says that its turn had come.
func (g *Gate) leave(id int64, w *waiter) (granted bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-w.granted:
		return true
	default:
	}
	l := g.lanes[id]
	for i, other := range l.queue {
		if other == w {
			l.queue = append(l.queue[:i:i], l.queue[i+1:]...)
			break
		}
	}
	if len(l.queue) == 0 {
		g.drop(l)
	}
	g.pump()
	return false
}

// soonest is how long a waiter has to wait at least.
func (g *Gate) soonest(id int64, w *waiter) time.Duration {
	now := g.opt.Now()
	at := g.key.free(now, w.calls)
	if l := g.lanes[id]; l != nil {
		ahead := l.copy()
		for _, other := range l.queue {
			ahead.book(latest(now, ahead.free(now, other.calls)), other.calls)
		}
		at = latest(at, ahead.free(now, w.calls))
	}
	return at.Sub(now)
}

// pump lets pass whoever may, and comes back when the next one may. A lane that
// is first in turn and has room waits for room of the key: what needs less of
// it does not overtake.
func (g *Gate) pump() {
	now := g.opt.Now()
	for len(g.turns) > 0 {
		l, at := g.next(now)
		if at.After(now) {
			g.comeBack(at.Sub(now))
			return
		}
		w := l.queue[0]
		g.key.book(now, w.calls)
		l.book(now, w.calls)
		close(w.granted)
		l.queue = l.queue[1:]
		g.drop(l)
		if len(l.queue) > 0 {
			g.turns = append(g.turns, l)
		}
	}
}

// next is the lane that passes next, and when.
func (g *Gate) next(now time.Time) (first *lane, at time.Time) {
	for _, l := range g.turns {
		calls := l.queue[0].calls
		if free := l.free(now, calls); first == nil || free.Before(at) {
			first, at = l, free
		}
		if !at.After(now) {
			break
		}
	}
	return first, latest(at, g.key.free(now, first.queue[0].calls))
}

func (g *Gate) comeBack(in time.Duration) {
	if g.timer != nil {
		g.timer.Stop()
	}
	g.timer = time.AfterFunc(in, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.pump()
	})
}

func (g *Gate) drop(l *lane) {
	for i, other := range g.turns {
		if other == l {
			g.turns = append(g.turns[:i:i], g.turns[i+1:]...)
			return
		}
	}
}

// maxIdleLanes is how many lanes are remembered before idle ones are forgotten.
const maxIdleLanes = 1000

func (g *Gate) forget() {
	if len(g.lanes) < maxIdleLanes {
		return
	}
	now := g.opt.Now()
	for id, l := range g.lanes {
		if len(l.queue) == 0 && l.empty(now) {
			delete(g.lanes, id)
		}
	}
}
