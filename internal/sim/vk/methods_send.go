package vk

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The bounds of messages: ten attachments, 100 receivers, an event's answer of
// 90 characters. Of the lengths that are told, 9000 on the page of
// messages.send and 4096 by those who write bots, the safe one stands here.
const (
	maxMessageText  = 4096
	maxMessageMedia = 10
	maxPeers        = 100
	maxSnackbar     = 90
	firstChat       = 2_000_000_000
	// randomWindow is how long a random_id is remembered. VK names an hour for
	// other methods and nothing here.
	randomWindow = time.Hour
	// editWindow is how long a message can be edited, or deleted for all.
	editWindow = 24 * time.Hour
)

// correspondent is the community for which a call reads or writes messages.
func (s *Server) correspondent(c *call) (*community, *apiError) {
	id := c.int("group_id")
	if c.token.Kind == CommunityToken {
		if id != 0 && id != c.token.CommunityID {
			return nil, denied("no access to this group")
		}
		id = c.token.CommunityID
	}
	g := s.communities[id]
	if g == nil || !c.token.speaksFor(id) || !c.token.may("messages") {
		// The personal correspondence of users is not simulated.
		return nil, denied("no access to messages")
	}
	return g, nil
}

func (s *Server) messagesSend(c *call) (any, *apiError) {
	g, failure := s.correspondent(c)
	if failure != nil {
		return nil, failure
	}
	m, failure := s.compose(c)
	if failure != nil {
		return nil, failure
	}
	many := c.ints("peer_ids")
	if len(many) == 0 {
		many = c.ints("user_ids")
	}
	if len(many) == 0 {
		sent, failure := s.deliver(c, g, s.peer(c), m)
		if failure != nil {
			return nil, failure
		}
		return sent.ID, nil
	}
	if len(many) > maxPeers {
		return nil, badParam("peer_ids: too many")
	}
	out := []object{}
	for _, peer := range many {
		sent, failure := s.deliver(c, g, peer, m)
		if failure != nil {
			// One refused receiver does not refuse the others.
			out = append(out, object{"peer_id": peer, "message_id": 0, "error": object{"code": failure.code, "description": failure.message}})
			continue
		}
		out = append(out, object{"peer_id": peer, "message_id": sent.ID, "conversation_message_id": sent.ConversationID})
	}
	return out, nil
}

// peer is the one receiver of a call.
func (s *Server) peer(c *call) int {
	for _, name := range []string{"peer_id", "user_id"} {
		if id := c.int(name); id != 0 {
			return id
		}
	}
	if chat := c.int("chat_id"); chat != 0 {
		return firstChat + chat
	}
	if u := s.userOf(c.params.Get("domain")); u != nil {
		return u.ID
	}
	return 0
}

// compose makes the message of a call, without its receiver.
func (s *Server) compose(c *call) (Message, *apiError) {
	if c.params.Get("random_id") == "" {
		return Message{}, badParam("random_id is a required parameter")
	}
	return s.content(c)
}

// content reads what messages.send and messages.edit have in common.
func (s *Server) content(c *call) (Message, *apiError) {
	m := Message{Out: true, Text: c.params.Get("message"), randomID: c.int("random_id")}
	names := c.list("attachment")
	media, err := s.resolve(names)
	switch {
	case err != nil || len(names) > maxMessageMedia || len(media.polls) > 0:
		return m, badParam("attachment is invalid")
	case strings.TrimSpace(m.Text) == "" && len(names) == 0:
		return m, badParam("message is empty or invalid")
	case utf8.RuneCountInString(m.Text) > maxMessageText:
		return m, &apiError{914, "Message is too long"}
	}
	m.Attachments = media.raw
	if raw := c.params.Get("keyboard"); raw != "" {
		if _, failure := readKeyboard(raw); failure != nil {
			return m, failure
		}
		m.Keyboard = json.RawMessage(raw)
	}
	return m, nil
}

