package vk

import (
	"cmp"
	"slices"
)

func (s *Server) messagesGetHistory(c *call) (any, *apiError) {
	g, failure := s.correspondent(c)
	if failure != nil {
		return nil, failure
	}
	d, list := g.dialogs[s.peer(c)], []*Message{}
	if d != nil {
		for _, m := range d.messages {
			if !m.Deleted && !m.Hidden {
				list = append(list, m)
			}
		}
	}
	if !c.bool("rev") {
		slices.Reverse(list)
	}
	offset := c.int("offset")
	if start := c.int("start_message_id"); start > 0 {
		offset += max(slices.IndexFunc(list, func(m *Message) bool { return m.ID == start }), 0)
	}
	total := len(list)
	offset = min(max(offset, 0), total)
	items := []object{}
	for _, m := range list[offset:min(offset+c.count(20, 200), total)] {
		items = append(items, s.messageObject(m))
	}
	answer := object{"count": total, "items": items}
	if c.bool("extended") {
		s.extended(answer, map[int]bool{-g.ID: true, s.peer(c): true}, c.set("fields"))
		answer["conversations"] = []object{}
		if d != nil {
			answer["conversations"] = []object{s.conversation(g, d)}
		}
	}
	return answer, nil
}

func (s *Server) messagesGetByID(c *call) (any, *apiError) {
	g, failure := s.correspondent(c)
	if failure != nil {
		return nil, failure
	}
	items, ids := []object{}, map[int]bool{-g.ID: true}
	for _, id := range c.ints("message_ids") {
		for _, d := range g.dialogs {
			if m := d.find(id); m != nil && !m.Deleted && !m.Hidden {
				o := s.messageObject(m)
				o["text"] = cut(m.Text, c.int("preview_length"))
				items = append(items, o)
				ids[d.user] = true
			}
		}
	}
	answer := object{"count": len(items), "items": items}
	if c.bool("extended") {
		s.extended(answer, ids, c.set("fields"))
	}
	return answer, nil
}

// conversation is a dialog as the community sees it.
func (s *Server) conversation(g *community, d *dialog) object {
	last := d.last()
	o := object{
		"peer":    object{"id": d.user, "type": "user", "local_id": d.user},
		"in_read": d.inRead, "out_read": 0, "last_message_id": 0, "unread_count": d.unread(),
		"can_write": object{"allowed": d.allowed}, "important": false,
	}
	if !d.allowed {
		o["can_write"] = object{"allowed": false, "reason": 901}
	}
	if last != nil {
		o["last_message_id"], o["last_conversation_message_id"] = last.ID, last.ConversationID
		o["out_read"], o["unanswered"] = last.ID, !last.Out
	}
	if d.keyboard != nil {
		o["current_keyboard"] = s.keyboardObject(g.ID, d.keyboard)
	}
	return o
}

func (s *Server) messagesGetConversations(c *call) (any, *apiError) {
	g, failure := s.correspondent(c)
	if failure != nil {
		return nil, failure
	}
	list, unread := []*dialog{}, 0
	for _, d := range g.dialogs {
		last := d.last()
		if last == nil {
			continue
		}
		unread += flag(d.unread() > 0)
		switch c.params.Get("filter") {
		case "unread":
			if d.unread() == 0 {
				continue
			}
		case "unanswered":
			if last.Out {
				continue
			}
		case "important", "archive":
			continue
		}
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b *dialog) int { return cmp.Compare(b.last().ID, a.last().ID) })
	offset := min(max(c.int("offset"), 0), len(list))
	items, ids := []object{}, map[int]bool{-g.ID: true}
	for _, d := range list[offset:min(offset+c.count(20, 200), len(list))] {
		items = append(items, object{"conversation": s.conversation(g, d), "last_message": s.messageObject(d.last())})
		ids[d.user] = true
	}
	answer := object{"count": len(list), "items": items, "unread_count": unread}
	if c.bool("extended") {
		s.extended(answer, ids, c.set("fields"))
	}
	return answer, nil
}

func (s *Server) messagesMarkAsRead(c *call) (any, *apiError) {
	g, failure := s.correspondent(c)
	if failure != nil {
		return nil, failure
	}
	d := g.dialogs[s.peer(c)]
	if d == nil {
		return nil, badParam("peer_id is invalid")
	}
	upTo := c.int("start_message_id")
	if last := d.last(); upTo == 0 && last != nil {
		upTo = last.ID
	}
	d.inRead = max(d.inRead, upTo)
	return 1, nil
}

func (s *Server) messagesIsAllowed(c *call) (any, *apiError) {
	g, d := s.communities[c.int("group_id")], (*dialog)(nil)
	if g == nil || !c.token.speaksFor(g.ID) && c.viewer() != c.int("user_id") {
		return nil, denied("no access to this group")
	}
	d = g.dialogs[c.int("user_id")]
	return object{"is_allowed": flag(d != nil && d.allowed)}, nil
}

func (s *Server) messagesAllow(c *call) (any, *apiError) { return s.setAllowed(c, true) }

func (s *Server) messagesDeny(c *call) (any, *apiError) { return s.setAllowed(c, false) }

func (s *Server) setAllowed(c *call, on bool) (any, *apiError) {
	g := s.communities[c.int("group_id")]
	if g == nil {
		return nil, badParam("group_id is undefined")
	}
	s.allow(g, c.token.UserID, on, c.params.Get("key"))
	return 1, nil
}
