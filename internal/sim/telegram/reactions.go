package telegram

import (
	"slices"
	"strings"
	"time"

	"otklik/internal/errs"
)

// reactionEmoji are those that everyone may use (ReactionTypeEmoji.emoji).
func reactionEmoji() []string {
	return strings.Fields("❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 " +
		"💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 " +
		"🤷‍♂ 🤷 🤷‍♀ 😡")
}

func (s *Server) setMessageReaction(c *call) (any, *apiError) {
	var list []wireReaction
	if !c.params.list("reaction", &list) {
		return nil, badRequest("can't parse reaction types JSON object")
	}
	// Bots set one reaction at most.
	if len(list) > 1 {
		return nil, badRequest("REACTIONS_TOO_MANY")
	}
	emoji := ""
	if len(list) == 1 {
		if emoji = list[0].Emoji; list[0].Type != "emoji" || !slices.Contains(reactionEmoji(), emoji) {
			return nil, badRequest("REACTION_INVALID")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	target, err := s.writable(c)
	if err != nil {
		return nil, err
	}
	m := target.live(c.params.number("message_id", 0))
	if m == nil {
		return nil, badRequest("message to react not found")
	}
	// No one is told of a bot's reaction.
	m.react(c.bot.spec.ID, emoji)
	return true, nil
}

// react sets the reaction of one who reads the message and returns the earlier one.
func (m *message) react(who int64, emoji string) string {
	before := m.reactions[who]
	if m.reactions == nil {
		m.reactions = map[int64]string{}
	}
	if emoji == "" {
		delete(m.reactions, who)
	} else {
		m.reactions[who] = emoji
	}
	return before
}

// React sets a citizen's reaction to a message; an empty emoji takes it back.
// Bots that are administrators and asked for it are told: in a group who
// reacted, in a channel only how many, grouped and late.
func (s *Server) React(chatID, messageID, userID int64, emoji string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if emoji != "" && !slices.Contains(reactionEmoji(), emoji) {
		return errs.New(errs.Invalid, "Такой реакции в Telegram нет.")
	}
	c, m, u, err := s.reach(chatID, messageID, userID)
	if err != nil {
		return err
	}
	before := m.react(userID, emoji)
	switch {
	case before == emoji:
		return nil
	case c.wire.Type == typeChannel:
		s.tellCounts(c, m)
		return nil
	}
	payload := mustJSON(wireReactionUpdated{
		Chat: c.wire, MessageID: m.id, User: u, Date: s.now().Unix(),
		OldReaction: reactionList(before), NewReaction: reactionList(emoji),
	})
	for _, b := range s.bots {
		// In a private chat a bot is its own administrator.
		if c.status(b.spec.ID) == statusAdministrator || b.private[userID] == c {
			s.push(b, "message_reaction", payload)
		}
	}
	return nil
}

func reactionList(emoji string) []wireReaction {
	if emoji == "" {
		return []wireReaction{}
	}
	return []wireReaction{{"emoji", emoji}}
}

// tellCounts tells the administrators of a channel how often each reaction was
// set, once for all that are set within the delay.
func (s *Server) tellCounts(c *chat, m *message) {
	if m.counting {
		return
	}
	tell := func() {
		m.counting = false
		payload := mustJSON(wireReactionCounts{Chat: c.wire, MessageID: m.id, Date: s.now().Unix(), Reactions: m.counts()})
		for _, b := range s.bots {
			if c.status(b.spec.ID) == statusAdministrator {
				s.push(b, "message_reaction_count", payload)
			}
		}
	}
	delay := time.Duration(s.switches.ReactionDelay) * time.Millisecond
	if delay <= 0 {
		tell()
		return
	}
	m.counting = true
	s.plan(s.clock().Add(delay), tell)
}

// counts are the reactions on a message, the most frequent first.
func (m *message) counts() []wireReactionCount {
	by := map[string]int{}
	for _, emoji := range m.reactions {
		by[emoji]++
	}
	out := []wireReactionCount{}
	for _, emoji := range reactionEmoji() {
		if n := by[emoji]; n > 0 {
			out = append(out, wireReactionCount{wireReaction{"emoji", emoji}, n})
		}
	}
	slices.SortStableFunc(out, func(a, b wireReactionCount) int { return b.TotalCount - a.TotalCount })
	return out
}
