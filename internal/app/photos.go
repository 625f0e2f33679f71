package app

import (
	"context"
	"net/http"
	"strings"
	"time"

	"otklik/internal/live"
	"otklik/internal/media"
	tgwrite "otklik/internal/network/telegram"
)

// photoTick is how often photos are looked for that wait for their next attempt
// or that another process has queued.
const photoTick = 2 * time.Second

// photoSources downloads photos from where their sources have them.
type photoSources struct {
	open  *media.Fetcher
	files map[string]*tgwrite.Files // by the id of the source
}

// Download implements media.Downloader. An address of the web needs no key; any
// other name is a file of the source's bot.
func (p photoSources) Download(ctx context.Context, sourceID, address string) ([]byte, error) {
	if strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://") {
		return p.open.Fetch(ctx, address)
	}
	files := p.files[sourceID]
	if files == nil {
		return nil, &media.Trouble{
			State: media.Waiting, RetryAfter: time.Hour,
			Message: "Источник отключён: фото загрузится, когда его подключат снова.",
		}
	}
	return files.Download(ctx, address)
}

func (p photoSources) close() {
	p.open.Close()
	for _, f := range p.files {
		f.Close()
	}
}

// keepPhotos fetches the photos of what was stored, under a lease.
func (a *App) keepPhotos(ctx context.Context) {
	var trusted []string
	for _, p := range a.cfg.VK {
		trusted = append(trusted, p.APIURL)
	}
	from := photoSources{
		open:  media.NewFetcher(media.FetcherOptions{Trusted: trusted, Proxy: http.ProxyFromEnvironment}),
		files: map[string]*tgwrite.Files{},
	}
	defer from.close()
	for _, p := range a.pages {
		if p.files != nil {
			from.files[p.id] = p.files
		}
	}
	w := &media.Worker{
		Book: a.store, From: from, Now: a.now, Log: a.log, Wake: a.photos, Tick: photoTick,
		Stored: func() { a.hub.Publish(live.Cases) },
	}
	a.keeper.Hold(ctx, "media", w.Run)
}
