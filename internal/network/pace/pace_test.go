package pace_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"otklik/internal/network/pace"
)

// passed is one call that got through.
type passed struct {
	lane  int64
	calls int
	at    time.Duration // since the start
}

// crowd sends calls through a gate, each from a goroutine of its own and in
// the given order of arrival, and returns when and in which order they passed.
func crowd(ctx context.Context, t testing.TB, g *pace.Gate, lanes []int64, weight int) []passed {
	t.Helper()
	start := time.Now()
	var mu sync.Mutex
	var out []passed
	var all sync.WaitGroup
	for _, id := range lanes {
		all.Go(func() {
			if err := g.Take(ctx, id, weight, time.Hour); err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			out = append(out, passed{id, weight, time.Since(start)})
		})
		synctest.Wait() // it stands in the queue before the next one arrives
	}
	all.Wait()
	return out
}

// most is the greatest number of calls in any span, among those that count.
func most(calls []passed, span time.Duration, counts func(passed) bool) int {
	best := 0
	for _, a := range calls {
		n := 0
		for _, b := range calls {
			if counts(b) && b.at >= a.at && b.at-a.at < span {
				n += b.calls
			}
		}
		best = max(best, n)
	}
	return best
}

func ofLane(id int64) func(passed) bool { return func(p passed) bool { return p.lane == id } }

func anyOf(passed) bool { return true }

// 500 posts over 100 pages, five each, arriving page by page: the worst order
// for whoever comes last. The time is compared with the computed bound.
func TestFiveHundredPostsOverAHundredPages(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		key, lane []pace.Limit
		bound     time.Duration // until the last post leaves
		first     time.Duration // until every page has one out: a round, and the window that was open when they came
	}{
		"a bot":            {[]pace.Limit{{30, time.Second}}, []pace.Limit{{1, time.Second}, {20, time.Minute}}, 16 * time.Second, 4 * time.Second},
		"a user key of VK": {[]pace.Limit{{3, time.Second}}, nil, 166 * time.Second, 34 * time.Second},
		"a community key":  {[]pace.Limit{{20, time.Second}}, nil, 24 * time.Second, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := pace.NewGate(pace.Options{Now: time.Now, Key: x.key, Lane: func(int64) []pace.Limit { return x.lane }})
				var lanes []int64
				for page := range int64(100) {
					lanes = append(lanes, slices.Repeat([]int64{-page - 1}, 5)...)
				}
				calls := crowd(t.Context(), t, g, lanes, 1)
				last, latestFirst, seen := time.Duration(0), time.Duration(0), map[int64]int{}
				for _, c := range calls {
					if seen[c.lane]++; seen[c.lane] == 1 {
						latestFirst = max(latestFirst, c.at)
					}
					last = max(last, c.at)
				}
				if len(calls) != 500 || last != x.bound || latestFirst != x.first {
					t.Errorf("%d posts, the last after %v (bound %v), each page had its first after %v (want %v)", len(calls), last, x.bound, latestFirst, x.first)
				}
				for _, l := range x.key {
					if n := most(calls, l.Per, anyOf); n > l.Calls {
						t.Errorf("%d calls of the key in %v", n, l.Per)
					}
				}
				for id, n := range seen {
					for _, l := range x.lane {
						if got := most(calls, l.Per, ofLane(id)); got > l.Calls || n != 5 {
							t.Errorf("page %d: %d posts, %d in %v", id, n, got, l.Per)
						}
					}
				}
			})
		})
	}
}

// A single post does not wait for the queue of a busy page.
func TestABusyPageDoesNotKeepAnotherWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := pace.NewGate(pace.Options{Now: time.Now, Key: []pace.Limit{{1, time.Second}}})
		calls := crowd(t.Context(), t, g, append(slices.Repeat([]int64{1}, 50), 2), 1)
		at := slices.IndexFunc(calls, func(p passed) bool { return p.lane == 2 })
		if calls[at].at > 2*time.Second {
			t.Errorf("it waited %v", calls[at].at)
		}
	})
}

