package publisher

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the law about zones, the same on every machine

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"otklik/internal/errs"
	"otklik/internal/workcal"
)

var update = flag.Bool("update", false, "write the golden lists anew")

func zone(t interface{ Fatal(...any) }, name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func date(s string) workcal.Date {
	d, err := workcal.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestWallClock(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ zone, local, want string }{
		{"Europe/Moscow", "2026-11-23T10:00", "2026-11-23T10:00:00+03:00"},
		// Moscow: summer time for good in 2011, winter time for good in 2014.
		{"Europe/Moscow", "2011-03-27T02:30", "2011-03-27T03:00:00+04:00"},
		{"Europe/Moscow", "2011-03-27T03:00", "2011-03-27T03:00:00+04:00"},
		{"Europe/Moscow", "2014-10-26T01:30", "2014-10-26T01:30:00+04:00"},
		{"Europe/Moscow", "2014-10-26T02:00", "2014-10-26T02:00:00+03:00"},
		// Saratov and Novosibirsk went an hour east in 2016.
		{"Europe/Saratov", "2016-12-04T02:30", "2016-12-04T03:00:00+04:00"},
		{"Asia/Novosibirsk", "2016-07-24T02:15", "2016-07-24T03:00:00+07:00"},
		{"Asia/Novosibirsk", "2016-07-25T10:00", "2016-07-25T10:00:00+07:00"},
		// New York still changes twice a year.
		{"America/New_York", "2026-03-08T02:30", "2026-03-08T03:00:00-04:00"},
		{"America/New_York", "2026-11-01T01:30", "2026-11-01T01:30:00-04:00"},
		{"America/New_York", "2026-11-01T02:00", "2026-11-01T02:00:00-05:00"},
		{"Asia/Kamchatka", "2026-01-01T00:00", "2026-01-01T00:00:00+12:00"},
	} {
		w, err := time.Parse(slotLayout, x.local)
		if err != nil {
			t.Fatal(err)
		}
		if got := instant(w, zone(t, x.zone)).Format(time.RFC3339); got != x.want {
			t.Errorf("%s in %s is %s, want %s", x.local, x.zone, got, x.want)
		}
	}
}

func TestEveryInstantShowsItsWallTime(t *testing.T) {
	t.Parallel()
	zones := []string{"Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Omsk", "Asia/Novosibirsk", "Asia/Kamchatka", "America/New_York", "Australia/Lord_Howe"}
	rapid.Check(t, func(t *rapid.T) {
		z := zone(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		at := time.Unix(rapid.Int64Range(1230768000, 1893456000).Draw(t, "at")/60*60, 0).In(z)
		_, seconds := at.Zone()
		w := at.UTC().Add(time.Duration(seconds) * time.Second)
		// The moment itself, or an hour earlier where the time comes twice.
		got := instant(w, z)
		if !shows(got, w) || got.After(at) || at.Sub(got) > time.Hour {
			t.Fatalf("%s became %s", at, got)
		}
	})
}

// yearRules are one year of several pages.
func yearRules() []struct {
	name, zone string
	rule       Rule
} {
	at := func(r Rule, h, m int) Rule {
		r.Hour, r.Minute = h, m
		if r.OnDayOff == "" {
			r.OnDayOff = Keep
		}
		return r
	}
	return []struct {
		name, zone string
		rule       Rule
	}{
		{"по понедельникам, в следующий рабочий день", "Europe/Moscow", at(Rule{Repeat: Weekly, Weekdays: []time.Weekday{time.Monday}, OnDayOff: MoveForward}, 10, 0)},
		{"по пятницам, в предыдущий рабочий день", "Asia/Kamchatka", at(Rule{Repeat: Weekly, Weekdays: []time.Weekday{time.Friday}, OnDayOff: MoveBackwards}, 9, 30)},
		{"31-го числа", "Europe/Kaliningrad", at(Rule{Repeat: Monthly, Date: 31}, 12, 0)},
		{"второй вторник, кроме выходных", "Europe/Samara", at(Rule{Repeat: Nth, Nth: 2, Weekdays: []time.Weekday{time.Tuesday}, OnDayOff: Skip}, 18, 5)},
		{"последнее воскресенье", "Asia/Vladivostok", at(Rule{Repeat: Nth, Nth: -1, Weekdays: []time.Weekday{time.Sunday}, Except: []workcal.Date{date("2026-06-28")}}, 0, 0)},
		{"каждый день ночью, где переводят часы", "America/New_York", at(Rule{Repeat: Daily}, 2, 30)},
		{"каждое воскресенье в час, который бывает дважды", "America/New_York", at(Rule{Repeat: Weekly, Weekdays: []time.Weekday{time.Sunday}}, 1, 30)},
	}
}

// A year of what repeats, as people will see it.
func TestYearOfSeries(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, x := range yearRules() {
		z := zone(t, x.zone)
		if err := x.rule.Check(); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "# %s, %s (%s)\n", x.name, x.zone, x.rule.Expression())
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, z)
		for _, s := range x.rule.Slots(z, workcal.Calendar{}, from, from.AddDate(1, 0, 0)) {
			local := s.At.In(z)
			fmt.Fprintf(&b, "%s %s", local.Format("Mon 02.01.2006 15:04 -07:00"), s.Key)
			if s.Moved {
				b.WriteString(" moved")
			}
			b.WriteString("\n")
		}
	}
	const file = "testdata/year.golden"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Error(d)
	}
}

