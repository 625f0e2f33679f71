package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/internal/delivery"
	"otklik/internal/errs"
	"otklik/internal/lease"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/publisher"
)

// clerk is a clerk at the bundle's present.
func (p *plan) clerk() *publisher.Clerk {
	return publisher.NewClerk(p.s, p.s, p.s, func() time.Time { return p.now })
}

// released is a post whose first parts wait in the ledger.
func (p *plan) released(text string) publisher.Post {
	p.t.Helper()
	post := p.scheduled(text, p.now.Add(time.Hour))
	p.now = p.now.Add(time.Hour)
	n, err := p.clerk().Tick(p.ctx)
	p.must(err)
	if n != 1 {
		p.t.Fatalf("%d posts were released", n)
	}
	return p.post(post.ID)
}

func (p *plan) post(id string) publisher.Post {
	p.t.Helper()
	post, err := p.s.Post(p.ctx, id)
	p.must(err)
	return post
}

func (p *plan) duePost(n social.Network, postID string) delivery.Delivery {
	p.t.Helper()
	list, err := p.s.Due(p.ctx, n, p.now, 100)
	p.must(err)
	for _, d := range list {
		if d.SubjectID == postID {
			return d
		}
	}
	p.t.Fatalf("nothing of %s is due in %s", postID, n)
	return delivery.Delivery{}
}

func (p *plan) done(l lease.Lease, d delivery.Delivery, v delivery.Verdict) {
	p.t.Helper()
	p.finish(l, p.started(l, d.ID), v)
}

func (p *plan) started(l lease.Lease, id string) delivery.Delivery {
	p.t.Helper()
	d, ok, err := p.s.Begin(p.ctx, l, id, p.now)
	p.must(err)
	if !ok {
		p.t.Fatal("not begun")
	}
	return d
}

func sentAs(n social.Network, owner, id string) delivery.Verdict {
	return delivery.Verdict{State: delivery.Sent, Receipt: delivery.Receipt{Ref: social.Ref{Network: n, Owner: owner, ID: id}, Permalink: "https://net.example/" + id}}
}

func TestPostLeavesThroughTheLedger(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		l := b.take("deliver")
		post := p.released("Снег *убран*.")
		d := p.duePost(social.Telegram, post.ID)
		if d.Kind != delivery.KindPost || d.Part == nil || d.Part.Text != "Снег убран." || d.Part.Entities[0].Kind != "bold" || d.Number != post.Number || d.SourceID != p.tg {
			t.Fatalf("%+v", d)
		}
		p.done(l, d, sentAs(social.Telegram, "-100", "5"))
		if got := p.post(post.ID); got.State != publisher.Scheduled {
			t.Fatalf("%s", got.State)
		}
		p.done(l, p.duePost(social.VK, post.ID), sentAs(social.VK, "-1", "9"))
		got := p.post(post.ID)
		if got.State != publisher.Published || got.Targets[0].Link != "https://net.example/9" || !got.Targets[0].OutAt.Equal(p.now) {
			t.Fatalf("%+v", got)
		}
		if id, err := b.s.PostOf(b.ctx, ref("9")); err != nil || id != post.ID {
			t.Fatal(id, err)
		}
		entries, err := b.s.Entries(b.ctx, delivery.EntryFilter{Tab: delivery.TabSent, Limit: 10})
		if err != nil || len(entries.Entries) != 2 || entries.Entries[0].CaseTitle != "О снеге" || entries.Entries[0].Approver != head.Name {
			t.Fatalf("%v %+v", err, entries.Entries)
		}
		// The norm counts what left by the ledger before any collector has seen it,
		// and the same post once when one has.
		for range 2 {
			out, err := b.s.PostMoments(b.ctx, p.now.Add(-time.Hour), p.now.Add(time.Hour))
			if err != nil || len(out[p.vk]) != 1 || len(out[p.tg]) != 1 {
				t.Fatal(err, out)
			}
			b.commit(created(itemOf("9", "Снег убран.", p.now)))
		}
		// What people write under it belongs to it.
		under := comment("91", citizen, "яма")
		under.Thread = ref("9")
		b.commit(created(under))
		b.detectAll()
		v, err := b.s.PostView(b.ctx, post.ID)
		if err != nil || v.Under[0].Comments != 1 || v.Under[0].Complaints != 1 || v.Under[0].Open != 1 {
			t.Fatalf("%v %+v", err, v.Under)
		}
	})
}

func TestManyClerksReleaseOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		for i := range 6 {
			p.scheduled(fmt.Sprint("Пост ", i), b.now.Add(time.Hour))
		}
		p.now = p.now.Add(time.Hour)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if _, err := p.clerk().Tick(b.ctx); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := b.count("SELECT COUNT(*) FROM deliveries"); n != 12 {
			t.Fatalf("%d deliveries for 6 posts on 2 pages", n)
		}
	})
}

func TestPollFollowsItsPostAndIsClosedOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		l := b.take("deliver")
		post := p.begin("Отметьте", b.now.Add(time.Hour))
		f := p.facts()
		for _, x := range []struct {
			cmd func(publisher.Post) publisher.Command
			by  rights.Actor
		}{
			{func(x publisher.Post) publisher.Command {
				c := x.Content
				c.Poll = &publisher.PollForm{Question: "Где скользко?", Options: []string{"Дворы", "Лестницы"}, OpenFor: time.Hour}
				return publisher.Write{Content: c, PageIDs: []string{p.vk, p.tg}}
			}, press},
			{func(publisher.Post) publisher.Command { return publisher.Submit{} }, press},
			{func(x publisher.Post) publisher.Command { return publisher.Approve{Hash: x.Hash()} }, head},
		} {
			_, err := p.apply(post.ID, 0, func(y publisher.Post) (publisher.Decision, error) { return publisher.Apply(y, x.cmd(y), x.by, f) })
			b.must(err)
		}
		p.now = p.now.Add(time.Hour)
		_, err := p.clerk().Tick(b.ctx)
		b.must(err)
		vk := sentAs(social.VK, "-1", "9")
		vk.Receipt.PollID = "77"
		p.done(l, p.duePost(social.VK, post.ID), vk)
		p.done(l, p.duePost(social.Telegram, post.ID), sentAs(social.Telegram, "-100", "5"))
		d := p.duePost(social.Telegram, post.ID)
		if d.Kind != delivery.KindPoll || d.PartNumber != 1 || d.Part.Poll.Named || d.Text != "Где скользко?" {
			t.Fatalf("%+v", d)
		}
		p.done(l, d, sentAs(social.Telegram, "-100", "6"))
		v, err := b.s.PostView(b.ctx, post.ID)
		b.must(err)
		if v.Post.State != publisher.Published || v.Poll == nil || len(v.Poll.Places) != 2 || v.Poll.Places[0].RemoteID != "77" || v.Poll.Places[1].Ref.ID != "6" {
			t.Fatalf("%s %+v", v.Post.State, v.Poll)
		}
		if due, _ := b.s.DuePolls(b.ctx, p.now); len(due) != 0 {
			t.Fatal("due too early")
		}
		p.now = p.now.Add(time.Hour)
		due, err := b.s.DuePolls(b.ctx, p.now)
		if err != nil || len(due) != 1 {
			t.Fatal(err, due)
		}
		for range 3 {
			_, err := b.s.ClosePoll(b.ctx, rights.System(), due[0].ID, p.now)
			b.must(err)
		}
		if n := b.count("SELECT COUNT(*) FROM deliveries WHERE kind = 'poll_close'"); n != 2 {
			t.Fatalf("%d closings", n)
		}
		closing := p.duePost(social.VK, due[0].ID)
		if closing.PollID != "77" || closing.Thread != ref("9") {
			t.Fatalf("%+v", closing)
		}
		p.done(l, closing, delivery.Verdict{State: delivery.Sent})
		p.done(l, p.duePost(social.Telegram, due[0].ID), delivery.Verdict{State: delivery.Failed, Trouble: "нет прав"})
		poll, err := b.s.Poll(b.ctx, due[0].ID)
		if err != nil || poll.State != publisher.PollClosing || poll.Places[1].Trouble != "нет прав" || !poll.Places[0].Closed {
			t.Fatalf("%v %+v", err, poll)
		}
		failed := b.texts("SELECT id FROM deliveries WHERE kind = 'poll_close' AND state = 'failed'")
		b.must(b.s.Resolve(b.ctx, press, failed[0], delivery.SendAgain, p.now))
		p.done(l, p.duePost(social.Telegram, poll.ID), delivery.Verdict{State: delivery.Sent})
		if poll, _ = b.s.Poll(b.ctx, poll.ID); poll.State != publisher.PollClosed {
			t.Fatalf("%+v", poll)
		}
	})
}

