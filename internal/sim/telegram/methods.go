package telegram

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// method is one method of the Bot API; its name is spelled as in the
// documentation and found in any case.
type method struct {
	name string
	run  func(*Server, *call) (any, *apiError)
}

// call is one request of a known bot.
type call struct {
	ctx    context.Context
	bot    *bot
	params params
}

func methodTable() map[string]method {
	table := map[string]method{}
	for _, m := range []method{
		{"getMe", (*Server).getMe},
		{"logOut", (*Server).logOut},
		{"close", (*Server).closeBot},
		{"getUpdates", (*Server).getUpdates},
		{"setWebhook", (*Server).setWebhook},
		{"deleteWebhook", (*Server).deleteWebhook},
		{"getWebhookInfo", (*Server).getWebhookInfo},
		{"getChat", (*Server).getChat},
		{"getChatMember", (*Server).getChatMember},
		{"getChatMemberCount", (*Server).getChatMemberCount},
		{"getChatAdministrators", (*Server).getChatAdministrators},
		{"leaveChat", (*Server).leaveChat},
		{"sendMessage", (*Server).sendMessage},
		{"sendPhoto", sendFile("photo")},
		{"sendDocument", sendFile("document")},
		{"sendVideo", sendFile("video")},
		{"sendAnimation", sendFile("animation")},
		{"sendAudio", sendFile("audio")},
		{"sendVoice", sendFile("voice")},
		{"sendMediaGroup", (*Server).sendMediaGroup},
		{"sendChatAction", (*Server).sendChatAction},
		{"sendPoll", (*Server).sendPoll},
		{"stopPoll", (*Server).stopPoll},
		{"copyMessage", (*Server).copyMessage},
		{"copyMessages", (*Server).copyMessages},
		{"forwardMessage", (*Server).forwardMessage},
		{"forwardMessages", (*Server).forwardMessages},
		{"editMessageText", (*Server).editMessageText},
		{"editMessageCaption", (*Server).editMessageCaption},
		{"editMessageMedia", (*Server).editMessageMedia},
		{"editMessageReplyMarkup", (*Server).editMessageReplyMarkup},
		{"deleteMessage", (*Server).deleteMessage},
		{"deleteMessages", (*Server).deleteMessages},
		{"pinChatMessage", (*Server).pinChatMessage},
		{"unpinChatMessage", (*Server).unpinChatMessage},
		{"unpinAllChatMessages", (*Server).unpinAllChatMessages},
		{"setMessageReaction", (*Server).setMessageReaction},
		{"getFile", (*Server).getFile},
		{"answerCallbackQuery", (*Server).answerCallbackQuery},
		{"setMyCommands", (*Server).setMyCommands},
		{"getMyCommands", (*Server).getMyCommands},
		{"deleteMyCommands", (*Server).deleteMyCommands},
		{"setMyName", setText("name", 64)},
		{"getMyName", getText("name")},
		{"setMyDescription", setText("description", 512)},
		{"getMyDescription", getText("description")},
		{"setMyShortDescription", setText("short_description", 120)},
		{"getMyShortDescription", getText("short_description")},
		{"setChatMenuButton", (*Server).setChatMenuButton},
		{"getChatMenuButton", (*Server).getChatMenuButton},
	} {
		table[strings.ToLower(m.name)] = m
	}
	return table
}

// Methods are the methods of the Bot API that the simulator knows, in order.
func Methods() []string {
	var out []string
	for _, m := range methodTable() {
		out = append(out, m.name)
	}
	slices.Sort(out)
	return out
}

func (s *Server) getMe(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return wireMe{wireUser: c.bot.user, CanJoinGroups: true, CanReadAllGroupMessages: c.bot.spec.ReadsAll}, nil
}

const (
	conflictText = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
	webhookText  = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)

func (s *Server) getUpdates(c *call) (any, *apiError) {
	limit := int(min(max(c.params.number("limit", 100), 1), 100))
	wait := time.Duration(min(max(c.params.number("timeout", 0), 0), 50)) * time.Second
	s.mu.Lock()
	defer s.mu.Unlock()
	b := c.bot
	if b.hook != nil {
		return nil, &apiError{code: 409, description: webhookText}
	}
	if b.poll != nil {
		close(b.poll)
	}
	mine := make(chan struct{})
	b.poll = mine
	close(b.polled)
	b.polled = make(chan struct{})
	defer func() {
		if b.poll == mine {
			b.poll = nil
		}
	}()
	if err := b.allow(c.params); err != nil {
		return nil, err
	}
	b.confirm(c.params.number("offset", 0), s.now())
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for len(b.queue) == 0 && wait > 0 {
		wake, ripe := b.wake, time.NewTimer(s.untilRipe())
		s.mu.Unlock()
		reason := s.waitForUpdate(c.ctx, timer.C, ripe.C, wake, mine)
		ripe.Stop()
		s.mu.Lock()
		s.ripen()
		switch reason {
		case pollConflict:
			return nil, &apiError{code: 409, description: conflictText}
		case pollOver:
			return b.take(limit), nil
		}
	}
	return b.take(limit), nil
}

