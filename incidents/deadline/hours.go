package deadline

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"otklik/internal/errs"
)

const (
	dayMinutes = 24 * 60
	// shorter is by how much a day before a holiday is shorter (article 95 of the Labour Code).
	shorter = 60
	// mostIntervals bounds one day: work, lunch, work, and what else there may be.
	mostIntervals = 6
)

// Interval is a part of a day in which people work, in minutes from local
// midnight; To is not a part of it and may be 1440.
type Interval struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Hours are the working hours of an organisation.
type Hours struct {
	// Week holds the intervals of each day, Sunday first as in time.Weekday. A day
	// without intervals is free even where the calendar says that it is working.
	Week [7][]Interval `json:"week"`
	// Moved are the hours of a weekend that the Government made a working day;
	// without them it has the hours of the Friday before it.
	Moved []Interval `json:"moved,omitempty"`
	// Always says that somebody is on duty on every day, holidays included.
	Always bool `json:"always,omitempty"`
}

// OfficeHours are 9:00 to 18:00 with an hour for lunch, on Fridays until 16:45:
// the forty hours of the civil service.
func OfficeHours() Hours {
	day := []Interval{{9 * 60, 13 * 60}, {13*60 + 45, 18 * 60}}
	friday := []Interval{{9 * 60, 13 * 60}, {13*60 + 45, 16*60 + 45}}
	return Hours{Week: [7][]Interval{nil, day, day, day, day, friday, nil}}
}

// AroundTheClock are the hours of a desk that never closes.
func AroundTheClock() Hours {
	var h Hours
	for i := range h.Week {
		h.Week[i] = []Interval{{0, dayMinutes}}
	}
	h.Always = true
	return h
}

// Check says what is wrong with the hours. Errors: errs.Invalid.
func (h Hours) Check() error {
	any := false
	for i, day := range append(slices.Clone(h.Week[:]), h.Moved) {
		any = any || i < len(h.Week) && len(day) > 0
		if err := checkDay(day); err != nil {
			return err
		}
	}
	if !any {
		return errs.New(errs.Invalid, "В рабочем времени нет ни одного часа: укажите хотя бы один рабочий день.")
	}
	return nil
}

func checkDay(day []Interval) error {
	if len(day) > mostIntervals {
		return errs.New(errs.Invalid, fmt.Sprintf("В одном дне может быть не больше %d промежутков работы.", mostIntervals))
	}
	last := 0
	for i, x := range day {
		switch {
		case x.From < 0 || x.To > dayMinutes || x.From >= x.To:
			return errs.New(errs.Invalid, "Промежуток "+x.String()+" неверен: начало должно быть раньше конца, время — от 00:00 до 24:00.")
		case i > 0 && x.From < last:
			return errs.New(errs.Invalid, "Промежутки одного дня пересекаются или стоят не по порядку: "+x.String()+".")
		}
		last = x.To
	}
	return nil
}

// String is «09:00–13:00».
func (x Interval) String() string {
	return fmt.Sprintf("%02d:%02d–%02d:%02d", x.From/60, x.From%60, x.To/60, x.To%60)
}

// ParseDay reads «9:00–13:00, 13:45–18:00», with any dash; an empty text is a
// free day. Errors: errs.Invalid.
func ParseDay(s string) ([]Interval, error) {
	var day []Interval
	for part := range strings.SplitSeq(strings.NewReplacer("—", "-", "–", "-", ";", ",").Replace(s), ",") {
		part = strings.ReplaceAll(strings.TrimSpace(part), " ", "")
		if part == "" {
			continue
		}
		from, to, ok := strings.Cut(part, "-")
		a, errA := minutes(from)
		b, errB := minutes(to)
		if !ok || errA != nil || errB != nil {
			return nil, errs.New(errs.Invalid, "«"+part+"» не похоже на промежуток времени. Напишите так: 9:00–13:00, 13:45–18:00.")
		}
		day = append(day, Interval{a, b})
	}
	return day, checkDay(day)
}

func minutes(s string) (int, error) {
	if s == "24:00" {
		return dayMinutes, nil
	}
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, err
	}
	return t.Hour()*60 + t.Minute(), nil
}

// FormatDay writes what ParseDay reads.
func FormatDay(day []Interval) string {
	parts := make([]string, len(day))
	for i, x := range day {
		parts[i] = x.String()
	}
	return strings.Join(parts, ", ")
}

func length(day []Interval) int {
	n := 0
	for _, x := range day {
		n += x.To - x.From
	}
	return n
}

// cut takes n minutes from the end of a day.
func cut(day []Interval, n int) []Interval {
	day = slices.Clone(day)
	for len(day) > 0 && n > 0 {
		last := &day[len(day)-1]
		if take := last.To - last.From; take > n {
			last.To -= n
			return day
		} else {
			n -= take
			day = day[:len(day)-1]
		}
	}
	return day
}
