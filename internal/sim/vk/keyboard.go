package vk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"
)

// The bounds of keyboards, as dev.vk.com/en/api/bots/development/keyboard gives
// them.
const (
	maxButtonLabel   = 40
	maxButtonPayload = 255
)

type keyboard struct {
	OneTime bool       `json:"one_time"`
	Inline  bool       `json:"inline"`
	Buttons [][]button `json:"buttons"`
}

type button struct {
	Action action `json:"action"`
	Color  string `json:"color"`
}

type action struct {
	Type    string          `json:"type"`
	Label   string          `json:"label"`
	Payload json.RawMessage `json:"payload"`
	Link    string          `json:"link"`
	AppID   int             `json:"app_id"`
	OwnerID int             `json:"owner_id"`
	Hash    string          `json:"hash"`
}

// payload is the button's payload as JSON. It may have come as a string that
// holds JSON, or as JSON itself.
func (a action) payload() string {
	var text string
	if json.Unmarshal(a.Payload, &text) == nil {
		return text
	}
	return string(a.Payload)
}

func badKeyboard(why string) *apiError {
	return &apiError{911, "Keyboard format is invalid: " + why}
}

// readKeyboard decodes a keyboard and holds it against the network's bounds:
// 5 by 10 with at most 40 buttons, inline 5 by 6 with at most 10.
func readKeyboard(raw string) (keyboard, *apiError) {
	var k keyboard
	d := json.NewDecoder(bytes.NewReader([]byte(raw)))
	if d.Decode(&k) != nil {
		return k, badKeyboard("not JSON of the right form")
	}
	if k.Buttons == nil {
		return k, badKeyboard("buttons is required")
	}
	rows, columns, all := 10, 5, 40
	if k.Inline {
		rows, all = 6, 10
		if k.OneTime {
			return k, badKeyboard("an inline keyboard cannot be one_time")
		}
	}
	if len(k.Buttons) > rows {
		return k, badKeyboard(fmt.Sprintf("more than %d rows", rows))
	}
	n := 0
	for _, row := range k.Buttons {
		if n += len(row); len(row) == 0 || len(row) > columns || n > all {
			return k, badKeyboard("too many buttons, or an empty row")
		}
		for _, b := range row {
			if failure := b.check(); failure != nil {
				return k, failure
			}
		}
	}
	return k, nil
}

func (b button) check() *apiError {
	a := b.Action
	labelled := slices.Contains([]string{"text", "callback", "open_link", "open_app"}, a.Type)
	bare := slices.Contains([]string{"location", "vkpay"}, a.Type)
	switch {
	case !labelled && !bare:
		return badKeyboard("unknown action type " + a.Type)
	case labelled && a.Label == "":
		return badKeyboard("a button lacks its label")
	case utf8.RuneCountInString(a.Label) > maxButtonLabel:
		return badKeyboard("a label is too long")
	case len([]rune(a.payload())) > maxButtonPayload:
		return badKeyboard("a payload is too long")
	case a.payload() != "" && !json.Valid([]byte(a.payload())):
		return badKeyboard("a payload is not JSON")
	case a.Type == "open_link" && a.Link == "":
		return badKeyboard("a link button lacks its link")
	case b.Color != "" && a.Type != "text" && a.Type != "callback":
		return badKeyboard("only text and callback buttons have a color")
	case b.Color != "" && !slices.Contains([]string{"primary", "secondary", "default", "negative", "positive"}, b.Color):
		return badKeyboard("unknown color " + b.Color)
	}
	return nil
}

// keyboardObject is a keyboard as messages show it: with its author, and with
// payloads as text.
func (s *Server) keyboardObject(groupID int, raw json.RawMessage) object {
	k, failure := readKeyboard(string(raw))
	if failure != nil {
		return nil
	}
	rows := []any{}
	for _, row := range k.Buttons {
		buttons := []object{}
		for _, b := range row {
			buttons = append(buttons, b.object())
		}
		rows = append(rows, buttons)
	}
	return object{"one_time": k.OneTime, "inline": k.Inline, "author_id": -groupID, "buttons": rows}
}

func (b button) object() object {
	a := object{"type": b.Action.Type}
	if b.Action.Label != "" {
		a["label"] = b.Action.Label
	}
	if p := b.Action.payload(); p != "" {
		a["payload"] = p
	}
	if b.Action.Link != "" {
		a["link"] = b.Action.Link
	}
	if b.Action.AppID != 0 {
		a["app_id"], a["owner_id"] = b.Action.AppID, b.Action.OwnerID
	}
	if b.Action.Hash != "" {
		a["hash"] = b.Action.Hash
	}
	o := object{"action": a}
	if b.Color == "secondary" {
		o["color"] = "default"
	} else if b.Color != "" {
		o["color"] = b.Color
	}
	return o
}