// An album takes the whole window of its chat and the chat then rests; small
// posts of others do not keep it from ever getting its room.
func TestAlbumsCountForEachMessageAndDoNotStarve(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := pace.NewGate(pace.Options{
			Now: time.Now, Key: []pace.Limit{{12, time.Second}},
			Lane: func(int64) []pace.Limit { return []pace.Limit{{1, time.Second}} },
		})
		start := time.Now()
		var others sync.WaitGroup
		for id := range int64(60) {
			others.Go(func() {
				for range 5 {
					if err := g.Take(t.Context(), id+10, 1, time.Hour); err != nil {
						t.Error(err)
					}
				}
			})
		}
		synctest.Wait()
		if err := g.Take(t.Context(), 1, 10, time.Hour); err != nil {
			t.Error(err)
		}
		// 60 lanes stand before it: 12 of them have passed at once, the others
		// take four more seconds.
		if took := time.Since(start); took > 6*time.Second {
			t.Errorf("the album waited %v", took)
		}
		album := time.Now()
		others.Wait()
		if err := g.Take(t.Context(), 1, 1, time.Hour); err != nil || time.Since(album) < 10*time.Second {
			t.Errorf("the chat of an album of ten rested %v, %v", time.Since(album), err)
		}
	})
}

func TestALongWaitIsToldAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := pace.NewGate(pace.Options{Now: time.Now, Key: []pace.Limit{{2, time.Minute}}})
		for range 2 {
			if err := g.Take(t.Context(), 1, 1, 0); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		var later *pace.LaterError
		if err := g.Take(t.Context(), 1, 1, 3*time.Second); !errors.As(err, &later) || later.After != time.Minute || time.Since(start) != 0 {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		time.Sleep(later.After)
		if err := g.Take(t.Context(), 1, 1, 0); err != nil {
			t.Errorf("after the pause: %v", err)
		}
	})
}

func TestAWaitThatEndsBooksNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := pace.NewGate(pace.Options{Now: time.Now, Key: []pace.Limit{{1, time.Second}}})
		if err := g.Take(t.Context(), 1, 1, 0); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := g.Take(ctx, 1, 1, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if err := g.Take(ctx, 1, 1, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("with an ended context: %v", err)
		}
		start := time.Now()
		if err := g.Take(t.Context(), 2, 1, time.Second); err != nil || time.Since(start) != 900*time.Millisecond {
			t.Errorf("the next one passed after %v, %v", time.Since(start), err)
		}
	})
}

// Whoever comes whenever, with whatever weight, no window is exceeded, nobody
// is forgotten and nobody waits longer than it would.
func TestNoWindowEverHoldsMoreThanItsLimit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		key := pace.Limit{Calls: rapid.IntRange(1, 30).Draw(rt, "calls"), Per: time.Second}
		own := pace.Limit{Calls: rapid.IntRange(1, 5).Draw(rt, "of a lane"), Per: time.Duration(rapid.IntRange(1, 3).Draw(rt, "seconds")) * time.Second}
		visitors := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) visitor {
			return visitor{
				lane: rapid.Int64Range(1, 6).Draw(rt, "lane"), calls: min(rapid.IntRange(1, 3).Draw(rt, "n"), own.Calls, key.Calls),
				most:  time.Duration(rapid.IntRange(0, 20).Draw(rt, "at most")) * time.Second,
				pause: time.Duration(rapid.IntRange(0, 300).Draw(rt, "pause")) * time.Millisecond,
			}
		}), 1, 60).Draw(rt, "visitors")
		var calls []passed
		var wrong []string
		synctest.Test(t, func(*testing.T) { calls, wrong = visit(key, own, visitors) })
		if len(wrong) > 0 {
			rt.Fatal(wrong)
		}
		if n := most(calls, key.Per, anyOf); n > key.Calls {
			rt.Fatalf("%d calls of the key, allowed are %d", n, key.Calls)
		}
		for lane := range int64(6) {
			if n := most(calls, own.Per, ofLane(lane+1)); n > own.Calls {
				rt.Fatalf("%d calls in a lane, allowed are %d", n, own.Calls)
			}
		}
	})
}

type visitor struct {
	lane        int64
	calls       int
	most, pause time.Duration
}

// visit sends the visitors through a gate and says what was wrong with their waiting.
func visit(key, own pace.Limit, visitors []visitor) (calls []passed, wrong []string) {
	g := pace.NewGate(pace.Options{Now: time.Now, Key: []pace.Limit{key}, Lane: func(int64) []pace.Limit { return []pace.Limit{own} }})
	start := time.Now()
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, v := range visitors {
		time.Sleep(v.pause)
		all.Go(func() {
			before := time.Now()
			err := g.Take(context.Background(), v.lane, v.calls, v.most)
			mu.Lock()
			defer mu.Unlock()
			var later *pace.LaterError
			switch took := time.Since(before); {
			case took > v.most:
				wrong = append(wrong, fmt.Sprintf("waited %v of %v", took, v.most))
			case err == nil:
				calls = append(calls, passed{v.lane, v.calls, time.Since(start)})
			case !errors.As(err, &later) || later.After <= 0:
				wrong = append(wrong, err.Error())
			}
		})
	}
	all.Wait()
	return calls, wrong
}
