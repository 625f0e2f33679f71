// Package record is what both simulators share: the log of every call they
// received and the faults that are waiting to happen.
package record

import (
	"encoding/json"
	"path"
	"sync"
	"time"
)

// Call is one request as a simulator received and answered it. Tokens are
// named by their kind, never by their value.
type Call struct {
	Seq     int64               `json:"seq"`
	At      time.Time           `json:"at"`
	Network string              `json:"network"`
	Method  string              `json:"method"`
	Token   string              `json:"token,omitempty"` // "community", "service", "bot", "unknown"
	Params  map[string][]string `json:"params,omitempty"`
	Status  int                 `json:"status"`
	Answer  json.RawMessage     `json:"answer,omitempty"`
	Fault   string              `json:"fault,omitempty"`
}

// Log keeps the newest calls, and counts all of them by method.
type Log struct {
	mu     sync.Mutex
	seq    int64
	calls  []Call
	limit  int
	counts map[string]int
}

// NewLog returns a log that keeps the newest limit calls.
func NewLog(limit int) *Log {
	return &Log{limit: limit, counts: map[string]int{}}
}

// Add numbers the call and keeps it.
func (l *Log) Add(c Call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seq++
	c.Seq = l.seq
	l.counts[c.Network+" "+c.Method]++
	if len(l.calls) >= l.limit {
		l.calls = append(l.calls[:0], l.calls[len(l.calls)-l.limit+1:]...)
	}
	l.calls = append(l.calls, c)
}

// Since returns the kept calls numbered above seq whose method matches the
// glob (path.Match); an empty glob matches all.
func (l *Log) Since(seq int64, method string) []Call {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := []Call{}
	for _, c := range l.calls {
		if c.Seq > seq && matches(method, c.Method) {
			out = append(out, c)
		}
	}
	return out
}

// Counts returns how often each "network method" was called since the start.
func (l *Log) Counts() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make(map[string]int, len(l.counts))
	for k, v := range l.counts {
		out[k] = v
	}
	return out
}

func matches(glob, name string) bool {
	if glob == "" {
		return true
	}
	ok, err := path.Match(glob, name)
	return err == nil && ok
}
