package telegram

import "otklik/internal/errs"

// SetMember changes what a bot or a citizen is in a chat: "administrator",
// "member", "restricted", "left" or "kicked". A bot is told of its own change;
// of a citizen's, if it is an administrator and asked for it.
func (s *Server) SetMember(chatID, userID int64, status string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, u := s.chats[chatID], s.users[userID]
	if c == nil || u == nil {
		return errs.New(errs.NotFound, "Такого чата или участника в имитаторе нет.")
	}
	switch status {
	case statusAdministrator, statusMember, statusRestricted, statusLeft, statusKicked:
	default:
		return errs.New(errs.Invalid, "Состояние участника — administrator, member, restricted, left или kicked.")
	}
	s.setMember(c, u, status, serviceUser())
	return nil
}

// setMember changes a membership; by is who did it.
func (s *Server) setMember(c *chat, u *wireUser, status string, by *wireUser) {
	before := c.status(u.ID)
	c.members[u.ID] = status
	if before == status {
		return
	}
	change := mustJSON(wireMemberUpdated{
		Chat: c.wire, From: *by, Date: s.now().Unix(),
		OldChatMember: renderMember(c, *u, before), NewChatMember: renderMember(c, *u, status),
	})
	for _, b := range s.bots {
		switch {
		case b.spec.ID == u.ID:
			s.push(b, "my_chat_member", change)
		case c.status(b.spec.ID) == statusAdministrator:
			s.push(b, "chat_member", change)
		}
	}
}

func (s *Server) leaveChat(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	target, err := s.target(c, "chat_id")
	switch {
	case err != nil:
		return nil, err
	case target.wire.Type == typePrivate:
		return nil, badRequest("chat member status can't be changed in private chats")
	case target.status(c.bot.spec.ID) == statusLeft, target.status(c.bot.spec.ID) == statusKicked:
		return nil, forbidden("bot is not a member of the " + chatWord(target))
	}
	s.setMember(target, &c.bot.user, statusLeft, &c.bot.user)
	return true, nil
}

func (s *Server) getChatMemberCount(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	target, err := s.readable(c)
	if err != nil {
		return nil, err
	}
	if target.wire.Type == typePrivate {
		return 2, nil
	}
	return target.memberCount(), nil
}

// memberCount takes whoever wrote into a group for its member.
func (c *chat) memberCount() int {
	n := c.followers
	for _, status := range c.members {
		if status != statusLeft && status != statusKicked {
			n++
		}
	}
	for id := range c.joined {
		if c.members[id] == "" {
			n++
		}
	}
	return n
}

// Migrate gives a group a new id, as Telegram does when it upgrades one; calls
// with the old id are refused and told the new one. Unlike in the network the
// messages keep their numbers.
func (s *Server) Migrate(groupID int64) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.group(groupID)
	if err != nil {
		return 0, err
	}
	old := c.wire
	s.nextChat++
	c.wire.ID, c.wire.Type = groupPrefix-s.nextChat, typeSupergroup
	delete(s.chats, groupID)
	s.chats[c.wire.ID] = c
	s.migrated[groupID] = c.wire.ID
	for i, id := range s.chatIDs {
		if id == groupID {
			s.chatIDs[i] = c.wire.ID
		}
	}
	if channel := s.chats[c.linked]; channel != nil {
		channel.linked = c.wire.ID
	}
	s.tellMigration(c, old)
	return c.wire.ID, nil
}

// tellMigration sends the two service messages of a migration.
func (s *Server) tellMigration(c *chat, old wireChat) {
	now := s.now().Unix()
	gone := wireMessage{MessageID: c.next + 1, From: serviceUser(), Date: now, Chat: old, MigrateToChatID: c.wire.ID}
	come := wireMessage{MessageID: c.next + 2, From: serviceUser(), Date: now, Chat: c.wire, MigrateFromChatID: old.ID}
	c.next += 2
	for _, b := range s.bots {
		if st := c.status(b.spec.ID); st == statusLeft || st == statusKicked {
			continue
		}
		s.push(b, "message", mustJSON(gone))
		s.push(b, "message", mustJSON(come))
	}
}

// status of someone who was never mentioned is "left".
func (c *chat) status(userID int64) string {
	if st := c.members[userID]; st != "" {
		return st
	}
	return statusLeft
}

func (s *Server) botByID(id int64) *bot {
	for _, b := range s.bots {
		if b.spec.ID == id {
			return b
		}
	}
	return nil
}

// renderMember gives a ChatMember every field that its status requires.
func renderMember(c *chat, u wireUser, status string) wireMember {
	m := wireMember{"status": status, "user": u}
	allow := func(allowed bool, rights ...string) {
		for _, right := range rights {
			m[right] = allowed
		}
	}
	channel := c.wire.Type == typeChannel
	switch status {
	case statusAdministrator:
		allow(true, "can_manage_chat", "can_delete_messages", "can_invite_users")
		allow(false, "can_be_edited", "is_anonymous", "can_manage_video_chats", "can_restrict_members",
			"can_promote_members", "can_change_info", "can_post_stories", "can_edit_stories", "can_delete_stories")
		if channel {
			allow(true, "can_post_messages", "can_edit_messages")
		} else {
			allow(true, "can_pin_messages")
		}
	case statusRestricted:
		allow(true, "is_member")
		allow(false, "can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos",
			"can_send_videos", "can_send_video_notes", "can_send_voice_notes", "can_send_polls",
			"can_send_other_messages", "can_add_web_page_previews", "can_react_to_messages", "can_edit_tag",
			"can_change_info", "can_invite_users", "can_pin_messages", "can_manage_topics")
		m["until_date"] = 0
	case statusKicked:
		m["until_date"] = 0
	}
	return m
}
