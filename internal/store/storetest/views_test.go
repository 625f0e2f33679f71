package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/incidents"
	"otklik/internal/delivery"
	"otklik/internal/rights"
	"otklik/internal/social"
)

// queue fills the inbox with cases 1…6 in different states.
func queue(b *bundle) {
	b.t.Helper()
	by := func(n int) social.Author {
		return social.Author{ID: fmt.Sprint(500 + n), Name: fmt.Sprint("Житель ", n)}
	}
	texts := []string{"", "яма у ЁЛКИ", "течь 100% по дому_5", "яма № 7", "течь во дворе", "яма", `яма C:\дорога`}
	for i := 1; i <= 6; i++ {
		b.now = b.now.Add(time.Minute)
		b.open(comment(fmt.Sprint(i), by(i), texts[i]))
	}
	id := func(n int64) string {
		s, err := b.s.CaseByNumber(b.ctx, rights.System(), n)
		b.must(err)
		return s
	}
	b.do(moderator, id(2), incidents.Accept{})
	b.do(moderator, id(3), incidents.Accept{})
	b.do(coordinator, id(3), incidents.Assign{DepartmentID: "roads", ExecutorID: "exec", ExecutorName: "Илья"})
	b.do(moderator, id(4), incidents.Reject{Reason: "повтор"})
}

func TestInbox(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		start := b.now
		queue(b)
		at := start.Add(8*time.Hour + 3*time.Minute) // leaks are due after 8 hours
		for _, x := range []struct {
			name string
			f    incidents.Filter
			want []int64
		}{
			{"open, by urgency", incidents.Filter{}, []int64{2, 1, 3, 5, 6}},
			{"newest", incidents.Filter{Sort: incidents.Newest, Closed: true}, []int64{6, 5, 4, 3, 2, 1}},
			{"by stage", incidents.Filter{Sort: incidents.ByStage}, []int64{1, 5, 6, 2, 3}},
			{"closed last", incidents.Filter{Closed: true}, []int64{2, 1, 3, 5, 6, 4}},
			{"only done", incidents.Filter{Stages: []incidents.Stage{incidents.Done}, Sort: incidents.ByClosed}, []int64{4}},
			{"two stages", incidents.Filter{Stages: []incidents.Stage{incidents.Coordination, incidents.Execution}}, []int64{2, 3}},
			{"topic", incidents.Filter{Topics: []string{"leaks"}}, []int64{2}},
			{"department", incidents.Filter{Departments: []string{"roads"}}, []int64{1, 3, 5, 6}},
			{"no department", incidents.Filter{Departments: []string{"-"}}, nil},
			{"network", incidents.Filter{Networks: []social.Network{social.Telegram}}, nil},
			{"executor", incidents.Filter{ExecutorID: "exec"}, []int64{3}},
			{"overdue", incidents.Filter{Due: incidents.DueOverdue}, []int64{2}},
			{"today", incidents.Filter{Due: incidents.DueToday}, []int64{2}},
			{"case and ё", incidents.Filter{Text: "елки"}, []int64{1}},
			{"upper case", incidents.Filter{Text: " ЯМА У "}, []int64{1}},
			{"number", incidents.Filter{Text: "№ 3"}, []int64{3}},
			{"number sign in the text", incidents.Filter{Text: "яма № 7"}, []int64{3}},
			{"author", incidents.Filter{Text: "житель 5"}, []int64{5}},
			{"percent", incidents.Filter{Text: "0% по"}, []int64{2}},
			{"percent alone", incidents.Filter{Text: "%"}, []int64{2}},
			{"underscore", incidents.Filter{Text: "дому_5"}, []int64{2}},
			{"backslash", incidents.Filter{Text: `c:\д`}, []int64{6}},
			{"nothing", incidents.Filter{Text: "снег"}, nil},
			{"bytes that are no text", incidents.Filter{Text: "яма\x00\xff"}, nil},
		} {
			x.f.Now, x.f.TodayEnds, x.f.Limit = at, start.Add(15*time.Hour), 50
			p, err := b.s.Inbox(b.ctx, seenBy(x.f))
			b.must(err)
			var got []int64
			for _, r := range p.Rows {
				got = append(got, r.Number)
			}
			if !slices.Equal(got, x.want) || p.Total != len(x.want) {
				t.Errorf("%s: %v (total %d), want %v", x.name, got, p.Total, x.want)
			}
		}
	})
}

