package telegram

import (
	"encoding/json"
	"time"
)

// deletableFor is how long a message can be deleted without special rights.
const deletableFor = 48 * time.Hour

const notModified = "message is not modified: specified new message content and reply markup are exactly " +
	"the same as a current content and reply markup of the message"

// change is what an edit makes of a message; nil fields stay as they are.
type change struct {
	text   *formatted
	file   *storedFile
	markup *keyboard
	// buttons says that markup is meant even where it is nil: an edit without
	// reply_markup takes the buttons away.
	buttons bool
}

func (s *Server) editMessageText(c *call) (any, *apiError) {
	f, err := c.params.formattedText()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.change(c, func(m *message) (change, *apiError) {
		if m.file != nil || m.poll != nil {
			return change{}, badRequest("there is no text in the message to edit")
		}
		return change{text: &f, buttons: true}, nil
	})
}

func (s *Server) editMessageCaption(c *call) (any, *apiError) {
	f, err := c.params.formattedCaption()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.change(c, func(m *message) (change, *apiError) {
		if m.file == nil {
			return change{}, badRequest("there is no caption in the message to edit")
		}
		return change{text: &f, buttons: true}, nil
	})
}

func (s *Server) editMessageMedia(c *call) (any, *apiError) {
	var media inputMedia
	if json.Unmarshal([]byte(c.params.values["media"]), &media) != nil {
		return nil, badRequest("can't parse media JSON object")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh, err := media.message(s, c.params)
	if err != nil {
		return nil, err
	}
	return s.change(c, func(m *message) (change, *apiError) {
		switch {
		case m.poll != nil:
			return change{}, badRequest("message can't be edited")
		case m.album != "" && m.file != nil && checkAlbum([]inputMedia{{Type: m.file.kind.name}, media}) != nil:
			return change{}, badRequest("can't use media of the specified type in the album")
		}
		return change{text: &formatted{fresh.text, fresh.entities}, file: fresh.file, buttons: true}, nil
	})
}

func (s *Server) editMessageReplyMarkup(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.change(c, func(*message) (change, *apiError) { return change{buttons: true}, nil })
}

// change edits the message that a call names. The mutex must be held.
func (s *Server) change(c *call, what func(*message) (change, *apiError)) (any, *apiError) {
	target, err := s.writable(c)
	if err != nil {
		return nil, err
	}
	m := target.live(c.params.number("message_id", 0))
	if m == nil {
		return nil, badRequest("message to edit not found")
	}
	// An administrator of a channel edits its posts, whoever wrote them.
	posts := target.wire.Type == typeChannel && m.origin == nil && target.status(c.bot.spec.ID) == statusAdministrator
	if m.isService() || (m.bot != c.bot.spec.ID && !posts) || (m.origin != nil && m.bot == c.bot.spec.ID) {
		return nil, badRequest("message can't be edited")
	}
	ch, err := what(m)
	if err != nil {
		return nil, err
	}
	if ch.markup, err = c.params.keyboard(); err != nil {
		return nil, err
	}
	if ch.markup != nil && !ch.markup.inline() {
		return nil, badRequest("inline keyboard expected")
	}
	if !ch.alters(m) {
		return nil, badRequest(notModified)
	}
	if err := s.limit(c.bot, target, 1); err != nil {
		return nil, err
	}
	if ch.text == nil {
		// New buttons alone are no edit that anyone is told of.
		m.markup = ch.markup
		return target.render(m), nil
	}
	m.markup = ch.markup
	s.edit(target, m, *ch.text, ch.file)
	return target.render(m), nil
}

func (ch change) alters(m *message) bool {
	if ch.file != nil && ch.file != m.file {
		return true
	}
	if ch.text != nil && (ch.text.text != m.text || string(mustJSON(ch.text.entities)) != string(mustJSON(m.entities))) {
		return true
	}
	return string(ch.markup.source()) != string(m.markup.source())
}

func (k *keyboard) source() []byte {
	if k == nil || len(k.buttons) == 0 {
		return nil
	}
	return k.raw
}

// edit changes a message and, of a channel post, its copy in the group.
func (s *Server) edit(c *chat, m *message, f formatted, file *storedFile) {
	apply := func(m *message) {
		m.text, m.entities, m.edited = f.text, f.entities, s.now()
		if file != nil {
			m.file = file
		}
	}
	apply(m)
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
		apply(copied)
		s.tell(group, copied, "edited_message")
	}
}

func (s *Server) deleteMessage(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	target, err := s.target(c, "chat_id")
	if err != nil {
		return nil, err
	}
	m := target.live(c.params.number("message_id", 0))
	if m == nil {
		return nil, badRequest("message to delete not found")
	}
	if err := s.deletable(c.bot, target, m); err != nil {
		return nil, err
	}
	s.remove(target, m)
	return true, nil
}

// deletable knows the rules of deleteMessage: own messages and, in a private
// chat, all of them for 48 hours; an administrator of a group or a channel any
// message at any time.
func (s *Server) deletable(b *bot, c *chat, m *message) *apiError {
	admin := c.status(b.spec.ID) == statusAdministrator
	switch {
	case c.wire.Type != typePrivate && admin:
		return nil
	case c.wire.Type != typePrivate && (m.bot != b.spec.ID || c.wire.Type == typeChannel):
		return badRequest("message can't be deleted")
	case s.now().Sub(m.date) > deletableFor:
		return badRequest("message can't be deleted for everyone")
	}
	return nil
}

func (s *Server) deleteMessages(c *call) (any, *apiError) {
	var ids []int64
	if !c.params.list("message_ids", &ids) || len(ids) == 0 {
		return nil, badRequest("there are no messages to delete")
	}
	if len(ids) > 100 {
		return nil, badRequest("too many message identifiers specified")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	target, err := s.target(c, "chat_id")
	if err != nil {
		return nil, err
	}
	// What is not found is skipped; what may not be deleted stops it all.
	for _, id := range ids {
		if m := target.live(id); m != nil {
			if err := s.deletable(c.bot, target, m); err != nil {
				return nil, err
			}
		}
	}
	for _, id := range ids {
		if m := target.live(id); m != nil {
			s.remove(target, m)
		}
	}
	return true, nil
}

// remove deletes a message; a post takes its copy in the group with it.
func (s *Server) remove(c *chat, m *message) {
	m.deleted = true
	if group := s.chats[c.linked]; group != nil && c.wire.Type == typeChannel {
		if copied := group.live(c.forwards[m.id]); copied != nil {
			copied.deleted = true
		}
	}
}
