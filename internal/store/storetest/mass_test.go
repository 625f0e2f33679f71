package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"otklik/incidents"
	"otklik/incidents/mass"
	"otklik/internal/alarm"
	"otklik/internal/detect"
	"otklik/internal/errs"
	"otklik/internal/social"
)

// complain stores one complaint of each author and detects them.
func (b *bundle) complain(word string, authors ...int) {
	b.t.Helper()
	for _, a := range authors {
		b.cursor++
		it := comment(word+strconv.Itoa(b.cursor), social.Author{ID: strconv.Itoa(a), Name: "Житель"}, word)
		it.PublishedAt = b.now
		b.commit(created(it))
	}
	b.detectAll()
}

func (b *bundle) openMass() []mass.Row {
	b.t.Helper()
	list, err := b.s.Incidents(b.ctx, []mass.State{mass.Open}, 50, 0, b.now)
	b.must(err)
	return list
}

func (b *bundle) change(number int64, cmd mass.Command) error {
	b.t.Helper()
	v, err := b.s.Incident(b.ctx, number, b.now)
	b.must(err)
	_, err = b.s.ChangeIncident(b.ctx, coordinator, number, v.Version, cmd, b.now)
	return err
}

func (b *bundle) inbox(f incidents.Filter) incidents.Page {
	b.t.Helper()
	f.Now, f.TodayEnds, f.Limit, f.By = b.now, b.now.Add(10*time.Hour), 50, reader("nobody")
	p, err := b.s.Inbox(b.ctx, f)
	b.must(err)
	return p
}

func TestManyComplaintsBecomeOneIncident(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.complain("яма", 1, 2, 3, 4)
		b.complain("течь", 1, 2, 3, 4)
		if n := len(b.openMass()); n != 0 {
			t.Fatalf("%d incidents of four authors", n)
		}
		b.complain("яма", 5)
		list := b.openMass()
		if len(list) != 1 || list[0].Members != 5 || list[0].Authors != 5 || list[0].Unanswered != 5 || list[0].TopicID != "pits" || list[0].Title != "Ямы" || list[0].ByName != "" {
			t.Fatalf("%+v", list)
		}
		b.now = b.now.Add(30 * time.Hour)
		b.complain("яма", 6)
		v, err := b.s.Incident(b.ctx, 1, b.now)
		b.must(err)
		if v.Members != 6 || len(v.MemberList) != 6 || len(v.Growth) != 6 || !v.GrewAt.Equal(b.now) || v.Events[0].Kind != mass.Begun || len(v.Events[0].Cases) != 5 {
			t.Fatalf("%+v", v)
		}
		c := b.load(v.MemberList[0].CaseID)
		view, err := b.s.View(b.ctx, c.ID, reader("p"), b.now)
		b.must(err)
		if view.Mass.Number != 1 || view.Mass.Members != 6 || view.History[1].Kind != incidents.EventJoined || c.Version != 1 {
			t.Fatalf("%+v", view.Mass)
		}
		// After three quiet days what comes is another matter.
		b.now = b.now.Add(73 * time.Hour)
		b.complain("яма", 7)
		if got := b.openMass(); got[0].Members != 6 {
			t.Fatalf("%+v", got)
		}
	})
}

func TestComplaintsFarApartAreNoIncident(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		for a := range 10 {
			b.complain("яма", a)
			b.now = b.now.Add(2 * time.Hour)
		}
		if n := len(b.openMass()); n != 0 {
			t.Fatalf("%d incidents", n)
		}
		b.must(b.s.SaveMassLimits(b.ctx, coordinator, "pits", &mass.Limits{Authors: 3, Window: 6 * time.Hour}, b.now))
		b.complain("яма", 11)
		if list := b.openMass(); len(list) != 1 || list[0].Members != 3 {
			t.Fatalf("%+v", list)
		}
		b.must(b.s.SaveMassLimits(b.ctx, coordinator, "leaks", &mass.Limits{Authors: 2, Window: time.Hour, Off: true}, b.now))
		b.complain("течь", 1, 2, 3, 4, 5, 6)
		if n := len(b.openMass()); n != 1 {
			t.Fatalf("%d incidents of a topic that people gather themselves", n)
		}
		if err := b.s.SaveMassLimits(b.ctx, executor, "pits", nil, b.now); errs.CodeOf(err) != errs.Forbidden {
			t.Fatal(err)
		}
	})
}

