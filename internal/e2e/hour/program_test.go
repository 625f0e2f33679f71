package hour

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"otklik/collectors"
	tgread "otklik/collectors/telegram"
	vkread "otklik/collectors/vk"
	"otklik/internal/lease"
	netvk "otklik/internal/network/vk"
	"otklik/internal/social"
	"otklik/internal/store"
)

const (
	liveName    = "vk:live"
	updatesName = "telegram:updates"
)

// leaseTTL is the program's own.
const leaseTTL = 12 * time.Second

// program is everything between the networks and the database: the real SDK
// clients and readers, runners under leases, and the store.
type program struct {
	t      *testing.T
	dsn    string
	store  *store.Store
	stop   context.CancelFunc
	work   sync.WaitGroup
	stats  map[string]*stats
	passed chan time.Time // the end of every span that the history made complete
}

// stats count what one stream did.
type stats struct {
	collectors.Source
	mu                                sync.Mutex
	fetches, batches, updates, broken int
	troubles                          map[collectors.TroubleKind]int
	passed                            func(collectors.Gap)
	claims                            []claim
}

// claim is that the stream knew everything up to a moment.
type claim struct{ made, upTo time.Time }

// claimed says that the stream claimed, before the given time, to know
// everything up to the moment and a minute beyond.
func (s *stats) claimed(moment, before time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.claims, func(c claim) bool {
		return !c.made.After(before) && c.upTo.After(moment.Add(time.Minute))
	})
}

// Fetch implements collectors.Source.
func (s *stats) Fetch(ctx context.Context, c collectors.Cursor) (collectors.Batch, error) {
	b, err := s.Source.Fetch(ctx, c)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fetches++
	s.updates += len(b.Updates)
	for _, u := range b.Updates {
		if u.Broken != "" {
			s.broken++
		}
	}
	if err == nil && (len(b.Updates) > 0 || len(b.Gaps) > 0) {
		s.batches++
	}
	if t, ok := err.(*collectors.Trouble); ok {
		s.troubles[t.Kind]++
	}
	if !b.CompleteTo.IsZero() {
		s.claims = append(s.claims, claim{time.Now(), b.CompleteTo})
	}
	for _, f := range b.Filled {
		s.passed(f)
	}
	return b, err
}

func start(t *testing.T, c *city, path string) *program {
	t.Helper()
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	p := &program{t: t, dsn: path, store: s, stop: stop, stats: map[string]*stats{}, passed: make(chan time.Time, 10_000)}
	keeper := &lease.Keeper{Book: s, Owner: "one", TTL: leaseTTL, Now: time.Now, Log: quiet()}
	for _, x := range append(p.readVK(c), p.readTelegram(c)...) {
		st := &stats{Source: x.source, troubles: map[collectors.TroubleKind]int{}, passed: func(g collectors.Gap) { p.passed <- g.To }}
		p.stats[x.stream.Name] = st
		r := &collectors.Runner{Stream: x.stream, Source: st, Book: s, Now: time.Now, Log: quiet(), Pace: time.Second}
		p.work.Go(func() { keeper.Hold(ctx, x.stream.Name, r.Run) })
	}
	return p
}

type reading struct {
	stream collectors.Stream
	source collectors.Source
}

func (p *program) stream(network social.Network, external, name string) collectors.Stream {
	now := time.Now()
	id, err := p.store.EnsureSource(p.t.Context(), collectors.SourceStatus{Network: network, Title: external}, external, now)
	if err != nil {
		p.t.Fatal(err)
	}
	st := collectors.Stream{Name: name, SourceID: id}
	if err := p.store.EnsureStream(p.t.Context(), st, now); err != nil {
		p.t.Fatal(err)
	}
	return st
}

func (p *program) readVK(c *city) []reading {
	client := func(kind netvk.KeyKind, token string) *netvk.Client {
		return netvk.NewClient(netvk.Config{Kind: kind, Token: token, BaseURL: "http://" + vkHost, Transport: c.wire})
	}
	community := client(netvk.CommunityKey, communityToken)
	names := vkread.NewNames(community, time.Now)
	live := p.stream(social.VK, strconv.Itoa(groupID), liveName)
	history := p.stream(social.VK, strconv.Itoa(groupID), "vk:history")
	return []reading{
		{live, vkread.NewLive(vkread.LiveOptions{Client: community, GroupID: groupID, Names: names, Transport: c.wire, Now: time.Now})},
		{history, vkread.NewHistory(vkread.HistoryOptions{
			Client: client(netvk.ServiceKey, serviceToken), GroupID: groupID, Names: names, Memory: memory{p.store, live.SourceID}, Now: time.Now,
		})},
	}
}

func (p *program) readTelegram(c *city) []reading {
	client, err := tgread.NewClient(tgread.ClientOptions{Token: c.bot.Token, BaseURL: "http://" + tgHost, HTTP: &http.Client{Transport: c.wire}})
	if err != nil {
		p.t.Fatal(err)
	}
	source, err := tgread.NewSource(tgread.SourceOptions{Client: client, Now: time.Now, Page: tgread.Page{
		BotID: c.bot.ID, ChannelID: c.channel.ID, ChannelUsername: c.channel.Username, GroupID: c.channel.GroupID,
	}})
	if err != nil {
		p.t.Fatal(err)
	}
	return []reading{{p.stream(social.Telegram, c.channel.Username, updatesName), source}}
}

// memory is what the store knows of the wall.
type memory struct {
	*store.Store
	source string
}

// Posts implements vkread.Memory.
func (m memory) Posts(ctx context.Context, owner string, since time.Time) ([]vkread.Standing, error) {
	return m.Store.Posts(ctx, social.VK, owner, since)
}

// Missed implements vkread.Memory.
func (m memory) Missed(ctx context.Context, since time.Time) (time.Time, error) {
	return m.Store.Missed(ctx, m.source, since)
}

// heard waits until every stream of updates has claimed, since the given time,
// to be up to date.
func (p *program) heard(since time.Time) bool {
	for range 4 * 60 {
		time.Sleep(time.Minute)
		if p.stats[liveName].claimed(since, time.Now()) && p.stats[updatesName].claimed(since, time.Now()) {
			return true
		}
	}
	return false
}

// reconciled waits for a pass of the history that began at since or later.
func (p *program) reconciled(since time.Time) bool {
	late := time.NewTimer(4 * time.Hour)
	defer late.Stop()
	for {
		select {
		case to := <-p.passed:
			if !to.Before(since) {
				return true
			}
		case <-late.C:
			return false
		}
	}
}

func (p *program) end() {
	p.stop()
	p.work.Wait()
}