// A post whose fate is unknown is recognised on its page, whichever comes first:
// the verdict or the update.
func TestUnknownPostIsRecognised(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		l := b.take("deliver")
		unknown := delivery.Verdict{State: delivery.Unknown, Code: "timeout", Trouble: "Тишина."}
		stream := collectors.Stream{Name: "tg", SourceID: p.tg}
		b.must(b.s.EnsureStream(b.ctx, stream, b.now))
		tl := b.take("tg")
		// A bot is not told of its own posts, only of their copies in the group.
		seen := func(id, text string) {
			t.Helper()
			r := social.Ref{Network: social.Telegram, Owner: "-200", ID: "9" + id}
			it := social.Item{
				Ref: r, Kind: social.Post, Thread: r, CopyOf: social.Ref{Network: social.Telegram, Owner: "-100", ID: id},
				Author: social.Author{ID: "-100", Own: true}, Text: text, Permalink: "https://t.me/x/" + id, PublishedAt: p.now,
			}
			_, err := b.s.Commit(b.ctx, tl, stream, collectors.Batch{Updates: []collectors.Update{{Key: id, Raw: []byte("{}"), Changes: []collectors.Change{created(it)}}}, Next: collectors.Cursor(id)}, p.now)
			b.must(err)
		}
		first := p.released("Вода будет *завтра*.")
		p.done(l, p.duePost(social.Telegram, first.ID), unknown)
		if got := p.post(first.ID); got.State != publisher.Check || got.Targets[1].Trouble != "Тишина." {
			t.Fatalf("%+v", got)
		}
		seen("1", "Другое объявление.")
		if p.post(first.ID).State != publisher.Check {
			t.Fatal("other words were taken for ours")
		}
		seen("2", "Вода будет завтра.")
		if got := p.post(first.ID); got.Targets[1].State != publisher.Out || got.Targets[1].Link != "https://t.me/x/2" || got.Targets[1].Refs[0].ID != "2" {
			t.Fatalf("%+v", got.Targets)
		}
		second := p.released("Вода будет завтра.")
		d := p.started(l, p.duePost(social.Telegram, second.ID).ID)
		seen("3", "Вода будет завтра.")
		p.finish(l, d, unknown)
		if got := p.post(second.ID); got.Targets[1].State != publisher.Out || got.Targets[1].Refs[0].ID != "3" {
			t.Fatalf("%+v", got.Targets)
		}
	})
}

