package telegram

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

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
	// Photo is an image; Text is then its caption.
	Photo []byte `json:"photo,omitempty"`
}

// Post publishes a post in a channel; the network forwards it into the group.
func (s *Server) Post(channelID int64, text string) (Posted, error) {
	list, err := s.Publish(NewPost{ChannelID: channelID, Text: text})
	if err != nil {
		return Posted{}, err
	}
	return list[0], nil
}

// NewPost is what the channel's people publish.
type NewPost struct {
	ChannelID int64  `json:"channel_id"`
	Text      string `json:"text"`
	// Photos make an album where there are several; Text is the first one's caption.
	Photos [][]byte `json:"photos,omitempty"`
}

// Publish publishes a post with its photos, one message each.
func (s *Server) Publish(in NewPost) ([]Posted, error) {
	if len(in.Photos) > 10 {
		return nil, errs.New(errs.Invalid, "В альбоме — не больше 10 фотографий.")
	}
	list := make([]*message, 0, max(1, len(in.Photos)))
	for i := range max(1, len(in.Photos)) {
		var photo []byte
		text := ""
		if i < len(in.Photos) {
			photo = in.Photos[i]
		}
		if i == 0 {
			text = in.Text
		}
		m, err := s.peopleSay(text, photo)
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.channel(in.ChannelID)
	if err != nil {
		return nil, err
	}
	if len(list) > 1 {
		s.nextID++
		for _, m := range list {
			m.album = strconv.FormatInt(13_000_000_000_000_000+s.nextID, 10)
		}
	}
	s.publish(c, list)
	out := make([]Posted, 0, len(list))
	for _, m := range list {
		out = append(out, Posted{MessageID: m.id, GroupMessageID: c.forwards[m.id]})
	}
	return out, nil
}

// publish stands a post in the channel and its copy in the linked group.
func (s *Server) publish(c *chat, list []*message) {
	for _, m := range list {
		m.sender, m.date = &c.wire, s.now()
		c.add(m)
		s.tell(c, m, "channel_post")
	}
	group := s.chats[c.linked]
	if group == nil {
		return
	}
	for _, m := range list {
		twin := &message{
			from: serviceUser(), sender: &c.wire, date: m.date, auto: true,
			origin: &wireOrigin{Type: "channel", Date: m.date.Unix(), Chat: &c.wire, MessageID: m.id},
			text:   m.text, entities: m.entities, file: m.file, poll: m.poll, album: m.album,
		}
		if s.switches.AlbumsApart {
			twin.album = ""
		}
		group.add(twin)
		c.forwards[m.id] = twin.id
		s.tell(group, twin, "message")
	}
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
	m, err := s.peopleSay(in.Text, in.Photo)
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	group, root, err := s.place(in)
	if err != nil {
		return 0, err
	}
	m.date, m.replyTo = s.now(), root
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
	f, _ := formatted{text: text}.parse("", "")
	s.edit(c, c.live(messageID), f, nil)
	return nil
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

// SetViews sets how many saw a post, which only the public page shows.
func (s *Server) SetViews(chatID, messageID int64, views int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[chatID]
	if c == nil || c.live(messageID) == nil {
		return errs.New(errs.NotFound, "Такого сообщения в имитаторе нет.")
	}
	c.live(messageID).views = views
	return nil
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
	s.push(b, kind, payload)
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
