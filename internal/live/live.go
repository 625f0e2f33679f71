// Package live tells open pages that something they show has changed. It says
// only what is stale, never what it is now: the data comes from a request that
// the server checks like any other.
package live

import "sync"

// Region is a part of the pages that can go stale.
type Region string

const (
	Cases      Region = "cases"
	Incidents  Region = "incidents"
	Sources    Region = "sources"
	Deliveries Region = "deliveries"
	Posts      Region = "posts"
	Halts      Region = "halts"
	Stats      Region = "stats"
	Alarms     Region = "alarms"
	Notices    Region = "notices"
	Deadlines  Region = "deadlines"
	Training   Region = "training"
	Rules      Region = "rules"
	Scans      Region = "scans"
	Hits       Region = "hits" // what saved searches found
)

// Hub passes stale regions to everyone who listens.
type Hub struct {
	mu   sync.Mutex
	subs map[chan Region]struct{}
}

// NewHub returns a hub without listeners.
func NewHub() *Hub { return &Hub{subs: map[chan Region]struct{}{}} }

// Publish marks regions stale. A listener that is behind misses repetitions,
// which is harmless: stale is stale.
func (h *Hub) Publish(regions ...Region) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch := range h.subs {
		for _, r := range regions {
			select {
			case ch <- r:
			default:
			}
		}
	}
}

// Subscribe returns a channel of stale regions and a function that ends it.
func (h *Hub) Subscribe() (<-chan Region, func()) {
	ch := make(chan Region, 16)
	h.mu.Lock()
	h.subs[ch] = struct{}{}
	h.mu.Unlock()
	return ch, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subs, ch)
	}
}
