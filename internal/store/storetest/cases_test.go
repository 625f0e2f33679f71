package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"otklik/internal/rights"

	"otklik/incidents"
	"otklik/internal/delivery"
	"otklik/internal/errs"
	"otklik/internal/social"
)

func TestOneOfManyWritersOfAVersionWins(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		c := b.open(comment("1", citizen, "яма"))
		var won, conflicts atomic.Int32
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Go(func() {
				_, err := b.try(moderator, c.ID, 1, incidents.Classify{TopicID: "leaks", TopicName: fmt.Sprint(i)})
				switch {
				case err == nil:
					won.Add(1)
				case errs.CodeOf(err) == errs.Conflict:
					conflicts.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || conflicts.Load() != 11 {
			t.Fatalf("won %d, conflicts %d", won.Load(), conflicts.Load())
		}
		since, err := b.s.Since(b.ctx, c.ID, 1)
		b.must(err)
		if len(since) != 1 || since[0].Kind != incidents.EventClassified {
			t.Fatalf("%+v", since)
		}
	})
}

func TestOpenedNamesTheMessagesOfNewCases(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		c := b.open(comment("1", citizen, "яма"))
		for since, want := range map[time.Time]int{{}: 1, c.OpenedAt: 1, c.OpenedAt.Add(time.Microsecond): 0} {
			got, err := b.s.Opened(b.ctx, since)
			b.must(err)
			if len(got) != want || want == 1 && got[0] != c.Message.Ref {
				t.Errorf("since %s: %v", since, got)
			}
		}
	})
}

func TestNotesOfManyAreAllKept(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		c := b.open(comment("1", citizen, "яма"))
		const notes = 24
		var wg sync.WaitGroup
		for i := range notes {
			wg.Go(func() {
				if _, err := b.try(moderator, c.ID, 1, incidents.Note{Text: fmt.Sprint("заметка ", i)}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := b.load(c.ID); got.Version != 1+notes {
			t.Fatalf("version %d", got.Version)
		}
		if n := b.count("SELECT COUNT(DISTINCT note) FROM case_events WHERE kind = 'note'"); n != notes {
			t.Fatalf("notes %d", n)
		}
	})
}

// Whoever decides holds the case: another writer waits instead of making the
// decision stale.
func TestNobodyChangesACaseThatIsBeingDecided(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		c := b.open(comment("1", citizen, "яма"))
		deciding, other := make(chan struct{}, 9), make(chan struct{}, 9)
		var wg sync.WaitGroup
		wg.Go(func() {
			<-deciding
			_, err := b.s.Change(b.ctx, c.ID, 0, b.now, func(c incidents.Case) (incidents.Decision, error) {
				other <- struct{}{}
				return incidents.Apply(c, incidents.Note{Text: "вторая"}, moderator, b.now)
			})
			if err != nil {
				t.Error(err)
			}
		})
		_, err := b.s.Change(b.ctx, c.ID, 0, b.now, func(c incidents.Case) (incidents.Decision, error) {
			deciding <- struct{}{}
			select {
			case <-other:
				t.Error("two decide at once")
			case <-time.After(100 * time.Millisecond): // the chance that the other one must not use
			}
			return incidents.Apply(c, incidents.Note{Text: "первая"}, moderator, b.now)
		})
		b.must(err)
		wg.Wait()
		if got := b.load(c.ID); got.Version != 3 || len(deciding) != 0 {
			t.Fatalf("version %d, decided again %d times", got.Version, len(deciding))
		}
	})
}

func TestMissingCase(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		_, err := b.try(moderator, "no-such-case", 0, incidents.Accept{})
		if errs.CodeOf(err) != errs.NotFound {
			t.Fatal(err)
		}
		if _, err := b.s.CaseByNumber(b.ctx, rights.System(), 77); errs.CodeOf(err) != errs.NotFound {
			t.Fatal(err)
		}
	})
}

func TestApprovalWritesAllOrNothing(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		c := b.open(comment("1", citizen, "яма"))
		b.do(moderator, c.ID, incidents.Accept{})
		b.do(coordinator, c.ID, incidents.Assign{DepartmentID: "roads"})
		c = b.do(executor, c.ID, incidents.Submit{Text: "Засыплем завтра."})
		state := func() string {
			return fmt.Sprint(b.load(c.ID), b.count("SELECT COUNT(*) FROM case_events"), b.count("SELECT COUNT(*) FROM deliveries"))
		}
		before := state()
		failed := errors.New("decided otherwise")
		_, err := b.s.Change(b.ctx, c.ID, 0, b.now, func(c incidents.Case) (incidents.Decision, error) {
			d, err := incidents.Apply(c, incidents.Approve{Hash: c.Answer.Hash()}, head, b.now)
			b.must(err)
			return d, failed
		})
		if !errors.Is(err, failed) || state() != before {
			t.Fatalf("%v: %s", err, state())
		}
		// The ledger refuses after the case and its event were written: they must go too.
		_, err = b.s.Change(b.ctx, c.ID, 0, b.now, func(c incidents.Case) (incidents.Decision, error) {
			d, err := incidents.Apply(c, incidents.Approve{Hash: c.Answer.Hash()}, head, b.now)
			d.Case.SourceID = "no such source"
			return d, err
		})
		if err == nil || state() != before {
			t.Fatalf("%v: %s", err, state())
		}
		b.do(head, c.ID, incidents.Approve{Hash: c.Answer.Hash()})
		due, err := b.s.Due(b.ctx, social.VK, b.now, 10)
		b.must(err)
		if len(due) != 1 || due[0].Text != "Засыплем завтра." || due[0].ReplyTo != c.Message.Ref || due[0].Thread != c.Message.Thread || due[0].State != delivery.Planned {
			t.Fatalf("%+v", due)
		}
	})
}

func TestDraftIsOnesOwnAndEndsWithTheAnswer(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		c := b.open(comment("1", citizen, "яма"))
		a, z := b.person("a@x.ru", "Анна"), b.person("z@x.ru", "Зоя")
		b.must(b.s.SaveDraft(b.ctx, c.ID, a, "черновик\x00", b.now))
		b.must(b.s.SaveDraft(b.ctx, c.ID, a, "черновик 2", b.now))
		b.must(b.s.SaveDraft(b.ctx, c.ID, z, "чужой", b.now))
		draft := func(person string) string {
			v, err := b.s.View(b.ctx, c.ID, reader(person), b.now)
			b.must(err)
			return v.Draft
		}
		if draft(a) != "черновик 2" || draft(z) != "чужой" {
			t.Fatal(draft(a), draft(z))
		}
		b.do(moderator, c.ID, incidents.Accept{})
		b.do(coordinator, c.ID, incidents.Assign{DepartmentID: "roads"})
		by := executor
		by.ID = a
		b.do(by, c.ID, incidents.Submit{Text: "готово"})
		if draft(a) != "" || draft(z) != "чужой" {
			t.Fatalf("%q %q", draft(a), draft(z))
		}
		b.must(b.s.SaveDraft(b.ctx, c.ID, z, "  ", b.now))
		if draft(z) != "" {
			t.Fatal("an emptied draft is still there")
		}
	})
}
