package storetest

import (
	"fmt"
	"strconv"
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

// channel is the Telegram page of a plan with its discussion group, in which
// the collectors see copies.
type channel struct {
	*plan
	deliver, group lease.Lease
	stream         collectors.Stream
	seq            int
}

func channelOf(b *bundle) *channel {
	b.t.Helper()
	c := &channel{plan: planOf(b), deliver: b.take("deliver")}
	c.stream = collectors.Stream{Name: "tg", SourceID: c.tg}
	b.must(b.s.EnsureStream(b.ctx, c.stream, b.now))
	c.group = b.take("tg")
	return c
}

// copied stores what the group shows of a message of the channel.
func (c *channel) copied(id, text string, media ...social.Media) {
	c.t.Helper()
	c.seq++
	r := social.Ref{Network: social.Telegram, Owner: "-200", ID: "9" + id}
	it := social.Item{
		Ref: r, Kind: social.Post, Thread: r, CopyOf: inChannel(id), Media: media,
		Author: social.Author{ID: "-100", Own: true}, Text: text, Permalink: "https://t.me/gorod/" + id, PublishedAt: c.now,
	}
	u := collectors.Update{Key: strconv.Itoa(c.seq), Raw: []byte("{}"), Changes: []collectors.Change{created(it)}}
	_, err := c.s.Commit(c.ctx, c.group, c.stream, collectors.Batch{Updates: []collectors.Update{u}, Next: collectors.Cursor(u.Key)}, c.now)
	c.must(err)
}

func inChannel(id string) social.Ref {
	return social.Ref{Network: social.Telegram, Owner: "-100", ID: id}
}

func pictureIn(album string) social.Media { return social.Media{Kind: "photo", Album: album} }

func pollMedia(question, name string) social.Media {
	return social.Media{Kind: "poll", Title: question, Key: name}
}

// out is a post whose first parts are in the ledger.
func (c *channel) out(content publisher.Content, pages ...string) publisher.Post {
	c.t.Helper()
	post := c.begin("Начало", c.now.Add(time.Hour))
	f := c.facts()
	for _, x := range []struct {
		cmd func(publisher.Post) publisher.Command
		by  rights.Actor
	}{
		{func(publisher.Post) publisher.Command { return publisher.Write{Content: content, PageIDs: pages} }, press},
		{func(publisher.Post) publisher.Command { return publisher.Submit{} }, press},
		{func(p publisher.Post) publisher.Command { return publisher.Approve{Hash: p.Hash()} }, head},
	} {
		_, err := c.apply(post.ID, 0, func(p publisher.Post) (publisher.Decision, error) { return publisher.Apply(p, x.cmd(p), x.by, f) })
		c.must(err)
	}
	c.now = c.now.Add(time.Hour)
	_, err := c.clerk().Tick(c.ctx)
	c.must(err)
	return c.post(post.ID)
}

func (c *channel) do(post publisher.Post, cmd publisher.Command) error {
	f := c.facts()
	_, err := c.apply(post.ID, 0, func(p publisher.Post) (publisher.Decision, error) { return publisher.Apply(p, cmd, press, f) })
	return err
}

// vanish ends a call without an answer.
func (c *channel) vanish(n social.Network, post publisher.Post) delivery.Delivery {
	c.t.Helper()
	d := c.duePost(n, post.ID)
	c.done(c.deliver, d, delivery.Verdict{State: delivery.Unknown, Trouble: "Тишина."})
	return d
}

func (c *channel) targetIn(post publisher.Post, page string) publisher.Target {
	c.t.Helper()
	t, _ := c.post(post.ID).Target(page)
	return t
}

func (c *channel) pollOf(post publisher.Post) publisher.Poll {
	c.t.Helper()
	v, err := c.s.PostView(c.ctx, post.ID)
	c.must(err)
	if v.Poll == nil {
		c.t.Fatal("no poll")
	}
	return *v.Poll
}

func idsOf(t publisher.Target) string {
	out := ""
	for _, r := range append(append([]social.Ref{}, t.Refs...), t.Also...) {
		out += " " + r.ID
	}
	return out
}

func pictures(n int) []publisher.Media {
	var out []publisher.Media
	for i := range n {
		out = append(out, publisher.Media{Kind: publisher.Photo, Hash: fmt.Sprint("h", i), Alt: "двор"})
	}
	return out
}

var askedWhere = publisher.PollForm{Question: "Где скользко?", Options: []string{"Дворы", "Лестницы"}}

// All messages of an album are known whether they are seen before the album is
// recognised or after, so removing the post removes all of them.
func TestARecognisedAlbumIsKnownWhole(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		c := channelOf(b)
		post := c.out(publisher.Content{Text: "Двор до и после", Media: pictures(3)}, c.tg)
		c.vanish(social.Telegram, post)
		c.copied("12", "", pictureIn("a")) // an update may come before the one that has the words
		c.copied("11", "Двор до и после", pictureIn("a"))
		c.copied("13", "", pictureIn("a"))
		c.copied("14", "", pictureIn("b"))
		target := c.targetIn(post, c.tg)
		if target.State != publisher.Out || idsOf(target) != " 11 12 13" || target.Link != "https://t.me/gorod/11" {
			t.Fatalf("%+v", target)
		}
		b.must(c.do(post, publisher.Remove{PageID: c.tg, Reason: "ошибка"}))
		if d := c.duePost(social.Telegram, post.ID); d.Kind != delivery.KindDelete || len(d.Refs) != 3 {
			t.Fatalf("%+v", d)
		}
		if n := b.count("SELECT COUNT(*) FROM post_refs WHERE part = 0"); n != 3 {
			t.Fatalf("%d messages belong to the post", n)
		}
	})
}

