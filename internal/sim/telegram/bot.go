package telegram

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// updatesKeptFor is how long Telegram keeps what nobody fetched.
const updatesKeptFor = 24 * time.Hour

// bot is one bot with its queue of updates. The server's mutex guards it.
type bot struct {
	spec    Bot
	user    wireUser
	queue   []update
	nextID  int64
	allowed []string
	private map[int64]*chat // by the citizen's id
	sent    window          // what it sent, for the limits

	// wake is closed and replaced when an update arrives.
	wake chan struct{}
	// poll is closed when a newer getUpdates ends the one that waits.
	poll chan struct{}
	// polled is closed and replaced when a getUpdates comes.
	polled chan struct{}

	commands json.RawMessage
	hook     *hook
}

type update struct {
	id  int64
	at  time.Time
	raw json.RawMessage
}

func newBot(spec Bot, firstID int64) *bot {
	return &bot{
		spec:    spec,
		user:    wireUser{ID: spec.ID, IsBot: true, FirstName: spec.FirstName, Username: spec.Username},
		nextID:  500_000_001 + firstID,
		private: map[int64]*chat{},
		wake:    make(chan struct{}),
		polled:  make(chan struct{}),
	}
}

// push queues one update of the given kind, unless the bot did not ask for it.
func (b *bot) push(at time.Time, kind string, payload json.RawMessage) {
	if !b.wants(kind) {
		return
	}
	raw := make([]byte, 0, len(payload)+len(kind)+32)
	raw = append(raw, `{"update_id":`...)
	raw = strconv.AppendInt(raw, b.nextID, 10)
	raw = append(raw, `,"`...)
	raw = append(raw, kind...)
	raw = append(raw, `":`...)
	raw = append(raw, payload...)
	raw = append(raw, '}')
	b.queue = append(b.queue, update{b.nextID, at, raw})
	b.nextID++
	close(b.wake)
	b.wake = make(chan struct{})
}

func (b *bot) wants(kind string) bool {
	if len(b.allowed) == 0 {
		return kind != "chat_member" && kind != "message_reaction" && kind != "message_reaction_count"
	}
	return slices.Contains(b.allowed, kind)
}

// confirm forgets the updates below offset; a negative offset keeps so many
// from the end. Updates that waited a day are gone in any case.
func (b *bot) confirm(offset int64, now time.Time) {
	drop := 0
	if offset < 0 {
		drop = max(0, len(b.queue)+int(max(offset, -1_000_000)))
	}
	for drop < len(b.queue) && (b.queue[drop].id < offset || now.Sub(b.queue[drop].at) > updatesKeptFor) {
		drop++
	}
	if drop > 0 {
		b.queue = slices.Clone(b.queue[drop:])
	}
}

// take returns the oldest updates without forgetting them.
func (b *bot) take(limit int) []json.RawMessage {
	n := min(limit, len(b.queue))
	out := make([]json.RawMessage, n)
	for i := range n {
		out[i] = b.queue[i].raw
	}
	return out
}

// sees says whether a message in a chat is delivered to the bot: an
// administrator sees everything, a member in privacy mode only what is meant
// for it.
func (b *bot) sees(c *chat, m *message) bool {
	if m.bot != 0 {
		return false
	}
	switch c.status(b.spec.ID) {
	case statusAdministrator:
		return true
	case statusMember, statusRestricted:
		if c.wire.Type == typeChannel {
			return false
		}
	default:
		return false
	}
	if b.spec.ReadsAll || strings.HasPrefix(m.text, "/") || strings.Contains(m.text, "@"+b.spec.Username) {
		return true
	}
	target := c.messages[m.replyTo]
	return target != nil && target.bot == b.spec.ID
}

// tell delivers a message, or a new version of it, to the bots that see it.
func (s *Server) tell(c *chat, m *message, kind string) {
	var payload json.RawMessage
	for _, b := range s.bots {
		if !b.sees(c, m) {
			continue
		}
		if payload == nil {
			payload = mustJSON(c.render(m))
		}
		b.push(s.now(), kind, payload)
	}
}
