package planfile

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// moment reads the date and the time of a row; the zero moment is a row without
// a date. A time without a date is a mistake, a date without a time too.
func (r *rowReader) moment() time.Time {
	day, clock := r.value(Date), r.value(Time)
	if day == "" {
		if clock != "" {
			r.wrong(Time, "время есть, а даты нет. Напишите дату.")
		}
		return time.Time{}
	}
	date, timed, ok := readDate(day, r.file.Workbook, r.file.From1904)
	if !ok {
		r.wrong(Date, "«%s» — не дата. Пишите день, месяц и год: 23.11.2026.", day)
		return time.Time{}
	}
	if clock != "" {
		hour, minute, ok := readClock(clock, r.file.Workbook)
		if !ok {
			r.wrong(Time, "«%s» — не время. Пишите часы и минуты: 14:05.", clock)
			return time.Time{}
		}
		date, timed = time.Date(date.Year(), date.Month(), date.Day(), hour, minute, 0, 0, time.UTC), true
	}
	if !timed {
		r.wrong(Date, "у даты нет времени. Добавьте столбец со временем или пишите 23.11.2026 14:05.")
		return time.Time{}
	}
	at := time.Date(date.Year(), date.Month(), date.Day(), date.Hour(), date.Minute(), 0, 0, r.Zone)
	switch {
	case at.Hour() != date.Hour() || at.Minute() != date.Minute():
		r.wrong(Date, "в этот день часы переводят, и времени %s не бывает. Выберите другое.", date.Format("15:04"))
	case r.known != nil && at.Equal(r.known.At.Truncate(time.Minute)):
		return r.known.At // as it was exported, be it in the past
	case at.Before(r.Facts.Now):
		r.wrong(Date, "%s уже прошло. Выберите время в будущем.", at.Format("02.01.2006 15:04"))
	default:
		return at
	}
	return time.Time{}
}

// layouts are the ways in which people write a date.
func layouts() []string {
	return []string{"2.1.2006", "2.1.06", "2006-1-2", "2/1/2006"}
}

// readDate reads a date as wall time, with or without a time of day.
func readDate(s string, workbook, from1904 bool) (date time.Time, timed, ok bool) {
	s = strings.TrimSpace(strings.ReplaceAll(s, ",", " "))
	for _, day := range layouts() {
		if t, err := time.Parse(day, s); err == nil {
			return t, false, sane(t)
		}
		for _, clock := range []string{" 15:04", " 15:04:05", " 15.04", "T15:04", "T15:04:05"} {
			if t, err := time.Parse(day+clock, strings.Join(strings.Fields(s), " ")); err == nil {
				return t.Truncate(time.Minute), true, sane(t)
			}
		}
	}
	days, err := strconv.ParseFloat(s, 64)
	if !workbook || err != nil || days < 30_000 || days > 80_000 {
		return time.Time{}, false, false
	}
	t := serial(days, from1904)
	return t, days != math.Trunc(days), sane(t)
}

// serial is the moment that a workbook keeps as a number of days.
func serial(days float64, from1904 bool) time.Time {
	begin := time.Date(1899, time.December, 30, 0, 0, 0, 0, time.UTC)
	if from1904 {
		begin = time.Date(1904, time.January, 1, 0, 0, 0, 0, time.UTC)
	}
	minutes := math.Round(days * 24 * 60)
	return begin.Add(time.Duration(minutes) * time.Minute)
}

// sane keeps out what is surely a slip of the pen.
func sane(t time.Time) bool { return t.Year() >= 2000 && t.Year() < 2100 }

// readClock reads «14:05», «14.05», «9:00:00» or, in a workbook, the share of a
// day that it keeps: there 0.25 is six o'clock.
func readClock(s string, workbook bool) (hour, minute int, ok bool) {
	if share, err := strconv.ParseFloat(s, 64); workbook && err == nil && share >= 0 && share < 1 {
		minutes := int(math.Round(share*24*60)) % (24 * 60)
		return minutes / 60, minutes % 60, true
	}
	for _, layout := range []string{"15:04", "15:04:05", "15.04", "15-04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Hour(), t.Minute(), true
		}
	}
	return 0, 0, false
}