// A person says that an album without words is there, and what the collectors
// saw tells which messages it is.
func TestAPersonsWordIsFilledByWhatWasSeen(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		c := channelOf(b)
		post := c.out(publisher.Content{Media: pictures(2)}, c.tg)
		d := c.vanish(social.Telegram, post)
		c.copied("20", "", pictureIn(""))
		c.copied("22", "", pictureIn("a"))
		c.copied("21", "", pictureIn("a"))
		b.must(b.s.Resolve(b.ctx, press, d.ID, delivery.Appeared, c.now))
		if target := c.targetIn(post, c.tg); idsOf(target) != " 21 22" || target.Link != "https://t.me/gorod/21" || target.Lost() {
			t.Fatalf("%+v", target)
		}
		// Of one that is seen only later the place is added then.
		late := c.out(publisher.Content{Text: "Поздно увиденное"}, c.tg)
		d = c.vanish(social.Telegram, late)
		b.must(b.s.Resolve(b.ctx, press, d.ID, delivery.Appeared, c.now))
		if target := c.targetIn(late, c.tg); !target.Lost() || target.State != publisher.Out {
			t.Fatalf("%+v", target)
		}
		c.copied("30", "Поздно увиденное")
		if target := c.targetIn(late, c.tg); idsOf(target) != " 30" || target.Link != "https://t.me/gorod/30" {
			t.Fatalf("%+v", target)
		}
		if len(c.history(late)) != len(c.history(post)) {
			t.Error("what was seen later is told as an event")
		}
		// Where nothing is ever seen, a person gives the link.
		unseen := c.out(publisher.Content{Text: "Не увиденное никем"}, c.tg)
		d = c.vanish(social.Telegram, unseen)
		b.must(b.s.Resolve(b.ctx, press, d.ID, delivery.Appeared, c.now))
		if err := c.do(unseen, publisher.ByHand{PageID: c.tg, Link: "https://t.me/gorod/30"}); errs.CodeOf(err) != errs.Conflict {
			t.Fatal("another post's link was taken", err)
		}
		b.must(c.do(unseen, publisher.ByHand{PageID: c.tg, Link: "https://t.me/gorod/31"}))
		if target := c.targetIn(unseen, c.tg); idsOf(target) != " 31" || c.post(unseen.ID).State != publisher.Published {
			t.Fatalf("%+v", target)
		}
		if n := b.count("SELECT COUNT(*) FROM deliveries WHERE remote_id IN ('30', '31')"); n != 2 {
			t.Fatalf("the ledger knows the place of %d", n)
		}
	})
}

