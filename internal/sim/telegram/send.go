package telegram

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// replyParameters is ReplyParameters as far as this world honours it.
type replyParameters struct {
	MessageID                int64 `json:"message_id"`
	AllowSendingWithoutReply bool  `json:"allow_sending_without_reply"`
}

func (s *Server) sendMessage(c *call) (any, *apiError) {
	text := c.params.values["text"]
	switch n := utf16Len(text); {
	case n == 0:
		return nil, badRequest("message text is empty")
	case n > maxText:
		return nil, badRequest("message is too long")
	}
	entities, err := c.entities("entities")
	if err != nil {
		return nil, err
	}
	return s.send(c, &message{text: text, entities: entities})
}

func (s *Server) sendPhoto(c *call) (any, *apiError) {
	caption := c.params.values["caption"]
	if utf16Len(caption) > maxCaption {
		return nil, badRequest("message caption is too long")
	}
	entities, err := c.entities("caption_entities")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	photo, err := s.photo(c)
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return s.send(c, &message{text: caption, entities: entities, photo: []wirePhoto{photo}})
}

// entities takes the list as it is; parse_mode is accepted and ignored.
func (c *call) entities(name string) (json.RawMessage, *apiError) {
	raw := c.params.values[name]
	if raw == "" {
		return nil, nil
	}
	var list []struct {
		Type           string
		Offset, Length int
	}
	if err := json.Unmarshal([]byte(raw), &list); err != nil {
		return nil, badRequest("can't parse entities: expected an Array of MessageEntity")
	}
	return json.RawMessage(raw), nil
}

// send stands the bot's message in the target chat.
func (s *Server) send(c *call, m *message) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	target, err := s.writable(c)
	if err != nil {
		return nil, err
	}
	// The discussion threads of a linked group are no topics: naming one is refused.
	if c.params.number("message_thread_id", 0) != 0 {
		return nil, badRequest("message thread not found")
	}
	if m.replyTo, err = replyTarget(c, target); err != nil {
		return nil, err
	}
	if err := s.limit(c.bot, target); err != nil {
		return nil, err
	}
	m.bot, m.date = c.bot.spec.ID, s.now()
	if target.wire.Type == typeChannel {
		return target.render(s.publish(target, m)), nil
	}
	m.from = &c.bot.user
	return target.render(target.add(m)), nil
}

// writable is the target chat if the bot may write there.
func (s *Server) writable(c *call) (*chat, *apiError) {
	target, err := s.target(c)
	if err != nil || target.wire.Type == typePrivate {
		return target, err
	}
	switch status := target.status(c.bot.spec.ID); {
	case status == statusKicked:
		return nil, forbidden("bot was kicked from the " + chatWord(target))
	case status == statusLeft:
		return nil, forbidden("bot is not a member of the " + chatWord(target))
	case target.wire.Type == typeChannel && status != statusAdministrator:
		return nil, badRequest("need administrator rights in the channel chat")
	case status == statusRestricted:
		return nil, badRequest("not enough rights to send text messages to the chat")
	}
	return target, nil
}

func replyTarget(c *call, target *chat) (int64, *apiError) {
	reply := replyParameters{MessageID: c.params.number("reply_to_message_id", 0)}
	if raw := c.params.values["reply_parameters"]; raw != "" {
		if err := json.Unmarshal([]byte(raw), &reply); err != nil {
			return 0, badRequest("can't parse reply parameters JSON object")
		}
	}
	if reply.MessageID == 0 || target.live(reply.MessageID) != nil {
		return reply.MessageID, nil
	}
	if reply.AllowSendingWithoutReply {
		return 0, nil
	}
	return 0, badRequest("message to be replied not found")
}

// limit applies the documented limits, if they are on, and books the call.
func (s *Server) limit(b *bot, c *chat) *apiError {
	if !s.limits {
		return nil
	}
	now := s.now()
	wait := max(b.sent.wait(now, 30, time.Second), c.recent.wait(now, 3, 3*time.Second))
	if c.wire.Type != typePrivate {
		wait = max(wait, c.sent.wait(now, 20, time.Minute))
	}
	if wait > 0 {
		seconds := int(math.Ceil(wait.Seconds()))
		return &apiError{
			code: 429, retryAfter: seconds,
			description: "Too Many Requests: retry after " + strconv.Itoa(seconds),
		}
	}
	b.sent, c.recent, c.sent = append(b.sent, now), append(c.recent, now), append(c.sent, now)
	return nil
}

func (s *Server) editMessageText(c *call) (any, *apiError) {
	text := c.params.values["text"]
	switch n := utf16Len(text); {
	case n == 0:
		return nil, badRequest("message text is empty")
	case n > maxText:
		return nil, badRequest("message is too long")
	}
	entities, err := c.entities("entities")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	target, err := s.writable(c)
	if err != nil {
		return nil, err
	}
	m := target.live(c.params.number("message_id", 0))
	switch {
	case m == nil:
		return nil, badRequest("message to edit not found")
	case m.bot != c.bot.spec.ID:
		return nil, badRequest("message can't be edited")
	case m.text == text:
		return nil, badRequest("message is not modified: specified new message content and reply markup are exactly " +
			"the same as a current content and reply markup of the message")
	}
	if err := s.limit(c.bot, target); err != nil {
		return nil, err
	}
	s.edit(target, m, text, entities)
	return target.render(m), nil
}

func (s *Server) deleteMessage(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	target, err := s.writable(c)
	if err != nil {
		return nil, err
	}
	m := target.live(c.params.number("message_id", 0))
	if m == nil {
		return nil, badRequest("message to delete not found")
	}
	admin := target.status(c.bot.spec.ID) == statusAdministrator
	if m.bot != c.bot.spec.ID && !admin && target.wire.Type != typePrivate {
		return nil, badRequest("message can't be deleted")
	}
	s.remove(target, m)
	return true, nil
}
