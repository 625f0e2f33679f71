package publisher

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"otklik/internal/markup"
	"otklik/internal/redact"
	"otklik/internal/social"
)

// Severity is how loud a finding is.
type Severity string

const (
	// Stop: the post would surely fail as it is; it is not approved.
	Stop Severity = "stop"
	// Note: a person should look; the post may go all the same.
	Note Severity = "note"
)

// Problem is one finding of a pre-flight.
type Problem struct {
	Severity Severity
	Network  social.Network // "" for all
	PageID   string         // "" for all pages of the network
	Code     string         // short and stable: "text.long", "key.photo"
	Text     string         // what is wrong and what to do, in Russian
}

// Facts is what a decision needs to know besides the post.
type Facts struct {
	Now time.Time
	// Pages are the pages of the register with what their keys allow.
	Pages []Page
}

// Page returns a page of the register.
func (f Facts) Page(id string) (Page, bool) {
	i := slices.IndexFunc(f.Pages, func(p Page) bool { return p.ID == id })
	if i < 0 {
		return Page{}, false
	}
	return f.Pages[i], true
}

// soon is by how much a time may lie in the past and still be meant as now.
const soon = time.Minute

// Preflight lists all that would go wrong, the grave first: for the editor while
// a person writes, and for the approval, which refuses what would fail at night.
func Preflight(p Post, f Facts) []Problem {
	var out []Problem
	c := p.Content.tidy()
	if c.Empty() {
		out = append(out, Problem{Severity: Stop, Code: "empty", Text: "Пост пустой: напишите текст или приложите фото."})
	}
	if len(p.PageIDs()) == 0 {
		out = append(out, Problem{Severity: Stop, Code: "pages", Text: "Выберите хотя бы одну страницу."})
	}
	if !p.At.IsZero() && p.At.Before(f.Now.Add(-soon)) && !p.begun() {
		out = append(out, Problem{Severity: Stop, Code: "past", Text: "Время публикации уже прошло. Выберите другое."})
	}
	if !p.MustBy.IsZero() && p.At.After(p.MustBy) {
		out = append(out, Problem{Severity: Note, Code: "deadline", Text: "Пост выйдет позже срока, к которому он обязателен."})
	}
	out = append(out, mediaProblems(c)...)
	out = append(out, privacyProblems(c)...)
	seen := map[social.Network]bool{}
	for _, id := range p.PageIDs() {
		if page, ok := f.Page(id); ok && !page.Silent && !seen[page.Network] {
			seen[page.Network] = true
			out = append(out, networkProblems(page.Network, c)...)
		}
		out = append(out, obstacles(id, p, f, p.At)...)
	}
	slices.SortStableFunc(out, func(a, b Problem) int { return strings.Compare(string(b.Severity), string(a.Severity)) })
	return out
}

// Stops keeps the findings that forbid a post.
func Stops(list []Problem) []Problem {
	return slices.DeleteFunc(slices.Clone(list), func(p Problem) bool { return p.Severity != Stop })
}

func mediaProblems(c Content) []Problem {
	var out []Problem
	bare := 0
	for i, m := range c.Media {
		switch {
		case (m.Kind == Photo || m.Kind == File) && m.Hash == "":
			out = append(out, Problem{Severity: Stop, Code: "media.missing", Text: fmt.Sprintf("Вложение %d не загрузилось. Загрузите его снова или уберите.", i+1)})
		case (m.Kind == Video || m.Kind == Link) && !markup.IsAddress(m.URL):
			out = append(out, Problem{Severity: Stop, Code: "media.address", Text: fmt.Sprintf("Вложение %d: адрес должен начинаться с https://.", i+1)})
		case m.Kind == Photo && m.Alt == "":
			bare++
		case m.Kind != Photo && m.Kind != File && m.Kind != Video && m.Kind != Link:
			out = append(out, Problem{Severity: Stop, Code: "media.kind", Text: fmt.Sprintf("Вложение %d непонятного вида. Уберите его.", i+1)})
		}
	}
	if bare > 0 {
		all := count(c.Media, Photo)
		text := fmt.Sprintf("Описание для незрячих есть у %d фото из %d.", all-bare, all)
		if all == 1 {
			text = "У фото нет описания для незрячих."
		}
		out = append(out, Problem{Severity: Note, Code: "media.alt", Text: text})
	}
	return out
}

