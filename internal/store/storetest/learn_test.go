package storetest

import (
	"encoding/json"
	"strconv"
	"sync"
	"testing"
	"time"

	"otklik/internal/rights"

	"otklik/collectors"
	"otklik/incidents"
	"otklik/internal/detect"
	"otklik/internal/errs"
	"otklik/internal/learn"
	"otklik/internal/social"
)

// judged concludes everything that is pending with one probability.
func (b *bundle) judged(p float64, threshold float64, auto *incidents.Coordinate) detect.Tally {
	b.t.Helper()
	items, err := b.s.Pending(b.ctx, 1000)
	b.must(err)
	found := conclusions(items)
	for i := range found {
		found[i].Opinion = detect.Opinion{
			Judged: true, Probability: p, Due: p >= threshold, Coordinate: auto,
			Reasons: []incidents.Reason{{Words: "есть вопрос", Weight: .4}},
		}
		if found[i].Topic.ID == "" {
			found[i].Topic = dictionary().Topics[0]
		}
	}
	tally, err := b.s.Conclude(b.ctx, b.detect, found, b.now)
	b.must(err)
	return tally
}

func TestWhatIsUnlikelyIsKeptForPeople(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.commit(created(comment("1", citizen, "яма")), created(comment("2", social.Author{ID: "7"}, "спасибо")))
		if tally := b.judged(.1, .2, nil); tally.Opened != 0 || tally.Matched != 1 {
			t.Fatalf("%+v", tally)
		}
		list, total, err := b.s.Unlikely(b.ctx, 10, 0, b.now)
		b.must(err)
		if total != 1 || list[0].Item.Text != "яма" || list[0].Rule != "Ямы" || list[0].Probability != .1 || len(list[0].Marks) != 1 || len(list[0].Reasons) != 1 {
			t.Fatalf("%d %+v", total, list)
		}
		counts, err := b.s.Counts(b.ctx, reader("x"), b.now)
		b.must(err)
		if _, late, _ := b.s.Unlikely(b.ctx, 10, 0, b.now.Add(40*24*time.Hour)); counts.Unlikely != 1 || late != 0 {
			t.Fatal(counts.Unlikely, late)
		}
		id := list[0].ItemID
		if _, err := b.s.OpenByHand(b.ctx, executor, id, b.now); errs.CodeOf(err) != errs.Forbidden {
			t.Fatal(err)
		}
		number, err := b.s.OpenByHand(b.ctx, moderator, id, b.now)
		b.must(err)
		if _, again := b.s.OpenByHand(b.ctx, coordinator, id, b.now); errs.CodeOf(again) != errs.Conflict {
			t.Fatal(again)
		}
		caseID, err := b.s.CaseByNumber(b.ctx, rights.System(), number)
		b.must(err)
		c := b.load(caseID)
		v, err := b.s.View(b.ctx, caseID, reader("x"), b.now)
		b.must(err)
		if c.Stage != incidents.Coordination || c.TopicID != "pits" || v.History[0].ActorID != moderator.ID || v.Probability != .1 {
			t.Fatalf("%+v %+v", c, v.History)
		}
		if _, total, _ := b.s.Unlikely(b.ctx, 10, 0, b.now); total != 0 {
			t.Fatal("what was taken is still offered")
		}
		// Both rows are about one subject.
		if n := b.count("SELECT COUNT(*) FROM decisions WHERE subject = $1", "case "+caseID); n != 2 {
			t.Fatal(n)
		}
	})
}

