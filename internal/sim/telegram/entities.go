package telegram

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

const (
	maxText    = 4096
	maxCaption = 1024
)

// formatted is a text with what stands in it.
type formatted struct {
	text     string
	entities []wireEntity
}

// formattedText reads text with its parse_mode or its list of entities.
func (p params) formattedText() (formatted, *apiError) {
	f, err := formatted{text: p.values["text"]}.parse(p.values["parse_mode"], p.values["entities"])
	switch n := utf16Len(f.text); {
	case err != nil:
		return f, err
	case n == 0:
		return f, badRequest("message text is empty")
	case n > maxText:
		return f, badRequest("message is too long")
	}
	return f, nil
}

// formattedCaption reads caption with its parse_mode or its list of entities.
func (p params) formattedCaption() (formatted, *apiError) {
	return caption{p.values["caption"], p.values["parse_mode"], p.values["caption_entities"]}.parse()
}

// caption is what is said about a file.
type caption struct{ text, mode, entities string }

func (c caption) parse() (formatted, *apiError) {
	f, err := formatted{text: c.text}.parse(c.mode, c.entities)
	if err == nil && utf16Len(f.text) > maxCaption {
		return f, badRequest("message caption is too long")
	}
	return f, err
}

// parse applies a parse mode, or takes the list of entities, then finds what
// Telegram finds by itself.
func (f formatted) parse(mode, list string) (formatted, *apiError) {
	var err *apiError
	switch strings.ToLower(mode) {
	case "":
		if list != "" {
			if json.Unmarshal([]byte(list), &f.entities) != nil {
				return f, badRequest("can't parse entities: expected an Array of MessageEntity")
			}
			if err := f.check(); err != nil {
				return f, err
			}
		}
	case "html":
		f, err = parseHTML(f.text)
	case "markdownv2":
		f, err = parseMarkdown(f.text)
	default:
		return f, badRequest("unsupported parse_mode")
	}
	if err != nil {
		return f, err
	}
	f.trim()
	f.detect()
	return f, nil
}

// check refuses entities of unknown types; those out of the text are cut, as
// the network cuts them.
func (f *formatted) check() *apiError {
	length := utf16Len(f.text)
	kept := f.entities[:0]
	for _, e := range f.entities {
		if !slices.Contains(entityTypes(), e.Type) {
			return badRequest(fmt.Sprintf("can't parse MessageEntity: unsupported type %q", e.Type))
		}
		if e.Offset < 0 || e.Length <= 0 || e.Offset >= length {
			continue
		}
		e.Length = min(e.Length, length-e.Offset)
		kept = append(kept, e)
	}
	f.entities = kept
	return nil
}

func entityTypes() []string {
	return []string{
		"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bold", "italic",
		"underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre",
		"text_link", "text_mention", "custom_emoji", "date_time",
	}
}

// trim takes the blanks off both ends, which the network does.
func (f *formatted) trim() {
	left := strings.TrimLeftFunc(f.text, unicode.IsSpace)
	shift := utf16Len(f.text) - utf16Len(left)
	f.text = strings.TrimRightFunc(left, unicode.IsSpace)
	length := utf16Len(f.text)
	kept := f.entities[:0]
	for _, e := range f.entities {
		end := min(e.Offset+e.Length-shift, length)
		e.Offset = max(e.Offset-shift, 0)
		if e.Length = end - e.Offset; e.Length > 0 {
			kept = append(kept, e)
		}
	}
	f.entities = kept
}

// detect adds commands, mentions, hashtags and links that stand in the text.
func (f *formatted) detect() {
	offset := 0
	for _, word := range strings.Fields(f.text) {
		at := strings.Index(f.text[offset:], word)
		start := offset + at
		offset = start + len(word)
		word = strings.TrimLeft(word, `(«"'[`)
		start = offset - len(word)
		word = strings.TrimRight(word, `.,;:!?)»"'…]`)
		kind := wordType(word)
		if kind == "" {
			continue
		}
		e := wireEntity{Type: kind, Offset: utf16Len(f.text[:start]), Length: utf16Len(word)}
		if !f.covered(e) {
			f.entities = append(f.entities, e)
		}
	}
	slices.SortStableFunc(f.entities, func(a, b wireEntity) int {
		if a.Offset != b.Offset {
			return a.Offset - b.Offset
		}
		return b.Length - a.Length
	})
}

func (f *formatted) covered(e wireEntity) bool {
	for _, x := range f.entities {
		literal := x.Type == "code" || x.Type == "pre" || x.Type == "text_link" || x.Type == e.Type
		if literal && x.Offset < e.Offset+e.Length && e.Offset < x.Offset+x.Length {
			return true
		}
	}
	return false
}

func wordType(word string) string {
	ascii := func(s string, extra string) bool {
		return s != "" && strings.IndexFunc(s, func(r rune) bool {
			return (r > unicode.MaxASCII || (!unicode.IsLetter(r) && !unicode.IsDigit(r))) && !strings.ContainsRune(extra, r)
		}) < 0
	}
	switch {
	case strings.HasPrefix(word, "/") && ascii(word[1:], "_@") && len(word) <= 65:
		return "bot_command"
	case strings.HasPrefix(word, "@") && validUsername(word[1:]):
		return "mention"
	case strings.HasPrefix(word, "#") && strings.IndexFunc(word[1:], unicode.IsLetter) >= 0 &&
		strings.IndexFunc(word[1:], func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) < 0:
		return "hashtag"
	case (strings.HasPrefix(word, "https://") || strings.HasPrefix(word, "http://")) && strings.Contains(word, "."):
		return "url"
	}
	name, host, at := strings.Cut(word, "@")
	if at && ascii(name, "._-+") && ascii(host, ".-") && strings.Contains(strings.Trim(host, "."), ".") {
		return "email"
	}
	return ""
}

// utf16Len is the length as Telegram counts it.
func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		if n++; r > 0xFFFF {
			n++
		}
	}
	return n
}
