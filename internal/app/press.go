package app

import "otklik/internal/web"

// press is what the pages of the register, the polls, the statistics and the
// mandates work with.
func (a *App) press() web.Press {
	return web.Press{Pages: a.store, Polls: a.store, Posts: a.store, Figures: a.store, Mandates: a.store, Files: a.store}
}

// searching is what the page of the archive works with.
func (a *App) searching() web.Searching {
	return web.Searching{Archive: a.archive, Items: a.store, Saved: a.store, Upkeep: a.store}
}
