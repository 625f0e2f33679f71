package web

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"otklik/internal/markup"
	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/publisher"
)

const (
	// overdue is by how much a post may be late before the plan says so.
	overdue = 2 * time.Minute
	// cardTitle is how many characters of a post's text stand for its title.
	cardTitle = 80
)

// planCard is one post in the plan.
type planCard struct {
	ID      string
	Number  int64
	Version int
	Title   string
	Page    string // its first page
	Pages   string // all pages, for the hint
	More    int    // further pages
	Nets    []netIcon
	Mark    postMark
	At      time.Time
	Clock   string // «14:40»
	Date    string // «2026-11-26»
	Stamp   stamp
	Author  string
	Rubric  string
	Close   string // «15 мин после „Телефоны“»
	Movable bool
	Series  bool
	Trouble string
}

// postMark is a state of a post as an icon, a class and a word.
type postMark struct{ Icon, Class, Title string }

func markOf(p publisher.Post, halts []publisher.Halt, now time.Time) postMark {
	late := !p.At.IsZero() && now.Sub(p.At) > overdue
	switch p.State {
	case publisher.Draft:
		if late {
			return postMark{"clock", "po-late", "Черновик, время прошло"}
		}
		return postMark{"draft", "po-dr", p.State.Title()}
	case publisher.Review:
		if late {
			return postMark{"clock", "po-late", "Не согласован вовремя"}
		}
		return postMark{"half", "po-app", p.State.Title()}
	case publisher.Approved, publisher.Scheduled:
		if held(p, halts) {
			return postMark{"stop", "po-held", "Удержан остановкой"}
		}
		if late && p.Has(publisher.Waiting) {
			return postMark{"clock", "po-late", "Опаздывает"}
		}
		if p.Has(publisher.Leaving) {
			return postMark{"send", "po-ok", "Отправляется"}
		}
		return postMark{"okc", "po-ok", p.State.Title()}
	case publisher.Published:
		switch {
		case vanished(p):
			return postMark{"alert", "po-err", "Удалён в сети"}
		case !p.Has(publisher.Out):
			return postMark{"x", "po-off", "Удалён"}
		}
		return postMark{"okf", "po-pub", p.State.Title()}
	case publisher.Failed:
		return postMark{"alert", "po-err", p.State.Title()}
	case publisher.Check:
		return postMark{"q", "po-unk", p.State.Title()}
	}
	return postMark{"x", "po-off", p.State.Title()}
}

// vanished says that a network has deleted the post on some page.
func vanished(p publisher.Post) bool {
	return slices.ContainsFunc(p.Targets, func(t publisher.Target) bool { return !t.VanishedAt.IsZero() })
}

// held says that a stop covers a page to which the post has still to go.
func held(p publisher.Post, halts []publisher.Halt) bool {
	return slices.ContainsFunc(p.Targets, func(t publisher.Target) bool {
		_, stopped := publisher.Held(halts, t.PageID, false)
		return stopped && t.State == publisher.Waiting
	})
}

// postTitle is what a post is called in lists: its title, else its first words.
func postTitle(p publisher.Post) string { return titleOf(p.Title, p.Content) }

func titleOf(title string, c publisher.Content) string {
	if title != "" {
		return title
	}
	texts := []string{c.Text}
	for _, n := range networks() {
		texts = append(texts, c.Versions[n])
	}
	for _, text := range texts {
		first, _, _ := strings.Cut(strings.TrimSpace(markup.Parse(text).Plain()), "\n")
		if first != "" {
			return ru.Cut(first, cardTitle)
		}
	}
	switch {
	case c.Poll != nil && c.Poll.Question != "":
		return "Опрос: " + ru.Cut(c.Poll.Question, cardTitle)
	case len(c.Media) > 0:
		return "Пост без текста"
	}
	return "Без названия"
}

func (s *server) cards(posts []publisher.Post, pages []publisher.Page, halts []publisher.Halt, v *visit) []planCard {
	titles := map[string]string{}
	for _, p := range pages {
		titles[p.ID] = p.Title
	}
	near := closeBy(posts, pageNames(pages))
	cards := make([]planCard, 0, len(posts))
	for _, p := range posts {
		c := s.card(p, titles, halts, near[p.ID], v)
		c.foresee(p, publisher.Facts{Now: v.now, Pages: pages})
		cards = append(cards, c)
	}
	return cards
}

// foresee says of a post that waits for its time that it could not leave as its
// pages are now.
func (c *planCard) foresee(p publisher.Post, f publisher.Facts) {
	if p.State != publisher.Scheduled || !p.At.After(f.Now) {
		return
	}
	if found := publisher.Obstacles(p, f); len(found) > 0 {
		c.Mark, c.Trouble = postMark{"alert", "po-err", "Не сможет выйти"}, found[0].Text
	}
}

func (s *server) card(p publisher.Post, titles map[string]string, halts []publisher.Halt, near string, v *visit) planCard {
	c := planCard{
		ID: p.ID, Number: p.Number, Version: p.Version, Title: postTitle(p), Mark: markOf(p, halts, v.now), At: p.At, Author: p.AuthorName,
		Rubric: p.Rubric, Close: near, Series: p.SeriesID != "", Stamp: s.stamp(p.At, v.now),
		Movable: can(p, v.person.Actor(), publisher.EventPlanned),
	}
	if !p.At.IsZero() {
		c.Clock, c.Date = s.clock.Time(p.At), s.today(p.At).String()
	}
	var names []string
	for _, id := range p.PageIDs() {
		names = append(names, cmp.Or(titles[id], "Страница отключена"))
	}
	if len(names) > 0 {
		c.Page, c.Pages, c.More = names[0], strings.Join(names, ", "), len(names)-1
	}
	for _, n := range networks() {
		if slices.ContainsFunc(p.Targets, func(t publisher.Target) bool { return t.Network == n && t.State != publisher.Dropped }) {
			c.Nets = append(c.Nets, iconOfNet(n))
		}
	}
	for _, t := range p.Targets {
		if t.Trouble != "" && (p.State == publisher.Failed || p.State == publisher.Check) {
			c.Trouble = t.Trouble
		}
	}
	return c
}

// can says that the person could do something with the post as it is now.
func can(p publisher.Post, by rights.Actor, kind publisher.EventKind) bool {
	return slices.Contains(publisher.Possible(p, by), kind)
}

// closeBy says of posts that come sooner after another one of the same page than
// the page allows, how soon.
func closeBy(posts []publisher.Post, pages map[string]publisher.Page) map[string]string {
	out := map[string]string{}
	last := map[string]publisher.Post{}
	for _, p := range posts {
		if p.At.IsZero() || p.State == publisher.Cancelled {
			continue
		}
		for _, id := range p.PageIDs() {
			before, ok := last[id]
			last[id] = p
			if gap := p.At.Sub(before.At); ok && gap < pages[id].LeastGap() && p.State != publisher.Published && out[p.ID] == "" {
				out[p.ID] = soonAfter(gap, before)
			}
		}
	}
	return out
}

func soonAfter(gap time.Duration, before publisher.Post) string {
	name := quoted(ru.Cut(postTitle(before), 40))
	if gap < time.Minute {
		return "Одновременно с " + name
	}
	return ru.Span(gap) + " после " + name
}