func TestInboxPagesAndRow(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		queue(b)
		b.commit(created(comment("20", social.Author{ID: "501"}, "и ещё яма")))
		b.detectAll()
		b.commit(collectors.Change{Op: collectors.Deleted, Item: social.Item{Ref: ref("r1")}})
		var got []int64
		for offset := 0; offset < 6; offset += 2 {
			p, err := b.s.Inbox(b.ctx, incidents.Filter{By: rights.System(), Now: b.now, Limit: 2, Offset: offset})
			b.must(err)
			if p.Total != 5 || len(p.Rows) > 2 {
				t.Fatalf("%+v", p)
			}
			for _, r := range p.Rows {
				got = append(got, r.Number)
			}
		}
		if !slices.Equal(got, []int64{2, 1, 3, 5, 6}) {
			t.Fatal(got)
		}
		p, err := b.s.Inbox(b.ctx, incidents.Filter{By: rights.System(), Text: "№1", Now: b.now, Limit: 1})
		b.must(err)
		r := p.Rows[0]
		if r.Attached != 1 || !r.AuthorDeleted || r.TopicName != "Ямы" || r.Department != "Дорожная служба" || r.SourceTitle != "Город" ||
			r.AuthorName != "Житель 1" || r.Text[r.Marks[0].Start:r.Marks[0].End] != "яма" {
			t.Fatalf("%+v", r)
		}
	})
}

func TestCounts(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		queue(b)
		b.batch(collectors.Batch{Next: "c", CompleteTo: b.now})
		n, err := b.s.Counts(b.ctx, reader("exec"), b.now.Add(8*time.Hour))
		b.must(err)
		want := incidents.Counts{Open: 5, Mine: 1, Overdue: 1, CompleteTo: b.now}
		if n != want {
			t.Fatalf("%+v", n)
		}
		_, d, l := b.ready("30", "Ответ")
		b.finish(l, b.begin(l, d.ID), delivery.Verdict{State: delivery.Failed})
		if n, err = b.s.Counts(b.ctx, reader(""), b.now); err != nil || n.Stuck != 1 {
			t.Fatalf("%+v %v", n, err)
		}
	})
}

func (b *bundle) batch(x collectors.Batch) {
	b.t.Helper()
	_, err := b.s.Commit(b.ctx, b.lease, b.stream, x, b.now)
	b.must(err)
}

func TestViewShowsTheThreadAroundTheMessage(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.commit(created(post("1", "Новости города")))
		at := func(n int) social.Item {
			it := comment(fmt.Sprint(n), social.Author{ID: fmt.Sprint(n)}, fmt.Sprint("слово ", n))
			it.PublishedAt = it.PublishedAt.Add(time.Duration(n) * time.Second)
			return it
		}
		for n := 80; n >= 1; n-- { // they arrive in the wrong order
			if n != 40 {
				b.commit(created(at(n)))
			}
		}
		b.commit(collectors.Change{Op: collectors.Deleted, Item: social.Item{Ref: ref("r777")}})
		message := at(40)
		message.Text = "яма и течь"
		c := b.open(message)
		v, err := b.s.View(b.ctx, c.ID, reader("p"), b.now)
		b.must(err)
		if len(v.Thread) != 61 || v.Thread[0].Item.Kind != social.Post || v.Earlier != 10 {
			t.Fatalf("%d items, %d earlier", len(v.Thread), v.Earlier)
		}
		for i := 2; i < len(v.Thread); i++ {
			if v.Thread[i].Item.PublishedAt.Before(v.Thread[i-1].Item.PublishedAt) {
				t.Fatalf("item %d stands before its time", i)
			}
		}
		m := v.Thread[30]
		if !m.IsMessage || m.IsAttached || m.Item.Text != "яма и течь" || m.Item.Text[m.Marks[0].Start:m.Marks[0].End] != "яма" {
			t.Fatalf("%+v", m)
		}
		if len(v.Why) != 2 || v.Why[0].Topic != "Ямы" || v.Why[1].Words[0] != "течь" || v.TopicName != "Ямы" || v.Department != "Дорожная служба" || v.Source != "Город" {
			t.Fatalf("%+v", v.Why)
		}
	})
}