func TestDismissedStaysDismissedUntilTheTextIsDue(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		it := comment("1", citizen, "яма")
		b.commit(created(it))
		b.judged(.1, .2, nil)
		list, _, err := b.s.Unlikely(b.ctx, 10, 0, b.now)
		b.must(err)
		b.must(b.s.Dismiss(b.ctx, moderator, list[0].ItemID, b.now))
		if err := b.s.Dismiss(b.ctx, coordinator, list[0].ItemID, b.now); errs.CodeOf(err) != errs.Conflict {
			t.Fatal(err)
		}
		it.Text = "опять яма"
		b.commit(edited(it))
		b.judged(.15, .2, nil)
		if _, total, _ := b.s.Unlikely(b.ctx, 10, 0, b.now); total != 0 {
			t.Fatal("a dismissed item came back")
		}
		it.Text = "яма, примите меры"
		b.commit(edited(it))
		if tally := b.judged(.6, .2, nil); tally.Opened != 1 {
			t.Fatalf("%+v", tally)
		}
		if n := b.count("SELECT COUNT(*) FROM cases WHERE outcome = 'rejected'"); n != 0 {
			t.Fatal("the program rejected")
		}
	})
}

func TestManyTakeOneUnlikelyItem(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.commit(created(comment("1", citizen, "яма")))
		b.judged(.1, .2, nil)
		list, _, err := b.s.Unlikely(b.ctx, 10, 0, b.now)
		b.must(err)
		var wg sync.WaitGroup
		var mu sync.Mutex
		done := 0
		for range 6 {
			wg.Go(func() {
				_, err := b.s.OpenByHand(b.ctx, moderator, list[0].ItemID, b.now)
				mu.Lock()
				defer mu.Unlock()
				switch code := errs.CodeOf(err); {
				case err == nil:
					done++
				case code != errs.Conflict:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := b.count("SELECT COUNT(*) FROM cases"); done != 1 || n != 1 {
			t.Fatal(done, n)
		}
	})
}

func TestTheProgramCoordinatesAndAPersonTakesItBack(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.commit(created(comment("1", citizen, "яма")))
		b.judged(.95, .2, &incidents.Coordinate{TopicID: "pits", TopicName: "Ямы", DepartmentID: "roads", DepartmentName: "Дорожная служба", Probability: .95, Why: "слова"})
		page, err := b.s.Inbox(b.ctx, incidents.Filter{By: rights.System(), Sort: incidents.ByChance, Limit: 5, Now: b.now, TodayEnds: b.now})
		b.must(err)
		if len(page.Rows) != 1 || !page.Rows[0].Auto || page.Rows[0].Probability != .95 || page.Rows[0].Stage != incidents.Execution {
			t.Fatalf("%+v", page.Rows)
		}
		if n := b.count("SELECT COUNT(*) FROM decisions"); n != 0 {
			t.Fatal("the program learns of itself")
		}
		c := b.do(moderator, page.Rows[0].ID, incidents.Uncoordinate{})
		if c.Stage != incidents.Moderation || c.Auto || b.load(c.ID).Auto {
			t.Fatalf("%+v", c)
		}
		if n := b.count("SELECT COUNT(*) FROM decisions WHERE kind = 'uncoordinated'"); n != 1 {
			t.Fatal(n)
		}
	})
}

