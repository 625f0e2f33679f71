package rules

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/sheet"
)

var (
	ruler = rights.Actor{ID: "k", Name: "Куратор", Roles: []rights.Role{rights.Curator}}
	begun = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
)

func newSet() Set { return Set{Topics: []string{"snow", "pits"}, Desks: []string{"roads"}} }

// with is the set after a change, as whoever keeps it has it.
func (s Set) with(c Change) Set {
	in := importer{set: s}
	in.adopt(c)
	return in.set
}

// Whatever people save, roll back and change in lists, by whatever version they
// saw: versions grow by one, nothing is saved upon an unseen version, and every
// rule runs exactly what it spells with the lists as they are.
func TestVersionsGrowAndRulesRunWhatTheySpell(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, history := newSet(), map[string][]Rule{}
		word := rapid.SampledFrom([]string{"яма", "снег | лёд", "@беда", "яма -@беда", "(", "@нет", "", "вода /3 @беда"})
		for step := range rapid.IntRange(1, 25).Draw(t, "steps") {
			id := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "id")
			old, _ := s.Rule(id)
			expect := rapid.SampledFrom([]int{old.Version, old.Version, old.Version, 0, old.Version + 1}).Draw(t, "expect")
			now := begun.Add(time.Duration(step) * time.Minute)
			var c Change
			var err error
			switch rapid.IntRange(0, 2).Draw(t, "what") {
			case 0:
				c, err = s.Save(Rule{ID: id, Name: "Правило", TopicID: "snow", Spelled: word.Draw(t, "words"), Active: true}, expect, ruler, now)
			case 1:
				if len(history[id]) == 0 {
					continue
				}
				c, err = s.RollBack(rapid.SampledFrom(history[id]).Draw(t, "back"), expect, ruler, now)
			default:
				l, _ := s.List("беда")
				expect, old.Version = l.Version, l.Version
				c, err = s.SaveList(List{Name: "беда", Expr: word.Draw(t, "list")}, expect, ruler, now)
			}
			if err != nil {
				if code := errs.CodeOf(err); code != errs.Invalid && code != errs.Conflict && code != errs.NotFound || !strings.HasSuffix(errs.MessageOf(err), ".") {
					t.Fatalf("%v: %s", errs.CodeOf(err), errs.MessageOf(err))
				}
				continue
			}
			if expect != old.Version {
				t.Fatalf("saved upon version %d, the present one is %d", expect, old.Version)
			}
			for _, r := range c.Rules {
				before, _ := s.Rule(r.ID)
				if r.Version != before.Version+1 || r.ByID != ruler.ID || !r.At.Equal(now) {
					t.Fatalf("%+v after %+v", r, before)
				}
				history[r.ID] = append(history[r.ID], r)
			}
			s = s.with(c)
			for _, r := range s.Rules {
				expr, err := s.Lexicon().Parse(r.Spelled)
				if err != nil || expr.String() != r.Expr {
					t.Fatalf("%q runs %q, spells %q: %v", r.Spelled, r.Expr, expr, err)
				}
			}
		}
	})
}

func TestOnlySomeWriteRules(t *testing.T) {
	t.Parallel()
	for _, role := range rights.Roles() {
		by := rights.Actor{ID: "x", Roles: []rights.Role{role}}
		_, err := newSet().Save(Rule{ID: "a", Name: "Ямы", TopicID: "pits", Spelled: "яма", Active: true}, 0, by, begun)
		if may := role == rights.Administrator || role == rights.Curator; may != (err == nil) {
			t.Errorf("%s: %v", role, err)
		}
	}
}

func TestATableMovesEverything(t *testing.T) {
	t.Parallel()
	s := newSet()
	add := func(c Change, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		s = s.with(c)
	}
	add(s.SaveList(List{Name: "беда", Expr: "=ужас | \"как так\""}, 0, ruler, begun))
	add(s.Save(Rule{ID: "ice", Name: "Наледь", TopicID: "snow", DepartmentID: "roads", Spelled: "=наледь; @беда -\"а б\"", Importance: Urgent, Auto: true, Active: true, From: begun, To: begun.AddDate(0, 1, 0)}, 0, ruler, begun))
	add(s.Save(Rule{ID: "off", Name: "=Ямы", TopicID: "pits", Spelled: "-снег яма"}, 0, ruler, begun))
	var out bytes.Buffer
	if err := sheet.WriteCSV(&out, s.Table()); err != nil {
		t.Fatal(err)
	}
	f, err := sheet.Read(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	c, err := newSet().Import(f, rights.System(), begun)
	if err != nil {
		t.Fatal(err)
	}
	moved := newSet().with(c)
	for _, r := range s.Rules {
		if got, _ := moved.Rule(r.ID); !got.same(r) {
			t.Errorf("%+v became %+v", r, got)
		}
	}
	if again, err := moved.Import(f, rights.System(), begun); err != nil || len(again.Rules)+len(again.Lists) > 0 {
		t.Errorf("the same table changes %+v, %v", again, err)
	}
	f.Rows[2].Cells[3] = "нет такой"
	if _, err := newSet().Import(f, rights.System(), begun); !strings.HasPrefix(errs.MessageOf(err), fmt.Sprintf("Строка %d:", f.Rows[2].Number)) {
		t.Error(err)
	}
}

func TestDiffGivesBothTexts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[абв |()"]{0,30}`)
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		var before, after strings.Builder
		for _, p := range Diff(a, b) {
			if !p.Added {
				before.WriteString(p.Text)
			}
			if !p.Removed {
				after.WriteString(p.Text)
			}
		}
		if before.String() != a || after.String() != b {
			t.Fatalf("%q %q became %q %q", a, b, before.String(), after.String())
		}
	})
}
