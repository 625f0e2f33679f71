package pace

import (
	"crypto/sha256"
	"sync"
)

// Shared gives all who use the same token the same limits, whichever pages they
// act for: one administrator's key or one bot may serve many. The zero value is
// ready; it may be used concurrently.
type Shared[L any] struct {
	mu sync.Mutex
	by map[[sha256.Size]byte]L
}

// Of returns the limits of a token; make is called for one that is new. Tokens
// are remembered by their hashes.
func (s *Shared[L]) Of(token string, make func() L) L {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := sha256.Sum256([]byte(token))
	l, ok := s.by[key]
	if !ok {
		if s.by == nil {
			s.by = map[[sha256.Size]byte]L{}
		}
		l = make()
		s.by[key] = l
	}
	return l
}
