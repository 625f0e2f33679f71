package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/internal/alarm"
	"otklik/internal/errs"
	"otklik/internal/lease"
	"otklik/internal/social"
	"otklik/internal/sources"
)

// audit is one round of the auditor.
func (b *bundle) audit(l lease.Lease) alarm.Changes {
	b.t.Helper()
	f, err := b.s.Facts(b.ctx, b.now)
	b.must(err)
	open, err := b.s.OpenAlarms(b.ctx)
	b.must(err)
	c := alarm.Judge(f, open, b.now)
	b.must(b.s.Settle(b.ctx, l, c, b.now))
	return c
}

func (b *bundle) alarms(f alarm.Filter) alarm.Page {
	b.t.Helper()
	if f.Limit == 0 {
		f.Limit = 50
	}
	p, err := b.s.AlarmPage(b.ctx, f)
	b.must(err)
	return p
}

func TestAlarmLivesFromRaisingToThePast(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		l := b.take("audit")
		b.batch(collectors.Batch{Next: "1", CompleteTo: b.now})
		if c := b.audit(l); len(c.Raise) != 0 {
			t.Fatalf("%+v", c.Raise)
		}
		told := b.count("SELECT value FROM counters WHERE name = 'rev.alarms'")
		b.must(b.s.Fail(b.ctx, b.lease, b.stream, &collectors.Trouble{Kind: collectors.Passing, Message: "ВКонтакте не отвечает.\x00"}, b.now))
		b.now = b.now.Add(11 * time.Minute)
		b.audit(l)
		b.audit(l)
		p := b.alarms(alarm.Filter{})
		if p.Open != 1 || p.Loud != 1 || p.Total != 1 || p.Alarms[0].Kind != alarm.SourceDown || !p.AuditedAt.Equal(b.now) {
			t.Fatalf("%+v", p)
		}
		a := p.Alarms[0]
		if a.Detail.Source != "Город" || a.Detail.SourceID != b.source || !strings.HasPrefix(a.Detail.Trouble, "ВКонтакте не отвечает.") {
			t.Fatalf("%+v", a.Detail)
		}
		if got := b.count("SELECT value FROM counters WHERE name = 'rev.alarms'"); got != told+1 {
			t.Fatalf("told %d times", got-told)
		}
		b.must(b.s.TakeAlarm(b.ctx, press, a.ID, b.now))
		if err := b.s.TakeAlarm(b.ctx, head, a.ID, b.now); errs.CodeOf(err) != errs.Conflict {
			t.Fatal(err)
		}
		if err := b.s.TakeAlarm(b.ctx, head, "nothing", b.now); errs.CodeOf(err) != errs.NotFound {
			t.Fatal(err)
		}
		b.now = b.now.Add(time.Minute)
		b.audit(l)
		if p := b.alarms(alarm.Filter{}); p.Loud != 0 || p.Alarms[0].TakenBy != "PRESS" || p.Alarms[0].TakenAt.IsZero() {
			t.Fatalf("%+v", p)
		}
		b.now = b.now.Add(time.Hour)
		b.audit(l)
		if p := b.alarms(alarm.Filter{}); p.Loud != 1 || p.Alarms[0].Grade != alarm.Grave {
			t.Fatalf("it has become worse, and nobody hears of it: %+v", p)
		}
		for range 7 {
			b.batch(collectors.Batch{Next: "2", CompleteTo: b.now})
			b.audit(l)
			b.now = b.now.Add(time.Minute)
		}
		past := b.alarms(alarm.Filter{Past: true, SourceID: b.source, Kinds: []alarm.Kind{alarm.SourceDown}})
		if past.Total != 1 || past.Open != 0 || past.Alarms[0].Open() || past.Alarms[0].ID != a.ID {
			t.Fatalf("%+v", past)
		}
		if err := b.s.TakeAlarm(b.ctx, head, a.ID, b.now); errs.CodeOf(err) != errs.Conflict {
			t.Fatal(err)
		}
		if p := b.alarms(alarm.Filter{Past: true, Kinds: []alarm.Kind{alarm.DiskFull}}); p.Total != 0 {
			t.Fatalf("%+v", p)
		}
		if p := b.alarms(alarm.Filter{Past: true, Since: b.now}); p.Total != 0 {
			t.Fatalf("%+v", p)
		}
	})
}

