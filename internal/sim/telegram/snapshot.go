package telegram

import (
	"strings"
	"time"
)

// Message is a message as a snapshot shows it.
type Message struct {
	ID       int64  `json:"message_id"`
	ThreadID int64  `json:"thread_id,omitempty"`
	ReplyTo  int64  `json:"reply_to,omitempty"`
	FromID   int64  `json:"from_id"`
	From     string `json:"from"`
	// Bot says that a bot sent it; Own, that a bot or the channel or group itself did.
	Bot       bool      `json:"bot,omitempty"`
	Own       bool      `json:"own,omitempty"`
	Text      string    `json:"text"`
	Photo     bool      `json:"photo,omitempty"`
	At        time.Time `json:"at"`
	EditedAt  time.Time `json:"edited_at,omitzero"`
	Deleted   bool      `json:"deleted,omitempty"`
	ForwardOf int64     `json:"forward_of,omitempty"` // the channel post it copies
}

// Thread is a discussion as it stands, deleted messages included and marked.
type Thread struct {
	GroupID   int64     `json:"group_id"`
	ThreadID  int64     `json:"thread_id"`
	ChannelID int64     `json:"channel_id,omitempty"`
	PostID    int64     `json:"post_id,omitempty"`
	Root      Message   `json:"root"`
	Messages  []Message `json:"messages"`
}

// Chat is the state of one channel or group.
type Chat struct {
	ID       int64            `json:"id"`
	Type     string           `json:"type"`
	Title    string           `json:"title"`
	Username string           `json:"username,omitempty"`
	LinkedID int64            `json:"linked_id,omitempty"`
	Members  map[int64]string `json:"members"`
	Total    int              `json:"total"`
	// Messages are the newest, oldest first.
	Messages []Message `json:"messages"`
}

// Thread returns the discussion whose root is threadID, or that of the root itself.
func (s *Server) Thread(groupID, threadID int64) (Thread, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[groupID]
	if c == nil || c.messages[threadID] == nil {
		return Thread{}, false
	}
	root := c.messages[threadID]
	t := Thread{GroupID: groupID, ThreadID: threadID, Root: root.snapshot(), Messages: []Message{}}
	if root.origin != nil {
		t.ChannelID, t.PostID = root.origin.Chat.ID, root.origin.MessageID
	}
	for _, id := range c.threads[threadID] {
		t.Messages = append(t.Messages, c.messages[id].snapshot())
	}
	return t, true
}

// ThreadOfPost returns the discussion of a channel post.
func (s *Server) ThreadOfPost(channelID, postID int64) (Thread, bool) {
	s.mu.Lock()
	var group, root int64
	if c := s.chats[channelID]; c != nil {
		group, root = c.linked, c.forwards[postID]
	}
	s.mu.Unlock()
	return s.Thread(group, root)
}

// Chat returns the state of a channel or group with its newest messages.
func (s *Server) Chat(id int64, newest int) (Chat, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[id]
	if c == nil {
		return Chat{}, false
	}
	out := Chat{
		ID: id, Type: c.wire.Type, Title: c.wire.Title, Username: c.wire.Username, LinkedID: c.linked,
		Members: map[int64]string{}, Total: len(c.order), Messages: []Message{},
	}
	for userID, status := range c.members {
		out.Members[userID] = status
	}
	for _, messageID := range c.order[max(0, len(c.order)-max(newest, 0)):] {
		out.Messages = append(out.Messages, c.messages[messageID].snapshot())
	}
	return out, true
}

func (m *message) snapshot() Message {
	out := Message{
		ID: m.id, ThreadID: m.thread, ReplyTo: m.replyTo, Text: m.text, Photo: len(m.photo) > 0,
		Bot: m.bot != 0, Own: m.bot != 0 || m.sender != nil, At: m.date, EditedAt: m.edited, Deleted: m.deleted,
	}
	switch {
	case m.sender != nil:
		out.FromID, out.From = m.sender.ID, m.sender.Title
	case m.from != nil:
		out.FromID, out.From = m.from.ID, strings.TrimSpace(m.from.FirstName+" "+m.from.LastName)
	}
	if m.origin != nil {
		out.ForwardOf = m.origin.MessageID
	}
	return out
}

// channelList lists the channels in order of appearance.
func (s *Server) channelList() []Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Channel
	for _, id := range s.chatIDs {
		c := s.chats[id]
		if c.wire.Type != typeChannel {
			continue
		}
		item := Channel{ID: id, Title: c.wire.Title, Username: c.wire.Username, GroupID: c.linked}
		if group := s.chats[c.linked]; group != nil {
			item.GroupTitle = group.wire.Title
		}
		out = append(out, item)
	}
	return out
}

// citizens lists the users in order of appearance, the newest at most.
func (s *Server) citizens(newest int) []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := s.userIDs[max(0, len(s.userIDs)-newest):]
	out := make([]User, 0, len(ids))
	for _, id := range ids {
		u := s.users[id]
		out = append(out, User{ID: u.ID, FirstName: u.FirstName, LastName: u.LastName, Username: u.Username})
	}
	return out
}
