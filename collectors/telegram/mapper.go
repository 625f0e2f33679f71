package telegram

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"

	"otklik/collectors"
	"otklik/internal/social"
)

const defaultPermalinkBase = "https://t.me/"

// readerVersion grows whenever decoding or the mapping learns to understand
// what they could not before: what was kept is then read anew.
const readerVersion = 1

// mapper turns updates into changes of items; it has no state of its own.
type mapper struct {
	page Page
	base string
}

func newMapper(page Page, base string) mapper {
	if base == "" {
		base = defaultPermalinkBase
	}
	return mapper{page, strings.TrimRight(base, "/") + "/"}
}

// session is what one batch remembers.
type session struct {
	posts  *posts
	listed map[social.Ref]bool
	// stranger says that a group spoke that the page does not know.
	stranger bool
}

func (m mapper) session(p *posts) *session {
	return &session{posts: p, listed: map[social.Ref]bool{}}
}

// update maps one raw update. ok says that id could be read; a broken update
// is returned all the same.
func (m mapper) update(s *session, raw json.RawMessage) (u collectors.Update, id int64, ok bool) {
	u.Raw, u.Reader = raw, readerVersion
	if id, ok = updateID(raw); ok {
		u.Key = decimal(id)
	} else {
		sum := sha256.Sum256(raw)
		u.Key = "sha256:" + hex.EncodeToString(sum[:])
	}
	decoded, err := decode(raw)
	switch {
	case err != nil:
		u.Broken = whyBroken(err)
	case !ok:
		u.Broken = "У обновления нет номера (update_id)."
	default:
		u.Changes = m.changes(s, decoded)
	}
	return u, id, ok
}

func (m mapper) changes(s *session, u *models.Update) []collectors.Change {
	switch {
	case u.ChannelPost != nil:
		return m.channelPost(collectors.Created, u.ChannelPost)
	case u.EditedChannelPost != nil:
		return m.channelPost(collectors.Edited, u.EditedChannelPost)
	case u.Message != nil:
		return m.groupMessage(s, collectors.Created, u.Message)
	case u.EditedMessage != nil:
		return m.groupMessage(s, collectors.Edited, u.EditedMessage)
	}
	return nil
}

func (m mapper) channelPost(op collectors.Op, msg *models.Message) []collectors.Change {
	if msg.Chat.ID != m.page.ChannelID || !hasContent(msg) {
		return nil
	}
	item := m.item(msg)
	item.Kind, item.Thread = social.Post, item.Ref
	item.Permalink = m.postLink(msg.Chat, int64(msg.ID))
	return []collectors.Change{{Op: op, Item: item}}
}

// groupMessage maps a message of the discussion group. What it replies to
// comes first if the agency wrote it: the update proves that it stands there.
func (m mapper) groupMessage(s *session, op collectors.Op, msg *models.Message) []collectors.Change {
	if msg.Chat.ID != m.page.GroupID {
		s.stranger = s.stranger || msg.Chat.Type == models.ChatTypeGroup || msg.Chat.Type == models.ChatTypeSupergroup
		return nil
	}
	if !hasContent(msg) {
		return nil
	}
	var out []collectors.Change
	thread := threadOf(msg)
	if target := msg.ReplyToMessage; target != nil && target.Chat.ID == msg.Chat.ID {
		embedded := m.groupItem(s, target, thread)
		if embedded.Author.Own && hasContent(target) && !s.listed[embedded.Ref] {
			s.listed[embedded.Ref] = true
			out = append(out, collectors.Change{Op: collectors.Listed, Item: embedded})
		}
	}
	item := m.groupItem(s, msg, thread)
	if target := msg.ReplyToMessage; target != nil && target.Chat.ID == msg.Chat.ID && int64(target.ID) != thread {
		item.ReplyTo = m.groupRef(int64(target.ID))
	}
	return append(out, collectors.Change{Op: op, Item: item})
}

// groupItem maps a message that belongs to the given thread.
func (m mapper) groupItem(s *session, msg *models.Message, thread int64) social.Item {
	item := m.item(msg)
	item.Kind, item.Thread = social.Comment, m.groupRef(thread)
	if int64(msg.ID) == thread {
		item.Kind = social.Post
	}
	if origin := channelOrigin(msg); origin != nil && msg.IsAutomaticForward && origin.Chat.ID == m.page.ChannelID {
		item.Kind, item.Thread = social.Post, item.Ref
		item.CopyOf = ref(origin.Chat.ID, int64(origin.MessageID))
		item.Author = m.chatAuthor(&origin.Chat)
		item.Permalink = m.postLink(origin.Chat, int64(origin.MessageID))
		s.posts.put(int64(msg.ID), int64(origin.MessageID))
		return item
	}
	item.Permalink = m.commentLink(s, msg, thread)
	return item
}

// item is what all messages have in common.
func (m mapper) item(msg *models.Message) social.Item {
	item := social.Item{
		Ref: ref(msg.Chat.ID, int64(msg.ID)), Author: m.author(msg), Text: msg.Text,
		Media: media(msg), PublishedAt: time.Unix(int64(msg.Date), 0).UTC(),
	}
	if item.Text == "" {
		item.Text = msg.Caption
	}
	if msg.EditDate != 0 {
		item.EditedAt = time.Unix(int64(msg.EditDate), 0).UTC()
	}
	return item
}

// threadOf is the root of the message's thread, which may be itself.
func threadOf(msg *models.Message) int64 {
	target := msg.ReplyToMessage
	switch {
	case msg.IsAutomaticForward:
		return int64(msg.ID)
	case msg.MessageThreadID != 0:
		return int64(msg.MessageThreadID)
	case target == nil || target.Chat.ID != msg.Chat.ID:
		return int64(msg.ID)
	case target.MessageThreadID != 0 && !target.IsAutomaticForward:
		return int64(target.MessageThreadID)
	}
	return int64(target.ID)
}

func channelOrigin(msg *models.Message) *models.MessageOriginChannel {
	if msg.ForwardOrigin == nil {
		return nil
	}
	return msg.ForwardOrigin.MessageOriginChannel
}

// author is the chat that speaks, where one does, else the person.
func (m mapper) author(msg *models.Message) social.Author {
	switch {
	case msg.SenderChat != nil:
		return m.chatAuthor(msg.SenderChat)
	case msg.From == nil:
		return m.chatAuthor(&msg.Chat)
	}
	return social.Author{
		ID:        decimal(msg.From.ID),
		Name:      strings.TrimSpace(msg.From.FirstName + " " + msg.From.LastName),
		FirstName: msg.From.FirstName,
		URL:       m.profile(msg.From.Username),
		Own:       msg.From.ID == m.page.BotID,
	}
}

func (m mapper) chatAuthor(c *models.Chat) social.Author {
	return social.Author{
		ID: decimal(c.ID), Name: c.Title, URL: m.profile(c.Username),
		Own: c.ID == m.page.ChannelID || (c.ID == m.page.GroupID && c.ID != 0),
	}
}

func (m mapper) profile(username string) string {
	if username == "" {
		return ""
	}
	return m.base + username
}

func (m mapper) groupRef(id int64) social.Ref { return ref(m.page.GroupID, id) }

func ref(chat, id int64) social.Ref {
	return social.Ref{Network: social.Telegram, Owner: decimal(chat), ID: decimal(id)}
}
