package telegram

import (
	"strings"

	"otklik/internal/errs"
)

// Direct is a private message of a citizen to a bot; it returns the message id.
func (s *Server) Direct(botID, userID int64, text string) (int64, error) {
	return s.Write(Private{BotID: botID, UserID: userID, Text: text})
}

// Private is what a citizen writes to a bot.
type Private struct {
	BotID  int64  `json:"bot_id"`
	UserID int64  `json:"user_id"`
	Text   string `json:"text"`
	// Photo is an image; Text is then its caption.
	Photo   []byte `json:"photo,omitempty"`
	ReplyTo int64  `json:"reply_to"`
}

// Write is a private message of a citizen to a bot; it returns the message id.
// Writing to a bot that one has blocked unblocks it.
func (s *Server) Write(in Private) (int64, error) {
	m, err := s.peopleSay(in.Text, in.Photo)
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b, u := s.botByID(in.BotID), s.users[in.UserID]
	if b == nil || u == nil || u.IsBot {
		return 0, errs.New(errs.NotFound, "Такого бота или пользователя в имитаторе нет.")
	}
	c := s.privateChat(b, u)
	s.setBlocked(b, c, u, false)
	m.from, m.date, m.replyTo = u, s.now(), in.ReplyTo
	c.add(m)
	s.push(b, "message", mustJSON(c.render(m)))
	return m.id, nil
}

// privateChat is the chat of a bot and a citizen, which begins here if need be.
func (s *Server) privateChat(b *bot, u *wireUser) *chat {
	c := b.private[u.ID]
	if c == nil {
		c = newChat(wireChat{ID: u.ID, Type: typePrivate, FirstName: u.FirstName, LastName: u.LastName, Username: u.Username})
		b.private[u.ID] = c
	}
	return c
}

// peopleSay is a message of a citizen: a text, or a photo with a caption.
func (s *Server) peopleSay(text string, photo []byte) (*message, error) {
	if len(photo) == 0 {
		if err := checkText(text); err != nil {
			return nil, err
		}
		f, _ := formatted{text: text}.parse("", "")
		return &message{text: f.text, entities: f.entities}, nil
	}
	if utf16Len(text) > maxCaption {
		return nil, errs.Newf(errs.TooLarge, "Подпись длиннее %d знаков: сократите её.", maxCaption)
	}
	kind, _ := kindOf("photo")
	s.mu.Lock()
	defer s.mu.Unlock()
	file, err := s.files.put(kind, "photo.jpg", photo)
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, "Файл — не фотография: приложите JPEG, PNG или GIF до 10 МБ.", err)
	}
	f, _ := formatted{text: text}.parse("", "")
	return &message{text: f.text, entities: f.entities, file: file}, nil
}

// Block is a citizen blocking a bot, or unblocking it. The bot is told and its
// messages to the citizen are refused.
func (s *Server) Block(botID, userID int64, blocked bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, u := s.botByID(botID), s.users[userID]
	if b == nil || u == nil || u.IsBot || b.private[userID] == nil {
		return errs.New(errs.NotFound, "Этот житель ещё не писал боту.")
	}
	s.setBlocked(b, b.private[userID], u, blocked)
	return nil
}

func (s *Server) setBlocked(b *bot, c *chat, u *wireUser, blocked bool) {
	if c.blocked == blocked {
		return
	}
	c.blocked = blocked
	before, after := statusMember, statusKicked
	if !blocked {
		before, after = after, before
	}
	s.push(b, "my_chat_member", mustJSON(wireMemberUpdated{
		Chat: c.wire, From: *u, Date: s.now().Unix(),
		OldChatMember: renderMember(c, b.user, before), NewChatMember: renderMember(c, b.user, after),
	}))
}

// PrivateChat is the conversation of a bot with a citizen, nil before it began.
func (s *Server) PrivateChat(botID, userID int64) (Chat, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.botByID(botID)
	if b == nil || b.private[userID] == nil {
		return Chat{}, false
	}
	return b.private[userID].snapshot(maxSnapshot), true
}

// reach finds a message and the citizen who acts on it; the chat of a private
// conversation is the citizen's id.
func (s *Server) reach(chatID, messageID, userID int64) (*chat, *message, *wireUser, error) {
	u := s.users[userID]
	if u == nil || u.IsBot {
		return nil, nil, nil, errs.Newf(errs.NotFound, "Пользователя %d в имитаторе нет: сначала заведите его.", userID)
	}
	if c := s.chats[chatID]; c != nil {
		if m := c.live(messageID); m != nil {
			return c, m, u, nil
		}
	}
	for _, b := range s.bots {
		if c := b.private[chatID]; c != nil && chatID == userID && c.live(messageID) != nil {
			return c, c.live(messageID), u, nil
		}
	}
	return nil, nil, nil, errs.New(errs.NotFound, "Такого сообщения в имитаторе нет.")
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
