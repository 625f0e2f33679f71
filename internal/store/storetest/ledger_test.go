package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"otklik/incidents"
	"otklik/internal/delivery"
	"otklik/internal/errs"
	"otklik/internal/lease"
	"otklik/internal/rights"
	"otklik/internal/social"
)

// ready opens a case whose answer waits in the ledger.
func (b *bundle) ready(id, text string) (incidents.Case, delivery.Delivery, lease.Lease) {
	b.t.Helper()
	c := b.open(comment(id, social.Author{ID: "50" + id, Name: "Анна"}, "яма"))
	c = b.answered(c.ID, text)
	return c, b.due(c.ID), b.take("deliver")
}

func (b *bundle) due(caseID string) delivery.Delivery {
	b.t.Helper()
	list, err := b.s.Due(b.ctx, social.VK, b.now.Add(24*time.Hour), 100)
	b.must(err)
	for _, d := range list {
		if d.SubjectID == caseID {
			return d
		}
	}
	b.t.Fatalf("nothing is due for case %s", caseID)
	return delivery.Delivery{}
}

func (b *bundle) begin(l lease.Lease, id string) delivery.Delivery {
	b.t.Helper()
	d, begun, err := b.s.Begin(b.ctx, l, id, b.now)
	b.must(err)
	if !begun {
		b.t.Fatal("not begun")
	}
	return d
}

func (b *bundle) finish(l lease.Lease, d delivery.Delivery, v delivery.Verdict) {
	b.t.Helper()
	b.must(b.s.Finish(b.ctx, l, d, v, b.now))
}

func (b *bundle) state(id string) delivery.State {
	b.t.Helper()
	return delivery.State(b.texts("SELECT state FROM deliveries WHERE id = $1", id)[0])
}

func TestOneOfManyBegins(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		_, d, l := b.ready("1", "Засыплем.")
		var begun atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, ok, err := b.s.Begin(b.ctx, l, d.ID, b.now)
				if err != nil {
					t.Error(err)
				}
				if ok {
					begun.Add(1)
				}
			})
		}
		wg.Wait()
		if begun.Load() != 1 || b.count("SELECT attempt FROM deliveries") != 1 || b.count("SELECT COUNT(*) FROM delivery_attempts") != 1 {
			t.Fatal(begun.Load())
		}
		old := l
		next, err := b.s.Take(b.ctx, "deliver", "another", time.Hour, b.now.Add(2*time.Hour))
		b.must(err)
		if _, _, err := b.s.Begin(b.ctx, old, d.ID, b.now); !errors.Is(err, lease.ErrLost) {
			t.Fatal(err)
		}
		if err := b.s.Finish(b.ctx, old, d, delivery.Verdict{State: delivery.Planned}, b.now); !errors.Is(err, lease.ErrLost) || b.state(d.ID) != delivery.Sending {
			t.Fatal(err)
		}
		left, err := b.s.Interrupted(b.ctx, social.VK)
		b.must(err)
		if len(left) != 1 || left[0].ID != d.ID || left[0].Attempt != 1 || !left[0].FirstSendingAt.Equal(b.now) {
			t.Fatalf("%+v", left)
		}
		b.finish(next, left[0], delivery.Verdict{State: delivery.Planned, NextTry: b.now.Add(time.Minute), MaybeOut: true})
		if soon, _ := b.s.Due(b.ctx, social.VK, b.now, 10); len(soon) != 0 {
			t.Fatal("due before its time")
		}
		if again := b.due(d.SubjectID); !again.MaybeOut || again.ID != d.ID {
			t.Fatalf("%+v", again)
		}
	})
}

