package app

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"otklik/collectors"
	tgread "otklik/collectors/telegram"
	vkread "otklik/collectors/vk"
	"otklik/internal/delivery"
	"otklik/internal/live"
	"otklik/internal/measure"
	tgwrite "otklik/internal/network/telegram"
	vkwrite "otklik/internal/network/vk"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/internal/sources"
	"otklik/internal/store"
	"otklik/publisher"
)

// keepFigures counts posts, pages and polls, as the only process that does.
func (a *App) keepFigures(ctx context.Context) {
	w := &measure.Worker{Wake: a.counted, Posts: measured{a.store, a}, Pages: a.store, Polls: closing{a.store, a}, Gauges: a.pages, Teller: teller{a.store}, Now: a.now, Log: a.log}
	a.keeper.Hold(ctx, "measure", w.Run)
}

// measured tells open pages that there is something new to see.
type measured struct {
	*store.Store
	a *App
}

// AddPostNumbers implements measure.Posts.
func (m measured) AddPostNumbers(ctx context.Context, list []publisher.PostStats, now time.Time) error {
	err := m.Store.AddPostNumbers(ctx, list, now)
	if err == nil && len(list) > 0 {
		m.a.hub.Publish(live.Stats)
	}
	return err
}

// closing tells of polls, and wakes whoever carries out the ledger.
type closing struct {
	*store.Store
	a *App
}

// ClosePoll implements measure.Polls.
func (c closing) ClosePoll(ctx context.Context, by rights.Actor, id string, now time.Time) (publisher.Poll, error) {
	p, err := c.Store.ClosePoll(ctx, by, id, now)
	if err == nil {
		c.a.told(social.VK, social.Telegram)
	}
	return p, err
}

// AddSnapshot implements measure.Polls.
func (c closing) AddSnapshot(ctx context.Context, x publisher.Snapshot, now time.Time) error {
	err := c.Store.AddSnapshot(ctx, x, now)
	if err == nil {
		c.a.hub.Publish(live.Posts)
	}
	return err
}

// Gauge implements measure.Gauges.
func (p *pages) Gauge(_ context.Context, id string) (measure.Gauge, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	x, ok := p.open[id]
	if !ok || x.gauge == nil {
		return measure.Gauge{}, false
	}
	return *x.gauge, true
}

// vkGauge is what a community's keys allow to count.
func (a *App) vkGauge(clients vkread.CheckOptions, links vkwrite.Links) *measure.Gauge {
	p := vkwrite.NewPublisher(vkwrite.PublisherOptions{
		GroupID: clients.GroupID, Community: clients.Community, Service: clients.Reader, Admin: clients.Admin, Links: links, Now: a.now,
	})
	g := &measure.Gauge{Page: p}
	switch {
	case clients.Admin != nil:
		g.Posts, g.Days, g.Polls, g.Reach = p, p, p, p
	case clients.Reader != nil:
		g.Posts, g.Lack = p, "Нет ключа администратора: охват по дням и итоги опросов недоступны."
	default:
		g.Lack = "Нет ни сервисного ключа, ни ключа администратора: просмотры и реакции не посчитать."
	}
	return g
}

// telegramGauge is what a bot and the public page of its channel tell. Reactions
// and the results of polls come by themselves.
func (a *App) telegramGauge(s sources.Source, token string) (*measure.Gauge, error) {
	channel := s.ExternalID
	if id := s.Settings.ChannelID; id != 0 {
		channel = strconv.FormatInt(id, 10)
	}
	p, err := tgwrite.NewPublisher(tgwrite.PublisherOptions{
		Options: tgwrite.Options{
			Token: token, BaseURL: a.telegramAPI(s.Settings), PermalinkBase: a.telegramLinks(s.Settings), Limits: a.paces.telegram(a.sealer.Fingerprint(sources.BotKey, token)),
		},
		Channel: channel, Shelf: s.Settings.Shelf.ID, Now: a.now,
	})
	if err != nil {
		return nil, explainFailure(err)
	}
	c := channelCounter{store: a.store}
	if name, ok := strings.CutPrefix(s.ExternalID, "@"); ok {
		c.page = a.previewOptions(s.Settings, name)
	}
	g := &measure.Gauge{Page: p, Posts: c}
	if s.Settings.Shelf.ID != 0 {
		g.Polls = p
	}
	if c.page.Channel == "" {
		g.Lack = "У канала нет открытого имени: просмотры Telegram показывает только на открытой странице."
	}
	return g, nil
}

// channelCounter counts under posts of a channel: views by its public page,
// comments by what was collected. The rest comes by itself.
type channelCounter struct {
	store *store.Store
	page  tgread.PreviewOptions // without a channel there is no page
}

// Count implements measure.PostCounter.
func (c channelCounter) Count(ctx context.Context, refs []social.Ref) ([]social.PostNumbers, error) {
	comments, err := c.store.OwnComments(ctx, refs)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, r := range refs {
		if id, err := strconv.ParseInt(r.ID, 10, 64); err == nil && c.page.Channel != "" {
			ids = append(ids, id)
		}
	}
	views, err := tgread.Views(ctx, c.page, ids)
	var t *collectors.Trouble
	switch {
	case errors.As(err, &t) && t.Kind != collectors.Denied:
		return nil, &delivery.Failure{Outcome: delivery.NotSent, Code: "tg.page", Message: t.Message, RetryAfter: t.RetryAfter, Cause: err}
	case err != nil && t == nil:
		return nil, err
	}
	// Without a public page the comments are still known.
	out := make([]social.PostNumbers, len(refs))
	for i, r := range refs {
		out[i] = social.PostNumbers{Ref: r, Views: social.Untold, Likes: social.Untold, Reposts: social.Untold, Comments: comments[i]}
		if id, err := strconv.ParseInt(r.ID, 10, 64); err == nil {
			if n, ok := views[id]; ok {
				out[i].Views = n
			}
		}
	}
	return out, nil
}

// teller reads what Telegram told a bot of polls and reactions.
type teller struct{ store *store.Store }

// Told implements measure.Teller.
func (t teller) Told(ctx context.Context, since time.Time) (measure.Told, error) {
	list, err := t.store.ToldUpdates(ctx, social.Telegram, since)
	if err != nil {
		return measure.Told{}, err
	}
	var out measure.Told
	for _, u := range list {
		if r, ok := tgwrite.ReadPoll(u.Raw); ok {
			out.Polls = append(out.Polls, measure.ToldPoll{PageID: u.PageID, At: u.At, Result: r})
		}
		if n, ok := tgwrite.ReadReactions(u.Raw); ok {
			r := publisher.Reactions{Likes: n.Likes, Comments: n.Comments, Reposts: n.Reposts, Views: n.Views}
			out.Posts = append(out.Posts, publisher.PostStats{PageID: u.PageID, Ref: n.Ref, At: u.At, Reactions: r})
		}
	}
	return out, nil
}
