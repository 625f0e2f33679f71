package telegram

import "slices"

func (s *Server) pinChatMessage(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	target, err := s.pinnable(c)
	if err != nil {
		return nil, err
	}
	m := target.live(c.params.number("message_id", 0))
	if m == nil {
		return nil, badRequest("message to pin not found")
	}
	target.pinned = append(unpinned(target, m.id), m.id)
	notice := &message{pins: m.id, bot: c.bot.spec.ID, date: s.now()}
	kind := "message"
	if target.wire.Type == typeChannel {
		notice.sender, kind = &target.wire, "channel_post"
	} else {
		notice.from = &c.bot.user
	}
	target.add(notice)
	s.tell(target, notice, kind)
	return true, nil
}

func (s *Server) unpinChatMessage(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	target, err := s.pinnable(c)
	if err != nil {
		return nil, err
	}
	id := c.params.number("message_id", 0)
	if n := len(target.pinned); id == 0 && n > 0 {
		id = target.pinned[n-1]
	}
	if !slices.Contains(target.pinned, id) {
		return nil, badRequest("message to unpin not found")
	}
	target.pinned = unpinned(target, id)
	return true, nil
}

func (s *Server) unpinAllChatMessages(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	target, err := s.pinnable(c)
	if err != nil {
		return nil, err
	}
	target.pinned = nil
	return true, nil
}

// pinnable is the target chat if the bot may pin there.
func (s *Server) pinnable(c *call) (*chat, *apiError) {
	target, err := s.writable(c)
	if err != nil {
		return nil, err
	}
	if target.wire.Type != typePrivate && target.status(c.bot.spec.ID) != statusAdministrator {
		return nil, badRequest("not enough rights to manage pinned messages in the chat")
	}
	return target, nil
}

func unpinned(c *chat, id int64) []int64 {
	return slices.DeleteFunc(slices.Clone(c.pinned), func(x int64) bool { return x == id })
}
