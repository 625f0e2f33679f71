package telegram

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"

	"otklik/internal/errs"
)

const (
	maxCallbackData = 64  // bytes
	maxRowButtons   = 8   // of an inline keyboard
	maxButtons      = 100 // of an inline keyboard
	maxAlert        = 200 // characters of an answer to a callback query
	// callbackLives is how long a callback query can be answered.
	callbackLives = 15 * 60 // seconds
)

// rawButton is an InlineKeyboardButton or a KeyboardButton as far as this world
// knows them; a KeyboardButton may be a bare string.
type rawButton struct {
	Text         string  `json:"text"`
	URL          string  `json:"url"`
	CallbackData *string `json:"callback_data"`
}

// keyboard reads reply_markup; nil means that there is none.
func (p params) keyboard() (*keyboard, *apiError) {
	raw := p.values["reply_markup"]
	if raw == "" {
		return nil, nil
	}
	var object map[string]json.RawMessage
	if json.Unmarshal([]byte(raw), &object) != nil {
		return nil, badRequest("can't parse reply keyboard markup JSON object")
	}
	for _, kind := range []string{"inline_keyboard", "keyboard", "remove_keyboard", "force_reply"} {
		if object[kind] == nil {
			continue
		}
		k := &keyboard{kind: kind}
		if kind == "remove_keyboard" || kind == "force_reply" {
			return k, nil
		}
		if err := k.read(object[kind]); err != nil {
			return nil, err
		}
		return k, nil
	}
	return nil, badRequest("object expected as reply markup")
}

func (k *keyboard) read(raw json.RawMessage) *apiError {
	var rows [][]json.RawMessage
	if json.Unmarshal(raw, &rows) != nil {
		return badRequest("can't parse reply keyboard markup JSON object")
	}
	total := 0
	kept := [][]json.RawMessage{}
	for _, row := range rows {
		var buttons []button
		for _, item := range row {
			b, err := k.readButton(item)
			if err != nil {
				return err
			}
			buttons = append(buttons, b)
		}
		if total += len(buttons); len(buttons) > 0 {
			k.buttons = append(k.buttons, buttons)
			kept = append(kept, row)
		}
		if k.inline() && (len(buttons) > maxRowButtons || total > maxButtons) {
			return badRequest("REPLY_MARKUP_TOO_LONG")
		}
	}
	var compact bytes.Buffer
	if json.Compact(&compact, mustJSON(kept)) == nil {
		k.raw = mustJSON(map[string]json.RawMessage{k.kind: compact.Bytes()})
	}
	return nil
}

func (k *keyboard) readButton(raw json.RawMessage) (button, *apiError) {
	var b rawButton
	if !k.inline() && json.Unmarshal(raw, &b.Text) == nil {
		return button{Text: b.Text}, nil
	}
	if json.Unmarshal(raw, &b) != nil || b.Text == "" {
		return button{}, badRequest("can't parse inline keyboard button: field \"text\" must be of type String")
	}
	if !k.inline() {
		return button{Text: b.Text}, nil
	}
	out := button{Text: b.Text, URL: b.URL}
	if b.CallbackData != nil {
		out.Data = *b.CallbackData
		if n := len(out.Data); n == 0 || n > maxCallbackData {
			return out, badRequest("BUTTON_DATA_INVALID")
		}
	}
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(raw, &fields)
	delete(fields, "text")
	delete(fields, "style")
	delete(fields, "icon_custom_emoji_id")
	if len(fields) != 1 {
		return out, badRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
	}
	return out, nil
}

// callback is a callback query that waits for its answer.
type callback struct {
	at     int64 // Unix time
	answer string
	alert  bool
	done   bool
}

// Press is a citizen pressing the button with the given data under a message
// of a bot; it returns the id of the callback query.
func (s *Server) Press(chatID, messageID, userID int64, data string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m, u, err := s.reach(chatID, messageID, userID)
	if err != nil {
		return "", err
	}
	b := s.botByID(m.bot)
	if b == nil || m.markup == nil || !m.markup.has(data) {
		return "", errs.New(errs.NotFound, "Под этим сообщением нет такой кнопки.")
	}
	s.nextID++
	id := strconv.FormatInt(4_000_000_000_000_000+s.nextID, 10)
	if b.callbacks == nil {
		b.callbacks = map[string]*callback{}
	}
	b.callbacks[id] = &callback{at: s.now().Unix()}
	s.push(b, "callback_query", mustJSON(wireCallbackQuery{
		ID: id, From: u, Message: c.render(m), ChatInstance: strconv.FormatInt(7_000_000_000-c.wire.ID, 10), Data: data,
	}))
	return id, nil
}

func (k *keyboard) has(data string) bool {
	return k.inline() && slices.ContainsFunc(k.buttons, func(row []button) bool {
		return slices.ContainsFunc(row, func(b button) bool { return b.Data == data && data != "" })
	})
}

func (s *Server) answerCallbackQuery(c *call) (any, *apiError) {
	text := c.params.values["text"]
	if utf16Len(text) > maxAlert {
		return nil, badRequest("MESSAGE_TOO_LONG")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q := c.bot.callbacks[c.params.values["callback_query_id"]]
	if q == nil || q.done || s.now().Unix()-q.at > callbackLives {
		return nil, badRequest("query is too old and response timeout expired or query ID is invalid")
	}
	q.done, q.answer, q.alert = true, text, c.params.flag("show_alert", false)
	return true, nil
}

// CallbackAnswer is what the bot showed to the citizen who pressed a button;
// done is false while it has not answered.
func (s *Server) CallbackAnswer(botID int64, queryID string) (text string, done bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.botByID(botID); b != nil && b.callbacks[queryID] != nil {
		return b.callbacks[queryID].answer, b.callbacks[queryID].done
	}
	return "", false
}
