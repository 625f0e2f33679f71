package telegram

import (
	"encoding/json"
	"strconv"
)

// replyParameters is ReplyParameters as far as this world honours it.
type replyParameters struct {
	MessageID                int64 `json:"message_id"`
	AllowSendingWithoutReply bool  `json:"allow_sending_without_reply"`
}

func (s *Server) sendMessage(c *call) (any, *apiError) {
	f, err := c.params.formattedText()
	if err != nil {
		return nil, err
	}
	return s.sendOne(c, &message{text: f.text, entities: f.entities})
}

// sendFile makes the method that sends one file of a kind.
func sendFile(name string) func(*Server, *call) (any, *apiError) {
	kind, _ := kindOf(name)
	return func(s *Server, c *call) (any, *apiError) {
		f, err := c.params.formattedCaption()
		if err != nil {
			return nil, err
		}
		s.mu.Lock()
		file, err := s.file(c.params, c.params.values[kind.name], kind.name, kind)
		s.mu.Unlock()
		if err != nil {
			return nil, err
		}
		return s.sendOne(c, &message{text: f.text, entities: f.entities, file: file})
	}
}

// inputMedia is an InputMedia as far as this world honours it.
type inputMedia struct {
	Type            string          `json:"type"`
	Media           string          `json:"media"`
	Caption         string          `json:"caption"`
	ParseMode       string          `json:"parse_mode"`
	CaptionEntities json.RawMessage `json:"caption_entities"`
}

// message reads the file and its caption. The mutex must be held.
func (m inputMedia) message(s *Server, p params) (*message, *apiError) {
	kind, ok := kindOf(m.Type)
	if !ok || m.Type == "voice" {
		return nil, badRequest("can't parse InputMedia: Can't find field \"type\" of a known kind")
	}
	f, err := caption{m.Caption, m.ParseMode, string(m.CaptionEntities)}.parse()
	if err != nil {
		return nil, err
	}
	file, err := s.file(p, m.Media, "", kind)
	if err != nil {
		return nil, err
	}
	return &message{text: f.text, entities: f.entities, file: file}, nil
}

func (s *Server) sendMediaGroup(c *call) (any, *apiError) {
	var list []inputMedia
	if !c.params.list("media", &list) {
		return nil, badRequest("can't parse media JSON object")
	}
	if err := checkAlbum(list); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nextID++
	album := strconv.FormatInt(13_000_000_000_000_000+s.nextID, 10)
	messages := make([]*message, 0, len(list))
	for i, item := range list {
		m, err := item.message(s, c.params)
		if err != nil {
			err.description = "Bad Request: failed to send message #" + strconv.Itoa(i+1) + " with the error message \"" +
				err.description[len("Bad Request: "):] + "\""
			return nil, err
		}
		m.album = album
		messages = append(messages, m)
	}
	return s.send(c, messages)
}

// checkAlbum knows what may stand together.
func checkAlbum(list []inputMedia) *apiError {
	if len(list) < 2 || len(list) > 10 {
		return badRequest("wrong number of messages in the album: it must include 2-10 items")
	}
	class := func(kind string) string {
		if kind == "photo" || kind == "video" {
			return "visual"
		}
		return kind
	}
	for _, m := range list {
		if m.Type == "animation" || m.Type == "voice" || class(m.Type) != class(list[0].Type) {
			return badRequest(title(or(m.Type, "media")) + " can't be mixed with other media types")
		}
	}
	return nil
}

func (s *Server) sendOne(c *call, m *message) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list, err := s.send(c, []*message{m})
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// send stands the bot's messages in the target chat. The mutex must be held.
func (s *Server) send(c *call, list []*message) ([]*wireMessage, *apiError) {
	target, err := s.writable(c)
	if err != nil {
		return nil, err
	}
	// The discussion threads of a linked group are no topics: naming one is refused.
	if c.params.number("message_thread_id", 0) != 0 {
		return nil, badRequest("message thread not found")
	}
	replyTo, err := replyTarget(c, target)
	if err != nil {
		return nil, err
	}
	markup, err := c.params.keyboard()
	if err != nil {
		return nil, err
	}
	if markup != nil && markup.kind != "inline_keyboard" && target.wire.Type == typeChannel {
		return nil, badRequest("inline keyboard expected")
	}
	if err := s.limit(c.bot, target, len(list)); err != nil {
		return nil, err
	}
	for _, m := range list {
		m.replyTo, m.markup, m.bot, m.date = replyTo, markup, c.bot.spec.ID, s.now()
		if m.poll != nil && m.poll.id == "" {
			s.register(c.bot, m.poll)
		}
	}
	return s.stand(c.bot, target, list), nil
}

// stand puts messages of a bot into a chat.
func (s *Server) stand(b *bot, target *chat, list []*message) []*wireMessage {
	if target.wire.Type == typeChannel {
		s.publish(target, list)
	} else {
		for _, m := range list {
			m.from = &b.user
			target.add(m)
			s.show(target, m)
		}
	}
	out := make([]*wireMessage, 0, len(list))
	for _, m := range list {
		out = append(out, target.render(m))
	}
	return out
}

// show makes the buttons of a message those that a citizen sees below the input.
func (s *Server) show(c *chat, m *message) {
	switch {
	case m.markup == nil || m.markup.inline():
	case m.markup.kind == "keyboard":
		c.input = m.markup
	case m.markup.kind == "remove_keyboard":
		c.input = nil
	}
}

// writable is the target chat if the bot may write there.
func (s *Server) writable(c *call) (*chat, *apiError) {
	target, err := s.target(c, "chat_id")
	if err != nil {
		return nil, err
	}
	if target.wire.Type == typePrivate {
		if target.blocked {
			return nil, forbidden("bot was blocked by the user")
		}
		return target, nil
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

// sendChatAction tells nobody in this world, but is refused where writing is.
func (s *Server) sendChatAction(c *call) (any, *apiError) {
	switch c.params.values["action"] {
	case "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
		"choose_sticker", "find_location", "record_video_note", "upload_video_note":
	default:
		return nil, badRequest("wrong parameter action in request")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.writable(c); err != nil {
		return nil, err
	}
	return true, nil
}

// or is v, or fallback where v is empty.
func or(v, fallback string) string {
	if v == "" {
		return fallback
	}
	return v
}
