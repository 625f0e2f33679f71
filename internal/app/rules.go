package app

import (
	"context"

	"otklik/internal/live"
	"otklik/internal/rules"
	"otklik/internal/web"
)

// ruleBench is what the page of rules works with. Trials end with the program.
func (a *App) ruleBench() web.Rules {
	ctx, stop := context.WithCancel(context.Background())
	a.onStop("trials of rules", func(context.Context) error { stop(); return nil })
	return web.Rules{
		Book: a.store, Scans: a.store, Offers: a.store, Trials: &rules.Trials{Book: a.store, Locator: a.atlas, Context: ctx},
		Changed: func() {
			a.detect.Ring()
			a.scan.Ring()
			a.hub.Publish(live.Rules)
		},
	}
}
