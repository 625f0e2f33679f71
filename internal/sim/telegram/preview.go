package telegram

import (
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"otklik/internal/sim/record"
)

// previewPage is how many posts the public page shows at once.
const previewPage = 20

// PreviewHandler serves /s/<channel>, the public page of a channel that needs no
// key: its newest posts, ?before=<id> the earlier ones, ?q=<text> those that
// contain a text. The classes are those that readers of t.me/s rely on
// (DIYgod/RSSHub, lib/routes/telegram/channel.ts). Comments are not on it.
func (s *Server) PreviewHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /s/{username}", s.preview)
	return mux
}

func (s *Server) preview(w http.ResponseWriter, r *http.Request) {
	rec := record.Call{At: s.clock(), Network: "telegram", Method: previewMethod, Token: "none"}
	fault, hit := s.faults.TakeAt(s.clock(), previewMethod)
	if hit {
		rec.Fault = fault.Kind
	}
	if hit && fault.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(fault.RetryAfter))
	}
	if hit && s.failBefore(w, r, fault, rec) {
		return
	}
	s.record(rec)
	s.mu.Lock()
	c := s.chatByUsername(r.PathValue("username"))
	if c == nil || c.wire.Type != typeChannel || c.hidden {
		s.mu.Unlock()
		// A channel without a preview leads to its card, which shows no posts.
		http.Redirect(w, r, "/tg/"+r.PathValue("username"), http.StatusFound)
		return
	}
	state := c.snapshot(len(c.order))
	s.mu.Unlock()
	before, _ := strconv.ParseInt(r.FormValue("before"), 10, 64)
	posts, more := previewPosts(state.Messages, before, r.FormValue("q"))
	p := previewWriter{channel: state}
	p.page(posts, more)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	page := []byte(p.out.String())
	if hit {
		page = s.failAfter(r, fault, page)
	}
	_, _ = w.Write(page)
}

// previewMethod is how the log and the faults name a look at the public page.
const previewMethod = "preview"

// dataView is what a post's element tells the page's own script: the channel,
// without the Bot API's prefix, and the post.
func dataView(channel Chat, m Message) string {
	return base64.RawStdEncoding.EncodeToString(mustJSON(map[string]any{
		"c": channel.ID - groupPrefix, "p": m.ID, "t": m.At.Unix(), "h": "0000000000000000",
	}))
}

// previewPosts are the newest posts below before that contain q, oldest first;
// an album is one of them.
func previewPosts(list []Message, before int64, q string) (out [][]Message, more bool) {
	for i := len(list) - 1; i >= 0; i-- {
		m := list[i]
		if m.Deleted || (before != 0 && m.ID >= before) || !strings.Contains(strings.ToLower(m.Text), strings.ToLower(q)) {
			continue
		}
		if n := len(out); n > 0 && m.Album != "" && out[n-1][0].Album == m.Album {
			out[n-1] = slices.Insert(out[n-1], 0, m)
			continue
		}
		if len(out) == previewPage {
			more = true
			break
		}
		out = append(out, []Message{m})
	}
	slices.Reverse(out)
	return out, more
}

// previewWriter writes one page.
type previewWriter struct {
	channel Chat
	out     strings.Builder
}

func (p *previewWriter) add(format string, args ...any) {
	for i, a := range args {
		if text, ok := a.(string); ok {
			args[i] = html.EscapeString(text)
		}
	}
	fmt.Fprintf(&p.out, format, args...)
}

func (p *previewWriter) page(posts [][]Message, more bool) {
	name := p.channel.Username
	p.add(`<!DOCTYPE html><html><head><meta charset="utf-8"><title>%s – Telegram</title></head><body>`, p.channel.Title)
	p.add(`<header class="tgme_channel_info_header"><div class="tgme_channel_info_header_title"><span dir="auto">%s</span></div>`, p.channel.Title)
	p.add(`<div class="tgme_channel_info_header_username"><a href="/s/%s">@%s</a></div></header>`, name, name)
	p.add(`<main class="tgme_main"><section class="tgme_channel_history js-message_history">`)
	if len(posts) == 0 {
		p.add(`<div class="tme_no_messages_found">No posts found</div>`)
	}
	if more {
		first := posts[0][0].ID
		p.add(`<div class="tgme_widget_message_centered js-messages_more_wrap"><a href="/s/%s?before=%d" class="tme_messages_more js-messages_more" data-before="%d"></a></div>`, name, first, first)
	}
	for _, post := range posts {
		p.post(post)
	}
	p.add(`</section></main></body></html>`)
}

