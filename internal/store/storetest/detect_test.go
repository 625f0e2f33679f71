package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/incidents"
	"otklik/internal/detect"
	"otklik/internal/social"
)

func TestConcludingTwiceChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.commit(created(comment("1", citizen, "яма и течь")), created(comment("2", citizen, "спасибо")))
		items, err := b.s.Pending(b.ctx, 10)
		b.must(err)
		var first, second detect.Tally
		for i, tally := range []*detect.Tally{&first, &second} {
			*tally, err = b.s.Conclude(b.ctx, b.detect, conclusions(items), b.now.Add(time.Duration(i)*time.Second))
			b.must(err)
		}
		if first != (detect.Tally{Matched: 1, Opened: 1}) || second != (detect.Tally{}) {
			t.Fatalf("%+v %+v", first, second)
		}
		if m, e, c := b.count("SELECT COUNT(*) FROM matches"), b.count("SELECT COUNT(*) FROM case_events"), b.count("SELECT COUNT(*) FROM cases"); m != 2 || e != 1 || c != 1 {
			t.Fatalf("matches %d, events %d, cases %d", m, e, c)
		}
		if left, _ := b.s.Pending(b.ctx, 10); len(left) != 0 {
			t.Fatalf("pending: %v", left)
		}
	})
}

func TestOpenedCaseHoldsWhatWasSeen(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		c := b.open(comment("1", citizen, "На Лесной яма"))
		if c.Number != 1 || c.Version != 1 || c.Stage != incidents.Moderation || c.TopicID != "pits" || c.DepartmentID != "roads" ||
			c.Message.Text != "На Лесной яма" || c.SourceID != b.source || !c.DueAt.Equal(b.now.Add(24*time.Hour)) {
			t.Fatalf("%+v", c)
		}
	})
}

func TestSecondMessageIsAttachedUntilTheCaseIsDone(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		c := b.open(comment("1", citizen, "яма"))
		b.commit(created(comment("2", citizen, "опять яма")))
		if tally := b.detectAll(); tally.Attached != 1 {
			t.Fatalf("%+v", tally)
		}
		if got := b.load(c.ID); got.Version != 2 || got.Message.Text != "яма" {
			t.Fatalf("%+v", got)
		}
		b.do(moderator, c.ID, incidents.Reject{Reason: "не к нам"})
		if next := b.open(comment("3", citizen, "яма на месте")); next.ID == c.ID || next.Number != 2 {
			t.Fatalf("%+v", next)
		}
		other := social.Author{ID: "502", Name: "Пётр"}
		if next := b.open(comment("4", other, "и у нас яма")); next.Number != 3 {
			t.Fatalf("%+v", next)
		}
	})
}

func TestMessagesWithoutAnAuthorAreNotOnePersons(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.commit(created(comment("1", social.Author{}, "яма")), created(comment("2", social.Author{}, "течь")))
		if tally := b.detectAll(); tally.Opened != 2 {
			t.Fatalf("%+v", tally)
		}
	})
}

func TestTextEditedWhileDetectingStaysPending(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.commit(created(comment("1", citizen, "спасибо")))
		items, err := b.s.Pending(b.ctx, 10)
		b.must(err)
		b.commit(collectors.Change{Op: collectors.Edited, Item: comment("1", citizen, "яма")})
		_, err = b.s.Conclude(b.ctx, b.detect, conclusions(items), b.now)
		b.must(err)
		if tally := b.detectAll(); tally.Opened != 1 {
			t.Fatalf("the edited text was not looked at: %+v", tally)
		}
	})
}

func TestEditsAndDeletionsStandInTheCasesHistory(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		it := comment("1", citizen, "яма")
		c := b.open(it)
		edited := it
		edited.Text = "яма у школы"
		b.commit(collectors.Change{Op: collectors.Edited, Item: edited})
		b.detectAll()
		b.commit(collectors.Change{Op: collectors.Deleted, Item: social.Item{Ref: it.Ref}})
		b.commit(collectors.Change{Op: collectors.Restored, Item: edited})
		v, err := b.s.View(b.ctx, c.ID, reader("p"), b.now)
		b.must(err)
		var kinds []incidents.EventKind
		for _, ev := range v.History {
			kinds = append(kinds, ev.Kind)
		}
		want := fmt.Sprint([]incidents.EventKind{incidents.EventOpened, incidents.EventAuthorEdited, incidents.EventAuthorDeleted, incidents.EventAuthorRestored})
		if fmt.Sprint(kinds) != want {
			t.Fatalf("%v", kinds)
		}
		if v.Case.Message.Text != "яма" || v.Thread[0].Item.Text != "яма у школы" || v.Thread[0].Versions[0].Text != "яма" {
			t.Fatalf("evidence was overwritten: %+v", v.Thread[0])
		}
	})
}

func TestManyConcludeTheSameItems(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		const authors, each, workers = 12, 3, 8
		var changes []collectors.Change
		for i := range authors * each {
			changes = append(changes, created(comment(fmt.Sprint(i), social.Author{ID: fmt.Sprint(i % authors)}, "яма")))
		}
		b.commit(changes...)
		items, err := b.s.Pending(b.ctx, 1000)
		b.must(err)
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				// Different slices, so that transactions of different sizes meet.
				for at := 0; at < len(items); at += 4 + w {
					part := items[at:min(at+4+w, len(items))]
					if _, err := b.s.Conclude(b.ctx, b.detect, conclusions(part), b.now); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if n := b.count("SELECT COUNT(*) FROM cases WHERE number BETWEEN 1 AND $1", authors); n != authors {
			t.Errorf("cases = %d, want %d numbered without gaps", n, authors)
		}
		if n := b.count("SELECT COUNT(*) FROM case_items"); n != authors*each {
			t.Errorf("messages in cases = %d, want %d", n, authors*each)
		}
		if n := b.count("SELECT COUNT(*) FROM case_events WHERE kind <> 'joined'"); n != authors*each {
			t.Errorf("events = %d, want %d", n, authors*each)
		}
	})
}

func TestRulebookComesOnlyWhenItChanged(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		book, changed, err := b.s.Rulebook(b.ctx, -1)
		b.must(err)
		if !changed || len(book.Rules) != 2 || len(book.Topics) != 2 || book.Rules[0].Expr != "течь" {
			t.Fatalf("%v %+v", changed, book)
		}
		if _, changed, err = b.s.Rulebook(b.ctx, book.Revision); err != nil || changed {
			t.Fatalf("%v %v", changed, err)
		}
		more := dictionary()
		more.Topics[0].Name = "Другое"
		b.must(b.s.Seed(b.ctx, more, b.now))
		topics, err := b.s.Topics(b.ctx)
		b.must(err)
		if _, changed, _ := b.s.Rulebook(b.ctx, book.Revision); changed || topics[0].Name != "Ямы" {
			t.Fatal("a dictionary that belongs to the agency was seeded again")
		}
	})
}