func TestWhatTheCaseShowsAfterEachVerdict(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		receipt := delivery.Receipt{Ref: ref("r900"), Permalink: "https://vk.example/r900"}
		for i, x := range []struct {
			verdict delivery.Verdict
			stage   incidents.Stage
			outcome incidents.Outcome
			trouble string
			link    string
		}{
			{delivery.Verdict{State: delivery.Sent, Receipt: receipt}, incidents.Done, incidents.Resolved, "", receipt.Permalink},
			{delivery.Verdict{State: delivery.Failed, Code: "vk.15", Trouble: "Комментарии закрыты."}, incidents.Publication, "", "Комментарии закрыты.", ""},
			{delivery.Verdict{State: delivery.Unknown, Code: "timeout", Trouble: "Ответа не было."}, incidents.Publication, "", "Ответа не было.", ""},
			{delivery.Verdict{State: delivery.Planned, NextTry: b.now.Add(time.Minute), Trouble: "Сеть занята."}, incidents.Publication, "", "", ""},
		} {
			c, d, l := b.ready(fmt.Sprint(i+1), "Ответ "+fmt.Sprint(i))
			d = b.begin(l, d.ID)
			b.finish(l, d, x.verdict)
			b.finish(l, d, delivery.Verdict{State: delivery.Failed, Trouble: "поздний приговор"}) // must be dropped
			got := b.load(c.ID)
			if got.Stage != x.stage || got.Outcome != x.outcome || got.PublicationTrouble != x.trouble || got.AnswerLink != x.link || b.state(d.ID) != x.verdict.State {
				t.Errorf("%s: %+v, %s", x.verdict.State, got, b.state(d.ID))
			}
			if a := b.texts("SELECT outcome FROM delivery_attempts WHERE delivery_id = $1", d.ID); a[0] != string(x.verdict.State) {
				t.Errorf("attempt %v", a)
			}
		}
		page, err := b.s.Entries(b.ctx, delivery.EntryFilter{Tab: delivery.TabToday, Since: b.now.Add(-time.Hour), Limit: 10})
		b.must(err)
		want := map[delivery.Tab]int{delivery.TabToday: 4, delivery.TabUnknown: 1, delivery.TabFailed: 1, delivery.TabWaiting: 1, delivery.TabSent: 1}
		if fmt.Sprint(page.Counts) != fmt.Sprint(want) || page.Entries[0].State != delivery.Unknown || page.Entries[0].CaseTitle != "яма" || page.Entries[0].Approver != "HEAD" {
			t.Fatalf("%v %+v", page.Counts, page.Entries)
		}
		queue, err := b.s.Inbox(b.ctx, incidents.Filter{By: rights.System(), Now: b.now, TodayEnds: b.now, Sort: incidents.Newest, Limit: 10, Closed: true})
		b.must(err)
		for i, want := range []string{"", "true Ответа не было.", "false Комментарии закрыты.", ""} {
			if x := queue.Rows[i]; (want == "") != (x.Trouble == "") || want != "" && fmt.Sprint(x.Uncertain, " ", x.Trouble) != want {
				t.Errorf("row %d says %v %q, want %q", i, x.Uncertain, x.Trouble, want)
			}
		}
		if got, want := page.Entries[0].ThreadLink, comment("3", citizen, "").Permalink; got != want {
			t.Errorf("look at %q, want %q", got, want)
		}
	})
}

func TestTakingAnAnswerBack(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		withdraw := incidents.Withdraw{Reason: "ошибка в адресе"}
		for i, x := range []struct {
			name    string
			verdict *delivery.Verdict // nil leaves it planned
			begin   bool
			code    errs.Code
			state   delivery.State
		}{
			{"planned", nil, false, "", delivery.Cancelled},
			{"sending", nil, true, errs.Conflict, delivery.Sending},
			{"unknown", &delivery.Verdict{State: delivery.Unknown}, true, errs.Conflict, delivery.Unknown},
			{"maybe out", &delivery.Verdict{State: delivery.Planned, MaybeOut: true}, true, errs.Conflict, delivery.Planned},
			{"surely not out", &delivery.Verdict{State: delivery.Planned}, true, "", delivery.Cancelled},
			{"failed", &delivery.Verdict{State: delivery.Failed}, true, "", delivery.Cancelled},
		} {
			c, d, l := b.ready(fmt.Sprint(i+1), "Ответ")
			if x.begin {
				d = b.begin(l, d.ID)
			}
			if x.verdict != nil {
				b.finish(l, d, *x.verdict)
			}
			_, err := b.try(press, c.ID, 0, withdraw)
			if errs.CodeOf(err) != x.code || b.state(d.ID) != x.state {
				t.Errorf("%s: %v, %s", x.name, err, b.state(d.ID))
			}
			if stage := b.load(c.ID).Stage; (stage == incidents.Execution) != (x.code == "") {
				t.Errorf("%s: case at %s", x.name, stage)
			}
		}
	})
}

func TestAnswerByHandSettlesTheLedger(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		byHand := incidents.ByHand{Link: "https://vk.example/by-hand"}
		for i, x := range []struct {
			name    string
			verdict *delivery.Verdict
			begin   bool
			code    errs.Code
			state   delivery.State
		}{
			{"planned", nil, false, "", delivery.Cancelled},
			{"sending", nil, true, errs.Conflict, delivery.Sending},
			{"unknown", &delivery.Verdict{State: delivery.Unknown}, true, "", delivery.Sent},
			{"maybe out", &delivery.Verdict{State: delivery.Planned, MaybeOut: true}, true, "", delivery.Sent},
			{"failed", &delivery.Verdict{State: delivery.Failed}, true, "", delivery.Cancelled},
		} {
			c, d, l := b.ready(fmt.Sprint(i+1), "Ответ")
			if x.begin {
				d = b.begin(l, d.ID)
			}
			if x.verdict != nil {
				b.finish(l, d, *x.verdict)
			}
			_, err := b.try(press, c.ID, 0, byHand)
			if errs.CodeOf(err) != x.code || b.state(d.ID) != x.state {
				t.Errorf("%s: %v, %s", x.name, err, b.state(d.ID))
			}
		}
		n, err := b.s.Counts(b.ctx, reader("p"), b.now)
		b.must(err)
		if n.Stuck != 0 {
			t.Fatalf("%+v", n)
		}
	})
}

