package clock

import (
	"time"

	"otklik/incidents/deadline"
	"otklik/internal/errs"
	"otklik/internal/workcal"
)

// Setting is one version of the deadlines that an organisation has set.
type Setting struct {
	ID    string
	OrgID string // "" stands for the agency as a whole
	// Scope is for which cases it holds: "" for all, TopicScope for one topic.
	Scope   string
	Version int
	// Policy is nil where the scope was given back to the wider one.
	Policy *deadline.Policy
	By     string // the person's name
	At     time.Time
}

// TopicScope is the scope of one topic.
func TopicScope(topicID string) string { return "topic:" + topicID }

// WorkTime is when an organisation works.
type WorkTime struct {
	Zone    string // a name of the IANA base
	Hours   deadline.Hours
	Version int // 0 while nobody has set it
	By      string
	At      time.Time
}

// Schedule lays the hours out on a calendar. Errors: errs.Invalid.
func (w WorkTime) Schedule(days workcal.Calendar) (*deadline.Schedule, error) {
	zone, err := time.LoadLocation(w.Zone)
	if err != nil || w.Zone == "" || w.Zone == "Local" {
		return nil, errs.New(errs.Invalid, "Такого часового пояса нет. Выберите пояс из списка.")
	}
	return deadline.NewSchedule(zone, days, w.Hours)
}

// OwnDay is a day that differs from the production calendar.
type OwnDay struct {
	Date workcal.Date
	Kind workcal.Kind
	By   string
	At   time.Time
}