// Two auditors that believe in themselves raise one alarm, and the one whose
// lease has gone writes nothing.
func TestOneAlarmWhoeverRaisesIt(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		old := b.take("audit")
		var all sync.WaitGroup
		raise := alarm.Changes{Raise: []alarm.Alarm{{Kind: alarm.DiskFull, Subject: "n", Grade: alarm.Warning}}, Told: true}
		failed := make(chan error, 8)
		for range 8 {
			all.Go(func() { failed <- b.s.Settle(b.ctx, old, raise, b.now) })
		}
		all.Wait()
		for range 8 {
			b.must(<-failed)
		}
		if n := b.count("SELECT COUNT(*) FROM alarms"); n != 1 {
			t.Fatalf("%d alarms", n)
		}
		b.take("audit")
		if err := b.s.Settle(b.ctx, old, raise, b.now); !errors.Is(err, lease.ErrLost) {
			t.Fatal(err)
		}
	})
}

func TestFactsOfTheLedgerTheInboxAndTheMachine(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		l := b.take("audit")
		b.batch(collectors.Batch{Next: "1", CompleteTo: b.now, Updates: []collectors.Update{{Key: "x", Raw: []byte("{"), Broken: "unexpected end"}}})
		_, err := b.s.ReportNode(b.ctx, alarm.Node{Name: "n", DiskFree: 1, DiskTotal: 100 << 30}, b.now)
		b.must(err)
		abilities := func(can bool) {
			_, err := b.s.EnsureSource(b.ctx, collectors.SourceStatus{
				Network: social.VK, Title: "Город", Abilities: []collectors.Ability{{Kind: collectors.AbleToAnswer, Name: "Отвечать", Can: can}},
			}, "-1", b.now)
			b.must(err)
		}
		abilities(true)
		b.audit(l)
		abilities(false)
		b.commit(created(comment("9", citizen, "ничего")))
		b.now = b.now.Add(5 * time.Minute)
		b.batch(collectors.Batch{Next: "2", CompleteTo: b.now})
		b.audit(l)
		var kinds []string
		for _, a := range b.alarms(alarm.Filter{}).Alarms {
			kinds = append(kinds, string(a.Kind))
		}
		slices.Sort(kinds)
		want := []string{string(alarm.AbilityLost), string(alarm.DetectionLate), string(alarm.DiskFull), string(alarm.UpdatesBroken)}
		if !slices.Equal(kinds, want) {
			t.Fatalf("%q, want %q", kinds, want)
		}
		b.now = b.now.Add(25 * time.Hour)
		_, err = b.s.ReportNode(b.ctx, alarm.Node{Name: "k", DiskTotal: 1}, b.now.Add(-90*time.Second))
		b.must(err)
		n, err := b.s.ReportNode(b.ctx, alarm.Node{Name: "m", DiskFree: 50 << 30, DiskTotal: 100 << 30}, b.now)
		if b.must(err); n != 2 {
			t.Errorf("%d processes are said to work", n)
		}
		f, err := b.s.Facts(b.ctx, b.now)
		b.must(err)
		if len(f.Nodes) != 2 || len(f.Broken) != 0 {
			t.Fatalf("%+v", f)
		}
	})
}

