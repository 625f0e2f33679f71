package telegram

import (
	"strings"
	"time"
)

// bot is one bot with its queue of updates. The server's mutex guards it.
type bot struct {
	spec    Bot
	user    wireUser
	queue   []update
	nextID  int64
	lastID  time.Time // when nextID was last used
	held    []waiting // updates that let a later one pass
	allowed []string
	private map[int64]*chat // by the citizen's id
	sent    window          // what it sent, for the limits

	// wake is closed and replaced when an update arrives.
	wake chan struct{}
	// poll is closed when a newer getUpdates ends the one that waits.
	poll chan struct{}
	// polled is closed and replaced when a getUpdates comes.
	polled chan struct{}

	callbacks map[string]*callback

	profile profile
	hook    *hook
	// loggedOut is until when the bot may not come back after logOut.
	loggedOut time.Time
}

func newBot(spec Bot, firstID int64) *bot {
	return &bot{
		spec:    spec,
		user:    wireUser{ID: spec.ID, IsBot: true, FirstName: spec.FirstName, Username: spec.Username},
		nextID:  500_000_001 + firstID,
		private: map[int64]*chat{},
		wake:    make(chan struct{}),
		polled:  make(chan struct{}),
	}
}

// sees says whether a message in a chat is delivered to the bot: an
// administrator sees everything, a member in privacy mode only what is meant
// for it.
func (b *bot) sees(c *chat, m *message) bool {
	if m.bot != 0 && !m.auto {
		return false
	}
	switch c.status(b.spec.ID) {
	case statusAdministrator:
		return true
	case statusMember, statusRestricted:
		if c.wire.Type == typeChannel {
			return false
		}
	default:
		return false
	}
	if b.spec.ReadsAll || strings.HasPrefix(m.text, "/") || strings.Contains(m.text, "@"+b.spec.Username) {
		return true
	}
	target := c.messages[m.replyTo]
	return target != nil && target.bot == b.spec.ID
}
