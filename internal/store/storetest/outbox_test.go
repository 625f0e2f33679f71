package storetest

import (
	"testing"
	"time"

	"otklik/internal/delivery"
	"otklik/internal/social"
	"otklik/publisher"
)

// A page with a long queue does not hide the others.
func TestDueIsListedPageByPage(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		at := b.now.Add(time.Hour)
		for range 5 {
			p.scheduled("Снег убран.", at)
		}
		p.now = at
		if _, err := p.clerk().Tick(p.ctx); err != nil {
			t.Fatal(err)
		}
		for limit, want := range map[int]int{1: 1, 3: 3, 100: 5} {
			list, err := b.s.Due(b.ctx, social.VK, p.now, limit)
			if err != nil || len(list) != want {
				t.Fatalf("%d of each page: %d, %v", limit, len(list), err)
			}
			for i := 1; i < len(list); i++ {
				if list[i].ID < list[i-1].ID {
					t.Fatal("not the oldest first")
				}
			}
		}
	})
}

// What could not be prepared was not begun: it is tried again, and a refusal is
// a person's matter.
func TestWhatCouldNotBePrepared(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		l := b.take("deliver")
		post := p.released("Снег убран.")
		d := p.duePost(social.VK, post.ID)
		if want := post.At.Add(15 * time.Minute); !d.LeaveBy.Equal(want) {
			t.Fatalf("it may leave until %v, want %v", d.LeaveBy, want)
		}
		b.must(b.s.Prepared(b.ctx, d.ID, []string{"photo-1_2"}, "poll-1_3", p.now))
		d.Attempt++
		p.finish(l, d, delivery.Verdict{State: delivery.Planned, NextTry: p.now.Add(time.Minute), Code: "vk.upload", Trouble: "Загрузка прервалась."})
		if list, err := b.s.Due(b.ctx, social.VK, p.now, 10); err != nil || len(list) != 0 {
			t.Fatalf("due at once: %v %v", list, err)
		}
		p.now = p.now.Add(time.Minute)
		d = p.duePost(social.VK, post.ID)
		if d.Attempt != 1 || !d.FirstSendingAt.IsZero() || d.MaybeOut || d.Uploaded[0] != "photo-1_2" || d.PollID != "poll-1_3" || d.LeaveBy.IsZero() {
			t.Fatalf("%+v", d)
		}
		if n := b.count("SELECT COUNT(*) FROM delivery_attempts WHERE outcome = 'planned' AND code = 'vk.upload'"); n != 1 {
			t.Fatalf("%d attempts", n)
		}
		// A verdict on what has been begun meanwhile says nothing.
		stale := d
		begun := p.started(l, d.ID)
		stale.Attempt++
		p.finish(l, stale, delivery.Verdict{State: delivery.Failed, Code: "late"})
		p.finish(l, begun, delivery.Verdict{State: delivery.Planned, NextTry: p.now})
		d = p.duePost(social.VK, post.ID)
		d.Attempt++
		p.finish(l, d, delivery.Verdict{State: delivery.Failed, Code: "late", Trouble: "Пост не ушёл вовремя."})
		got := p.post(post.ID)
		if target, _ := got.Target(p.vk); got.State != publisher.Failed || target.Trouble != "Пост не ушёл вовремя." {
			t.Fatalf("%s %+v", got.State, target)
		}
		// Whoever has it sent all the same has decided that it is not too late.
		b.must(b.s.Resolve(b.ctx, press, d.ID, delivery.SendAgain, p.now))
		if again := p.duePost(social.VK, post.ID); !again.LeaveBy.IsZero() || again.Uploaded[0] != "photo-1_2" {
			t.Fatalf("%+v", again)
		}
	})
}

