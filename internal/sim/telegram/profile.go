package telegram

import (
	"encoding/json"
	"net/http"
	"time"
	"unicode/utf8"
)

// profile is what a bot says of itself.
type profile struct {
	commands map[string]json.RawMessage // by scope and language
	texts    map[string]string          // by field and language
	menu     map[string]json.RawMessage // by chat
}

const (
	maxCommands  = 100
	loggedOutFor = 10 * time.Minute
	defaultMenu  = `{"type":"commands"}`
	noCommands   = `[]`
)

// awake refuses the calls of a bot that has just logged out.
func (s *Server) awake(b *bot) *apiError {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now().Before(b.loggedOut) {
		return &apiError{code: http.StatusBadRequest, description: "Logged out"}
	}
	return nil
}

func (s *Server) logOut(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.bot.loggedOut = s.now().Add(loggedOutFor)
	return true, nil
}

// closeBot is the method close; of a bot without a webhook nothing is open.
func (s *Server) closeBot(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.bot.hook != nil {
		return nil, &apiError{code: http.StatusTooManyRequests, description: "Too Many Requests: retry after 600", retryAfter: 600}
	}
	return true, nil
}

// setText makes the method that sets one text of the profile.
func setText(field string, limit int) func(*Server, *call) (any, *apiError) {
	return func(s *Server, c *call) (any, *apiError) {
		text := c.params.values[field]
		if utf8.RuneCountInString(text) > limit {
			return nil, badRequest("bot " + field + " is too long")
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if c.bot.profile.texts == nil {
			c.bot.profile.texts = map[string]string{}
		}
		c.bot.profile.texts[field+" "+c.params.values["language_code"]] = text
		if field == "name" && c.params.values["language_code"] == "" && text != "" {
			c.bot.user.FirstName = text
		}
		return true, nil
	}
}

// getText makes the method that reads one text of the profile.
func getText(field string) func(*Server, *call) (any, *apiError) {
	return func(s *Server, c *call) (any, *apiError) {
		s.mu.Lock()
		defer s.mu.Unlock()
		text := c.bot.profile.texts[field+" "+c.params.values["language_code"]]
		if text == "" {
			text = c.bot.profile.texts[field+" "]
		}
		if text == "" && field == "name" {
			text = c.bot.user.FirstName
		}
		return map[string]string{field: text}, nil
	}
}

func (c *call) commandScope() string {
	return or(c.params.values["scope"], `{"type":"default"}`) + " " + c.params.values["language_code"]
}

func (s *Server) setMyCommands(c *call) (any, *apiError) {
	raw := json.RawMessage(c.params.values["commands"])
	var list []struct{ Command, Description string }
	if err := json.Unmarshal(raw, &list); err != nil || len(list) > maxCommands {
		return nil, badRequest("can't parse BotCommand: expected an Array of BotCommand")
	}
	for _, command := range list {
		if !validCommand(command.Command) {
			return nil, badRequest("BOT_COMMAND_INVALID")
		}
		if n := utf8.RuneCountInString(command.Description); n == 0 || n > 256 {
			return nil, badRequest("BOT_COMMAND_DESCRIPTION_INVALID")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.bot.profile.commands == nil {
		c.bot.profile.commands = map[string]json.RawMessage{}
	}
	c.bot.profile.commands[c.commandScope()] = raw
	return true, nil
}

func validCommand(name string) bool {
	if len(name) < 1 || len(name) > 32 {
		return false
	}
	for _, r := range name {
		if r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return true
}

func (s *Server) getMyCommands(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if raw := c.bot.profile.commands[c.commandScope()]; raw != nil {
		return raw, nil
	}
	return json.RawMessage(noCommands), nil
}

func (s *Server) deleteMyCommands(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(c.bot.profile.commands, c.commandScope())
	return true, nil
}

func (s *Server) setChatMenuButton(c *call) (any, *apiError) {
	raw := json.RawMessage(or(c.params.values["menu_button"], `{"type":"default"}`))
	var button struct{ Type, Text string }
	if json.Unmarshal(raw, &button) != nil {
		return nil, badRequest("can't parse menu button JSON object")
	}
	switch button.Type {
	case "default", "commands", "web_app":
	default:
		return nil, badRequest("MenuButton has unsupported type")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.bot.profile.menu == nil {
		c.bot.profile.menu = map[string]json.RawMessage{}
	}
	c.bot.profile.menu[c.params.values["chat_id"]] = raw
	return true, nil
}

func (s *Server) getChatMenuButton(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if raw := c.bot.profile.menu[c.params.values["chat_id"]]; raw != nil {
		return raw, nil
	}
	return json.RawMessage(defaultMenu), nil
}
