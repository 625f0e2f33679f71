package telegram

import (
	"fmt"
	"strconv"
	"strings"
)

// builder grows a text and knows its length as Telegram counts it.
type builder struct {
	strings.Builder
	units int
}

func (b *builder) add(s string) {
	b.WriteString(s)
	b.units += utf16Len(s)
}

// openTag is an element or a mark that has not been closed yet.
type openTag struct {
	name   string
	entity wireEntity
	at     int // in bytes of the source
}

func parseError(format string, args ...any) *apiError {
	return badRequest("can't parse entities: " + fmt.Sprintf(format, args...))
}

// parseHTML reads the HTML style of the Bot API.
func parseHTML(src string) (formatted, *apiError) {
	var out builder
	var open []openTag
	var found []wireEntity
	for i := 0; i < len(src); {
		switch src[i] {
		case '&':
			text, n := htmlEntity(src[i:])
			out.add(text)
			i += n
		case '<':
			end := strings.IndexByte(src[i:], '>')
			if end < 0 {
				return formatted{}, parseError("Unclosed start tag at byte offset %d", i)
			}
			tag := src[i+1 : i+end]
			if name, closing := strings.CutPrefix(tag, "/"); closing {
				if len(open) == 0 {
					return formatted{}, parseError("Unexpected end tag at byte offset %d", i)
				}
				last := open[len(open)-1]
				if name = strings.ToLower(strings.TrimSpace(name)); name != "" && name != last.name {
					return formatted{}, parseError("Unmatched end tag at byte offset %d, expected \"</%s>\", found \"</%s>\"", i, last.name, name)
				}
				open = open[:len(open)-1]
				found = closeTag(found, open, last, out.units)
			} else {
				t, err := htmlTag(tag, i)
				if err != nil {
					return formatted{}, err
				}
				t.entity.Offset = out.units
				open = append(open, t)
			}
			i += end + 1
		default:
			n := strings.IndexAny(src[i:], "&<")
			if n < 0 {
				n = len(src) - i
			}
			out.add(src[i : i+n])
			i += n
		}
	}
	if len(open) > 0 {
		return formatted{}, parseError("Can't find end tag corresponding to start tag %q", open[len(open)-1].name)
	}
	return formatted{out.String(), found}, nil
}

// closeTag adds the entity, unless it is empty; a language inside <pre> goes to
// the block around it.
func closeTag(found []wireEntity, open []openTag, t openTag, units int) []wireEntity {
	t.entity.Length = units - t.entity.Offset
	if t.entity.Type == "code" && t.entity.Language != "" {
		if n := len(open); n > 0 && open[n-1].entity.Type == "pre" {
			open[n-1].entity.Language = t.entity.Language
			return found
		}
		t.entity.Language = ""
	}
	if t.entity.Length <= 0 || t.entity.Type == "" {
		return found
	}
	return append(found, t.entity)
}

func htmlTag(tag string, at int) (openTag, *apiError) {
	name, rest, _ := strings.Cut(strings.TrimSpace(tag), " ")
	t := openTag{name: strings.ToLower(name), at: at}
	attribute := func(key string) string {
		_, value, ok := strings.Cut(rest, key+"=")
		if !ok {
			return ""
		}
		value = strings.TrimSpace(value)
		if value != "" && (value[0] == '"' || value[0] == '\'') {
			value, _, _ = strings.Cut(value[1:], value[:1])
		} else {
			value, _, _ = strings.Cut(value, " ")
		}
		return unescapeHTML(value)
	}
	switch t.name {
	case "b", "strong":
		t.entity.Type = "bold"
	case "i", "em":
		t.entity.Type = "italic"
	case "u", "ins":
		t.entity.Type = "underline"
	case "s", "strike", "del":
		t.entity.Type = "strikethrough"
	case "tg-spoiler":
		t.entity.Type = "spoiler"
	case "span":
		if attribute("class") != "tg-spoiler" {
			return t, parseError("Tag \"span\" must have class \"tg-spoiler\" at byte offset %d", at)
		}
		t.entity.Type = "spoiler"
	case "a":
		// A link without a proper address is plain text.
		if href := attribute("href"); strings.Contains(href, "://") {
			t.entity.Type, t.entity.URL = "text_link", href
		}
	case "tg-emoji":
		t.entity.Type, t.entity.CustomEmojiID = "custom_emoji", attribute("emoji-id")
	case "code":
		t.entity.Type = "code"
		t.entity.Language = strings.TrimPrefix(attribute("class"), "language-")
	case "pre":
		t.entity.Type = "pre"
	case "blockquote":
		t.entity.Type = "blockquote"
		if strings.Contains(rest, "expandable") {
			t.entity.Type = "expandable_blockquote"
		}
	default:
		return t, parseError("Unsupported start tag %q at byte offset %d", t.name, at)
	}
	return t, nil
}

// htmlEntity decodes one of the few entities that the Bot API knows, at the
// start of s, and says how many bytes it took.
func htmlEntity(s string) (string, int) {
	end := strings.IndexByte(s, ';')
	if end < 0 || end > 10 {
		return s[:1], 1
	}
	switch name := s[1:end]; name {
	case "lt":
		return "<", end + 1
	case "gt":
		return ">", end + 1
	case "amp":
		return "&", end + 1
	case "quot":
		return `"`, end + 1
	default:
		digits, base := strings.TrimPrefix(name, "#"), 10
		if digits == name {
			return s[:1], 1
		}
		if hex, ok := strings.CutPrefix(digits, "x"); ok {
			digits, base = hex, 16
		}
		if n, err := strconv.ParseInt(digits, base, 32); err == nil && n > 0 && n <= 0x10FFFF {
			return string(rune(n)), end + 1
		}
		return s[:1], 1
	}
}

func unescapeHTML(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); {
		if s[i] != '&' {
			out.WriteByte(s[i])
			i++
			continue
		}
		text, n := htmlEntity(s[i:])
		out.WriteString(text)
		i += n
	}
	return out.String()
}
