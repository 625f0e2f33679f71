package vk

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"otklik/internal/sim/record"
)

// community is a Community with its members, its dialogs and its ways to tell
// what happens.
type community struct {
	Community
	members map[int]time.Time // since when
	dialogs map[int]*dialog   // by user id
	lastMsg int

	enabled bool
	wanted  map[string]bool // event types that the long poll's settings turn on
	muted   bool
	keys    map[string]bool // session keys that are valid
	// events[i] has the number first+i; ts is the number of the last one.
	events []event
	first  int
	wake   chan struct{} // closed and replaced whenever an event comes
	held   []heldEvent

	servers    []*callbackServer
	lastServer int
}

// event is one event as the community's clients receive it. One that was
// injected need not look like any of the network's.
type event struct {
	kind     string
	raw      json.RawMessage
	injected bool
}

// heldEvent comes later, through a fault.
type heldEvent struct {
	event
	due  time.Time
	next bool // it comes after the next event, if that is sooner
}

// holdTime is how long a repeated or shuffled event waits for another one.
const holdTime = time.Second

// sentEvents are the types of events that the simulator sends.
func sentEvents() []string {
	return []string{
		"wall_post_new", "wall_reply_new", "wall_reply_edit", "wall_reply_delete", "wall_reply_restore",
		"wall_repost", "message_new", "message_reply", "message_edit", "message_allow", "message_deny",
		"message_event", "poll_vote_new", "like_add", "like_remove", "group_join", "group_leave",
	}
}

// usualEvents are turned on in a new community's long poll.
func usualEvents() []string {
	return []string{
		"wall_post_new", "wall_reply_new", "wall_reply_edit", "wall_reply_delete", "wall_reply_restore",
		"message_new", "message_event", "message_allow", "message_deny", "poll_vote_new",
	}
}

// otherEvents are the types that the settings list and the simulator never sends.
func otherEvents() []string {
	return []string{
		"audio_new", "board_post_delete", "board_post_edit", "board_post_new", "board_post_restore",
		"group_change_photo", "group_change_settings", "group_officers_edit",
		"lead_forms_new", "market_comment_delete", "market_comment_edit", "market_comment_new",
		"market_comment_restore", "market_order_new", "market_order_edit",
		"message_read", "message_typing_state",
		"photo_comment_delete", "photo_comment_edit", "photo_comment_new", "photo_comment_restore", "photo_new",
		"user_block", "user_unblock", "video_comment_delete", "video_comment_edit",
		"video_comment_new", "video_comment_restore", "video_new", "donut_subscription_create",
		"donut_subscription_prolonged", "donut_subscription_cancelled", "donut_subscription_expired",
		"donut_subscription_price_changed", "donut_money_withdraw", "donut_money_withdraw_error",
	}
}

// eventSettings are all types of events with whether they are wanted.
func eventSettings(wanted map[string]bool) object {
	out := object{}
	for _, name := range otherEvents() {
		out[name] = 0
	}
	for _, name := range sentEvents() {
		out[name] = flag(wanted[name])
	}
	return out
}

func newCommunity(c Community, first int) *community {
	out := &community{
		Community: c, enabled: true, wanted: map[string]bool{}, keys: map[string]bool{},
		first: first, lastMsg: first - 1, wake: make(chan struct{}), members: map[int]time.Time{}, dialogs: map[int]*dialog{},
	}
	for _, name := range usualEvents() {
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

// emit tells a community's clients of what happened on its wall or in its
// messages, unless a fault is in the way.
func (s *Server) emit(owner int, kind string, what any) {
	c := s.communities[-owner]
	if c == nil || c.muted || !c.listens(kind) {
		return
	}
	raw, err := json.Marshal(object{
		"type": kind, "event_id": randomHex(20), "v": APIVersion, "object": what, "group_id": c.ID,
	})
	if err != nil {
		// Only attachments given by the admin can do that, and they were JSON when they came.
		return
	}
	s.send(c, event{kind: kind, raw: raw})
}

// listens says that some client of the community wants events of this type.
func (c *community) listens(kind string) bool {
	return c.enabled && c.wanted[kind] || slices.ContainsFunc(c.servers, func(s *callbackServer) bool { return s.wanted[kind] })
}

// send puts an event out under the fault that is due for it.
func (s *Server) send(c *community, e event) {
	now := s.opt.Now()
	fault, _ := s.faults.TakeAt(now, "update:"+e.kind, record.FaultRepeat, record.FaultShuffle, record.FaultDelay, record.FaultDrop)
	late := now.Add(time.Duration(fault.Delay) * time.Millisecond)
	switch fault.Kind {
	case record.FaultDrop:
		return
	case record.FaultDelay:
		s.hold(c, heldEvent{event: e, due: late})
		return
	case record.FaultShuffle:
		s.hold(c, heldEvent{event: e, due: now.Add(holdTime), next: true})
		return
	}
	waiting := c.held
	c.held = nil
	s.put(c, e)
	for _, h := range waiting {
		if h.next {
			s.put(c, h.event)
		} else {
			c.held = append(c.held, h)
		}
	}
	if fault.Kind == record.FaultRepeat {
		s.hold(c, heldEvent{event: e, due: now.Add(max(holdTime, late.Sub(now))), next: fault.Delay == 0})
	}
}

func (s *Server) hold(c *community, h heldEvent) {
	c.held = append(c.held, h)
	s.remind(h.due)
}

// release puts out the held events that are due, and returns when the others are.
func (s *Server) release(c *community, now time.Time) []time.Time {
	waiting, later := c.held, []time.Time{}
	c.held = nil
	for _, h := range waiting {
		if now.Before(h.due) {
			c.held = append(c.held, h)
			later = append(later, h.due)
		} else {
			s.put(c, h.event)
		}
	}
	return later
}

// put gives an event to all clients that want it.
func (s *Server) put(c *community, e event) {
	if e.injected || c.enabled && c.wanted[e.kind] {
		c.append(e)
	}
	for _, server := range c.servers {
		if server.wanted[e.kind] {
			server.push(e.raw)
		}
	}
}

// Mute makes a community's clients lose everything that happens until it is
// turned off again.
func (s *Server) Mute(groupID int, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.communities[groupID]; c != nil {
		c.muted = on
	}
}

// InjectEvent sends an event through the long poll as it is, well-formed or
// not in VK's sense. It must be JSON. It says whether there is such a community.
func (s *Server) InjectEvent(groupID int, raw json.RawMessage) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.communities[groupID]
	if c != nil {
		c.append(event{raw: raw, injected: true})
	}
	return c != nil
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
