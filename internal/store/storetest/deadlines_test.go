package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"otklik/incidents"
	"otklik/incidents/clock"
	"otklik/incidents/deadline"
	"otklik/internal/auth"
	"otklik/internal/errs"
	"otklik/internal/lease"
	"otklik/internal/notice"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/internal/workcal"
)

func (b *bundle) deadlines(id string) map[deadline.Step]clock.Row {
	b.t.Helper()
	rows, err := b.s.CaseDeadlines(b.ctx, id)
	b.must(err)
	out := map[deadline.Step]clock.Row{}
	for _, r := range rows {
		out[r.Step] = r
	}
	return out
}

func (b *bundle) moscow(v string) time.Time {
	b.t.Helper()
	zone, err := time.LoadLocation("Europe/Moscow")
	b.must(err)
	t, err := time.ParseInLocation("02.01.2006 15:04", v, zone)
	b.must(err)
	return t
}

func (b *bundle) policy(scope string, seen int, p deadline.Policy) {
	b.t.Helper()
	b.must(b.s.SavePolicy(b.ctx, curator, "", scope, seen, &p, b.now))
}

func (b *bundle) worker(id, department string, role rights.Role) string {
	b.t.Helper()
	p, err := b.s.AddPerson(b.ctx, auth.Person{Email: id + "@x.ru", Name: id, Roles: []rights.Role{role}, DepartmentID: department}, "hash", b.now)
	b.must(err)
	return p.ID
}

func TestWithoutOwnDeadlinesTheTopicsHoursHold(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		c := b.open(comment("1", citizen, "яма"))
		got := b.deadlines(c.ID)
		if len(got) != 1 || !got[deadline.Final].At.Equal(b.now.Add(24*time.Hour)) || !c.DueAt.Equal(b.now.Add(24*time.Hour)) {
			t.Fatalf("%+v", got)
		}
		b.do(moderator, c.ID, incidents.Classify{TopicID: "leaks"})
		if c = b.load(c.ID); !c.DueAt.Equal(c.OpenedAt.Add(8 * time.Hour)) {
			t.Fatalf("the other topic has eight hours: %s", c.DueAt)
		}
	})
}

func TestACaseKeepsTheDeadlinesUnderWhichItWasOpened(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		presets := deadline.Presets()
		b.policy("", 0, presets[0])
		c := b.open(comment("1", citizen, "яма"))
		before := b.deadlines(c.ID)
		if len(before) != 3 || !before[deadline.Final].At.Equal(b.moscow("01.04.2026 18:00")) || !c.DueAt.Equal(before[deadline.First].At) {
			t.Fatalf("%+v", before)
		}
		b.now = b.now.Add(time.Minute)
		b.policy("", 1, presets[4])
		b.do(moderator, c.ID, incidents.Accept{})
		if diff := cmp.Diff(before, b.deadlines(c.ID)); diff != "" {
			t.Fatal(diff)
		}
		other := b.open(comment("2", citizenOf("502"), "яма"))
		if !other.DueAt.Equal(b.now.Add(24 * time.Hour)) {
			t.Fatalf("a new case goes by the new deadlines: %s", other.DueAt)
		}
		err := b.s.SavePolicy(b.ctx, curator, "", "", 1, &presets[1], b.now)
		if errs.CodeOf(err) != errs.Conflict {
			t.Fatal(err)
		}
		if err := b.s.SavePolicy(b.ctx, executor, "", "", 2, &presets[1], b.now); errs.CodeOf(err) != errs.Forbidden {
			t.Fatal(err)
		}
		versions, err := b.s.PolicyVersions(b.ctx, "", "")
		b.must(err)
		if len(versions) != 2 || versions[0].Version != 2 || versions[0].By != curator.Name || !versions[0].At.Equal(b.now) {
			t.Fatalf("%+v", versions)
		}
	})
}

