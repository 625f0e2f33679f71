package storetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/incidents"
	"otklik/internal/detect"
	"otklik/internal/errs"
	"otklik/internal/lease"
	"otklik/internal/rights"
	"otklik/internal/rules"
	"otklik/internal/social"
)

var ruler = rights.Actor{ID: "k", Name: "Куратор", Roles: []rights.Role{rights.Curator}}

// saveRule saves a rule as a person who sees the version expect.
func (b *bundle) saveRule(x rules.Rule, expect int, since time.Time) error {
	_, err := b.s.ChangeRules(b.ctx, since, b.now, func(set rules.Set) (rules.Change, error) { return set.Save(x, expect, ruler, b.now) })
	return err
}

func pits(spelled string) rules.Rule {
	return rules.Rule{ID: "r-pit", Name: "Ямы", TopicID: "pits", Spelled: spelled, Active: true}
}

// wordsMatcher fires where a word of the condition stands.
func wordsMatcher(list []detect.Rule) (detect.Matcher, []error) { return firing(list), nil }

type firing []detect.Rule

func (m firing) Match(it detect.Item) []detect.Hit {
	var out []detect.Hit
	for _, r := range m {
		for _, w := range strings.Split(r.Expr, " | ") {
			if strings.Contains(it.Text, w) {
				out = append(out, detect.Hit{RuleID: r.ID, RuleVersion: r.Version, RuleName: r.Name, TopicID: r.TopicID, Words: []string{w}, Marks: []incidents.Span{}})
				break
			}
		}
	}
	return out
}

func TestRulesHaveVersions(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.must(b.saveRule(pits("яма снег"), 1, time.Time{}))
		if err := b.saveRule(pits("яма лёд"), 1, time.Time{}); errs.CodeOf(err) != errs.Conflict {
			t.Fatal(err)
		}
		b.must(b.saveRule(pits("яма снег"), 2, time.Time{})) // as it is: no version
		list, err := b.s.RuleVersions(b.ctx, "r-pit")
		b.must(err)
		if len(list) != 2 || list[0].ByName != "Куратор" || !list[0].At.Equal(b.now) || list[1].Spelled != "яма" {
			t.Fatalf("%+v", list)
		}
		_, err = b.s.ChangeRules(b.ctx, time.Time{}, b.now, func(set rules.Set) (rules.Change, error) { return set.RollBack(list[1], 2, ruler, b.now) })
		b.must(err)
		book, changed, err := b.s.Rulebook(b.ctx, -1)
		b.must(err)
		if !changed || len(book.Rules) != 2 || book.Rules[1].Expr != "яма" || book.Rules[1].Version != 3 {
			t.Fatalf("%+v", book.Rules)
		}
		off := pits("яма")
		off.Active = false
		b.must(b.saveRule(off, 3, time.Time{}))
		if book, _, err = b.s.Rulebook(b.ctx, book.Revision); err != nil || len(book.Rules) != 1 {
			t.Fatalf("%+v %v", book.Rules, err)
		}
	})
}

func TestOneOfManyAtOnceSavesARule(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		var wg sync.WaitGroup
		results := make([]error, 6)
		for i := range results {
			wg.Go(func() { results[i] = b.saveRule(pits(fmt.Sprint("яма слово", i)), 1, time.Time{}) })
		}
		wg.Wait()
		saved := 0
		for _, err := range results {
			switch errs.CodeOf(err) {
			case "":
				saved++
			case errs.Conflict:
			default:
				t.Fatal(err)
			}
		}
		if n := b.count("SELECT COUNT(*) FROM rule_versions WHERE rule_id = 'r-pit'"); saved != 1 || n != 2 {
			t.Fatalf("%d saved, %d versions", saved, n)
		}
	})
}

func TestAListIsPutIntoItsRules(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		save := func(name, expr string, expect int) error {
			_, err := b.s.ChangeRules(b.ctx, time.Time{}, b.now, func(set rules.Set) (rules.Change, error) {
				return set.SaveList(rules.List{Name: name, Expr: expr}, expect, ruler, b.now)
			})
			return err
		}
		b.must(save("Беда", "ужас | кошмар", 0))
		b.must(save("всё", "@беда | позор", 0))
		b.must(b.saveRule(pits("яма @всё"), 1, time.Time{}))
		b.must(save("беда", "жуть", 1))
		set, err := b.s.RuleSet(b.ctx)
		b.must(err)
		x, _ := set.Rule("r-pit")
		if x.Expr != "яма (жуть | позор)" || x.Version != 3 || x.Why != "Изменён список «@беда», версия 2" {
			t.Fatalf("%+v", x)
		}
		if err := save("беда", "@всё", 2); errs.CodeOf(err) != errs.Invalid {
			t.Fatal(err)
		}
	})
}