func (p *previewWriter) post(album []Message) {
	m := album[0]
	service := ""
	if m.Service {
		service = " service_message"
	}
	address := fmt.Sprintf("/tg/%s/%d", p.channel.Username, m.ID)
	p.add(`<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message text_not_supported_wrap js-widget_message%s" data-post="%s/%d" data-view="%s">`,
		service, p.channel.Username, m.ID, dataView(p.channel, m))
	p.add(`<div class="tgme_widget_message_bubble"><div class="tgme_widget_message_author"><a class="tgme_widget_message_owner_name" href="/tg/%s"><span dir="auto">%s</span></a></div>`,
		p.channel.Username, p.channel.Title)
	if o := m.origin; o != nil && o.Chat != nil {
		p.add(`<div class="tgme_widget_message_forwarded_from">Forwarded from <a class="tgme_widget_message_forwarded_from_name" href="/tg/%s/%d">%s</a></div>`,
			o.Chat.Username, o.MessageID, o.Chat.Title)
	}
	if m.ReplyTo != 0 {
		p.add(`<a class="tgme_widget_message_reply" href="/tg/%s/%d"></a>`, p.channel.Username, m.ReplyTo)
	}
	for _, x := range album {
		p.media(x, address)
	}
	if m.Text != "" {
		p.out.WriteString(`<div class="tgme_widget_message_text js-message_text" dir="auto">`)
		p.text(m.Text, m.entities)
		p.out.WriteString(`</div>`)
	}
	p.poll(m.Poll)
	edited := ""
	if !m.EditedAt.IsZero() {
		edited = "edited "
	}
	p.add(`<div class="tgme_widget_message_footer"><div class="tgme_widget_message_info"><span class="tgme_widget_message_views">%s</span>`, short(m.Views))
	p.add(`<span class="tgme_widget_message_meta">%s<a class="tgme_widget_message_date" href="%s"><time datetime="%s" class="time">%s</time></a></span></div></div>`,
		edited, address, m.At.UTC().Format("2006-01-02T15:04:05+00:00"), m.At.UTC().Format("15:04"))
	p.out.WriteString("</div></div></div>\n")
}

func (p *previewWriter) media(m Message, address string) {
	switch m.File {
	case "":
	case "photo":
		p.add(`<a class="tgme_widget_message_photo_wrap" href="%s" style="background-image:url('/tg/files/%s')"></a>`, address, m.Picture)
	default:
		p.add(`<div class="message_media_not_supported_wrap"><div class="message_media_not_supported"><div class="message_media_not_supported_label">Please open Telegram to view this post</div></div></div>`)
	}
}

func (p *previewWriter) poll(poll *Poll) {
	if poll == nil {
		return
	}
	kind := "Anonymous Poll"
	if poll.Closed {
		kind = "Final Results"
	}
	p.add(`<div class="tgme_widget_message_poll"><div class="tgme_widget_message_poll_question">%s</div><div class="tgme_widget_message_poll_type">%s</div>`, poll.Question, kind)
	for _, o := range poll.Options {
		p.add(`<div class="tgme_widget_message_poll_option"><div class="tgme_widget_message_poll_option_percent">%d%%</div><div class="tgme_widget_message_poll_option_value"><div class="tgme_widget_message_poll_option_text">%s</div></div></div>`,
			(200*o.Votes+max(poll.Voters, 1))/(2*max(poll.Voters, 1)), o.Text)
	}
	p.out.WriteString(`</div>`)
}

// text writes a text with its links; since April 2024 the addresses of links
// that ask before they open are escaped twice.
func (p *previewWriter) text(text string, entities []wireEntity) {
	units := utf16.Encode([]rune(text))
	at := 0
	plain := func(from, to int) string {
		part := html.EscapeString(string(utf16.Decode(units[from:to])))
		return strings.ReplaceAll(part, "\n", "<br/>")
	}
	for _, e := range entities {
		end := e.Offset + e.Length
		if e.Offset < at || end > len(units) {
			continue
		}
		inner := plain(e.Offset, end)
		switch e.Type {
		case "text_link", "url":
			href := or(e.URL, string(utf16.Decode(units[e.Offset:end])))
			inner = fmt.Sprintf(`<a href="%s" target="_blank" rel="noopener" onclick="return confirm('Open this link?');">%s</a>`,
				html.EscapeString(html.EscapeString(href)), inner)
		case "bold":
			inner = "<b>" + inner + "</b>"
		case "italic":
			inner = "<i>" + inner + "</i>"
		case "hashtag":
			inner = `<a href="?q=` + html.EscapeString(strings.ReplaceAll(string(utf16.Decode(units[e.Offset:end])), "#", "%23")) + `">` + inner + "</a>"
		}
		p.out.WriteString(plain(at, e.Offset) + inner)
		at = end
	}
	p.out.WriteString(plain(at, len(units)))
}

// short is a count as the page shows it: 999, 1.5K, 2M.
func short(n int) string {
	for _, unit := range []struct {
		size int
		sign string
	}{{1_000_000, "M"}, {1000, "K"}} {
		if n >= unit.size {
			text := strconv.FormatFloat(float64(n*10/unit.size)/10, 'f', 1, 64)
			return strings.TrimSuffix(text, ".0") + unit.sign
		}
	}
	return strconv.Itoa(max(n, 1))
}
