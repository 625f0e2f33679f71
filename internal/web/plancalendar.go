package web

import (
	"fmt"
	"time"

	"otklik/internal/ru"
	"otklik/internal/workcal"
)

// The hours that a week shows even where nothing stands in them.
const (
	firstHour = 9
	lastHour  = 18
)

// planWeek is one line of the month.
type planWeek struct {
	Past bool
	Days []planDay
}

// planDay is one day with its posts.
type planDay struct {
	Date    string // «2026-11-26»
	Label   string // «26», «1 дек»
	Words   string // «26 ноября», for whoever drags or listens
	Weekday string
	Note    string // a holiday, a moved working day
	Off     bool   // nobody works
	Out     bool   // of another month
	Today   bool
	Past    bool
	Cards   []planCard
}

// planHour is one hour of the week.
type planHour struct {
	Label string
	Cells []planCell
}

// planCell is one hour of one day.
type planCell struct {
	planDay
	Hour string // «14:00»
	Now  string // «14:05», where the present moment lies
	At   string // class: which quarter of the hour it is
}

// dayHead is the head of one column of the week.
type dayHead struct {
	planDay
	Short string
}

func (s *server) day(d workcal.Date, now time.Time) planDay {
	about := s.Planning.Days.Day(d)
	weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
	today := s.today(now)
	day := planDay{
		Date: d.String(), Label: fmt.Sprint(d.Day), Words: ru.Day(begin(d, time.UTC)), Weekday: ru.Weekday(d.Weekday()),
		Off: !about.IsWorking(), Today: d == today, Past: d.Before(today), Note: about.Name,
	}
	switch {
	case about.Name != "":
	case about.IsWorking() && weekend:
		day.Note = "рабочий день"
	case !about.IsWorking() && !weekend:
		day.Note = "выходной"
	case about.Kind == workcal.Short:
		day.Note = "короткий день"
	}
	return day
}

// byDay sorts cards into their days.
func byDay(cards []planCard) map[string][]planCard {
	out := map[string][]planCard{}
	for _, c := range cards {
		out[c.Date] = append(out[c.Date], c)
	}
	return out
}

func (s *server) monthGrid(q planQuery, from, to workcal.Date, cards []planCard, now time.Time) []planWeek {
	on := byDay(cards)
	var weeks []planWeek
	for d := from; d.Before(to); d = d.Add(7) {
		w := planWeek{Past: d.Add(6).Before(s.today(now))}
		for i := range 7 {
			x := d.Add(i)
			day := s.day(x, now)
			day.Out, day.Cards = x.Month != q.At.Month, on[day.Date]
			if x.Day == 1 || i == 0 && d == from {
				day.Label = day.Label + " " + ru.MonthShort(x.Month)
			}
			w.Days = append(w.Days, day)
		}
		weeks = append(weeks, w)
	}
	return weeks
}

func (s *server) daysOf(from, to workcal.Date, cards []planCard, now time.Time) []planDay {
	on := byDay(cards)
	var days []planDay
	for d := from; d.Before(to); d = d.Add(1) {
		day := s.day(d, now)
		day.Cards = on[day.Date]
		days = append(days, day)
	}
	return days
}

// listDays are the days on which something stands, what has no day at the end.
func (s *server) listDays(cards []planCard, now time.Time) []planDay {
	var days []planDay
	for _, c := range cards {
		if len(days) == 0 || days[len(days)-1].Date != c.Date {
			day := planDay{Words: "Без даты"}
			if c.Date != "" {
				day = s.day(s.today(c.At), now)
				if c.At.In(s.Zone).Year() != now.In(s.Zone).Year() {
					day.Words += fmt.Sprintf(" %d", c.At.In(s.Zone).Year())
				}
			}
			days = append(days, day)
		}
		last := &days[len(days)-1]
		last.Cards = append(last.Cards, c)
	}
	return days
}

// weekGrid lays a week out by hours; hours outside of the working day appear
// where something stands in them.
func (s *server) weekGrid(from workcal.Date, cards []planCard, now time.Time) ([]dayHead, []planHour) {
	first, last := firstHour, lastHour
	at := map[string][]planCard{}
	for _, c := range cards {
		hour := c.At.In(s.Zone).Hour()
		first, last = min(first, hour), max(last, hour)
		key := fmt.Sprintf("%s %d", c.Date, hour)
		at[key] = append(at[key], c)
	}
	var heads []dayHead
	for i := range 7 {
		d := from.Add(i)
		heads = append(heads, dayHead{planDay: s.day(d, now), Short: ru.WeekdayShort(d.Weekday())})
	}
	local := now.In(s.Zone)
	var hours []planHour
	for h := first; h <= last; h++ {
		row := planHour{Label: fmt.Sprintf("%d:00", h)}
		for _, head := range heads {
			c := planCell{planDay: head.planDay, Hour: fmt.Sprintf("%02d:00", h)}
			c.Cards = at[fmt.Sprintf("%s %d", head.Date, h)]
			c.Past = head.Past || head.Today && h < local.Hour()
			if head.Today && h == local.Hour() {
				c.Now, c.At = s.clock.Time(now), []string{"at-0", "at-1", "at-2", "at-3"}[local.Minute()/15]
			}
			row.Cells = append(row.Cells, c)
		}
		hours = append(hours, row)
	}
	return heads, hours
}
