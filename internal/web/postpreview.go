package web

import (
	"sort"
	"strings"
	"time"
	"unicode/utf16"

	"otklik/internal/markup"
	"otklik/internal/ru"
	"otklik/internal/social"
	"otklik/publisher"
)

// netText is the text of one network in the editor.
type netText struct {
	Net     netIcon
	Name    string // of the field: "vk"
	Text    string // its own version, "" for the common text
	Differs bool
}

// sourceText is one text as it was written, with the networks that it is for.
type sourceText struct {
	Nets []netIcon
	Text string
}

// sourceTexts are the texts that were written, each once.
func sourceTexts(w publisher.Write, pages []publisher.Page) []sourceText {
	var out []sourceText
	for _, n := range networksOf(w, pages) {
		text := w.Content.Source(n)
		if last := len(out) - 1; last >= 0 && out[last].Text == text {
			out[last].Nets = append(out[last].Nets, iconOfNet(n))
			continue
		}
		out = append(out, sourceText{Nets: []netIcon{iconOfNet(n)}, Text: text})
	}
	return out
}

// limitLine counts a text as its network does.
type limitLine struct {
	Net  netIcon
	Have string
	Most string
	Note string // «с фото»
	Over bool
}

// netPreview is what one network will show.
type netPreview struct {
	Net   netIcon
	Class string
	Page  string // a page of the network to which it goes
	Note  string // «2 сообщения подряд»
	Parts []partPreview
}

// partPreview is what one call publishes.
type partPreview struct {
	Album    bool
	Photos   []mediaTile
	Text     []rich
	Attached []string
	Poll     *pollPreview
	Notes    []string // what cannot be seen of it
	Clock    string
	When     string
}

type pollPreview struct {
	Question string
	About    string
	Options  []string
}

// rich is a run of a text as it will look.
type rich struct {
	Text         string
	Bold, Italic bool
	Link         string
}

// mediaTile is one attachment as shown.
type mediaTile struct {
	publisher.Media
	Index  int // from 0
	Place  int // from 1
	Thumb  string
	Full   string
	Lost   bool // its bytes are not here
	First  bool
	Last   bool
	Kinded string
}

func mediaTiles(list []publisher.Media, kept map[string]publisher.Upload) []mediaTile {
	var out []mediaTile
	for i, m := range list {
		t := mediaTile{Media: m, Index: i, Place: i + 1, First: i == 0, Last: i == len(list)-1}
		switch m.Kind {
		case publisher.Photo:
			t.Kinded = "Фото"
			if u, ok := kept[m.Hash]; ok && m.Hash != "" {
				t.Thumb, t.Full = "/media/"+u.Thumb, "/media/"+u.Hash
			} else {
				t.Lost = true
			}
		case publisher.Video:
			t.Kinded = "Видео"
		case publisher.File:
			t.Kinded = "Файл"
		default:
			t.Kinded = "Ссылка"
		}
		out = append(out, t)
	}
	return out
}

// netTexts are the texts of the networks to which the post goes, with their
// lengths. Without pages all networks are shown.
func netTexts(form postForm, w publisher.Write, pages []publisher.Page) ([]netText, []limitLine) {
	var texts []netText
	var limits []limitLine
	for _, n := range networksOf(w, pages) {
		texts = append(texts, netText{Net: iconOfNet(n), Name: string(n), Text: form.Versions[n], Differs: strings.TrimSpace(form.Versions[n]) != ""})
		parts := publisher.Render(n, w.Content)
		if len(parts) == 0 {
			parts = []publisher.Part{{Kind: publisher.Message}}
		}
		first := parts[0]
		if first.Kind == publisher.Question {
			// A poll by itself: the words that may come before it are still to be written.
			first = publisher.Part{Kind: publisher.Message}
		}
		l := limitLine{Net: iconOfNet(n), Have: ru.Number(first.Length(n)), Most: ru.Number(first.Limit(n)), Over: first.Length(n) > first.Limit(n)}
		if n == social.Telegram && first.Kind != publisher.Message {
			l.Note = "с\u00a0фото"
		}
		limits = append(limits, l)
	}
	return texts, limits
}

func networksOf(w publisher.Write, pages []publisher.Page) []social.Network {
	if list := zoneOfNetwork(pages, w.PageIDs); len(list) > 0 {
		return list
	}
	return networks()
}