func TestPersonDecidesAboutAStoppedDelivery(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		for _, role := range rights.Roles() {
			err := b.s.Resolve(b.ctx, actor("x", "", role), "any", delivery.SendAgain, b.now)
			if (errs.CodeOf(err) == errs.Forbidden) == (role == rights.PressOfficer) {
				t.Errorf("%s: %v", role, err)
			}
		}
		b.commit(created(post("1", "Новости")))
		c, d, l := b.ready("1", "Засыплем.")
		if err := b.s.Resolve(b.ctx, press, d.ID, delivery.Appeared, b.now); errs.CodeOf(err) != errs.Conflict {
			t.Fatal(err)
		}
		if err := b.s.Resolve(b.ctx, press, d.ID, "dance", b.now); errs.CodeOf(err) != errs.Invalid {
			t.Fatal(err)
		}
		b.finish(l, b.begin(l, d.ID), delivery.Verdict{State: delivery.Unknown, Trouble: "Ответа не было."})
		b.must(b.s.Resolve(b.ctx, press, d.ID, delivery.SendAgain, b.now))
		again := b.due(c.ID)
		if again.ID == d.ID || again.Attempt != 0 || again.MaybeOut || again.Text != d.Text || again.ReplyTo != d.ReplyTo || b.state(d.ID) != delivery.Cancelled {
			t.Fatalf("%+v", again)
		}
		if got := b.load(c.ID); got.PublicationTrouble != "" || got.Stage != incidents.Publication {
			t.Fatalf("%+v", got)
		}
		b.finish(l, b.begin(l, again.ID), delivery.Verdict{State: delivery.Unknown})
		b.must(b.s.Resolve(b.ctx, press, again.ID, delivery.Appeared, b.now))
		v, err := b.s.View(b.ctx, c.ID, reader("p"), b.now)
		b.must(err)
		last := v.History[len(v.History)-1]
		if v.Case.Stage != incidents.Done || v.Case.AnswerLink != post("1", "").Permalink || last.Kind != incidents.EventPublished || last.ActorID != press.ID || v.Delivery.ID != again.ID {
			t.Fatalf("%+v %+v", v.Case, last)
		}
	})
}

func TestTwoPeopleDecideAtOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		for i := range 6 {
			c, d, l := b.ready(fmt.Sprint(i+1), "Засыплем.")
			b.finish(l, b.begin(l, d.ID), delivery.Verdict{State: delivery.Unknown})
			var done atomic.Int32
			var wg sync.WaitGroup
			for _, what := range []delivery.Resolution{delivery.Appeared, delivery.SendAgain, delivery.Appeared, delivery.SendAgain} {
				wg.Go(func() {
					err := b.s.Resolve(b.ctx, press, d.ID, what, b.now)
					switch errs.CodeOf(err) {
					case "":
						done.Add(1)
					case errs.Conflict:
					default:
						t.Error(err)
					}
				})
			}
			wg.Wait()
			open := b.count("SELECT COUNT(*) FROM deliveries WHERE subject_id = $1 AND state = 'planned'", c.ID)
			closed := b.load(c.ID).Stage == incidents.Done
			if done.Load() != 1 || open > 1 || (open == 1) == closed {
				t.Fatalf("decided %d times; planned %d, closed %v", done.Load(), open, closed)
			}
		}
	})
}

// A worker begins while a person takes the answer back: one of them must win.
func TestBeginAgainstWithdraw(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		for i := range 10 {
			c, d, l := b.ready(fmt.Sprint(i+1), "Засыплем.")
			var begun bool
			var werr error
			var wg sync.WaitGroup
			wg.Go(func() {
				var err error
				if _, begun, err = b.s.Begin(b.ctx, l, d.ID, b.now); err != nil {
					t.Error(err)
				}
			})
			wg.Go(func() { _, werr = b.try(press, c.ID, 0, incidents.ByHand{Link: "https://vk.example/x"}) })
			wg.Wait()
			if begun == (werr == nil) {
				t.Fatalf("begun %v, by hand: %v", begun, werr)
			}
		}
	})
}

func TestVerdictOnACaseThatHasGoneOnIsWritten(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		c, d, l := b.ready("1", "Засыплем.")
		d = b.begin(l, d.ID)
		if _, err := b.raw.ExecContext(b.ctx, "UPDATE cases SET stage = 'done', outcome = 'resolved' WHERE id = $1", c.ID); err != nil {
			t.Fatal(err)
		}
		b.finish(l, d, delivery.Verdict{State: delivery.Unknown})
		if b.state(d.ID) != delivery.Unknown {
			t.Fatal(b.state(d.ID))
		}
	})
}
