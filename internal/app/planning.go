package app

import (
	"otklik/internal/social"
	"otklik/internal/web"
	"otklik/internal/workcal"
	"otklik/publisher"
)

// planning is what the press officer's pages work with. Whatever people change
// there may be due at once, and a series may have other occurrences.
func (a *App) planning() web.Planning {
	return web.Planning{
		Plan: a.store, Posts: a.store, Desk: publisher.NewDesk(a.store, a.store, a.now), Register: a.store, Editing: a.store, Templates: a.store,
		Series: a.store, Halts: a.store, Days: workcal.Calendar{}, Changed: func() {
			a.planned.Ring()
			a.unfold.Ring()
			a.told(social.VK, social.Telegram)
		},
	}
}
