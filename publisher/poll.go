package publisher

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/markup"
	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/internal/social"
)

// PollState is where a poll stands.
type PollState string

const (
	PollOpen    PollState = "open"
	PollClosing PollState = "closing" // the networks are being told
	PollClosed  PollState = "closed"  // in all of them
)

// Title is the state's name as people read it.
func (s PollState) Title() string {
	switch s {
	case PollOpen:
		return "Идёт"
	case PollClosing:
		return "Закрывается"
	case PollClosed:
		return "Закрыт"
	}
	return ""
}

// Place is a poll on one page.
type Place struct {
	PageID  string         `json:"page"`
	Network social.Network `json:"network"`
	// Ref is the item that shows the poll: the post in VK, the message in Telegram.
	Ref social.Ref `json:"ref"`
	// RemoteID is the poll's own id in the network.
	RemoteID string `json:"remote_id,omitempty"`
	Link     string `json:"link,omitempty"`
	Closed   bool   `json:"closed,omitempty"`
	Trouble  string `json:"trouble,omitempty"`
}

// Poll is one question on all its pages. A poll among citizens in a bot is one
// without places: its votes are the program's own.
type Poll struct {
	ID       string
	PostID   string // "" for a poll in a bot
	Form     PollForm
	State    PollState
	Places   []Place
	OpenedAt time.Time
	// ClosesAt is when the program closes it, zero for never by itself.
	ClosesAt time.Time
	ClosedAt time.Time
	Version  int
}

// Due says that the program has to close the poll.
func (p Poll) Due(now time.Time) bool {
	return p.State == PollOpen && !p.ClosesAt.IsZero() && !now.Before(p.ClosesAt)
}

// Add puts the poll on one more page, where a part of its post has gone out, or
// writes down what was not known of its place there. The first place starts its
// time. A poll that is over has to be closed on a page that comes later too.
// Saying the same twice changes nothing.
func (p Poll) Add(x Place, now time.Time) (Poll, bool) {
	if i := slices.IndexFunc(p.Places, func(o Place) bool { return o.PageID == x.PageID }); i >= 0 {
		known := p.Places[i].with(x)
		if known == p.Places[i] {
			return p, false
		}
		p.Places = slices.Clone(p.Places)
		p.Places[i] = known
		p.Version++
		return p, true
	}
	p.Places = append(slices.Clone(p.Places), x)
	if p.OpenedAt.IsZero() {
		p.OpenedAt = now
		if p.Form.OpenFor > 0 {
			p.ClosesAt = now.Add(p.Form.OpenFor)
		}
	}
	if p.State == PollClosed {
		p.State, p.ClosedAt = PollClosing, time.Time{}
	}
	p.Version++
	return p, true
}

// with is the place with what another word about it adds.
func (x Place) with(o Place) Place {
	if x.Ref.IsZero() {
		x.Ref = o.Ref
	}
	x.RemoteID, x.Link = cmp.Or(x.RemoteID, o.RemoteID), cmp.Or(x.Link, o.Link)
	return x
}

// reachable says that enough is known of the place to close the poll there: VK
// is told the poll's own name, Telegram its message.
func (x Place) reachable() bool {
	if x.Network == social.VK {
		return x.RemoteID != ""
	}
	return !x.Ref.IsZero()
}

// ToClose is what is left to be closed on a page, of a poll that is being closed.
func (p Poll) ToClose(pageID string) (Place, bool) {
	i := slices.IndexFunc(p.Places, func(x Place) bool { return x.PageID == pageID })
	if p.State != PollClosing || i < 0 || p.Places[i].Closed || !p.Places[i].reachable() {
		return Place{}, false
	}
	return p.Places[i], true
}

