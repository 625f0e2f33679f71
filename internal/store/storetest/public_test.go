package storetest

import (
	"strings"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/incidents"
	"otklik/internal/lease"
	"otklik/internal/social"
)

// publicSource adds a source that is not the agency's own, beside the bundle's.
func (b *bundle) publicSource() (collectors.Stream, lease.Lease) {
	b.t.Helper()
	id, err := b.s.EnsureSource(b.ctx, collectors.SourceStatus{Network: social.VK, Title: "Поиск: яма", Kind: "поиск", Public: true}, "search", b.now)
	b.must(err)
	st := collectors.Stream{Name: "vk:search", SourceID: id}
	b.must(b.s.EnsureStream(b.ctx, st, b.now))
	return st, b.take(st.Name)
}

// found commits a listing of a stream.
func (b *bundle) found(st collectors.Stream, l lease.Lease, next collectors.Cursor, items ...social.Item) int {
	b.t.Helper()
	var batch collectors.Batch
	for _, it := range items {
		c := collectors.Change{Op: collectors.Listed, Item: it, AskedAt: b.now}
		batch.Updates = append(batch.Updates, collectors.Update{Changes: []collectors.Change{c}})
	}
	batch.Next = next
	n, err := b.s.Commit(b.ctx, l, st, batch, b.now)
	b.must(err)
	return n
}

func TestACaseOnSomebodyElsesPageIsAnsweredByHand(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		st, l := b.publicSource()
		it := comment("7", citizen, "яма")
		b.found(st, l, "1", it)
		b.detectAll()
		c := b.load(b.texts("SELECT id FROM cases")[0])
		if !c.Foreign {
			t.Fatal("the case does not know that it cannot be answered")
		}
		c = b.answered(c.ID, "Засыплем завтра.")
		if c.Stage != incidents.Publication || !strings.Contains(c.PublicationTrouble, "не ваша страница") {
			t.Errorf("%s, %q", c.Stage, c.PublicationTrouble)
		}
		if n := b.count("SELECT COUNT(*) FROM deliveries"); n != 0 {
			t.Fatalf("%d deliveries were planned that must fail", n)
		}
		c = b.do(press, c.ID, incidents.Withdraw{Reason: "Опечатка"})
		c = b.approved(c.ID, "Засыплем послезавтра.")
		c = b.do(press, c.ID, incidents.ByHand{Link: "https://vk.example/wall-9_1?reply=8"})
		if c.Stage != incidents.Done || c.Outcome != incidents.Resolved {
			t.Errorf("%+v", c)
		}
	})
}

func TestWhatASearchFoundBelongsToTheOwnPageOnceThatShowsIt(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		st, l := b.publicSource()
		it := comment("7", citizen, "яма")
		if n := b.found(st, l, "1", it); n != 1 {
			t.Fatal(n)
		}
		b.detectAll()
		if n := b.found(b.stream, b.lease, "1", it); n != 0 {
			t.Fatal("the item was stored twice")
		}
		c := b.load(b.texts("SELECT id FROM cases")[0])
		if c.Foreign || c.SourceID != b.source {
			t.Errorf("the case stays with the search: %+v", c)
		}
		// The search finds it again: it stays where it is.
		b.now = b.now.Add(time.Minute)
		b.found(st, l, "2", it)
		if n := b.count("SELECT COUNT(*) FROM items WHERE source_id = $1", b.source); n != 1 {
			t.Error("the search took the item away from its page")
		}
		b.answered(c.ID, "Засыплем завтра.")
		b.due(c.ID)
	})
}

func TestAnOwnPostThatASearchFoundIsNoComplaint(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		st, l := b.publicSource()
		own := post("5", "На Лесной засыпана яма")
		own.Author.Own = false // a search does not know whose page it is
		b.found(st, l, "1", own)
		b.found(b.stream, b.lease, "1", post("5", "На Лесной засыпана яма"))
		if tally := b.detectAll(); tally.Opened != 0 {
			t.Error("the agency complained of itself")
		}
		if n := b.count("SELECT COUNT(*) FROM gaps"); n != 0 {
			t.Error("a listing of what nobody tells of named a gap")
		}
	})
}