// previews show what publisher.Render gives, and nothing else.
func (s *server) previews(w publisher.Write, pages []publisher.Page, kept map[string]publisher.Upload, at, now time.Time) []netPreview {
	var out []netPreview
	for _, n := range networksOf(w, pages) {
		parts := publisher.Render(n, w.Content)
		pv := netPreview{Net: iconOfNet(n), Page: n.Title(), Class: "pv-vk", Note: "так увидят в\u00a0ленте"}
		if n == social.Telegram {
			pv.Class = "pv-tg"
		}
		for _, p := range pages {
			for _, id := range w.PageIDs {
				if p.ID == id && p.Network == n {
					pv.Page = p.Title
				}
			}
		}
		if len(parts) > 1 {
			pv.Note = ru.Count(len(parts), "сообщение", "сообщения", "сообщений") + " подряд"
		}
		for _, p := range parts {
			x := partPreview{Photos: mediaTiles(p.Media, kept), Album: len(p.Media) > 1, Text: richText(n, p), Attached: p.Attach}
			if p.Poll != nil {
				x.Poll = pollLook(n, *p.Poll)
			}
			x.Notes = partNotes(n, p)
			x.When = "как только согласуют и\u00a0назначат время"
			if !at.IsZero() {
				x.When, x.Clock = s.clock.Moment(at, now), s.clock.Time(at)
			}
			pv.Parts = append(pv.Parts, x)
		}
		out = append(out, pv)
	}
	return out
}

// partNotes say what of a part is done or left undone beside its content.
func partNotes(n social.Network, p publisher.Part) []string {
	var out []string
	if p.NoComments && n == social.VK {
		out = append(out, "Комментарии закрыты")
	}
	if p.NoComments && n == social.Telegram && p.Kind != publisher.Question {
		out = append(out, "Комментарии останутся: закрыть их в\u00a0Telegram программа не может")
	}
	if p.NoPreview && n == social.Telegram && p.Kind == publisher.Message {
		out = append(out, "Без картинки по первой ссылке")
	}
	if p.Silent {
		out = append(out, "Без уведомления")
	}
	return out
}

func pollLook(n social.Network, f publisher.PollForm) *pollPreview {
	p := &pollPreview{Question: f.Question, About: "Опрос"}
	if n == social.Telegram || !f.Named {
		p.About = "Анонимный опрос"
	}
	if f.Multiple {
		p.About += ", можно выбрать несколько"
	}
	for _, o := range f.Options {
		if strings.TrimSpace(o) != "" {
			p.Options = append(p.Options, o)
		}
	}
	if p.Question == "" {
		p.Question = "Вопрос ещё не написан"
	}
	return p
}

// richText cuts the text of a part where its look changes. Telegram's look
// stands in entities; VK knows only words that lead to its pages.
func richText(n social.Network, p publisher.Part) []rich {
	if n == social.VK {
		return vkRich(p.Text)
	}
	units := utf16.Encode([]rune(p.Text))
	cuts := []int{0, len(units)}
	for _, e := range p.Entities {
		cuts = append(cuts, min(e.Offset, len(units)), min(e.Offset+e.Length, len(units)))
	}
	sort.Ints(cuts)
	var out []rich
	for i := 1; i < len(cuts); i++ {
		if cuts[i] == cuts[i-1] {
			continue
		}
		run := rich{Text: string(utf16.Decode(units[cuts[i-1]:cuts[i]]))}
		for _, e := range p.Entities {
			if e.Offset > cuts[i-1] || e.Offset+e.Length < cuts[i] {
				continue
			}
			switch e.Kind {
			case social.Bold:
				run.Bold = true
			case social.Italic:
				run.Italic = true
			case social.Linked:
				run.Link = e.URL
			}
		}
		out = append(out, run)
	}
	return out
}

// vkRich shows [club1|words] as the words that people will see.
func vkRich(text string) []rich {
	var out []rich
	for text != "" {
		at := strings.IndexByte(text, '[')
		end := -1
		if at >= 0 {
			end = strings.IndexByte(text[at:], ']')
		}
		if end < 0 {
			return append(out, rich{Text: text})
		}
		target, words, ok := strings.Cut(text[at+1:at+end], "|")
		if !ok || target == "" || words == "" || strings.ContainsAny(target, " \n") {
			out, text = append(out, rich{Text: text[:at+1]}), text[at+1:]
			continue
		}
		if at > 0 {
			out = append(out, rich{Text: text[:at]})
		}
		if !markup.IsAddress(target) {
			target = "https://vk.com/" + target
		}
		out, text = append(out, rich{Text: words, Link: target}), text[at+end+1:]
	}
	return out
}
