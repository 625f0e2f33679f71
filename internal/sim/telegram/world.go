package telegram

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"otklik/internal/errs"
)

const (
	typePrivate    = "private"
	typeChannel    = "channel"
	typeSupergroup = "supergroup"

	statusAdministrator = "administrator"
	statusMember        = "member"
	statusRestricted    = "restricted"
	statusLeft          = "left"
	statusKicked        = "kicked"

	// groupPrefix makes a channel's or supergroup's id of its bare number.
	groupPrefix = -1_000_000_000_000
)

// chat is a channel, a discussion group or a private chat of one bot.
type chat struct {
	wire     wireChat
	linked   int64
	members  map[int64]string
	next     int64
	messages map[int64]*message
	order    []int64
	threads  map[int64][]int64 // thread root → its messages, in a group
	forwards map[int64]int64   // post → its automatic forward, in a channel
	sent     window            // what bots sent here, for the limits
	recent   window
}

func newChat(w wireChat) *chat {
	return &chat{
		wire: w, members: map[int64]string{}, messages: map[int64]*message{},
		threads: map[int64][]int64{}, forwards: map[int64]int64{},
	}
}

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
	origin   *wireOrigin // set on automatic forwards
	text     string      // the caption where there is a photo
	entities json.RawMessage
	photo    []wirePhoto
	deleted  bool
}

// add gives the message its id and files it.
func (c *chat) add(m *message) *message {
	c.next++
	m.id = c.next
	if target := c.messages[m.replyTo]; target != nil {
		if m.thread = target.thread; m.thread == 0 {
			m.thread = target.id
		}
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
	return w
}

func (c *chat) renderFlat(m *message) *wireMessage {
	w := &wireMessage{
		MessageID: m.id, MessageThreadID: m.thread, From: m.from, SenderChat: m.sender,
		Date: m.date.Unix(), Chat: c.wire, ForwardOrigin: m.origin, IsAutomaticForward: m.origin != nil,
		Photo: m.photo,
	}
	if !m.edited.IsZero() {
		w.EditDate = m.edited.Unix()
	}
	if len(m.photo) > 0 {
		w.Caption, w.CaptionEntities = m.text, m.entities
	} else {
		w.Text, w.Entities = m.text, m.entities
	}
	return w
}

func (s *Server) chatByUsername(name string) *chat {
	name = strings.TrimPrefix(name, "@")
	if name == "" {
		return nil
	}
	for _, c := range s.chats {
		if strings.EqualFold(c.wire.Username, name) {
			return c
		}
	}
	return nil
}

func (s *Server) channel(id int64) (*chat, error) {
	if c := s.chats[id]; c != nil && c.wire.Type == typeChannel {
		return c, nil
	}
	return nil, errs.Newf(errs.NotFound, "Канала %d в имитаторе нет.", id)
}

func (s *Server) group(id int64) (*chat, error) {
	if c := s.chats[id]; c != nil && c.wire.Type == typeSupergroup {
		return c, nil
	}
	return nil, errs.Newf(errs.NotFound, "Группы обсуждений %d в имитаторе нет.", id)
}

// SetMember changes what a bot or a citizen is in a chat: "administrator",
// "member", "restricted", "left" or "kicked". A bot is told of its own change.
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
	before := c.status(userID)
	c.members[userID] = status
	if b := s.botByID(userID); b != nil && before != status {
		b.push(s.now(), "my_chat_member", mustJSON(wireMemberUpdated{
			Chat: c.wire, From: *serviceUser(), Date: s.now().Unix(),
			OldChatMember: renderMember(c, *u, before), NewChatMember: renderMember(c, *u, status),
		}))
	}
	return nil
}

// Migrate gives a group a new id, as Telegram does when it upgrades one; calls
// with the old id are refused and told the new one.
func (s *Server) Migrate(groupID int64) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.group(groupID)
	if err != nil {
		return 0, err
	}
	s.nextChat++
	c.wire.ID = groupPrefix - s.nextChat
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
	return c.wire.ID, nil
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

// tokenID is the bot's id that its token begins with, zero if it does not.
func tokenID(token string) int64 {
	head, _, _ := strings.Cut(token, ":")
	id, err := strconv.ParseInt(head, 10, 64)
	if err != nil || id < 0 {
		return 0
	}
	return id
}

// fakeToken makes a token that looks like a real one and is the same each run.
func fakeToken(id int64) string {
	sum := sha256.Sum256([]byte(strconv.FormatInt(id, 10)))
	return strconv.FormatInt(id, 10) + ":SIM" + hex.EncodeToString(sum[:16])
}

func validUsername(name string) bool {
	if len(name) < 3 || len(name) > 32 {
		return false
	}
	for _, r := range name {
		if r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return true
}

// mustJSON marshals the package's own wire types, which cannot fail.
func mustJSON(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}
