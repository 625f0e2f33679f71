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

// Fault is a misfortune prepared for coming calls.
type Fault struct {
	ID     string `json:"id"`
	Method string `json:"method"` // glob over method names; long polls are "longpoll"
	// Kind is one of the kinds below; each simulator documents what it makes of it.
	Kind string `json:"kind"`
	// Code is the network's error code for Kind "error", the HTTP status for
	// "status", the failed number for "failed".
	Code int `json:"code,omitempty"`
	// RetryAfter, in seconds, for a 429.
	RetryAfter int `json:"retry_after,omitempty"`
	// Delay, in milliseconds, for "slow" and "hang".
	Delay int `json:"delay_ms,omitempty"`
	// Skip is how many matching calls pass before the fault begins.
	Skip int `json:"skip,omitempty"`
	// Count is how many matching calls it hits; 0 means one.
	Count int `json:"count,omitempty"`
}

// The kinds of faults.
const (
	FaultError     = "error"     // the network's own error with Code
	FaultStatus    = "status"    // an HTTP status without a body that fits
	FaultHTML      = "html"      // an HTML page instead of JSON, status 502
	FaultEmpty     = "empty"     // 200 with an empty body
	FaultTruncated = "truncated" // JSON cut in the middle
	FaultSlow      = "slow"      // the right answer after Delay
	FaultHang      = "hang"      // no answer until the client gives up or Delay is over
	FaultLost      = "lost"      // the request takes effect, the connection breaks before the answer
	FaultReset     = "reset"     // the connection breaks before anything takes effect
	FaultFailed    = "failed"    // long poll: {"failed": Code}
)

// Faults holds the prepared misfortunes. The zero value is ready.
type Faults struct {
	mu   sync.Mutex
	list []Fault
}

// Add prepares a fault.
func (f *Faults) Add(x Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if x.Count == 0 {
		x.Count = 1
	}
	f.list = append(f.list, x)
}

// Clear forgets all faults.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = nil
}

// List returns the faults that are still waiting.
func (f *Faults) List() []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Fault{}, f.list...)
}

// Take returns the fault that hits this call of method, if any, and uses it up.
func (f *Faults) Take(method string) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.list {
		x := &f.list[i]
		if !matches(x.Method, method) {
			continue
		}
		if x.Skip > 0 {
			x.Skip--
			continue
		}
		hit := *x
		if x.Count--; x.Count == 0 {
			f.list = append(f.list[:i], f.list[i+1:]...)
		}
		return hit, true
	}
	return Fault{}, false
}
