package clock

import (
	"testing"
	"time"

	"otklik/incidents"
	"otklik/incidents/deadline"
	"otklik/internal/workcal"
)

func begun() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }

func after(h int) time.Time { return begun().Add(time.Duration(h) * time.Hour) }

func event(kind incidents.EventKind, h int, data map[string]string) incidents.Event {
	return incidents.Event{Kind: kind, At: after(h), Data: data}
}

func TestReadFoldsAHistory(t *testing.T) {
	t.Parallel()
	c := incidents.Case{Stage: incidents.Execution, Importance: 2}
	r := Read(c, []incidents.Event{
		event(incidents.EventOpened, 0, nil), event(incidents.EventAccepted, 1, nil), event(incidents.EventAssigned, 2, nil),
		event(incidents.EventAssigned, 5, nil), event(incidents.EventWaits, 6, map[string]string{"for": "author"}),
		event(incidents.EventAttached, 9, nil), event(incidents.EventWaits, 10, map[string]string{"for": "other"}),
		event(incidents.EventAttached, 11, nil), event(incidents.EventSubmitted, 12, nil), event(incidents.EventReworked, 13, nil),
		event(incidents.EventSubmitted, 14, nil),
	})
	f := r.Facts
	if !f.Found.Equal(begun()) || !f.Accepted.Equal(after(1)) || !f.Assigned.Equal(after(2)) || !f.Raised || f.Fast {
		t.Fatalf("%+v", f)
	}
	if len(f.Waits) != 2 || !f.Waits[0].To.Equal(after(9)) || !f.Waits[1].To.IsZero() {
		t.Fatalf("a citizen's word ends only the wait for the citizen: %+v", f.Waits)
	}
	if !r.Done[deadline.Draft].Equal(after(12)) || len(r.Done) != 1 {
		t.Fatalf("%+v", r.Done)
	}
}

func TestAClosedCaseOwesNothing(t *testing.T) {
	t.Parallel()
	c := incidents.Case{Stage: incidents.Done, ClosedAt: after(7)}
	r := Read(c, []incidents.Event{
		event(incidents.EventOpened, 0, nil), event(incidents.EventWaits, 6, map[string]string{"for": "author"}), event(incidents.EventRejected, 7, nil),
	})
	if len(r.Done) != 3 || !r.Facts.Waits[0].To.Equal(after(7)) {
		t.Fatalf("%+v", r)
	}
}

func TestNobodyForgetsToTellOfWhatIsOverdue(t *testing.T) {
	t.Parallel()
	s, err := deadline.NewSchedule(time.UTC, workcal.Calendar{}, deadline.AroundTheClock())
	if err != nil {
		t.Fatal(err)
	}
	p := Default(10)
	p.Ladder = []deadline.Rung{{Percent: 50, To: deadline.ToExecutor}}
	d := p.Deadlines(s, deadline.Facts{Found: begun()})[0]
	l := Ladder(p, s, d)
	if len(l) != 2 || l[1].Percent != 100 || l[1].To != deadline.ToHead || !l[1].At.Equal(after(10)) {
		t.Fatalf("%+v", l)
	}
	if len(p.Ladder) != 1 {
		t.Error("the policy itself was changed")
	}
	reached, next := Reached(l, after(5))
	if len(reached) != 1 || !next.Equal(after(10)) {
		t.Fatal(reached, next)
	}
	if reached, next = Reached(l, after(10)); len(reached) != 2 || !next.IsZero() {
		t.Fatal(reached, next)
	}
}

func TestNextLeavesOutWhatStandsAndWhatIsDone(t *testing.T) {
	t.Parallel()
	rows := []Row{
		{Due: deadline.Due{Step: deadline.First, At: after(1)}, DoneAt: after(0)},
		{Due: deadline.Due{Step: deadline.Draft, Paused: true}},
		{Due: deadline.Due{Step: deadline.Final, At: after(9)}},
	}
	if next, ok := Next(rows); !ok || next.Step != deadline.Final {
		t.Fatal(next, ok)
	}
	if _, ok := Next(rows[:2]); ok {
		t.Fatal("a clock that stands is due")
	}
}
