package vk

import (
	"context"
	"strings"

	"otklik/collectors"
	netvk "otklik/internal/network/vk"
)

// KeyReport is what one key of a community is good for.
type KeyReport struct {
	Abilities []collectors.Ability
	// Trouble is why the network does not take the key at all, a sentence that
	// says what to do; empty if it does.
	Trouble string
}

// Group is a community as a key sees it.
type Group struct {
	ID         int
	Name       string
	ScreenName string
}

// Whose finds the community that a community key belongs to. It returns a
// *collectors.Trouble when the key is wrong or the network does not answer.
func Whose(ctx context.Context, community *netvk.Client) (Group, error) {
	var found []group
	err := community.Call(ctx, "groups.getById", nil, &found)
	switch {
	case ctx.Err() != nil:
		return Group{}, ctx.Err()
	case err != nil && community.Kind().Explain(err).API == 100, err == nil && len(found) != 1:
		return Group{}, &collectors.Trouble{
			Kind: collectors.Denied, Cause: err,
			Message: "Это не ключ сообщества, а ключ другого вида. Ключ сообщества выпускают в «Управление → Работа с API».",
		}
	case err != nil:
		return Group{}, troubleOf(community, err)
	}
	return Group{found[0].ID, found[0].Name, found[0].ScreenName}, nil
}

// granted are the rights of the community's key by their names.
func granted(ctx context.Context, o CheckOptions) (map[string]bool, error) {
	var answer struct {
		Permissions []struct {
			Name string `json:"name"`
		} `json:"permissions"`
	}
	err := o.Community.Call(ctx, "groups.getTokenPermissions", nil, &answer)
	out := map[string]bool{}
	for _, p := range answer.Permissions {
		out[p.Name] = true
	}
	return out, err
}

// communityReport adds to what hears and answers what the community's own key
// can publish.
func communityReport(ctx context.Context, o CheckOptions, abilities ...collectors.Ability) *KeyReport {
	if o.Community == nil {
		return nil
	}
	rights, err := granted(ctx, o)
	if err != nil {
		return &KeyReport{Abilities: abilities}
	}
	post := collectors.Ability{Kind: collectors.AbleToPost, Name: "Публиковать записи без вложений", Can: rights["wall"]}
	talk := collectors.Ability{Kind: collectors.AbleToTalk, Name: "Писать жителям в личных сообщениях", Can: rights["messages"]}
	if !post.Can {
		post.Why = "Выпустите ключ с правом «Стена»."
	}
	if !talk.Can {
		talk.Why = "Выпустите ключ с правом «Сообщения сообщества», если нужны ответы в личных сообщениях."
	}
	return &KeyReport{Abilities: append(abilities, post, talk)}
}

// readerReport judges a service key by the one thing that it is for.
func readerReport(o CheckOptions, list collectors.Ability, err error) (*KeyReport, error) {
	switch {
	case o.Reader == nil:
		return nil, nil
	case err != nil:
		return refusal(o.Reader, err)
	}
	return &KeyReport{Abilities: []collectors.Ability{list}}, nil
}

// refusal is the report of a key that the network does not take. That the
// network does not answer just now says nothing of the key.
func refusal(client *netvk.Client, err error) (*KeyReport, error) {
	t := troubleOf(client, err)
	if t.Kind != collectors.Denied {
		return nil, t
	}
	return &KeyReport{Trouble: t.Message}, nil
}

// The rights of a person's key, by their bits: https://dev.vk.com/ru/reference/access-rights
const (
	mayPhotos = 1 << 2
	mayWall   = 1 << 13
	mayStats  = 1 << 20
)

// adminReport judges the key of a person: whether they administer the community,
// and what they let the program do in their name.
func adminReport(ctx context.Context, o CheckOptions) (*KeyReport, error) {
	if o.Admin == nil {
		return nil, nil
	}
	var me []struct {
		ID int `json:"id"`
	}
	if err := o.Admin.Call(ctx, "users.get", nil, &me); err != nil {
		return refusal(o.Admin, err)
	}
	if len(me) != 1 {
		return &KeyReport{Trouble: "Это не ключ администратора, а ключ другого вида. Нужен ключ человека, который управляет сообществом."}, nil
	}
	var groups []struct {
		IsAdmin boolInt `json:"is_admin"`
		Level   int     `json:"admin_level"`
	}
	if err := o.Admin.Call(ctx, "groups.getById", map[string]any{"group_id": o.GroupID}, &groups); err != nil {
		return refusal(o.Admin, err)
	}
	const editor = 2
	if len(groups) != 1 || !bool(groups[0].IsAdmin) || groups[0].Level < editor {
		return &KeyReport{Trouble: "Владелец ключа не управляет этим сообществом. Назначьте его в сообществе редактором или администратором, либо выпустите ключ от имени того, кто назначен."}, nil
	}
	var mask int
	if err := o.Admin.Call(ctx, "account.getAppPermissions", map[string]any{"user_id": me[0].ID}, &mask); err != nil {
		return refusal(o.Admin, err)
	}
	return &KeyReport{Abilities: []collectors.Ability{
		permitted(collectors.AbleToIllustrate, "Публиковать записи с фотографиями", mask, mayPhotos|mayWall),
		permitted(collectors.AbleToPoll, "Проводить опросы", mask, mayWall),
		permitted(collectors.AbleToEdit, "Исправлять, закреплять и удалять записи", mask, mayWall),
		permitted(collectors.AbleToMeasure, "Видеть охват и статистику", mask, mayStats),
	}}, nil
}

func permitted(kind collectors.AbilityKind, name string, mask, need int) collectors.Ability {
	a := collectors.Ability{Kind: kind, Name: name, Can: mask&need == need}
	if a.Can {
		return a
	}
	var missing []string
	for _, right := range []struct {
		bit  int
		name string
	}{{mayPhotos, "photos"}, {mayWall, "wall"}, {mayStats, "stats"}} {
		if need&right.bit != 0 && mask&right.bit == 0 {
			missing = append(missing, right.name)
		}
	}
	a.Why = "Выпустите ключ администратора ещё раз и добавьте в scope: " + strings.Join(missing, ", ") + "."
	return a
}
