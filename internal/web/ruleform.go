package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/ru"
	"otklik/internal/workcal"
	"otklik/publisher"
)

// ruleFields are a series' rule as the form has it.
type ruleFields struct {
	Repeat      string
	Weekdays    []string
	MonthDate   string
	Nth, NthDay string
	Clock       string
	DayOff      string
	From, Until string
	Except      string
	Active      bool
}

func readRuleFields(f url.Values) ruleFields {
	return ruleFields{
		Repeat: f.Get("repeat"), Weekdays: some(f["weekday"]), MonthDate: f.Get("monthdate"), Nth: f.Get("nth"), NthDay: f.Get("nthday"),
		Clock: f.Get("clock"), DayOff: f.Get("dayoff"), From: f.Get("from"), Until: f.Get("until"), Except: f.Get("except"), Active: f.Get("active") != "",
	}
}

func (r ruleFields) write(f url.Values) {
	f["weekday"] = r.Weekdays
	for name, value := range map[string]string{
		"repeat": r.Repeat, "monthdate": r.MonthDate, "nth": r.Nth, "nthday": r.NthDay, "clock": r.Clock, "dayoff": r.DayOff,
		"from": r.From, "until": r.Until, "except": r.Except, "active": flagText(r.Active),
	} {
		f.Set(name, value)
	}
}

func ruleFieldsOf(r publisher.Rule, active bool) ruleFields {
	f := ruleFields{
		Repeat: string(r.Repeat), MonthDate: strconv.Itoa(r.Date), Nth: strconv.Itoa(r.Nth), Clock: fmt.Sprintf("%02d:%02d", r.Hour, r.Minute),
		DayOff: string(r.OnDayOff), Active: active,
	}
	for _, w := range r.Weekdays {
		f.Weekdays = append(f.Weekdays, strconv.Itoa(int(w)))
		f.NthDay = strconv.Itoa(int(w))
	}
	none := workcal.Date{}
	if r.From != none {
		f.From = r.From.String()
	}
	if r.Until != none {
		f.Until = r.Until.String()
	}
	var except []string
	for _, d := range r.Except {
		except = append(except, begin(d, time.UTC).Format("02.01.2006"))
	}
	f.Except = strings.Join(except, ", ")
	return f
}

// rule reads the form. Errors: Invalid.
func (r ruleFields) rule() (publisher.Rule, error) {
	out := publisher.Rule{Repeat: publisher.Repeat(r.Repeat), OnDayOff: publisher.OnDayOff(r.DayOff)}
	clock, err := time.Parse("15:04", r.Clock)
	if err != nil {
		return out, errs.New(errs.Invalid, "Укажите время публикации. Пример: 10:00.")
	}
	out.Hour, out.Minute = clock.Hour(), clock.Minute()
	switch out.Repeat {
	case publisher.Weekly:
		for _, w := range r.Weekdays {
			out.Weekdays = append(out.Weekdays, time.Weekday(number(w)))
		}
	case publisher.Nth:
		nth, err := strconv.Atoi(r.Nth)
		if err != nil {
			return out, errs.New(errs.Invalid, "Выберите, какой по счёту день недели.")
		}
		out.Nth, out.Weekdays = nth, []time.Weekday{time.Weekday(number(r.NthDay))}
	case publisher.Monthly:
		out.Date = number(r.MonthDate)
	}
	if out.From, err = optionalDate(r.From); err != nil {
		return out, err
	}
	if out.Until, err = optionalDate(r.Until); err != nil {
		return out, err
	}
	for _, x := range strings.FieldsFunc(r.Except, func(c rune) bool { return c == ',' || c == ';' || c == ' ' || c == '\n' || c == '\r' }) {
		d, err := optionalDate(x)
		if err != nil {
			return out, err
		}
		out.Except = append(out.Except, d)
	}
	return out, out.Check()
}

// optionalDate reads a day as people and as browsers write it.
func optionalDate(s string) (workcal.Date, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return workcal.Date{}, nil
	}
	for _, layout := range []string{time.DateOnly, "02.01.2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return workcal.On(t), nil
		}
	}
	return workcal.Date{}, errs.Newf(errs.Invalid, "Дата «%s» написана непонятно. Пример: 26.11.2026.", ru.Cut(s, 20))
}

// weekdayChoices are the days of the week from Monday on.
func weekdayChoices(chosen []string) []choice {
	var list []choice
	for i := range 7 {
		w := time.Weekday((i + 1) % 7)
		value := strconv.Itoa(int(w))
		list = append(list, choice{Title: ru.WeekdayShort(w), Value: value, Checked: slices.Contains(chosen, value)})
	}
	return list
}

func repeatChoices(chosen string) []choice {
	return mark([]choice{
		{Title: "по дням недели", Value: string(publisher.Weekly)},
		{Title: "каждый день", Value: string(publisher.Daily)},
		{Title: "раз в месяц, по числу", Value: string(publisher.Monthly)},
		{Title: "раз в месяц, по дню недели", Value: string(publisher.Nth)},
	}, chosen)
}

func dayOffChoices(chosen string) []choice {
	return mark([]choice{
		{Title: "публиковать всё равно", Value: string(publisher.Keep)},
		{Title: "пропускать", Value: string(publisher.Skip)},
		{Title: "переносить на следующий рабочий день", Value: string(publisher.MoveForward)},
		{Title: "переносить на рабочий день раньше", Value: string(publisher.MoveBackwards)},
	}, chosen)
}

func nthChoices(chosen string) []choice {
	return mark([]choice{
		{Title: "первый", Value: "1"}, {Title: "второй", Value: "2"}, {Title: "третий", Value: "3"}, {Title: "четвёртый", Value: "4"}, {Title: "последний", Value: "-1"},
	}, chosen)
}

func nthDayChoices(chosen string) []choice {
	var list []choice
	for i := range 7 {
		w := time.Weekday((i + 1) % 7)
		list = append(list, choice{Title: ru.Weekday(w), Value: strconv.Itoa(int(w))})
	}
	return mark(list, chosen)
}

func mark(list []choice, chosen string) []choice {
	for i := range list {
		list[i].Checked = list[i].Value == chosen
	}
	return list
}

// nextDates are the next occurrences in words: «чт, 26 ноября, 10:00».
func nextDates(r publisher.Rule, zone *time.Location, days workcal.Calendar, now time.Time, most int) []string {
	var out []string
	for _, slot := range r.Slots(zone, days, now, now.AddDate(2, 0, 0)) {
		if len(out) == most {
			break
		}
		at := slot.At.In(zone)
		text := strings.ToLower(ru.WeekdayShort(at.Weekday())) + ", " + ru.Day(at)
		if at.Year() != now.In(zone).Year() {
			text += " " + strconv.Itoa(at.Year())
		}
		text += ", " + at.Format("15:04")
		if slot.Moved {
			text += " (перенесено с выходного)"
		}
		out = append(out, text)
	}
	return out
}

func latenessWords(minutes int) string {
	switch {
	case minutes == 0:
		return "сразу спросить"
	case minutes%60 == 0:
		return "выйдет сам в течение " + ru.Count(minutes/60, "часа", "часов", "часов")
	}
	return "выйдет сам в течение " + ru.Count(minutes, "минуты", "минут", "минут")
}
