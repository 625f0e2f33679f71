// Package hour plays an hour of two cities' networks at their worst, in virtual
// time, and looks afterwards at what the program has made of it.
package hour

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"otklik/internal/sim/record"
)

const (
	fullItems  = 100_000
	usualItems = 3_000
)

// size is how many items are written: OTKLIK_HOUR=full, or a number.
func size(t *testing.T) int {
	t.Helper()
	switch v := os.Getenv("OTKLIK_HOUR"); v {
	case "":
		return usualItems
	case "full":
		return fullItems
	default:
		n, err := strconv.Atoi(v)
		if err != nil {
			t.Fatal("OTKLIK_HOUR is full or a number of items")
		}
		return n
	}
}

// seed is OTKLIK_SEED, 1 if unset.
func seed(t *testing.T) uint64 {
	t.Helper()
	v := os.Getenv("OTKLIK_SEED")
	if v == "" {
		return 1
	}
	n, err := strconv.ParseUint(v, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func scenario(t *testing.T) record.Scenario {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "hour.json"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := record.ParseScenario(raw)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAnHourOfFaultsLosesNothing(t *testing.T) {
	t.Parallel()
	items, seed, faults := size(t), seed(t), scenario(t)
	path := filepath.Join(t.TempDir(), "otklik.db")
	begun := time.Now()
	synctest.Test(t, func(t *testing.T) {
		c := newCity(t)
		p := start(t, c, path)
		recorded := &calls{log: c.log}
		ctx, over := context.WithCancel(t.Context())
		go every(ctx, 5*time.Second, recorded.take)
		time.Sleep(10 * time.Second)
		l := newLife(c, seed)
		// A message before the first one known is missed by nobody.
		l.post()
		time.Sleep(10 * time.Second)
		c.play(faults, seed)
		go c.loseKeys(ctx, time.Hour)
		l.live(ctx, items, time.Hour)
		c.calm()
		ended := time.Now()
		l.post()
		l.commentTelegram()
		ok := p.heard(ended) && p.reconciled(time.Now())
		// Long enough for what comes late to be given up.
		time.Sleep(5 * time.Minute)
		over()
		p.end()
		c.close()
		recorded.take()
		if !ok {
			t.Error("no pass of the history ended within four hours after the faults")
		}
		judge(t, c, l, p, path, recorded)
		if err := p.store.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Logf("seed %d: %v of real time", seed, time.Since(begun).Round(time.Millisecond))
}

// loseKeys revokes each VK key once within span and gives it back.
func (c *city) loseKeys(ctx context.Context, span time.Duration) {
	for _, token := range []string{communityToken, serviceToken} {
		pause(ctx, span*22/60)
		if ctx.Err() != nil {
			return
		}
		c.vk.RevokeToken(token)
		pause(ctx, span*3/60)
		c.giveBack(token)
	}
}

func every(ctx context.Context, d time.Duration, do func()) {
	for ctx.Err() == nil {
		do()
		pause(ctx, d)
	}
}
