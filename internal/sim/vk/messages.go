package vk

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrBlocked is returned where a user does not take the community's messages.
var ErrBlocked = errors.New("vk simulator: the user does not take messages from this community")

// Message is one personal message between a community and a user.
type Message struct {
	ID             int               `json:"id"`
	ConversationID int               `json:"conversation_message_id"`
	GroupID        int               `json:"group_id"`
	UserID         int               `json:"user_id"`
	Out            bool              `json:"out"` // from the community
	Text           string            `json:"text"`
	Date           time.Time         `json:"date"`
	Edited         time.Time         `json:"edited,omitzero"`
	Deleted        bool              `json:"deleted,omitempty"` // for both sides
	Hidden         bool              `json:"hidden,omitempty"`  // for the community alone
	Payload        string            `json:"payload,omitempty"`
	Keyboard       json.RawMessage   `json:"keyboard,omitempty"`
	Attachments    []json.RawMessage `json:"attachments,omitempty"`

	randomID int
	replyTo  *Message
}

// NewMessage is what a user writes to a community.
type NewMessage struct {
	GroupID int      `json:"group_id"`
	FromID  int      `json:"from_id"`
	Text    string   `json:"text"`
	Payload string   `json:"payload,omitempty"` // JSON, of a pressed text button
	Media   []string `json:"media,omitempty"`
}

// Dialog is the correspondence of a community with one user.
type Dialog struct {
	UserID   int             `json:"user_id"`
	Allowed  bool            `json:"allowed"` // the user takes messages
	Typing   bool            `json:"typing"`  // the community has shown that it writes
	Keyboard json.RawMessage `json:"keyboard,omitempty"`
	// Notice is the last answer to a pressed callback button.
	Notice   json.RawMessage `json:"notice,omitempty"`
	Messages []Message       `json:"messages"`
}

type dialog struct {
	user     int
	allowed  bool
	typing   bool
	keyboard json.RawMessage
	notice   json.RawMessage
	messages []*Message
	inRead   int // id of the last message that the community has read
	pressed  map[string]bool
	sent     map[int]sentOnce // by random_id
}

// sentOnce is what a random_id has sent.
type sentOnce struct {
	message *Message
	at      time.Time
}

func (c *community) dialog(user int) *dialog {
	d := c.dialogs[user]
	if d == nil {
		d = &dialog{user: user, pressed: map[string]bool{}, sent: map[int]sentOnce{}}
		c.dialogs[user] = d
	}
	return d
}

// place numbers a message and puts it into its dialog.
func (c *community) place(d *dialog, m *Message) {
	c.lastMsg++
	m.ID, m.ConversationID, m.GroupID, m.UserID = c.lastMsg, len(d.messages)+1, c.ID, d.user
	d.messages = append(d.messages, m)
}

// Write lets a user write to a community and returns the message's id. Who
// writes takes messages again.
func (s *Server) Write(n NewMessage) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.write(n)
}

func (s *Server) write(n NewMessage) (int, error) {
	g := s.communities[n.GroupID]
	if g == nil || s.users[n.FromID] == nil {
		return 0, fmt.Errorf("community %d, user %d: %w", n.GroupID, n.FromID, ErrNotFound)
	}
	media, err := s.resolve(n.Media)
	if err != nil {
		return 0, err
	}
	d := g.dialog(n.FromID)
	d.allowed, d.typing = true, false
	m := &Message{Text: n.Text, Date: s.dateOr(time.Time{}), Payload: n.Payload, Attachments: media.raw}
	g.place(d, m)
	s.emit(-g.ID, "message_new", object{"message": s.messageObject(m), "client_info": clientInfo()})
	return m.ID, nil
}

// Allow lets a community write to a user who has not written, or forbids it.
func (s *Server) Allow(groupID, user int, on bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.communities[groupID]
	if g == nil || s.users[user] == nil {
		return ErrNotFound
	}
	s.allow(g, user, on, "")
	return nil
}

func (s *Server) allow(g *community, user int, on bool, key string) {
	d := g.dialog(user)
	if d.allowed == on {
		return
	}
	if d.allowed = on; on {
		s.emit(-g.ID, "message_allow", object{"user_id": user, "key": key})
	} else {
		s.emit(-g.ID, "message_deny", object{"user_id": user})
	}
}