func TestNeighboursInTheOrderOfUrgency(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		queue(b)
		var got []string
		for _, n := range []int64{2, 1, 3, 5, 6} {
			id, err := b.s.CaseByNumber(b.ctx, rights.System(), n)
			b.must(err)
			previous, next, err := b.s.Neighbours(b.ctx, reader("p"), id, b.now, b.now.Add(10*time.Hour))
			b.must(err)
			got = append(got, previous+"<"+fmt.Sprint(n)+">"+next)
		}
		want := []string{"<2>1", "2<1>3", "1<3>5", "3<5>6", "5<6>"}
		if !slices.Equal(got, want) {
			t.Fatal(got)
		}
		// What is important comes first among what is as urgent, as in the queue.
		for _, q := range []string{"UPDATE cases SET due_us = 0", "UPDATE cases SET importance = 2 WHERE number = 5"} {
			_, err := b.raw.ExecContext(b.ctx, q)
			b.must(err)
		}
		var order []string
		for _, r := range b.inbox(incidents.Filter{By: reader("p")}).Rows {
			order = append(order, fmt.Sprint(r.Number))
		}
		for i, n := range order {
			id := b.texts("SELECT id FROM cases WHERE number = " + n)[0]
			previous, next, err := b.s.Neighbours(b.ctx, reader("p"), id, b.now, b.now.Add(10*time.Hour))
			b.must(err)
			if i > 0 && previous != order[i-1] || i < len(order)-1 && next != order[i+1] {
				t.Fatalf("%v: %s<%s>%s", order, previous, n, next)
			}
		}
		if order[0] != "5" {
			t.Fatal(order)
		}
	})
}

// The first text is the earliest that is known, not the first that arrived.
func TestFirstTextIsTheEarliest(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.open(comment("1", citizen, "яма"))
		changes := life("2")
		for _, i := range []int{3, 1, 0} {
			b.commit(changes[i])
		}
		id, err := b.s.CaseByNumber(b.ctx, rights.System(), 1)
		b.must(err)
		v, err := b.s.View(b.ctx, id, reader("p"), b.now)
		b.must(err)
		last := v.Thread[len(v.Thread)-1]
		if last.Item.Text != "на Лесной большая яма" || last.Versions[0].Text != "на Лесной яма" {
			t.Fatalf("%+v", last)
		}
	})
}

func TestRevisionsTellWhatChanged(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		changed := func(what string, act func()) {
			before, err := b.s.Revisions(b.ctx)
			b.must(err)
			act()
			after, err := b.s.Revisions(b.ctx)
			b.must(err)
			var got []string
			for _, r := range []string{"cases", "deliveries", "rules", "sources"} {
				if after[r] != before[r] {
					got = append(got, r)
				}
			}
			if fmt.Sprint(got) != what {
				t.Errorf("%v, want %s", got, what)
			}
		}
		changed("[]", func() { b.commit(created(comment("1", citizen, "яма"))) })
		changed("[cases]", func() { b.detectAll() })
		changed("[]", func() { b.detectAll() })
		id, _ := b.s.CaseByNumber(b.ctx, rights.System(), 1)
		changed("[cases]", func() { b.do(moderator, id, incidents.Accept{}) })
		changed("[sources]", func() {
			b.must(b.s.Fail(b.ctx, b.lease, b.stream, &collectors.Trouble{Kind: collectors.Passing, Message: "сбой"}, b.now))
		})
		changed("[sources]", func() { b.batch(collectors.Batch{Next: "x", CompleteTo: b.now}) })
		changed("[]", func() { b.batch(collectors.Batch{Next: "y", CompleteTo: b.now.Add(time.Second)}) })
		changed("[sources]", func() { b.batch(collectors.Batch{Next: "z", Progress: "Читаю историю"}) })
		b.do(coordinator, id, incidents.Assign{DepartmentID: "roads"})
		changed("[cases deliveries]", func() { b.approved(id, "Ответ") })
	})
}

func TestExecutorsAreOfTheDepartment(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.person("a@x.ru", "Анна", rights.Executor)
		if list, err := b.s.Executors(b.ctx, "water"); err != nil || len(list) != 0 {
			t.Fatal(list, err)
		}
		if list, err := b.s.Departments(b.ctx); err != nil || len(list) != 2 || list[0].ID != "roads" {
			t.Fatal(list, err)
		}
	})
}
