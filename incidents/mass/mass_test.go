package mass_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"otklik/incidents/mass"
	"otklik/internal/errs"
	"otklik/internal/rights"
)

func now() time.Time { return time.Date(2026, 11, 23, 14, 5, 0, 0, time.UTC) }

func by(roles ...rights.Role) rights.Actor {
	return rights.Actor{ID: "p", Name: "Илья Гордеев", Roles: roles}
}

func open() mass.Incident {
	return mass.Incident{ID: "i", Number: 3, Version: 1, State: mass.Open, Title: "Вода", TopicID: "water", OpenedAt: now(), GrewAt: now()}
}

// commands are one of each kind, with input that is right.
func commands() []mass.Command {
	return []mass.Command{
		mass.Rename{Title: "Нет воды"},
		mass.Add{Cases: []int64{4, 2, 4}},
		mass.Remove{Cases: []int64{2}},
		mass.Merge{Into: 5},
		mass.Close{Why: "включили"},
		mass.Reopen{},
		mass.Draft{Text: "чинят"},
	}
}

// Whatever people do in whatever order: the table decides, versions grow by
// one, a merged incident stays what it is, and nobody without the right acts.
func TestTheTableHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		i := open()
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			cmd := rapid.SampledFrom(commands()).Draw(t, "command")
			role := rapid.SampledFrom(rights.Roles()).Draw(t, "role")
			d, err := mass.Apply(i, cmd, by(role), now())
			if !by(role).Can(rights.ManageIncidents) {
				if errs.CodeOf(err) != errs.Forbidden {
					t.Fatalf("%s did %T: %v", role, cmd, err)
				}
				continue
			}
			if i.State == mass.Merged && errs.CodeOf(err) != errs.Conflict {
				t.Fatalf("%T of a merged incident: %v", cmd, err)
			}
			if err != nil {
				continue
			}
			if !slices.Contains(mass.Possible(i, by(role)), d.Event.Kind) {
				t.Fatalf("%T was done and is not possible in %s", cmd, i.State)
			}
			if d.Incident.Version != i.Version+1 || d.Incident.Title == "" || d.Incident.ClosedAt.IsZero() != (d.Incident.State == mass.Open) {
				t.Fatalf("%T: %+v", cmd, d.Incident)
			}
			if d.Incident.State == mass.Closed && (d.Join != nil || d.Into != 0) {
				t.Fatalf("closing does something else: %+v", d)
			}
			i = d.Incident
		}
	})
}

func TestWhatIsWrittenIsChecked(t *testing.T) {
	t.Parallel()
	many := make([]int64, mass.MostAtOnce+1)
	for i := range many {
		many[i] = int64(i)
	}
	for _, c := range []struct {
		cmd  mass.Command
		want errs.Code
	}{
		{mass.Rename{Title: " "}, errs.Invalid},
		{mass.Add{}, errs.Invalid},
		{mass.Add{Cases: many}, errs.TooLarge},
		{mass.Merge{Into: 3}, errs.Invalid},
		{mass.Rename{Title: fmt.Sprintf("%0201d", 1)}, errs.TooLarge},
		{mass.Reopen{}, errs.Conflict},
	} {
		if _, err := mass.Apply(open(), c.cmd, by(rights.Head), now()); errs.CodeOf(err) != c.want {
			t.Errorf("%T: %v, want %s", c.cmd, err, c.want)
		}
	}
	if d, err := mass.Begin(mass.Incident{Title: "Лёд"}, []int64{7, 3, 7}, by(rights.Moderator), now()); err != nil || !slices.Equal(d.Join, []int64{3, 7}) || d.Incident.State != mass.Open {
		t.Error(d, err)
	}
}