func (c *channel) history(post publisher.Post) []publisher.Event {
	c.t.Helper()
	v, err := c.s.PostView(c.ctx, post.ID)
	c.must(err)
	return v.History
}

// A recognised poll can be read and closed: its network's name is known.
func TestARecognisedPollHasItsName(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		c := channelOf(b)
		content := publisher.Content{Text: "Отметьте", Poll: &askedWhere}
		post := c.out(content, c.vk, c.tg)
		c.done(c.deliver, c.duePost(social.Telegram, post.ID), sentAs(social.Telegram, "-100", "5"))
		c.vanish(social.Telegram, post)
		c.copied("6", "", pollMedia("Где скользко?", "5550"))
		// In VK the poll was made before the post and has its name since then.
		d := c.duePost(social.VK, post.ID)
		b.must(b.s.Prepared(b.ctx, d.ID, nil, "poll-1_77", c.now))
		c.vanish(social.VK, post)
		b.must(b.s.Resolve(b.ctx, press, d.ID, delivery.Appeared, c.now))
		p := c.pollOf(post)
		if len(p.Places) != 2 || p.Places[0].RemoteID != "5550" || p.Places[0].Ref.ID != "6" || p.Places[1].RemoteID != "poll-1_77" {
			t.Fatalf("%+v", p.Places)
		}
		// The person's own post with a poll of its own: what stands there counts.
		content.Text = "Отметьте ещё раз"
		own := c.out(content, c.vk)
		c.done(c.deliver, c.duePost(social.VK, own.ID), delivery.Verdict{State: delivery.Failed, Trouble: "нет прав"})
		b.must(c.do(own, publisher.ByHand{PageID: c.vk, Link: "https://vk.com/wall-1_40"}))
		if p := c.pollOf(own); len(p.Places) != 1 || p.Places[0].Ref != ref("40") || p.Places[0].RemoteID != "" {
			t.Fatalf("%+v", p)
		}
		it := itemOf("40", "Отметьте у себя", c.now)
		it.Media = []social.Media{pollMedia("Где скользко?", "poll-1_78")}
		b.commit(created(it))
		if p := c.pollOf(own); p.Places[0].RemoteID != "poll-1_78" {
			t.Fatalf("%+v", p)
		}
		seen := c.out(content, c.vk)
		c.done(c.deliver, c.duePost(social.VK, seen.ID), delivery.Verdict{State: delivery.Failed, Trouble: "нет прав"})
		it = itemOf("41", "Отметьте у себя", c.now)
		it.Media = []social.Media{pollMedia("Где скользко?", "poll-1_79")}
		b.commit(created(it))
		b.must(c.do(seen, publisher.ByHand{PageID: c.vk, Link: "https://vk.com/wall-1_41"}))
		if p := c.pollOf(seen); p.Places[0].RemoteID != "poll-1_79" {
			t.Fatalf("%+v", p)
		}
	})
}

