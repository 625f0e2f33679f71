package web

import (
	"context"
	"time"

	"otklik/incidents/clock"
	terms "otklik/incidents/deadline"
	"otklik/internal/notice"
	"otklik/internal/rights"
	"otklik/internal/workcal"
)

// Clocks tells by when the steps of a case are due.
type Clocks interface {
	// CaseDeadlines returns the deadlines of a case in the order of the steps.
	CaseDeadlines(ctx context.Context, caseID string) ([]clock.Row, error)
	// Schedule returns the working time of an organisation, "" for the agency.
	Schedule(ctx context.Context, orgID string) (*terms.Schedule, error)
	// CalendarTrouble is what administrators have to know of the calendar, "" for nothing.
	CalendarTrouble(ctx context.Context, now time.Time) (string, error)
}

// PolicyBook keeps deadlines as people set them.
type PolicyBook interface {
	// Policies returns what holds for every scope now.
	Policies(ctx context.Context, orgID string, now time.Time) ([]clock.Setting, error)
	// PolicyVersions returns all versions of a scope, the newest first.
	PolicyVersions(ctx context.Context, orgID, scope string) ([]clock.Setting, error)
	// SavePolicy writes a new version, nil gives the scope up.
	// Errors: Forbidden, Invalid, Conflict.
	SavePolicy(ctx context.Context, by rights.Actor, orgID, scope string, seen int, p *terms.Policy, now time.Time) error
}

// WorkBook keeps working hours and the days that differ from the calendar.
type WorkBook interface {
	WorkTime(ctx context.Context, orgID string) (clock.WorkTime, error)
	// SaveWorkTime writes a new version. Errors: Forbidden, Invalid, Conflict.
	SaveWorkTime(ctx context.Context, by rights.Actor, orgID string, seen int, w clock.WorkTime, now time.Time) error
	WorkDays(ctx context.Context, orgID string) ([]clock.OwnDay, error)
	// SetWorkDay says what a day is, "" gives it back. Errors: Forbidden, Invalid.
	SetWorkDay(ctx context.Context, by rights.Actor, orgID string, day workcal.Date, kind workcal.Kind, now time.Time) error
}

// NoticeBook keeps what people are told of.
type NoticeBook interface {
	Notices(ctx context.Context, personID string, limit, offset int) (notice.Page, error)
	UnreadNotices(ctx context.Context, personID string) (int, error)
	// ReadNotices marks one notice as read, or all with "". Errors: NotFound.
	ReadNotices(ctx context.Context, personID, id string, now time.Time) error
}

// Timing is what the pages of deadlines, of working time and of notices need.
type Timing struct {
	Clocks   Clocks
	Policies PolicyBook
	Work     WorkBook
	Notices  NoticeBook
}

func (t Timing) lacking() bool {
	return t.Clocks == nil || t.Policies == nil || t.Work == nil || t.Notices == nil
}
