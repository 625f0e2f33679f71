package telegram

import (
	"context"
	"fmt"

	"github.com/go-telegram/bot/models"
)

// Shelf is a chat into which a bot puts files before their post.
type Shelf struct {
	ID    int64
	Title string
}

// InspectShelf looks whether a chat ("@name", a t.me link or an id) can serve
// the bot of a page as its shelf. why says in a sentence what hinders it, "" if
// nothing does. The error is a *collectors.Trouble when Telegram could not be
// asked at all.
func (c *Client) InspectShelf(ctx context.Context, channel, chat string) (s Shelf, why string, err error) {
	r, err := c.Inspect(ctx, channel)
	if err != nil {
		return s, "", err
	}
	name, ok := ChatName(chat)
	if !ok {
		return s, fmt.Sprintf("«%s» — не имя чата: укажите его номер, ссылку или имя, как в адресе после t.me/.", chat), nil
	}
	var full models.ChatFullInfo
	switch err := c.get(ctx, "getChat", map[string]any{"chat_id": name}, &full); {
	case isRefusal(err):
		return s, fmt.Sprintf("Бот не видит чат «%s»: добавьте в него @%s и повторите.", chat, r.Page.BotUsername), nil
	case err != nil:
		return s, "", err
	}
	switch {
	case full.Type == models.ChatTypePrivate:
		return s, "Это переписка с человеком: он увидел бы каждый файл. Создайте для файлов отдельную закрытую группу.", nil
	case full.ID == r.Page.ChannelID || full.ID == r.Page.GroupID:
		return s, "Этот чат читают люди: они увидели бы каждый файл до его поста. Создайте для файлов отдельную закрытую группу.", nil
	case full.Username != "":
		return s, fmt.Sprintf("Чат «%s» открыт всем. Создайте для файлов отдельную закрытую группу.", full.Title), nil
	}
	member, err := c.member(ctx, full.ID, r.Page.BotID)
	switch {
	case err != nil:
		return s, "", err
	case full.Type == models.ChatTypeChannel && !isAdmin(member):
		return s, fmt.Sprintf("Бот не администратор канала «%s» и не сможет класть туда файлы: добавьте @%s в администраторы.", full.Title, r.Page.BotUsername), nil
	case !isMember(member):
		return s, fmt.Sprintf("Бота нет в чате «%s»: добавьте в него @%s и повторите.", full.Title, r.Page.BotUsername), nil
	case member.Restricted != nil && !member.Restricted.CanSendMessages:
		return s, fmt.Sprintf("Боту запрещено писать в чате «%s»: снимите ограничение.", full.Title), nil
	}
	return Shelf{full.ID, full.Title}, "", nil
}
