package pace_test

import (
	"testing"
	"testing/synctest"
	"time"

	"otklik/internal/network/pace"
)

// TestProcessesShareALimit runs as many gates as there are processes over one
// key and looks at all calls together.
func TestProcessesShareALimit(t *testing.T) {
	t.Parallel()
	for _, limit := range []pace.Limit{{20, time.Second}, {3, time.Second}} {
		for _, n := range []int{1, 2, 3} {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				results := make(chan []passed)
				for i := range n {
					go func() {
						// They did not begin at the same moment.
						time.Sleep(time.Duration(i) * 130 * time.Millisecond)
						late := time.Since(start)
						g := pace.NewGate(pace.Options{Now: time.Now, Key: []pace.Limit{limit}})
						g.Share(n)
						var out []passed
						for range 60 / n {
							if err := g.Wait(t.Context()); err != nil {
								t.Error(err)
							}
							out = append(out, passed{calls: 1, at: time.Since(start)})
						}
						if len(out) == 0 || out[0].at != late {
							t.Error("the first call waited")
						}
						results <- out
					}()
				}
				var all []passed
				for range n {
					all = append(all, <-results...)
				}
				if got := most(all, limit.Per, anyOf); got > limit.Calls {
					t.Errorf("%d processes made %d calls in %v together, %d are allowed", n, got, limit.Per, limit.Calls)
				}
			})
		}
	}
}

// TestAProcessThatIsLeftAloneTakesAllAgain frees who waits at the pace of two.
func TestAProcessThatIsLeftAloneTakesAllAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := pace.NewGate(pace.Options{Now: time.Now, Key: []pace.Limit{{1, time.Second}}})
		g.Share(10)
		start := time.Now()
		go func() { time.Sleep(2 * time.Second); g.Share(1) }()
		for range 3 {
			if err := g.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("three calls took %v", took)
		}
	})
}
