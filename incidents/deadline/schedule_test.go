package deadline_test

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"otklik/incidents/deadline"
	"otklik/internal/workcal"

	"pgregory.net/rapid"
)

func zone(tb testing.TB, name string) *time.Location {
	tb.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

func schedule(tb testing.TB, name string, h deadline.Hours) *deadline.Schedule {
	tb.Helper()
	s, err := deadline.NewSchedule(zone(tb, name), workcal.Calendar{}, h)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// walker counts as a person with a calendar would: day by day, minute by minute
// of the intervals, without sums.
type walker struct {
	zone *time.Location
	days workcal.Calendar
	h    deadline.Hours
}

func (w walker) day(d workcal.Date) [][2]time.Time {
	day := w.days.Day(d)
	hours := w.h.Week[d.Weekday()]
	if !w.h.Always {
		if !day.IsWorking() {
			return nil
		}
		if len(hours) == 0 && (d.Weekday() == time.Saturday || d.Weekday() == time.Sunday) {
			hours = w.h.Week[time.Friday]
		}
	}
	var list [][2]time.Time
	for _, x := range hours {
		to := x.To
		if day.Kind == workcal.Short && !w.h.Always && x == hours[len(hours)-1] {
			to -= 60
		}
		list = append(list, [2]time.Time{
			time.Date(d.Year, d.Month, d.Day, 0, x.From, 0, 0, w.zone), time.Date(d.Year, d.Month, d.Day, 0, to, 0, 0, w.zone),
		})
	}
	return list
}

func (w walker) hours(from time.Time, d time.Duration) time.Time {
	for day := workcal.On(from.In(w.zone)); ; day = day.Add(1) {
		for _, x := range w.day(day) {
			begin := x[0]
			if from.After(begin) {
				begin = from
			}
			if !begin.Before(x[1]) {
				continue
			}
			if has := x[1].Sub(begin); has >= d {
				return begin.Add(d)
			} else {
				d -= has
			}
		}
	}
}

func (w walker) workdays(from time.Time, n int) time.Time {
	for day := workcal.On(from.In(w.zone)).Add(1); ; day = day.Add(1) {
		if x := w.day(day); len(x) > 0 {
			if n--; n == 0 {
				return x[len(x)-1][1]
			}
		}
	}
}

func (w walker) calendarDays(from time.Time, n int) time.Time {
	for day := workcal.On(from.In(w.zone)).Add(n); ; day = day.Add(1) {
		if x := w.day(day); len(x) > 0 {
			return x[len(x)-1][1]
		}
	}
}

var update = flag.Bool("update", false, "write the golden file anew")

// Every hour of 2024 to 2027 in three zones, with three terms, against the
// walker; and a golden file, so that a change of the calendar is seen.
func TestEveryHourOfFourYears(t *testing.T) {
	t.Parallel()
	var golden bytes.Buffer
	for _, name := range []string{"Europe/Kaliningrad", "Europe/Moscow", "Asia/Kamchatka"} {
		s := schedule(t, name, deadline.OfficeHours())
		w := walker{zone: zone(t, name), h: deadline.OfficeHours()}
		sum, month := sha256.New(), ""
		last := time.Date(2028, 1, 1, 0, 0, 0, 0, w.zone)
		for at := time.Date(2024, 1, 1, 0, 0, 0, 0, w.zone); at.Before(last); at = at.Add(time.Hour) {
			got := [3]time.Time{
				s.End(at, deadline.Term{N: 9, Unit: deadline.WorkHour}),
				s.End(at, deadline.Term{N: 3, Unit: deadline.WorkDay}),
				s.End(at, deadline.Term{N: 10, Unit: deadline.Day}),
			}
			want := [3]time.Time{w.hours(at, 9*time.Hour), w.workdays(at, 3), w.calendarDays(at, 10)}
			for i := range got {
				if !got[i].Equal(want[i]) {
					t.Fatalf("%s, term %d from %v: got %v, want %v", name, i, at, got[i], want[i])
				}
				fmt.Fprintln(sum, got[i].Unix())
			}
			if next := at.Add(time.Hour).Format("2006-01"); next != at.Format("2006-01") {
				month = at.Format("2006-01")
				fmt.Fprintf(&golden, "%s %s %x %s %s %s\n", name, month, sum.Sum(nil)[:6],
					got[0].Format("2006-01-02T15:04"), got[1].Format("2006-01-02T15:04"), got[2].Format("2006-01-02T15:04"))
				sum.Reset()
			}
		}
	}
	path := filepath.Join("testdata", "hours-2024-2027.golden")
	if *update {
		if err := os.WriteFile(path, golden.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, golden.Bytes()) {
		t.Error("the deadlines of a month differ from the golden file; run with -update and read the difference")
	}
}

func TestMomentsOfTheCalendar(t *testing.T) {
	t.Parallel()
	s := schedule(t, "Europe/Moscow", deadline.OfficeHours())
	at := func(v string) time.Time {
		x, err := time.ParseInLocation("2006-01-02 15:04", v, zone(t, "Europe/Moscow"))
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	cases := []struct {
		name, from string
		term       deadline.Term
		want       string
	}{
		{"at night", "2026-11-24 03:00", deadline.Term{N: 1, Unit: deadline.WorkHour}, "2026-11-24 10:00"},
		{"over lunch", "2026-11-24 12:30", deadline.Term{N: 1, Unit: deadline.WorkHour}, "2026-11-24 14:15"},
		{"ends with the day", "2026-11-24 17:00", deadline.Term{N: 1, Unit: deadline.WorkHour}, "2026-11-24 18:00"},
		{"a short day before a holiday", "2026-11-03 15:00", deadline.Term{N: 4, Unit: deadline.WorkHour}, "2026-11-05 11:00"},
		{"a working Saturday", "2024-04-26 17:00", deadline.Term{N: 2, Unit: deadline.WorkHour}, "2024-04-27 11:00"},
		{"New Year", "2026-12-30 17:00", deadline.Term{N: 9, Unit: deadline.WorkHour}, "2027-01-11 17:45"},
		{"working days", "2026-11-24 23:59", deadline.Term{N: 1, Unit: deadline.WorkDay}, "2026-11-25 18:00"},
		{"working days from a Sunday", "2026-11-22 12:00", deadline.Term{N: 1, Unit: deadline.WorkDay}, "2026-11-23 18:00"},
		{"a calendar day that is Sunday moves", "2026-11-12 12:00", deadline.Term{N: 10, Unit: deadline.Day}, "2026-11-23 18:00"},
		{"a strict one does not", "2026-11-12 12:00", deadline.Term{N: 10, Unit: deadline.Day, Strict: true}, "2026-11-23 00:00"},
		{"by the clock", "2026-12-31 12:00", deadline.Term{N: 24, Unit: deadline.Hour}, "2027-01-01 12:00"},
	}
	for _, c := range cases {
		if got := s.End(at(c.from), c.term); !got.Equal(at(c.want)) {
			t.Errorf("%s: got %v, want %s", c.name, got, c.want)
		}
	}
}

func someHours(t *rapid.T) deadline.Hours {
	var h deadline.Hours
	for i := range h.Week {
		last := 0
		for range rapid.IntRange(0, 3).Draw(t, "intervals") {
			if last >= 1400 {
				break
			}
			from := rapid.IntRange(last, 1420).Draw(t, "from")
			to := rapid.IntRange(from+1, 1440).Draw(t, "to")
			h.Week[i] = append(h.Week[i], deadline.Interval{From: from, To: to})
			last = to
		}
	}
	h.Week[time.Tuesday] = []deadline.Interval{{From: 600, To: 660}}
	h.Always = rapid.Bool().Draw(t, "always")
	return h
}

// After and Between are each other's inverse in whatever hours people work, and
// a term ends within working time.
func TestWhatPassesIsWhatWasAsked(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, err := deadline.NewSchedule(time.FixedZone("", rapid.IntRange(2, 12).Draw(t, "zone")*3600), workcal.Calendar{}, someHours(t))
		if err != nil {
			t.Fatal(err)
		}
		from := time.Date(2024, 1, 1, 0, rapid.IntRange(0, 3*365*24*60).Draw(t, "minute"), 0, 0, time.UTC)
		d := time.Duration(rapid.IntRange(1, 200*60).Draw(t, "minutes")) * time.Minute
		end := s.After(from, d)
		if got := s.Between(from, end); got != d {
			t.Fatalf("from %v for %v ends %v, which is %v of work", from, d, end, got)
		}
		if !s.Working(end.Add(-time.Minute)) {
			t.Fatalf("from %v for %v ends %v, before which nobody works", from, d, end)
		}
		if later := s.After(from, d+time.Minute); !later.After(end) {
			t.Fatalf("a longer term ends at %v, not after %v", later, end)
		}
	})
}

func TestHoursThatAreWrong(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"9-", "9:00–25:00", "18:00–9:00", "9:00–13:00, 12:00–18:00", "утро"} {
		if _, err := deadline.ParseDay(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
	day, err := deadline.ParseDay("9:00—13:00; 13:45 - 24:00")
	if err != nil || deadline.FormatDay(day) != "09:00–13:00, 13:45–24:00" {
		t.Errorf("got %v, %v", day, err)
	}
	if err := (deadline.Hours{}).Check(); err == nil {
		t.Error("hours without an hour were taken")
	}
}

func BenchmarkEnd(b *testing.B) {
	s := schedule(b, "Europe/Moscow", deadline.OfficeHours())
	from := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for b.Loop() {
		s.End(from, deadline.Term{N: 30, Unit: deadline.WorkHour})
	}
}