func TestDecisionsAreKeptOnceAndByWhom(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		c := b.open(comment("1", citizen, "яма"))
		b.do(moderator, c.ID, incidents.Accept{})
		b.do(coordinator, c.ID, incidents.Classify{TopicID: "leaks", TopicName: "Протечки"})
		b.do(coordinator, c.ID, incidents.Assign{DepartmentID: "water", DepartmentName: "Водоканал"})
		other := b.open(comment("2", social.Author{ID: "9"}, "ещё яма"))
		b.do(moderator, other.ID, incidents.Reject{Reason: "шутка"})
		list, err := b.s.Decisions(b.ctx, 10)
		b.must(err)
		if len(list) != 4 {
			t.Fatalf("%+v", list)
		}
		last := map[learn.Kind]learn.Decision{}
		for _, d := range list {
			last[d.Kind] = d
		}
		if d := last[learn.Assigned]; d.TopicID != "leaks" || d.DepartmentID != "water" || d.Item.Text != "яма" || !d.Item.OwnPage || d.Item.Depth != 1 || d.PersonID != coordinator.ID {
			t.Fatalf("%+v", d)
		}
		if d := last[learn.Rejected]; d.Reason != "шутка" {
			t.Fatalf("%+v", d)
		}
		double := b.open(comment("3", social.Author{ID: "10"}, "снова яма"))
		b.do(moderator, double.ID, incidents.Reject{Ground: incidents.Double, Reason: "как № 1"})
		newest, err := b.s.LastDecisions(b.ctx, 1, 0)
		b.must(err)
		if d := newest[0]; d.Ground != incidents.Double || d.Reason != "Повтор: на это уже отвечаем. как № 1" || d.Skipped != "" {
			t.Fatalf("%+v", d)
		}
		if err := b.s.SkipDecision(b.ctx, executor, newest[0].Key, true, b.now); errs.CodeOf(err) != errs.Forbidden {
			t.Fatal(err)
		}
		b.must(b.s.SkipDecision(b.ctx, keeper, newest[0].Key, true, b.now))
		if list, err = b.s.Decisions(b.ctx, 10); err != nil || len(list) != 4 {
			t.Fatalf("%d %v", len(list), err)
		}
		b.must(b.s.SkipDecision(b.ctx, keeper, newest[0].Key, false, b.now))
		if list, err = b.s.Decisions(b.ctx, 10); err != nil || len(list) != 5 {
			t.Fatalf("%d %v", len(list), err)
		}
		quality, err := b.s.RuleQuality(b.ctx, b.now.Add(-time.Hour))
		b.must(err)
		if q := quality["r-pit"]; q.Confirmed != 2 || q.False != 1 {
			t.Fatalf("a double is no false alarm: %+v", q)
		}
		file := []learn.Decision{
			{Key: "file 1", Subject: "file 1", Kind: learn.Imported, Due: true, TopicID: "pits", At: b.now},
			{Key: "file 2", Subject: "file 2", Kind: learn.Imported, At: b.now},
		}
		for i, want := range []int{2, 0} {
			added, err := b.s.ImportDecisions(b.ctx, file, b.now)
			b.must(err)
			if added != want {
				t.Fatalf("import %d added %d", i, added)
			}
		}
		deciders, err := b.s.Deciders(b.ctx, b.now.Add(-time.Hour))
		b.must(err)
		if len(deciders) != 3 {
			t.Fatalf("%+v", deciders)
		}
	})
}

func TestTrainingsAndVersions(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		l := b.take("learn")
		if err := b.s.AskTraining(b.ctx, executor, b.now); errs.CodeOf(err) != errs.Forbidden {
			t.Fatal(err)
		}
		for i := range 3 {
			b.must(b.s.AskTraining(b.ctx, curator, b.now))
			if err := b.s.AskTraining(b.ctx, curator, b.now); errs.CodeOf(err) != errs.Conflict {
				t.Fatal(err)
			}
			tr, err := b.s.BeginTraining(b.ctx, l, 5, b.now)
			b.must(err)
			again, err := b.s.BeginTraining(b.ctx, l, 5, b.now)
			b.must(err)
			if again.ID != tr.ID || tr.AskedBy != curator.Name {
				t.Fatalf("%+v %+v", tr, again)
			}
			if _, err := b.s.StepTraining(b.ctx, l, tr.ID, "Учится", b.now); err != nil {
				t.Fatal(err)
			}
			b.must(b.s.StopTraining(b.ctx, curator, b.now))
			if stop, err := b.s.StepTraining(b.ctx, l, tr.ID, "", b.now); err != nil || !stop {
				t.Fatal(stop, err)
			}
			tr.State = learn.Finished
			b.must(b.s.EndTraining(b.ctx, l, tr, []learn.Version{{Part: learn.PartTopic, Data: []byte{0, 255, byte(i)}, Report: json.RawMessage("{}"), Learned: i}}, b.now.Add(time.Duration(i)*time.Hour)))
		}
		first, changed, err := b.s.Present(b.ctx, -1)
		b.must(err)
		if v := first.Active[learn.PartTopic]; !changed || v.Number != 3 || v.Data[2] != 2 {
			t.Fatalf("%+v", v)
		}
		if _, changed, _ := b.s.Present(b.ctx, first.Revision); changed {
			t.Fatal("nothing has changed")
		}
		b.must(b.s.Use(b.ctx, curator, learn.PartTopic, 1, b.now))
		second, changed, err := b.s.Present(b.ctx, first.Revision)
		b.must(err)
		if v := second.Active[learn.PartTopic]; !changed || v.Number != 1 {
			t.Fatalf("%+v", v)
		}
		b.must(b.s.Use(b.ctx, curator, learn.PartTopic, 0, b.now))
		if p, _, _ := b.s.Present(b.ctx, -1); len(p.Active) != 0 {
			t.Fatalf("%+v", p.Active)
		}
		if err := b.s.Use(b.ctx, curator, learn.PartTopic, 9, b.now); errs.CodeOf(err) != errs.NotFound {
			t.Fatal(err)
		}
		if list, err := b.s.Versions(b.ctx); err != nil || len(list) != 3 || list[0].Number != 3 {
			t.Fatalf("%v %+v", err, list)
		}
		if list, err := b.s.Trainings(b.ctx, 9); err != nil || len(list) != 3 || list[0].State != learn.Finished {
			t.Fatalf("%v %+v", err, list)
		}
	})
}

