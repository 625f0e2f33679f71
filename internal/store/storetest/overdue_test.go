package storetest

import (
	"slices"
	"testing"
	"time"

	"otklik/incidents"
	"otklik/internal/alarm"
	"otklik/internal/rights"
	"otklik/internal/workcal"
)

func kindsOf(list []alarm.Alarm) []alarm.Kind {
	var kinds []alarm.Kind
	for _, a := range list {
		kinds = append(kinds, a.Kind)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// TestAuditorFindsWhatIsOverdueWithEveryWorkerStopped runs nobody but the
// auditor: it knows what is overdue and that nobody was told.
func TestAuditorFindsWhatIsOverdueWithEveryWorkerStopped(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		l := b.take("audit")
		open := func() []alarm.Kind {
			b.audit(l)
			list, err := b.s.OpenAlarms(b.ctx)
			b.must(err)
			return slices.DeleteFunc(kindsOf(list), func(k alarm.Kind) bool { return k != alarm.DeadlineLost && k != alarm.DeadlineLong })
		}
		c := b.open(comment("1", citizen, "яма"))
		b.now = c.DueAt.Add(-time.Minute)
		if got := open(); len(got) != 0 {
			t.Fatal(got)
		}
		b.now = c.DueAt.Add(6 * time.Minute)
		if got := open(); !slices.Equal(got, []alarm.Kind{alarm.DeadlineLost}) {
			t.Fatal(got)
		}
		// With a worker but without people there is still nobody who knows.
		b.remind()
		if got := open(); !slices.Equal(got, []alarm.Kind{alarm.DeadlineLost}) {
			t.Fatal(got)
		}
		b.worker("cu", "", rights.Curator)
		b.now = c.DueAt.Add(25 * time.Hour)
		b.remind()
		if got := open(); !slices.Equal(got, []alarm.Kind{alarm.DeadlineLong}) {
			t.Fatal(got)
		}
		b.do(moderator, c.ID, incidents.Reject{Reason: "спам"})
		if got := open(); len(got) != 0 {
			t.Fatal(got)
		}
	})
}

func TestAWarningBeforeTheCalendarEnds(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		trouble := func() string {
			f, err := b.s.Facts(b.ctx, b.now)
			b.must(err)
			return f.Calendar
		}
		if got := trouble(); got != "" {
			t.Fatal(got)
		}
		b.now = time.Date(workcal.LastKnown(), time.November, 20, 9, 0, 0, 0, time.UTC)
		if trouble() == "" {
			t.Fatal("no warning in November of the last year")
		}
		b.must(b.s.SetWorkDay(b.ctx, curator, "", workcal.Date{Year: workcal.LastKnown() + 1, Month: time.January, Day: 11}, workcal.Off, b.now))
		if got := trouble(); got != "" {
			t.Fatal("the year was entered:", got)
		}
	})
}