// A key that a person took away is not missed, one that lost its rights is.
func TestAKeyTakenAwayRaisesNoAlarm(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		able := func(can bool) []collectors.Ability {
			return []collectors.Ability{{Kind: collectors.AbleToList, Name: "Читать стену", Can: can}}
		}
		for taken, want := range map[bool]int{true: 0, false: 1} {
			name := map[bool]string{true: "71", false: "72"}[taken]
			x := community(name)
			x.Abilities = able(true)
			x, err := b.connect(x, key(sources.CommunityKey, "c"+name, b.now), key(sources.ServiceKey, "s", b.now))
			b.must(err)
			l := b.take("audit")
			b.audit(l)
			b.must(b.s.ChangeSource(b.ctx, x.ID, b.now, func(s *sources.Source) error {
				if s.Abilities = able(false); taken {
					s.Keys = s.Keys[:1]
				}
				return nil
			}))
			b.now = b.now.Add(5 * time.Minute)
			b.audit(l)
			n := 0
			for _, a := range b.alarms(alarm.Filter{}).Alarms {
				if a.Kind == alarm.AbilityLost && a.Detail.SourceID == x.ID {
					n++
				}
			}
			if n != want {
				t.Errorf("taken away: %t, alarms: %d", taken, n)
			}
		}
	})
}

// An edit of an old message waits from the edit on, not from when the message
// was first seen.
func TestAnEditWaitsFromTheEdit(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		it := comment("1", citizen, "ничего")
		b.commit(created(it))
		b.detectAll()
		b.now = b.now.Add(time.Hour)
		it.Text, it.EditedAt = "яма", b.now
		b.commit(collectors.Change{Op: collectors.Edited, Item: it})
		w, err := b.s.Waiting(b.ctx, b.now)
		b.must(err)
		if !w.Detection.Equal(b.now) {
			t.Fatalf("waits since %v, edited at %v", w.Detection, b.now)
		}
	})
}

func TestPaceOfASource(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		const week = 7 * 24 * time.Hour
		written := func(at time.Time, n int) {
			var batch collectors.Batch
			for i := range n {
				it := comment(fmt.Sprint(at.Unix(), "-", i), citizen, "слово")
				it.PublishedAt = at
				batch.Updates = append(batch.Updates, collectors.Update{Changes: []collectors.Change{created(it)}})
			}
			b.batch(batch)
		}
		_, err := b.raw.ExecContext(b.ctx, "UPDATE sources SET covered_us = $1", b.now.Add(-3*week).UnixMicro())
		b.must(err)
		begin := b.now.Truncate(time.Hour)
		b.now = begin.Add(30 * time.Minute)
		written(begin.Add(-week+time.Minute), 4)
		written(begin.Add(-2*week+time.Minute), 8)
		written(begin.Add(-4*week), 100) // before anything was read
		written(begin.Add(-2*time.Hour), 3)
		written(begin.Add(10*time.Minute), 2)
		written(begin.Add(5*time.Hour), 1) // a clock that is ahead
		p, err := b.s.Paces(b.ctx, b.now)
		b.must(err)
		x := p[b.source]
		if !x.Newest.Equal(b.now) || len(x.Hours) != 25 {
			t.Fatalf("%v, %d hours", x.Newest, len(x.Hours))
		}
		if h := x.Now(); h.Items != 3 || h.Weeks != 3 || h.Usual < 3.9 || !h.Start.Equal(begin) {
			t.Fatalf("%+v", h)
		}
		if h := x.Hours[22]; h.Items != 3 || h.Usual != 0 {
			t.Fatalf("%+v", h)
		}
		if n, known := x.Expected(begin, b.now); !known || n < 1.9 || n > 20 {
			t.Fatalf("%v %v", n, known)
		}
		if x := b.status(); x.Items != 118 || x.LastHour != 3 {
			t.Fatalf("%d items, %d in the last hour", x.Items, x.LastHour)
		}
		b.must(b.s.Sweep(b.ctx, time.Hour, b.now.Add(6*week)))
		if n := b.count("SELECT COUNT(*) FROM source_hours"); n != 0 {
			t.Fatalf("%d hours are kept for ever", n)
		}
	})
}
