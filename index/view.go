package index

import (
	"sync"
	"sync/atomic"
)

// view is what the words of one vocabulary mean to one Matcher: which atoms
// they are. It is filled as words are met and read without a lock.
type view struct {
	vocabulary *vocabulary
	// resolved says, by word: 0 not looked at yet; 1 no atoms; the only atom,
	// plus one, shifted left; or a place in lists, shifted left, plus one.
	resolved []atomic.Uint32
	mu       sync.Mutex
	// lists holds how many atoms a word is and then the atoms; 0 is unused.
	lists atomic.Pointer[[]uint32]
}

const resolvedNone = 1

// viewOf returns the Matcher's view of a vocabulary.
func (m *Matcher) viewOf(v *vocabulary) *view {
	for {
		now := m.view.Load()
		if now != nil && now.vocabulary == v {
			return now
		}
		next := &view{vocabulary: v, resolved: make([]atomic.Uint32, len(v.words))}
		next.lists.Store(&[]uint32{0})
		if m.view.CompareAndSwap(now, next) {
			return next
		}
	}
}

// resolve looks a word up for the first time.
func (w *view) resolve(a *atoms, id uint32) uint32 {
	found := a.resolve(nil, &w.vocabulary.words[id])
	value := uint32(resolvedNone)
	switch len(found) {
	case 0:
	case 1:
		value = uint32(found[0]+1) << 1
	default:
		w.mu.Lock()
		lists := *w.lists.Load()
		value = uint32(len(lists))<<1 | 1
		lists = append(lists, uint32(len(found)))
		for _, id := range found {
			lists = append(lists, uint32(id))
		}
		w.lists.Store(&lists)
		w.mu.Unlock()
	}
	w.resolved[id].Store(value)
	return value
}

// list returns the atoms at a place of lists.
func (w *view) list(value uint32) []uint32 {
	lists := *w.lists.Load()
	at := value >> 1
	n := lists[at]
	return lists[at+1 : at+1+n]
}
