package incidents

import (
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/errs"
)

// Organisation is an ЛКО: it has departments, people, and cards of its own.
type Organisation struct {
	ID       string
	ParentID string // "" for the one above all
	Name     string
	// Zone is the IANA name of its working zone, "" for the agency's.
	Zone   string
	Policy Policy
	Active bool
	// Path are the ids from the top down to the organisation itself.
	Path []string
}

const maxOrganisation = 200

// Check looks at what a person has written. Errors: Invalid.
func (o Organisation) Check() error {
	switch {
	case strings.TrimSpace(o.Name) == "":
		return errs.New(errs.Invalid, "Напишите название организации.")
	case utf8.RuneCountInString(o.Name) > maxOrganisation:
		return errs.Newf(errs.Invalid, "Слишком длинное название: до %d знаков.", maxOrganisation)
	case o.Policy.Repeats < 0 || o.Policy.Repeats > MaxRepeats:
		return errs.Newf(errs.Invalid, "Повторных рассмотрений может быть от 0 до %d.", MaxRepeats)
	case o.Policy.RepeatDays < 0 || o.Policy.RepeatDays > MaxRepeatDays:
		return errs.Newf(errs.Invalid, "Срок повторного рассмотрения — от 0 до %d дней.", MaxRepeatDays)
	}
	if o.Zone != "" {
		if _, err := time.LoadLocation(o.Zone); err != nil {
			return errs.New(errs.Invalid, "Выберите часовой пояс из списка.")
		}
	}
	return nil
}

// Tally is how the cards that an organisation received in a period stand now.
// What came in is the sum of the five statuses.
type Tally struct {
	Received int
	By       map[Status]int
}
