package hour

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"otklik/internal/delivery"
	"otklik/internal/lease"
	nettg "otklik/internal/network/telegram"
	netvk "otklik/internal/network/vk"
	"otklik/internal/sim/record"
	simtg "otklik/internal/sim/telegram"
	simvk "otklik/internal/sim/vk"
	"otklik/internal/social"
	"otklik/internal/sources"
	"otklik/internal/testdb"
	"otklik/publisher"
)

// stepRuns is how many posts are published on each engine, each over deaths at
// chosen steps; OTKLIK_STEPS sets more than the few of an ordinary run.
func stepRuns(t *testing.T) int {
	n, err := strconv.Atoi(cmp.Or(os.Getenv("OTKLIK_STEPS"), "20"))
	if err != nil {
		t.Fatalf("OTKLIK_STEPS: %v", err)
	}
	return n
}

// TestDeathBetweenAnyTwoSteps publishes posts with a photo and a poll on a page
// of each network, while the program dies between every two steps in turn and
// the networks fail in every other run. On PostgreSQL two programs work on one
// base. In VK every post stands exactly once; in Telegram at most once, and what
// may or may not stand there is shown to a person, who then looks.
func TestDeathBetweenAnyTwoSteps(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		synctest.Test(t, func(t *testing.T) {
			s := newSteps(t, dsn)
			if strings.HasPrefix(dsn, "postgres://") {
				s.programs = 2
			}
			s.run(stepRuns(t))
			s.city.close()
		})
	})
}

type steps struct {
	*press
	city     *city
	programs int
	vk, tg   string
	image    publisher.Media
	owners   int
	// deaths, unknown, appeared and again count what happened.
	deaths, unknown, appeared, again int
}

func newSteps(t *testing.T, dsn string) *steps {
	t.Helper()
	c := newCity(t)
	c.wire.tap = nil
	s := &steps{press: newPress(t, dsn), city: c, programs: 1}
	s.must(c.vk.AddToken(simvk.Token{Value: userToken, Kind: simvk.UserToken, UserID: 1, CommunityID: groupID}))
	s.vk = s.page(social.VK, strconv.Itoa(groupID), sources.CommunityKey, sources.AdminKey)
	s.tg = s.page(social.Telegram, strconv.FormatInt(c.channel.ID, 10), sources.BotKey)
	s.image = s.photo(48)
	return s
}

// program is one life of one program; it ends with ctx.
func (s *steps) program(ctx context.Context, l *mortal) (wait func()) {
	s.owners++
	m, wire := ledger{s.store, l}, mouth{s.city.wire, l}
	client := func(kind netvk.KeyKind, token string) *netvk.Client {
		return netvk.NewClient(netvk.Config{Kind: kind, Token: token, BaseURL: "http://" + vkHost, Transport: wire})
	}
	posts := netvk.NewPublisher(netvk.PublisherOptions{
		GroupID: groupID, Community: client(netvk.CommunityKey, communityToken), Admin: client(netvk.UserKey, userToken), GuidWindow: guidWindow, Now: time.Now,
	})
	channel, err := nettg.NewPublisher(nettg.PublisherOptions{
		Options: nettg.Options{Token: s.city.bot.Token, BaseURL: "http://" + tgHost, Limits: nettg.NewLimits(time.Now), Transport: wire},
		Channel: strconv.FormatInt(s.city.channel.ID, 10), Now: time.Now,
	})
	s.must(err)
	who := speakers{
		s.vk: &delivery.Speaker{Posts: posts, Changes: posts, Stock: s.store, Parts: m, Now: time.Now},
		s.tg: &delivery.Speaker{Posts: channel, Changes: channel, Stock: s.store, Parts: m, Now: time.Now},
	}
	var all sync.WaitGroup
	keeper := &lease.Keeper{Book: m, Owner: strconv.Itoa(s.owners), TTL: leaseTTL, Now: time.Now, Log: quiet()}
	for n, window := range map[social.Network]time.Duration{social.VK: guidWindow, social.Telegram: 0} {
		w := &delivery.Worker{Network: n, Book: m, Senders: who, Now: time.Now, Log: quiet(), Tick: time.Second, Window: window}
		all.Go(func() { keeper.Hold(ctx, "deliver:"+string(n), w.Run) })
	}
	clerk := publisher.NewClerk(m, s.store, s.store, time.Now)
	all.Go(func() {
		every(ctx, time.Second, func() { _, _ = clerk.Tick(ctx) })
	})
	return all.Wait
}