// A poll that is over is closed on the page that comes last too, and the final
// result that a network tells is its last snapshot.
func TestAPollIsClosedOnItsLastPageToo(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		c := channelOf(b)
		post := c.out(publisher.Content{Text: "Отметьте", Poll: &askedWhere}, c.vk, c.tg)
		vk := sentAs(social.VK, "-1", "9")
		vk.Receipt.PollID = "poll-1_77"
		c.done(c.deliver, c.duePost(social.VK, post.ID), vk)
		id := c.pollOf(post).ID
		_, err := b.s.ClosePoll(b.ctx, press, id, c.now)
		b.must(err)
		result := social.PollResult{Poll: "poll-1_77", Voters: 3, Closed: true, Answers: []social.PollAnswer{{Text: "Лестницы", Votes: 2}, {Text: "Дворы", Votes: 1}}}
		c.done(c.deliver, c.duePost(social.VK, id), delivery.Verdict{State: delivery.Sent, Receipt: delivery.Receipt{Result: &result}})
		if p := c.pollOf(post); p.State != publisher.PollClosed {
			t.Fatalf("%+v", p)
		}
		snapshots, err := b.s.Snapshots(b.ctx, id)
		b.must(err)
		if len(snapshots) != 1 || snapshots[0].Voters != 3 || fmt.Sprint(snapshots[0].Votes) != "[1 2]" || snapshots[0].PageID != c.vk {
			t.Fatalf("%+v", snapshots)
		}
		c.done(c.deliver, c.duePost(social.Telegram, post.ID), sentAs(social.Telegram, "-100", "5"))
		tg := sentAs(social.Telegram, "-100", "6")
		tg.Receipt.PollID = "5550"
		c.done(c.deliver, c.duePost(social.Telegram, post.ID), tg)
		closing := c.duePost(social.Telegram, id)
		if p := c.pollOf(post); p.State != publisher.PollClosing || closing.Kind != delivery.KindClosePoll || closing.Thread != inChannel("6") {
			t.Fatalf("%s %+v", p.State, closing)
		}
		// The network no longer tells the result of a poll that was over: nothing is made up.
		over := social.PollResult{Poll: "5550", Closed: true}
		c.done(c.deliver, closing, delivery.Verdict{State: delivery.Sent, Receipt: delivery.Receipt{Result: &over}})
		if p := c.pollOf(post); p.State != publisher.PollClosed || b.count("SELECT COUNT(*) FROM poll_snapshots") != 1 {
			t.Fatalf("%+v", p)
		}
	})
}

// What a person published of a post with a poll does not swallow the poll.
func TestThePollFollowsWhatWasPublishedByHand(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		c := channelOf(b)
		content := publisher.Content{Text: "Отметьте", Poll: &askedWhere}
		post := c.out(content, c.tg)
		c.vanish(social.Telegram, post)
		b.must(c.do(post, publisher.ByHand{PageID: c.tg, Link: "https://t.me/gorod/5"}))
		d := c.duePost(social.Telegram, post.ID)
		if d.Kind != delivery.KindPoll || d.PartNumber != 1 || c.post(post.ID).State != publisher.Scheduled {
			t.Fatalf("%+v", d)
		}
		c.done(c.deliver, d, sentAs(social.Telegram, "-100", "6"))
		if got := c.post(post.ID); got.State != publisher.Published || idsOf(got.Targets[0]) != " 5 6" {
			t.Fatalf("%+v", got)
		}
		both := c.out(content, c.tg)
		c.vanish(social.Telegram, both)
		c.copied("8", "", pollMedia("Где скользко?", "5551"))
		b.must(c.do(both, publisher.ByHand{PageID: c.tg, Link: "https://t.me/gorod/7", Rest: "https://t.me/gorod/8"}))
		if got := c.post(both.ID); got.State != publisher.Published || idsOf(got.Targets[0]) != " 7 8" || c.pollOf(both).Places[0].RemoteID != "5551" {
			t.Fatalf("%+v %+v", got, c.pollOf(both))
		}
		if n := b.count("SELECT COUNT(*) FROM deliveries WHERE state = 'planned'"); n != 0 {
			t.Fatalf("%d still leave", n)
		}
		// What no collector saw and the ledger did not send is counted all the same.
		refused := c.out(publisher.Content{Text: "Сами"}, c.tg)
		c.done(c.deliver, c.duePost(social.Telegram, refused.ID), delivery.Verdict{State: delivery.Failed, Trouble: "нет прав"})
		b.must(c.do(refused, publisher.ByHand{PageID: c.tg, Link: "https://t.me/gorod/70"}))
		f, err := b.s.Figure(b.ctx, inChannel("70"))
		if err != nil || f.PostID != refused.ID || f.Link != "https://t.me/gorod/70" || !f.PublishedAt.Equal(c.now) {
			t.Fatalf("%v %+v", err, f)
		}
		if list, err := b.s.Watched(b.ctx, c.now, c.now); err != nil || len(list) != 1 || list[0].Ref != inChannel("70") {
			t.Fatalf("%v %+v", err, list)
		}
	})
}
