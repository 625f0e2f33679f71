package demo

import (
	"sync/atomic"
	"time"
)

// clock is the simulators' clock. It can be set back while the last hour is
// being told, and then runs with the real one.
type clock struct{ offset atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.offset.Load())) }

func (c *clock) setBack(d time.Duration) { c.offset.Store(int64(-d)) }
