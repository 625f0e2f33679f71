package telegram

import (
	"strconv"
	"strings"
)

// ChatName reads what people paste for a chat — a name with or without the @, a
// link to it or to a post in it, a number — and returns the one form by which
// the Bot API knows it: "@name" in small letters, since Telegram does not tell
// them apart, or the number. It is not ok for anything else, such as a link
// that invites into a chat.
func ChatName(text string) (name string, ok bool) {
	text = strings.TrimSpace(text)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return strconv.FormatInt(n, 10), n != 0
	}
	text = strings.ToLower(text)
	for _, prefix := range []string{"https://", "http://", "www.", "t.me/", "telegram.me/", "s/"} {
		text = strings.TrimPrefix(text, prefix)
	}
	if private, is := strings.CutPrefix(text, "c/"); is {
		number, _, _ := strings.Cut(private, "/")
		_, err := strconv.ParseUint(number, 10, 63)
		return "-100" + number, err == nil
	}
	text = strings.TrimPrefix(text, "@")
	if end := strings.IndexAny(text, "/?#"); end >= 0 {
		text = text[:end]
	}
	strange := strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789_") != ""
	return "@" + text, text != "" && !strange
}
