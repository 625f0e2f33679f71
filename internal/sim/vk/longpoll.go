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
		return s.poll(r, group, key, q.Get("ts"), min(time.Duration(wait)*time.Second, maxPollWait))
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

func (s *Server) poll(r *http.Request, group int, key, ts string, wait time.Duration) any {
	deadline := time.NewTimer(max(wait, 0))
	defer deadline.Stop()
	for {
		answer, wake := s.look(group, key, ts)
		if answer != nil {
			return answer
		}
		select {
		case <-wake:
		case <-deadline.C:
			return object{"ts": ts, "updates": []json.RawMessage{}}
		case <-s.done:
			return object{"ts": ts, "updates": []json.RawMessage{}}
		case <-r.Context().Done():
			return object{"ts": ts, "updates": []json.RawMessage{}}
		}
	}
}

// look returns the answer if there is one now, else a channel that is closed
// when something happens.
func (s *Server) look(group int, key, ts string) (any, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.communities[group]
	if c == nil || !c.keys[key] {
		return object{"failed": 2}, nil
	}
	from, err := strconv.Atoi(ts)
	if err != nil {
		return object{"failed": 1, "ts": c.ts()}, nil
	}
	events, last, ok := c.since(from, maxPollUpdates)
	switch {
	case !ok:
		return object{"failed": 1, "ts": last}, nil
	case len(events) == 0:
		return nil, c.wake
	}
	return object{"ts": strconv.Itoa(last), "updates": events}, nil
}