// Close says which places have to be closed; by is a person, or the program when
// the time has come. Closing what is closed, or is being closed, changes
// nothing and is no error. May: WritePost, the program. Errors: Forbidden.
func (p Poll) Close(by rights.Actor, now time.Time) (Poll, []Place, error) {
	if !by.IsSystem() && !by.Can(rights.WritePost) {
		return p, nil, errs.New(errs.Forbidden, "Опросы ведёт пресс-служба.")
	}
	if p.State != PollOpen {
		return p, nil, nil
	}
	var open []Place
	p.Places = slices.Clone(p.Places)
	for i, x := range p.Places {
		switch {
		case x.Closed:
		case x.reachable():
			open = append(open, x)
		default:
			p.Places[i].Trouble = "Программа ещё не знает, где стоит опрос, и закроет его, когда увидит. Можно закрыть его и в самой сети."
		}
	}
	p.State, p.Version = PollClosing, p.Version+1
	return p.settled(now), open, nil
}

// PlaceClosed records that a network has closed the poll. Only the program.
func (p Poll) PlaceClosed(pageID string, now time.Time) Poll {
	return p.place(pageID, now, func(x *Place) { x.Closed, x.Trouble = true, "" })
}

// PlaceStuck records why a network has not closed the poll. Only the program.
func (p Poll) PlaceStuck(pageID, why string, now time.Time) Poll {
	return p.place(pageID, now, func(x *Place) { x.Trouble = why })
}

func (p Poll) place(pageID string, now time.Time, change func(*Place)) Poll {
	p.Places = slices.Clone(p.Places)
	for i := range p.Places {
		if p.Places[i].PageID == pageID {
			change(&p.Places[i])
			p.Version++
		}
	}
	return p.settled(now)
}

// settled is closed once every place is.
func (p Poll) settled(now time.Time) Poll {
	if p.State == PollClosing && !slices.ContainsFunc(p.Places, func(x Place) bool { return !x.Closed }) {
		p.State, p.ClosedAt = PollClosed, now
	}
	return p
}

// Snapshot is what one page showed of a poll at a moment.
type Snapshot struct {
	PollID string
	PageID string
	At     time.Time
	// Voters are people, Votes are counts by option; with several answers allowed
	// there are more votes than voters.
	Voters int
	Votes  []int
}

// Joint is the table over all pages.
type Joint struct {
	Question string
	Pages    []string // page ids, in the order of the columns
	Rows     []JointRow
	Votes    int // all votes
	// Voters sums the voters of all pages. One person may be among them twice.
	Voters int
	// Note is the honest remark that belongs under the table.
	Note string
	At   time.Time // of the oldest snapshot in the table
}

// JointRow is one option.
type JointRow struct {
	Option string
	Votes  []int // by page
	Total  int
	// Share is of all votes in percent, or of all voters where several answers
	// are allowed; 0 to 100.
	Share float64
}

// Join sums the newest snapshot of every page.
func Join(p Poll, snapshots []Snapshot) Joint {
	j := Joint{Question: p.Form.Question}
	newest := map[string]Snapshot{}
	for _, s := range snapshots {
		if have, ok := newest[s.PageID]; !ok || s.At.After(have.At) {
			newest[s.PageID] = s
		}
	}
	for _, option := range p.Form.Options {
		j.Rows = append(j.Rows, JointRow{Option: option})
	}
	for _, x := range p.Places {
		s, ok := newest[x.PageID]
		if !ok {
			continue
		}
		j.Pages = append(j.Pages, x.PageID)
		j.Voters += s.Voters
		if j.At.IsZero() || s.At.Before(j.At) {
			j.At = s.At
		}
		for i := range j.Rows {
			votes := 0
			if i < len(s.Votes) {
				votes = s.Votes[i]
			}
			j.Rows[i].Votes = append(j.Rows[i].Votes, votes)
			j.Rows[i].Total += votes
			j.Votes += votes
		}
	}
	of := j.Votes
	if p.Form.Multiple {
		of = j.Voters
	}
	for i := range j.Rows {
		if of > 0 {
			j.Rows[i].Share = min(100, 100*float64(j.Rows[i].Total)/float64(of))
		}
	}
	j.Note = note(p, len(j.Pages))
	return j
}

func note(p Poll, pages int) string {
	var parts []string
	if pages > 1 {
		parts = append(parts, "Один человек мог проголосовать на каждой странице, поэтому сумма — это голоса, а не люди.")
	}
	if p.Form.Multiple {
		parts = append(parts, "Можно было выбрать несколько ответов, поэтому доли в сумме больше 100 %.")
	}
	if len(p.Places) > pages {
		parts = append(parts, "Не все страницы ещё ответили.")
	}
	return strings.Join(parts, " ")
}