type pollEnd int

const (
	pollWoken pollEnd = iota
	pollConflict
	pollOver
)

func (s *Server) waitForUpdate(ctx context.Context, timer, ripe <-chan time.Time, wake, mine <-chan struct{}) pollEnd {
	select {
	case <-mine:
		return pollConflict
	case <-wake:
		return pollWoken
	case <-ripe:
		return pollWoken
	case <-timer:
	case <-ctx.Done():
	case <-s.done:
	}
	return pollOver
}

// allow remembers allowed_updates; an absent parameter leaves the old list.
func (b *bot) allow(p params) *apiError {
	raw, given := p.values["allowed_updates"]
	if !given || raw == "" {
		return nil
	}
	var list []string
	if err := json.Unmarshal([]byte(raw), &list); err != nil {
		return badRequest("can't parse allowed updates: expected an Array of String")
	}
	b.allowed = list
	return nil
}

func (s *Server) getChat(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	target, err := s.target(c, "chat_id")
	if err != nil {
		return nil, err
	}
	status := target.status(c.bot.spec.ID)
	if status == statusKicked {
		return nil, forbidden("bot was kicked from the " + chatWord(target))
	}
	if status == statusLeft && target.wire.Username == "" && target.wire.Type != typePrivate {
		return nil, badRequest("chat not found")
	}
	return wireFullChat{
		wireChat: target.wire, MaxReactionCount: 11, LinkedChatID: target.linked,
		HasVisibleHistory: target.wire.Type == typeSupergroup,
		AcceptedGiftTypes: wireGiftTypes{GiftsFromChannels: target.wire.Type == typePrivate},
	}, nil
}

func (s *Server) getChatMember(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	target, err := s.readable(c)
	if err != nil {
		return nil, err
	}
	u := s.users[c.params.number("user_id", 0)]
	if u == nil {
		return nil, badRequest("invalid user_id specified")
	}
	status := target.status(u.ID)
	if target.wire.Type == typePrivate {
		status = statusMember
	}
	// Whoever wrote into a group is taken for its member.
	if !u.IsBot && status == statusLeft && target.isGroup() {
		status = statusMember
	}
	return renderMember(target, *u, status), nil
}

func (s *Server) getChatAdministrators(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	target, err := s.readable(c)
	if err != nil {
		return nil, err
	}
	all := c.params.flag("return_bots", false)
	out := []wireMember{}
	for _, b := range s.bots {
		if target.status(b.spec.ID) == statusAdministrator && (all || b == c.bot) {
			out = append(out, renderMember(target, b.user, statusAdministrator))
		}
	}
	for _, id := range s.userIDs {
		if target.status(id) == statusAdministrator {
			out = append(out, renderMember(target, *s.users[id], statusAdministrator))
		}
	}
	return out, nil
}

// readable is the target chat if the bot may look at its members.
func (s *Server) readable(c *call) (*chat, *apiError) {
	target, err := s.target(c, "chat_id")
	if err != nil {
		return nil, err
	}
	if target.wire.Type == typePrivate {
		return target, nil
	}
	switch status := target.status(c.bot.spec.ID); {
	case status == statusKicked:
		return nil, forbidden("bot was kicked from the " + chatWord(target))
	case status == statusLeft:
		return nil, forbidden("bot is not a member of the " + chatWord(target))
	case target.wire.Type == typeChannel && status != statusAdministrator:
		return nil, badRequest("need administrator rights in the channel chat")
	}
	return target, nil
}

// target is the chat that a parameter names.
func (s *Server) target(c *call, param string) (*chat, *apiError) {
	name := strings.TrimSpace(c.params.values[param])
	if name == "" {
		return nil, badRequest(param + " is empty")
	}
	if strings.HasPrefix(name, "@") {
		if found := s.chatByUsername(name); found != nil {
			return found, nil
		}
		return nil, badRequest("chat not found")
	}
	id, err := strconv.ParseInt(name, 10, 64)
	if err != nil {
		return nil, badRequest("chat not found")
	}
	if to := s.migrated[id]; to != 0 {
		return nil, &apiError{
			code: 400, migrateTo: to,
			description: "Bad Request: group chat was upgraded to a supergroup chat",
		}
	}
	if found := s.chats[id]; found != nil {
		return found, nil
	}
	if found := c.bot.private[id]; found != nil {
		return found, nil
	}
	if s.users[id] != nil {
		return nil, forbidden("bot can't initiate conversation with a user")
	}
	return nil, badRequest("chat not found")
}

func chatWord(c *chat) string { return c.wire.Type + " chat" }