func TestPeopleDecideAboutAPost(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		l := b.take("deliver")
		post := p.released("Вода будет.")
		p.done(l, p.duePost(social.Telegram, post.ID), delivery.Verdict{State: delivery.Unknown, Trouble: "Тишина."})
		d := p.duePost(social.VK, post.ID)
		p.done(l, d, delivery.Verdict{State: delivery.Failed, Trouble: "Стена закрыта."})
		f := p.facts()
		do := func(by rights.Actor, cmd publisher.Command) error {
			_, err := p.apply(post.ID, 0, func(x publisher.Post) (publisher.Decision, error) { return publisher.Apply(x, cmd, by, f) })
			return err
		}
		if err := do(press, publisher.Cancel{}); errs.CodeOf(err) != errs.Conflict {
			t.Fatal("what may be out was cancelled", err)
		}
		b.must(b.s.Resolve(b.ctx, press, d.ID, delivery.SendAgain, p.now))
		if again := p.duePost(social.VK, post.ID); again.ID == d.ID || again.Part == nil || again.Part.Text != "Вода будет." {
			t.Fatalf("%+v", again)
		}
		p.done(l, p.duePost(social.VK, post.ID), sentAs(social.VK, "-1", "9"))
		b.must(do(press, publisher.ByHand{PageID: p.tg, Link: "https://t.me/gorod/1"}))
		if got := p.post(post.ID); got.State != publisher.Published || b.count("SELECT COUNT(*) FROM deliveries WHERE state = 'unknown'") != 0 {
			t.Fatalf("%+v", got)
		}
		b.must(do(press, publisher.Remove{PageID: p.vk, Reason: "ошибка"}))
		gone := p.duePost(social.VK, post.ID)
		if gone.Kind != delivery.KindDelete || gone.Thread != ref("9") {
			t.Fatalf("%+v", gone)
		}
		p.done(l, gone, delivery.Verdict{State: delivery.Sent})
		if got, _ := p.post(post.ID).Target(p.vk); got.State != publisher.Taken {
			t.Fatalf("%+v", got)
		}
	})
}

func TestPostIsTakenBackFromTheLedger(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		l := b.take("deliver")
		f := p.facts()
		cancel := func(id string) error {
			_, err := p.apply(id, 0, func(x publisher.Post) (publisher.Decision, error) {
				return publisher.Apply(x, publisher.Cancel{}, press, f)
			})
			return err
		}
		post := p.released("Первый")
		b.must(cancel(post.ID))
		if b.count("SELECT COUNT(*) FROM deliveries WHERE state = 'cancelled'") != 2 || p.post(post.ID).State != publisher.Cancelled {
			t.Fatal("it still leaves")
		}
		post = p.released("Второй")
		p.started(l, p.duePost(social.VK, post.ID).ID)
		if err := cancel(post.ID); errs.CodeOf(err) != errs.Conflict || p.post(post.ID).State != publisher.Scheduled {
			t.Fatal("what is being sent was cancelled", err)
		}
	})
}

// What was uploaded for a post is known to whoever sends it after a crash.
func TestPreparedMediaAreRemembered(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		post := p.begin("Фото", b.now.Add(time.Hour))
		f := p.facts()
		content := publisher.Content{
			Text: "*Фото*", Media: []publisher.Media{{Kind: publisher.Photo, Hash: "abc", Alt: "двор"}, {Kind: publisher.Video, URL: "https://vk.com/video-1_2"}},
			Poll: &publisher.PollForm{Question: "Где?", Options: []string{"а", "б"}, OpenFor: time.Hour},
		}
		for _, x := range []struct {
			by  rights.Actor
			cmd func(publisher.Post) publisher.Command
		}{
			{press, func(publisher.Post) publisher.Command {
				return publisher.Write{Content: content, PageIDs: []string{p.vk}}
			}},
			{press, func(publisher.Post) publisher.Command { return publisher.Submit{} }},
			{head, func(y publisher.Post) publisher.Command { return publisher.Approve{Hash: y.Hash()} }},
		} {
			_, err := p.apply(post.ID, 0, func(y publisher.Post) (publisher.Decision, error) { return publisher.Apply(y, x.cmd(y), x.by, f) })
			b.must(err)
		}
		p.now = p.now.Add(time.Hour)
		_, err := p.clerk().Tick(b.ctx)
		b.must(err)
		d := p.duePost(social.VK, post.ID)
		b.must(b.s.Prepared(b.ctx, d.ID, []string{"photo-1_5"}, "poll-1_7", p.now))
		pub := p.started(b.take("deliver"), d.ID).Publication()
		if pub.Text != "Фото" || len(pub.Media) != 2 || pub.Media[0].Uploaded != "photo-1_5" || pub.Media[0].Alt != "двор" || pub.Media[1].Uploaded != "video-1_2" ||
			pub.Poll.Created != "poll-1_7" || !pub.Poll.Anonymous || !pub.Poll.ClosesAt.Equal(p.now.Add(time.Hour)) {
			t.Fatalf("%+v %+v", pub, pub.Poll)
		}
	})
}

