package app

import (
	"context"
	"strconv"

	"otklik/internal/sources"
)

// provision puts the pages of the file of settings and their keys into the
// registry, and retires those that the file does not name any more.
func (a *App) provision(ctx context.Context) error {
	var keep []string
	put := func(s sources.Source, secrets map[sources.KeyKind]Secret) error {
		s.Origin = sources.FromFile
		if s.Settings.Title != "" {
			s.Title = s.Settings.Title
		}
		id, err := a.store.Provision(ctx, s, a.now(), func(id string, had []sources.Key) ([]sources.Key, error) {
			return a.sealFile(id, had, secrets)
		})
		keep = append(keep, id)
		return err
	}
	for _, p := range a.cfg.VK {
		s := sources.Source{
			Kind: sources.VKCommunity, ExternalID: strconv.Itoa(p.GroupID), Title: "Сообщество " + strconv.Itoa(p.GroupID),
			URL:      a.vkLinks(sources.Settings{LinkBase: p.LinkBase}).Author(-p.GroupID),
			Settings: sources.Settings{Title: p.Title, APIURL: p.APIURL, LinkBase: p.LinkBase},
		}
		secrets := map[sources.KeyKind]Secret{sources.CommunityKey: p.CommunityToken, sources.ServiceKey: p.ServiceToken, sources.AdminKey: p.AdminToken}
		if err := put(s, secrets); err != nil {
			return err
		}
	}
	for _, p := range a.cfg.Telegram {
		s := sources.Source{
			Kind: sources.TelegramChannel, ExternalID: p.Channel, Title: p.Channel,
			Settings: sources.Settings{Title: p.Title, APIURL: p.APIURL, LinkBase: p.LinkBase},
		}
		if err := put(s, map[sources.KeyKind]Secret{sources.BotKey: p.BotToken, sources.WebhookSecret: p.WebhookSecret}); err != nil {
			return err
		}
	}
	return a.store.Retire(ctx, keep, a.now())
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
