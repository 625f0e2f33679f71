// Package workcal is the Russian production calendar: which days are working,
// shortened, off or holidays. Years that the Government has already arranged
// stand in a table; later ones follow from article 112 of the Labour Code.
package workcal

import (
	"fmt"
	"time"
)

// Date is a day of the calendar, without a time zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// On is the date of a moment in the moment's own zone.
func On(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// Add is the date n days later.
func (d Date) Add(n int) Date { return On(d.utc().AddDate(0, 0, n)) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// Before says that d is earlier than e.
func (d Date) Before(e Date) bool { return d.utc().Before(e.utc()) }

// String is the date as «2026-11-04», which sorts by time.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// ParseDate reads what String writes.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	return On(t), err
}

func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// Kind is what a day is.
type Kind string

const (
	Working Kind = "working"
	Short   Kind = "short" // a working day that is one hour shorter
	Off     Kind = "off"   // a weekend, or a day off moved from elsewhere
	Holiday Kind = "holiday"
)

// Day is one day with what is said of it.
type Day struct {
	Date Date
	Kind Kind
	// Name is the holiday's name, "" for other days.
	Name string
}

// IsWorking says that people work on the day.
func (d Day) IsWorking() bool { return d.Kind == Working || d.Kind == Short }

// Calendar answers about days. The zero value is the calendar of the country;
// it is safe for concurrent use.
type Calendar struct{ overrides map[Date]Kind }

// New returns a calendar with days that differ in a region or an agency.
func New(overrides map[Date]Kind) Calendar { return Calendar{overrides: overrides} }

// Day says what a day is.
func (c Calendar) Day(d Date) Day {
	day := Day{Date: d, Kind: Working, Name: HolidayName(d)}
	if k, ok := c.overrides[d]; ok {
		day.Kind = k
		return day
	}
	day.Kind = kindOf(d)
	return day
}

func kindOf(d Date) Kind {
	if y, ok := yearOf(d.Year); ok {
		return y.kind(d)
	}
	return byLaw(d)
}

// IsWorking says that people work on the day.
func (c Calendar) IsWorking(d Date) bool { return c.Day(d).IsWorking() }

// longest bounds a search for a working day: no run of days off in any year
// comes near it.
const longest = 60

// Next is the first working day on d or after it.
func (c Calendar) Next(d Date) Date { return c.seek(d, 1) }

// Previous is the last working day on d or before it.
func (c Calendar) Previous(d Date) Date { return c.seek(d, -1) }

func (c Calendar) seek(d Date, step int) Date {
	for range longest {
		if c.IsWorking(d) {
			return d
		}
		d = d.Add(step)
	}
	return d
}

// Known says that the Government's arrangement of a year is in the table.
// Days of other years are computed from the law alone: which days off of
// January are moved, and where to, is not known for them.
func Known(year int) bool {
	_, ok := yearOf(year)
	return ok
}

// LastKnown is the last year of the table.
func LastKnown() int { return table()[len(table())-1].year }

// Warning is a sentence for administrators when the table is about to end or
// has ended, "" otherwise. The Government arranges a year in the autumn before.
func Warning(today Date) string {
	last := LastKnown()
	switch {
	case today.Year > last:
		return fmt.Sprintf("Производственный календарь на %d год в программе не записан: переносы выходных считаются только по статье 112 ТК. Обновите программу или внесите дни вручную.", today.Year)
	case today.Year == last && today.Month >= time.October:
		return fmt.Sprintf("Производственный календарь на %d год в программе ещё не записан: переносы выходных после 31.12.%d считаются только по статье 112 ТК. Обновите программу или внесите дни вручную.", last+1, last)
	}
	return ""
}
