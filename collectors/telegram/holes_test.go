package telegram_test

import (
	"strings"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/internal/sim/record"
	"otklik/internal/social"
)

// A message that was never told is named by its number once it is surely late.
func TestASkippedMessageIsNamed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.post("Пост")
	at := b.fetch("").Next
	b.sim.Faults().Add(record.Fault{Method: "update:message", Kind: record.FaultDrop})
	lost := b.comment(p, 0, "Потеряется")
	b.now = b.now.Add(10 * time.Second)
	b.comment(p, 0, "Дойдёт")
	first := b.fetch(at)
	if len(first.Gaps) != 0 {
		t.Errorf("named before it can be late: %+v", first.Gaps)
	}
	b.now = b.now.Add(3 * time.Minute)
	second := b.fetch(first.Next)
	if len(second.Gaps) != 1 {
		t.Fatalf("gaps %+v", second.Gaps)
	}
	g := second.Gaps[0]
	if len(g.Items) != 1 || g.Items[0] != b.ref(b.channel.GroupID, lost) || !strings.Contains(g.Reason, "№ "+itoa(lost)) || !g.From.Before(g.To) {
		t.Errorf("%+v", g)
	}
	if third := b.fetch(second.Next); len(third.Gaps) != 0 {
		t.Errorf("named twice: %+v", third.Gaps)
	}
}

// A message that comes after its successor is late, not lost.
func TestALateMessageIsNoGap(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.post("Пост")
	at := b.fetch("").Next
	b.sim.Faults().Add(record.Fault{Method: "update:message", Kind: record.FaultShuffle})
	late := b.comment(p, 0, "Опоздает")
	b.comment(p, 0, "Обгонит")
	found := false
	for range 3 {
		batch := b.fetch(at)
		for _, c := range changes(batch) {
			found = found || c.Item.Ref == b.ref(b.channel.GroupID, late)
		}
		if len(batch.Gaps) != 0 {
			t.Errorf("gaps %+v", batch.Gaps)
		}
		at, b.now = batch.Next, b.now.Add(3*time.Minute)
	}
	if !found {
		t.Error("the late message did not come")
	}
}

// Losses that lie near each other are one gap, and a gap knows all its messages.
func TestNearLossesAreOneGap(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.post("Пост")
	at := b.fetch("").Next
	var lost []social.Ref
	for range 3 {
		b.sim.Faults().Add(record.Fault{Method: "update:message", Kind: record.FaultDrop, Count: 2})
		for range 2 {
			lost = append(lost, b.ref(b.channel.GroupID, b.comment(p, 0, "Потеряется")))
		}
		b.comment(p, 0, "Дойдёт")
		b.now = b.now.Add(10 * time.Second)
	}
	first := b.fetch(at)
	b.now = b.now.Add(3 * time.Minute)
	gaps := append([]collectors.Gap{}, b.fetch(first.Next).Gaps...)
	if len(gaps) != 1 || len(gaps[0].Items) != len(lost) {
		t.Fatalf("%+v", gaps)
	}
	for i, r := range gaps[0].Items {
		if r != lost[i] {
			t.Errorf("%v, want %v", r, lost[i])
		}
	}
}
