package publisher

import (
	"net/url"
	"slices"
	"strings"

	"otklik/internal/markup"
	"otklik/internal/social"
)

// PartKind is what one call to a network publishes.
type PartKind string

const (
	Message  PartKind = "message" // text, without files
	Picture  PartKind = "picture" // one photo with a caption; in VK all that a post holds
	Album    PartKind = "album"   // 2–10 photos, the caption under the first
	Document PartKind = "document"
	Question PartKind = "question" // a poll by itself
)

// Part is what one call sends, exactly: the preview shows it, the ledger keeps
// it, the network's adapter sends it.
type Part struct {
	Kind PartKind `json:"kind"`
	// Text is final: it is neither parsed nor cut any more.
	Text     string          `json:"text,omitempty"`
	Entities []social.Entity `json:"entities,omitempty"`
	// Media are photos and files by hash, in order.
	Media []Media `json:"media,omitempty"`
	// Attach are further attachments as VK names them: "video-1_2", one address.
	Attach     []string  `json:"attach,omitempty"`
	Poll       *PollForm `json:"poll,omitempty"`
	Silent     bool      `json:"silent,omitempty"`
	NoComments bool      `json:"no_comments,omitempty"`
	NoPreview  bool      `json:"no_preview,omitempty"`
}

// Length is how long the part's text is as the network counts.
func (p Part) Length(n social.Network) int { return n.Length(p.Text) }

// Limit is how long the part's text may be.
func (p Part) Limit(n social.Network) int {
	if p.Kind == Message {
		return n.Bounds().Text
	}
	return n.Bounds().Caption
}

// Render says what a network will be sent: one part in VK, in Telegram one more
// for a poll. It is the only way from a content to what people see.
func Render(n social.Network, c Content) []Part {
	c = c.tidy()
	if n == social.VK {
		return renderVK(c)
	}
	return renderTelegram(c)
}

func renderVK(c Content) []Part {
	if c.Empty() {
		return nil
	}
	p := Part{
		Kind: Message, Text: markup.Parse(c.Source(social.VK)).VK(), Poll: c.Poll,
		Silent: c.Silent, NoComments: c.NoComments, NoPreview: c.NoPreview,
	}
	for _, m := range c.Media {
		switch {
		case m.Kind == Photo || m.Kind == File:
			p.Media = append(p.Media, m)
			p.Kind = Picture
		case vkVideo(m.URL) != "":
			p.Attach = append(p.Attach, vkVideo(m.URL))
		case !c.NoPreview && !slices.ContainsFunc(p.Attach, markup.IsAddress) && !strings.Contains(m.URL, ","):
			p.Attach = append(p.Attach, m.URL)
		case !strings.Contains(p.Text, m.URL):
			// A post holds one address as an attachment, with its picture, and none
			// with a comma, which parts attachments in the call; the others go into
			// words, and so does it where no picture is wanted.
			p.Text = join(p.Text, m.URL)
		}
	}
	return []Part{p}
}

// vkVideo is the attachment that a video's address stands for, "" if it leads
// elsewhere.
func vkVideo(address string) string {
	at := strings.LastIndex(address, "video")
	u, err := url.Parse(address)
	if at < 0 || err != nil || !slices.Contains([]string{"vk.com", "m.vk.com", "vk.ru", "m.vk.ru", "vkvideo.ru", "m.vkvideo.ru"}, u.Hostname()) {
		return ""
	}
	owner, id, ok := strings.Cut(address[at+len("video"):], "_")
	id = id[:len(id)-len(strings.TrimLeft(id, "0123456789"))]
	if !ok || id == "" || strings.Trim(strings.TrimPrefix(owner, "-"), "0123456789") != "" || strings.TrimPrefix(owner, "-") == "" {
		return ""
	}
	return "video" + owner + "_" + id
}

func renderTelegram(c Content) []Part {
	text, entities := markup.Parse(c.Source(social.Telegram)).Telegram()
	p := Part{Text: text, Entities: entities, Silent: c.Silent, NoComments: c.NoComments, NoPreview: c.NoPreview}
	for _, m := range c.Media {
		if m.Kind == Photo || m.Kind == File {
			p.Media = append(p.Media, m)
		} else if !strings.Contains(p.Text, m.URL) {
			p.Text = join(p.Text, m.URL)
		}
	}
	photos := count(p.Media, Photo)
	switch {
	case len(p.Media) == 0:
		p.Kind = Message
	case photos == 0 && len(p.Media) == 1:
		p.Kind = Document
	case len(p.Media) == 1:
		p.Kind = Picture
	default:
		p.Kind = Album
	}
	var parts []Part
	if p.Text != "" || len(p.Media) > 0 {
		parts = append(parts, p)
	}
	if c.Poll != nil {
		// In a channel every poll is anonymous, so it is sent and shown as one.
		poll := *c.Poll
		poll.Named = false
		parts = append(parts, Part{Kind: Question, Poll: &poll, Silent: c.Silent || len(parts) > 0})
	}
	return parts
}

func count(list []Media, kind MediaKind) int {
	n := 0
	for _, m := range list {
		if m.Kind == kind {
			n++
		}
	}
	return n
}

func join(text, line string) string {
	if text == "" {
		return line
	}
	return text + "\n\n" + line
}
