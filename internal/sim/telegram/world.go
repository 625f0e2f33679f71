package telegram

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"otklik/internal/errs"
)

const (
	typePrivate    = "private"
	typeChannel    = "channel"
	typeSupergroup = "supergroup"
	typeGroup      = "group"

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
	pinned   []int64           // the newest last
	blocked  bool              // in a private chat: the citizen blocked the bot
	input    *keyboard         // the reply keyboard that a citizen sees
	hidden   bool              // a channel without a preview page
	// followers read it besides those that exist here.
	followers int
	joined    map[int64]bool // who wrote here
	sent      window         // what bots sent here, for the limits
	recent    window
}

func newChat(w wireChat) *chat {
	return &chat{
		wire: w, members: map[int64]string{}, messages: map[int64]*message{},
		threads: map[int64][]int64{}, forwards: map[int64]int64{}, joined: map[int64]bool{},
	}
}

func (c *chat) isGroup() bool {
	return c.wire.Type == typeSupergroup || c.wire.Type == typeGroup
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
	if c := s.chats[id]; c != nil && c.isGroup() {
		return c, nil
	}
	return nil, errs.Newf(errs.NotFound, "Группы обсуждений %d в имитаторе нет.", id)
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

// fakeToken makes a token that looks like a real one, follows the earlier one
// and is the same each run.
func fakeToken(id int64, earlier string) string {
	sum := sha256.Sum256([]byte(strconv.FormatInt(id, 10) + earlier))
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
