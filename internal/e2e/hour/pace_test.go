package hour

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
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
)

const (
	userToken = "administrators-key-of-the-hour"
	// unevenness is by how much calls may be late on their way to the network.
	unevenness = 45 * time.Millisecond
)

// pace is one limit and how to work against it as fast as the program can.
type pace struct {
	name  string
	calls int
	bound time.Duration // the least time that the limit allows for the calls
	over  float64       // how much longer it may take
	work  func(x *pacing)
}

// pacing is one run of it: what is shared by all who use a key is shared here.
type pacing struct {
	t     *testing.T
	c     *city
	calls int
}

// TestThePaceComesNearTheLimitsAndNeverBreaksThem works as fast as the clients
// and senders let it, with several workers on one key, over a network that
// carries calls unevenly, against simulators that refuse what is above a limit.
func TestThePaceComesNearTheLimitsAndNeverBreaksThem(t *testing.T) {
	t.Parallel()
	second := func(calls, limit int) time.Duration { return time.Duration(calls) * time.Second / time.Duration(limit) }
	for _, x := range []pace{
		{"VK, answers with a community's key, 20/s", 3000, second(3000, 20), 0.2, (*pacing).answersVK},
		{"VK, reads with a service key, 5/s", 1500, second(1500, 5), 0.27, func(x *pacing) { x.readsVK(netvk.ServiceKey, serviceToken) }},
		{"VK, reads with a person's key, 3/s", 900, second(900, 3), 0.22, func(x *pacing) { x.readsVK(netvk.UserKey, userToken) }},
		{"Telegram, answers in one group, 20/min", 400, 19 * time.Minute, 0.05, func(x *pacing) { x.answersTelegram(1) }},
		{"Telegram, answers in one chat, 1/s", 300, 299 * time.Second, 0.12, (*pacing).answersAPerson},
		{"Telegram, answers of one bot, 30/s", 4000, second(4000, 30), 0.2, func(x *pacing) { x.answersTelegram(200) }},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { x.run(t) })
		})
	}
}

func (x pace) run(t *testing.T) {
	c := newCity(t)
	dice, mu := rand.New(rand.NewPCG(1, 1)), sync.Mutex{}
	c.wire.delay = func() time.Duration {
		mu.Lock()
		defer mu.Unlock()
		return time.Duration(dice.Int64N(int64(unevenness)))
	}
	if err := c.vk.AddToken(simvk.Token{Value: userToken, Kind: simvk.UserToken, UserID: 1, CommunityID: groupID}); err != nil {
		t.Fatal(err)
	}
	recorded := &calls{log: c.log}
	ctx, over := context.WithCancel(t.Context())
	go every(ctx, time.Minute, recorded.take)
	begun := time.Now()
	x.work(&pacing{t, c, x.calls})
	took := time.Since(begun)
	over()
	c.close()
	recorded.take()
	v := &verdict{t, map[string]int{}, map[string]string{}}
	limits(t, v, recorded)
	refused := 0
	for _, call := range recorded.list {
		if call.status == 429 {
			refused++
		}
	}
	if len(recorded.list) != x.calls || refused > 0 {
		t.Errorf("%d calls were made for %d, %d were refused", len(recorded.list), x.calls, refused)
	}
	more := float64(took-x.bound) / float64(x.bound)
	t.Logf("%s: %d calls in %v, the bound is %v: %.0f %% over it", x.name, x.calls, took.Round(time.Second), x.bound.Round(time.Second), 100*more)
	if more > x.over {
		t.Errorf("%.0f %% over the bound, %.0f %% are allowed", 100*more, 100*x.over)
	}
	v.done()
}

// split hands numbers 0 to calls-1 to workers.
func (x *pacing) split(workers int, do func(worker, n int)) {
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for n := w; n < x.calls; n += workers {
				do(w, n)
			}
		})
	}
	all.Wait()
}

func (x *pacing) client(kind netvk.KeyKind, token string, limiter netvk.Limiter) *netvk.Client {
	return netvk.NewClient(netvk.Config{Kind: kind, Token: token, BaseURL: "http://" + vkHost, Transport: x.c.wire, Limiter: limiter})
}

// readsVK lets two clients share a key.
func (x *pacing) readsVK(kind netvk.KeyKind, token string) {
	limiter := netvk.NewLimiter(kind)
	clients := []*netvk.Client{x.client(kind, token, limiter), x.client(kind, token, limiter)}
	x.split(4, func(w, n int) {
		var out any
		if err := clients[w%2].Call(x.t.Context(), "groups.getById", map[string]any{"group_id": groupID}, &out); err != nil {
			x.t.Errorf("call %d: %v", n, err)
		}
	})
}

// answersVK lets two senders share a community's key.
func (x *pacing) answersVK() {
	post, err := x.c.vk.AddPost(simvk.NewPost{OwnerID: wallID, Text: "Новость"})
	if err != nil {
		x.t.Fatal(err)
	}
	limiter := netvk.NewLimiter(netvk.CommunityKey)
	senders := []delivery.Sender{}
	for range 2 {
		senders = append(senders, netvk.NewSender(netvk.SenderOptions{
			Client: x.client(netvk.CommunityKey, communityToken, limiter), GroupID: groupID, Now: time.Now,
		}))
	}
	x.split(12, func(w, n int) { x.send(senders[w%2], n, netvk.PostRef(wallID, post)) })
}

// answersTelegram lets two senders share a bot's token and answer in groups in turn.
func (x *pacing) answersTelegram(groups int) {
	threads := []social.Ref{}
	for i := range groups {
		ch, err := x.c.tg.AddChannel(simtg.Channel{Title: "Район", Username: "rayon" + strconv.Itoa(i), GroupTitle: "Обсуждение"})
		if err != nil {
			x.t.Fatal(err)
		}
		p, err := x.c.tg.Post(ch.ID, "Новость")
		if err != nil {
			x.t.Fatal(err)
		}
		threads = append(threads, tgRef(ch.GroupID, p.GroupMessageID))
	}
	senders := x.bots()
	x.split(max(2, groups), func(w, n int) { x.send(senders[w%2], n, threads[w%groups]) })
}

func (x *pacing) answersAPerson() {
	id, err := x.c.tg.Write(simtg.Private{BotID: x.c.bot.ID, UserID: x.c.people[0], Text: "Здравствуйте"})
	if err != nil {
		x.t.Fatal(err)
	}
	senders := x.bots()
	x.split(2, func(w, n int) { x.send(senders[w], n, tgRef(x.c.people[0], id)) })
}

func (x *pacing) bots() []delivery.Sender {
	shared := nettg.NewLimits(time.Now)
	var out []delivery.Sender
	for range 2 {
		s, err := nettg.NewSender(nettg.Options{Token: x.c.bot.Token, BaseURL: "http://" + tgHost, Limits: shared, Transport: x.c.wire})
		if err != nil {
			x.t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// send is what the worker of the ledger does: it comes back when it is told to.
func (x *pacing) send(s delivery.Sender, n int, thread social.Ref) {
	d := delivery.Delivery{Kind: delivery.KindAnswer, ID: "answer-" + strconv.Itoa(n), Network: thread.Network, Thread: thread, Text: fmt.Sprintf("Ответ № %d: вывезут сегодня", n)}
	for {
		_, err := s.Send(x.t.Context(), d)
		var f *delivery.Failure
		switch {
		case err == nil:
			return
		case errors.As(err, &f) && f.Outcome == delivery.NotSent && f.RetryAfter > 0:
			time.Sleep(f.RetryAfter)
		default:
			x.t.Errorf("answer %d: %v", n, err)
			return
		}
	}
}