// history stores n old messages of which every third holds the word.
func (b *bundle) history(n int) {
	for i := range n {
		it := comment(fmt.Sprint("h", i), social.Author{ID: fmt.Sprint(900 + i), Name: "Житель"}, map[bool]string{true: "лужа у дома", false: "спасибо"}[i%3 == 0])
		it.PublishedAt = b.now.Add(-time.Duration(30+i/2) * time.Hour)
		b.commit(created(it))
	}
	b.detectAll()
}

var errDied = errors.New("died")

// dying is a book whose process dies at random moments, before or after a step
// is written.
type dying struct {
	rules.ScanBook
	dice *rand.Rand
}

func (d dying) Step(ctx context.Context, l lease.Lease, x rules.ScanStep, now time.Time) (bool, error) {
	if d.dice.IntN(3) == 0 {
		return false, errDied
	}
	going, err := d.ScanBook.Step(ctx, l, x, now)
	if d.dice.IntN(3) == 0 {
		return false, errDied
	}
	return going, err
}

func TestAScanThatDiesLosesAndDoublesNothing(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.history(60)
		b.must(b.saveRule(pits("яма | лужа"), 1, b.now.AddDate(0, 0, -30)))
		dice := rand.New(rand.NewPCG(1, 2))
		for life := range 200 {
			l, err := b.s.Take(b.ctx, "rules", fmt.Sprint("life ", life), time.Millisecond, b.now.Add(time.Duration(life)*time.Second))
			b.must(err)
			ctx, cancel := context.WithCancel(b.ctx)
			w := &rules.Scanner{Part: 7, Book: dying{b.s, dice}, Now: func() time.Time { return b.now }, Log: slog.New(slog.DiscardHandler), Tick: time.Hour, Compile: wordsMatcher}
			if _, open, err := b.s.NextScan(b.ctx); err != nil || !open {
				cancel()
				b.must(err)
				break
			}
			w.Moved = cancel // one step, then the end of this life
			if err := w.Run(ctx, l); !errors.Is(err, errDied) && !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			cancel()
		}
		x, ok, err := b.s.LastScan(b.ctx, "r-pit")
		b.must(err)
		if n := b.count("SELECT COUNT(*) FROM matches WHERE rule_id = 'r-pit'"); !ok || x.State != rules.ScanDone || x.Found != 20 || n != 20 || x.Seen != 60 {
			t.Fatalf("%+v, %d matches", x, n)
		}
		if n := b.count("SELECT COUNT(*) FROM cases"); n != 0 {
			t.Fatalf("%d cases were made of old messages", n)
		}
	})
}

func TestWhatAScanFindsIsOffered(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.history(9)
		fresh := comment("new", citizen, "лужа у школы")
		fresh.PublishedAt = b.now.Add(-time.Hour)
		b.commit(created(fresh))
		b.detectAll()
		b.must(b.saveRule(pits("яма | лужа"), 1, b.now.AddDate(0, 0, -30)))
		b.scanAll(wordsMatcher)
		list, total, err := b.s.Offered(b.ctx, "r-pit", 10)
		b.must(err)
		if total != 3 || len(list) != 3 || b.count("SELECT COUNT(*) FROM items WHERE pending = 1") != 1 {
			t.Fatalf("%d offered of %d, %d pending", len(list), total, b.count("SELECT COUNT(*) FROM items WHERE pending = 1"))
		}
		ids := []string{list[0].Item.ID, list[1].Item.ID}
		if _, err := b.s.OpenOffered(b.ctx, ruler, "r-pit", ids, b.now); errs.CodeOf(err) != errs.Forbidden {
			t.Fatal(err)
		}
		for range 2 {
			_, err := b.s.OpenOffered(b.ctx, moderator, "r-pit", ids, b.now)
			b.must(err)
		}
		if n := b.count("SELECT COUNT(*) FROM cases"); n != 2 {
			t.Fatalf("%d cases", n)
		}
		n, err := b.s.DismissOffered(b.ctx, moderator, "r-pit", []string{list[2].Item.ID}, b.now)
		if _, total, _ = b.s.Offered(b.ctx, "r-pit", 10); err != nil || n != 1 || total != 0 {
			t.Fatal(n, total, err)
		}
		// A narrower version lets go of what it does not find any more.
		b.must(b.saveRule(pits("яма"), 2, b.now.AddDate(0, 0, -30)))
		b.scanAll(wordsMatcher)
		if x, _, _ := b.s.LastScan(b.ctx, "r-pit"); x.Lost != 4 {
			t.Fatalf("%+v", x)
		}
	})
}

