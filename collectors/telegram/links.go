package telegram

import (
	"strings"

	"github.com/go-telegram/bot/models"
)

// postLink leads to a channel post.
func (m mapper) postLink(channel models.Chat, post int64) string {
	return m.channelBase(channel.Username) + "/" + decimal(post)
}

// channelBase is the public address of the channel, or the one that members
// of a private channel can open.
func (m mapper) channelBase(username string) string {
	if username == "" {
		username = m.page.ChannelUsername
	}
	if username == "" {
		return m.base + "c/" + bareID(m.page.ChannelID)
	}
	return m.base + username
}

// commentLink leads to a message of the group: under the post if it is known,
// else in the group itself.
func (m mapper) commentLink(s *session, msg *models.Message, thread int64) string {
	id := decimal(int64(msg.ID))
	if post, ok := m.post(s, msg, thread); ok {
		return m.channelBase("") + "/" + decimal(post) + "?comment=" + id
	}
	link := m.base + "c/" + bareID(m.page.GroupID)
	if msg.Chat.Username != "" {
		link = m.base + msg.Chat.Username
	}
	if thread == int64(msg.ID) {
		return link + "/" + id
	}
	return link + "/" + id + "?thread=" + decimal(thread)
}

func (m mapper) post(s *session, msg *models.Message, thread int64) (int64, bool) {
	if target := msg.ReplyToMessage; target != nil && target.IsAutomaticForward {
		if origin := channelOrigin(target); origin != nil && origin.Chat.ID == m.page.ChannelID {
			return int64(origin.MessageID), true
		}
	}
	return s.posts.get(thread)
}

// bareID is a channel's or supergroup's number without the Bot API's prefix.
func bareID(chat int64) string {
	return strings.TrimPrefix(decimal(chat), "-100")
}
