package storetest

import (
	"slices"
	"testing"
	"time"

	"otklik/internal/detect"
	"otklik/internal/rules"
)

// A rule that a person adds is asked before the others of its topic, and its
// topic stays where it was among the topics.
func TestAnOwnRuleStandsBeforeItsTopicsOthers(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.must(b.saveRule(rules.Rule{ID: "z-leak", Name: "Вода", TopicID: "leaks", Spelled: "вода", Active: true}, 0, time.Time{}))
		before := b.texts("SELECT id FROM rules ORDER BY position, id")
		b.must(b.saveRule(rules.Rule{ID: "z-new", Name: "Провалы", TopicID: "pits", Spelled: "провал", Active: true}, 0, time.Time{}))
		want := slices.Insert(slices.Clone(before), slices.Index(before, "r-pit"), "z-new")
		if got := b.texts("SELECT id FROM rules ORDER BY position, id"); !slices.Equal(got, want) {
			t.Fatalf("%q, want %q", got, want)
		}
		if n := b.count("SELECT COUNT(*) - COUNT(DISTINCT position) FROM rules"); n != 0 {
			t.Fatalf("%d rules share a place", n)
		}
	})
}

// The department is that of the most particular rule that names one.
func TestTheFirstRuleWithADepartmentGivesIt(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.commit(created(comment("1", citizen, "яма")))
		items, err := b.s.Pending(b.ctx, 10)
		b.must(err)
		found := conclusions(items)
		further := found[0].Hits[0]
		further.RuleID, further.DepartmentID = "r-other", "water"
		found[0].Hits = append(found[0].Hits, further, detect.Hit{RuleID: "r-last", DepartmentID: "roads"})
		_, err = b.s.Conclude(b.ctx, b.detect, found, b.now)
		b.must(err)
		if got := b.texts("SELECT department_id FROM cases"); !slices.Equal(got, []string{"water"}) {
			t.Fatal(got)
		}
	})
}
