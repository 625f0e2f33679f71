package app

import (
	"context"
	"net/http"
	"strings"
	"time"

	"otklik/internal/live"
	"otklik/internal/media"
	"otklik/internal/sources"
)

// photoTick is how often photos are looked for that wait for their next attempt
// or that another process has queued.
const photoTick = 2 * time.Second

// restPause is how soon the photos of a source are looked at again that is
// not read now.
const restPause = 10 * time.Minute

// openPhotos returns a downloader for what a source names by addresses of the
// web. The servers that the administrator named may stand anywhere.
func (a *App) openPhotos(s sources.Settings) *media.Fetcher {
	n := a.cfg.Networks
	return media.NewFetcher(media.FetcherOptions{
		Trusted: []string{s.APIURL, s.LinkBase, n.VKAPI, n.VKLinks, n.TelegramAPI, n.TelegramLinks}, Proxy: http.ProxyFromEnvironment,
	})
}

// Download implements media.Downloader. An address of the web needs no key; any
// other name is a file of the source's bot.
func (p *pages) Download(ctx context.Context, sourceID, address string) ([]byte, error) {
	p.mu.RLock()
	x := p.open[sourceID]
	p.mu.RUnlock()
	web := strings.Contains(address, "://") // the name of a file has no scheme
	switch {
	case x != nil && x.open != nil && web:
		return x.open.Fetch(ctx, address)
	case x != nil && x.files != nil && !web:
		return x.files.Download(ctx, address)
	}
	return nil, &media.Trouble{
		State: media.Waiting, RetryAfter: restPause, Unasked: true,
		Message: "Источник отключён или на паузе: фото загрузится, когда его подключат снова.",
	}
}

// keepPhotos fetches the photos of what was stored, under a lease.
func (a *App) keepPhotos(ctx context.Context) {
	w := &media.Worker{
		Book: a.store, From: a.pages, Now: a.now, Log: a.log, Wake: a.photos, Tick: photoTick,
		Stored: func() { a.hub.Publish(live.Cases) },
	}
	a.keeper.Hold(ctx, "media", w.Run)
}
