package telegram

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"html"
	"strconv"
	"strings"
	"time"

	nethtml "golang.org/x/net/html"

	"otklik/internal/social"
)

// previewPage is what stands on the public page of a channel.
type previewPage struct {
	// Known says that it is such a page at all.
	Known bool
	Title string
	Posts []previewPost
	// Odd are the posts that could not be read.
	Odd []oddPost
	// More says that earlier posts exist.
	More bool
}

// previewPost is one post, or one album.
type previewPost struct {
	ID int64
	// Chat is the channel's id as the Bot API writes it, zero where the page
	// does not tell it.
	Chat    int64
	Text    string
	Media   []social.Media
	At      time.Time
	Views   int
	Service bool
	// Members is how many messages stand under this post: an album has several.
	Members int64
}

// oddPost is a post of which not enough is understood. ID is zero where not even
// its number is.
type oddPost struct {
	ID  int64
	Why string
	Raw []byte
}

// readPreview reads the page of the channel of that name. It never fails: a page
// that is none has Known false.
func readPreview(raw []byte, channel string) previewPage {
	var page previewPage
	root, err := nethtml.Parse(bytes.NewReader(raw))
	if err != nil {
		return page
	}
	for n := range root.Descendants() {
		switch {
		case n.Type != nethtml.ElementNode:
		case hasClass(n, "tgme_channel_history"):
			page.Known = true
		case hasClass(n, "tgme_channel_info_header_title") && page.Title == "":
			page.Title = strings.TrimSpace(plainText(n))
		case hasClass(n, "tme_messages_more"):
			page.More = page.More || attribute(n, "data-before") != ""
		case hasClass(n, "tgme_widget_message"):
			page.add(n, channel)
		}
	}
	return page
}

// add reads one post's element.
func (p *previewPage) add(n *nethtml.Node, channel string) {
	name, number, _ := strings.Cut(attribute(n, "data-post"), "/")
	if name != "" && !strings.EqualFold(name, channel) {
		return // another channel's post, shown inside
	}
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || id <= 0 {
		p.odd(n, 0, "У записи нет номера.")
		return
	}
	post := previewPost{ID: id, Chat: chatOf(attribute(n, "data-view")), Service: hasClass(n, "service_message"), Members: 1}
	post.read(n)
	if post.At.IsZero() {
		p.odd(n, id, "У записи нет даты.")
		return
	}
	if post.Text == "" && len(post.Media) == 0 && !post.Service {
		p.odd(n, id, "В записи не нашлось ни текста, ни вложений.")
		return
	}
	p.Posts = append(p.Posts, post)
}

// lowest is the number of the earliest post, or before where the page has none.
func (p *previewPage) lowest(before int64) int64 {
	for _, x := range p.Posts {
		if before == 0 || x.ID < before {
			before = x.ID
		}
	}
	for _, x := range p.Odd {
		if x.ID > 0 && (before == 0 || x.ID < before) {
			before = x.ID
		}
	}
	return before
}

// present are the numbers of all messages that stand on the page.
func (p *previewPage) present() map[string]bool {
	out := map[string]bool{}
	for _, x := range p.Posts {
		for i := range x.Members {
			out[decimal(x.ID+i)] = true
		}
	}
	for _, x := range p.Odd {
		out[decimal(x.ID)] = true
	}
	return out
}

func (p *previewPage) odd(n *nethtml.Node, id int64, why string) {
	const most = 64 << 10
	var b bytes.Buffer
	if err := nethtml.Render(&b, n); err != nil {
		b.WriteString(why)
	}
	p.Odd = append(p.Odd, oddPost{ID: id, Why: why, Raw: bytes.Clone(b.Bytes()[:min(b.Len(), most)])})
}

