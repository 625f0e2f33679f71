package storetest

import (
	"slices"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/internal/alarm"
	"otklik/internal/delivery"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/publisher"
)

// raised are the alarms of a kind that stand open.
func (b *bundle) raised(kind alarm.Kind) []alarm.Alarm {
	b.t.Helper()
	list, err := b.s.OpenAlarms(b.ctx)
	b.must(err)
	return slices.DeleteFunc(list, func(a alarm.Alarm) bool { return a.Kind != kind })
}

func TestPostDeletedInTheNetwork(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		l, audit := b.take("deliver"), b.take("audit")
		post := p.released("Снег убран.")
		p.done(l, p.duePost(social.Telegram, post.ID), sentAs(social.Telegram, "-100", "5"))
		p.done(l, p.duePost(social.VK, post.ID), sentAs(social.VK, "-1", "9"))
		item := itemOf("9", "Снег убран.", p.now)
		b.commit(created(item))
		on := func() publisher.Target {
			t.Helper()
			got, _ := p.post(post.ID).Target(p.vk)
			return got
		}
		gone := collectors.Change{Op: collectors.Deleted, Item: social.Item{Ref: ref("9"), Kind: social.Post, Thread: ref("9")}}

		// What the program is deleting itself is no news.
		_, err := p.apply(post.ID, 0, func(x publisher.Post) (publisher.Decision, error) {
			return publisher.Apply(x, publisher.Remove{PageID: p.vk, Reason: "ошибка"}, press, p.facts())
		})
		b.must(err)
		b.commit(gone)
		if got := on(); got.State != publisher.Out {
			t.Fatalf("our own removal: %+v", got)
		}
		p.done(l, p.duePost(social.VK, post.ID), delivery.Verdict{State: delivery.Failed, Trouble: "Нет прав."})
		b.commit(collectors.Change{Op: collectors.Restored, Item: item})

		b.commit(gone)
		if got := on(); got.State != publisher.Taken || got.VanishedAt.IsZero() || got.Trouble == "" {
			t.Fatalf("deleted: %+v", got)
		}
		m := publisher.Mandate{DueAt: p.now.Add(time.Hour)}
		if proof := publisher.Prove(m, p.post(post.ID), p.now); proof.State != publisher.ProofRemoved || proof.Done() || proof.Link != "" {
			t.Fatalf("the proof stands: %+v", proof)
		}
		b.audit(audit)
		if list := b.raised(alarm.PostVanished); len(list) != 1 || list[0].Subject != p.vk || list[0].Detail.Count != 1 || list[0].Detail.Limit != post.Number {
			t.Fatalf("%+v", list)
		}
		b.commit(gone)
		if n := b.count("SELECT COUNT(*) FROM post_events WHERE kind = 'vanished'"); n != 1 {
			t.Fatalf("told %d times", n)
		}

		b.commit(collectors.Change{Op: collectors.Restored, Item: item})
		if got := on(); got.State != publisher.Out || !got.VanishedAt.IsZero() || got.Trouble != "" {
			t.Fatalf("restored: %+v", got)
		}
		b.audit(audit)
		if list := b.raised(alarm.PostVanished); len(list) != 0 {
			t.Fatalf("still: %+v", list)
		}
	})
}

// A page may be switched off, or lose its keys, after the approval.
func TestPlannedPostsAreLookedAtAgain(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		audit := b.take("audit")
		soon := p.scheduled("Снег.", p.now.Add(48*time.Hour))
		p.scheduled("Ещё снег.", p.now.Add(72*time.Hour))
		p.scheduled("Далёкий снег.", p.now.Add(30*24*time.Hour))
		b.audit(audit)
		if list := b.raised(alarm.PostHindered); len(list) != 0 {
			t.Fatalf("%+v", list)
		}
		silent := func(on bool) {
			b.must(b.s.SavePage(b.ctx, press, publisher.Page{ID: p.vk, Category: publisher.Active, Silent: on}, b.now))
		}
		silent(true)
		b.audit(audit)
		list := b.raised(alarm.PostHindered)
		if len(list) != 1 || list[0].Subject != p.vk || list[0].Detail.Count != 2 || list[0].Detail.Limit != soon.Number || list[0].Grade != alarm.Warning {
			t.Fatalf("%+v", list)
		}
		b.now = b.now.Add(25 * time.Hour)
		b.audit(audit)
		if list = b.raised(alarm.PostHindered); list[0].Grade != alarm.Grave {
			t.Fatalf("due within a day: %+v", list)
		}
		silent(false)
		b.audit(audit)
		if list = b.raised(alarm.PostHindered); len(list) != 0 {
			t.Fatalf("still: %+v", list)
		}

		silent(true)
		p.now = soon.At
		n, err := p.clerk().Tick(p.ctx)
		b.must(err)
		got := p.post(soon.ID)
		vk, _ := got.Target(p.vk)
		tg, _ := got.Target(p.tg)
		if n != 1 || vk.State != publisher.Refused || vk.Trouble == "" || tg.State != publisher.Leaving || got.State != publisher.Failed {
			t.Fatalf("%d %s %+v", n, got.State, got.Targets)
		}
		if b.count("SELECT COUNT(*) FROM deliveries WHERE source_id = $1", p.vk) != 0 {
			t.Fatal("it leaves for a page on which nothing is published")
		}
		// When the page takes posts again, a new time gives it the post.
		silent(false)
		_, err = p.apply(soon.ID, 0, func(x publisher.Post) (publisher.Decision, error) {
			f := p.facts()
			return publisher.Apply(x, publisher.Sent{PageID: p.tg, Ref: social.Ref{Network: social.Telegram, Owner: "-100", ID: "5"}}, rights.System(), f)
		})
		b.must(err)
		_, err = p.apply(soon.ID, 0, func(x publisher.Post) (publisher.Decision, error) {
			return publisher.Apply(x, publisher.Plan{At: p.now.Add(time.Hour)}, press, p.facts())
		})
		b.must(err)
		p.now = p.now.Add(time.Hour)
		_, err = p.clerk().Tick(p.ctx)
		b.must(err)
		if vk, _ = p.post(soon.ID).Target(p.vk); vk.State != publisher.Leaving {
			t.Fatalf("%+v", vk)
		}
	})
}
