package app

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"otklik/collectors"
	tgread "otklik/collectors/telegram"
	vkread "otklik/collectors/vk"
	"otklik/internal/errs"
	"otklik/internal/sources"
)

// Check implements sources.Checker.
func (a *App) Check(ctx context.Context, c sources.Candidate) (sources.Found, error) {
	switch c.Kind {
	case sources.VKCommunity:
		return a.checkVK(ctx, c)
	case sources.TelegramChannel:
		return a.checkTelegram(ctx, c)
	case sources.VKWall:
		return a.checkWall(ctx, c)
	case sources.VKSearch:
		return a.checkSearch(ctx, c)
	case sources.TelegramPreview:
		return a.checkPreview(ctx, c)
	}
	return sources.Found{}, errs.New(errs.Invalid, "Такую страницу программа подключать не умеет.")
}

func (a *App) checkVK(ctx context.Context, c sources.Candidate) (sources.Found, error) {
	o := a.vkClients(c.Settings, c.Secrets)
	o.Links = a.vkLinks(c.Settings)
	found := sources.Found{ExternalID: c.ExternalID, Keys: map[sources.KeyKind]sources.KeyFinding{}}
	if o.Community == nil {
		return found, errs.New(errs.Invalid, "Впишите ключ сообщества: без него программа не узнает о новых комментариях и не сможет отвечать.")
	}
	defer func() {
		for _, free := range closersOf(o) {
			free()
		}
	}()
	group, err := vkread.Whose(ctx, o.Community)
	if err != nil {
		return found, refuse(found, sources.CommunityKey, err)
	}
	found.ExternalID, found.Title, found.URL = strconv.Itoa(group.ID), group.Name, o.Links.Author(-group.ID)
	if asked := first(c.ExternalID, c.Address); !sameGroup(asked, group) {
		found.Keys[sources.CommunityKey] = sources.KeyFinding{
			Trouble: "Этот ключ выдан сообществу «" + group.Name + "», а не тому, что указано. Выпустите ключ в нужном сообществе или исправьте адрес.",
		}
		return found, nil
	}
	o.GroupID = group.ID
	report, err := vkread.Check(ctx, o)
	if err != nil {
		return found, refuse(found, sources.CommunityKey, err)
	}
	found.Abilities, found.Keys = report.Abilities, vkFindings(report)
	return found, nil
}

// refuse turns a key that the network does not take into a finding, and leaves
// the rest an error: then nothing is known of the key.
func refuse(found sources.Found, kind sources.KeyKind, err error) error {
	var t *collectors.Trouble
	if !errors.As(err, &t) {
		return err
	}
	if t.Kind == collectors.Denied {
		found.Keys[kind] = sources.KeyFinding{Trouble: t.Message}
		return nil
	}
	return errs.Wrap(errs.Unavailable, t.Message, err)
}

func vkFindings(r vkread.Report) map[sources.KeyKind]sources.KeyFinding {
	out := map[sources.KeyKind]sources.KeyFinding{}
	for kind, k := range map[sources.KeyKind]*vkread.KeyReport{sources.CommunityKey: r.Community, sources.ServiceKey: r.Reader, sources.AdminKey: r.Admin} {
		if k != nil {
			out[kind] = sources.KeyFinding{Abilities: k.Abilities, Trouble: k.Trouble}
		}
	}
	return out
}

// sameGroup says that a typed address, number or short name means the community.
func sameGroup(typed string, g vkread.Group) bool {
	name := strings.ToLower(lastPart(typed))
	if name == strings.ToLower(g.ScreenName) && name != "" {
		return true
	}
	for _, prefix := range []string{"club", "public", "event", "-"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			name = rest
			break
		}
	}
	return name == strconv.Itoa(g.ID)
}

// lastPart is the name in a link to a page, or the text itself.
func lastPart(typed string) string {
	typed = strings.TrimSpace(typed)
	if u, err := url.Parse(typed); err == nil {
		typed = u.Path
	}
	typed = strings.Trim(typed, "/")
	return typed[strings.LastIndexByte(typed, '/')+1:]
}

func (a *App) checkTelegram(ctx context.Context, c sources.Candidate) (sources.Found, error) {
	found := sources.Found{ExternalID: c.ExternalID, Keys: map[sources.KeyKind]sources.KeyFinding{}}
	client, err := tgread.NewClient(tgread.ClientOptions{Token: c.Secrets[sources.BotKey], BaseURL: a.telegramAPI(c.Settings)})
	if err != nil {
		return found, refuse(found, sources.BotKey, err)
	}
	defer client.Close()
	channel := first(c.ExternalID, c.Address)
	if id := c.Settings.ChannelID; id != 0 {
		channel = strconv.FormatInt(id, 10)
	}
	report, err := client.Inspect(ctx, channel)
	if err != nil {
		return found, refuse(found, sources.BotKey, err)
	}
	finding := sources.KeyFinding{Abilities: telegramAbilities(report)}
	if report.Page.ChannelID == 0 {
		finding.Trouble = firstBad(report)
	}
	found.Keys[sources.BotKey], found.Abilities = finding, finding.Abilities
	found.ChannelID, found.Title = report.Page.ChannelID, report.Page.ChannelTitle
	found.URL = channelLink(a.telegramLinks(c.Settings), report.Page)
	if found.ExternalID == "" {
		found.ExternalID = strconv.FormatInt(report.Page.ChannelID, 10)
		if name := report.Page.ChannelUsername; name != "" {
			found.ExternalID = "@" + strings.ToLower(name)
		}
	}
	return found, nil
}

// checkShelf asks Telegram whether a chat can hold the files of a channel.
func (a *App) checkShelf(ctx context.Context, c sources.Candidate, chat string) (sources.Shelf, error) {
	client, err := tgread.NewClient(tgread.ClientOptions{Token: c.Secrets[sources.BotKey], BaseURL: a.telegramAPI(c.Settings)})
	if err != nil {
		return sources.Shelf{}, errs.Wrap(errs.Invalid, "Ключ бота не подходит. Замените его и повторите.", err)
	}
	defer client.Close()
	found, why, err := client.InspectShelf(ctx, channelOf(sources.Source{ExternalID: c.ExternalID, Settings: c.Settings}), chat)
	var t *collectors.Trouble
	switch {
	case errors.As(err, &t):
		return sources.Shelf{}, errs.Wrap(errs.Unavailable, t.Message, err)
	case err != nil:
		return sources.Shelf{}, err
	case why != "":
		return sources.Shelf{}, errs.New(errs.Invalid, why)
	}
	return sources.Shelf(found), nil
}
