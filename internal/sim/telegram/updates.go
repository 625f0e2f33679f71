package telegram

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"otklik/internal/sim/record"
)

const (
	// updatesKeptFor is how long Telegram keeps what nobody fetched.
	updatesKeptFor = 24 * time.Hour
	// idsForgottenAfter is the silence after which the next update_id is chosen
	// at random: "If there are no new updates for at least a week, then
	// identifier of the next update will be chosen randomly" (Update.update_id).
	idsForgottenAfter = 7 * 24 * time.Hour
	// defaultHold is how long an update waits for one that passes it.
	defaultHold = 5 * time.Second
)

type update struct {
	id  int64
	at  time.Time
	raw json.RawMessage
	// again marks a repetition: it is not confirmed before it was delivered.
	again bool
}

// waiting is an update without its number yet.
type waiting struct {
	kind    string
	payload json.RawMessage
}

// push sends one update of the given kind on its way to the bot, unless the bot
// did not ask for it. Faults of the method "update:" and the kind meet it here.
func (s *Server) push(b *bot, kind string, payload json.RawMessage) {
	if !b.wants(kind) {
		return
	}
	name := "update:" + kind
	take := func(fault string) (record.Fault, bool) { return s.faults.TakeAt(s.clock(), name, fault) }
	if _, hit := take(record.FaultDrop); hit {
		return
	}
	if f, hit := take(record.FaultDelay); hit {
		s.plan(s.clock().Add(milliseconds(f.Delay, defaultHold)), func() { s.enqueue(b, kind, payload) })
		return
	}
	if f, hit := take(record.FaultShuffle); hit {
		b.held = append(b.held, waiting{kind, payload})
		s.plan(s.clock().Add(milliseconds(f.Delay, defaultHold)), func() { s.letGo(b) })
		return
	}
	id := s.enqueue(b, kind, payload)
	if f, hit := take(record.FaultRepeat); hit {
		again := update{id: id, at: s.now(), raw: numbered(id, kind, payload), again: true}
		s.plan(s.clock().Add(milliseconds(f.Delay, time.Millisecond)), func() {
			// Updates are sent in the order of their numbers, repeated ones too.
			at := slices.IndexFunc(b.queue, func(u update) bool { return u.id > id })
			if at < 0 {
				at = len(b.queue)
			}
			b.queue = slices.Insert(b.queue, at, again)
			b.rouse()
		})
	}
	s.letGo(b)
}

// letGo queues what waited for a later update to pass.
func (s *Server) letGo(b *bot) {
	held := b.held
	b.held = nil
	for _, w := range held {
		s.enqueue(b, w.kind, w.payload)
	}
}

// enqueue numbers an update and puts it where the bot fetches it.
func (s *Server) enqueue(b *bot, kind string, payload json.RawMessage) int64 {
	now := s.now()
	if !b.lastID.IsZero() && now.Sub(b.lastID) >= idsForgottenAfter {
		b.nextID = 100_000_000 + (b.nextID*7919)%800_000_000
	}
	id := b.nextID
	b.queue = append(b.queue, update{id: id, at: now, raw: numbered(id, kind, payload)})
	b.nextID, b.lastID = id+1, now
	b.rouse()
	return id
}

// numbered is an Update as it goes over the wire.
func numbered(id int64, kind string, payload json.RawMessage) json.RawMessage {
	raw := make([]byte, 0, len(payload)+len(kind)+32)
	raw = append(raw, `{"update_id":`...)
	raw = strconv.AppendInt(raw, id, 10)
	raw = append(raw, `,"`...)
	raw = append(raw, kind...)
	raw = append(raw, `":`...)
	raw = append(raw, payload...)
	return append(raw, '}')
}

// rouse wakes who waits for updates of the bot.
func (b *bot) rouse() {
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
	for drop < len(b.queue) && b.queue[drop].gone(offset, now) {
		drop++
	}
	clear(b.queue[:drop])
	b.queue = b.queue[drop:]
}

func (u *update) gone(offset int64, now time.Time) bool {
	return (u.id < offset && !u.again) || now.Sub(u.at) > updatesKeptFor
}

// take returns the oldest updates without forgetting them.
func (b *bot) take(limit int) []json.RawMessage {
	n := min(limit, len(b.queue))
	out := make([]json.RawMessage, n)
	for i := range n {
		out[i] = b.queue[i].raw
		b.queue[i].again = false
	}
	return out
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
		s.push(b, kind, payload)
	}
}

func milliseconds(n int, fallback time.Duration) time.Duration {
	if n <= 0 {
		return fallback
	}
	return time.Duration(n) * time.Millisecond
}
