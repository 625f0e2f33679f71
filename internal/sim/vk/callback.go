package vk

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"otklik/internal/sim/record"
)

// The callback API's bounds. How often the network repeats an event is not
// documented; it gives up after some hours.
const (
	maxCallbackServers = 10
	maxCallbackTries   = 12
	callbackTimeout    = 10 * time.Second
)

// callbackServer is one address that a community's events are sent to. Its
// worker owns nothing; all fields are under the simulator's lock.
type callbackServer struct {
	id, creator        int
	url, title, secret string
	status             string // "unconfigured", "failed", "wait" or "ok"
	wanted             map[string]bool
	queue              []delivery
	wake               chan struct{} // holds one signal at most
	gone               bool
}

// delivery is one event on its way to one server.
type delivery struct {
	raw   json.RawMessage
	tries int
	due   time.Time
}

func newCallbackClient() *http.Client {
	return &http.Client{
		Timeout:       callbackTimeout,
		Transport:     http.DefaultTransport.(*http.Transport).Clone(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (c *callbackServer) push(raw json.RawMessage) {
	c.queue = append(c.queue, delivery{raw: raw})
	c.signal()
}

func (c *callbackServer) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// work confirms a server's address and then sends it its events, until the
// server is deleted or the simulator closes.
func (s *Server) work(g *community, c *callbackServer) {
	defer s.workers.Done()
	for {
		d, pause, gone := s.nextDelivery(c)
		if gone {
			return
		}
		if d != nil {
			s.attempt(g, c, *d)
			continue
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-c.wake:
		case <-s.done:
			t.Stop()
			return
		}
		t.Stop()
	}
}

// nextDelivery takes the first event that is due out of the queue, or says how
// long there will be none.
func (s *Server) nextDelivery(c *callbackServer) (*delivery, time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, pause := s.opt.Now(), time.Hour
	for i, d := range c.queue {
		// Nothing is sent to an address that has not confirmed itself.
		confirmed := c.status == "ok" || isConfirmation(d.raw)
		if wait := d.due.Sub(now); wait > 0 {
			pause = min(pause, wait)
			continue
		}
		if !confirmed {
			continue
		}
		c.queue = append(c.queue[:i], c.queue[i+1:]...)
		return &d, 0, c.gone
	}
	return nil, pause, c.gone
}

func isConfirmation(raw json.RawMessage) bool {
	return bytes.Contains(raw, []byte(`"type":"confirmation"`))
}

// attempt sends one event once. What is not answered "ok" with status 200
// comes again later, or when the server's Retry-After says so.
func (s *Server) attempt(g *community, c *callbackServer, d delivery) {
	status, answer, after := s.callBack(c, d)
	s.mu.Lock()
	defer s.mu.Unlock()
	if isConfirmation(d.raw) {
		c.status = "failed"
		if status == http.StatusOK && answer == confirmationCode(g.ID) {
			c.status = "ok"
		}
		return
	}
	if status == http.StatusOK && (answer == "ok" || answer == "remove") {
		return
	}
	if d.tries++; d.tries >= maxCallbackTries || c.gone {
		return
	}
	pause := s.opt.CallbackPause
	if pause == 0 {
		pause = time.Second
	}
	d.due = s.opt.Now().Add(pause << (d.tries - 1))
	if !after.IsZero() {
		d.due = after
	}
	c.queue = append(c.queue, d)
}

// callBack makes the request and returns the status, the start of the body and the
// moment of a Retry-After.
func (s *Server) callBack(c *callbackServer, d delivery) (status int, answer string, after time.Time) {
	s.mu.Lock()
	address, secret := c.url, c.secret
	s.mu.Unlock()
	var event map[string]json.RawMessage
	if json.Unmarshal(d.raw, &event) != nil {
		return 0, "", after
	}
	if secret != "" {
		event["secret"] = encode(secret)
	}
	kind := strings.Trim(string(event["type"]), `"`)
	rec := record.Call{At: s.opt.Now(), Network: "vk", Method: "callback:" + kind, Params: map[string][]string{"retry": {strconv.Itoa(d.tries)}}}
	defer func() {
		rec.Status = status
		s.opt.Log.Add(rec)
	}()
	ctx, cancel := context.WithTimeout(s.working, callbackTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(encode(event)))
	if err != nil {
		return 0, "", after
	}
	req.Header.Set("Content-Type", "application/json")
	if d.tries > 0 {
		req.Header.Set("X-Retry-Counter", strconv.Itoa(d.tries))
	}
	resp, err := s.callbacks.Do(req)
	if err != nil {
		return 0, "", after
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	if err != nil {
		return 0, "", after
	}
	return resp.StatusCode, strings.TrimSpace(string(body)), retryAfter(resp.Header, s.opt.Now())
}

// retryAfter reads the header as the network does: up to three hours ahead.
func retryAfter(h http.Header, now time.Time) time.Time {
	const most = 3 * time.Hour
	value := h.Get("Retry-After")
	if n, err := strconv.Atoi(value); err == nil && n >= 0 {
		return now.Add(min(time.Duration(n)*time.Second, most))
	}
	if at, err := http.ParseTime(value); err == nil && at.Before(now.Add(most)) {
		return at
	}
	return time.Time{}
}
