package telegram

import (
	"encoding/json"
	"time"
)

// message is kept for ever, deleted ones too: their ids are never used again.
type message struct {
	id       int64
	thread   int64 // root of the thread, zero for a root
	replyTo  int64
	from     *wireUser
	sender   *wireChat
	bot      int64 // the bot that sent it, zero for people
	date     time.Time
	edited   time.Time
	origin   *wireOrigin
	auto     bool // the network forwarded it from the channel into its group
	text     string
	entities []wireEntity // of the text, or of the caption where there is a file
	file     *storedFile
	album    string // media_group_id
	poll     *poll
	markup   *keyboard
	pins     int64 // a service message: what was pinned
	views    int
	deleted  bool

	reactions map[int64]string // by whom, the emoji
	counting  bool             // the count of reactions is about to be told
}

// isService says that the message tells of an event and has no content.
func (m *message) isService() bool { return m.pins != 0 }

// hasCaption says that the text is a caption.
func (m *message) hasCaption() bool { return m.file != nil }

// add gives the message its id and files it.
func (c *chat) add(m *message) *message {
	c.next++
	m.id = c.next
	if target := c.messages[m.replyTo]; target != nil {
		if m.thread = target.thread; m.thread == 0 {
			m.thread = target.id
		}
	}
	if c.wire.Type == typePrivate {
		m.thread = 0
	}
	if m.from != nil && !m.from.IsBot {
		c.joined[m.from.ID] = true
	}
	c.messages[m.id] = m
	c.order = append(c.order, m.id)
	if m.thread != 0 {
		c.threads[m.thread] = append(c.threads[m.thread], m.id)
	}
	return m
}

// live is a message that has not been deleted.
func (c *chat) live(id int64) *message {
	if m := c.messages[id]; m != nil && !m.deleted {
		return m
	}
	return nil
}

// render is the message as the Bot API sends it; what it replies to is
// embedded once, without its own reply.
func (c *chat) render(m *message) *wireMessage {
	w := c.renderFlat(m)
	if target := c.live(m.replyTo); target != nil {
		w.ReplyToMessage = c.renderFlat(target)
	}
	if target := c.messages[m.pins]; target != nil {
		w.PinnedMessage = c.renderFlat(target)
	}
	return w
}

func (c *chat) renderFlat(m *message) *wireMessage {
	w := &wireMessage{
		MessageID: m.id, MessageThreadID: m.thread, From: clone(m.from), SenderChat: clone(m.sender),
		Date: m.date.Unix(), Chat: c.wire, ForwardOrigin: m.origin.clone(), IsAutomaticForward: m.auto,
		MediaGroupID: m.album,
	}
	if !m.edited.IsZero() {
		w.EditDate = m.edited.Unix()
	}
	if m.hasCaption() {
		w.Caption, w.CaptionEntities = m.text, m.entities
		m.file.attach(w)
	} else {
		w.Text, w.Entities = m.text, m.entities
	}
	if m.poll != nil {
		w.Poll = m.poll.render(true)
	}
	// A forwarded copy has no buttons.
	if m.markup != nil && m.markup.inline() && !m.auto {
		w.ReplyMarkup = m.markup.raw
	}
	return w
}

// clone copies what an answer shows, which is written when others may already
// change the world again.
func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

func (o *wireOrigin) clone() *wireOrigin {
	out := clone(o)
	if out != nil {
		out.Chat, out.SenderChat, out.SenderUser = clone(o.Chat), clone(o.SenderChat), clone(o.SenderUser)
	}
	return out
}

// keyboard is a reply_markup: the buttons under a message or below the input.
type keyboard struct {
	raw     json.RawMessage
	buttons [][]button
	kind    string // "inline_keyboard", "keyboard", "remove_keyboard" or "force_reply"
}

type button struct {
	Text string
	Data string
	URL  string
}

func (k *keyboard) inline() bool { return k.kind == "inline_keyboard" }
