package storetest

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/internal/errs"
	"otklik/internal/social"
	"otklik/publisher"
)

// numbers are what a network says of post id, after some hours.
func (p *plan) numbers(id string, hours int, r publisher.Reactions) publisher.PostStats {
	return publisher.PostStats{PageID: p.vk, Ref: ref(id), At: p.now.Add(time.Duration(hours) * time.Hour), Reactions: r}
}

func TestStatistics(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		b.commit(created(itemOf("77", "наш пост", b.now)), created(itemOf("78", "ещё один", b.now.Add(-30*24*time.Hour))), created(comment("9", citizen, "спасибо")))
		b.must(b.s.AddPostNumbers(b.ctx, []publisher.PostStats{
			p.numbers("77", 1, publisher.Reactions{Views: 100, Likes: 3}), p.numbers("77", 2, publisher.Reactions{Views: social.Untold, Likes: 5, Comments: social.Untold, Reposts: 1}),
		}, b.now))
		// The same moment twice is one, and an older count does not take the place of a newer.
		b.must(b.s.AddPostNumbers(b.ctx, []publisher.PostStats{p.numbers("77", 2, publisher.Reactions{Views: 9}), p.numbers("77", 0, publisher.Reactions{})}, b.now))
		b.must(b.s.AddPostNumbers(b.ctx, nil, b.now))
		list, err := b.s.Figures(b.ctx, b.now.Add(-time.Hour), b.now.Add(time.Hour))
		b.must(err)
		if len(list) != 1 || list[0].Ref != ref("77") || list[0].Reactions != (publisher.Reactions{Views: 100, Likes: 5, Reposts: 1}) || list[0].CountedAt != b.now.Add(2*time.Hour) || list[0].Text != "наш пост" {
			t.Fatalf("%+v", list)
		}
		history, err := b.s.NumbersOf(b.ctx, ref("77"))
		if err != nil || len(history) != 3 || history[1].Reactions.Views != 100 {
			t.Fatalf("%+v %v", history, err)
		}
		watched, err := b.s.Watched(b.ctx, b.now.Add(-31*24*time.Hour), b.now)
		if err != nil || len(watched) != 2 || !watched[0].CountedAt.IsZero() || watched[1].CountedAt.IsZero() {
			t.Fatalf("%+v %v", watched, err)
		}
		p.scheduled("Пост", b.now.Add(time.Hour))
		out, err := b.s.PostMoments(b.ctx, b.now.Add(-7*24*time.Hour), b.now.Add(time.Hour))
		b.must(err)
		planned, err := b.s.PlannedMoments(b.ctx, b.now, b.now.Add(24*time.Hour))
		if err != nil || len(out[p.vk]) != 1 || len(planned[p.tg]) != 1 {
			t.Fatal(err, out, planned)
		}
		if n, err := b.s.OwnComments(b.ctx, []social.Ref{ref("1"), ref("77")}); err != nil || n[0] != 1 || n[1] != 0 {
			t.Fatal(n, err)
		}
	})
}

// What stands as several messages is one post: an album, and a post of the plan
// with its poll under it.
func TestAPostIsCountedOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		for i := range 3 {
			it := itemOf(strconv.Itoa(50+i), "", b.now.Add(time.Duration(i)*time.Second))
			it.Media = []social.Media{{Kind: "photo", Key: "k" + strconv.Itoa(i), File: "https://a.example/" + strconv.Itoa(i), Album: "a1"}}
			b.commit(created(it))
		}
		b.commit(created(itemOf("60", "пост", b.now)), created(itemOf("61", "опрос", b.now)), created(itemOf("62", "сам по себе", b.now)))
		post := p.begin("пост", time.Time{})
		_, err := b.raw.ExecContext(b.ctx, `INSERT INTO post_refs (network, owner, item_id, post_id, page_id, part) VALUES ('vk', '-1', '60', $1, $2, 0), ('vk', '-1', '61', $1, $2, 1)`, post.ID, p.vk)
		b.must(err)
		list, err := b.s.Figures(b.ctx, b.now.Add(-time.Hour), b.now.Add(time.Hour))
		if err != nil || len(list) != 3 {
			t.Fatalf("%d posts, %v", len(list), err)
		}
		for _, f := range list {
			if (f.Ref.ID == "60") != (f.PostID == post.ID && f.Number == post.Number) {
				t.Errorf("%+v", f)
			}
		}
		b.must(b.s.AddPostNumbers(b.ctx, []publisher.PostStats{p.numbers("60", 0, publisher.Reactions{Views: 7})}, b.now))
		if history, err := b.s.PostHistory(b.ctx, post.ID); err != nil || len(history) != 1 || history[0].Reactions.Views != 7 {
			t.Fatalf("%+v %v", history, err)
		}
	})
}

func TestStatisticsOfPages(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		for i := range 2 {
			b.must(b.s.AddPageStats(b.ctx, publisher.PageStats{PageID: p.vk, At: b.now.Add(time.Duration(i) * time.Hour), Subscribers: 10 + i, Reach: 5}, b.now))
		}
		pages, err := b.s.PageHistory(b.ctx, p.vk, b.now)
		now, err2 := b.s.PagesNow(b.ctx, b.now.Add(time.Minute))
		if err := errors.Join(err, err2); err != nil || len(pages) != 2 || pages[1].Subscribers != 11 || now[p.vk].Subscribers != 10 || len(now) != 1 {
			t.Fatal(err, pages, now)
		}
		day := social.PageDay{From: b.now.Truncate(24 * time.Hour), To: b.now, Views: 3, Reach: 2, Subscribed: 1}
		b.must(b.s.AddPageDays(b.ctx, publisher.PageDays{PageID: p.vk, Days: []social.PageDay{day}}, b.now))
		day.Reach = 9
		b.must(b.s.AddPageDays(b.ctx, publisher.PageDays{PageID: p.vk, Days: []social.PageDay{day}}, b.now))
		days, err := b.s.Days(b.ctx, day.From, day.From.Add(time.Second))
		if err != nil || len(days[p.vk]) != 1 || days[p.vk][0] != day {
			t.Fatalf("%+v %v", days, err)
		}
		b.must(b.s.NoteMeasured(b.ctx, p.vk, publisher.Measured{At: b.now}, b.now))
		b.must(b.s.NoteMeasured(b.ctx, p.vk, publisher.Measured{Trouble: "нет ключа"}, b.now))
		measured, err := b.s.Measured(b.ctx)
		if err != nil || measured[p.vk] != (publisher.Measured{At: b.now, Trouble: "нет ключа"}) {
			t.Fatalf("%+v %v", measured, err)
		}
	})
}