func TestTheQueueFoldsAnIncident(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.complain("яма", 1, 2, 3, 4, 5)
		b.complain("течь", 6, 7)
		p := b.inbox(incidents.Filter{Fold: true})
		if p.Total != 3 || len(p.Rows) != 3 {
			t.Fatalf("%d rows, %d told", len(p.Rows), p.Total)
		}
		at := slices.IndexFunc(p.Rows, func(r incidents.Row) bool { return r.Mass.Number == 1 })
		if at < 0 || p.Rows[at].Mass.Members != 5 || p.Rows[at].Number != 1 {
			t.Fatalf("%+v", p.Rows)
		}
		if p := b.inbox(incidents.Filter{}); p.Total != 7 {
			t.Fatalf("unfolded: %d", p.Total)
		}
		if p := b.inbox(incidents.Filter{Mass: 1, Topics: []string{"pits"}}); p.Total != 5 {
			t.Fatalf("members: %d", p.Total)
		}
		// The line that stands for all is one that passes the filter.
		ids := b.texts("SELECT id FROM cases WHERE number = 3")
		b.do(moderator, ids[0], incidents.Accept{})
		if p := b.inbox(incidents.Filter{Fold: true, Stages: []incidents.Stage{incidents.Coordination}}); p.Total != 1 || p.Rows[0].Number != 3 {
			t.Fatalf("%+v", p.Rows)
		}
		b.must(b.change(1, mass.Close{}))
		if p := b.inbox(incidents.Filter{Fold: true}); p.Total != 7 {
			t.Fatalf("a closed incident folds: %d", p.Total)
		}
		if n := b.count("SELECT COUNT(*) FROM cases WHERE stage = 'done'"); n != 0 {
			t.Fatalf("closing the incident closed %d cases", n)
		}
	})
}

func TestPeopleLeadAnIncident(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.complain("яма", 1, 2, 3, 4, 5)
		b.complain("течь", 6, 7, 8)
		two, err := b.s.BeginIncident(b.ctx, coordinator, mass.Incident{Title: "Потоп"}, []int64{6, 7}, b.now)
		b.must(err)
		if two.Number != 2 || two.ByName == "" {
			t.Fatalf("%+v", two)
		}
		if _, err := b.s.BeginIncident(b.ctx, executor, mass.Incident{Title: "Потоп"}, []int64{8}, b.now); errs.CodeOf(err) != errs.Forbidden {
			t.Fatal(err)
		}
		if err := b.change(2, mass.Add{Cases: []int64{1}}); errs.CodeOf(err) != errs.Conflict {
			t.Fatalf("a case in two incidents: %v", err)
		}
		if err := b.change(2, mass.Add{Cases: []int64{99}}); errs.CodeOf(err) != errs.NotFound {
			t.Fatal(err)
		}
		if n := b.count("SELECT COUNT(*) FROM mass_events WHERE kind = 'added'"); n != 0 {
			t.Fatal("a refused command left its event")
		}
		b.must(b.change(1, mass.Remove{Cases: []int64{1}}))
		b.must(b.change(2, mass.Add{Cases: []int64{1, 8}}))
		if _, err := b.s.ChangeIncident(b.ctx, coordinator, 2, 1, mass.Rename{Title: "x"}, b.now); errs.CodeOf(err) != errs.Conflict {
			t.Fatal(err)
		}
		b.must(b.change(2, mass.Rename{Title: "Потоп на Лесной"}))
		b.must(b.change(2, mass.Draft{Text: "Откачиваем"}))
		b.must(b.change(1, mass.Merge{Into: 2}))
		v, err := b.s.Incident(b.ctx, 2, b.now)
		b.must(err)
		if v.Members != 8 || v.Draft != "Откачиваем" || v.Title != "Потоп на Лесной" {
			t.Fatalf("%+v", v.Row)
		}
		old, err := b.s.Incident(b.ctx, 1, b.now)
		b.must(err)
		if old.State != mass.Merged || old.Into != 2 || old.Members != 0 {
			t.Fatalf("%+v", old.Row)
		}
		if err := b.change(1, mass.Reopen{}); errs.CodeOf(err) != errs.Conflict {
			t.Fatal(err)
		}
		if _, err := b.s.Incident(b.ctx, 7, b.now); errs.CodeOf(err) != errs.NotFound {
			t.Fatal(err)
		}
	})
}

