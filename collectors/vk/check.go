package vk

import (
	"context"
	"strings"

	"otklik/collectors"
	netvk "otklik/internal/network/vk"
)

// CheckOptions name the keys of one community. Community or Reader may be nil.
type CheckOptions struct {
	GroupID int
	// Community holds the community's key, Reader a service key or an
	// administrator's, Admin the key of a person who administers the community.
	Community, Reader, Admin *netvk.Client
	Links                    netvk.Links
}

// Report is what the keys of a community are good for.
type Report struct {
	Name       string
	ScreenName string
	URL        string
	// Abilities is what the keys are good for together.
	Abilities []collectors.Ability
	// Community, Reader and Admin are about each key, nil where it is not there.
	Community, Reader, Admin *KeyReport
}

// Check asks the network what the keys may do and changes nothing. It returns
// a *collectors.Trouble when nothing can be said: the first key is wrong or
// belongs to another community, or the network does not answer.
func Check(ctx context.Context, o CheckOptions) (Report, error) {
	first := o.Community
	if first == nil {
		first = o.Reader
	}
	if first == nil {
		return Report{}, &collectors.Trouble{Kind: collectors.Denied, Message: "Для сообщества не указан ни один ключ; добавьте ключ сообщества в «Источниках»."}
	}
	g, err := identify(ctx, first, o.GroupID)
	if err != nil {
		return Report{}, err
	}
	r := Report{Name: g.Name, ScreenName: g.ScreenName, URL: o.Links.Author(-g.ID)}
	listen, e1 := canListen(ctx, o)
	answer, e2 := canAnswer(ctx, o)
	list, listErr := canList(ctx, o)
	// A network that does not answer says nothing of what a key can do.
	for _, err := range []error{e1, e2} {
		if err != nil {
			return Report{}, err
		}
	}
	r.Abilities = []collectors.Ability{listen, list, answer}
	r.Community = communityReport(ctx, o, listen, answer)
	if r.Reader, err = readerReport(o, list, listErr); err != nil {
		return r, err
	}
	if r.Admin, err = adminReport(ctx, o); err != nil {
		return r, err
	}
	if r.Admin != nil {
		r.Abilities = append(r.Abilities, r.Admin.Abilities...)
	}
	return r, ctx.Err()
}

// identify finds the community and makes sure that a community key is its own.
func identify(ctx context.Context, client *netvk.Client, groupID int) (group, error) {
	var found []group
	params := map[string]any{}
	if client.Kind() != netvk.CommunityKey {
		params["group_id"] = groupID
	}
	err := client.Call(ctx, "groups.getById", params, &found)
	switch {
	case ctx.Err() != nil:
		return group{}, ctx.Err()
	case err != nil:
		t := troubleOf(client, err)
		if client.Kind().Explain(err).API == 100 {
			t.Message = "Такого сообщества ВКонтакте нет; проверьте его номер."
		}
		return group{}, t
	case len(found) != 1 || found[0].ID != groupID:
		return group{}, &collectors.Trouble{Kind: collectors.Denied, Message: "Ключ выдан другому сообществу; выпустите ключ в том сообществе, которое указано в источнике."}
	}
	return found[0], nil
}

func canListen(ctx context.Context, o CheckOptions) (collectors.Ability, error) {
	a := collectors.Ability{Kind: collectors.AbleToListen, Name: "Получать новые записи и комментарии сразу"}
	if o.Community == nil {
		a.Why = "Укажите ключ сообщества с правом «Управление сообществом»."
		return a, nil
	}
	var s session
	err := o.Community.Call(ctx, "groups.getLongPollServer", map[string]any{"group_id": o.GroupID}, &s)
	if err != nil {
		p := o.Community.Kind().Explain(err)
		switch p.API {
		case 100:
			a.Why = longPollOff
		case 7, 15:
			a.Why = "У ключа сообщества нет права «Управление сообществом»; выпустите ключ с этим правом."
		default:
			if err := notNow(o.Community, err); err != nil {
				return a, err
			}
			a.Why = p.Message
		}
		return a, nil
	}
	settings, err := readSettings(ctx, o.Community, o.GroupID)
	if err != nil {
		a.Can = true // the settings are not readable with every key
		return a, nil
	}
	if missing := unsetEvents(settings); len(missing) > 0 {
		a.Can = settings.Events["wall_reply_new"]
		a.Why = "В настройках Long Poll API отметьте ещё: " + strings.Join(missing, ", ") + "."
		return a, nil
	}
	a.Can = true
	return a, nil
}

// unsetEvents are the events that the community does not send, as its settings
// page calls them.
func unsetEvents(s settings) []string {
	titles := [][2]string{
		{"wall_post_new", "«Записи на стене: добавление»"},
		{"wall_reply_new", "«Комментарии на стене: добавление»"},
		{"wall_reply_edit", "«Комментарии на стене: редактирование»"},
		{"wall_reply_delete", "«Комментарии на стене: удаление»"},
		{"wall_reply_restore", "«Комментарии на стене: восстановление»"},
	}
	out := []string{}
	for _, t := range titles {
		if !s.Events[t[0]] {
			out = append(out, t[1])
		}
	}
	return out
}

func canList(ctx context.Context, o CheckOptions) (collectors.Ability, error) {
	a := collectors.Ability{Kind: collectors.AbleToList, Name: "Читать историю и находить пропущенное"}
	if o.Reader == nil {
		a.Why = "Укажите сервисный ключ приложения: по ключу сообщества ВКонтакте не показывает стену списком."
		return a, nil
	}
	var answer struct {
		Count int `json:"count"`
	}
	err := o.Reader.Call(ctx, "wall.get", map[string]any{"owner_id": -o.GroupID, "count": 1}, &answer)
	if err != nil {
		a.Why = o.Reader.Kind().Explain(err).Message
		return a, err
	}
	a.Can = true
	return a, nil
}

func canAnswer(ctx context.Context, o CheckOptions) (collectors.Ability, error) {
	a := collectors.Ability{Kind: collectors.AbleToAnswer, Name: "Отвечать в обсуждении от имени сообщества"}
	if o.Community == nil {
		a.Why = "Укажите ключ сообщества с правом «Стена»."
		return a, nil
	}
	rights, err := granted(ctx, o)
	if err != nil {
		a.Why = o.Community.Kind().Explain(err).Message
		return a, notNow(o.Community, err)
	}
	if a.Can = rights["wall"]; !a.Can {
		a.Why = "У ключа сообщества нет права «Стена»; выпустите ключ с этим правом."
	}
	return a, nil
}
