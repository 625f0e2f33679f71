package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-telegram/bot/models"

	"otklik/collectors"
)

// Finding is one thing that was looked at when a source was checked.
type Finding struct {
	OK bool
	// Kind is the ability that the finding is about, empty for others.
	Kind collectors.AbilityKind
	// Text says what was found and, where it is not in order, what to do.
	Text string
}

// Report is the result of a check.
type Report struct {
	Page     Page
	Findings []Finding
}

func (r *Report) good(about collectors.AbilityKind, format string, args ...any) {
	r.Findings = append(r.Findings, Finding{true, about, fmt.Sprintf(format, args...)})
}

func (r *Report) bad(about collectors.AbilityKind, format string, args ...any) {
	r.Findings = append(r.Findings, Finding{false, about, fmt.Sprintf(format, args...)})
}

// Inspect looks at a bot and a channel ("@name", a t.me link or an id) and
// says whether the bot can read the channel and its discussions. The error is
// a *collectors.Trouble when Telegram could not be asked at all.
func (c *Client) Inspect(ctx context.Context, channel string) (Report, error) {
	var r Report
	var me models.User
	if err := c.get(ctx, "getMe", struct{}{}, &me); err != nil {
		return r, err
	}
	r.Page.BotID, r.Page.BotUsername = me.ID, me.Username
	r.good("", "Ключ подходит: бот @%s.", me.Username)
	var full models.ChatFullInfo
	name, ok := ChatName(channel)
	if !ok {
		r.bad("", "«%s» — не имя канала: укажите его, как в адресе после t.me/, или номер канала.", channel)
		return r, nil
	}
	err := c.get(ctx, "getChat", map[string]any{"chat_id": name}, &full)
	switch {
	case isRefusal(err):
		r.bad("", "Бот не видит канал «%s»: проверьте имя и добавьте бота @%s в администраторы канала.", channel, me.Username)
		return r, nil
	case err != nil:
		return r, err
	case full.Type != models.ChatTypeChannel:
		r.bad("", "«%s» — не канал: укажите имя канала, а группу обсуждений программа найдёт сама.", channel)
		return r, nil
	}
	r.Page.ChannelID, r.Page.ChannelTitle, r.Page.ChannelUsername = full.ID, full.Title, full.Username
	if err := c.inspectChannel(ctx, &r); err != nil {
		return r, err
	}
	if full.LinkedChatID == 0 {
		r.bad(collectors.AbleToListen, "У канала нет группы обсуждений, и комментировать записи негде: привяжите группу в настройках канала, в разделе «Обсуждение».")
		return r, nil
	}
	r.Page.GroupID = full.LinkedChatID
	return r, c.inspectGroup(ctx, &r, me)
}

func (c *Client) inspectChannel(ctx context.Context, r *Report) error {
	member, err := c.member(ctx, r.Page.ChannelID, r.Page.BotID)
	switch {
	case err != nil:
		return err
	case isAdmin(member):
		r.good("", "Бот — администратор канала «%s» и видит его записи.", r.Page.ChannelTitle)
	default:
		r.bad("", "Бот не администратор канала «%s» и не увидит записей: добавьте @%s в администраторы канала.", r.Page.ChannelTitle, r.Page.BotUsername)
	}
	return nil
}

func (c *Client) inspectGroup(ctx context.Context, r *Report, me models.User) error {
	var group models.ChatFullInfo
	switch err := c.get(ctx, "getChat", map[string]any{"chat_id": r.Page.GroupID}, &group); {
	case isRefusal(err):
		r.bad(collectors.AbleToListen, "Группа обсуждений привязана, но бота в ней нет: добавьте @%s в группу и сделайте администратором.", me.Username)
		return nil
	case err != nil:
		return err
	}
	r.Page.GroupTitle = group.Title
	member, err := c.member(ctx, r.Page.GroupID, r.Page.BotID)
	switch {
	case err != nil:
		return err
	case !isMember(member):
		r.bad(collectors.AbleToListen, "Бота нет в группе обсуждений «%s»: добавьте @%s в группу и сделайте администратором.", group.Title, me.Username)
	case isAdmin(member):
		r.good(collectors.AbleToListen, "Бот — администратор группы обсуждений «%s» и видит все комментарии.", group.Title)
	case me.CanReadAllGroupMessages:
		r.good(collectors.AbleToListen, "Бот состоит в группе обсуждений «%s» и видит все комментарии.", group.Title)
	default:
		r.bad(collectors.AbleToListen, "Бот состоит в группе обсуждений «%s», но видит не все комментарии: сделайте его администратором группы или выключите режим приватности у @BotFather (команда /setprivacy) и добавьте бота заново.", group.Title)
	}
	switch m := member.Restricted; {
	case !isMember(member):
	case m != nil && !m.CanSendMessages:
		r.bad(collectors.AbleToAnswer, "Боту запрещено писать в группе обсуждений «%s»: снимите ограничение, иначе отвечать не получится.", group.Title)
	default:
		r.good(collectors.AbleToAnswer, "Бот может отвечать в обсуждении.")
	}
	return nil
}

// member is what the bot is in a chat; a refusal means that it is not in it.
func (c *Client) member(ctx context.Context, chat, user int64) (models.ChatMember, error) {
	var m models.ChatMember
	err := c.get(ctx, "getChatMember", map[string]any{"chat_id": chat, "user_id": user}, &m)
	if isRefusal(err) {
		return models.ChatMember{Type: models.ChatMemberTypeLeft}, nil
	}
	return m, err
}

// get calls a method that answers at once and decodes its result.
func (c *Client) get(ctx context.Context, method string, params, result any) error {
	raw, err := c.call(ctx, method, params, 0)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, result); err != nil {
		return unreadable(err)
	}
	return nil
}

func isAdmin(m models.ChatMember) bool {
	return m.Type == models.ChatMemberTypeAdministrator || m.Type == models.ChatMemberTypeOwner
}

func isMember(m models.ChatMember) bool {
	return isAdmin(m) || m.Type == models.ChatMemberTypeMember || (m.Restricted != nil && m.Restricted.IsMember)
}

// isRefusal says that Telegram understood and denied this chat; other errors
// are the fault of the key, the network or the moment.
func isRefusal(err error) bool {
	var e *apiError
	return errors.As(err, &e) && (e.code == http.StatusBadRequest || e.code == http.StatusForbidden)
}

var _ collectors.Source = (*Source)(nil)
