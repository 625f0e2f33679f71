package index

import (
	"strings"
	"sync"
)

const (
	// cacheForms is how many word forms one generation of the cache holds.
	// Two generations live at once: some 20 MB when full.
	cacheForms = 50_000
	// maxCached is the longest word, in bytes, that the cache keeps.
	maxCached = 64
)

// word is what the linguistics make of a word as written.
type word struct {
	term, form string
}

// formCache remembers words as written, so that the linguistics run once per
// form. When a generation is full it becomes the old one, and what nobody asks
// for again goes with it.
type formCache struct {
	mu         sync.RWMutex
	young, old map[string]word
	limit      int
}

func newFormCache(limit int) *formCache {
	return &formCache{young: make(map[string]word), limit: limit}
}

// find looks a word up. The caller holds the read lock; fresh says that the
// word need not be added again.
func (c *formCache) find(raw string) (w word, found, fresh bool) {
	if w, ok := c.young[raw]; ok {
		return w, true, true
	}
	w, ok := c.old[raw]
	return w, ok, false
}

// add stores words under copies of their keys, since the keys are parts of
// texts that may be large.
func (c *formCache) add(words map[string]word) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for raw, w := range words {
		if len(c.young) >= c.limit {
			c.old, c.young = c.young, make(map[string]word, c.limit)
		}
		c.young[strings.Clone(raw)] = w
	}
}
