package app

import (
	"context"
	"fmt"
	"time"

	"otklik/collectors"
	"otklik/collectors/quota"
	tgread "otklik/collectors/telegram"
	vkread "otklik/collectors/vk"
	vkwrite "otklik/internal/network/vk"
	"otklik/internal/social"
	"otklik/internal/sources"
	"otklik/internal/store"
)

// ownMost is the longest rest of the history of an own community, whatever the
// plan of the quota says: what the live stream lost is found by it.
const ownMost = 10 * time.Minute

// share is what one stream has of the day's quota of a service key.
func (a *App) share(stream, token string, most time.Duration) *quota.Share {
	return a.quota.Share(quota.ShareOptions{Print: a.vkPrint(token), Stream: stream, Limits: vkread.DayLimits(), Most: most})
}

// forPeople counts the calls that somebody waits for.
func (a *App) forPeople(client *vkwrite.Client, token string) *vkwrite.Client {
	s := a.quota.Share(quota.ShareOptions{Print: a.vkPrint(token), Limits: vkread.DayLimits(), People: true})
	return vkread.Rationed(client, s, a.now)
}

// badID is of a source that another version of the program has connected.
func badID(s sources.Source) error {
	return fmt.Errorf("source %s: the id %q is not one of %s", s.ID, s.ExternalID, s.Kind)
}

func (a *App) openWall(s sources.Source, token string) (*page, error) {
	owner, ok := sources.Wall(s.ExternalID)
	if !ok {
		return nil, badID(s)
	}
	if token == "" {
		return &page{id: s.ID}, nil // nothing reads it until it has a key
	}
	name := "vk:" + s.ExternalID
	share := a.share(name, token, 0)
	client := vkread.Rationed(a.vkClient(vkwrite.ServiceKey, s.Settings, token), share, a.now)
	memory := wallMemory{a.store, s.ID}
	wall := vkread.NewWall(vkread.WallOptions{
		Client: client, Owner: owner, Names: vkread.NewNames(client, a.now), Links: a.vkLinks(s.Settings),
		Memory: memory, Pace: share, Own: a.pages.speaks, Now: a.now,
	})
	return &page{id: s.ID, close: []func(){client.Close}, streams: []stream{{collectors.Stream{Name: name, SourceID: s.ID}, wall}}}, nil
}

func (a *App) openSearch(s sources.Source, token string) (*page, error) {
	owner, query, ok := sources.Search(s.ExternalID)
	if !ok {
		return nil, badID(s)
	}
	if token == "" {
		return &page{id: s.ID}, nil // nothing reads it until it has a key
	}
	name := "vk:" + s.ExternalID
	share := a.share(name, token, 0)
	client := vkread.Rationed(a.vkClient(vkwrite.ServiceKey, s.Settings, token), share, a.now)
	search := vkread.NewSearch(vkread.SearchOptions{
		Client: client, Query: query, Wall: owner, Names: vkread.NewNames(client, a.now), Links: a.vkLinks(s.Settings),
		Pace: share, Own: a.pages.speaks, Now: a.now,
	})
	return &page{id: s.ID, close: []func(){client.Close}, streams: []stream{{collectors.Stream{Name: name, SourceID: s.ID}, search}}}, nil
}

func (a *App) openPreview(s sources.Source) (*page, error) {
	channel, ok := sources.Preview(s.ExternalID)
	if !ok {
		return nil, badID(s)
	}
	name := "telegram:" + s.ExternalID
	o := a.previewOptions(s.Settings, channel)
	o.Memory = channelMemory{a.store}
	preview := tgread.NewPreview(o)
	return &page{id: s.ID, close: []func(){preview.Close}, streams: []stream{{collectors.Stream{Name: name, SourceID: s.ID}, preview}}}, nil
}

func (a *App) previewOptions(s sources.Settings, channel string) tgread.PreviewOptions {
	return tgread.PreviewOptions{
		Channel: channel, BaseURL: first(s.APIURL, a.cfg.Networks.TelegramPages), PermalinkBase: a.telegramLinks(s), Now: a.now,
	}
}

// channelMemory tells the reader of a public channel what is stored of it.
type channelMemory struct{ store *store.Store }

// Posts implements tgread.PreviewMemory.
func (m channelMemory) Posts(ctx context.Context, owner string, since time.Time) ([]collectors.Standing, error) {
	return m.store.Posts(ctx, social.Telegram, owner, since)
}
