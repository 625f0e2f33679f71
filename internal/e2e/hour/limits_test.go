package hour

import (
	"strings"
	"testing"
	"time"
)

// bound is one of a network's limits: at most calls of a kind in any sliding span.
type bound struct {
	name  string
	span  time.Duration
	calls int
	// key is what the limit counts for itself, such as one chat; empty for calls
	// that it does not count.
	key func(call) string
}

// bounds are the limits of both networks; docs/simulators.md cites where they
// come from.
func bounds() []bound {
	vk := func(token string) func(call) string {
		return func(c call) string {
			return when(c.network == "vk" && c.token == token && c.method != "longpoll", token)
		}
	}
	day := func(method string) func(call) string {
		return func(c call) string { return when(c.network == "vk" && c.method == method, c.token) }
	}
	sent := func(c call) bool {
		return c.network == "telegram" && (strings.HasPrefix(c.method, "send") || strings.HasPrefix(c.method, "editMessage"))
	}
	return []bound{
		{"VK, community key, a second", time.Second, 20, vk("community")},
		{"VK, service key, a second", time.Second, 5, vk("service")},
		{"VK, person's key, a second", time.Second, 3, vk("user")},
		{"VK, wall.get, a day", 24 * time.Hour, 5000, day("wall.get")},
		{"VK, wall.search, a day", 24 * time.Hour, 1000, day("wall.search")},
		{"VK, newsfeed.search, a day", 24 * time.Hour, 1000, day("newsfeed.search")},
		{"VK, wall.post, a day", 24 * time.Hour, 500, day("wall.post")},
		{"Telegram, any call of a bot, a second", time.Second, 30, func(c call) string { return when(c.network == "telegram", "bot") }},
		{"Telegram, messages to a chat, a second", time.Second, 1, func(c call) string { return when(sent(c), c.chat) }},
		{"Telegram, messages to a group, a minute", time.Minute, 20, func(c call) string {
			return when(sent(c) && strings.HasPrefix(c.chat, "-"), c.chat)
		}},
	}
}

func when(holds bool, key string) string {
	if !holds {
		return ""
	}
	return key
}

// limits holds every recorded call to the limits, and tells how near they came.
func limits(t *testing.T, v *verdict, recorded *calls) {
	t.Helper()
	if recorded.lost {
		t.Error("the log of calls overflowed")
	}
	for _, b := range bounds() {
		most, all := recorded.most(b.span, b.key)
		if all == 0 {
			continue
		}
		t.Logf("%s: %d calls, at most %d of %d in a sliding %v", b.name, all, most, b.calls, b.span)
		if most > b.calls {
			v.wrong("a limit was broken", b.name)
		}
	}
}
