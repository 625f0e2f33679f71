package hour

import (
	"testing"
	"time"
)

// bound is one of a network's limits: at most calls of a kind in any sliding span.
type bound struct {
	name   string
	span   time.Duration
	calls  int
	counts func(call) bool
}

func bounds() []bound {
	api := func(token string) func(call) bool {
		return func(c call) bool { return c.network == "vk" && c.token == token && c.method != "longpoll" }
	}
	return []bound{
		{"VK, community key, a second", time.Second, 20, api("community")},
		{"VK, service key, a second", time.Second, 5, api("service")},
		{"VK, wall.get, a day", 24 * time.Hour, 5000, func(c call) bool { return c.network == "vk" && c.method == "wall.get" }},
		{"Telegram, bot, a second", time.Second, 30, func(c call) bool { return c.network == "telegram" }},
	}
}

// limits holds every recorded call to the limits, and tells how near they came.
func limits(t *testing.T, v *verdict, recorded *calls) {
	t.Helper()
	if recorded.lost {
		t.Error("the log of calls overflowed")
	}
	for _, b := range bounds() {
		most, all := recorded.most(b.span, b.counts)
		t.Logf("%s: %d calls, at most %d of %d in a sliding %v", b.name, all, most, b.calls, b.span)
		if most > b.calls {
			v.wrong("a limit was broken", b.name)
		}
	}
}