// privacyProblems points at personal data in what is about to be public.
func privacyProblems(c Content) []Problem {
	finder := redact.New()
	texts := []string{c.Text}
	for _, n := range []social.Network{social.VK, social.Telegram} {
		texts = append(texts, c.Versions[n])
	}
	for _, m := range c.Media {
		texts = append(texts, m.Alt)
	}
	var out []Problem
	seen := map[redact.Kind]bool{}
	for _, t := range texts {
		for _, x := range finder.Find(t) {
			if seen[x.Kind] {
				continue
			}
			seen[x.Kind] = true
			out = append(out, Problem{
				Severity: Note, Code: "private." + string(x.Kind),
				Text: fmt.Sprintf("Похоже на личные данные (%s): «%s». Проверьте, что их можно публиковать.", x.Kind.Title(), t[x.Start:x.End]),
			})
		}
	}
	return out
}

func networkProblems(n social.Network, c Content) []Problem {
	var out []Problem
	refuse := func(code, format string, args ...any) {
		out = append(out, Problem{Severity: Stop, Network: n, Code: code, Text: n.Title() + ": " + fmt.Sprintf(format, args...)})
	}
	bounds := n.Bounds()
	parts := Render(n, c)
	for _, part := range parts {
		if have, most := part.Length(n), part.Limit(n); have > most {
			what := "текст"
			if most < bounds.Text {
				what = "подпись к фото или файлу"
			}
			refuse("text.long", "%s длиннее, чем можно: %d из %d знаков. Сократите текст или сделайте отдельную версию для сети.", what, have, most)
		}
		files, attached := count(part.Media, File), attachments(part)
		switch {
		case attached > bounds.Attachments && n == social.VK:
			refuse("media.many", "вложений %d, можно не больше %d вместе с опросом.", attached, bounds.Attachments)
		case attached > bounds.Attachments:
			refuse("media.many", "вложений %d, можно не больше %d.", attached, bounds.Attachments)
		case n == social.Telegram && part.Kind == Album && files > 0 && files < len(part.Media):
			refuse("media.mixed", "фото и файлы вместе не отправить. Оставьте что-то одно.")
		case n == social.VK && files > bounds.Files:
			refuse("media.files", "к посту можно приложить один файл.")
		case social.Visible(part.Text):
		case part.Poll != nil && attached == 1 && n == social.VK:
			refuse("poll.alone", "опрос не публикуется без текста. Напишите хотя бы строку.")
		case attached == 0 && !c.Empty():
			refuse("empty", "для этой сети текст пустой. Напишите его.")
		}
		out = append(out, fileProblems(n, part.Media)...)
	}
	if c.Poll != nil {
		out = append(out, c.Poll.problems(n)...)
	}
	if len(parts) == 0 && !c.Empty() {
		refuse("empty", "для этой сети текст пустой. Напишите его.")
	}
	return out
}