// read collects what stands inside the post's element.
func (p *previewPost) read(n *nethtml.Node) {
	pictures := int64(0)
	note := func(kind, title, url string) {
		p.Media = append(p.Media, social.Media{Kind: kind, Title: title, URL: url})
	}
	for x := range n.Descendants() {
		if x.Type != nethtml.ElementNode {
			continue
		}
		switch {
		case within(x, n, "tgme_widget_message_reply"):
		case hasClass(x, "tgme_widget_message_text") && p.Text == "":
			p.Text = strings.TrimSpace(plainText(x))
			for _, url := range hiddenLinks(x) {
				note("link", "", url)
			}
		case x.Data == "time" && within(x, n, "tgme_widget_message_date"):
			if at, err := time.Parse(time.RFC3339, attribute(x, "datetime")); err == nil {
				p.At = at.UTC()
			}
		case hasClass(x, "tgme_widget_message_views"):
			p.Views = shortNumber(plainText(x))
		case hasClass(x, "tgme_widget_message_photo_wrap"):
			pictures++
			note("photo", "", "")
		case hasClass(x, "tgme_widget_message_video_player"), hasClass(x, "tgme_widget_message_roundvideo_player"):
			pictures++
			note("video", "", "")
		case hasClass(x, "tgme_widget_message_document_title"):
			note("file", strings.TrimSpace(plainText(x)), "")
		case hasClass(x, "tgme_widget_message_voice_player"):
			note("audio", "голосовое сообщение", "")
		case hasClass(x, "tgme_widget_message_poll_question"):
			note("poll", strings.TrimSpace(plainText(x)), "")
		case hasClass(x, "tgme_widget_message_sticker_wrap"):
			note("other", "стикер", "")
		case hasClass(x, "tgme_widget_message_location_wrap"):
			note("other", "точка на карте", "")
		case hasClass(x, "message_media_not_supported"):
			pictures++
			note("other", "вложение, которое видно только в Telegram", "")
		}
	}
	p.Members = max(pictures, 1)
}

// chatOf reads the channel's id from the note that the page's own script takes:
// its number without the prefix that the Bot API puts before it, negative.
func chatOf(note string) int64 {
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(note), "="))
	if err != nil {
		return 0
	}
	var v struct {
		Channel int64 `json:"c"`
	}
	const prefix, most = -1_000_000_000_000, 1_000_000_000_000
	if json.Unmarshal(raw, &v) != nil || v.Channel >= 0 || v.Channel <= -most {
		return 0
	}
	return prefix + v.Channel
}

func hasClass(n *nethtml.Node, class string) bool {
	for _, c := range strings.Fields(attribute(n, "class")) {
		if c == class {
			return true
		}
	}
	return false
}

func attribute(n *nethtml.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// within says that an element stands in one of the class, itself included, below top.
func within(n, top *nethtml.Node, class string) bool {
	for ; n != nil && n != top; n = n.Parent {
		if hasClass(n, class) {
			return true
		}
	}
	return false
}

// plainText is what a person reads: line breaks are kept, formatting is not.
func plainText(n *nethtml.Node) string {
	var b strings.Builder
	for x := range n.Descendants() {
		switch {
		case x.Type == nethtml.TextNode:
			b.WriteString(x.Data)
		case x.Type == nethtml.ElementNode && x.Data == "br":
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// hiddenLinks are the addresses that do not stand in the text themselves. The
// page escapes them twice.
func hiddenLinks(n *nethtml.Node) []string {
	var out []string
	for x := range n.Descendants() {
		if x.Type != nethtml.ElementNode || x.Data != "a" {
			continue
		}
		url := html.UnescapeString(attribute(x, "href"))
		text := strings.TrimSpace(plainText(x))
		if !strings.HasPrefix(url, "http") || strings.Contains(url, "//"+text) || url == text || strings.HasPrefix(text, "@") {
			continue
		}
		out = append(out, url)
	}
	return out
}

// shortNumber reads a count as the page shows it: 999, 1.5K, 2M.
func shortNumber(text string) int {
	text = strings.TrimSpace(text)
	scale := 1.0
	for sign, by := range map[string]float64{"K": 1e3, "M": 1e6} {
		if head, ok := strings.CutSuffix(text, sign); ok {
			text, scale = head, by
		}
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n >= 0 && n*scale <= 1e12) {
		return 0
	}
	return int(n*scale + 0.5)
}
