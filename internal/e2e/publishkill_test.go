package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/delivery"
	"otklik/internal/sim/record"
	"otklik/internal/social"
	"otklik/internal/testdb"
	"otklik/publisher"
)

// TestKilledWhilePublishing kills the program at random moments while posts with
// photos and polls fall due and the networks fail; on PostgreSQL a second
// program works on the same base all the time. Each post stands once in VK; in
// Telegram at most once, and what may or may not stand there is shown.
func TestKilledWhilePublishing(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		n := newNewsroom(t, dsn)
		if strings.HasPrefix(dsn, "postgres://") {
			beside := install(t, n.world, n.base, dsn)
			beside.keys = n.program.keys
			beside.start()
			t.Cleanup(beside.kill)
		}
		k := &publishKilling{newsroom: n}
		k.run(kills(t, "OTKLIK_PUBLISH_KILLS"))
		k.check()
	})
}

type publishKilling struct {
	*newsroom
	posts []publisher.Post
	// appeared and again count what a person had to decide.
	appeared, again int
}

func (k *publishKilling) run(times int) {
	k.misfortunes()
	ctx, stop := context.WithCancel(k.t.Context())
	var busy sync.WaitGroup
	busy.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			c := publisher.Content{Text: fmt.Sprintf("Двор номер %d убран.", i)}
			// What the limits of one person's key and of one channel allow.
			pages := []string{k.vk}
			if i%4 == 0 {
				c.Media = []publisher.Media{k.image}
			}
			if i%8 == 0 {
				pages = append(pages, k.tg)
			}
			if i%16 == 0 || i%7 == 0 {
				c.Poll = &publisher.PollForm{Question: fmt.Sprintf("Во дворе %d чисто?", i), Options: []string{"Да", "Нет"}}
			}
			k.posts = append(k.posts, k.scheduledOn(time.Now().Add(time.Second), c, pages...))
			pauseFor(ctx, 600*time.Millisecond)
		}
	})
	for range times {
		time.Sleep(time.Duration(400+rand.IntN(2600)) * time.Millisecond)
		k.program.kill()
		k.program.start()
	}
	stop()
	busy.Wait()
	k.world.Sim.VK.Faults().Clear()
	k.world.Sim.Telegram.Faults().Clear()
}

func pauseFor(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// misfortunes hit what publishes, not what reads.
func (k *publishKilling) misfortunes() {
	for i, f := range []record.Fault{
		{Kind: record.FaultLost}, {Kind: record.FaultReset}, {Kind: record.FaultHTML}, {Kind: record.FaultStatus, Code: 503}, {Kind: record.FaultHang, Delay: 1500},
	} {
		f.Probability, f.Seed = 0.03, uint64(i)+1
		for _, method := range []string{"wall.post", "photos.*", "polls.create"} {
			f.Method = method
			k.world.Sim.VK.Faults().Add(f)
		}
		f.Method = "send*"
		k.world.Sim.Telegram.Faults().Add(f)
	}
	k.world.Sim.Telegram.Faults().Add(record.Fault{Kind: record.FaultError, Code: 429, RetryAfter: 1, Method: "send*", Probability: 0.05, Seed: 9})
}

// check lets a person decide about what is uncertain until all has come to rest,
// and compares.
func (k *publishKilling) check() {
	k.t.Helper()
	ctx := k.t.Context()
	// What failed a few times is tried again after up to five minutes.
	awaitFor(k.t, 6*time.Minute, "all posts to be published", func() (bool, string) {
		list, err := k.store.Entries(ctx, delivery.EntryFilter{Tab: delivery.TabUnknown, Limit: 200})
		if err != nil {
			return false, err.Error()
		}
		for _, e := range list.Entries {
			k.decide(e)
		}
		plan, err := k.store.Plan(ctx, publisher.Filter{Limit: 1})
		return err == nil && plan.Counts[publisher.Published] == len(k.posts), fmt.Sprintf("%v of %d, %v", plan.Counts, len(k.posts), err)
	})
	standing := map[string]int{}
	for _, x := range k.world.Published() {
		standing[string(x.Network)+x.Text]++
	}
	for _, p := range k.posts {
		vk, tg := standing[string(social.VK)+p.Content.Text], standing[string(social.Telegram)+p.Content.Text]
		if vk != 1 || tg != len(p.Targets)-1 {
			k.t.Errorf("%q stands %d times in VK and %d times in Telegram", p.Content.Text, vk, tg)
		}
	}
	k.t.Logf("%d posts, each stands once on its pages; a person was asked about %d parts in Telegram that were there and %d that were not", len(k.posts), k.appeared, k.again)
}

// decide is what a press officer does: looks at the page and says what is there.
func (k *publishKilling) decide(e delivery.Entry) {
	k.t.Helper()
	if e.Network != social.Telegram {
		k.t.Errorf("uncertain in VK: %+v", e)
	}
	there := 0
	for _, x := range k.world.Published() {
		if x.Network == social.Telegram && (e.Kind == delivery.KindPoll && x.Question == e.Text || e.Kind == delivery.KindPost && x.Text == e.Text) {
			there++
		}
	}
	what := delivery.SendAgain
	if there > 0 {
		what = delivery.Appeared
		k.appeared++
	} else {
		k.again++
	}
	if there > 1 {
		k.t.Errorf("%q stands %d times in Telegram", e.Text, there)
	}
	if err := k.store.Resolve(k.t.Context(), pressOfficer(), e.ID, what, time.Now()); err != nil {
		k.t.Logf("decided meanwhile: %v", err)
	}
}
