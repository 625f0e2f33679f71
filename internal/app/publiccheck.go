package app

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"otklik/collectors"
	tgread "otklik/collectors/telegram"
	vkread "otklik/collectors/vk"
	"otklik/internal/errs"
	vkwrite "otklik/internal/network/vk"
	"otklik/internal/sources"
)

// notThere says that a page cannot be read, though the key is good: the person
// has to type another address.
func notThere(err error) error {
	var t *collectors.Trouble
	switch {
	case !errors.As(err, &t):
		return err
	case t.Kind == collectors.Denied:
		return errs.Wrap(errs.Invalid, t.Message, err)
	}
	return errs.Wrap(errs.Unavailable, t.Message, err)
}

// readable is what a source that is not the agency's own is good for.
func readable(what string) []collectors.Ability {
	return []collectors.Ability{
		{Kind: collectors.AbleToList, Name: what, Can: true},
		{Kind: collectors.AbleToAnswer, Name: "Отвечать в обсуждении", Why: "Это не ваша страница: ответить можно только вручную."},
	}
}

// serviceClient is a client of the service key that a person typed, and what
// the network says of that key.
func (a *App) serviceClient(ctx context.Context, c sources.Candidate, found sources.Found) (*vkwrite.Client, bool, error) {
	token := c.Secrets[sources.ServiceKey]
	if token == "" {
		return nil, false, errs.New(errs.Invalid, "Впишите сервисный ключ приложения: без него ВКонтакте чужих страниц не показывает.")
	}
	client := a.forPeople(a.vkClient(vkwrite.ServiceKey, c.Settings, token), token)
	var now int64
	if err := client.Call(ctx, "utils.getServerTime", nil, &now); err != nil {
		client.Close()
		p := client.Kind().Explain(err)
		if p.Remedy != vkwrite.Person {
			return nil, false, errs.Wrap(errs.Unavailable, p.Message, err)
		}
		found.Keys[sources.ServiceKey] = sources.KeyFinding{Trouble: p.Message}
		return nil, false, nil
	}
	return client, true, nil
}

func (a *App) checkWall(ctx context.Context, c sources.Candidate) (sources.Found, error) {
	found := sources.Found{ExternalID: c.ExternalID, Keys: map[sources.KeyKind]sources.KeyFinding{}}
	client, ok, err := a.serviceClient(ctx, c, found)
	if err != nil || !ok {
		return found, err
	}
	defer client.Close()
	address := c.Address
	if owner, ok := sources.Wall(c.ExternalID); ok {
		address = strconv.Itoa(owner)
	}
	page, err := vkread.Find(ctx, client, a.vkLinks(c.Settings), address)
	if err != nil {
		return found, notThere(err)
	}
	found.ExternalID, found.Title, found.URL = sources.WallID(page.Owner), page.Title, page.URL
	found.Abilities = readable("Читать записи и комментарии этой страницы")
	found.Keys[sources.ServiceKey] = sources.KeyFinding{Abilities: found.Abilities}
	return found, nil
}

// checkSearch reads a query, before which the address of one page may stand.
func (a *App) checkSearch(ctx context.Context, c sources.Candidate) (sources.Found, error) {
	found := sources.Found{ExternalID: c.ExternalID, Keys: map[sources.KeyKind]sources.KeyFinding{}}
	client, ok, err := a.serviceClient(ctx, c, found)
	if err != nil || !ok {
		return found, err
	}
	defer client.Close()
	owner, query, known := sources.Search(c.ExternalID)
	where := ""
	if !known {
		where, query = splitSearch(c.Address)
	} else if owner != 0 {
		where = strconv.Itoa(owner)
	}
	if query == "" {
		return found, errs.New(errs.Invalid, "Напишите, что искать: слова, «точные слова» в кавычках, -ненужные слова с минусом.")
	}
	found.Title, owner = "Поиск: "+query, 0
	if where != "" {
		page, err := vkread.Find(ctx, client, a.vkLinks(c.Settings), where)
		if err != nil {
			return found, notThere(err)
		}
		owner, found.URL = page.Owner, page.URL
		found.Title += " (" + page.Title + ")"
	}
	found.ExternalID = sources.SearchID(owner, query)
	found.Abilities = readable("Находить записи по словам")
	found.Keys[sources.ServiceKey] = sources.KeyFinding{Abilities: found.Abilities}
	return found, nil
}

// splitSearch tells the address of a page from the words to be searched for.
func splitSearch(typed string) (where, query string) {
	typed = strings.Join(strings.Fields(typed), " ")
	head, rest, _ := strings.Cut(typed, " ")
	bare := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(head, "https://"), "http://"), "m.")
	if strings.HasPrefix(bare, "vk.com/") || strings.HasPrefix(bare, "vk.ru/") {
		return head, rest
	}
	return "", typed
}

func (a *App) checkPreview(ctx context.Context, c sources.Candidate) (sources.Found, error) {
	found := sources.Found{ExternalID: c.ExternalID, Keys: map[sources.KeyKind]sources.KeyFinding{}}
	channel, ok := sources.Preview(c.ExternalID)
	if !ok {
		name, _ := tgread.ChatName(c.Address)
		channel, ok = strings.CutPrefix(name, "@")
	}
	if !ok || channel == "" {
		return found, errs.New(errs.Invalid, "Впишите имя канала: оно стоит в его адресе после t.me/.")
	}
	title, err := tgread.LookAtPreview(ctx, a.previewOptions(c.Settings, channel))
	if err != nil {
		return found, notThere(err)
	}
	found.ExternalID, found.Title = sources.PreviewID(channel), title
	found.URL = strings.TrimRight(first(a.telegramLinks(c.Settings), "https://t.me/"), "/") + "/" + channel
	found.Abilities = readable("Читать записи канала")
	return found, nil
}