// An edit names the media of the post as they are called in the network.
func TestAnEditKeepsTheMedia(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		l := b.take("deliver")
		post := p.released("Снег убран.")
		for n, owner := range map[social.Network]string{social.VK: "-1", social.Telegram: "-100"} {
			d := p.duePost(n, post.ID)
			b.must(b.s.Prepared(b.ctx, d.ID, []string{"photo" + owner}, "", p.now))
			p.done(l, d, sentAs(n, owner, "9"))
		}
		c := p.post(post.ID).Content
		c.Text = "Снег убран и вывезен."
		f := p.facts()
		_, err := p.apply(post.ID, 0, func(x publisher.Post) (publisher.Decision, error) {
			return publisher.Apply(x, publisher.Amend{Content: c}, press, f)
		})
		b.must(err)
		_, err = p.apply(post.ID, 0, func(x publisher.Post) (publisher.Decision, error) {
			return publisher.Apply(x, publisher.ApproveAmend{Hash: x.Amendment.Hash(x)}, head, f)
		})
		b.must(err)
		if d := p.duePost(social.VK, post.ID); d.Kind != delivery.KindEdit || len(d.Uploaded) != 1 || d.Uploaded[0] != "photo-1" || !d.LeaveBy.IsZero() {
			t.Fatalf("%+v", d)
		}
	})
}

// What a stop holds is not late: it waits for a person, who is told of it.
func TestWhatWaitsForTheClerkAndForPeople(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		l := b.take("deliver")
		due := p.now.Add(time.Hour)
		post := p.scheduled("Снег убран.", due)
		facts := func() (plan, leaving time.Time) {
			t.Helper()
			f, err := b.s.Facts(b.ctx, p.now)
			b.must(err)
			w, err := b.s.Waiting(b.ctx, p.now)
			b.must(err)
			if !w.Plan.Equal(f.Plan) || !w.Delivery.Equal(f.Delivery) {
				t.Fatalf("%+v and %+v", w, f)
			}
			return f.Plan, f.Delivery
		}
		if plan, _ := facts(); !plan.IsZero() {
			t.Fatal("late before its time")
		}
		p.now = due.Add(time.Minute)
		if plan, _ := facts(); !plan.Equal(due) {
			t.Fatalf("waits since %v, want %v", plan, due)
		}
		halt, err := publisher.NewHalt([]string{p.vk}, "", press, p.facts())
		b.must(err)
		b.must(b.s.AddHalt(b.ctx, halt, p.now))
		if plan, _ := facts(); !plan.Equal(due) {
			t.Fatal("the other page waits all the same")
		}
		_, err = p.clerk().Tick(b.ctx)
		b.must(err)
		if plan, leaving := facts(); !plan.IsZero() || leaving.IsZero() {
			t.Fatal("the free page has left the plan for the ledger, the other is held")
		}
		f, err := b.s.Facts(b.ctx, p.now)
		b.must(err)
		if len(f.Halts) != 1 || f.Halts[0].Held != 1 || !f.Halts[0].ByPerson {
			t.Fatalf("%+v", f.Halts)
		}
		// A stop by the program holds all.
		b.must(b.s.AddHalt(b.ctx, publisher.Halt{Cause: publisher.ByRestored, At: p.now}, p.now))
		if plan, leaving := facts(); !plan.IsZero() || !leaving.IsZero() {
			t.Fatal("what is held is not late")
		}
		held, err := b.s.Halts(b.ctx)
		b.must(err)
		for _, h := range held {
			b.must(b.s.EndHalt(b.ctx, h.ID, p.now, func(h publisher.Halt) (publisher.Halt, error) { return h.End(press, p.now) }))
		}
		p.done(l, p.duePost(social.Telegram, post.ID), delivery.Verdict{State: delivery.Unknown, Code: "tg.timeout", Trouble: "Не подтвердил."})
		f, err = b.s.Facts(b.ctx, p.now)
		b.must(err)
		if f.PostUnknown.Count != 1 || f.Unknown.Count != 0 || f.PostFailed.Count != 0 {
			t.Fatalf("%+v", f)
		}
	})
}