// fileProblems holds photos and files against what the network takes. A size
// that is not known is not judged.
func fileProblems(n social.Network, list []Media) []Problem {
	var out []Problem
	bounds := n.Bounds()
	refuse := func(code, format string, args ...any) {
		out = append(out, Problem{Severity: Stop, Network: n, Code: code, Text: n.Title() + ": " + fmt.Sprintf(format, args...)})
	}
	for i, m := range list {
		most, what := bounds.FileSize, "файл"
		if m.Kind == Photo {
			most, what = bounds.PhotoSize, "фото"
		}
		long, short := max(m.Width, m.Height), min(m.Width, m.Height)
		switch {
		case m.Size > most:
			refuse("media.large", "%s %d больше %d МБ, сеть его не примет. Уменьшите его.", what, i+1, most>>20)
		case m.Kind == Photo && short > 0 && long+short > bounds.PhotoSides:
			refuse("media.sides", "фото %d слишком большое: ширина и высота вместе больше %d точек. Уменьшите его.", i+1, bounds.PhotoSides)
		case m.Kind == Photo && short > 0 && long > short*bounds.PhotoRatio:
			refuse("media.ratio", "фото %d слишком узкое: одна сторона больше другой в %d раз. Обрежьте его.", i+1, bounds.PhotoRatio)
		}
	}
	return out
}

func attachments(p Part) int {
	n := len(p.Media) + len(p.Attach)
	if p.Poll != nil {
		n++
	}
	return n
}

// needs are the abilities that publishing a content takes in a network.
func needs(n social.Network, c Content) []Ability {
	need := []Ability{CanText}
	add := func(a Ability, wanted bool) {
		if wanted && !slices.Contains(need, a) {
			need = append(need, a)
		}
	}
	for _, part := range Render(n, c) {
		add(CanPhoto, count(part.Media, Photo) > 0)
		add(CanFile, count(part.Media, File) > 0)
		add(CanAttach, len(part.Attach) > 0)
		add(CanPoll, part.Poll != nil)
	}
	return need
}

// Obstacles are the findings that come of the pages and not of the content:
// they may appear after the approval. Only pages that the post has still to
// leave for are looked at.
func Obstacles(p Post, f Facts) []Problem {
	var out []Problem
	for _, t := range p.Targets {
		if t.State == Waiting {
			out = append(out, obstacles(t.PageID, p, f, p.At)...)
		}
	}
	return out
}

// obstacles are what keeps one page from taking the post at a moment; a zero
// moment stands for one that nobody has set yet.
func obstacles(id string, p Post, f Facts, at time.Time) []Problem {
	page, ok := f.Page(id)
	switch {
	case !ok:
		return []Problem{{Severity: Stop, PageID: id, Code: "page", Text: "Страница отключена или удалена. Уберите её из поста или подключите снова."}}
	case page.Silent:
		return []Problem{{Severity: Stop, Network: page.Network, PageID: id, Code: "page.silent", Text: fmt.Sprintf("%s: страница теперь «Только учёт», на ней не публикуют. Уберите её из поста или снимите отметку в карточке страницы.", page.Title)}}
	}
	return pageProblems(page, at, p.Content.tidy())
}

func pageProblems(page Page, when time.Time, c Content) []Problem {
	var out []Problem
	told, ends := map[string]bool{}, false
	for _, a := range needs(page.Network, c) {
		at := page.Ends[a]
		ends = ends || !at.IsZero() && !when.IsZero() && !at.After(when)
		why, lacking := page.Missing[a]
		if !lacking || told[why] {
			continue
		}
		told[why] = true
		out = append(out, Problem{
			Severity: Stop, Network: page.Network, PageID: page.ID, Code: "key." + string(a),
			Text: fmt.Sprintf("%s: %s, поэтому %s нельзя. Добавьте ключ или измените пост.", page.Title, why, deed(a)),
		})
	}
	if ends {
		out = append(out, Problem{Severity: Stop, Network: page.Network, PageID: page.ID, Code: "key.ends", Text: fmt.Sprintf("%s: ключ перестанет действовать раньше, чем выйдет пост. Замените ключ.", page.Title)})
	}
	return out
}

func deed(a Ability) string {
	switch a {
	case CanPhoto:
		return "опубликовать фото"
	case CanFile:
		return "приложить файл"
	case CanAttach:
		return "прикрепить ссылку или видео"
	case CanPoll:
		return "провести опрос"
	}
	return "опубликовать пост"
}
