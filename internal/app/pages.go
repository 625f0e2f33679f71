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
	"otklik/internal/measure"
	"otklik/internal/media"
	tgwrite "otklik/internal/network/telegram"
	vkwrite "otklik/internal/network/vk"
	"otklik/internal/social"
	"otklik/internal/sources"
	"otklik/internal/store"
)

// page is one source at work: how it is read, and who answers in its name.
type page struct {
	id      string
	stamp   string // what of the registry it was opened with
	shut    bool   // it did not open: its keys are sealed for this machine, or something went wrong
	streams []stream
	sender  delivery.Sender
	gauge   *measure.Gauge // what can be counted there; nil while nothing can
	hook    *webhook       // nil unless the network sends the updates itself
	files   *tgwrite.Files // of its photos; nil where these need no key
	open    *media.Fetcher // of its photos that need no key; nil while it rests
	close   []func()       // what holds connections for reading
	stop    context.CancelFunc
	running sync.WaitGroup
}

type stream struct {
	stream collectors.Stream
	source collectors.Source
}

// openPage makes a page of what the registry says. It calls no network: a page
// that cannot be reached now must not keep the others from being read.
func (a *App) openPage(ctx context.Context, s sources.Source) (*page, error) {
	if s.Paused {
		return &page{id: s.ID, sender: silent{code: "paused", message: "Страница на паузе: отправка начнётся, когда её возобновят."}}, nil
	}
	secrets := map[sources.KeyKind]string{}
	for _, k := range s.Keys {
		secret, err := a.sealer.Open(s.ID, k)
		if err != nil {
			a.log.Warn("key of a page does not open", "source", s.ID, "title", s.Title, "kind", string(k.Kind), "err", err)
			return &page{id: s.ID, shut: true, sender: silent{code: "sealed", message: errs.MessageOf(err)}}, nil
		}
		secrets[k.Kind] = secret
	}
	p, err := a.openKind(s, secrets)
	if err != nil {
		return nil, err
	}
	p.open = a.openPhotos(s.Settings)
	for _, st := range p.streams {
		if err := a.store.EnsureStream(ctx, st.stream, a.now()); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (a *App) openKind(s sources.Source, secrets map[sources.KeyKind]string) (*page, error) {
	switch s.Kind {
	case sources.VKCommunity:
		return a.openVK(s, secrets)
	case sources.TelegramChannel:
		return a.openTelegram(s, secrets)
	case sources.VKWall:
		return a.openWall(s, secrets[sources.ServiceKey])
	case sources.VKSearch:
		return a.openSearch(s, secrets[sources.ServiceKey])
	case sources.TelegramPreview:
		return a.openPreview(s)
	}
	// A newer program has connected it; this one leaves it alone.
	return &page{id: s.ID, sender: silent{code: "kind", message: "Эта версия программы не знает такой страницы: обновите её на этой машине."}}, nil
}

// silent speaks for a page that cannot speak just now: what it would say waits.
type silent struct{ code, message string }

// Send implements delivery.Sender.
func (s silent) Send(context.Context, delivery.Delivery) (delivery.Receipt, error) {
	return delivery.Receipt{}, &delivery.Failure{Outcome: delivery.NotSent, Code: s.code, Message: s.message, RetryAfter: silentPause}
}

// silentPause is how soon such a page is asked again.
const silentPause = 30 * time.Second

func (a *App) vkLinks(s sources.Settings) vkwrite.Links {
	return vkwrite.Links{Base: first(s.LinkBase, a.cfg.Networks.VKLinks)}
}

// vkClient returns a client that shares the pace of its key with all others.
func (a *App) vkClient(kind vkwrite.KeyKind, s sources.Settings, token string) *vkwrite.Client {
	return vkwrite.NewClient(vkwrite.Config{
		Kind: kind, Token: token, BaseURL: first(s.APIURL, a.cfg.Networks.VKAPI),
		Limiter: a.paces.vk(kind, string(kind)+a.vkPrint(token)),
	})
}

// vkPrint names a key of VK, whoever uses it.
func (a *App) vkPrint(token string) string {
	return a.sealer.Fingerprint(sources.CommunityKey, token)
}

func (a *App) openVK(s sources.Source, secrets map[sources.KeyKind]string) (*page, error) {
	group, err := strconv.Atoi(s.ExternalID)
	if err != nil {
		return nil, err
	}
	links := a.vkLinks(s.Settings)
	clients := a.vkClients(s.Settings, secrets)
	if clients.Community == nil {
		return &page{id: s.ID, sender: silent{code: "no_key", message: "У сообщества нет ключа. Администратор добавит его в «Источниках»."}}, nil
	}
	clients.GroupID, clients.Links = group, links
	names := vkread.NewNames(clients.Community, a.now)
	live := vkread.NewLive(vkread.LiveOptions{Client: clients.Community, GroupID: group, Names: names, Links: links, Now: a.now})
	p := &page{id: s.ID, sender: a.speakVK(clients, secrets), gauge: a.vkGauge(clients, links), close: append(closersOf(clients), live.Close)}
	check := func(ctx context.Context) error { return a.lookAtVK(ctx, s, clients) }
	p.streams = append(p.streams, stream{
		collectors.Stream{Name: s.Stream("live"), SourceID: s.ID},
		&checked{Source: live, check: check, now: a.now},
	})
	if clients.Reader != nil {
		memory := wallMemory{a.store, s.ID}
		name := s.Stream("history")
		share := a.share(name, secrets[sources.ServiceKey], ownMost)
		history := vkread.NewHistory(vkread.HistoryOptions{
			Client: vkread.Rationed(clients.Reader, share, a.now), GroupID: group, Names: names, Links: links,
			Memory: memory, Wishes: memory, Pace: share, Now: a.now,
		})
		p.streams = append(p.streams, stream{collectors.Stream{Name: name, SourceID: s.ID, History: true}, history})
	}
	return p, nil
}

// vkClients are the clients of the keys that a community has.
func (a *App) vkClients(s sources.Settings, secrets map[sources.KeyKind]string) vkread.CheckOptions {
	client := func(key sources.KeyKind, kind vkwrite.KeyKind) *vkwrite.Client {
		if secrets[key] == "" {
			return nil
		}
		return a.vkClient(kind, s, secrets[key])
	}
	reader := client(sources.ServiceKey, vkwrite.ServiceKey)
	if reader != nil {
		reader = a.forPeople(reader, secrets[sources.ServiceKey])
	}
	return vkread.CheckOptions{
		Community: client(sources.CommunityKey, vkwrite.CommunityKey),
		Reader:    reader,
		Admin:     client(sources.AdminKey, vkwrite.UserKey),
	}
}

// closersOf close the connections of all clients that are there.
func closersOf(o vkread.CheckOptions) []func() {
	var out []func()
	for _, c := range []*vkwrite.Client{o.Community, o.Reader, o.Admin} {
		if c != nil {
			out = append(out, c.Close)
		}
	}
	return out
}

// lookAtVK asks what the keys can do and shows it on the page of sources.
func (a *App) lookAtVK(ctx context.Context, s sources.Source, o vkread.CheckOptions) error {
	report, err := vkread.Check(ctx, o)
	if err != nil {
		return err
	}
	about := collectors.SourceStatus{ID: s.ID, Title: s.Title, URL: report.URL, Abilities: report.Abilities}
	if s.Settings.Title == "" && report.Name != "" {
		about.Title = report.Name
	}
	return a.store.Learned(ctx, about, nil, withFindings(s.Keys, vkFindings(report)), a.now())
}

func (a *App) openTelegram(s sources.Source, secrets map[sources.KeyKind]string) (*page, error) {
	token := secrets[sources.BotKey]
	if token == "" {
		return &page{id: s.ID, sender: silent{code: "no_key", message: "У канала нет ключа бота. Администратор добавит его в «Источниках»."}}, nil
	}
	sender, err := a.speakTelegram(s, token, channelOf(s))
	if err != nil {
		return nil, err
	}
	client, err := tgread.NewClient(tgread.ClientOptions{Token: token, BaseURL: a.telegramAPI(s.Settings)})
	if err != nil {
		return nil, err
	}
	gauge, err := a.telegramGauge(s, token)
	if err != nil {
		return nil, err
	}
	updates := collectors.Stream{Name: s.Stream("updates"), SourceID: s.ID}
	connect := func(ctx context.Context) (*tgread.Source, error) { return a.connectTelegram(ctx, s, client) }
	p := &page{id: s.ID, sender: sender, gauge: gauge, files: tgwrite.NewFiles(token, a.telegramAPI(s.Settings)), close: []func(){client.Close}}
	if secret := secrets[sources.WebhookSecret]; secret != "" {
		p.hook = a.openWebhook(updates, secret, connect)
		p.streams = []stream{{updates, p.hook}}
		return p, nil
	}
	p.streams = []stream{{updates, &late{now: a.now, connect: withoutWebhook(connect), source: a.recallTelegram(s, client)}}}
	return p, nil
}

func (a *App) telegramAPI(s sources.Settings) string {
	return first(s.APIURL, a.cfg.Networks.TelegramAPI)
}

func (a *App) telegramLinks(s sources.Settings) string {
	return first(s.LinkBase, a.cfg.Networks.TelegramLinks)
}

// connectTelegram asks the bot what it sees; without that the reader does not
// know which chats are the agency's own.
func (a *App) connectTelegram(ctx context.Context, s sources.Source, client *tgread.Client) (*tgread.Source, error) {
	report, err := client.Inspect(ctx, channelOf(s))
	if err != nil {
		return nil, err
	}
	if report.Page.ChannelID == 0 {
		return nil, &collectors.Trouble{Kind: collectors.Denied, Message: firstBad(report)}
	}
	base := a.telegramLinks(s.Settings)
	about := collectors.SourceStatus{ID: s.ID, Network: social.Telegram, Title: s.Title, URL: channelLink(base, report.Page), Abilities: telegramAbilities(report)}
	if s.Settings.Title == "" && report.Page.ChannelTitle != "" {
		about.Title = report.Page.ChannelTitle
	}
	keys := withFindings(s.Keys, map[sources.KeyKind]sources.KeyFinding{sources.BotKey: {Abilities: about.Abilities}})
	if err := a.store.Learned(ctx, about, seenOf(report.Page), keys, a.now()); err != nil {
		return nil, err
	}
	return tgread.NewSource(tgread.SourceOptions{Client: client, Page: report.Page, PermalinkBase: base, Now: a.now})
}

// recallTelegram is the reader of a channel as it was seen last, nil if this bot
// has not seen it yet.
func (a *App) recallTelegram(s sources.Source, client *tgread.Client) *tgread.Source {
	c := s.Settings.Seen
	if c == nil || c.ID != s.Settings.ChannelID {
		return nil
	}
	source, err := tgread.NewSource(tgread.SourceOptions{Client: client, PermalinkBase: a.telegramLinks(s.Settings), Now: a.now, Page: tgread.Page{
		BotID: c.BotID, BotUsername: c.BotUsername, ChannelID: c.ID, ChannelTitle: c.Title, ChannelUsername: c.Username, GroupID: c.GroupID, GroupTitle: c.GroupTitle,
	}})
	if err != nil {
		return nil // another bot saw it
	}
	return source
}

func seenOf(p tgread.Page) *sources.Channel {
	return &sources.Channel{
		ID: p.ChannelID, Username: p.ChannelUsername, Title: p.ChannelTitle, GroupID: p.GroupID, GroupTitle: p.GroupTitle, BotID: p.BotID, BotUsername: p.BotUsername,
	}
}

// channelOf is how the network is asked for a channel: by its number where that
// is known, since the name may have changed.
func channelOf(s sources.Source) string {
	if id := s.Settings.ChannelID; id != 0 {
		return strconv.FormatInt(id, 10)
	}
	return s.ExternalID
}

func telegramAbilities(r tgread.Report) []collectors.Ability {
	var out []collectors.Ability
	for _, f := range r.Findings {
		out = append(out, collectors.Ability{Kind: f.Kind, Name: f.Text, Can: f.OK})
	}
	return out
}

// withFindings are the keys that were looked at, with what was found.
func withFindings(keys []sources.Key, found map[sources.KeyKind]sources.KeyFinding) []sources.Key {
	var out []sources.Key
	for _, k := range keys {
		if f, ok := found[k.Kind]; ok {
			k.Abilities, k.Trouble = f.Abilities, f.Trouble
			out = append(out, k)
		}
	}
	return out
}

// channelLink is where people see the channel; a private one has no such page.
func channelLink(base string, p tgread.Page) string {
	if p.ChannelUsername == "" {
		return ""
	}
	return strings.TrimRight(first(base, "https://t.me/"), "/") + "/" + p.ChannelUsername
}

// first is the first of the texts that is not empty.
func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
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
	return "Канал не найден. Проверьте имя канала."
}

// explainFailure keeps the sentence of a sender that could not be made.
func explainFailure(err error) error {
	var f *delivery.Failure
	if errors.As(err, &f) {
		return errs.Wrap(errs.Invalid, f.Message, err)
	}
	return err
}
