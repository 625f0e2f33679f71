package hour

import (
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"otklik/internal/sim/record"
	simtg "otklik/internal/sim/telegram"
	simvk "otklik/internal/sim/vk"
)

const (
	groupID        = 101
	wallID         = -groupID
	communityToken = "community-key-of-the-hour"
	serviceToken   = "service-key-of-the-hour"
	vkHost         = "vk.sim"
	tgHost         = "telegram.sim"
	citizens       = 200
)

// city is both networks behind one wire, with what was delivered from them.
type city struct {
	t    *testing.T
	wire *wire
	vk   *simvk.Server
	tg   *simtg.Server
	log  *record.Log
	told *told

	bot     simtg.Bot
	channel simtg.Channel
	people  []int64 // Telegram's numbers of the citizens; VK's are 1 to citizens
}

// newCity is a city behind a wire in memory.
func newCity(t *testing.T) *city {
	t.Helper()
	c := found(t, func() string { return "http://" + vkHost })
	c.wire = &wire{hosts: map[string]http.Handler{vkHost: c.vk.APIHandler(), tgHost: c.tg.APIHandler()}, tap: c.told.take}
	return c
}

// found makes the networks with their pages and citizens; vkBase is where VK's
// simulator is reachable, once it is asked.
func found(t *testing.T, vkBase func() string) *city {
	t.Helper()
	c := &city{t: t, log: record.NewLog(keptCalls), told: newTold()}
	c.vk = simvk.New(simvk.Options{Now: time.Now, Log: c.log, BaseURL: vkBase, Limits: true})
	c.tg = simtg.New(simtg.Options{Now: time.Now, Log: c.log, Limits: true})
	c.vk.AddCommunity(simvk.Community{ID: groupID, Name: "Администрация Заречного района", ScreenName: "zarechny"})
	c.giveBack(communityToken)
	c.giveBack(serviceToken)
	var err error
	if c.bot, err = c.tg.AddBot(simtg.Bot{ReadsAll: true}); err != nil {
		t.Fatal(err)
	}
	if c.channel, err = c.tg.AddChannel(simtg.Channel{Title: "Заречный район", Username: "zarechny", GroupTitle: "Заречный район. Обсуждение"}); err != nil {
		t.Fatal(err)
	}
	for i := range citizens {
		name := fmt.Sprintf("Житель%d", i+1)
		c.vk.AddUser(simvk.User{ID: i + 1, FirstName: name, LastName: "Заречный"})
		u, err := c.tg.AddUser(simtg.User{FirstName: name})
		if err != nil {
			t.Fatal(err)
		}
		c.people = append(c.people, u.ID)
	}
	return c
}

// giveBack makes a VK key valid, at first or after it was revoked.
func (c *city) giveBack(token string) {
	x := simvk.Token{Value: token, Kind: simvk.ServiceToken}
	if token == communityToken {
		x = simvk.Token{Value: token, Kind: simvk.CommunityToken, CommunityID: groupID}
	}
	if err := c.vk.AddToken(x); err != nil {
		c.t.Error(err)
	}
}

// play prepares the scenario's faults; its throws follow the seed.
func (c *city) play(s record.Scenario, seed uint64) {
	start := time.Now()
	for i := range s {
		s[i].Seed = seed*1000 + uint64(i)
	}
	for _, f := range s.Faults("vk", start) {
		c.vk.Faults().Add(f)
	}
	for _, f := range s.Faults("telegram", start) {
		c.tg.Faults().Add(f)
	}
}

func (c *city) calm() {
	c.vk.Faults().Clear()
	c.tg.Faults().Clear()
}

func (c *city) close() {
	c.vk.Close()
	c.tg.Close()
	if c.wire != nil {
		c.wire.open.Wait()
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