// storm prepares misfortunes of every kind for every call.
func (s *steps) storm(seed uint64) {
	for i, f := range []record.Fault{
		{Kind: record.FaultLost},
		{Kind: record.FaultTruncated},
		{Kind: record.FaultHTML},
		{Kind: record.FaultReset},
		{Kind: record.FaultStatus, Code: 503},
		{Kind: record.FaultHang, Delay: 60_000},
		{Kind: record.FaultEmpty},
	} {
		f.Method, f.Probability, f.Seed = "*", 0.05, seed*100+uint64(i)
		s.city.vk.Faults().Add(f)
		f.Seed += 50
		s.city.tg.Faults().Add(f)
	}
	s.city.vk.Faults().Add(record.Fault{Kind: record.FaultError, Code: 6, Method: "*", Probability: 0.05, Seed: seed})
	s.city.tg.Faults().Add(record.Fault{Kind: record.FaultError, Code: 429, RetryAfter: 3, Method: "*", Probability: 0.05, Seed: seed + 1})
}

// run publishes posts one after another. The step at which the first program
// dies moves on by one with every run, and begins anew when a life ended in peace.
func (s *steps) run(runs int) {
	dies, most := 1, 0
	for n := range runs {
		s.city.calm()
		if n%2 == 1 {
			s.storm(uint64(n))
		}
		c := news(n)
		c.Media = []publisher.Media{s.image}
		c.Poll = &publisher.PollForm{Question: fmt.Sprintf("Во дворе %d чисто?", n), Options: []string{"Да", "Нет"}}
		post := s.scheduled(time.Now().Add(time.Second), time.Hour, c, s.vk, s.tg)
		if s.live(post.ID, dies, n) {
			dies++
		} else {
			most, dies = max(most, dies), 1
		}
		s.judge(n, post.ID)
		// VK grants 500 posts a day.
		time.Sleep(6 * time.Minute)
	}
	s.t.Logf("%d posts, %d deaths at steps 1 to %d: all stand once in VK; in Telegram a person was asked about %d parts that were there and %d that were not", runs, s.deaths, max(most, dies), s.appeared, s.again)
}

// live lets programs live and die until the post has come to rest. Whether the
// first one died is returned.
func (s *steps) live(post string, dies, n int) (died bool) {
	for round := 0; ; round++ {
		ctx, cancel := context.WithCancel(s.t.Context())
		l := &mortal{kill: cancel, dies: dies}
		if round > 0 {
			// Half of the second lives end as well, at some other step.
			if l.dies = 0; round == 1 && n%2 == 0 {
				l.dies = 1 + n*7%23
			}
		}
		waits := []func(){s.program(ctx, l)}
		beside, stopBeside := context.WithCancel(s.t.Context())
		if s.programs > 1 {
			other := &mortal{kill: stopBeside}
			if round == 0 && n%3 == 0 {
				other.dies = 1 + n*5%31
			}
			waits = append(waits, s.program(beside, other))
		}
		rests := s.await(ctx, post)
		cancel()
		stopBeside()
		for _, wait := range waits {
			wait()
		}
		l.mu.Lock()
		dead := l.dead
		l.mu.Unlock()
		if round == 0 {
			died = dead
		}
		if dead {
			s.deaths++
		}
		if rests && !dead {
			return died
		}
	}
}