func rules() *rapid.Generator[Rule] {
	return rapid.Custom(func(t *rapid.T) Rule {
		r := Rule{
			Repeat: rapid.SampledFrom([]Repeat{Daily, Weekly, Monthly, Nth}).Draw(t, "repeat"), Date: rapid.IntRange(1, 31).Draw(t, "date"),
			Nth: rapid.SampledFrom([]int{1, 2, 3, 4, -1}).Draw(t, "nth"), Hour: rapid.IntRange(0, 23).Draw(t, "hour"), Minute: rapid.IntRange(0, 59).Draw(t, "minute"),
			OnDayOff: rapid.SampledFrom([]OnDayOff{Keep, Skip, MoveForward, MoveBackwards}).Draw(t, "on a day off"),
		}
		r.Weekdays = []time.Weekday{time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday"))}
		if r.Repeat == Weekly {
			r.Weekdays = append(r.Weekdays, time.Weekday(rapid.IntRange(0, 6).Draw(t, "another")))
		}
		return r
	})
}

// Whatever the rule: one occurrence a day at most, on the right days, at the
// right time of the wall clock; and a window cut in two gives the same list.
func TestSlotsKeepTheirRule(t *testing.T) {
	t.Parallel()
	days := workcal.Calendar{}
	rapid.Check(t, func(t *rapid.T) {
		r := rules().Draw(t, "rule")
		if err := r.Check(); err != nil {
			t.Fatal(err)
		}
		z := zone(t, rapid.SampledFrom([]string{"Europe/Moscow", "Asia/Kamchatka", "America/New_York"}).Draw(t, "zone"))
		from := time.Date(2011, 1, 1, 0, 0, 0, 0, z).AddDate(0, 0, rapid.IntRange(0, 5500).Draw(t, "from"))
		to := from.AddDate(0, 3, 0)
		all := r.Slots(z, days, from, to)
		seen := map[workcal.Date]bool{}
		keys := map[string]bool{}
		for _, s := range all {
			local := s.At.In(z)
			d := workcal.On(local)
			if seen[d] || keys[s.Key] {
				t.Fatalf("twice on %s", d)
			}
			seen[d], keys[s.Key] = true, true
			if r.OnDayOff != Keep && !days.IsWorking(d) {
				t.Fatalf("%s is a day off", d)
			}
			if !s.Moved && !r.narrow(d) || !s.Moved && r.Repeat == Nth && d.Weekday() != r.Weekdays[0] {
				t.Fatalf("%+v does not fire on %s", r, d)
			}
			w := wall(d, r.Hour, r.Minute)
			if !shows(local, w) && instant(w, z).Sub(s.At) != 0 {
				t.Fatalf("%s shows %s", s.Key, local)
			}
		}
		middle := from.Add(to.Sub(from) / 2)
		if parts := append(r.Slots(z, days, from, middle), r.Slots(z, days, middle, to)...); !slices.Equal(parts, all) {
			t.Fatalf("in parts:\n%v\nwhole:\n%v", parts, all)
		}
	})
}

func TestRulesThatAreWrong(t *testing.T) {
	t.Parallel()
	good := Rule{Repeat: Daily, OnDayOff: Keep}
	for name, r := range map[string]Rule{
		"hour":     {Repeat: Daily, Hour: 24, OnDayOff: Keep},
		"weekdays": {Repeat: Weekly, OnDayOff: Keep},
		"weekday":  {Repeat: Weekly, Weekdays: []time.Weekday{7}, OnDayOff: Keep},
		"date":     {Repeat: Monthly, OnDayOff: Keep},
		"fifth":    {Repeat: Nth, Nth: 5, Weekdays: []time.Weekday{1}, OnDayOff: Keep},
		"policy":   {Repeat: Daily},
		"repeat":   {Repeat: "hourly", OnDayOff: Keep},
		"until":    {Repeat: Daily, OnDayOff: Keep, From: date("2026-02-02"), Until: date("2026-02-01")},
	} {
		if code := errs.CodeOf(r.Check()); code != errs.Invalid {
			t.Errorf("%s: %q", name, code)
		}
	}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
}

func TestRulesInWords(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]Rule{
		"каждый день в 09:05": {Repeat: Daily, Hour: 9, Minute: 5},
		"по понедельникам, средам и воскресеньям в 10:00":                       {Repeat: Weekly, Weekdays: []time.Weekday{0, 3, 1}, Hour: 10},
		"каждый месяц 5-го числа в 10:00":                                       {Repeat: Monthly, Date: 5, Hour: 10},
		"каждый месяц 31-го числа, в коротком месяце в последний день, в 10:00": {Repeat: Monthly, Date: 31, Hour: 10},
		"во второй вторник месяца в 10:00":                                      {Repeat: Nth, Nth: 2, Weekdays: []time.Weekday{2}, Hour: 10},
		"в последнюю пятницу месяца в 10:00":                                    {Repeat: Nth, Nth: -1, Weekdays: []time.Weekday{5}, Hour: 10},
		"в третье воскресенье месяца в 10:00":                                   {Repeat: Nth, Nth: 3, Weekdays: []time.Weekday{0}, Hour: 10},
	} {
		if got := r.Words(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
