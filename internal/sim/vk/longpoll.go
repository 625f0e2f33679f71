package vk

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"otklik/internal/sim/record"
)

const (
	maxPollUpdates = 1000
	maxPollWait    = 90 * time.Second
)

// serveLongPoll answers one poll of a community's events.
func (s *Server) serveLongPoll(w http.ResponseWriter, r *http.Request) {
	group, _ := strconv.Atoi(r.PathValue("group"))
	q := r.URL.Query()
	key := q.Get("key")
	delete(q, "key")
	rec := record.Call{Network: "vk", Method: "longpoll", Token: string(CommunityToken), Params: q}
	s.serve(w, r, &rec, func(fault record.Fault) any {
		if fault.Kind == record.FaultFailed {
			return s.failed(group, fault.Code)
		}
		wait, _ := strconv.Atoi(q.Get("wait"))
		answer, injected := s.poll(r, group, key, q.Get("ts"), min(time.Duration(wait)*time.Second, maxPollWait))
		if injected {
			w.Header().Set(faultHeader, "injected")
		}
		return answer
	})
}

// failed is the long poll's refusal; with code 1 it carries the ts to go on with.
func (s *Server) failed(group, code int) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := object{"failed": code}
	if c := s.communities[group]; c != nil && code == 1 {
		out["ts"] = c.ts()
	}
	return out
}

// poll waits for an answer and says whether it holds injected events.
func (s *Server) poll(r *http.Request, group int, key, ts string, wait time.Duration) (answer any, injected bool) {
	deadline := time.NewTimer(max(wait, 0))
	defer deadline.Stop()
	nothing := object{"ts": ts, "updates": []json.RawMessage{}}
	for {
		answer, injected, wake := s.look(group, key, ts)
		if answer != nil {
			return answer, injected
		}
		select {
		case <-wake:
		case <-deadline.C:
			return nothing, false
		case <-s.done:
			return nothing, false
		case <-r.Context().Done():
			return nothing, false
		}
	}
}

// look returns the answer if there is one now, else a channel that is closed
// when something happens.
func (s *Server) look(group int, key, ts string) (answer any, injected bool, wake <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.communities[group]
	if c == nil || !c.keys[key] {
		return object{"failed": 2}, false, nil
	}
	from, err := strconv.Atoi(ts)
	if err != nil {
		return object{"failed": 1, "ts": c.ts()}, false, nil
	}
	s.tick()
	events, last, ok := c.since(from, maxPollUpdates)
	switch {
	case !ok:
		return object{"failed": 1, "ts": last}, false, nil
	case len(events) == 0:
		return nil, false, c.wake
	}
	updates := make([]json.RawMessage, 0, len(events))
	for _, e := range events {
		updates = append(updates, e.raw)
		injected = injected || e.injected
	}
	return object{"ts": strconv.Itoa(last), "updates": updates}, injected, nil
}