func TestATopicMayHaveDeadlinesOfItsOwnAndGiveThemUp(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		presets := deadline.Presets()
		b.policy("", 0, presets[0])
		b.policy(clock.TopicScope("pits"), 0, presets[4])
		c := b.open(comment("1", citizen, "яма"))
		if !c.DueAt.Equal(b.now.Add(24 * time.Hour)) {
			t.Fatal(c.DueAt)
		}
		if l := b.open(comment("2", citizenOf("502"), "течь")); len(b.deadlines(l.ID)) != 3 || !l.DueAt.Equal(b.moscow("03.03.2026 18:00")) {
			t.Fatal(l.DueAt)
		}
		b.now = b.now.Add(time.Minute)
		b.must(b.s.SavePolicy(b.ctx, curator, "", clock.TopicScope("pits"), 1, nil, b.now))
		if c := b.open(comment("3", citizenOf("503"), "яма")); !c.DueAt.Equal(b.moscow("03.03.2026 18:00")) {
			t.Fatal(c.DueAt)
		}
		held, err := b.s.Policies(b.ctx, "", b.now)
		b.must(err)
		if len(held) != 1 || held[0].Scope != "" {
			t.Fatalf("%+v", held)
		}
	})
}

func TestEveryChangeOfACaseMovesItsClock(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.policy("", 0, deadline.Presets()[0])
		c := b.open(comment("1", citizen, "яма"))
		final := func() time.Time { return b.deadlines(c.ID)[deadline.Final].At }
		b.do(moderator, c.ID, incidents.FastTrack{On: true})
		if !final().Equal(b.moscow("12.03.2026 18:00")) {
			t.Fatal("the fast track has ten days:", final())
		}
		if c = b.do(moderator, c.ID, incidents.Raise{On: true}); !c.DueAt.Equal(b.moscow("02.03.2026 16:45")) {
			t.Fatal("raised importance has four working hours:", c.DueAt)
		}
		b.do(moderator, c.ID, incidents.Accept{})
		b.do(coordinator, c.ID, incidents.Assign{DepartmentID: "roads", DepartmentName: "Дорожная служба"})
		b.now = b.moscow("03.03.2026 10:00")
		if c = b.do(executor, c.ID, incidents.Await{For: incidents.WaitAuthor, Note: "Какой подъезд?"}); !c.DueAt.IsZero() || !b.deadlines(c.ID)[deadline.Final].Paused {
			t.Fatal("the clocks stand still:", c.DueAt)
		}
		if p := b.inbox(incidents.Filter{Due: incidents.DueStands}); len(p.Rows) != 1 || p.Rows[0].Timing.Wait != incidents.WaitAuthor || p.Overdue != 0 {
			t.Fatalf("%+v", p)
		}
		b.now = b.moscow("05.03.2026 10:00")
		b.commit(created(comment("9", citizen, "яма у второго подъезда")))
		b.detectAll()
		c = b.load(c.ID)
		if c.Timing.Wait != "" || !final().Equal(b.moscow("16.03.2026 18:00")) {
			t.Fatal("the citizen's word ends the wait:", c.Timing, final())
		}
		c = b.do(executor, c.ID, incidents.Submit{Text: "Засыплем."})
		if rows := b.deadlines(c.ID); !rows[deadline.Draft].DoneAt.Equal(b.now) || !rows[deadline.Final].Open() {
			t.Fatalf("%+v", rows)
		}
	})
}