func TestCopiesJoinTheirOriginal(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		put := func(id, thread, author string, k detect.Kinship, from social.Ref) detect.Tally {
			it := comment(id, social.Author{ID: author, Name: "Житель " + author}, "яма")
			it.Thread, it.PublishedAt = ref(thread), b.now
			if !from.IsZero() {
				it.Media = []social.Media{{Kind: "link", Key: social.RepostKey(from)}}
			}
			b.commit(created(it))
			items, err := b.s.Pending(b.ctx, 10)
			b.must(err)
			found := conclusions(items)
			k.Print = "p" + id
			if k.CopyOf != "" {
				k.CopyOf = b.texts("SELECT id FROM items WHERE item_id = $1", "r"+k.CopyOf)[0]
			}
			found[0].Kinship = k
			tally, err := b.s.Conclude(b.ctx, b.detect, found, b.now)
			b.must(err)
			return tally
		}
		put("1", "1", "a", detect.Kinship{Author: "vk a"}, social.Ref{})
		if tally := put("2", "2", "b", detect.Kinship{CopyOf: "1"}, social.Ref{}); tally.Attached != 1 || tally.Opened != 0 {
			t.Fatalf("%+v", tally)
		}
		put("3", "3", "c", detect.Kinship{}, ref("r1"))
		put("4", "4", "d", detect.Kinship{}, ref("unknown"))
		put("5", "5", "e", detect.Kinship{}, ref("unknown"))
		if n := b.count("SELECT COUNT(*) FROM cases"); n != 2 {
			t.Fatalf("%d cases", n)
		}
		first := b.texts("SELECT id FROM cases ORDER BY number")[0]
		v, err := b.s.View(b.ctx, first, reader("p"), b.now)
		b.must(err)
		if len(v.Copies) != 2 || v.Copies[0].Repost == v.Copies[1].Repost || v.History[1].Kind != incidents.EventCopied {
			t.Fatalf("%+v", v.Copies)
		}
		if p := b.inbox(incidents.Filter{}); p.Rows[0].Copies+p.Rows[1].Copies != 3 || p.Rows[0].Attached != 0 {
			t.Fatalf("%+v", p.Rows)
		}
		prints, err := b.s.Prints(b.ctx, b.now.Add(-time.Hour), 10)
		b.must(err)
		if len(prints) != 4 || prints[0].Author != "vk a" || prints[0].Print != "p1" {
			t.Fatalf("%+v", prints)
		}
		// A copy of what is finished is for people to look at, and the next copy joins that.
		b.do(moderator, first, incidents.Reject{Reason: "не к нам"})
		if tally := put("6", "6", "f", detect.Kinship{CopyOf: "1"}, social.Ref{}); tally.Opened != 1 {
			t.Fatalf("%+v", tally)
		}
		if tally := put("7", "7", "g", detect.Kinship{CopyOf: "1"}, social.Ref{}); tally.Attached != 1 {
			t.Fatalf("%+v", tally)
		}
	})
}

func TestOneAlarmForManyComplaints(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		l := b.take("audit")
		kind := func() alarm.Page { return b.alarms(alarm.Filter{Kinds: []alarm.Kind{alarm.MassGrows}}) }
		for a := range 7 {
			b.complain("яма", a)
			b.audit(l)
		}
		p := kind()
		if p.Total != 1 || p.Alarms[0].Detail.Count != 7 || p.Alarms[0].Detail.Limit != 1 || p.Alarms[0].Detail.Name != "Ямы" {
			t.Fatalf("%+v", p.Alarms)
		}
		b.must(b.s.BeginSilence(b.ctx, press, mass.Silence{Incident: 1, Why: "чинят", Until: b.now.Add(time.Hour)}, b.now))
		b.complain("яма", 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
		b.audit(l)
		if a := kind().Alarms[0]; a.Loud() || a.Detail.Count != 17 || a.Detail.Muted == "" {
			t.Fatalf("%+v", a)
		}
		list, err := b.s.Silences(b.ctx, b.now)
		b.must(err)
		if rows := b.openMass(); len(list) != 1 || rows[0].Muted == "" || rows[0].Members != 17 {
			t.Fatalf("%+v %+v", list, rows)
		}
		b.must(b.s.EndSilence(b.ctx, head, list[0].ID, b.now))
		if err := b.s.EndSilence(b.ctx, head, list[0].ID, b.now); errs.CodeOf(err) != errs.Conflict {
			t.Fatal(err)
		}
		b.audit(l)
		if a := kind().Alarms[0]; !a.Loud() {
			t.Fatalf("nobody hears of it again: %+v", a)
		}
		if past, err := b.s.PastSilences(b.ctx, b.now, 9); err != nil || len(past) != 1 || past[0].EndedBy != "HEAD" {
			t.Fatal(past, err)
		}
		b.must(b.change(1, mass.Close{}))
		b.audit(l)
		if n := kind().Total; n != 0 {
			t.Fatal("the alarm stays after the incident was closed")
		}
	})
}

