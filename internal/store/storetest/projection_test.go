package storetest

import (
	"fmt"
	"testing"
	"time"

	"otklik/internal/rights"

	"otklik/collectors"
	"otklik/incidents"
	"otklik/internal/social"
	"otklik/internal/store"
)

func TestChangedLeadsThroughEveryRevision(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		var after int64
		read := func() string {
			out := ""
			for {
				list, err := b.s.Changed(b.ctx, after, 1)
				b.must(err)
				if len(list) == 0 {
					return out
				}
				x := list[0]
				if x.Revision <= after || x.SourceID != b.source {
					t.Fatalf("%+v", x)
				}
				after = x.Revision
				out += fmt.Sprintf("%s:%s:%v ", x.Item.Ref.ID, x.Item.Text, x.CaseID != "")
			}
		}
		want := func(s string) {
			t.Helper()
			if got := read(); got != s {
				t.Fatalf("%q, want %q", got, s)
			}
		}
		b.commit(created(comment("1", citizen, "яма")), created(comment("2", citizen, "спасибо")))
		want("r1:яма:false r2:спасибо:false ")
		b.detectAll()
		want("r1:яма:true ")
		edited := comment("2", citizen, "спасибо всем")
		edited.EditedAt = b.now
		b.commit(collectors.Change{Op: collectors.Edited, Item: edited})
		want("r2:спасибо всем:false ")
		want("")
	})
}

func TestTally(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.commit(created(post("1", "Новости")), created(comment("1", citizen, "яма")), created(comment("2", citizen, "спасибо")))
		b.detectAll()
		b.commit(created(comment("3", citizen, "и ещё")))
		got, err := b.s.Tally(b.ctx)
		b.must(err)
		if got != (store.Tally{Items: 4, Foreign: 3, Pending: 1, Matched: 1, Cases: 1}) {
			t.Fatalf("%+v", got)
		}
	})
}

func TestWhatStands(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.commit(created(post("1", "Новости")), created(post("2", "Ещё")), created(comment("1", citizen, "а")), created(comment("2", citizen, "б")),
			collectors.Change{Op: collectors.Deleted, Item: social.Item{Ref: ref("r2")}}, collectors.Change{Op: collectors.Deleted, Item: social.Item{Ref: ref("r3")}})
		posts, err := b.s.Posts(b.ctx, social.VK, "-1", post("1", "").PublishedAt)
		b.must(err)
		none, err := b.s.Posts(b.ctx, social.VK, "-1", post("1", "").PublishedAt.Add(time.Second))
		b.must(err)
		comments, err := b.s.Comments(b.ctx, ref("1"))
		b.must(err)
		if len(posts) != 2 || len(none) != 0 || len(comments) != 1 || comments[0].Ref != ref("r1") {
			t.Fatal(posts, none, comments)
		}
	})
}

func TestMessagesFoundElsewhereWidenTheSearch(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		queue(b)
		items := b.texts("SELECT id FROM items WHERE item_id IN ('r2', 'r4')")
		p, err := b.s.Inbox(b.ctx, incidents.Filter{By: rights.System(), Text: "елки", Messages: items, Topics: []string{"pits"}, Now: b.now, Limit: 10})
		b.must(err)
		if p.Total != 1 || p.Rows[0].Number != 1 {
			t.Fatalf("other filters must hold for what was found elsewhere: %+v", p)
		}
	})
}

func TestWaitingNamesTheOldestWork(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		w, err := b.s.Waiting(b.ctx, b.now)
		b.must(err)
		if !w.Detection.IsZero() || !w.Delivery.IsZero() {
			t.Fatalf("nothing waits, and it says %+v", w)
		}
		began := b.now
		b.commit(created(comment("1", citizen, "яма")))
		w, err = b.s.Waiting(b.ctx, b.now.Add(time.Hour))
		b.must(err)
		if !w.Detection.Equal(began) || w.Source.IsZero() {
			t.Fatalf("an item waits since %v, and it says %+v", began, w)
		}
	})
}
