package telegram

import (
	"slices"
	"time"
)

// never is how long there is to wait when nothing is planned.
const never = 24 * time.Hour

// planned is something that the network does later: it closes a poll, sends an
// update that was held up, tells the count of reactions.
type planned struct {
	at  time.Time
	act func()
}

// plan has act run with the mutex held once the clock reaches at.
func (s *Server) plan(at time.Time, act func()) {
	i, _ := slices.BinarySearchFunc(s.planned, at, func(p planned, at time.Time) int {
		if p.at.After(at) {
			return 1
		}
		return -1
	})
	s.planned = slices.Insert(s.planned, i, planned{at, act})
	for _, b := range s.bots {
		b.rouse()
	}
}

// ripen does what is due.
func (s *Server) ripen() {
	now := s.clock()
	for len(s.planned) > 0 && !s.planned[0].at.After(now) {
		act := s.planned[0].act
		s.planned = s.planned[1:]
		act()
	}
}

// untilRipe is how long until something planned is due.
func (s *Server) untilRipe() time.Duration {
	if len(s.planned) == 0 {
		return never
	}
	return max(s.planned[0].at.Sub(s.clock()), time.Millisecond)
}
