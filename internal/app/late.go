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
type late struct {
	connect func(context.Context) (*tgread.Source, error)
	now     func() time.Time
	mu      sync.Mutex
	source  *tgread.Source
	asked   time.Time
}

// strangerPause is the least time between two looks at the same page.
const strangerPause = time.Minute

// Fetch implements collectors.Source.
func (l *late) Fetch(ctx context.Context, c collectors.Cursor) (collectors.Batch, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.refresh(ctx, checkEvery); err != nil {
		return collectors.Batch{}, err
	}
	b, err := l.source.Fetch(ctx, c)
	if err != nil || !l.source.SawStranger() || l.now().Sub(l.asked) < strangerPause {
		return b, err
	}
	// Nothing of the batch is confirmed until a later cursor is fetched with, so
	// it can be asked for again and read with open eyes.
	if err := l.refresh(ctx, strangerPause); err != nil {
		return collectors.Batch{}, err
	}
	return l.source.Fetch(ctx, c)
}

// refresh connects if that was never done or is older than age. A page that was
// known is read on as it was when the network does not tell more just now.
func (l *late) refresh(ctx context.Context, age time.Duration) error {
	if l.source != nil && l.now().Sub(l.asked) < age {
		return nil
	}
	s, err := l.connect(ctx)
	if err != nil && l.source == nil {
		return err
	}
	l.asked = l.now()
	if err == nil {
		l.source = s
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
