package app

import (
	"otklik/internal/delivery"
	tgwrite "otklik/internal/network/telegram"
	vkwrite "otklik/internal/network/vk"
	"otklik/internal/sources"

	vkread "otklik/collectors/vk"
)

// How many calls of one key may be begun and not ended: enough to use up what
// its limits allow while a call takes up to four tenths of a second. All others
// wait in the ledger, where a stop still reaches them.
const (
	handsOfBot       = 12
	handsOfCommunity = 8
	handsOfPerson    = 2
)

// speakVK is who speaks for a community: answers with the community's key, posts
// with whatever key they need.
func (a *App) speakVK(keys vkread.CheckOptions, secrets map[sources.KeyKind]string) *delivery.Speaker {
	posts := vkwrite.NewPublisher(vkwrite.PublisherOptions{
		GroupID: keys.GroupID, Community: keys.Community, Service: keys.Reader, Admin: keys.Admin, Links: keys.Links, GuidWindow: vkWindow, Now: a.now,
	})
	hands := a.paces.hands(a.vkPrint(secrets[sources.CommunityKey]), handsOfCommunity)
	if keys.Admin != nil {
		hands = a.paces.hands(a.vkPrint(secrets[sources.AdminKey]), handsOfPerson)
	}
	return &delivery.Speaker{
		Answers: vkwrite.NewSender(vkwrite.SenderOptions{Client: keys.Community, GroupID: keys.GroupID, Links: keys.Links, GuidWindow: vkWindow, Now: a.now}),
		Posts:   posts, Changes: posts, Stock: a.store, Parts: a.store, Now: a.now, Hands: hands,
	}
}

// speakTelegram is who speaks for a channel and in its group.
func (a *App) speakTelegram(s sources.Source, token, channel string) (*delivery.Speaker, error) {
	print := a.sealer.Fingerprint(sources.BotKey, token)
	o := tgwrite.Options{
		Token: token, BaseURL: a.telegramAPI(s.Settings), PermalinkBase: a.telegramLinks(s.Settings), Limits: a.paces.telegram(print),
	}
	answers, err := tgwrite.NewSender(o)
	if err != nil {
		return nil, explainFailure(err)
	}
	posts, err := tgwrite.NewPublisher(tgwrite.PublisherOptions{Options: o, Channel: channel, Shelf: s.Settings.Shelf.ID, Now: a.now})
	if err != nil {
		return nil, explainFailure(err)
	}
	return &delivery.Speaker{
		Answers: answers, Posts: posts, Changes: posts, Stock: a.store, Parts: a.store, Now: a.now, Hands: a.paces.hands(print, handsOfBot),
	}, nil
}