func TestHoursAndDaysCountOpenCasesAnew(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		l := b.take("deadlines")
		b.policy("", 0, deadline.Presets()[0])
		c := b.open(comment("1", citizen, "яма"))
		if !c.DueAt.Equal(b.moscow("03.03.2026 18:00")) {
			t.Fatal(c.DueAt)
		}
		b.must(b.s.SetWorkDay(b.ctx, curator, "", workcal.Date{Year: 2026, Month: time.March, Day: 3}, workcal.Off, b.now))
		n, err := b.s.Recount(b.ctx, l, 10, b.now)
		b.must(err)
		if c = b.load(c.ID); n != 1 || !c.DueAt.Equal(b.moscow("04.03.2026 18:00")) {
			t.Fatal(n, c.DueAt)
		}
		w, err := b.s.WorkTime(b.ctx, "")
		b.must(err)
		w.Zone = "Asia/Yekaterinburg"
		b.must(b.s.SaveWorkTime(b.ctx, curator, "", w.Version, w, b.now))
		_, err = b.s.Recount(b.ctx, l, 10, b.now)
		b.must(err)
		if c = b.load(c.ID); !c.DueAt.Equal(b.moscow("04.03.2026 16:00")) {
			t.Fatal(c.DueAt)
		}
		if n, err = b.s.Recount(b.ctx, l, 10, b.now); n != 0 || err != nil {
			t.Fatal("counted twice", n, err)
		}
		if err := b.s.SaveWorkTime(b.ctx, curator, "", w.Version, w, b.now); errs.CodeOf(err) != errs.Conflict {
			t.Fatal(err)
		}
		w.Zone = "Mars/Base"
		if err := b.s.SaveWorkTime(b.ctx, curator, "", w.Version+1, w, b.now); errs.CodeOf(err) != errs.Invalid {
			t.Fatal(err)
		}
		b.must(b.s.SetWorkDay(b.ctx, curator, "", workcal.Date{Year: 2026, Month: time.March, Day: 3}, "", b.now))
		if days, err := b.s.WorkDays(b.ctx, ""); err != nil || len(days) != 0 {
			t.Fatal(days, err)
		}
	})
}

func citizenOf(id string) social.Author {
	a := citizen
	a.ID = id
	return a
}

// TestKeptDeadlinesEqualTheHistory drives cases at random: what stands beside a
// case is always what its history gives.
func TestKeptDeadlinesEqualTheHistory(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.policy("", 0, deadline.Presets()[0])
		b.policy(clock.TopicScope("leaks"), 0, deadline.Presets()[3])
		schedule, err := b.s.Schedule(b.ctx, "")
		b.must(err)
		everyone := actor("all", "roads", rights.Roles()...)
		head := actor("boss", "", rights.Roles()...)
		n := 0
		rapid.Check(t, func(rt *rapid.T) {
			n++
			c := b.open(comment(fmt.Sprint("x", n), citizenOf(fmt.Sprint(n)), "яма"))
			for range rapid.IntRange(1, 12).Draw(rt, "steps") {
				b.now = b.now.Add(time.Duration(rapid.IntRange(0, 5000).Draw(rt, "minutes")) * time.Minute)
				c = b.load(c.ID)
				cmd := rapid.SampledFrom([]incidents.Command{
					incidents.Accept{},
					incidents.Assign{DepartmentID: "roads"},
					incidents.Classify{TopicID: "leaks"},
					incidents.Classify{TopicID: "pits"},
					incidents.FastTrack{On: !c.Fast},
					incidents.Raise{On: !c.Timing.Raised},
					incidents.Await{For: incidents.WaitAuthor},
					incidents.Await{For: incidents.WaitOther},
					incidents.Resume{},
					incidents.Submit{Text: "сделаем"},
					incidents.Rework{Reason: "нет"},
					incidents.Approve{Hash: c.Answer.Hash()},
					incidents.ByHand{Link: "https://x"},
					incidents.Return{Reason: "не наше"},
					incidents.Reject{Reason: "спам"},
					incidents.Note{Text: "x"},
				}).Draw(rt, "do")
				by := everyone
				if _, ok := cmd.(incidents.Approve); ok {
					by = head
				}
				if _, err := b.try(by, c.ID, 0, cmd); err != nil && errs.CodeOf(err) == errs.Internal {
					rt.Fatal(err)
				}
			}
			v, err := b.s.View(b.ctx, c.ID, reader("nobody"), b.now)
			b.must(err)
			p := deadline.Presets()[0]
			if v.Case.TopicID == "leaks" {
				p = deadline.Presets()[3]
			}
			want := clock.Read(v.Case, v.History).Rows(p, schedule)
			got, err := b.s.CaseDeadlines(b.ctx, c.ID)
			b.must(err)
			if diff := cmp.Diff(want, got, cmp.Comparer(func(x, y time.Time) bool {
				return x.Truncate(time.Microsecond).Equal(y) || y.Truncate(time.Microsecond).Equal(x)
			})); diff != "" {
				rt.Fatal(diff)
			}
			next, _ := clock.Next(got)
			if v.Case.Stage != incidents.Done && !next.At.Equal(v.Case.DueAt) {
				rt.Fatalf("due %s, next %s", v.Case.DueAt, next.At)
			}
		})
	})
}

