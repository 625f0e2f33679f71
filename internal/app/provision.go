package app

import (
	"context"
	"strconv"
	"strings"

	tgread "otklik/collectors/telegram"
	"otklik/internal/sources"
)

// provision makes the registry name the pages of the file of settings with
// their keys.
func (a *App) provision(ctx context.Context) error {
	var file []sources.Source
	var secrets []map[sources.KeyKind]Secret
	put := func(s sources.Source, of map[sources.KeyKind]Secret) {
		s.Origin = sources.FromFile
		if s.Settings.Title != "" {
			s.Title = s.Settings.Title
		}
		for kind, secret := range of {
			if !secret.IsZero() {
				s.Keys = append(s.Keys, sources.Key{Kind: kind, Fingerprint: a.sealer.Fingerprint(kind, secret.Reveal())})
			}
		}
		file, secrets = append(file, s), append(secrets, of)
	}
	for _, p := range a.cfg.VK {
		put(sources.Source{
			Kind: sources.VKCommunity, ExternalID: strconv.Itoa(p.GroupID), Title: "Сообщество " + strconv.Itoa(p.GroupID),
			URL:      a.vkLinks(sources.Settings{LinkBase: p.LinkBase}).Author(-p.GroupID),
			Settings: sources.Settings{Title: p.Title, APIURL: p.APIURL, LinkBase: p.LinkBase},
		}, map[sources.KeyKind]Secret{sources.CommunityKey: p.CommunityToken, sources.ServiceKey: p.ServiceToken, sources.AdminKey: p.AdminToken})
	}
	for _, p := range a.cfg.Telegram {
		name, _ := tgread.ChatName(p.Channel)
		set := sources.Settings{Title: p.Title, APIURL: p.APIURL, LinkBase: p.LinkBase, Shelf: sources.Shelf{ID: p.Shelf}}
		if id, err := strconv.ParseInt(name, 10, 64); err == nil {
			set.ChannelID = id
		}
		address := ""
		if public, ok := strings.CutPrefix(name, "@"); ok {
			address = channelLink(a.telegramLinks(set), tgread.Page{ChannelUsername: public})
		}
		put(sources.Source{Kind: sources.TelegramChannel, ExternalID: name, Title: name, URL: address, Settings: set},
			map[sources.KeyKind]Secret{sources.BotKey: p.BotToken, sources.WebhookSecret: p.WebhookSecret})
	}
	return a.store.Provision(ctx, file, a.now(), func(i int, id string, had []sources.Key) ([]sources.Key, error) {
		return a.sealFile(id, had, secrets[i])
	})
}

// sealFile seals the keys of the file. One that is the same as before and opens
// stays as it is, with what is known of it.
func (a *App) sealFile(id string, had []sources.Key, secrets map[sources.KeyKind]Secret) ([]sources.Key, error) {
	was := sources.Source{Keys: had}
	var out []sources.Key
	for kind, secret := range secrets {
		if secret.IsZero() {
			continue
		}
		if k, ok := was.Key(kind); ok {
			if former, err := a.sealer.Open(id, k); err == nil && former == secret.Reveal() {
				out = append(out, k)
				continue
			}
		}
		k, err := a.sealer.Seal(id, kind, secret.Reveal())
		if err != nil {
			return nil, err
		}
		k.SetAt = a.now()
		out = append(out, k)
	}
	return out, nil
}