func TestSurgeOfATopic(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.must(b.s.SaveMassLimits(b.ctx, coordinator, "", &mass.Limits{Authors: 2, Window: time.Hour, Off: true}, b.now))
		l := b.take("audit")
		open := func() int { return b.alarms(alarm.Filter{Kinds: []alarm.Kind{alarm.TopicSurges}}).Total }
		start := b.now
		for week := range 3 {
			b.now = start.Add(time.Duration(week) * 7 * 24 * time.Hour)
			b.complain("яма", 1, 2)
			b.audit(l)
		}
		b.now = start.Add(3 * 7 * 24 * time.Hour).Add(30 * time.Minute)
		b.complain("яма", 1, 2, 3, 4)
		if b.audit(l); open() != 0 {
			t.Fatal("four where two are usual")
		}
		b.complain("яма", 10, 11, 12, 13, 14, 15, 16, 17)
		b.audit(l)
		b.audit(l)
		p := b.alarms(alarm.Filter{Kinds: []alarm.Kind{alarm.TopicSurges}})
		if p.Total != 1 || p.Alarms[0].Detail.Count < 8 || p.Alarms[0].Detail.Name != "Ямы" || p.Alarms[0].Detail.Usual > 4 {
			t.Fatalf("%+v", p.Alarms)
		}
		b.now = b.now.Add(3 * time.Hour)
		b.audit(l)
		b.now = b.now.Add(20 * time.Minute)
		if b.audit(l); open() != 0 {
			t.Fatal("calm, and the alarm stays")
		}
	})
}

// Detection is cut off at random moments and begun again by several at once: a
// case is a member once, and the counter tells how many there are.
func TestDetectionKilledWhileAnIncidentGrows(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		const authors = 60
		for a := range authors {
			it := comment(strconv.Itoa(a), social.Author{ID: strconv.Itoa(a), Name: "Житель"}, "яма")
			it.PublishedAt = b.now
			b.commit(created(it))
		}
		for round := 0; b.count("SELECT COUNT(*) FROM items WHERE pending = 1") > 0; round++ {
			if round > 400 {
				t.Fatal("no end of it")
			}
			items, err := b.s.Pending(b.ctx, 7)
			b.must(err)
			var wg sync.WaitGroup
			for w := range 2 {
				wg.Go(func() {
					rnd := rand.New(rand.NewPCG(uint64(round), uint64(w)))
					ctx, cancel := context.WithTimeout(b.ctx, time.Duration(rnd.IntN(20_000+2_000*round))*time.Microsecond)
					defer cancel()
					_, _ = b.s.Conclude(ctx, b.detect, conclusions(items), b.now)
				})
			}
			wg.Wait()
		}
		list := b.openMass()
		if len(list) != 1 || list[0].Members != authors {
			t.Fatalf("%+v", list)
		}
		for what, q := range map[string]string{
			"cases":  "SELECT COUNT(*) FROM cases",
			"events": "SELECT COUNT(*) FROM case_events WHERE kind = 'joined'",
			"hours":  "SELECT COALESCE(SUM(cases), 0) FROM topic_hours WHERE place_id = ''",
		} {
			if n := b.count(q); n != authors {
				t.Errorf("%s: %d, want %d", what, n, authors)
			}
		}
		if d := fmt.Sprint(b.texts("SELECT case_id FROM case_events WHERE kind = 'joined' GROUP BY case_id HAVING COUNT(*) > 1")); d != "[]" {
			t.Errorf("joined twice: %s", d)
		}
	})
}