// lateLease is the lease of the worker that follows deadlines.
func (b *bundle) lateLease() lease.Lease {
	b.t.Helper()
	l, err := b.s.Take(b.ctx, "deadlines", "me", 1000*time.Hour, b.now)
	if errors.Is(err, lease.ErrHeld) {
		return b.late
	}
	b.must(err)
	b.late = l
	return l
}

func (b *bundle) remind() {
	b.t.Helper()
	_, err := b.s.Remind(b.ctx, b.lateLease(), 100, b.now)
	b.must(err)
}

func (b *bundle) told(person string) []string {
	b.t.Helper()
	p, err := b.s.Notices(b.ctx, person, 200, 0)
	b.must(err)
	var out []string
	for _, n := range p.Notices {
		out = append(out, n.Data["step"]+" "+n.Data["percent"]+" "+n.Data["as"])
	}
	slices.Sort(out)
	return out
}

func TestLadderIsClimbedOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		ex, co, he, cu := b.worker("ex", "roads", rights.Executor), b.worker("co", "", rights.Coordinator), b.worker("he", "", rights.Head), b.worker("cu", "", rights.Curator)
		b.policy("", 0, deadline.Presets()[4]) // a day by the clock; a draft within two working days
		c := b.open(comment("1", citizen, "яма"))
		b.do(moderator, c.ID, incidents.Accept{})
		b.do(coordinator, c.ID, incidents.Assign{DepartmentID: "roads", ExecutorID: ex, ExecutorName: "Ex"})
		begun := c.OpenedAt
		b.remind()
		if got := b.told(ex); len(got) != 0 {
			t.Fatal(got)
		}
		for _, at := range []time.Duration{12 * time.Hour, 12*time.Hour + time.Minute, 20 * time.Hour, 22 * time.Hour, 24 * time.Hour} {
			b.now = begun.Add(at)
			b.remind()
			b.remind()
		}
		want := []string{"first 50 executor", "first 80 executor"}
		got := slices.DeleteFunc(b.told(ex), func(s string) bool { return s[:5] != "first" })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		first := func(person string) int {
			return len(slices.DeleteFunc(b.told(person), func(s string) bool { return s[:5] != "first" }))
		}
		if first(co) != 1 || first(he) != 1 || first(cu) != 0 {
			t.Fatal(b.told(co), b.told(he), b.told(cu))
		}
		b.now = begun.Add(36 * time.Hour)
		b.remind()
		if first(cu) != 1 || first(he) != 1 {
			t.Fatal(b.told(cu), b.told(he))
		}
		unread, err := b.s.UnreadNotices(b.ctx, ex)
		b.must(err)
		b.must(b.s.ReadNotices(b.ctx, ex, "", b.now))
		after, err := b.s.UnreadNotices(b.ctx, ex)
		b.must(err)
		if unread < 2 || after != 0 {
			t.Fatal(unread, after)
		}
		if err := b.s.ReadNotices(b.ctx, ex, "no-such", b.now); errs.CodeOf(err) != errs.NotFound {
			t.Fatal(err)
		}
	})
}

func TestWhereNobodyIsThoseAboveAreTold(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		cu := b.worker("cu", "", rights.Curator)
		b.open(comment("1", citizen, "яма"))
		b.now = b.now.Add(100 * time.Hour)
		b.remind()
		if got := b.told(cu); !slices.Contains(got, "final 150 curator") || len(got) < 1 {
			t.Fatal(got)
		}
	})
}

