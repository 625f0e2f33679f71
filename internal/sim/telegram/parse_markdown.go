package telegram

import "strings"

// reserved must be escaped in MarkdownV2 wherever they are not markup.
const reserved = "_*[]()~`>#+-=|{}.!"

// markdown reads the MarkdownV2 style of the Bot API.
type markdown struct {
	src   string
	i     int
	out   builder
	open  []openTag
	found []wireEntity
	quote int // where the block quotation began, in units; -1 outside one
}

func parseMarkdown(src string) (formatted, *apiError) {
	m := &markdown{src: src, quote: -1}
	for m.i < len(m.src) {
		if err := m.step(); err != nil {
			return formatted{}, err
		}
	}
	m.endQuote()
	if n := len(m.open); n > 0 {
		return formatted{}, parseError("Can't find end of %s entity at byte offset %d", entityTitle(m.open[n-1].entity.Type), m.open[n-1].at)
	}
	return formatted{m.out.String(), m.found}, nil
}

func entityTitle(kind string) string {
	switch kind {
	case "text_link":
		return "TextUrl"
	case "pre":
		return "Pre"
	}
	return strings.ToUpper(kind[:1]) + kind[1:]
}

// step reads one character or one mark.
func (m *markdown) step() *apiError {
	rest := m.src[m.i:]
	switch {
	case rest[0] == '\\' && len(rest) > 1 && rest[1] > 0 && rest[1] < 127:
		m.out.add(rest[1:2])
		m.i += 2
	case m.atLineStart() && rest[0] == '>':
		if m.quote < 0 {
			m.quote = m.out.units
		}
		m.i++
	case rest[0] == '\n':
		if m.quote >= 0 && !strings.HasPrefix(rest[1:], ">") {
			m.endQuote()
		}
		m.out.add("\n")
		m.i++
	case strings.HasPrefix(rest, "```"):
		return m.block(rest)
	case rest[0] == '`':
		return m.literal("code", "`", m.i+1)
	case strings.HasPrefix(rest, "__"):
		m.toggle("underline", "__")
	case strings.HasPrefix(rest, "||"):
		m.toggle("spoiler", "||")
	case rest[0] == '_':
		m.toggle("italic", "_")
	case rest[0] == '*':
		m.toggle("bold", "*")
	case rest[0] == '~':
		m.toggle("strikethrough", "~")
	case rest[0] == '[':
		m.open = append(m.open, openTag{"[", wireEntity{Type: "text_link", Offset: m.out.units}, m.i})
		m.i++
	case rest[0] == ']' && len(m.open) > 0 && m.open[len(m.open)-1].name == "[":
		return m.link(rest)
	case strings.IndexByte(reserved, rest[0]) >= 0:
		return parseError("Character '%c' is reserved and must be escaped with the preceding '\\'", rest[0])
	default:
		n := 1
		for n < len(rest) && rest[n] >= 0x80 && rest[n] < 0xC0 {
			n++
		}
		m.out.add(rest[:n])
		m.i += n
	}
	return nil
}

func (m *markdown) atLineStart() bool { return m.i == 0 || m.src[m.i-1] == '\n' }

func (m *markdown) endQuote() {
	if m.quote >= 0 && m.out.units > m.quote {
		m.found = append(m.found, wireEntity{Type: "blockquote", Offset: m.quote, Length: m.out.units - m.quote})
	}
	m.quote = -1
}

// toggle opens a mark or closes the one that is open.
func (m *markdown) toggle(kind, mark string) {
	n := len(m.open)
	if n > 0 && m.open[n-1].name == mark {
		t := m.open[n-1]
		m.open = m.open[:n-1]
		m.found = closeTag(m.found, m.open, t, m.out.units)
	} else {
		m.open = append(m.open, openTag{mark, wireEntity{Type: kind, Offset: m.out.units}, m.i})
	}
	m.i += len(mark)
}

// block reads a fenced block, whose first line may name a language.
func (m *markdown) block(rest string) *apiError {
	head, _, _ := strings.Cut(rest[3:], "\n")
	start := m.i + 3
	var language string
	if len(head) < len(rest)-3 && !strings.ContainsAny(head, " `") {
		language, start = head, start+len(head)+1
	}
	if err := m.literal("pre", "```", start); err != nil {
		return err
	}
	if n := len(m.found); n > 0 && m.found[n-1].Type == "pre" {
		m.found[n-1].Language = language
	}
	return nil
}

// literal reads text in which only the closing mark and \ mean anything.
func (m *markdown) literal(kind, mark string, start int) *apiError {
	e := wireEntity{Type: kind, Offset: m.out.units}
	for i := start; i < len(m.src); i++ {
		switch {
		case m.src[i] == '\\' && i+1 < len(m.src) && m.src[i+1] < 127:
			i++
			m.out.add(m.src[i : i+1])
		case strings.HasPrefix(m.src[i:], mark):
			if e.Length = m.out.units - e.Offset; e.Length > 0 {
				m.found = append(m.found, e)
			}
			m.i = i + len(mark)
			return nil
		default:
			n := i + 1
			for n < len(m.src) && m.src[n] >= 0x80 && m.src[n] < 0xC0 {
				n++
			}
			m.out.add(m.src[i:n])
			i = n - 1
		}
	}
	return parseError("Can't find end of %s entity at byte offset %d", entityTitle(kind), m.i)
}

// link closes the text of a link and reads its address.
func (m *markdown) link(rest string) *apiError {
	t := m.open[len(m.open)-1]
	m.open = m.open[:len(m.open)-1]
	if !strings.HasPrefix(rest, "](") {
		m.i++
		return nil
	}
	end := strings.IndexByte(rest, ')')
	if end < 0 {
		return parseError("Can't find end of a URL at byte offset %d", m.i)
	}
	url := strings.ReplaceAll(rest[2:end], `\`, "")
	if !strings.Contains(url, "://") {
		t.entity.Type = ""
	}
	t.entity.URL = url
	m.found = closeTag(m.found, m.open, t, m.out.units)
	m.i += end + 1
	return nil
}
