// Package wake lets one goroutine tell another that there is work. A poke is a
// hint: whoever sleeps also looks by itself now and then, so a lost one only
// costs time.
package wake

import (
	"context"
	"time"
)

// Bell holds one poke until somebody hears it.
type Bell chan struct{}

// New returns a bell that has not been rung.
func New() Bell { return make(Bell, 1) }

// Ring wakes a sleeper; one that is at work will look again.
func (b Bell) Ring() {
	select {
	case b <- struct{}{}:
	default:
	}
}

// Sleep returns when the bell rings or tick is over, with an error when ctx has
// ended. A nil bell never rings.
func (b Bell) Sleep(ctx context.Context, tick time.Duration) error {
	t := time.NewTimer(tick)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-b:
	case <-t.C:
	}
	return nil
}