func TestManyAuthorsNotManyMessages(t *testing.T) {
	t.Parallel()
	var list []mass.Candidate
	for i := range 20 {
		list = append(list, mass.Candidate{CaseID: fmt.Sprint(i), Author: fmt.Sprint(i % 4)})
	}
	if mass.Default().Enough(list) {
		t.Error("four people are not five")
	}
	if !mass.Default().Enough(append(list, mass.Candidate{Author: "fifth"})) {
		t.Error("five people are enough")
	}
	set := mass.Settings{"": {Authors: 9, Window: time.Hour}, "water": {Authors: 2, Window: time.Hour}}
	if set.For("water").Authors != 2 || set.For("roads").Authors != 9 || (mass.Settings{}).For("x") != mass.Default() {
		t.Error("limits of a topic")
	}
}

func TestWhoIsNotToldOfWhat(t *testing.T) {
	t.Parallel()
	yard := mass.Place{ID: "yard", Path: []string{"yard", "district", "city"}}
	water := mass.Subject{TopicID: "water", Place: yard, Incident: 3}
	wide := mass.Incident{Number: 9, State: mass.Open, TopicID: "water", Place: mass.Place{ID: "city", Path: []string{"city"}}}
	later := now().Add(time.Hour)
	for _, c := range []struct {
		name     string
		silences []mass.Silence
		others   []mass.Incident
		muted    bool
	}{
		{"nothing", nil, nil, false},
		{"its topic", []mass.Silence{{TopicID: "water", Until: later}}, nil, true},
		{"its topic elsewhere", []mass.Silence{{TopicID: "water", PlaceID: "village", Until: later}}, nil, false},
		{"its topic around it", []mass.Silence{{TopicID: "water", PlaceID: "district", Until: later}}, nil, true},
		{"itself", []mass.Silence{{Incident: 3, Until: later}}, nil, true},
		{"another", []mass.Silence{{Incident: 4, Until: later}}, nil, false},
		{"over", []mass.Silence{{Incident: 3, Until: now()}}, nil, false},
		{"ended", []mass.Silence{{Incident: 3, Until: later, EndedAt: now()}}, nil, false},
		{"a wider incident", nil, []mass.Incident{wide}, true},
		{"a wider one of another topic", nil, []mass.Incident{{Number: 9, State: mass.Open, TopicID: "roads", Place: wide.Place}}, false},
	} {
		if got := mass.Muted(water, c.silences, c.others, now()); (got != "") != c.muted {
			t.Errorf("%s: %q", c.name, got)
		}
	}
	if mass.Muted(mass.Subject{TopicID: "water", Place: wide.Place, Incident: 9}, nil, []mass.Incident{wide, open()}, now()) != "" {
		t.Error("the wider one is told of")
	}
}

func TestSilenceHasAReasonAndAnEnd(t *testing.T) {
	t.Parallel()
	good := mass.Silence{TopicID: "water", Why: "ремонт", Until: now().Add(time.Hour)}
	for _, c := range []struct {
		change func(*mass.Silence)
		role   rights.Role
		want   errs.Code
	}{
		{func(*mass.Silence) {}, rights.Executor, errs.Forbidden},
		{func(z *mass.Silence) { z.TopicID = "" }, rights.Head, errs.Invalid},
		{func(z *mass.Silence) { z.Why = " \n" }, rights.Head, errs.Invalid},
		{func(z *mass.Silence) { z.Until = now() }, rights.Head, errs.Invalid},
		{func(z *mass.Silence) { z.Until = now().Add(31 * 24 * time.Hour) }, rights.Head, errs.Invalid},
	} {
		z := good
		c.change(&z)
		if _, err := mass.Hush(z, by(c.role), now()); errs.CodeOf(err) != c.want {
			t.Errorf("%+v: %v", z, err)
		}
	}
	z, err := mass.Hush(good, by(rights.PressOfficer), now())
	if err != nil || !z.Holds(now()) || z.ByName == "" {
		t.Fatal(z, err)
	}
	if z, err = mass.Unhush(z, by(rights.Head), now().Add(time.Minute)); err != nil || z.Holds(now().Add(2*time.Minute)) {
		t.Fatal(z, err)
	}
	if _, err = mass.Unhush(z, by(rights.Head), now()); errs.CodeOf(err) != errs.Conflict {
		t.Fatal(err)
	}
}