// DefaultResult is the template of a post with the results.
const DefaultResult = "*Итоги опроса*\n{вопрос}\n\n{итоги}\n\nВсего {голоса}. {примечание}\n\nСпасибо всем, кто проголосовал!"

// ResultPost fills a template of a post with the results: {вопрос}, {итоги} by
// options from the most popular, {голоса}, {примечание}.
func ResultPost(template string, j Joint) Content {
	rows := slices.Clone(j.Rows)
	slices.SortStableFunc(rows, func(a, b JointRow) int { return b.Total - a.Total })
	var lines []string
	for _, r := range rows {
		share := strings.Replace(fmt.Sprintf("%.1f", r.Share), ".", ",", 1)
		lines = append(lines, fmt.Sprintf("%s — %s\u00a0%% (%s)", markup.Escape(r.Option), strings.TrimSuffix(share, ",0"), ru.Count(r.Total, "голос", "голоса", "голосов")))
	}
	text := strings.NewReplacer(
		"{вопрос}", markup.Escape(j.Question), "{итоги}", strings.Join(lines, "\n"),
		"{голоса}", ru.Count(j.Votes, "голос", "голоса", "голосов"), "{примечание}", j.Note,
	).Replace(template)
	return Content{Text: tidyText(text)}
}

// Vote is one person's voice in a poll of the program's own bots. A person has
// one: the store refuses the second by a unique key.
type Vote struct {
	PollID string
	// Voter names the person in one messenger: "vk:501".
	Voter   string
	Options []int // places of the chosen options
	At      time.Time
}

// Check says whether a vote fits its poll. Errors: Conflict, Invalid.
func (v Vote) Check(p Poll) error {
	switch {
	case p.State != PollOpen || !p.ClosesAt.IsZero() && !v.At.Before(p.ClosesAt):
		return errs.New(errs.Conflict, "Опрос уже закончился. Спасибо за интерес!")
	case v.Voter == "" || len(v.Options) == 0 || len(v.Options) > 1 && !p.Form.Multiple:
		return errs.New(errs.Invalid, "Выберите один ответ.")
	}
	for i, o := range v.Options {
		if o < 0 || o >= len(p.Form.Options) || slices.Contains(v.Options[:i], o) {
			return errs.New(errs.Invalid, "Такого ответа в опросе нет.")
		}
	}
	return nil
}

// SnapshotOf brings what a network shows of a poll into the order of the form's
// options.
func SnapshotOf(p Poll, pageID string, r social.PollResult, at time.Time) Snapshot {
	out := Snapshot{PollID: p.ID, PageID: pageID, At: at, Voters: r.Voters, Votes: make([]int, len(p.Form.Options))}
	for i, option := range p.Form.Options {
		named := slices.IndexFunc(r.Answers, func(a social.PollAnswer) bool { return strings.TrimSpace(a.Text) == strings.TrimSpace(option) })
		if named < 0 && len(r.Answers) == len(p.Form.Options) {
			named = i // the network shows it in other words
		}
		if named >= 0 {
			out.Votes[i] = r.Answers[named].Votes
		}
	}
	return out
}

// PollLook is a poll with the newest look at each of its pages.
type PollLook struct {
	Poll   Poll
	SeenAt map[string]time.Time // by page
}

// Due lists the places that are to be looked at again: often while people vote,
// and once more when nothing can change any more.
func (l PollLook) Due(now time.Time, every func(age time.Duration) time.Duration) []Place {
	var out []Place
	for _, x := range l.Poll.Places {
		seen := l.SeenAt[x.PageID]
		switch {
		case l.Poll.State == PollClosed:
			if seen.Before(l.Poll.ClosedAt) {
				out = append(out, x)
			}
		case now.Sub(seen) >= every(now.Sub(l.Poll.OpenedAt)):
			out = append(out, x)
		}
	}
	return out
}
