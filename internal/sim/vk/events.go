package vk

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"maps"
	"strconv"
)

// community is a Community with its Bots Long Poll.
type community struct {
	Community
	enabled bool
	wanted  map[string]bool // event types that the settings turn on
	muted   bool
	keys    map[string]bool // session keys that are valid
	// events[i] has the number first+i; ts is the number of the last one.
	events []event
	first  int
	wake   chan struct{} // closed and replaced whenever an event comes
}

// event is one event as the community's clients receive it. One that was
// injected need not look like any of the network's.
type event struct {
	raw      json.RawMessage
	injected bool
}

// wallEvents are the types of events that the simulator knows to send.
func wallEvents() []string {
	return []string{
		"wall_post_new", "wall_reply_new", "wall_reply_edit", "wall_reply_delete", "wall_reply_restore",
	}
}

// otherEvents are the types that the settings list and the simulator never sends.
func otherEvents() []string {
	return []string{
		"audio_new", "board_post_delete", "board_post_edit", "board_post_new", "board_post_restore",
		"group_change_photo", "group_change_settings", "group_join", "group_leave", "group_officers_edit",
		"lead_forms_new", "market_comment_delete", "market_comment_edit", "market_comment_new",
		"market_comment_restore", "market_order_new", "market_order_edit", "message_allow", "message_deny",
		"message_new", "message_read", "message_reply", "message_typing_state", "message_edit",
		"photo_comment_delete", "photo_comment_edit", "photo_comment_new", "photo_comment_restore", "photo_new",
		"poll_vote_new", "user_block", "user_unblock", "video_comment_delete", "video_comment_edit",
		"video_comment_new", "video_comment_restore", "video_new", "wall_repost", "donut_subscription_create",
		"donut_subscription_prolonged", "donut_subscription_cancelled", "donut_subscription_expired",
		"donut_subscription_price_changed", "donut_money_withdraw", "donut_money_withdraw_error",
	}
}

func newCommunity(c Community, firstEvent int) *community {
	out := &community{
		Community: c, enabled: true, wanted: map[string]bool{}, keys: map[string]bool{},
		first: firstEvent, wake: make(chan struct{}),
	}
	for _, name := range wallEvents() {
		out.wanted[name] = true
	}
	return out
}

func (c *community) ts() int { return c.first + len(c.events) - 1 }

// since returns what happened after ts, at most limit events, and the number
// of the last one returned. ok is false when that is not known any more.
func (c *community) since(ts, limit int) (events []event, last int, ok bool) {
	if ts < c.first-1 || ts > c.ts() {
		return nil, c.ts(), false
	}
	events = c.events[ts-c.first+1:]
	events = events[:min(len(events), limit)]
	return append([]event{}, events...), ts + len(events), true
}

// append numbers an event and wakes the pollers.
func (c *community) append(e event) {
	// The oldest half is dropped at once, so that appending stays cheap.
	if len(c.events) >= 2*maxEvents {
		c.forget(len(c.events) - maxEvents)
	}
	c.events = append(c.events, e)
	close(c.wake)
	c.wake = make(chan struct{})
}

func (c *community) forget(n int) {
	c.first += n
	c.events = append([]event{}, c.events[n:]...)
}

// emit sends one event to the community's long poll, if its settings want it.
func (s *Server) emit(owner int, kind string, object any) {
	c := s.communities[-owner]
	if c == nil || c.muted || !c.enabled || !c.wanted[kind] {
		return
	}
	raw, err := json.Marshal(map[string]any{
		"type": kind, "event_id": randomHex(20), "v": APIVersion, "object": object, "group_id": c.ID,
	})
	if err != nil {
		// Only attachments given by the admin can do that, and they were JSON when they came.
		return
	}
	c.append(event{raw: raw})
}

// Mute makes a community's long poll lose everything that happens until it is
// turned off again.
func (s *Server) Mute(groupID int, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.communities[groupID]; c != nil {
		c.muted = on
	}
}

// InjectEvent sends an event as it is, well-formed or not in VK's sense. It
// must be JSON.
func (s *Server) InjectEvent(groupID int, raw json.RawMessage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.communities[groupID]; c != nil {
		c.append(event{raw: raw, injected: true})
	}
}

// ExpireKeys makes the long poll keys handed out so far answer failed 2.
func (s *Server) ExpireKeys(groupID int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.communities[groupID]; c != nil {
		clear(c.keys)
	}
}

// ForgetEvents empties the long poll's memory, so that a client that is behind
// is answered failed 1.
func (s *Server) ForgetEvents(groupID int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.communities[groupID]; c != nil {
		c.forget(len(c.events))
	}
}

// SetLongPoll turns a community's long poll and single types of events on or off.
func (s *Server) SetLongPoll(groupID int, enabled bool, wanted map[string]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.communities[groupID]; c != nil {
		c.enabled = enabled
		maps.Copy(c.wanted, wanted)
	}
}

func (s *Server) newKey(c *community) string {
	s.nextKey++
	key := strconv.FormatInt(s.nextKey, 10) + randomHex(12)
	c.keys[key] = true
	return key
}

func randomHex(n int) string {
	b := make([]byte, n)
	// crypto/rand.Read never fails.
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
