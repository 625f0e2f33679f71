package app

import (
	"context"
	"sync"
	"time"

	"otklik/collectors"
	tgread "otklik/collectors/telegram"
)

// late is a source that has to ask the network before it can read. What goes
// wrong then is told like any other trouble and tried again. It asks again
// every hour, and soon after a group spoke that it does not know: the group of
// a channel can be replaced or get another id while the program runs.
//
// A source that is known from before is read at once, so that a restart amid
// the network's troubles loses no time, and the network is asked soon after.
type late struct {
	connect func(context.Context) (*tgread.Source, error)
	now     func() time.Time
	mu      sync.Mutex
	source  *tgread.Source // may be given as it was seen last
	asked   time.Time      // with success, zero if not yet
	tried   time.Time
}

// strangerPause is the least time between two looks at the same page.
const strangerPause = time.Minute

// Fetch implements collectors.Source.
func (l *late) Fetch(ctx context.Context, c collectors.Cursor) (collectors.Batch, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.refresh(ctx, l.due()); err != nil {
		return collectors.Batch{}, err
	}
	b, err := l.source.Fetch(ctx, c)
	switch {
	case err != nil && l.asked.IsZero() && ctx.Err() == nil:
		// What was seen last may not be so any more.
		if l.refresh(ctx, true) != nil || l.asked.IsZero() {
			return b, err
		}
	case err != nil || !l.source.SawStranger() || l.now().Sub(l.tried) < strangerPause:
		return b, err
	default:
		// Nothing of the batch is confirmed until a later cursor is fetched with,
		// so it can be asked for again and read with open eyes.
		if err := l.refresh(ctx, true); err != nil {
			return collectors.Batch{}, err
		}
	}
	return l.source.Fetch(ctx, c)
}

// due says whether the network has to be asked what the page is. One that is
// known from before is read first.
func (l *late) due() bool {
	if l.source != nil && l.tried.IsZero() {
		l.tried = l.now().Add(firstLook - askAgain)
		return false
	}
	return l.now().Sub(l.asked) >= checkEvery && l.now().Sub(l.tried) >= askAgain
}

// firstLook is how soon a page that is known from before is asked for, askAgain
// how soon after an attempt that failed.
const (
	firstLook = 2 * time.Second
	askAgain  = time.Minute
)

// refresh connects if that is due or nothing is known. A page that was known is
// read on as it was when the network does not tell more just now.
func (l *late) refresh(ctx context.Context, due bool) error {
	if l.source != nil && !due {
		return nil
	}
	l.tried = l.now()
	s, err := l.connect(ctx)
	if err != nil && l.source == nil {
		return err
	}
	if err == nil {
		l.source, l.asked = s, l.now()
	}
	return nil
}

// checkEvery is how often a source's keys are looked at anew.
const checkEvery = time.Hour

// checked looks at the keys of a source now and then; a check that fails keeps
// nobody from reading.
type checked struct {
	collectors.Source
	check func(context.Context) error
	now   func() time.Time
	mu    sync.Mutex
	next  time.Time
}

// Fetch implements collectors.Source.
func (c *checked) Fetch(ctx context.Context, cursor collectors.Cursor) (collectors.Batch, error) {
	c.mu.Lock()
	due := !c.now().Before(c.next)
	if due {
		c.next = c.now().Add(checkEvery)
	}
	c.mu.Unlock()
	if due {
		if err := c.check(ctx); err != nil {
			c.mu.Lock()
			c.next = c.now().Add(time.Minute)
			c.mu.Unlock()
		}
	}
	return c.Source.Fetch(ctx, cursor)
}
