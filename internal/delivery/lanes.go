package delivery

import (
	"context"
	"sync"
	"time"

	"otklik/internal/lease"
	"otklik/internal/wake"
)

// lanes lets every page send for itself, one delivery after another: a page
// whose network hangs or asks to wait keeps nobody else waiting.
type lanes struct {
	freed   wake.Bell // rings when a page has ended its work
	running sync.WaitGroup

	mu   sync.Mutex
	busy map[string]bool
	rest map[string]time.Time // until when a page was asked to be silent
}

func newLanes() *lanes {
	return &lanes{freed: wake.New(), busy: map[string]bool{}, rest: map[string]time.Time{}}
}

// enter takes the lane of a page, unless it is taken or rests.
func (s *lanes) enter(page string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[page] || now.Before(s.rest[page]) {
		return false
	}
	delete(s.rest, page)
	s.busy[page] = true
	return true
}

// leave frees the lane of a page that rests for a while.
func (s *lanes) leave(page string, until time.Time) {
	s.mu.Lock()
	delete(s.busy, page)
	if !until.IsZero() {
		s.rest[page] = until
	}
	s.mu.Unlock()
	s.freed.Ring()
}

// next is how long it is until the first page has rested, at most tick.
func (s *lanes) next(now time.Time, tick time.Duration) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, until := range s.rest {
		if left := until.Sub(now); left > 0 {
			tick = min(tick, left)
		}
	}
	return tick
}

// sleep returns when a page is free, something was planned, or it is time to look.
func (w *Worker) sleep(ctx context.Context, s *lanes) error {
	t := time.NewTimer(s.next(w.Now(), w.Tick))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-s.freed:
	case <-w.Wake:
	case <-t.C:
	}
	return nil
}

// perPage is how many deliveries of one page are taken at a time.
const perPage = 10

// round sets the pages to work that have something to send and are free.
func (w *Worker) round(ctx context.Context, l lease.Lease, s *lanes, fail context.CancelCauseFunc) error {
	due, err := w.Book.Due(ctx, w.Network, w.Now(), perPage)
	if err != nil {
		return err
	}
	var pages []string
	byPage := map[string][]Delivery{}
	for _, d := range due {
		if byPage[d.SourceID] == nil {
			pages = append(pages, d.SourceID)
		}
		byPage[d.SourceID] = append(byPage[d.SourceID], d)
	}
	for _, page := range pages {
		if !s.enter(page, w.Now()) {
			continue
		}
		s.running.Go(func() {
			rest, err := w.work(ctx, l, byPage[page])
			if err != nil {
				fail(err)
			}
			var until time.Time
			if rest > 0 {
				until = w.Now().Add(rest)
			}
			s.leave(page, until)
		})
	}
	return nil
}

// work sends for one page until nothing is left or the network asks to wait.
func (w *Worker) work(ctx context.Context, l lease.Lease, list []Delivery) (rest time.Duration, err error) {
	for _, d := range list {
		if rest, err = w.send(ctx, l, d); err != nil || rest > 0 {
			return rest, err
		}
	}
	return 0, nil
}
