package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/social"
	"otklik/publisher"
)

// postForm is the editor's form as it was sent, or as a post fills it.
type postForm struct {
	Title, Rubric, Tags string
	Text                string
	Versions            map[social.Network]string
	Pages               []string
	Date, Time, Zone    string
	Late                int // minutes
	Media               []publisher.Media
	Poll                *pollFields
	Silent              bool
	NoComments          bool
	NoPreview           bool
	Rule                ruleFields
}

// pollFields are a poll as the form has it: empty options stay for writing on.
type pollFields struct {
	Question        string
	Options         []string
	Multiple, Named bool
	OpenDays        int
}

// The options that a poll's form shows at first and at most.
const (
	optionsShown = 3
	optionsMost  = 12
)

func readPostForm(f url.Values) postForm {
	p := postForm{
		Title: f.Get("title"), Rubric: f.Get("rubric"), Tags: f.Get("tags"), Text: lines(f.Get("text")), Pages: some(f["page"]),
		Date: strings.TrimSpace(f.Get("date")), Time: strings.TrimSpace(f.Get("time")), Zone: f.Get("zone"), Late: number(f.Get("late")),
		Silent: f.Get("silent") == "1", NoComments: f.Get("no_comments") == "1", NoPreview: f.Get("no_preview") == "1",
		Versions: map[social.Network]string{}, Rule: readRuleFields(f),
	}
	for _, n := range networks() {
		if text := lines(f.Get("text_" + string(n))); text != "" {
			p.Versions[n] = text
		}
	}
	kinds, hashes, urls, alts := f["m_kind"], f["m_hash"], f["m_url"], f["m_alt"]
	for i := range min(len(kinds), len(hashes), len(urls), len(alts)) {
		p.Media = append(p.Media, publisher.Media{Kind: publisher.MediaKind(kinds[i]), Hash: hashes[i], URL: urls[i], Alt: alts[i]})
	}
	if f.Get("poll") == "1" {
		p.Poll = &pollFields{Question: f.Get("question"), Options: f["option"], Multiple: f.Get("multiple") == "1", Named: f.Get("named") == "1", OpenDays: number(f.Get("open_days"))}
		p.Poll.Options = p.Poll.Options[:min(len(p.Poll.Options), optionsMost)]
	}
	return p
}

// fields are the form as it is kept while it is not saved.
func (p postForm) fields() url.Values {
	f := url.Values{
		"title": {p.Title}, "rubric": {p.Rubric}, "tags": {p.Tags}, "text": {p.Text}, "page": p.Pages, "date": {p.Date}, "time": {p.Time},
		"zone": {p.Zone}, "late": {strconv.Itoa(p.Late)}, "silent": {flagText(p.Silent)}, "no_comments": {flagText(p.NoComments)}, "no_preview": {flagText(p.NoPreview)},
	}
	for n, text := range p.Versions {
		f.Set("text_"+string(n), text)
	}
	for _, m := range p.Media {
		f.Add("m_kind", string(m.Kind))
		f.Add("m_hash", m.Hash)
		f.Add("m_url", m.URL)
		f.Add("m_alt", m.Alt)
	}
	if p.Poll != nil {
		f.Set("poll", "1")
		f.Set("question", p.Poll.Question)
		f["option"] = p.Poll.Options
		f.Set("multiple", flagText(p.Poll.Multiple))
		f.Set("named", flagText(p.Poll.Named))
		f.Set("open_days", strconv.Itoa(p.Poll.OpenDays))
	}
	p.Rule.write(f)
	return f
}

// formOf fills the form from a content.
func formOf(w publisher.Write) postForm {
	c := w.Content
	p := postForm{
		Title: w.Title, Rubric: w.Rubric, Tags: strings.Join(w.Tags, ", "), Text: c.Text, Versions: map[social.Network]string{}, Pages: w.PageIDs,
		Media: slices.Clone(c.Media), Silent: c.Silent, NoComments: c.NoComments, NoPreview: c.NoPreview,
	}
	for n, text := range c.Versions {
		p.Versions[n] = text
	}
	if c.Poll != nil {
		p.Poll = &pollFields{Question: c.Poll.Question, Options: slices.Clone(c.Poll.Options), Multiple: c.Poll.Multiple, Named: c.Poll.Named, OpenDays: int(c.Poll.OpenFor / (24 * time.Hour))}
	}
	return p
}

