package telegram_test

import (
	"fmt"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	network "otklik/internal/network/telegram"

	"otklik/internal/sim/record"
	sim "otklik/internal/sim/telegram"
)

// Many channels of one bot, all at once, against a network that counts: it
// never has to refuse, and nobody waits longer than the limits ask.
func TestManyChannelsOfOneBotKeepItsLimits(t *testing.T) {
	t.Parallel()
	const channels = 70 // 30 a second: three rounds
	log := record.NewLog(1000)
	world := sim.New(sim.Options{Now: time.Now, Log: log, Limits: true})
	server := httptest.NewServer(world.APIHandler())
	t.Cleanup(func() { world.Close(); server.Close() })
	if _, err := world.AddBot(sim.Bot{Token: botToken}); err != nil {
		t.Fatal(err)
	}
	limits := network.NewLimits(time.Now)
	var all sync.WaitGroup
	start := time.Now()
	for i := range channels {
		c, err := world.AddChannel(sim.Channel{Title: fmt.Sprint("Город ", i), Username: fmt.Sprint("gorod", i)})
		if err != nil {
			t.Fatal(err)
		}
		p, err := network.NewPublisher(network.PublisherOptions{
			Options: network.Options{Token: botToken, BaseURL: server.URL, Limits: limits, MaxWait: time.Minute},
			Channel: fmt.Sprint(c.ID), Now: time.Now,
		})
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			if _, err := p.Publish(t.Context(), post("Новость")); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if took := time.Since(start); took > 6*time.Second {
		t.Errorf("it took %v", took)
	}
	for _, call := range log.Since(0, "sendMessage") {
		if call.Status != 200 {
			t.Errorf("refused: %s", call.Answer)
		}
	}
}
