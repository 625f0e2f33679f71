package hour

import (
	"sync"
	"time"

	"otklik/internal/sim/record"
)

// keptCalls is how many calls the simulators' log holds until they are taken over.
const keptCalls = 20_000

// call is what the limits look at.
type call struct {
	at             time.Time
	network, token string
	method, fault  string
	status         int
	chat           string // of what was sent in Telegram
}

// calls takes the recorded calls over, without their answers.
type calls struct {
	log  *record.Log
	mu   sync.Mutex
	last int64
	list []call
	lost bool
}

func (c *calls) take() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, x := range c.log.Since(c.last, "") {
		c.lost = c.lost || x.Seq != c.last+1
		c.last = x.Seq
		c.list = append(c.list, call{x.At, x.Network, x.Token, x.Method, x.Fault, x.Status, first(x.Params["chat_id"])})
	}
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// most is how many of the calls that share a key fell into any one sliding
// span; calls with no key are not counted.
func (c *calls) most(span time.Duration, key func(call) string) (most, all int) {
	windows := map[string][]time.Time{}
	for _, x := range c.list {
		k := key(x)
		if k == "" {
			continue
		}
		all++
		window := append(windows[k], x.at)
		for x.at.Sub(window[0]) >= span {
			window = window[1:]
		}
		windows[k] = window
		most = max(most, len(window))
	}
	return most, all
}
