package sim_test

import (
	"testing"
	"time"

	"otklik/internal/sim"
	"otklik/internal/sim/record"
)

func TestAScenarioStartsInBothNetworks(t *testing.T) {
	t.Parallel()
	w := sim.New(sim.Options{Now: time.Now, BaseURL: func() string { return "http://sim.example" }, Zone: time.UTC})
	t.Cleanup(w.Close)
	s, err := record.ParseScenario([]byte(`[
		{"at": "0s", "method": "*", "fault": "lost", "probability": 0.1},
		{"at": "1m", "network": "vk", "method": "wall.*", "fault": "error", "code": 6}]`))
	if err != nil {
		t.Fatal(err)
	}
	w.Play(s.Seeded(5))
	vk, tg := w.VK.Faults().List(), w.Telegram.Faults().List()
	if len(vk) != 2 || len(tg) != 1 || vk[0].Seed != 5 || vk[1].Seed != 6 || tg[0].From.IsZero() {
		t.Errorf("vk %+v, telegram %+v", vk, tg)
	}
}
