package telegram

import (
	"slices"
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
	Bot   bool   `json:"bot,omitempty"`
	Own   bool   `json:"own,omitempty"`
	Text  string `json:"text"`
	Photo bool   `json:"photo,omitempty"`
	// File is the kind of what is attached, Album the album that it belongs to.
	File      string     `json:"file,omitempty"`
	Album     string     `json:"album,omitempty"`
	Poll      *Poll      `json:"poll,omitempty"`
	Buttons   [][]Button `json:"buttons,omitempty"`
	Reactions []Reaction `json:"reactions,omitempty"`
	Pinned    bool       `json:"pinned,omitempty"`
	Service   bool       `json:"service,omitempty"`
	// Picture is the path of an attached photo below /tg/files/.
	Picture string `json:"picture,omitempty"`
	Views   int    `json:"views,omitempty"`

	entities  []wireEntity
	origin    *wireOrigin
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
	// Blocked says, of a private chat, that the citizen blocked the bot;
	// Keyboard is what the bot offers instead of typing.
	Blocked  bool       `json:"blocked,omitempty"`
	Keyboard [][]Button `json:"keyboard,omitempty"`
}

// Poll is a poll as a snapshot shows it.
type Poll struct {
	ID       string       `json:"id"`
	Question string       `json:"question"`
	Options  []PollOption `json:"options"`
	Voters   int          `json:"voters"`
	Closed   bool         `json:"closed"`
	Multiple bool         `json:"multiple"`
}

// PollOption is an answer with its number of votes.
type PollOption struct {
	Text  string `json:"text"`
	Votes int    `json:"votes"`
}

// Button is a button of a keyboard; one without Data and URL sends its text.
type Button struct {
	Text string `json:"text"`
	Data string `json:"data,omitempty"`
	URL  string `json:"url,omitempty"`
}

// Reaction is how often a reaction was set.
type Reaction struct {
	Emoji string `json:"emoji"`
	Count int    `json:"count"`
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
	if root.auto {
		t.ChannelID, t.PostID = root.origin.Chat.ID, root.origin.MessageID
	}
	for _, id := range c.threads[threadID] {
		t.Messages = append(t.Messages, c.messages[id].snapshot())
	}
	c.markPinned(t.Messages)
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
	return c.snapshot(newest), true
}

func (c *chat) snapshot(newest int) Chat {
	out := Chat{
		ID: c.wire.ID, Type: c.wire.Type, Title: c.wire.Title, Username: c.wire.Username, LinkedID: c.linked,
		Members: map[int64]string{}, Total: len(c.order), Messages: []Message{},
	}
	for userID, status := range c.members {
		out.Members[userID] = status
	}
	for _, messageID := range c.order[max(0, len(c.order)-max(newest, 0)):] {
		out.Messages = append(out.Messages, c.messages[messageID].snapshot())
	}
	if out.Blocked = c.blocked; c.input != nil {
		out.Keyboard = c.input.snapshot()
	}
	c.markPinned(out.Messages)
	return out
}

func (c *chat) markPinned(list []Message) {
	for i := range list {
		list[i].Pinned = slices.Contains(c.pinned, list[i].ID)
	}
}

func (m *message) snapshot() Message {
	out := Message{
		ID: m.id, ThreadID: m.thread, ReplyTo: m.replyTo, Text: m.text, Album: m.album, Service: m.isService(), Views: m.views,
		entities: m.entities, origin: m.origin.clone(),
		Bot: m.bot != 0, Own: m.bot != 0 || m.sender != nil, At: m.date, EditedAt: m.edited, Deleted: m.deleted,
	}
	switch {
	case m.sender != nil:
		out.FromID, out.From = m.sender.ID, m.sender.Title
	case m.from != nil:
		out.FromID, out.From = m.from.ID, strings.TrimSpace(m.from.FirstName+" "+m.from.LastName)
	}
	if m.auto {
		out.ForwardOf = m.origin.MessageID
	}
	if m.file != nil {
		if out.File = m.file.kind.name; out.File == "photo" {
			out.Photo, out.Picture = true, m.file.path
		}
	}
	if m.poll != nil {
		out.Poll = m.poll.snapshot()
	}
	if m.markup != nil && m.markup.inline() && !m.auto {
		out.Buttons = m.markup.snapshot()
	}
	for _, r := range m.counts() {
		out.Reactions = append(out.Reactions, Reaction{r.Type.Emoji, r.TotalCount})
	}
	return out
}

func (p *poll) snapshot() *Poll {
	out := &Poll{ID: p.id, Question: p.question, Voters: len(p.votes), Closed: p.closed, Multiple: p.multiple}
	for i, text := range p.options {
		out.Options = append(out.Options, PollOption{text, p.count(i)})
	}
	return out
}

func (k *keyboard) snapshot() [][]Button {
	var out [][]Button
	for _, row := range k.buttons {
		var buttons []Button
		for _, b := range row {
			buttons = append(buttons, Button(b))
		}
		out = append(out, buttons)
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
