package telegram

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"otklik/internal/errs"
)

// Posted is where a channel post stands.
type Posted struct {
	MessageID int64 `json:"message_id"`
	// GroupMessageID is its automatic forward, the root of its discussion.
	GroupMessageID int64 `json:"group_message_id,omitempty"`
}

// Comment is what a citizen writes into a discussion group.
type Comment struct {
	// ChannelID or GroupID say where.
	ChannelID int64 `json:"channel_id"`
	GroupID   int64 `json:"group_id"`
	// PostID is the channel's post or ThreadID its forward in the group; with
	// neither the message stands in the group outside all threads.
	PostID   int64 `json:"post_id"`
	ThreadID int64 `json:"thread_id"`
	// FromID is a citizen; the group's own id makes an anonymous
	// administrator of it, the channel's id the channel itself.
	FromID int64  `json:"from_id"`
	Text   string `json:"text"`
	// ReplyTo is the comment it answers, zero for the post itself.
	ReplyTo int64 `json:"reply_to"`
}

// Post publishes a post in a channel; the network forwards it into the group.
func (s *Server) Post(channelID int64, text string) (Posted, error) {
	if err := checkText(text); err != nil {
		return Posted{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.channel(channelID)
	if err != nil {
		return Posted{}, err
	}
	m := s.publish(c, &message{text: text})
	return Posted{MessageID: m.id, GroupMessageID: c.forwards[m.id]}, nil
}

// publish stands a post in the channel and its copy in the linked group.
func (s *Server) publish(c *chat, m *message) *message {
	m.sender, m.date = &c.wire, s.now()
	c.add(m)
	s.tell(c, m, "channel_post")
	group := s.chats[c.linked]
	if group == nil {
		return m
	}
	copied := group.add(&message{
		from: serviceUser(), sender: &c.wire, date: m.date,
		origin: &wireOrigin{Type: "channel", Date: m.date.Unix(), Chat: c.wire, MessageID: m.id},
		text:   m.text, entities: m.entities, photo: m.photo,
	})
	c.forwards[m.id] = copied.id
	s.tell(group, copied, "message")
	return m
}

// Comment stands a message in the discussion group and returns its id there.
func (s *Server) Comment(c Comment) (int64, error) {
	ids, err := s.Comments([]Comment{c})
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// Comments is Comment for many; it stops at the first that cannot be written
// and returns the ids of those before it.
func (s *Server) Comments(list []Comment) ([]int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := make([]int64, 0, len(list))
	for _, c := range list {
		id, err := s.comment(c)
		if err != nil {
			return ids, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func (s *Server) comment(in Comment) (int64, error) {
	if err := checkText(in.Text); err != nil {
		return 0, err
	}
	group, root, err := s.place(in)
	if err != nil {
		return 0, err
	}
	m := &message{text: in.Text, date: s.now(), replyTo: root}
	if in.ReplyTo != 0 {
		if group.live(in.ReplyTo) == nil {
			return 0, errs.Newf(errs.NotFound, "Комментария %d в группе нет.", in.ReplyTo)
		}
		m.replyTo = in.ReplyTo
	}
	if m.from, m.sender, err = s.speaker(group, in.FromID); err != nil {
		return 0, err
	}
	group.add(m)
	s.tell(group, m, "message")
	return m.id, nil
}

// place finds the group and the root of the thread, zero outside threads.
func (s *Server) place(in Comment) (*chat, int64, error) {
	groupID := in.GroupID
	if groupID == 0 {
		c, err := s.channel(in.ChannelID)
		if err != nil {
			return nil, 0, err
		}
		groupID = c.linked
	}
	group, err := s.group(groupID)
	if err != nil {
		return nil, 0, err
	}
	root := in.ThreadID
	if root == 0 && in.PostID != 0 {
		channel := s.chats[group.linked]
		if channel == nil || channel.forwards[in.PostID] == 0 {
			return nil, 0, errs.Newf(errs.NotFound, "Записи %d с обсуждением в канале нет.", in.PostID)
		}
		root = channel.forwards[in.PostID]
	}
	if root != 0 && group.live(root) == nil {
		return nil, 0, errs.Newf(errs.NotFound, "Обсуждения %d в группе нет.", root)
	}
	return group, root, nil
}

func (s *Server) speaker(group *chat, id int64) (*wireUser, *wireChat, error) {
	switch {
	case id == group.wire.ID:
		return anonymousUser(), &group.wire, nil
	case id == group.linked && s.chats[id] != nil:
		return channelUser(), &s.chats[id].wire, nil
	}
	u := s.users[id]
	if u == nil || u.IsBot {
		return nil, nil, errs.Newf(errs.NotFound, "Пользователя %d в имитаторе нет: сначала заведите его.", id)
	}
	return u, nil, nil
}

// Direct is a private message of a citizen to a bot; it returns the message id.
func (s *Server) Direct(botID, userID int64, text string) (int64, error) {
	if err := checkText(text); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b, u := s.botByID(botID), s.users[userID]
	if b == nil || u == nil || u.IsBot {
		return 0, errs.New(errs.NotFound, "Такого бота или пользователя в имитаторе нет.")
	}
	c := b.private[userID]
	if c == nil {
		c = newChat(wireChat{ID: userID, Type: typePrivate, FirstName: u.FirstName, LastName: u.LastName, Username: u.Username})
		b.private[userID] = c
	}
	m := c.add(&message{from: u, date: s.now(), text: text})
	b.push(s.now(), "message", mustJSON(c.render(m)))
	return m.id, nil
}

// EditPost changes a channel post and its copy in the group.
func (s *Server) EditPost(channelID, messageID int64, text string) error {
	return s.EditMessage(channelID, messageID, text)
}

// EditComment changes a message of the discussion group.
func (s *Server) EditComment(groupID, messageID int64, text string) error {
	return s.EditMessage(groupID, messageID, text)
}

// EditMessage changes any message of a channel or a group.
func (s *Server) EditMessage(chatID, messageID int64, text string) error {
	if err := checkText(text); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[chatID]
	if c == nil || c.live(messageID) == nil {
		return errs.New(errs.NotFound, "Такого сообщения в имитаторе нет.")
	}
	s.edit(c, c.live(messageID), text, nil)
	return nil
}

// edit changes a message and, of a channel post, its copy in the group.
func (s *Server) edit(c *chat, m *message, text string, entities json.RawMessage) {
	m.text, m.entities, m.edited = text, entities, s.now()
	if c.wire.Type != typeChannel {
		s.tell(c, m, "edited_message")
		return
	}
	s.tell(c, m, "edited_channel_post")
	group := s.chats[c.linked]
	if group == nil {
		return
	}
	if copied := group.live(c.forwards[m.id]); copied != nil {
		copied.text, copied.entities, copied.edited = text, entities, m.edited
		s.tell(group, copied, "edited_message")
	}
}

// DeleteMessage deletes a message of a channel or a group; a post takes its
// copy with it. No bot is told, which is how Telegram is.
func (s *Server) DeleteMessage(chatID, messageID int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[chatID]
	if c == nil || c.live(messageID) == nil {
		return errs.New(errs.NotFound, "Такого сообщения в имитаторе нет.")
	}
	s.remove(c, c.live(messageID))
	return nil
}

func (s *Server) remove(c *chat, m *message) {
	m.deleted = true
	if group := s.chats[c.linked]; group != nil && c.wire.Type == typeChannel {
		if copied := group.live(c.forwards[m.id]); copied != nil {
			copied.deleted = true
		}
	}
}

// InjectRaw queues an update for a bot as it is written: kind is the field
// ("message"), payload any JSON value, even one that no client can decode.
func (s *Server) InjectRaw(botID int64, kind string, payload json.RawMessage) error {
	if !json.Valid(payload) || strings.ContainsAny(kind, `"\`) {
		return errs.New(errs.Invalid, "Тело обновления должно быть JSON.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.botByID(botID)
	if b == nil {
		return errs.New(errs.NotFound, "Такого бота в имитаторе нет.")
	}
	b.push(s.now(), kind, payload)
	return nil
}

// Pending is how many updates wait for a bot.
func (s *Server) Pending(botID int64) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.botByID(botID)
	if b == nil {
		return 0
	}
	b.confirm(0, s.now())
	return len(b.queue)
}

// WaitForPoll returns once a long poll of the bot waits for updates, or with
// the error of ctx.
func (s *Server) WaitForPoll(ctx context.Context, botID int64) error {
	for {
		s.mu.Lock()
		b := s.botByID(botID)
		if b == nil {
			s.mu.Unlock()
			return errs.New(errs.NotFound, "Такого бота в имитаторе нет.")
		}
		waits, polled := b.poll != nil, b.polled
		s.mu.Unlock()
		if waits {
			return nil
		}
		select {
		case <-polled:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// DropPending makes the waiting updates vanish, as another reader of the same
// bot would by confirming them.
func (s *Server) DropPending(botID int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.botByID(botID); b != nil {
		b.queue = nil
	}
}

func checkText(text string) error {
	switch n := utf16Len(text); {
	case strings.TrimSpace(text) == "":
		return errs.New(errs.Invalid, "Текст пуст: заполните text.")
	case n > maxText:
		return errs.Newf(errs.TooLarge, "Текст длиннее %d знаков: сократите его.", maxText)
	}
	return nil
}

// utf16Len is the length as Telegram counts it.
func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		if n++; r > 0xFFFF {
			n++
		}
	}
	return n
}

// window is the moments of the newest calls, for sliding limits.
type window []time.Time

// wait is how long until one more call fits into limit calls per span; it also
// forgets what is older than span.
func (w *window) wait(now time.Time, limit int, span time.Duration) time.Duration {
	old := 0
	for old < len(*w) && now.Sub((*w)[old]) >= span {
		old++
	}
	*w = (*w)[old:]
	if len(*w) < limit {
		return 0
	}
	return span - now.Sub((*w)[len(*w)-limit])
}
