package deadline_test

import (
	"testing"
	"time"

	"otklik/incidents/deadline"

	"pgregory.net/rapid"
)

func moscow(tb testing.TB, v string) time.Time {
	tb.Helper()
	x, err := time.ParseInLocation("2006-01-02 15:04", v, zone(tb, "Europe/Moscow"))
	if err != nil {
		tb.Fatal(err)
	}
	return x
}

func find(tb testing.TB, list []deadline.Due, s deadline.Step) deadline.Due {
	tb.Helper()
	for _, d := range list {
		if d.Step == s {
			return d
		}
	}
	tb.Fatalf("no deadline %s", s)
	return deadline.Due{}
}

func TestDeadlinesOfACase(t *testing.T) {
	t.Parallel()
	s := schedule(t, "Europe/Moscow", deadline.OfficeHours())
	presets := deadline.Presets()
	published, found := moscow(t, "2026-11-24 08:00"), moscow(t, "2026-11-24 11:00")
	sevastopol, pos := presets[1], presets[0]
	cases := []struct {
		name   string
		policy deadline.Policy
		facts  deadline.Facts
		step   deadline.Step
		want   string
	}{
		{"nine working hours from the publication", sevastopol, deadline.Facts{Published: published, Found: found}, deadline.First, "2026-11-25 09:45"},
		{"raised: four", sevastopol, deadline.Facts{Published: published, Found: found, Raised: true}, deadline.First, "2026-11-24 13:00"},
		{"thirty days", pos, deadline.Facts{Found: found}, deadline.Final, "2026-12-24 18:00"},
		{"the fast track", pos, deadline.Facts{Found: found, Fast: true}, deadline.Final, "2026-12-04 16:45"},
		{"after an interim answer", sevastopol, deadline.Facts{Found: found, Interim: moscow(t, "2026-11-25 12:00")}, deadline.Final, "2026-12-04 16:45"},
		{"a promised date", pos, deadline.Facts{Found: found, Interim: found, Promised: moscow(t, "2026-12-10 18:00")}, deadline.Final, "2026-12-10 18:00"},
		{"a pause of three days", pos, deadline.Facts{Found: found, Waits: []deadline.Wait{{deadline.WaitAuthor, deadline.Pause{From: moscow(t, "2026-11-25 10:00"), To: moscow(t, "2026-11-27 10:00")}}}}, deadline.Final, "2026-12-28 18:00"},
		{"a wait that does not pause", pos, deadline.Facts{Found: found, Waits: []deadline.Wait{{deadline.WaitOther, deadline.Pause{From: moscow(t, "2026-11-25 10:00")}}}}, deadline.Final, "2026-12-24 18:00"},
	}
	for _, c := range cases {
		if got := find(t, c.policy.Deadlines(s, c.facts), c.step); !got.At.Equal(moscow(t, c.want)) {
			t.Errorf("%s: got %v, want %s", c.name, got.At, c.want)
		}
	}
	open := deadline.Facts{Found: found, Waits: []deadline.Wait{{deadline.WaitAuthor, deadline.Pause{From: moscow(t, "2026-11-25 10:00")}}}}
	if d := find(t, pos.Deadlines(s, open), deadline.Final); !d.Paused || !d.At.IsZero() {
		t.Errorf("an open pause: %+v", d)
	}
	assigned := pos
	assigned.Rules = map[deadline.Step]deadline.Rule{deadline.Final: {Start: deadline.FromAssigned, Normal: deadline.Term{N: 1, Unit: deadline.WorkDay}}}
	if d := find(t, assigned.Deadlines(s, deadline.Facts{Found: found}), deadline.Final); !d.At.IsZero() || d.Paused {
		t.Errorf("a clock that has not begun: %+v", d)
	}
}

// Whatever the policy, a clock of raised importance or of the fast track never
// ends later, and a pause never brings a deadline forward.
func TestClocksNeverTurnBack(t *testing.T) {
	t.Parallel()
	s := schedule(t, "Asia/Yekaterinburg", deadline.OfficeHours())
	presets := deadline.Presets()
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(presets).Draw(t, "policy")
		found := time.Date(2025, 1, 1, 0, rapid.IntRange(0, 2*365*24*60).Draw(t, "minute"), 0, 0, time.UTC)
		plain := deadline.Facts{Found: found, Published: found.Add(-time.Duration(rapid.IntRange(0, 600).Draw(t, "before")) * time.Minute)}
		quick := plain
		quick.Fast, quick.Raised = rapid.Bool().Draw(t, "fast"), rapid.Bool().Draw(t, "raised")
		waiting := plain
		from := found.Add(time.Duration(rapid.IntRange(-600, 60*24*40).Draw(t, "from")) * time.Minute)
		waiting.Waits = []deadline.Wait{{deadline.WaitAuthor, deadline.Pause{From: from, To: from.Add(time.Duration(rapid.IntRange(1, 60*24*20).Draw(t, "for")) * time.Minute)}}}
		usual, faster, later := p.Deadlines(s, plain), p.Deadlines(s, quick), p.Deadlines(s, waiting)
		for i := range usual {
			if faster[i].At.After(usual[i].At) {
				t.Fatalf("%s: quicker ends %v, after %v", usual[i].Step, faster[i].At, usual[i].At)
			}
			if later[i].At.Before(usual[i].At) {
				t.Fatalf("%s: with a pause it ends %v, before %v", usual[i].Step, later[i].At, usual[i].At)
			}
			var before time.Time
			for _, n := range p.Notices(s, usual[i]) {
				if n.At.Before(before) || n.Percent < 100 && n.At.After(usual[i].At) || n.Percent > 100 && n.At.Before(usual[i].At) {
					t.Fatalf("a notice at %d %% comes at %v; the deadline is %v", n.Percent, n.At, usual[i].At)
				}
				before = n.At
			}
		}
	})
}

func TestPromises(t *testing.T) {
	t.Parallel()
	s := schedule(t, "Europe/Moscow", deadline.OfficeHours())
	p := deadline.Presets()[0]
	opened, now := moscow(t, "2026-11-24 11:00"), moscow(t, "2026-11-25 11:00")
	if at, err := p.Promise(s, opened, moscow(t, "2026-12-10 00:00"), now); err != nil || !at.Equal(moscow(t, "2026-12-10 18:00")) {
		t.Errorf("got %v, %v", at, err)
	}
	for _, day := range []string{"2026-11-24 00:00", "2026-12-05 00:00", "2027-03-01 00:00"} {
		if _, err := p.Promise(s, opened, moscow(t, day), now); err == nil {
			t.Errorf("%s could be promised", day)
		}
	}
}

func TestPresetsHold(t *testing.T) {
	t.Parallel()
	for _, p := range deadline.Presets() {
		if err := p.Check(); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
	if err := (deadline.Policy{}).Check(); err == nil {
		t.Error("a policy without a final deadline was taken")
	}
}
