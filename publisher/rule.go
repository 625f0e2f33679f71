package publisher

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"otklik/internal/errs"
	"otklik/internal/workcal"
)

// Repeat is how often a rule fires.
type Repeat string

const (
	Daily   Repeat = "daily"   // every day
	Weekly  Repeat = "weekly"  // on chosen weekdays
	Monthly Repeat = "monthly" // on a date; in a shorter month on its last day
	Nth     Repeat = "nth"     // on the n-th weekday of a month
)

// OnDayOff is what happens to an occurrence that falls on a day off.
type OnDayOff string

const (
	Keep          OnDayOff = "keep"     // it is published all the same
	Skip          OnDayOff = "skip"     // it is left out
	MoveForward   OnDayOff = "forward"  // the next working day
	MoveBackwards OnDayOff = "backward" // the working day before
)

// Rule says when a series repeats, in words that a form asks for. The time is
// the page's local time.
type Rule struct {
	Repeat   Repeat         `json:"repeat"`
	Weekdays []time.Weekday `json:"weekdays,omitempty"` // for Weekly; the first one for Nth
	Date     int            `json:"date,omitempty"`     // for Monthly, 1–31
	Nth      int            `json:"nth,omitempty"`      // for Nth, 1–4, or −1 for the last
	Hour     int            `json:"hour"`
	Minute   int            `json:"minute"`
	OnDayOff OnDayOff       `json:"on_day_off"`
	// From and Until bound the days, both included; the zero date is no bound.
	From  workcal.Date `json:"from"`
	Until workcal.Date `json:"until"`
	// Except are days on which the rule does not fire.
	Except []workcal.Date `json:"except,omitempty"`
}

// Check says what is wrong with a rule. Errors: Invalid.
func (r Rule) Check() error {
	switch {
	case r.Hour < 0 || r.Hour > 23 || r.Minute < 0 || r.Minute > 59:
		return errs.New(errs.Invalid, "Время указывают от 00:00 до 23:59.")
	case r.Repeat == Weekly && len(r.Weekdays) == 0, r.Repeat == Nth && len(r.Weekdays) != 1:
		return errs.New(errs.Invalid, "Выберите день недели.")
	case r.Repeat == Monthly && (r.Date < 1 || r.Date > 31):
		return errs.New(errs.Invalid, "Число месяца — от 1 до 31.")
	case r.Repeat == Nth && r.Nth != -1 && (r.Nth < 1 || r.Nth > 4):
		return errs.New(errs.Invalid, "Выберите, какой по счёту день недели: от первого до четвёртого или последний.")
	case r.Until != (workcal.Date{}) && r.Until.Before(r.From):
		return errs.New(errs.Invalid, "Последний день раньше первого.")
	case !slices.Contains([]OnDayOff{Keep, Skip, MoveForward, MoveBackwards}, r.OnDayOff):
		return errs.New(errs.Invalid, "Выберите, что делать в выходные и праздники.")
	}
	for _, w := range r.Weekdays {
		if w < time.Sunday || w > time.Saturday {
			return errs.New(errs.Invalid, "Выберите день недели.")
		}
	}
	if _, err := cron.ParseStandard(r.Expression()); err != nil {
		return errs.Wrap(errs.Invalid, "Такого повторения нет. Выберите его заново.", err)
	}
	return nil
}

// Expression is the cron expression behind the form. It fires on the wall clock;
// what cron cannot say — the n-th weekday, the last day of a short month — is
// narrowed by the rule afterwards. A date and a weekday never stand in one
// expression, because cron would fire on either.
func (r Rule) Expression() string {
	at := strconv.Itoa(r.Minute) + " " + strconv.Itoa(r.Hour)
	switch r.Repeat {
	case Daily:
		return at + " * * *"
	case Weekly, Nth:
		var days []string
		for _, w := range r.Weekdays {
			days = append(days, strconv.Itoa(int(w)))
		}
		return at + " * * " + strings.Join(days, ",")
	case Monthly:
		if r.Date > 28 {
			return at + " 28-31 * *"
		}
		return at + " " + strconv.Itoa(r.Date) + " * *"
	}
	return ""
}

// narrow says that the rule fires on a day on which its expression does.
func (r Rule) narrow(d workcal.Date) bool {
	if d.Before(r.From) || r.Until != (workcal.Date{}) && r.Until.Before(d) || slices.Contains(r.Except, d) {
		return false
	}
	last := d.Add(7).Month != d.Month
	switch r.Repeat {
	case Monthly:
		end := workcal.Date{Year: d.Year, Month: d.Month + 1, Day: 1}.Add(-1)
		return d.Day == min(r.Date, end.Day)
	case Nth:
		return r.Nth == -1 && last || r.Nth == (d.Day-1)/7+1
	}
	return true
}

