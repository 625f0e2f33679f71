package app

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"otklik/collectors"
	tgread "otklik/collectors/telegram"
	vkread "otklik/collectors/vk"
	"otklik/internal/delivery"
	"otklik/internal/errs"
	tgwrite "otklik/internal/network/telegram"
	vkwrite "otklik/internal/network/vk"
	"otklik/internal/social"
	"otklik/internal/store"
)

// page is one configured page: how it is read, and who answers in its name.
type page struct {
	id      string
	streams []stream
	sender  delivery.Sender
}

type stream struct {
	stream collectors.Stream
	source collectors.Source
}

// openPages makes the configured pages known. It calls no network: a page that
// cannot be reached now must not keep the others from being read.
func (a *App) openPages(ctx context.Context) error {
	for _, cfg := range a.cfg.VK {
		p, err := a.openVK(ctx, cfg)
		if err != nil {
			return err
		}
		a.pages = append(a.pages, p)
	}
	for _, cfg := range a.cfg.Telegram {
		p, err := a.openTelegram(ctx, cfg)
		if err != nil {
			return err
		}
		a.pages = append(a.pages, p)
	}
	keep := make([]string, len(a.pages))
	for i, p := range a.pages {
		keep[i] = p.id
		for _, s := range p.streams {
			if err := a.store.EnsureStream(ctx, s.stream, a.now()); err != nil {
				return err
			}
		}
	}
	return a.store.Retire(ctx, keep, a.now())
}

func (a *App) openVK(ctx context.Context, cfg VKPage) (*page, error) {
	id := strconv.Itoa(cfg.GroupID)
	title := cfg.Title
	if title == "" {
		title = "Сообщество " + id
	}
	links := vkwrite.Links{Base: cfg.LinkBase}
	about := collectors.SourceStatus{Network: social.VK, Title: title, Kind: "сообщество", URL: links.Author(-cfg.GroupID)}
	sourceID, err := a.store.EnsureSource(ctx, about, id, a.now())
	if err != nil {
		return nil, err
	}
	about.ID = sourceID
	community := vkwrite.NewClient(vkwrite.Config{Kind: vkwrite.CommunityKey, Token: cfg.CommunityToken.Reveal(), BaseURL: cfg.APIURL})
	names := vkread.NewNames(community, a.now)
	live := vkread.NewLive(vkread.LiveOptions{Client: community, GroupID: cfg.GroupID, Names: names, Links: links, Now: a.now})
	p := &page{
		id:     sourceID,
		sender: vkwrite.NewSender(vkwrite.SenderOptions{Client: community, GroupID: cfg.GroupID, Links: links, GuidWindow: vkWindow, Now: a.now}),
	}
	var service *vkwrite.Client
	if !cfg.ServiceToken.IsZero() {
		service = vkwrite.NewClient(vkwrite.Config{Kind: vkwrite.ServiceKey, Token: cfg.ServiceToken.Reveal(), BaseURL: cfg.APIURL})
	}
	check := func(ctx context.Context) error { return a.lookAtVK(ctx, about, community, service, cfg) }
	p.streams = append(p.streams, stream{
		collectors.Stream{Name: "vk:" + id + ":live", SourceID: sourceID},
		&checked{Source: live, check: check, now: a.now},
	})
	if service != nil {
		memory := wallMemory{a.store, sourceID}
		history := vkread.NewHistory(vkread.HistoryOptions{
			Client: service, GroupID: cfg.GroupID, Names: names, Links: links, Memory: memory, Wishes: memory, Now: a.now,
		})
		p.streams = append(p.streams, stream{collectors.Stream{Name: "vk:" + id + ":history", SourceID: sourceID, History: true}, history})
	}
	return p, nil
}

// lookAtVK asks what the keys can do and shows it on the page of sources.
func (a *App) lookAtVK(ctx context.Context, about collectors.SourceStatus, community, service *vkwrite.Client, cfg VKPage) error {
	report, err := vkread.Check(ctx, vkread.CheckOptions{Community: community, Reader: service, GroupID: cfg.GroupID, Links: vkwrite.Links{Base: cfg.LinkBase}})
	if err != nil {
		return err
	}
	if cfg.Title == "" && report.Name != "" {
		about.Title = report.Name
	}
	about.Abilities = report.Abilities
	_, err = a.store.EnsureSource(ctx, about, strconv.Itoa(cfg.GroupID), a.now())
	return err
}

func (a *App) openTelegram(ctx context.Context, cfg TelegramPage) (*page, error) {
	title := cfg.Title
	if title == "" {
		title = cfg.Channel
	}
	about := collectors.SourceStatus{Network: social.Telegram, Title: title, Kind: "канал и обсуждение"}
	sourceID, err := a.store.EnsureSource(ctx, about, cfg.Channel, a.now())
	if err != nil {
		return nil, err
	}
	about.ID = sourceID
	sender, err := tgwrite.NewSender(tgwrite.Options{Token: cfg.BotToken.Reveal(), BaseURL: cfg.APIURL, PermalinkBase: cfg.LinkBase, Limits: tgwrite.NewLimits(a.now)})
	if err != nil {
		return nil, explainFailure(err)
	}
	updates := collectors.Stream{Name: "telegram:" + cfg.Channel + ":updates", SourceID: sourceID}
	connect := func(ctx context.Context) (*tgread.Source, error) { return a.connectTelegram(ctx, about, cfg) }
	var source collectors.Source = &late{now: a.now, connect: withoutWebhook(connect)}
	if !cfg.WebhookSecret.IsZero() {
		source = a.openWebhook(updates, cfg.WebhookSecret.Reveal(), connect)
	}
	return &page{id: sourceID, sender: sender, streams: []stream{{updates, source}}}, nil
}