// Press lets a user press a button of a message's keyboard, or with message
// zero of the dialog's. Text buttons write their label, callback buttons send
// message_event; others do nothing in the network.
func (s *Server) Press(groupID, user, message, row, column int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.communities[groupID]
	if g == nil || g.dialogs[user] == nil {
		return ErrNotFound
	}
	d := g.dialogs[user]
	raw, m := d.keyboard, (*Message)(nil)
	if message != 0 {
		if m = d.find(message); m == nil || m.Deleted {
			return ErrNotFound
		}
		raw = m.Keyboard
	}
	k, failure := readKeyboard(string(raw))
	if failure != nil || row < 0 || row >= len(k.Buttons) || column < 0 || column >= len(k.Buttons[row]) {
		return fmt.Errorf("button %d, %d: %w", row, column, ErrNotFound)
	}
	return s.pressed(g, d, m, k, k.Buttons[row][column].Action)
}

func (s *Server) pressed(g *community, d *dialog, m *Message, k keyboard, a action) error {
	switch a.Type {
	case "text":
		if k.OneTime {
			d.keyboard = nil
		}
		_, err := s.write(NewMessage{GroupID: g.ID, FromID: d.user, Text: a.Label, Payload: a.payload()})
		return err
	case "callback":
		id := randomHex(8)
		d.pressed[id], d.notice = true, nil
		what := object{"user_id": d.user, "peer_id": d.user, "event_id": id, "payload": json.RawMessage(a.payload())}
		if a.payload() == "" {
			what["payload"] = object{}
		}
		if m != nil {
			what["conversation_message_id"] = m.ConversationID
		}
		s.emit(-g.ID, "message_event", what)
	}
	return nil
}

func (d *dialog) find(id int) *Message {
	for _, m := range d.messages {
		if m.ID == id {
			return m
		}
	}
	return nil
}

// findConversation finds a message by its number within the dialog.
func (d *dialog) findConversation(id int) *Message {
	if id < 1 || id > len(d.messages) {
		return nil
	}
	return d.messages[id-1]
}

// last is the newest message that the community sees, nil if there is none.
func (d *dialog) last() *Message {
	for _, m := range slices.Backward(d.messages) {
		if !m.Deleted && !m.Hidden {
			return m
		}
	}
	return nil
}

// unread counts the user's messages that the community has not read.
func (d *dialog) unread() int {
	n := 0
	for _, m := range d.messages {
		n += flag(!m.Out && !m.Deleted && !m.Hidden && m.ID > d.inRead)
	}
	return n
}

// Dialog returns a copy of a community's correspondence with a user.
func (s *Server) Dialog(groupID, user int) (Dialog, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.communities[groupID]
	if g == nil || g.dialogs[user] == nil {
		return Dialog{}, false
	}
	d := g.dialogs[user]
	out := Dialog{UserID: user, Allowed: d.allowed, Typing: d.typing, Keyboard: d.keyboard, Notice: d.notice, Messages: []Message{}}
	for _, m := range d.messages {
		out.Messages = append(out.Messages, *m)
	}
	return out, true
}

// messageObject is a message as the community sees it.
func (s *Server) messageObject(m *Message) object {
	from := m.UserID
	if m.Out {
		from = -m.GroupID
	}
	o := object{
		"id": m.ID, "conversation_message_id": m.ConversationID, "date": unix(m.Date), "from_id": from,
		"peer_id": m.UserID, "out": flag(m.Out), "text": m.Text, "attachments": attachments(m.Attachments),
		"fwd_messages": []any{}, "important": false, "is_hidden": false, "random_id": m.randomID,
	}
	if !m.Edited.IsZero() {
		o["update_time"] = unix(m.Edited)
	}
	if m.Payload != "" {
		o["payload"] = m.Payload
	}
	if k, failure := readKeyboard(string(m.Keyboard)); failure == nil && k.Inline {
		o["keyboard"] = s.keyboardObject(m.GroupID, m.Keyboard)
	}
	if r := m.replyTo; r != nil {
		o["reply_message"] = object{
			"id": r.ID, "conversation_message_id": r.ConversationID, "date": unix(r.Date), "text": r.Text,
			"from_id": s.messageObject(r)["from_id"], "peer_id": r.UserID, "attachments": attachments(r.Attachments),
		}
	}
	return o
}

func clientInfo() object {
	return object{
		"button_actions": []string{"text", "vkpay", "open_app", "location", "open_link", "callback", "intent_subscribe", "intent_unsubscribe"},
		"keyboard":       true, "inline_keyboard": true, "carousel": true, "lang_id": 0,
	}
}
