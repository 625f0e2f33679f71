package storetest

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/publisher"
)

var curator = actor("cur", "", rights.Curator)

func (p *plan) issue(due time.Time) publisher.MandateView {
	p.t.Helper()
	m, posts, err := publisher.Issue(publisher.Mandate{
		Title: "Прививки", From: "Минздрав", Content: publisher.Content{Text: "Прививка — бесплатно."}, Adapt: publisher.Around, DueAt: due, PageIDs: []string{p.tg, p.vk},
	}, curator, p.facts())
	p.must(err)
	m, err = p.s.Issue(p.ctx, m, posts, p.now)
	p.must(err)
	v, err := p.s.Mandate(p.ctx, m.Number)
	p.must(err)
	return v
}

func TestMandates(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		v := p.issue(b.now.Add(time.Hour))
		m := v.Mandate
		if m.Number != 1 || m.From != "Минздрав" || m.Adapt != publisher.Around || len(v.Posts) != 2 || v.Posts[0].Targets[0].PageID != p.tg || m.PageIDs[1] != p.vk {
			t.Fatalf("%+v", v)
		}
		if post := v.Posts[0]; post.MustBy != m.DueAt || post.Mandated == nil || post.Mandated.Content.Text != "Прививка — бесплатно." || post.State != publisher.Draft {
			t.Fatalf("%+v", post)
		}
		f := p.facts()
		_, err := p.apply(v.Posts[0].ID, 0, func(x publisher.Post) (publisher.Decision, error) {
			return publisher.Apply(x, publisher.Write{Content: publisher.Content{Text: "Другое"}, PageIDs: []string{p.tg}}, press, f)
		})
		if errs.CodeOf(err) != errs.Invalid {
			t.Fatal(err)
		}
		p.issue(b.now.Add(2 * time.Hour))
		if list, err := b.s.Mandates(b.ctx, 10, 0); err != nil || len(list) != 2 || list[0].Mandate.Number != 2 || len(list[1].Proofs(b.now)) != 2 {
			t.Fatalf("%+v %v", list, err)
		}
		if _, err := b.s.Mandate(b.ctx, 99); errs.CodeOf(err) != errs.NotFound {
			t.Fatal(err)
		}
	})
}

func TestAMandateIsWithdrawnWhole(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		v := p.issue(b.now.Add(time.Hour))
		if _, err := b.s.Withdraw(b.ctx, executor, 1, "так", b.now); errs.CodeOf(err) != errs.Forbidden {
			t.Fatal(err)
		}
		if got := b.count("SELECT COUNT(*) FROM posts WHERE state = 'cancelled'"); got != 0 {
			t.Fatalf("%d posts are cancelled", got)
		}
		m, err := b.s.Withdraw(b.ctx, curator, 1, "Опечатка", b.now)
		if err != nil || !m.Withdrawn() || m.Why != "Опечатка" {
			t.Fatalf("%+v %v", m, err)
		}
		got, err := b.s.Mandate(b.ctx, 1)
		b.must(err)
		for _, proof := range got.Proofs(b.now) {
			if proof.State != publisher.ProofWithdrawn {
				t.Errorf("%+v", proof)
			}
		}
		view, err := b.s.PostView(b.ctx, v.Posts[0].ID)
		if err != nil || view.History[len(view.History)-1].Text != "Опечатка" {
			t.Fatalf("%+v %v", view.History, err)
		}
		if _, err := b.s.Withdraw(b.ctx, curator, 1, "ещё", b.now); errs.CodeOf(err) != errs.Conflict {
			t.Fatal(err)
		}
	})
}

func TestARowOfAFileMakesOneDraft(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		post, ev, err := publisher.Begin(publisher.Write{Content: publisher.Content{Text: "Из файла"}, PageIDs: []string{p.vk}}, publisher.Plan{}, press, p.facts())
		b.must(err)
		var wg sync.WaitGroup
		var made atomic.Int64
		for i := range 20 {
			wg.Go(func() {
				ok, err := b.s.ImportPost(b.ctx, []string{"a", "b"}[i%2], publisher.Begun{Post: post, Event: ev}, b.now)
				if err != nil {
					t.Error(err)
				}
				if ok {
					made.Add(1)
				}
			})
		}
		wg.Wait()
		known, err := b.s.Imported(b.ctx, []string{"a", "b", "c"})
		if err != nil || made.Load() != 2 || len(known) != 2 || known["a"].Content.Text != "Из файла" || known["c"].ID != "" || b.count("SELECT COUNT(*) FROM posts") != 2 {
			t.Fatal(err, made.Load(), known)
		}
		byNumber, err := b.s.Numbered(b.ctx, []int64{known["a"].Number, 77})
		if err != nil || len(byNumber) != 1 || byNumber[known["a"].Number].ID != known["a"].ID {
			t.Fatal(err, byNumber)
		}
		if known, err := b.s.Imported(b.ctx, nil); err != nil || len(known) != 0 {
			t.Fatal(err, known)
		}
	})
}

func TestFilesWaitForTheirPerson(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		id, err := b.s.KeepPlanFile(b.ctx, "press", "план.xlsx", `{"rows":[]}`, b.now)
		b.must(err)
		if name, body, err := b.s.PlanFile(b.ctx, "press", id); err != nil || name != "план.xlsx" || body != `{"rows":[]}` {
			t.Fatal(name, body, err)
		}
		if _, _, err := b.s.PlanFile(b.ctx, "other", id); errs.CodeOf(err) != errs.NotFound {
			t.Fatal(err)
		}
		if _, err = b.s.KeepPlanFile(b.ctx, "press", "ещё", "{}", b.now.Add(25*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := b.s.PlanFile(b.ctx, "press", id); errs.CodeOf(err) != errs.NotFound {
			t.Fatal(err)
		}
	})
}
