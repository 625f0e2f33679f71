package workcal

import "time"

// HolidayName is the name of a non-working holiday by article 112, "" for
// other days.
func HolidayName(d Date) string {
	switch {
	case d.Month == time.January && d.Day == 7:
		return "Рождество Христово"
	case d.Month == time.January && d.Day <= 8:
		return "Новогодние каникулы"
	case d.Month == time.February && d.Day == 23:
		return "День защитника Отечества"
	case d.Month == time.March && d.Day == 8:
		return "Международный женский день"
	case d.Month == time.May && d.Day == 1:
		return "Праздник Весны и Труда"
	case d.Month == time.May && d.Day == 9:
		return "День Победы"
	case d.Month == time.June && d.Day == 12:
		return "День России"
	case d.Month == time.November && d.Day == 4:
		return "День народного единства"
	}
	return ""
}

func isWeekend(d Date) bool {
	return d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
}

// byLaw is a day of a year that is not arranged yet: a weekend that falls on a
// holiday moves to the next working day after it, except in January, and the
// working day before a holiday is an hour shorter.
func byLaw(d Date) Kind {
	switch {
	case HolidayName(d) != "":
		return Holiday
	case isWeekend(d) || movedHere(d):
		return Off
	case HolidayName(d.Add(1)) != "":
		return Short
	}
	return Working
}

// movedHere says that the day off of a holiday that falls on a weekend comes to
// d, because every day between them is off by itself.
func movedHere(d Date) bool {
	for back := d.Add(-1); ; back = back.Add(-1) {
		holiday := HolidayName(back) != ""
		switch {
		case holiday && isWeekend(back) && back.Month != time.January:
			return true
		case !holiday && !isWeekend(back):
			return false
		}
	}
}
