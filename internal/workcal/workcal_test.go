package workcal

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func day(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]Kind{
		"2026-01-01": Holiday, "2026-01-09": Off, "2026-01-12": Working, "2026-03-09": Off, "2026-04-30": Short,
		"2026-05-09": Holiday, "2026-05-11": Off, "2026-11-03": Short, "2026-11-04": Holiday, "2026-12-31": Off, "2026-11-23": Working,
		"2024-04-27": Working, "2024-12-28": Working, "2024-11-02": Short, "2024-04-29": Off, "2018-04-28": Short, "2020-04-15": Off, "2021-11-04": Holiday,
		"2016-02-20": Short, "2012-06-11": Short,
		// By the law alone: 1 May 2027 is a Saturday, 9 May a Sunday.
		"2027-02-22": Short, "2027-02-23": Holiday, "2027-05-01": Holiday, "2027-05-03": Off, "2027-05-04": Working, "2027-05-10": Off,
		"2027-05-11": Working, "2027-06-12": Holiday, "2027-06-14": Off, "2027-06-15": Working, "2027-12-31": Short, "2027-01-11": Working,
		"2028-01-10": Working,
	} {
		if got := (Calendar{}).Day(day(s)).Kind; got != want {
			t.Errorf("%s is %s, want %s", s, got, want)
		}
	}
	if got := (Calendar{}).Day(day("2026-11-04")).Name; got != "День народного единства" {
		t.Error(got)
	}
}

// The number of working days in each year, as the ministry publishes it; in 2020
// and 2021 less those that decrees made non-working.
func TestWorkingDaysOfTheYears(t *testing.T) {
	t.Parallel()
	want := map[int]int{
		2013: 247, 2014: 247, 2015: 247, 2016: 247, 2017: 247, 2018: 247, 2019: 247, 2020: 219, 2021: 240,
		2022: 247, 2023: 247, 2024: 248, 2025: 247, 2026: 247,
	}
	for year, n := range want {
		have := 0
		for d := (Date{year, time.January, 1}); d.Year == year; d = d.Add(1) {
			if (Calendar{}).IsWorking(d) {
				have++
			}
		}
		if have != n || !Known(year) {
			t.Errorf("%d has %d working days, want %d", year, have, n)
		}
	}
	if Known(2012) || Known(2027) || LastKnown() != 2026 {
		t.Error("the table is of 2013 to 2026")
	}
}

func TestNeighboursAndOverrides(t *testing.T) {
	t.Parallel()
	c := Calendar{}
	if got := c.Next(day("2025-12-31")); got != day("2026-01-12") {
		t.Error(got)
	}
	if got := c.Previous(day("2026-01-11")); got != day("2025-12-30") {
		t.Error(got)
	}
	c = New(map[Date]Kind{day("2026-04-21"): Off, day("2026-01-10"): Working})
	if c.IsWorking(day("2026-04-21")) || !c.IsWorking(day("2026-01-10")) || c.Next(day("2026-01-01")) != day("2026-01-10") {
		t.Error("an override is not followed")
	}
}

func TestWarning(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"2026-09-30": "", "2026-10-01": "2027", "2027-03-01": "2027", "2025-12-31": ""} {
		if got := Warning(day(s)); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q", s, got)
		}
	}
}

func TestEveryDayHasSense(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := day("2011-01-01").Add(rapid.IntRange(0, 365*30).Draw(t, "day"))
		c := Calendar{}
		x := c.Day(d)
		next, previous := c.Next(d), c.Previous(d)
		switch {
		case (x.Kind == Holiday) != (HolidayName(d) != ""):
			t.Fatalf("%+v", x)
		case !c.IsWorking(next) || !c.IsWorking(previous) || next.Before(d) || d.Before(previous):
			t.Fatalf("%s: %s and %s", d, previous, next)
		case x.IsWorking() != (next == d):
			t.Fatalf("%+v, next %s", x, next)
		}
		if back, err := ParseDate(d.String()); err != nil || back != d {
			t.Fatal(back, err)
		}
	})
}