func TestPollsAreWatchedToTheEnd(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		closed := publisher.Poll{
			PostID: "post", Form: publisher.PollForm{Question: "Где?", Options: []string{"а", "б"}}, State: publisher.PollClosed, OpenedAt: b.now, ClosedAt: b.now.Add(time.Hour),
			Places: []publisher.Place{{PageID: p.vk}},
		}
		poll, err := b.s.AddPoll(b.ctx, closed, b.now)
		b.must(err)
		every := func(time.Duration) time.Duration { return time.Hour }
		due := func(now time.Time) int {
			t.Helper()
			list, err := b.s.WatchedPolls(b.ctx, now)
			b.must(err)
			n := 0
			for _, l := range list {
				n += len(l.Due(now, every))
			}
			return n
		}
		at := b.now.Add(2 * time.Hour)
		b.must(b.s.AddSnapshot(b.ctx, publisher.Snapshot{PollID: poll.ID, PageID: p.vk, At: b.now, Votes: []int{1, 2}}, b.now))
		if n := due(at); n != 1 {
			t.Fatalf("before the final look: %d", n)
		}
		b.must(b.s.AddSnapshot(b.ctx, publisher.Snapshot{PollID: poll.ID, PageID: p.vk, At: at, Votes: []int{1, 3}}, at))
		if n := due(at.Add(time.Hour)); n != 0 {
			t.Fatalf("after it: %d", n)
		}
		if n := due(at.Add(30 * 24 * time.Hour)); n != 0 {
			t.Fatalf("long after: %d", n)
		}
	})
}

func TestToldUpdates(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		stream := collectors.Stream{Name: "tg", SourceID: planOf(b).tg}
		b.must(b.s.EnsureStream(b.ctx, stream, b.now))
		l := b.take("tg")
		raws := []string{`{"update_id":1,"message":{}}`, `{"update_id":2,"poll":{"id":"5"}}`, `{"update_id":3,"message_reaction_count":{}}`}
		for i, raw := range raws {
			batch := collectors.Batch{Updates: []collectors.Update{{Key: strconv.Itoa(i), Raw: []byte(raw)}}, Next: collectors.Cursor(strconv.Itoa(i))}
			_, err := b.s.Commit(b.ctx, l, stream, batch, b.now.Add(time.Duration(i)*time.Minute))
			b.must(err)
		}
		list, err := b.s.ToldUpdates(b.ctx, social.Telegram, b.now)
		if err != nil || len(list) != 2 || string(list[0].Raw) != raws[1] || list[0].PageID != stream.SourceID {
			t.Fatalf("%+v %v", list, err)
		}
		if list, err = b.s.ToldUpdates(b.ctx, social.VK, b.now); err != nil || len(list) != 0 {
			t.Fatalf("%+v %v", list, err)
		}
	})
}

// A bot of Telegram sees a post of its own channel only as the copy in the
// discussion group: it is counted under the name that it has in the channel.
func TestAPostThatIsSeenAsACopyIsCounted(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		st := collectors.Stream{Name: "tg", SourceID: p.tg}
		b.must(b.s.EnsureStream(b.ctx, st, b.now))
		there := social.Ref{Network: social.Telegram, Owner: "-100", ID: "5"}
		copied := social.Ref{Network: social.Telegram, Owner: "-200", ID: "7"}
		it := social.Item{Ref: copied, Kind: social.Post, Thread: copied, CopyOf: there, Author: social.Author{ID: "-100", Own: true}, Text: "Пост", PublishedAt: b.now}
		answer := social.Item{Ref: social.Ref{Network: social.Telegram, Owner: "-200", ID: "8"}, Kind: social.Comment, Thread: copied, Author: citizen, Text: "Спасибо", PublishedAt: b.now}
		batch := collectors.Batch{Updates: []collectors.Update{{Key: "1", Changes: []collectors.Change{created(it), created(answer)}}}, Next: "1"}
		_, err := b.s.Commit(b.ctx, b.take("tg"), st, batch, b.now)
		b.must(err)
		b.must(b.s.AddPostNumbers(b.ctx, []publisher.PostStats{{PageID: p.tg, Ref: there, At: b.now, Reactions: publisher.Reactions{Views: 40, Likes: social.Untold}}}, b.now))
		f, err := b.s.Figure(b.ctx, there)
		if err != nil || f.PageID != p.tg || f.Reactions.Views != 40 || f.Ref != there {
			t.Fatalf("%+v %v", f, err)
		}
		if n, err := b.s.OwnComments(b.ctx, []social.Ref{there}); err != nil || n[0] != 1 {
			t.Fatal(n, err)
		}
		if _, err := b.s.Figure(b.ctx, ref("404")); errs.CodeOf(err) != errs.NotFound {
			t.Fatal(err)
		}
	})
}