// TestNoticesSurviveTheirWorkers kills workers at random moments: every rung is
// climbed, and nobody hears of one twice.
func TestNoticesSurviveTheirWorkers(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		co := b.worker("co", "", rights.Coordinator)
		const cases = 12
		for i := range cases {
			b.open(comment(fmt.Sprint("k", i), citizenOf(fmt.Sprint(600+i)), "яма"))
		}
		b.now = b.now.Add(25 * time.Hour)
		l := b.lateLease()
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(b.ctx, time.Duration(i*i)*time.Millisecond)
				defer cancel()
				_, _ = b.s.Remind(ctx, l, 100, b.now) // killed, or not
			})
		}
		wg.Wait()
		b.remind()
		p, err := b.s.Notices(b.ctx, co, 200, 0)
		b.must(err)
		seen := map[string]int{}
		for _, n := range p.Notices {
			seen[n.CaseID+n.Data["percent"]+n.Data["as"]]++
			if n.Kind != notice.Deadline || n.Title == "" {
				t.Fatalf("%+v", n)
			}
		}
		for key, n := range seen {
			if n != 1 {
				t.Errorf("%s is told %d times", key, n)
			}
		}
		if rungs := b.count("SELECT COUNT(*) FROM deadline_rungs"); rungs != cases*4 {
			t.Errorf("%d rungs of %d", rungs, cases*4)
		}
		if left := b.count("SELECT COUNT(*) FROM case_deadlines WHERE remind_us > 0 AND remind_us <= $1", b.now.UnixMicro()); left != 0 {
			t.Errorf("%d deadlines are left behind", left)
		}
	})
}

func TestAPromisedDayIsTheControlDateAndARepeatBeginsAnew(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.policy("", 0, deadline.Presets()[0])
		c := b.open(comment("1", citizen, "яма"))
		b.do(moderator, c.ID, incidents.Accept{})
		b.do(coordinator, c.ID, incidents.Assign{DepartmentID: "roads", DepartmentName: "Дорожная служба"})
		promised, err := b.s.PromiseFor(b.ctx, c.ID, b.moscow("20.03.2026 12:00"), b.now)
		b.must(err)
		if _, err := b.s.PromiseFor(b.ctx, c.ID, b.moscow("21.03.2026 12:00"), b.now); errs.CodeOf(err) != errs.Invalid {
			t.Fatal("a Saturday is promised:", err)
		}
		if _, err := b.s.PromiseFor(b.ctx, c.ID, b.moscow("20.08.2026 12:00"), b.now); errs.CodeOf(err) != errs.Invalid {
			t.Fatal("more than the longest term is promised:", err)
		}
		c = b.do(executor, c.ID, incidents.Interim{Text: "Засыплем к 20 марта.", Promise: promised})
		b.do(head, c.ID, incidents.Approve{Hash: c.Answer.Hash()})
		c = b.do(press, c.ID, incidents.ByHand{Link: "https://vk.example/1"})
		rows := b.deadlines(c.ID)
		if !c.DueAt.Equal(b.moscow("20.03.2026 16:45")) || !rows[deadline.Final].Promised || rows[deadline.First].Open() {
			t.Fatalf("%s %+v", c.DueAt, rows)
		}
		c = b.do(executor, c.ID, incidents.Submit{Text: "Засыпали."})
		b.do(head, c.ID, incidents.Approve{Hash: c.Answer.Hash()})
		b.do(press, c.ID, incidents.ByHand{Link: "https://vk.example/2"})
		b.now = b.moscow("23.03.2026 10:00")
		c = b.do(coordinator, c.ID, incidents.Rate{Score: 1, Comment: "Яма на месте"})
		rows = b.deadlines(c.ID)
		if c.Stage != incidents.Coordination || !rows[deadline.First].Open() || !rows[deadline.Final].At.Equal(b.moscow("22.04.2026 18:00")) {
			t.Fatalf("%s %+v", c.Stage, rows)
		}
	})
}
