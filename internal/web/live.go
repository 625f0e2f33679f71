package web

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"otklik/internal/errs"
	"otklik/internal/live"
)

const (
	streamsPerPerson = 12
	streamsInAll     = 1000
	// heartbeat keeps proxies from closing a stream that has nothing to say.
	heartbeat = 20 * time.Second
	// gather is how long news waits for more of it.
	gather = 150 * time.Millisecond
	// streamLife ends a stream so that the browser comes again and shows that
	// the session still stands.
	streamLife = 30 * time.Minute
)

// gate bounds the streams per person and in all.
type gate struct {
	perPerson, inAll int

	mu    sync.Mutex
	count map[string]int
	sum   int
}

func newGate(perPerson, inAll int) *gate {
	return &gate{perPerson: perPerson, inAll: inAll, count: map[string]int{}}
}

// enter returns the function that leaves again, or false if there is no room.
func (g *gate) enter(person string) (func(), bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.sum >= g.inAll || g.count[person] >= g.perPerson {
		return nil, false
	}
	g.sum++
	g.count[person]++
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.sum--
		if g.count[person]--; g.count[person] == 0 {
			delete(g.count, person)
		}
	}, true
}

// live streams the names of stale regions as server-sent events.
func (s *server) live(w http.ResponseWriter, r *http.Request, v *visit) error {
	leave, ok := s.gate.enter(v.person.ID)
	if !ok {
		return errs.New(errs.RateLimited, "Открыто слишком много вкладок: страница не будет обновляться сама.")
	}
	defer leave()
	stale, end := s.Hub.Subscribe()
	defer end()

	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("X-Accel-Buffering", "no")
	out := stream{w: w, rc: http.NewResponseController(w)}
	if err := out.send(": open\nretry: 2000\n\n"); err != nil {
		return nil
	}
	beat, life := time.NewTicker(heartbeat), time.NewTimer(streamLife)
	defer beat.Stop()
	defer life.Stop()
	for {
		var err error
		select {
		case <-r.Context().Done():
			return nil
		case <-life.C:
			return nil
		case <-beat.C:
			err = out.send(": beat\n\n")
		case first := <-stale:
			for _, region := range collect(r, stale, first) {
				err = out.send(fmt.Sprintf("event: stale\ndata: %s\n\n", region))
			}
		}
		if err != nil {
			return nil // the reader is gone
		}
	}
}

// collect waits a moment for more news and returns each region once.
func collect(r *http.Request, stale <-chan live.Region, first live.Region) []live.Region {
	list := []live.Region{first}
	wait := time.NewTimer(gather)
	defer wait.Stop()
	for {
		select {
		case region := <-stale:
			if !slices.Contains(list, region) {
				list = append(list, region)
			}
		case <-wait.C:
			return list
		case <-r.Context().Done():
			return nil
		}
	}
}

type stream struct {
	w  http.ResponseWriter
	rc *http.ResponseController
}

// send bounds each write by itself, because the server's own bound would end
// the stream and no bound would let a dead connection hold it.
func (s stream) send(text string) error {
	_ = s.rc.SetWriteDeadline(time.Now().Add(heartbeat))
	if _, err := fmt.Fprint(s.w, text); err != nil {
		return err
	}
	return s.rc.Flush()
}
