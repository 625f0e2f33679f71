package deadline

import (
	"sort"
	"time"

	"otklik/internal/workcal"
)

// The years that a Schedule counts in. Before and after them it counts as if
// the nearest of them were meant, which no case comes near.
const (
	firstYear = 2013
	lastYear  = 2045
)

// Schedule counts working time of one organisation. It is immutable and safe
// for concurrent use.
type Schedule struct {
	zone  *time.Location
	start workcal.Date
	days  [][]Interval
	// before[i] are the working minutes of all days before day i; days.len+1 of them.
	before []int
	// worked[i] are the working days before day i.
	worked []int
}

// NewSchedule lays out the days of a calendar with the hours of an organisation
// in its zone. Errors: those of Hours.Check.
func NewSchedule(zone *time.Location, days workcal.Calendar, h Hours) (*Schedule, error) {
	if err := h.Check(); err != nil {
		return nil, err
	}
	s := &Schedule{zone: zone, start: workcal.Date{Year: firstYear, Month: time.January, Day: 1}, before: []int{0}, worked: []int{0}}
	for d := s.start; d.Year <= lastYear; d = d.Add(1) {
		day := h.on(days.Day(d))
		s.days = append(s.days, day)
		n := length(day)
		s.before = append(s.before, s.before[len(s.before)-1]+n)
		s.worked = append(s.worked, s.worked[len(s.worked)-1]+min(n, 1))
	}
	return s, nil
}

func (h Hours) on(d workcal.Day) []Interval {
	day := h.Week[d.Date.Weekday()]
	if h.Always {
		return day
	}
	weekend := d.Date.Weekday() == time.Saturday || d.Date.Weekday() == time.Sunday
	if d.IsWorking() && weekend && len(day) == 0 {
		if day = h.Moved; len(day) == 0 {
			day = h.Week[time.Friday]
		}
	}
	switch d.Kind {
	case workcal.Working:
		return day
	case workcal.Short:
		return cut(day, shorter)
	}
	return nil
}

// Zone is the zone in which the organisation works.
func (s *Schedule) Zone() *time.Location { return s.zone }

// place is a moment as a day and a minute of it, with what is left below a minute.
func (s *Schedule) place(t time.Time) (day, minute int, rest time.Duration) {
	t = t.In(s.zone)
	date := workcal.On(t)
	day = s.number(date)
	switch {
	case day < 0:
		return 0, 0, 0
	case day >= len(s.days):
		return len(s.days) - 1, dayMinutes, 0
	}
	return day, t.Hour()*60 + t.Minute(), time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())
}

func (s *Schedule) number(d workcal.Date) int {
	from := time.Date(s.start.Year, s.start.Month, s.start.Day, 0, 0, 0, 0, time.UTC)
	return int(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Sub(from) / (24 * time.Hour))
}

// moment is a minute of a day; 1440 is the beginning of the next.
func (s *Schedule) moment(day, minute int) time.Time {
	d := s.start.Add(day)
	return time.Date(d.Year, d.Month, d.Day, 0, minute, 0, 0, s.zone)
}

// spent are the working minutes from the first day to a minute of a day.
func (s *Schedule) spent(day, minute int) int {
	n := s.before[day]
	for _, x := range s.days[day] {
		n += max(0, min(minute, x.To)-x.From)
	}
	return n
}

// Working says that people work at the moment.
func (s *Schedule) Working(t time.Time) bool {
	day, minute, _ := s.place(t)
	for _, x := range s.days[day] {
		if x.From <= minute && minute < x.To {
			return true
		}
	}
	return false
}

// WorkingDay says that people work on the day of the moment.
func (s *Schedule) WorkingDay(t time.Time) bool {
	day, _, _ := s.place(t)
	return len(s.days[day]) > 0
}

// Between is the working time from one moment to another, in whole minutes; it
// is negative when to is earlier.
func (s *Schedule) Between(from, to time.Time) time.Duration {
	a, am, _ := s.place(from)
	b, bm, _ := s.place(to)
	return time.Duration(s.spent(b, bm)-s.spent(a, am)) * time.Minute
}

// After is the moment at which so much working time has passed since from. What
// ends with a working day ends that day and not at the beginning of the next.
// Seconds of from count only within working time.
func (s *Schedule) After(from time.Time, d time.Duration) time.Time {
	day, minute, rest := s.place(from)
	if d <= 0 {
		return from
	}
	if !s.Working(from) {
		rest = 0
	}
	want := s.spent(day, minute) + int(d/time.Minute)
	// The first day at whose end so many minutes have passed.
	i := sort.Search(len(s.days), func(i int) bool { return s.before[i+1] >= want })
	if i == len(s.days) {
		return s.moment(len(s.days)-1, dayMinutes)
	}
	left := want - s.before[i]
	for _, x := range s.days[i] {
		if n := x.To - x.From; left > n {
			left -= n
			continue
		}
		end := s.moment(i, x.From+left).Add(rest)
		if over := end.Sub(s.moment(i, x.To)); over > 0 {
			return s.next(i, x.To, over)
		}
		return end
	}
	return s.moment(i, dayMinutes)
}

// next is where the seconds that do not fit before the end of an interval go on.
func (s *Schedule) next(day, minute int, over time.Duration) time.Time {
	for i := day; i < len(s.days); i++ {
		for _, x := range s.days[i] {
			if i > day || x.From >= minute {
				return s.moment(i, x.From).Add(over)
			}
		}
	}
	return s.moment(len(s.days)-1, dayMinutes)
}

// Workday is the end of work on the n-th working day after the day of from,
// which is not counted itself (articles 191 and 194 of the Civil Code).
func (s *Schedule) Workday(from time.Time, n int) time.Time {
	day, _, _ := s.place(from)
	want := s.worked[day+1] + n
	i := sort.Search(len(s.days), func(i int) bool { return s.worked[i+1] >= want })
	return s.closing(min(i, len(s.days)-1))
}

// Day is the end of the n-th calendar day after the day of from. When it is not
// a working day and move is set, it is the end of work on the next working day
// (article 193 of the Civil Code).
func (s *Schedule) Day(from time.Time, n int, move bool) time.Time {
	day, _, _ := s.place(from)
	day = min(day+n, len(s.days)-1)
	if move {
		for day < len(s.days)-1 && len(s.days[day]) == 0 {
			day++
		}
		return s.closing(day)
	}
	return s.moment(day, dayMinutes)
}

// closing is when work ends on a day.
func (s *Schedule) closing(day int) time.Time {
	if hours := s.days[day]; len(hours) > 0 {
		return s.moment(day, hours[len(hours)-1].To)
	}
	return s.moment(day, dayMinutes)
}

// Workdays counts the working days after the day of from up to the day of to.
func (s *Schedule) Workdays(from, to time.Time) int {
	a, _, _ := s.place(from)
	b, _, _ := s.place(to)
	return s.worked[b+1] - s.worked[a+1]
}
