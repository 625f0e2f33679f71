package collectortest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"time"

	"otklik/collectors"
	"otklik/internal/store"
)

// repeated commits the updates of the whole story again, three times over and
// in random orders: over what is stored, and into empty stores.
func repeated(ctx context.Context, l *lab) error {
	if err := storedRight(ctx, l); err != nil {
		return err
	}
	if l.nature.Listed {
		return l.again(ctx)
	}
	keyed := slices.DeleteFunc(slices.Clone(l.updates), func(u collectors.Update) bool { return u.Key == "" })
	if len(keyed) == 0 {
		return errors.New("the network repeats nothing by key: there is nothing to try")
	}
	if err := l.replay(ctx, l.s, keyed, rand.New(rand.NewPCG(1, 1))); err != nil {
		return err
	}
	if err := l.story.check(ctx, l.raw, true); err != nil {
		return fmt.Errorf("repeated over what is stored: %w", err)
	}
	for seed := range uint64(8) {
		if err := l.replayAfresh(ctx, keyed, seed); err != nil {
			return fmt.Errorf("repeated into an empty store, order %d: %w", seed, err)
		}
	}
	return nil
}

// again commits all that was ever listed once more, as it came.
func (l *lab) again(ctx context.Context) error {
	st := l.streams[0]
	ls, err := l.s.Take(ctx, st.Name, "replay", time.Hour, time.Now().Add(time.Duration(l.runs+1)*2*time.Hour))
	if err != nil {
		return err
	}
	for _, u := range l.updates {
		if _, err := l.s.Commit(ctx, ls, st, collectors.Batch{Updates: []collectors.Update{u}, Next: "replayed"}, time.Now()); err != nil {
			return err
		}
	}
	return l.story.check(ctx, l.raw, false)
}

func (l *lab) replayAfresh(ctx context.Context, keyed []collectors.Update, seed uint64) error {
	s, raw, err := open(ctx, filepath.Join(l.dir, fmt.Sprint("replay", seed), "otklik.db"))
	if err != nil {
		return err
	}
	err = l.replay(ctx, s, keyed, rand.New(rand.NewPCG(seed, 7)))
	if err == nil {
		err = l.story.check(ctx, raw, true)
	}
	return errors.Join(err, raw.Close(), s.Close())
}

// replay commits every update three times in a random order and random batches.
func (l *lab) replay(ctx context.Context, s *store.Store, keyed []collectors.Update, random *rand.Rand) error {
	st, err := addStream(ctx, s, l.streams[0].Name)
	if err != nil {
		return err
	}
	ls, err := s.Take(ctx, st.Name, "replay", time.Hour, time.Now().Add(time.Duration(l.runs+1)*2*time.Hour))
	if err != nil {
		return err
	}
	all := slices.Concat(keyed, keyed, keyed)
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for len(all) > 0 {
		n := min(1+random.IntN(7), len(all))
		if _, err := s.Commit(ctx, ls, st, collectors.Batch{Updates: all[:n], Next: "replayed"}, time.Now()); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}