func TestALostLeaseEndsNoTraining(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		l := b.take("learn")
		tr, err := b.s.BeginTraining(b.ctx, l, 0, b.now)
		b.must(err)
		l.Fence--
		if err := b.s.EndTraining(b.ctx, l, tr, nil, b.now); err == nil {
			t.Fatal("an older fence was taken")
		}
		if w, err := b.s.WantedTraining(b.ctx); err != nil || w.Open.ID != tr.ID {
			t.Fatalf("%v %+v", err, w)
		}
	})
}

func TestLearnSettingsAreNotOverwrittenUnseen(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		x, by, err := b.s.LearnSettings(b.ctx)
		b.must(err)
		if x.Auto.On || by.Version != 0 || x.Threshold != learn.DefaultSettings().Threshold {
			t.Fatalf("%+v", x)
		}
		x.Threshold, x.Auto.Topics = .3, map[string]float64{"pits": learn.Never}
		b.must(b.s.SetLearn(b.ctx, curator, x, 0, b.now))
		if err := b.s.SetLearn(b.ctx, curator, x, 0, b.now); errs.CodeOf(err) != errs.Conflict {
			t.Fatal(err)
		}
		b.must(b.s.SetLearn(b.ctx, curator, x, 1, b.now))
		got, by, err := b.s.LearnSettings(b.ctx)
		b.must(err)
		if got.Threshold != .3 || got.Auto.For("pits") != learn.Never || by.Version != 2 || by.Name != curator.Name {
			t.Fatalf("%+v %+v", got, by)
		}
		x.Threshold = 2
		if err := b.s.SetLearn(b.ctx, curator, x, 2, b.now); errs.CodeOf(err) != errs.Invalid {
			t.Fatal(err)
		}
		if err := b.s.SetLearn(b.ctx, moderator, got, 2, b.now); errs.CodeOf(err) != errs.Forbidden {
			t.Fatal(err)
		}
	})
}

func TestQuietItemsStandForTheRest(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		for i := range 30 {
			b.commit(created(comment(itoa(i), social.Author{ID: itoa(i)}, "спасибо")))
		}
		b.judged(.01, .2, nil)
		if list, err := b.s.Quiet(b.ctx, 10, b.now); err != nil || len(list) != 0 {
			t.Fatalf("%v %d: too fresh", err, len(list))
		}
		list, err := b.s.Quiet(b.ctx, 10, b.now.Add(time.Hour))
		b.must(err)
		if len(list) < 8 || len(list) > 10 || list[0].Item.Text != "спасибо" {
			t.Fatalf("%d %+v", len(list), list)
		}
	})
}

func edited(it social.Item) collectors.Change {
	return collectors.Change{Op: collectors.Edited, Item: it}
}

func itoa(n int) string { return strconv.Itoa(n) }
