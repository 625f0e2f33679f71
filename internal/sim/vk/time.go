package vk

import (
	"slices"
	"time"

	"otklik/internal/sim/record"
)

// now is the network's clock, which a fault may put ahead or behind. Limits
// and windows run on the true clock.
func (s *Server) now() time.Time {
	now := s.opt.Now()
	if f, ok := s.faults.Lasting(now, record.FaultClock); ok {
		now = now.Add(time.Duration(f.Delay) * time.Millisecond)
	}
	return now
}

// remind makes tick run at due, or soon after.
func (s *Server) remind(due time.Time) {
	if s.due.IsZero() || due.Before(s.due) {
		s.due = due
	}
	time.AfterFunc(max(due.Sub(s.opt.Now()), 0)+time.Millisecond, s.Tick)
}

// Tick does what has become due: it publishes scheduled posts and lets go of
// held-back events. The simulator does so by itself when it is called and as
// real time passes; a test that moves the clock may call it.
func (s *Server) Tick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tick()
}

func (s *Server) tick() {
	now := s.opt.Now()
	if s.due.IsZero() || now.Before(s.due) {
		return
	}
	s.due = time.Time{}
	for _, p := range slices.Clone(s.postponed) {
		if now.Before(p.Date) {
			s.soonest(p.Date)
		} else {
			s.publish(p)
		}
	}
	for _, c := range s.communities {
		for _, due := range s.release(c, now) {
			s.soonest(due)
		}
	}
}

func (s *Server) soonest(due time.Time) {
	if s.due.IsZero() || due.Before(s.due) {
		s.due = due
	}
}
