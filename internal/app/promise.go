package app

import (
	"time"

	"otklik/incidents/deadline"
	"otklik/internal/workcal"
)

// promise checks a day that an interim answer is to name by the platform's rule
// and the usual office hours in the zone, and returns the end of work on it.
// Errors: Invalid.
func promise(zone *time.Location, opened, day, now time.Time) (time.Time, error) {
	schedule, err := deadline.NewSchedule(zone, workcal.New(nil), deadline.OfficeHours())
	if err != nil {
		return time.Time{}, err
	}
	return deadline.Presets()[0].Promise(schedule, opened, day, now)
}
