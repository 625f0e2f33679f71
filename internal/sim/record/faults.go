package record

import (
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Fault is a misfortune prepared for coming calls, or for coming updates.
type Fault struct {
	ID string `json:"id"`
	// Method is a glob over method names; long polls are "longpoll", updates on
	// their way to a client are "update:" and their kind.
	Method string `json:"method"`
	// Kind is one of the kinds below; each simulator documents what it makes of it.
	Kind string `json:"kind"`
	// Code is the network's error code for Kind "error", the HTTP status for
	// "status", the failed number for "failed".
	Code int `json:"code,omitempty"`
	// RetryAfter, in seconds, for a 429.
	RetryAfter int `json:"retry_after,omitempty"`
	// Delay, in milliseconds, for "slow", "drip", "hang" and "delay"; for
	// "clock" it is what the network's clock is ahead, negative behind.
	Delay int `json:"delay_ms,omitempty"`
	// Skip is how many matching calls pass before the fault begins.
	Skip int `json:"skip,omitempty"`
	// Count is how many matching calls it hits; 0 means one, and with a
	// Probability all while the fault lasts.
	Count int `json:"count,omitempty"`
	// Probability is the chance, above 0 and up to 1, that a matching call is
	// hit; 0 means that every one is.
	Probability float64 `json:"probability,omitempty"`
	// Seed makes the throws of Probability the same each run.
	Seed uint64 `json:"seed,omitempty"`
	// From and Until bound when the fault lasts; zero means no bound.
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

// The kinds of faults.
const (
	FaultError     = "error"     // the network's own error with Code
	FaultStatus    = "status"    // an HTTP status without a body that fits
	FaultHTML      = "html"      // an HTML page instead of JSON, status 502
	FaultEmpty     = "empty"     // 200 with an empty body
	FaultTruncated = "truncated" // JSON cut in the middle
	FaultSlow      = "slow"      // the right answer after Delay
	FaultDrip      = "drip"      // the right answer in small pieces spread over Delay
	FaultHang      = "hang"      // no answer until the client gives up or Delay is over
	FaultLost      = "lost"      // the request takes effect, the connection breaks before the answer
	FaultReset     = "reset"     // the connection breaks before anything takes effect
	FaultFailed    = "failed"    // long poll: {"failed": Code}
	FaultMigrate   = "migrate"   // the group gets a new id before the call is answered
	FaultRevoke    = "revoke"    // the token stops being valid, for good
	FaultClock     = "clock"     // the network's clock is Delay ahead while the fault lasts

	// What happens to updates on their way to a client.
	FaultRepeat  = "repeat"  // it comes again later
	FaultShuffle = "shuffle" // it changes places with the next one
	FaultDelay   = "delay"   // it comes after Delay
	FaultDrop    = "drop"    // it never comes
)

// kinds lists all kinds of faults.
func kinds() []string {
	return []string{
		FaultError, FaultStatus, FaultHTML, FaultEmpty, FaultTruncated, FaultSlow, FaultDrip, FaultHang, FaultLost, FaultReset,
		FaultFailed, FaultMigrate, FaultRevoke, FaultClock, FaultRepeat, FaultShuffle, FaultDelay, FaultDrop,
	}
}

// Faults holds the prepared misfortunes. The zero value is ready.
type Faults struct {
	mu   sync.Mutex
	list []*prepared
}

type prepared struct {
	Fault
	dice *rand.Rand
}

// Add prepares a fault.
func (f *Faults) Add(x Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if x.Count == 0 && x.Probability == 0 {
		x.Count = 1
	}
	f.list = append(f.list, &prepared{x, rand.New(rand.NewPCG(x.Seed, 0))})
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
	out := []Fault{}
	for _, x := range f.list {
		out = append(out, x.Fault)
	}
	return out
}

// Take is TakeAt for faults that are bound to no time and of any kind.
func (f *Faults) Take(method string) (Fault, bool) {
	return f.TakeAt(time.Time{}, method)
}

// TakeAt returns the fault that hits this call of method, if any, and uses it
// up. kinds narrows the faults looked at; without any, all are but those of
// updates and of the clock. A zero now is before every From and Until.
func (f *Faults) TakeAt(now time.Time, method string, kinds ...string) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := 0; i < len(f.list); i++ {
		x := f.list[i]
		if !x.Until.IsZero() && !now.Before(x.Until) {
			f.list = append(f.list[:i], f.list[i+1:]...)
			i--
			continue
		}
		if now.Before(x.From) || !matches(x.Method, method) || !among(kinds, x.Kind) {
			continue
		}
		if x.Skip > 0 {
			x.Skip--
			continue
		}
		if x.Probability > 0 && x.dice.Float64() >= x.Probability {
			continue
		}
		hit := x.Fault
		if x.Count > 0 {
			if x.Count--; x.Count == 0 {
				f.list = append(f.list[:i], f.list[i+1:]...)
			}
		}
		return hit, true
	}
	return Fault{}, false
}

// Lasting returns the first fault of a kind that lasts at now, without using it
// up: for states such as a wrong clock.
func (f *Faults) Lasting(now time.Time, kind string) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, x := range f.list {
		if x.Kind == kind && !now.Before(x.From) && (x.Until.IsZero() || now.Before(x.Until)) {
			return x.Fault, true
		}
	}
	return Fault{}, false
}

func among(kinds []string, kind string) bool {
	if len(kinds) > 0 {
		return slices.Contains(kinds, kind)
	}
	switch kind {
	case FaultRepeat, FaultShuffle, FaultDelay, FaultDrop, FaultClock:
		return false
	}
	return true
}
