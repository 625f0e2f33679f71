package hour

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"otklik/internal/delivery"
	nettg "otklik/internal/network/telegram"
	netvk "otklik/internal/network/vk"
	simtg "otklik/internal/sim/telegram"
	simvk "otklik/internal/sim/vk"
	"otklik/internal/social"
	"otklik/internal/sources"
	"otklik/publisher"
)

// The rush: as many posts as are due in one minute, over as many pages, half of
// them in each network. One administrator's key speaks for all communities, one
// bot for all channels: the worst that an agency may have.
const (
	rushPosts = 500
	rushPages = 100
	firstPage = 1000
)

// TestRushOfPosts lets 500 posts fall due in the same minute over 100 pages and goes
// the whole way: store, clerk, workers, adapters, clients, simulators that count.
func TestRushOfPosts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCity(t)
		dice, mu := rand.New(rand.NewPCG(1, 1)), sync.Mutex{}
		c.wire.delay = func() time.Duration {
			mu.Lock()
			defer mu.Unlock()
			return time.Duration(dice.Int64N(int64(unevenness)))
		}
		c.wire.tap = nil
		p := newPress(t, filepath.Join(t.TempDir(), "otklik.db"))
		r := &rush{press: p, city: c, speakers: speakers{}}
		r.communities(rushPages / 2)
		r.channels(rushPages / 2)
		at := time.Now().Add(10 * time.Minute)
		for n := range rushPosts {
			// Page by page, the worst order for whoever comes last.
			page := r.ids[n*rushPages/rushPosts]
			p.scheduled(at, time.Hour, news(n), page)
		}
		recorded := &calls{log: c.log}
		ctx, stop := context.WithCancel(t.Context())
		go every(ctx, 10*time.Second, recorded.take)
		wait := p.work(ctx, "one", r.speakers)
		r.judge(at)
		stop()
		wait()
		recorded.take()
		v := &verdict{t, map[string]int{}, map[string]string{}}
		limits(t, v, recorded)
		for _, x := range recorded.list {
			if x.status == 429 {
				v.wrong("a call was refused", x.method)
			}
		}
		v.done()
		c.close()
	})
}

type rush struct {
	*press
	city     *city
	speakers speakers
	ids      []string
}

func (r *rush) communities(n int) {
	r.t.Helper()
	token := simvk.Token{Value: userToken, Kind: simvk.UserToken, UserID: 1}
	for i := range n {
		token.Also = append(token.Also, firstPage+i)
	}
	r.must(r.city.vk.AddToken(token))
	limiter, hands := netvk.NewLimiter(netvk.UserKey), make(chan struct{}, 2)
	for i := range n {
		group := firstPage + i
		r.city.vk.AddCommunity(simvk.Community{ID: group, Name: "Двор", ScreenName: fmt.Sprint("dvor", i)})
		posts := netvk.NewPublisher(netvk.PublisherOptions{GroupID: group, GuidWindow: guidWindow, Now: time.Now, Admin: netvk.NewClient(netvk.Config{
			Kind: netvk.UserKey, Token: userToken, BaseURL: "http://" + vkHost, Transport: r.city.wire, Limiter: limiter,
		})})
		id := r.page(social.VK, strconv.Itoa(group), sources.AdminKey)
		r.speakers[id] = &delivery.Speaker{Posts: posts, Changes: posts, Stock: r.store, Parts: r.store, Now: time.Now, Hands: hands}
		r.ids = append(r.ids, id)
	}
}

func (r *rush) channels(n int) {
	r.t.Helper()
	limits, hands := nettg.NewLimits(time.Now), make(chan struct{}, 12)
	for i := range n {
		ch, err := r.city.tg.AddChannel(simtg.Channel{Title: "Двор", Username: fmt.Sprint("dvor", i)})
		r.must(err)
		posts, err := nettg.NewPublisher(nettg.PublisherOptions{
			Options: nettg.Options{Token: r.city.bot.Token, BaseURL: "http://" + tgHost, Limits: limits, Transport: r.city.wire},
			Channel: strconv.FormatInt(ch.ID, 10), Now: time.Now,
		})
		r.must(err)
		id := r.page(social.Telegram, strconv.FormatInt(ch.ID, 10), sources.BotKey)
		r.speakers[id] = &delivery.Speaker{Posts: posts, Changes: posts, Stock: r.store, Parts: r.store, Now: time.Now, Hands: hands}
		r.ids = append(r.ids, id)
	}
}

// judge waits until all is out and compares with what the limits allow.
func (r *rush) judge(at time.Time) {
	r.t.Helper()
	const most = 20 * time.Minute
	var list publisher.List
	for ; ; time.Sleep(5 * time.Second) {
		var err error
		list, err = r.store.Plan(r.t.Context(), publisher.Filter{Limit: 500})
		r.must(err)
		if list.Counts[publisher.Published] == rushPosts {
			break
		}
		if time.Since(at) > most {
			for _, p := range list.Posts {
				if p.State != publisher.Published {
					r.t.Fatalf("after %v: %v; post %d: %+v", time.Since(at), list.Counts, p.Number, p.Targets)
				}
			}
		}
	}
	first, last := map[string]time.Duration{}, map[social.Network]time.Duration{}
	for _, p := range list.Posts {
		for _, t := range p.Targets {
			out := t.OutAt.Sub(at)
			if have, ok := first[t.PageID]; !ok || out < have {
				first[t.PageID] = out
			}
			last[t.Network] = max(last[t.Network], out)
		}
	}
	slowest := map[social.Network]time.Duration{}
	for i, id := range r.ids {
		n := social.VK
		if i >= rushPages/2 {
			n = social.Telegram
		}
		slowest[n] = max(slowest[n], first[id])
	}
	bounds := map[social.Network]time.Duration{social.VK: 250 * time.Second / 3, social.Telegram: 250 * time.Second / 30}
	for n, bound := range bounds {
		r.t.Logf("%s: all out %v after they were due, the bound is %v; the last page had its first post out after %v", n, last[n].Round(time.Second/10), bound.Round(time.Second/10), slowest[n].Round(time.Second/10))
		if last[n] > bound*5/4+5*time.Second {
			r.t.Errorf("%s: too slow", n)
		}
		if slowest[n] > bound/2+2*time.Second {
			r.t.Errorf("%s: a page was starved", n)
		}
	}
}
