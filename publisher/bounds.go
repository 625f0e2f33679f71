package publisher

import (
	"otklik/internal/errs"
	"otklik/internal/rights"
)

// within checks that all the pages lie within the bounds of the roles that allow
// the action. The program itself has none. Errors: Forbidden.
func within(pageIDs []string, action rights.Action, by rights.Actor) error {
	if by.IsSystem() || action == "" {
		return nil
	}
	for _, id := range pageIDs {
		if !by.May(action, rights.Subject{Page: id, Publication: true}) {
			return errs.New(errs.Forbidden, "Одна из страниц вне границ вашей роли. Границы меняет администратор.")
		}
	}
	return nil
}

// onSomePages says that the action is allowed only on some pages.
func onSomePages(action rights.Action, by rights.Actor) bool {
	for _, s := range by.Scopes(action) {
		if s.Boundless() {
			return false
		}
	}
	return !by.IsSystem()
}
