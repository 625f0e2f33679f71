package telegram_test

import (
	"strconv"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/collectors/collectortest"
	sim "otklik/internal/sim/telegram"
	"otklik/internal/social"
	"otklik/internal/store"
)

// harness plays a channel with its discussion for the conformance suite.
type harness struct{ *bench }

func TestConformance(t *testing.T) {
	t.Parallel()
	collectortest.Run(t, func(t *testing.T) collectortest.Harness { return harness{setup(t)} })
}

func (h harness) Streams(*store.Store) []collectors.Source {
	return []collectors.Source{h.newSource(20 * time.Millisecond)}
}

func (h harness) Citizen() string { return itoa(h.user.ID) }

func (h harness) Post(text string) collectortest.Post {
	p := h.post(text)
	return collectortest.Post{Ref: h.ref(h.channel.ID, p.MessageID), Thread: h.ref(h.channel.GroupID, p.GroupMessageID)}
}

func (h harness) Comment(p collectortest.Post, replyTo social.Ref, text string) social.Ref {
	post := sim.Posted{MessageID: number(h.t, p.Ref.ID)}
	return h.ref(h.channel.GroupID, h.comment(post, number(h.t, replyTo.ID), text))
}

func (h harness) Answer(_ collectortest.Post, replyTo social.Ref, text string) social.Ref {
	return h.ref(h.channel.GroupID, h.answer(number(h.t, replyTo.ID), text))
}

func (h harness) Edit(ref social.Ref, text string) {
	if err := h.sim.EditMessage(number(h.t, ref.Owner), number(h.t, ref.ID), text); err != nil {
		h.t.Fatal(err)
	}
}

// Delete removes a message; Telegram tells no bot of it.
func (h harness) Delete(ref social.Ref) bool {
	if err := h.sim.DeleteMessage(number(h.t, ref.Owner), number(h.t, ref.ID)); err != nil {
		h.t.Fatal(err)
	}
	return false
}

// number reads an id; the empty one is zero.
func number(t *testing.T, id string) int64 {
	t.Helper()
	if id == "" {
		return 0
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
