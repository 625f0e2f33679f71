package store

import (
	"context"
	"database/sql"
	"time"

	"otklik/internal/alarm"
	"otklik/internal/workcal"
)

// overdueFacts counts the open steps that are past their deadline, whoever
// should have told of them, and says whether the calendar goes far enough.
func (s *Store) overdueFacts(ctx context.Context, f *alarm.Facts, now time.Time) error {
	const told = `EXISTS (SELECT 1 FROM deadline_rungs r WHERE r.case_id = d.case_id AND r.step = d.step AND r.version = d.version
		AND r.percent >= 100 AND r.told > 0)`
	var err error
	f.Overdue, err = collect(ctx, s.read, func(r *sql.Rows) (alarm.Overdue, error) {
		var o alarm.Overdue
		var oldest, unheard int64
		err := r.Scan(&o.Step, &o.Count, &oldest, &o.Untold, &unheard)
		o.Oldest, o.Unheard = moment(oldest), moment(unheard)
		return o, err
	}, `SELECT x.step, COUNT(*), MIN(x.at_us), SUM(x.untold), COALESCE(MIN(CASE WHEN x.untold = 1 THEN x.at_us END), 0)
		FROM (SELECT d.step AS step, d.at_us AS at_us, CASE WHEN `+told+` THEN 0 ELSE 1 END AS untold
			FROM case_deadlines d JOIN cases c ON c.id = d.case_id
			WHERE d.done_us = 0 AND d.at_us > 0 AND d.at_us < $1 AND c.stage <> 'done') x GROUP BY x.step ORDER BY x.step`, micros(now))
	if err != nil {
		return err
	}
	f.Calendar, err = s.calendarTrouble(ctx, now)
	return err
}

// calendarTrouble is the warning that the calendar ends, unless people have
// entered days of the year that it lacks.
func (s *Store) calendarTrouble(ctx context.Context, now time.Time) (string, error) {
	schedule, err := s.Schedule(ctx, "")
	if err != nil {
		return "", err
	}
	warning := workcal.Warning(workcal.On(now.In(schedule.Zone())))
	if warning == "" {
		return "", nil
	}
	days, err := ownDays(ctx, s.read, "")
	for _, d := range days {
		if d.Date.Year > workcal.LastKnown() && d.Date.Year >= now.In(schedule.Zone()).Year() {
			return "", err
		}
	}
	return warning, err
}

// CalendarTrouble is what administrators have to know of the calendar, "" for
// nothing.
func (s *Store) CalendarTrouble(ctx context.Context, now time.Time) (string, error) {
	return s.calendarTrouble(ctx, now)
}
