package workcal

import (
	"fmt"
	"strings"
)

// year is how the Government arranged one year, as what differs from weekends
// and the holidays of article 112. Days are written day.month, runs with a dash.
type year struct {
	year int
	// off are weekdays without work: moved days off, and non-working days by
	// decrees of the President in 2020 and 2021.
	off string
	// short are working days one hour shorter, working Saturdays among them.
	short string
	// work are weekends with a whole day's work.
	work string
}

// table begins with the first year of the present article 112.
func table() []year {
	return []year{
		{2013, "02.05-03.05 10.05", "22.02 07.03 30.04 08.05 11.06 31.12", ""},
		{2014, "10.03 02.05 13.06 03.11", "24.02 07.03 30.04 08.05 11.06 31.12", ""},
		{2015, "09.01 09.03 04.05 11.05", "30.04 08.05 11.06 03.11 31.12", ""},
		{2016, "22.02 07.03 02.05-03.05 13.06", "20.02 03.11", ""},
		{2017, "24.02 08.05 06.11", "22.02 07.03 03.11", ""},
		{2018, "09.03 30.04 02.05 11.06 05.11 31.12", "22.02 07.03 28.04 08.05 09.06 29.12", ""},
		{2019, "02.05-03.05 10.05", "22.02 07.03 30.04 08.05 11.06 31.12", ""},
		{2020, "24.02 09.03 30.03-30.04 04.05-08.05 11.05 24.06 01.07", "11.06 03.11 31.12", ""},
		{2021, "22.02 03.05-07.05 10.05 14.06 01.11-05.11 31.12", "20.02 30.04 11.06", ""},
		{2022, "07.03 02.05-03.05 10.05 13.06", "22.02 05.03 03.11", ""},
		{2023, "24.02 08.05 06.11", "22.02 07.03 03.11", ""},
		{2024, "29.04-30.04 10.05 30.12-31.12", "22.02 07.03 08.05 11.06 02.11", "27.04 28.12"},
		{2025, "02.05 08.05 13.06 03.11 31.12", "07.03 30.04 11.06 01.11", ""},
		{2026, "09.01 09.03 11.05 31.12", "30.04 08.05 11.06 03.11", ""},
	}
}

func yearOf(n int) (year, bool) {
	t := table()
	i := n - t[0].year
	if i < 0 || i >= len(t) {
		return year{}, false
	}
	return t[i], true
}

func (y year) kind(d Date) Kind {
	switch {
	case HolidayName(d) != "":
		return Holiday
	case listed(y.short, d):
		return Short
	case listed(y.work, d):
		return Working
	case listed(y.off, d), isWeekend(d):
		return Off
	}
	return Working
}

// listed says that the day is in a list of days and runs.
func listed(list string, d Date) bool {
	key := fmt.Sprintf("%02d.%02d", int(d.Month), d.Day)
	for _, entry := range strings.Fields(list) {
		first, last, run := strings.Cut(entry, "-")
		if !run {
			last = first
		}
		if turned(first) <= key && key <= turned(last) {
			return true
		}
	}
	return false
}

// turned writes day.month as month.day, which sorts by time.
func turned(s string) string {
	day, month, _ := strings.Cut(s, ".")
	return month + "." + day
}
