// Package quota makes a network's quota of calls a day last the day. The
// sources that share a key are each told when their next call is due: most often
// those on which most happens, at the hours at which it happens.
//
// Networks do not say at which hour their day begins, so a day is here any span
// of 24 hours: what never exceeds the quota in any of them exceeds it in no
// calendar day of any zone.
package quota

import (
	"context"
	"errors"
	"time"
)

const (
	// Day is the span for which a quota holds.
	Day = 24 * time.Hour
	// Slot is the grain in which calls are counted: a call is forgotten between
	// a day and a day and a quarter of an hour after it.
	Slot = 15 * time.Minute
	// slack is how long a counted call may take to reach the network.
	slack = 5 * time.Minute
)

// Key names one counter of the network: one method called with one key.
type Key struct {
	// Print is the fingerprint of the key, never the key itself.
	Print  string
	Method string
}

// Limit is a quota and what is kept out of the plan.
type Limit struct {
	// Calls is how many calls the network grants in a day.
	Calls int
	// Mending is kept for reading what was missed, Clicks for what people ask
	// for. Sources may use the first when they have to, never the second.
	Mending, Clicks int
}

// Grant keeps a tenth of a quota for mending and a fiftieth for people.
func Grant(calls int) Limit {
	return Limit{Calls: calls, Mending: calls / 10, Clicks: max(calls/50, 1)}
}

// Planned is how many calls a day are handed out by plan.
func (l Limit) Planned() int { return max(l.Calls-l.Mending-l.Clicks, 0) }

// Use is how many calls a stream made in one slot.
type Use struct {
	Stream string
	// Slot is when the slot began.
	Slot  time.Time
	Calls int
}

// Account is what is known of a counter.
type Account struct {
	// Uses are all that may still count, and earlier ones that only show who
	// shares the key.
	Uses []Use
	// Refused is when the network said last that the quota is used up, zero for never.
	Refused time.Time
}

// Ledger keeps the counters where every process that uses a key sees them.
type Ledger interface {
	// Account returns the uses of the last Memory.
	Account(ctx context.Context, k Key, now time.Time) (Account, error)
	// Spend counts one call of the stream unless that would make more than most
	// in a day; it is asked before the call is made.
	Spend(ctx context.Context, k Key, stream string, l Limit, most int, now time.Time) (bool, error)
	// Refuse notes that the network itself says that the quota is used up.
	Refuse(ctx context.Context, k Key, l Limit, now time.Time) error
	// Activity counts the items of the stream's source by the hour in which they
	// were published, since a moment.
	Activity(ctx context.Context, stream string, since time.Time) ([]Hour, error)
}

// Memory is how long a stream that made no call is still taken for one that
// shares the key.
const Memory = 3 * Day

// Since is the beginning of the earliest slot whose calls still count.
func Since(now time.Time) time.Time { return now.Add(-Day - Slot - slack) }

// Counted is how many of the uses count in the day that ends now.
func Counted(uses []Use, now time.Time) int {
	n, since := 0, Since(now)
	for _, u := range uses {
		if u.Slot.After(since) {
			n += u.Calls
		}
	}
	return n
}

// Frees is when the first of the calls that count now is forgotten; zero when
// none counts.
func Frees(uses []Use, now time.Time) time.Time {
	var first time.Time
	since := Since(now)
	for _, u := range uses {
		if u.Slot.After(since) && u.Calls > 0 && (first.IsZero() || u.Slot.Before(first)) {
			first = u.Slot
		}
	}
	if first.IsZero() {
		return first
	}
	return first.Add(Day + Slot + slack)
}

// ErrSpent says that no call may be made now.
var ErrSpent = errors.New("the day's quota of calls is used up")

// SpentError is ErrSpent with when it is worth trying again.
type SpentError struct {
	Method string
	Until  time.Time
}

func (e *SpentError) Error() string { return e.Method + ": " + ErrSpent.Error() }

// Is makes it ErrSpent.
func (e *SpentError) Is(target error) bool { return target == ErrSpent }
