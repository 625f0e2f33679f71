package storetest

import (
	"testing"
	"time"

	"otklik/collectors"
	"otklik/incidents"
	"otklik/internal/delivery"
	"otklik/internal/lease"
	"otklik/internal/social"
)

// own is the agency's comment that answers another one.
func own(id, replyTo, text string) social.Item {
	it := comment(id, social.Author{ID: "-1", Name: "Город", Own: true}, text)
	it.PublishedAt = time.Date(2026, 3, 2, 9, 0, 1, 0, time.UTC)
	if replyTo != "" {
		it.ReplyTo = ref(replyTo)
	}
	return it
}

func (b *bundle) unknown(id, text string) (incidents.Case, delivery.Delivery, lease.Lease) {
	b.t.Helper()
	c, d, l := b.ready(id, text)
	d = b.begin(l, d.ID)
	b.finish(l, d, delivery.Verdict{State: delivery.Unknown, Trouble: "Ответа не было."})
	return c, d, l
}

func TestAnswerSeenInTheThreadSettlesTheUnknown(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		c, d, _ := b.unknown("1", "Засыплем яму — завтра!")
		b.commit(created(own("50", "r1", "[id501|Анна], Засыплем яму - завтра")))
		got := b.load(c.ID)
		if b.state(d.ID) != delivery.Sent || got.Stage != incidents.Done || got.PublicationTrouble != "" || got.AnswerLink != own("50", "", "").Permalink {
			t.Fatalf("%s %+v", b.state(d.ID), got)
		}
	})
}

// The network may show the answer while the worker that sent it is dying.
func TestAnswerSeenBeforeItsFateWasUnknown(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		c, d, l := b.ready("1", "Засыплем завтра.")
		d = b.begin(l, d.ID)
		b.commit(created(own("50", "r1", "[id501|Анна], Засыплем завтра.")))
		if b.state(d.ID) != delivery.Sending {
			t.Fatal("somebody else's call was judged")
		}
		b.finish(l, d, delivery.Verdict{State: delivery.Unknown, Code: "interrupted"})
		if b.state(d.ID) != delivery.Sent || b.load(c.ID).Stage != incidents.Done {
			t.Fatal(b.state(d.ID))
		}
	})
}

// A network that tells the answer only as what a citizen replied to does not
// tell what the answer itself replied to.
func TestAnswerWithoutItsReplySettlesToo(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		_, d, _ := b.unknown("1", "Засыплем завтра.")
		b.commit(collectors.Change{Op: collectors.Listed, Item: own("50", "", "Засыплем завтра.")})
		if b.state(d.ID) != delivery.Sent {
			t.Fatal(b.state(d.ID))
		}
	})
}

func TestWhatDoesNotSettle(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		_, d, _ := b.unknown("1", "Засыплем завтра.")
		stranger := own("51", "r1", "Засыплем завтра.")
		stranger.Author.Own = false
		elsewhere := own("52", "", "Засыплем завтра.")
		elsewhere.Thread = ref("2")
		before := own("53", "", "Засыплем завтра.")
		before.PublishedAt = b.now.Add(-time.Hour)
		for _, it := range []social.Item{stranger, elsewhere, before, own("54", "r999", "Засыплем завтра."), own("55", "r1", "Засыплем."), own("56", "r1", "…")} {
			b.commit(created(it))
			if b.state(d.ID) != delivery.Unknown {
				t.Fatalf("settled by %+v", it)
			}
		}
		// The same words to another citizen in the same thread are another answer.
		_, second, l := b.ready("2", "Засыплем завтра.")
		second = b.begin(l, second.ID)
		b.finish(l, second, delivery.Verdict{State: delivery.Sent, Receipt: delivery.Receipt{Ref: ref("r60")}})
		b.commit(created(own("60", "", "Засыплем завтра.")))
		if b.state(d.ID) != delivery.Unknown {
			t.Fatal("settled by the receipt of another delivery")
		}
		_, third, l := b.ready("3", "☺")
		b.finish(l, b.begin(l, third.ID), delivery.Verdict{State: delivery.Unknown})
		b.commit(created(own("61", "", "!!!")))
		if b.state(third.ID) != delivery.Unknown {
			t.Fatal("texts without letters say nothing")
		}
	})
}