// Slot is one occurrence of a rule.
type Slot struct {
	// Key is the local time at which the rule fires, before any moving: with
	// the series it names the occurrence for ever.
	Key string
	At  time.Time
	// Moved says that a day off moved it to another day.
	Moved bool
}

// away is by how many days at most a day off moves an occurrence.
const away = 60

// Slots lists the occurrences whose moment lies in [from, to), in order.
// The rule has to be one that Check accepts; any other gives none.
func (r Rule) Slots(zone *time.Location, days workcal.Calendar, from, to time.Time) []Slot {
	schedule, err := cron.ParseStandard(r.Expression())
	if err != nil {
		return nil
	}
	f := firing{rule: r, schedule: schedule, days: days}
	var out []Slot
	first, last := workcal.On(from.In(zone)).Add(-away), workcal.On(to.In(zone)).Add(away)
	for w := schedule.Next(wall(first, 0, 0).Add(-time.Second)); !w.IsZero() && workcal.On(w).Before(last); w = schedule.Next(w) {
		s, ok := f.slot(w, zone)
		if ok && !s.At.Before(from) && s.At.Before(to) {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b Slot) int { return a.At.Compare(b.At) })
	return out
}

// firing is a rule with its parsed expression and its calendar.
type firing struct {
	rule     Rule
	schedule cron.Schedule
	days     workcal.Calendar
}

// on says that the rule fires on a day by itself.
func (f firing) on(d workcal.Date) bool {
	w := wall(d, f.rule.Hour, f.rule.Minute)
	return f.schedule.Next(w.Add(-time.Second)).Equal(w) && f.rule.narrow(d)
}

// slot is the occurrence for one firing, if there is one.
func (f firing) slot(w time.Time, zone *time.Location) (Slot, bool) {
	d := workcal.On(w)
	if !f.rule.narrow(d) {
		return Slot{}, false
	}
	s := Slot{Key: w.Format(slotLayout), At: instant(w, zone).UTC()}
	if f.rule.OnDayOff == Keep || f.days.IsWorking(d) {
		return s, true
	}
	target := d
	switch f.rule.OnDayOff {
	case MoveForward:
		target = f.days.Next(d)
	case MoveBackwards:
		target = f.days.Previous(d)
	default:
		return Slot{}, false
	}
	if !f.days.IsWorking(target) || f.taken(d, target) {
		return Slot{}, false
	}
	s.At, s.Moved = instant(wall(target, f.rule.Hour, f.rule.Minute), zone).UTC(), true
	return s, true
}

// taken says that another occurrence stands on the day to which this one would
// move: the rule's own, or an earlier one of the same days off. Two of one
// series on one day are one too many.
func (f firing) taken(d, target workcal.Date) bool {
	if f.on(target) {
		return true
	}
	for e := d.Add(-1); target.Before(e) || !f.days.IsWorking(e); e = e.Add(-1) {
		if e == target {
			break
		}
		if f.on(e) {
			return true
		}
	}
	return false
}

// Words is the rule as people read it: «по вторникам и четвергам в 10:00».
func (r Rule) Words() string {
	at := fmt.Sprintf(" в %02d:%02d", r.Hour, r.Minute)
	switch r.Repeat {
	case Daily:
		return "каждый день" + at
	case Weekly:
		var names []string
		for _, w := range week() {
			if slices.Contains(r.Weekdays, w) {
				names = append(names, []string{"воскресеньям", "понедельникам", "вторникам", "средам", "четвергам", "пятницам", "субботам"}[w])
			}
		}
		return "по " + enumerate(names) + at
	case Monthly:
		if r.Date > 28 {
			return fmt.Sprintf("каждый месяц %d-го числа, в коротком месяце в последний день,%s", r.Date, at)
		}
		return fmt.Sprintf("каждый месяц %d-го числа%s", r.Date, at)
	case Nth:
		return nthWords(r.Nth, r.Weekdays[0]) + " месяца" + at
	}
	return ""
}

// week is Monday to Sunday, as the week stands in the calendar.
func week() []time.Weekday {
	return []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
}

func enumerate(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " и " + words[len(words)-1]
}

func nthWords(n int, w time.Weekday) string {
	names := []string{"воскресенье", "понедельник", "вторник", "среду", "четверг", "пятницу", "субботу"}
	endings := map[int][3]string{
		1: {"первый", "первую", "первое"}, 2: {"второй", "вторую", "второе"}, 3: {"третий", "третью", "третье"},
		4: {"четвёртый", "четвёртую", "четвёртое"}, -1: {"последний", "последнюю", "последнее"},
	}
	gender := 0
	switch w {
	case time.Wednesday, time.Friday, time.Saturday:
		gender = 1
	case time.Sunday:
		gender = 2
	}
	preposition := "в "
	if n == 2 {
		preposition = "во "
	}
	return preposition + endings[n][gender] + " " + names[w]
}
