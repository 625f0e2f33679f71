package deadline

import (
	"time"

	"otklik/internal/errs"
	"otklik/internal/ru"
)

// Unit is in what a term is counted.
type Unit string

const (
	WorkHour Unit = "work_hour"
	WorkDay  Unit = "work_day"
	Day      Unit = "day"  // calendar days
	Hour     Unit = "hour" // by the clock, at night and on holidays too
)

// Units lists the units in the order in which people read them.
func Units() []Unit { return []Unit{WorkHour, WorkDay, Day, Hour} }

// Term is so many units.
type Term struct {
	N    int  `json:"n"`
	Unit Unit `json:"unit"`
	// Strict leaves a calendar day that is not a working one where it is.
	Strict bool `json:"strict,omitempty"`
}

// None says that nothing is due.
func (t Term) None() bool { return t.N == 0 }

// longestTerm bounds a term: nothing is due in more than two years.
const longestTerm = 24 * 366 * 2

// Check says what is wrong with a term. Errors: errs.Invalid.
func (t Term) Check() error {
	switch t.Unit {
	case WorkHour, WorkDay, Day, Hour:
	default:
		return errs.New(errs.Invalid, "Срок считается в рабочих часах, рабочих днях, календарных днях или часах.")
	}
	if t.N < 0 || t.N > longestTerm {
		return errs.New(errs.Invalid, "Срок должен быть от нуля до двух лет.")
	}
	return nil
}

// String is the term as people read it: «9 рабочих часов», «30 дней».
func (t Term) String() string {
	switch t.Unit {
	case WorkHour:
		return ru.Count(t.N, "рабочий час", "рабочих часа", "рабочих часов")
	case WorkDay:
		return ru.Count(t.N, "рабочий день", "рабочих дня", "рабочих дней")
	case Hour:
		return ru.Count(t.N, "час", "часа", "часов")
	}
	return ru.Count(t.N, "день", "дня", "дней")
}

// End is when a term that begins at from ends.
func (s *Schedule) End(from time.Time, t Term) time.Time {
	switch t.Unit {
	case WorkHour:
		return s.After(from, time.Duration(t.N)*time.Hour)
	case WorkDay:
		return s.Workday(from, t.N)
	case Day:
		return s.Day(from, t.N, !t.Strict)
	}
	return from.Add(time.Duration(t.N) * time.Hour)
}

// Pause is a time in which a term does not run. An open pause has no To.
type Pause struct{ From, To time.Time }

// EndWith is End with pauses left out: in hours a pause is left out as long as
// it lasted in them, in days by every day of it that has begun. It is the zero
// time while a pause is open, because nobody knows when it will end.
func (s *Schedule) EndWith(from time.Time, t Term, pauses []Pause) time.Time {
	end := s.End(from, t)
	for _, p := range pauses {
		if !p.From.Before(end) || !p.To.IsZero() && !p.To.After(from) {
			continue
		}
		if p.To.IsZero() {
			return time.Time{}
		}
		if p.From.Before(from) {
			p.From = from
		}
		end = s.later(end, t, p)
	}
	return end
}

func (s *Schedule) later(end time.Time, t Term, p Pause) time.Time {
	switch t.Unit {
	case WorkHour:
		return s.After(end, s.Between(p.From, p.To))
	case WorkDay:
		return s.Workday(end, s.Workdays(p.From, p.To)+begun(s.WorkingDay(p.From)))
	case Day:
		a, _, _ := s.place(p.From)
		b, _, _ := s.place(p.To)
		return s.Day(end, b-a+1, !t.Strict)
	}
	return end.Add(p.To.Sub(p.From))
}

func begun(is bool) int {
	if is {
		return 1
	}
	return 0
}