// connectTelegram asks the bot what it sees; without that the reader does not
// know which chats are the agency's own.
func (a *App) connectTelegram(ctx context.Context, about collectors.SourceStatus, cfg TelegramPage) (*tgread.Source, error) {
	client, err := tgread.NewClient(tgread.ClientOptions{Token: cfg.BotToken.Reveal(), BaseURL: cfg.APIURL})
	if err != nil {
		return nil, err
	}
	report, err := client.Inspect(ctx, cfg.Channel)
	if err != nil {
		return nil, err
	}
	if report.Page.ChannelID == 0 {
		return nil, &collectors.Trouble{Kind: collectors.Denied, Message: firstBad(report)}
	}
	if cfg.Title == "" && report.Page.ChannelTitle != "" {
		about.Title = report.Page.ChannelTitle
	}
	about.URL = channelLink(cfg.LinkBase, report.Page)
	for _, f := range report.Findings {
		about.Abilities = append(about.Abilities, collectors.Ability{Kind: f.Kind, Name: f.Text, Can: f.OK})
	}
	if _, err := a.store.EnsureSource(ctx, about, cfg.Channel, a.now()); err != nil {
		return nil, err
	}
	return tgread.NewSource(tgread.SourceOptions{Client: client, Page: report.Page, PermalinkBase: cfg.LinkBase, Now: a.now})
}

// channelLink is where people see the channel; a private one has no such page.
func channelLink(base string, p tgread.Page) string {
	if p.ChannelUsername == "" {
		return ""
	}
	if base == "" {
		base = "https://t.me/"
	}
	return strings.TrimRight(base, "/") + "/" + p.ChannelUsername
}

// wallMemory tells the history what is stored of a VK wall.
type wallMemory struct {
	store    *store.Store
	sourceID string
}

// Posts implements vkread.Memory.
func (m wallMemory) Posts(ctx context.Context, owner string, since time.Time) ([]vkread.Standing, error) {
	return m.store.Posts(ctx, social.VK, owner, since)
}

// Comments implements vkread.Memory.
func (m wallMemory) Comments(ctx context.Context, thread social.Ref) ([]vkread.Standing, error) {
	return m.store.Comments(ctx, thread)
}

// Missed implements vkread.Memory.
func (m wallMemory) Missed(ctx context.Context, since time.Time) (time.Time, error) {
	return m.store.Missed(ctx, m.sourceID, since)
}

// Wish implements vkread.Wishes.
func (m wallMemory) Wish(ctx context.Context) (collectors.Wish, error) {
	return m.store.Wish(ctx, m.sourceID)
}

func firstBad(r tgread.Report) string {
	for _, f := range r.Findings {
		if !f.OK {
			return f.Text
		}
	}
	return "Канал не найден. Проверьте имя канала в файле настроек."
}

// explainFailure keeps the sentence of a sender that could not be made.
func explainFailure(err error) error {
	var f *delivery.Failure
	if errors.As(err, &f) {
		return errs.Wrap(errs.Invalid, f.Message, err)
	}
	return err
}

// late is a source that has to ask the network before it can read. What goes
// wrong then is told like any other trouble and tried again. It asks again
// every hour, and soon after a group spoke that it does not know: the group of
// a channel can be replaced or get another id while the program runs.
type late struct {
	connect func(context.Context) (*tgread.Source, error)
	now     func() time.Time
	mu      sync.Mutex
	source  *tgread.Source
	asked   time.Time
}

// strangerPause is the least time between two looks at the same page.
const strangerPause = time.Minute

// Fetch implements collectors.Source.
func (l *late) Fetch(ctx context.Context, c collectors.Cursor) (collectors.Batch, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.refresh(ctx, checkEvery); err != nil {
		return collectors.Batch{}, err
	}
	b, err := l.source.Fetch(ctx, c)
	if err != nil || !l.source.SawStranger() || l.now().Sub(l.asked) < strangerPause {
		return b, err
	}
	// Nothing of the batch is confirmed until a later cursor is fetched with, so
	// it can be asked for again and read with open eyes.
	if err := l.refresh(ctx, strangerPause); err != nil {
		return collectors.Batch{}, err
	}
	return l.source.Fetch(ctx, c)
}

// refresh connects if that was never done or is older than age. A page that was
// known is read on as it was when the network does not tell more just now.
func (l *late) refresh(ctx context.Context, age time.Duration) error {
	if l.source != nil && l.now().Sub(l.asked) < age {
		return nil
	}
	s, err := l.connect(ctx)
	if err != nil && l.source == nil {
		return err
	}
	l.asked = l.now()
	if err == nil {
		l.source = s
	}
	return nil
}

// checkEvery is how often a source's keys are looked at anew.
const checkEvery = time.Hour

// checked looks at the keys of a source now and then; a check that fails keeps
// nobody from reading.
type checked struct {
	collectors.Source
	check func(context.Context) error
	now   func() time.Time
	mu    sync.Mutex
	next  time.Time
}

// Fetch implements collectors.Source.
func (c *checked) Fetch(ctx context.Context, cursor collectors.Cursor) (collectors.Batch, error) {
	c.mu.Lock()
	due := !c.now().Before(c.next)
	if due {
		c.next = c.now().Add(checkEvery)
	}
	c.mu.Unlock()
	if due {
		if err := c.check(ctx); err != nil {
			c.mu.Lock()
			c.next = c.now().Add(time.Minute)
			c.mu.Unlock()
		}
	}
	return c.Source.Fetch(ctx, cursor)
}
