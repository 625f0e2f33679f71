package store

import (
	"context"
	"time"

	"otklik/incidents/deadline"
)

// PromiseFor checks a day that an interim answer to a case is to name and
// returns the end of work on it: by the deadlines and the working time of the
// case. Errors: NotFound, Invalid.
func (s *Store) PromiseFor(ctx context.Context, caseID string, day, now time.Time) (time.Time, error) {
	c, err := loadCase(ctx, s.read, caseID)
	if err != nil {
		return time.Time{}, err
	}
	schedule, err := s.Schedule(ctx, organisation(c))
	if err != nil {
		return time.Time{}, err
	}
	p := deadline.Policy{}
	k, err := clockOf(ctx, s.read, caseID)
	if err == nil && k.policyID != "" {
		p, err = policyNamed(ctx, s.read, k.policyID)
	}
	if err != nil {
		return time.Time{}, err
	}
	return p.Promise(schedule, c.OpenedAt, day, now)
}