// await looks until nothing of the post is on its way, or ctx has ended.
func (s *steps) await(ctx context.Context, id string) bool {
	for begun := time.Now(); ctx.Err() == nil; pause(ctx, time.Second) {
		p, err := s.store.Post(s.t.Context(), id)
		s.must(err)
		if p.State != publisher.Scheduled && !p.Has(publisher.Leaving, publisher.Waiting) {
			return true
		}
		if time.Since(begun) > 3*time.Hour {
			s.t.Fatalf("after three hours: %s %+v", p.State, p.Targets)
		}
	}
	return false
}

// judge compares what the program says with what stands in the networks, and
// lets a person decide what is uncertain.
func (s *steps) judge(n int, id string) {
	s.t.Helper()
	p, err := s.store.Post(s.t.Context(), id)
	s.must(err)
	if vk, _ := p.Target(s.vk); vk.State != publisher.Out || s.onWall(p) != 1 {
		s.t.Fatalf("run %d: %+v, and it stands %d times in VK", n, vk, s.onWall(p))
	}
	for range 10 {
		if p, err = s.store.Post(s.t.Context(), id); err != nil {
			s.t.Fatal(err)
		}
		tg, _ := p.Target(s.tg)
		texts, polls := s.inChannel(p)
		switch {
		case texts > 1 || polls > 1:
			s.t.Fatalf("run %d: the post stands %d times in Telegram, its poll %d times", n, texts, polls)
		case tg.State == publisher.Out && texts+polls != 2:
			s.t.Fatalf("run %d: called published, and of two parts %d stand", n, texts+polls)
		case tg.State == publisher.Out:
			return
		case p.State != publisher.Check:
			s.t.Fatalf("run %d: uncertain and at %s: %+v", n, p.State, tg)
		}
		s.decide(p, texts, polls)
		s.city.calm()
		s.live(id, 0, 1)
	}
	s.t.Fatalf("run %d: a person cannot bring it to an end: %+v", n, p.Targets)
}

// decide is what a press officer does with what is shown as uncertain.
func (s *steps) decide(p publisher.Post, texts, polls int) {
	s.t.Helper()
	list, err := s.store.Entries(s.t.Context(), delivery.EntryFilter{Tab: delivery.TabUnknown, Limit: 10})
	s.must(err)
	if len(list.Entries) != 1 || list.Entries[0].SubjectID != p.ID {
		s.t.Fatalf("post %d is uncertain and shown are %+v", p.Number, list.Entries)
	}
	e := list.Entries[0]
	what, there := delivery.SendAgain, texts
	if e.Kind == delivery.KindPoll {
		there = polls
	}
	if s.unknown++; there == 1 {
		what = delivery.Appeared
		s.appeared++
	} else {
		s.again++
	}
	s.must(s.store.Resolve(s.t.Context(), writer(), e.ID, what, time.Now()))
}

// onWall counts whole copies of the post on the community's wall; a copy that
// lacks its photo or poll fails the test.
func (s *steps) onWall(p publisher.Post) int {
	s.t.Helper()
	wall, _ := s.city.vk.Wall(wallID)
	n := 0
	for _, x := range wall.Threads {
		if x.Post.Text != p.Content.Text {
			continue
		}
		if n++; len(x.Post.Polls) != 1 || len(x.Post.Attachments) != 1 {
			s.t.Fatalf("the post stands with %d photos and %d polls", len(x.Post.Attachments), len(x.Post.Polls))
		}
	}
	return n
}

func (s *steps) inChannel(p publisher.Post) (texts, polls int) {
	chat, _ := s.city.tg.Chat(s.city.channel.ID, 50)
	for _, m := range chat.Messages {
		switch {
		case m.Poll != nil && m.Poll.Question == p.Content.Poll.Question:
			polls++
		case m.Text == p.Content.Text && simtg.Message(m).Picture != "":
			texts++
		}
	}
	return texts, polls
}
