package collectortest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"otklik/collectors"
	"otklik/internal/lease"
)

// errCrash stands for the end of the process.
var errCrash = errors.New("the process has crashed")

// fate is what happens to one commit.
type fate int

const (
	pass   fate = iota
	before      // the process ends, nothing was written
	after       // it was written, and the process ends before it knows
)

// patterns is how many patterns of fates there are over three commits that end
// with a crash: after none, one or two that pass, before or after the write.
const patterns = 6

// crashing is a book that ends the process at one of its commits.
type crashing struct {
	collectors.Book
	pattern int

	mu    sync.Mutex
	calls int
	over  bool
}

func (c *crashing) next() fate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return before
	}
	call := c.calls
	c.calls++
	if call < c.pattern/2%3 {
		return pass
	}
	c.over = true
	return before + fate(c.pattern%2)
}

// Commit implements collectors.Book.
func (c *crashing) Commit(ctx context.Context, l lease.Lease, st collectors.Stream, b collectors.Batch, now time.Time) (int, error) {
	f := c.next()
	if f == before {
		return 0, errCrash
	}
	n, err := c.Book.Commit(ctx, l, st, b, now)
	if f == after && err == nil {
		return 0, errCrash
	}
	return n, err
}

// crashOnce runs the readers until they crash in the given pattern.
func (l *lab) crashOnce(ctx context.Context, pattern int) error {
	p, err := l.start(ctx, &crashing{Book: l.s, pattern: pattern})
	if err != nil {
		return err
	}
	defer p.stop()
	select {
	case <-p.ended:
		if !errors.Is(p.err, errCrash) {
			return fmt.Errorf("the reader ended by itself: %w", p.err)
		}
		return nil
	case <-time.After(l.patience):
		return fmt.Errorf("no commit in %v: an idle source must still say up to when it is complete", l.patience)
	}
}