func TestAStopHoldsTheLedger(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		_, answer, l := b.ready("1", "Засыплем.")
		post := p.released("Пост")
		out := p.duePost(social.VK, post.ID)
		count := func(n social.Network) int {
			t.Helper()
			list, err := b.s.Due(b.ctx, n, p.now, 10)
			b.must(err)
			return len(list)
		}
		end := func() {
			t.Helper()
			list, err := b.s.Halts(b.ctx)
			b.must(err)
			for _, h := range list {
				b.must(b.s.EndHalt(b.ctx, h.ID, p.now, func(h publisher.Halt) (publisher.Halt, error) { return h.End(press, p.now) }))
			}
		}
		for name, x := range map[string]struct {
			halt     publisher.Halt
			vk, tg   int // what is due: an answer and a post in VK, a post in Telegram
			answered bool
		}{
			"everything":  {publisher.Halt{Cause: publisher.ByPerson}, 1, 0, true},
			"one page":    {publisher.Halt{Cause: publisher.ByPerson, PageIDs: []string{p.vk}}, 1, 1, true},
			"other pages": {publisher.Halt{Cause: publisher.ByPerson, PageIDs: []string{"x", p.tg}}, 2, 0, true},
			"restored":    {publisher.Halt{Cause: publisher.ByRestored}, 0, 0, false},
		} {
			x.halt.At = p.now
			b.must(b.s.AddHalt(b.ctx, x.halt, p.now))
			if vk, tg := count(social.VK), count(social.Telegram); vk != x.vk || tg != x.tg {
				t.Errorf("%s: %d and %d are due", name, vk, tg)
			}
			if name == "everything" || name == "restored" {
				if _, begun, err := b.s.Begin(b.ctx, l, out.ID, p.now); err != nil || begun {
					t.Errorf("%s: a held post was begun, %v", name, err)
				}
			}
			if name == "restored" {
				if _, begun, _ := b.s.Begin(b.ctx, l, answer.ID, p.now); begun {
					t.Error("an answer left from a restored base")
				}
			}
			end()
		}
		if count(social.VK) != 2 || count(social.Telegram) != 1 {
			t.Error("something is held although all stops ended")
		}
	})
}

// A late post asks, and a person's word lets it go.
func TestLatePostAsks(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		post := p.scheduled("Срочное", b.now.Add(time.Hour))
		p.now = p.now.Add(5 * time.Hour)
		if n, err := p.clerk().Tick(b.ctx); err != nil || n != 1 || p.post(post.ID).State != publisher.Check || b.count("SELECT COUNT(*) FROM deliveries") != 0 {
			t.Fatal(n, err, p.post(post.ID).State)
		}
		f := p.facts()
		_, err := p.apply(post.ID, 0, func(x publisher.Post) (publisher.Decision, error) {
			return publisher.Apply(x, publisher.Plan{At: p.now}, press, f)
		})
		b.must(err)
		if n, err := p.clerk().Tick(b.ctx); err != nil || n != 1 || b.count("SELECT COUNT(*) FROM deliveries") != 2 {
			t.Fatal(n, err)
		}
	})
}

// What the old ledger held is there after the change of its form, and back.
func TestLedgerKeepsAnswersThroughItsMigration(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		c, d, l := b.ready("1", "Засыплем.")
		b.finish(l, b.begin(l, d.ID), delivery.Verdict{State: delivery.Unknown, Trouble: "Тишина."})
		p := planOf(b)
		p.released("Пост")
		b.must(b.s.Close())
		m := b.migrations()
		_, err := m.DownTo(b.ctx, 10)
		b.must(err)
		if got := b.texts("SELECT case_id FROM deliveries"); len(got) != 1 || got[0] != c.ID {
			t.Fatalf("%v", got)
		}
		_, err = m.Up(b.ctx)
		b.must(err)
		if got := b.texts("SELECT subject_id FROM deliveries WHERE kind = 'answer' AND state = 'unknown'"); len(got) != 1 || got[0] != c.ID || b.count("SELECT COUNT(*) FROM delivery_attempts") != 1 {
			t.Fatalf("%v", got)
		}
	})
}