// schedule fills the time of the form, as the clocks of a zone show it.
func (p *postForm) schedule(at time.Time, late time.Duration, zone *time.Location) {
	p.Zone, p.Late = zone.String(), int(late/time.Minute)
	if !at.IsZero() {
		p.Date, p.Time = at.In(zone).Format(time.DateOnly), at.In(zone).Format("15:04")
	}
}

// content is what the form says. Photos that are not kept by us have no hash
// left, so that nobody publishes one by guessing its name.
func (p postForm) content(kept map[string]publisher.Upload) publisher.Content {
	c := publisher.Content{Text: p.Text, Versions: p.Versions, Silent: p.Silent, NoComments: p.NoComments, NoPreview: p.NoPreview}
	for _, m := range p.Media {
		switch m.Kind {
		case publisher.Photo:
			u := kept[m.Hash]
			m = publisher.Media{Kind: m.Kind, Hash: u.Hash, Alt: m.Alt, Width: u.Width, Height: u.Height, Size: u.Size}
		case publisher.Video, publisher.Link:
			m = publisher.Media{Kind: m.Kind, URL: m.URL}
		default:
			continue
		}
		c.Media = append(c.Media, m)
	}
	if p.Poll != nil {
		c.Poll = &publisher.PollForm{Question: p.Poll.Question, Options: p.Poll.Options, Multiple: p.Poll.Multiple, Named: p.Poll.Named, OpenFor: time.Duration(p.Poll.OpenDays) * 24 * time.Hour}
	}
	return c
}

// write is the command that the form stands for.
func (p postForm) write(kept map[string]publisher.Upload) publisher.Write {
	return publisher.Write{
		Content: p.content(kept), PageIDs: p.Pages, Title: p.Title, Rubric: p.Rubric,
		Tags: strings.FieldsFunc(p.Tags, func(r rune) bool { return r == ',' || r == ';' || r == '#' }),
	}
}

// hashes are the photos of the form.
func (p postForm) hashes() []string { return hashesOf(p.Media) }

func hashesOf(list []publisher.Media) []string {
	var out []string
	for _, m := range list {
		if m.Hash != "" {
			out = append(out, m.Hash)
		}
	}
	return out
}

// empty says that nothing was written that would be worth keeping.
func (p postForm) empty() bool {
	return strings.TrimSpace(p.Text+p.Title) == "" && len(p.Versions) == 0 && len(p.Media) == 0 && p.Poll == nil
}

// answersMost is how many options a poll may have on all the pages that were
// chosen; while none is, on pages of any network.
func answersMost(pages []publisher.Page, chosen []string) int {
	nets := zoneOfNetwork(pages, chosen)
	if len(nets) == 0 {
		nets = networks()
	}
	most := optionsMost
	for _, n := range nets {
		most = min(most, n.Bounds().MostAnswers)
	}
	return most
}

// shownOptions are the poll's options with room for at least one more.
func (p *pollFields) shownOptions() []string {
	list := slices.Clone(p.Options)
	for len(list) < optionsShown {
		list = append(list, "")
	}
	return list
}

func lines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

func number(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 || n > 1_000_000 {
		return 0
	}
	return n
}

func flagText(b bool) string {
	if b {
		return "1"
	}
	return ""
}

// latenessChoices are by how much a post may be late and still leave by itself.
func latenessChoices(chosen int) []choice {
	minutes := []int{0, 10, 30, 60, 180, 1440}
	if !slices.Contains(minutes, chosen) {
		minutes = append(minutes, chosen)
		slices.Sort(minutes)
	}
	var list []choice
	for _, m := range minutes {
		list = append(list, choice{Title: latenessWords(m), Value: strconv.Itoa(m), Checked: m == chosen})
	}
	return list
}
