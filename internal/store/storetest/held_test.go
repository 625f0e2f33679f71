package storetest

import (
	"testing"
	"time"

	"otklik/internal/delivery"
	"otklik/internal/social"
	"otklik/publisher"
)

// What the pages tell of a stop is what the ledger does.
func TestWhatAStopHoldsInTheLedger(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		post := p.released("Снег убран.")
		p.duePost(social.VK, post.ID)
		held := func(list ...publisher.Halt) (pages []string) {
			t.Helper()
			out, err := b.s.HeldDeliveries(b.ctx, list, 10)
			b.must(err)
			for _, d := range out {
				pages = append(pages, d.SourceID)
			}
			return pages
		}
		all, one := publisher.Halt{Cause: publisher.ByPerson}, publisher.Halt{Cause: publisher.ByPerson, PageIDs: []string{p.vk}}
		if got := held(); len(got) != 0 {
			t.Fatal("nothing is stopped", got)
		}
		if got := held(one); len(got) != 1 || got[0] != p.vk {
			t.Fatal(got)
		}
		if got := held(one, publisher.Halt{Cause: publisher.ByPerson, PageIDs: []string{p.tg}}); len(got) != 2 {
			t.Fatal("the union", got)
		}

		// The end of a poll passes the emergency stop, and no other one.
		_, err := b.raw.ExecContext(b.ctx, "UPDATE deliveries SET kind = 'poll_close' WHERE source_id = $1", p.vk)
		b.must(err)
		if got := held(all); len(got) != 1 || got[0] != p.tg {
			t.Fatal(got)
		}
		if got := held(publisher.Halt{Cause: publisher.ByClock}); len(got) != 2 {
			t.Fatal(got)
		}
		h, err := publisher.NewHalt(nil, "", press, p.facts())
		b.must(err)
		b.must(b.s.AddHalt(b.ctx, h, p.now))
		due := func(n social.Network) int {
			t.Helper()
			list, err := b.s.Due(b.ctx, n, p.now, 10)
			b.must(err)
			return len(list)
		}
		if due(social.VK) != 1 || due(social.Telegram) != 0 {
			t.Fatal("the emergency stop holds the wrong things")
		}
		closing := p.duePost(social.VK, post.ID)
		if _, begun, err := b.s.Begin(b.ctx, b.take("deliver"), closing.ID, p.now); err != nil || !begun {
			t.Fatal("the end of a poll does not begin", err)
		}
		_, err = b.raw.ExecContext(b.ctx, "UPDATE deliveries SET state = $1 WHERE source_id = $2", string(delivery.Planned), p.vk)
		b.must(err)
		b.must(b.s.AddHalt(b.ctx, publisher.Halt{Cause: publisher.ByClock, At: p.now.Add(-time.Minute)}, p.now))
		if due(social.VK) != 0 {
			t.Fatal("after a jump of the clock the end of a poll leaves")
		}
	})
}