// deliver sends a message to one receiver, once for each random_id.
func (s *Server) deliver(c *call, g *community, peer int, m Message) (*Message, *apiError) {
	switch {
	case peer >= firstChat:
		return nil, &apiError{917, "You don't have access to this chat"}
	case s.users[peer] == nil:
		return nil, badParam("user_id is undefined")
	}
	d := g.dialog(peer)
	if !d.allowed {
		return nil, &apiError{901, "Can't send messages for users without permission"}
	}
	now := s.opt.Now()
	if before, ok := d.sent[m.randomID]; ok && m.randomID != 0 && now.Sub(before.at) < randomWindow {
		return before.message, nil
	}
	if id := c.int("reply_to"); id != 0 {
		if m.replyTo = d.find(id); m.replyTo == nil {
			return nil, badParam("reply_to is invalid")
		}
	}
	m.Date = s.dateOr(time.Time{})
	g.place(d, &m)
	d.typing = false
	if m.randomID != 0 {
		d.sent[m.randomID] = sentOnce{&m, now}
	}
	if k, failure := readKeyboard(string(m.Keyboard)); failure == nil && !k.Inline {
		d.keyboard = m.Keyboard
		if len(k.Buttons) == 0 {
			d.keyboard = nil
		}
	}
	s.emit(-g.ID, "message_reply", s.messageObject(&m))
	return &m, nil
}

// ownMessage finds a message of the community that a call may change.
func (s *Server) ownMessage(c *call, g *community) (*Message, *apiError) {
	d := g.dialogs[s.peer(c)]
	if d == nil {
		return nil, badParam("peer_id is invalid")
	}
	m := d.find(c.int("message_id"))
	if m == nil {
		m = d.findConversation(c.int("conversation_message_id"))
	}
	if m == nil || m.Deleted {
		return nil, badParam("message_id is invalid")
	}
	return m, nil
}

func (s *Server) messagesEdit(c *call) (any, *apiError) {
	g, failure := s.correspondent(c)
	if failure != nil {
		return nil, failure
	}
	m, failure := s.ownMessage(c, g)
	if failure != nil {
		return nil, failure
	}
	switch {
	case !m.Out:
		return nil, &apiError{920, "Can't edit this kind of message"}
	case s.now().Sub(m.Date) >= editWindow:
		return nil, &apiError{909, "Can't edit this message, because it's too old"}
	}
	n, failure := s.content(c)
	if failure != nil {
		return nil, failure
	}
	m.Text, m.Attachments, m.Keyboard, m.Edited = n.Text, n.Attachments, n.Keyboard, s.now()
	s.emit(-g.ID, "message_edit", s.messageObject(m))
	return 1, nil
}

func (s *Server) messagesDelete(c *call) (any, *apiError) {
	g, failure := s.correspondent(c)
	if failure != nil {
		return nil, failure
	}
	found := map[string]*Message{}
	for _, id := range c.ints("message_ids") {
		for _, d := range g.dialogs {
			if m := d.find(id); m != nil {
				found[strconv.Itoa(id)] = m
			}
		}
	}
	if d := g.dialogs[c.int("peer_id")]; d != nil {
		for _, id := range c.ints("cmids") {
			if m := d.findConversation(id); m != nil {
				found[strconv.Itoa(id)] = m
			}
		}
	}
	if len(found) == 0 {
		return nil, badParam("message_ids is invalid")
	}
	forAll, out := c.bool("delete_for_all"), object{}
	for _, m := range found {
		if forAll && (!m.Out || s.now().Sub(m.Date) >= editWindow) {
			return nil, &apiError{924, "Can't delete this message for everybody"}
		}
	}
	for id, m := range found {
		m.Hidden, m.Deleted = true, m.Deleted || forAll
		out[id] = 1
	}
	return out, nil
}

func (s *Server) messagesSetActivity(c *call) (any, *apiError) {
	g, failure := s.correspondent(c)
	if failure != nil {
		return nil, failure
	}
	d := g.dialogs[s.peer(c)]
	if d == nil {
		return nil, &apiError{936, "Contact not found"}
	}
	d.typing = true
	return 1, nil
}

// messagesSendMessageEventAnswer answers a pressed callback button, once.
func (s *Server) messagesSendMessageEventAnswer(c *call) (any, *apiError) {
	g, failure := s.correspondent(c)
	if failure != nil {
		return nil, failure
	}
	d := g.dialogs[c.int("user_id")]
	id := c.params.Get("event_id")
	if d == nil || c.int("peer_id") != d.user || !d.pressed[id] {
		return nil, badParam("event_id is invalid")
	}
	var data struct {
		Type string `json:"type"`
		Text string `json:"text"`
		Link string `json:"link"`
	}
	raw := c.params.Get("event_data")
	if raw != "" {
		known := json.Unmarshal([]byte(raw), &data) == nil &&
			(data.Type == "show_snackbar" && data.Text != "" || data.Type == "open_link" && data.Link != "" || data.Type == "open_app")
		if !known || utf8.RuneCountInString(data.Text) > maxSnackbar {
			return nil, badParam("event_data is invalid")
		}
		d.notice = json.RawMessage(raw)
	}
	delete(d.pressed, id)
	return 1, nil
}