// scanAll runs what scans are open to their end.
func (b *bundle) scanAll(compile func([]detect.Rule) (detect.Matcher, []error)) {
	b.t.Helper()
	l := b.take("rules")
	for {
		_, open, err := b.s.NextScan(b.ctx)
		b.must(err)
		if !open {
			return
		}
		ctx, cancel := context.WithCancel(b.ctx)
		w := &rules.Scanner{Book: b.s, Now: func() time.Time { return b.now }, Log: slog.New(slog.DiscardHandler), Tick: time.Hour, Compile: compile, Moved: cancel}
		if err := w.Run(ctx, l); !errors.Is(err, context.Canceled) {
			b.t.Fatal(err)
		}
		cancel()
	}
}

func TestRulesAreMoved(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		order := func() string {
			set, err := b.s.RuleSet(b.ctx)
			b.must(err)
			var ids []string
			for _, r := range set.Rules {
				ids = append(ids, r.ID)
			}
			return strings.Join(ids, " ")
		}
		if err := b.s.MoveRule(b.ctx, executor, "r-pit", "r-leak", b.now); errs.CodeOf(err) != errs.Forbidden {
			t.Fatal(err)
		}
		for _, x := range [][3]string{{"r-pit", "r-leak", "r-pit r-leak"}, {"r-pit", "r-leak", "r-pit r-leak"}, {"r-pit", "", "r-leak r-pit"}, {"r-leak", "r-leak", "r-leak r-pit"}} {
			b.must(b.s.MoveRule(b.ctx, ruler, x[0], x[1], b.now))
			if got := order(); got != x[2] {
				t.Fatalf("%v: %s", x, got)
			}
		}
		if err := b.s.MoveRule(b.ctx, ruler, "r-pit", "none", b.now); errs.CodeOf(err) != errs.NotFound {
			t.Fatal(err)
		}
		b.must(b.s.MoveRule(b.ctx, ruler, "r-pit", "r-leak", b.now))
		if c := b.open(comment("1", citizen, "течь и яма")); c.TopicID != "pits" {
			t.Fatalf("the first rule gives the topic, and it is %s", c.TopicID)
		}
	})
}

func TestCancelledScansStop(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.history(9)
		b.must(b.saveRule(pits("яма | лужа"), 1, b.now.AddDate(0, 0, -30)))
		x, _, err := b.s.NextScan(b.ctx)
		b.must(err)
		b.must(b.s.CancelScan(b.ctx, ruler, "r-pit", b.now))
		if going, err := b.s.Step(b.ctx, b.take("rules"), rules.ScanStep{Scan: x, Last: true}, b.now); err != nil || going {
			t.Fatal(going, err)
		}
		if err := b.s.CancelScan(b.ctx, ruler, "r-pit", b.now); errs.CodeOf(err) != errs.Conflict {
			t.Fatal(err)
		}
		if x, _, _ := b.s.LastScan(b.ctx, "r-pit"); x.State != rules.ScanCancelled {
			t.Fatalf("%+v", x)
		}
	})
}

func TestAutomaticAndImportantCases(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.commit(created(comment("1", citizen, "яма")), created(comment("2", social.Author{ID: "502"}, "яма и ещё яма")))
		items, err := b.s.Pending(b.ctx, 10)
		b.must(err)
		found := conclusions(items)
		found[1].Hits[0].Auto, found[1].Hits[0].Importance, found[1].Hits[0].DepartmentID = true, 2, "water"
		_, err = b.s.Conclude(b.ctx, b.detect, found, b.now)
		b.must(err)
		page, err := b.s.Inbox(b.ctx, incidents.Filter{By: rights.System(), Limit: 10, Now: b.now, TodayEnds: b.now.Add(time.Hour)})
		b.must(err)
		first := page.Rows[0]
		if first.Stage != incidents.Coordination || first.Importance != 2 || first.DepartmentID != "water" || page.Rows[1].Stage != incidents.Moderation {
			t.Fatalf("%+v", page.Rows)
		}
		events := b.texts("SELECT kind FROM case_events WHERE case_id = $1 ORDER BY seq", first.ID)
		if fmt.Sprint(events) != "[opened accepted]" || b.load(first.ID).Version != 2 {
			t.Fatal(events)
		}
		b.do(moderator, page.Rows[1].ID, incidents.Accept{})
		b.do(moderator, first.ID, incidents.Reject{Reason: "не жалоба"})
		q, err := b.s.RuleQuality(b.ctx, b.now.AddDate(0, 0, -30))
		b.must(err)
		if got := q["r-pit"]; got.Confirmed != 1 || got.False != 1 || got.Missed != 0 {
			t.Fatalf("%+v", got)
		}
	})
}
