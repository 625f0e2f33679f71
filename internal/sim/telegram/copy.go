package telegram

import "strconv"

func (s *Server) forwardMessage(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	source, m, err := s.original(c, c.params.number("message_id", 0), "forward")
	if err != nil {
		return nil, err
	}
	list, err := s.send(c, []*message{forwarded(source, m)})
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

type wireMessageID struct {
	MessageID int64 `json:"message_id"`
}

func (s *Server) copyMessage(c *call) (any, *apiError) {
	f, err := c.params.formattedCaption()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, m, err := s.original(c, c.params.number("message_id", 0), "copy")
	if err != nil {
		return nil, err
	}
	twin := copied(m)
	if _, given := c.params.values["caption"]; given && m.file != nil {
		twin.text, twin.entities = f.text, f.entities
	}
	list, err := s.send(c, []*message{twin})
	if err != nil {
		return nil, err
	}
	return wireMessageID{list[0].MessageID}, nil
}

func (s *Server) forwardMessages(c *call) (any, *apiError) {
	return s.many(c, "forward", forwarded)
}

func (s *Server) copyMessages(c *call) (any, *apiError) {
	return s.many(c, "copy", func(_ *chat, m *message) *message { return copied(m) })
}

// many sends several messages of one chat to another; what is missing is
// skipped, albums stay together.
func (s *Server) many(c *call, word string, twinOf func(*chat, *message) *message) (any, *apiError) {
	var ids []int64
	if !c.params.list("message_ids", &ids) || len(ids) == 0 || len(ids) > 100 {
		return nil, badRequest("wrong parameter message_ids in request: from 1 to 100 identifiers expected")
	}
	for i := 1; i < len(ids); i++ {
		if ids[i] <= ids[i-1] {
			return nil, badRequest("message identifiers must be in a strictly increasing order")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*message
	albums := map[string]string{}
	for _, id := range ids {
		source, m, err := s.original(c, id, word)
		if err != nil {
			if err.code == 400 && source != nil {
				continue
			}
			return nil, err
		}
		twin := twinOf(source, m)
		if m.album != "" {
			if albums[m.album] == "" {
				s.nextID++
				albums[m.album] = strconv.FormatInt(13_000_000_000_000_000+s.nextID, 10)
			}
			twin.album = albums[m.album]
		}
		list = append(list, twin)
	}
	if len(list) == 0 {
		return nil, badRequest("there are no messages to " + word)
	}
	sent, err := s.send(c, list)
	if err != nil {
		return nil, err
	}
	out := []wireMessageID{}
	for _, m := range sent {
		out = append(out, wireMessageID{m.MessageID})
	}
	return out, nil
}

// original is a message of from_chat_id. The chat is returned with the error
// where only the message is missing.
func (s *Server) original(c *call, id int64, word string) (*chat, *message, *apiError) {
	source, err := s.target(c, "from_chat_id")
	if err != nil {
		return nil, nil, err
	}
	if source.wire.Type != typePrivate {
		switch source.status(c.bot.spec.ID) {
		case statusLeft, statusKicked:
			return nil, nil, forbidden("bot is not a member of the " + chatWord(source))
		}
	}
	m := source.live(id)
	if m == nil || m.isService() {
		return source, nil, badRequest("message to " + word + " not found")
	}
	return source, m, nil
}

// copied is the same content as a message of its own.
func copied(m *message) *message {
	return &message{text: m.text, entities: m.entities, file: m.file, poll: m.poll.twin()}
}

// forwarded is the same content with a note of where it comes from.
func forwarded(source *chat, m *message) *message {
	twin := &message{text: m.text, entities: m.entities, file: m.file, poll: m.poll}
	switch origin := m.origin; {
	case origin != nil:
		twin.origin = origin
	case source.wire.Type == typeChannel:
		twin.origin = &wireOrigin{Type: "channel", Date: m.date.Unix(), Chat: &source.wire, MessageID: m.id}
	case m.sender != nil:
		twin.origin = &wireOrigin{Type: "chat", Date: m.date.Unix(), SenderChat: m.sender}
	default:
		twin.origin = &wireOrigin{Type: "user", Date: m.date.Unix(), SenderUser: m.from}
	}
	return twin
}
