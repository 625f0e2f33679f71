package web

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"otklik/internal/ru"
	"otklik/publisher"
)

// checks are what to look at before a post goes out.
type checks struct {
	Summary string
	Class   string
	Items   []checkItem
	Stops   int
}

// checkItem is one finding.
type checkItem struct {
	Icon, Class string
	Text        string
	More        string
	URL, Link   string
}

// repeatsSince is how far back a text is compared with others.
const repeatsSince = 30 * 24 * time.Hour

// checks looks at what is written: the pre-flight, repetitions and neighbours.
func (s *server) checks(ctx context.Context, page *postPage, p publisher.Post, w publisher.Write, pages []publisher.Page, at, now time.Time) (checks, error) {
	var c checks
	if p.State == publisher.Published || p.State == publisher.Cancelled {
		return c, nil
	}
	x := p
	x.Content, x.At = w.Content, at
	x.Targets = nil
	for _, id := range w.PageIDs {
		t, ok := p.Target(id)
		if !ok {
			t = publisher.Target{PageID: id, State: publisher.Waiting}
		}
		x.Targets = append(x.Targets, t)
	}
	problems := publisher.Preflight(x, publisher.Facts{Now: now, Pages: pages})
	notes := 0
	private := false
	for _, problem := range problems {
		item := checkItem{Icon: "info", Class: "warn", Text: problem.Text}
		private = private || strings.HasPrefix(problem.Code, "private.")
		if problem.Severity == publisher.Stop {
			item.Icon, item.Class = "alert", "bad"
			c.Stops++
		} else {
			notes++
		}
		if strings.HasPrefix(problem.Code, "key.") {
			item.URL, item.Link = "/sources", "Ключи страницы"
		}
		c.Items = append(c.Items, item)
	}
	repeats, err := s.repeats(ctx, page, p, w, now)
	if err != nil {
		return c, err
	}
	near, err := s.neighbours(ctx, p, w, pageNames(pages), at)
	if err != nil {
		return c, err
	}
	notes += len(repeats) + len(near)
	c.Items = append(append(c.Items, repeats...), near...)
	if !w.Content.Empty() {
		if !private {
			c.Items = append(c.Items, checkItem{Icon: "okc", Class: "ok", Text: "Личных данных не видно"})
		}
		if len(repeats) == 0 {
			c.Items = append(c.Items, checkItem{Icon: "okc", Class: "ok", Text: "За месяц похожих постов не было"})
		}
	}
	c.Summary, c.Class = findings(c.Stops, notes), "ok"
	switch {
	case c.Stops > 0:
		c.Class = "bad"
	case notes > 0:
		c.Class = "warn"
	}
	return c, nil
}

func findings(stops, notes int) string {
	var parts []string
	if stops > 0 {
		parts = append(parts, ru.Count(stops, "ошибка", "ошибки", "ошибок"))
	}
	if notes > 0 {
		parts = append(parts, ru.Count(notes, "замечание", "замечания", "замечаний"))
	}
	if len(parts) == 0 {
		return "всё в\u00a0порядке"
	}
	return strings.Join(parts, ", ")
}

// repeats warns of recent posts that say nearly the same.
func (s *server) repeats(ctx context.Context, page *postPage, p publisher.Post, w publisher.Write, now time.Time) ([]checkItem, error) {
	if page.Series != nil {
		return nil, nil
	}
	recent, err := s.Planning.Plan.RecentTexts(ctx, now.Add(-repeatsSince), p.ID)
	if err != nil {
		return nil, err
	}
	var out []checkItem
	for _, like := range publisher.Repeats(w.Content.Text, recent) {
		if len(out) == 3 {
			break
		}
		name := titleOf(like.Title, publisher.Content{Text: like.Text})
		out = append(out, checkItem{Icon: "info", Class: "warn", Text: fmt.Sprintf("Похоже на пост %s от %s", quoted(ru.Cut(name, 50)), s.clock.Date(like.At)), More: fmt.Sprintf("Совпадает на %d\u00a0%%. Если это не повтор по плану, перепишите текст.", int(like.Share*100))})
	}
	return out, nil
}

// neighbours warns of posts that stand closer by than one of the same pages allows.
func (s *server) neighbours(ctx context.Context, p publisher.Post, w publisher.Write, pages map[string]publisher.Page, at time.Time) ([]checkItem, error) {
	if at.IsZero() || len(w.PageIDs) == 0 {
		return nil, nil
	}
	widest := time.Duration(0)
	for _, id := range w.PageIDs {
		widest = max(widest, pages[id].LeastGap())
	}
	list, err := s.Planning.Plan.Plan(ctx, publisher.Filter{From: at.Add(-widest + time.Second), To: at.Add(widest), PageIDs: w.PageIDs, Limit: 50})
	if err != nil {
		return nil, err
	}
	var out []checkItem
	for _, x := range list.Posts {
		if x.ID == p.ID || x.State == publisher.Cancelled {
			continue
		}
		gap := x.At.Sub(at).Abs()
		crowds := func(id string) bool { return slices.Contains(x.PageIDs(), id) && gap < pages[id].LeastGap() }
		if !slices.ContainsFunc(w.PageIDs, crowds) {
			continue
		}
		text := "На той же странице через " + ru.Span(gap) + " — " + quoted(ru.Cut(postTitle(x), 50))
		switch {
		case gap < time.Minute:
			text = "В то же время на той же странице — " + quoted(ru.Cut(postTitle(x), 50))
		case x.At.Before(at):
			text = "На той же странице за " + ru.Span(gap) + " до этого — " + quoted(ru.Cut(postTitle(x), 50))
		}
		out = append(out, checkItem{Icon: "info", Class: "warn", Text: text, More: "Посты, которые идут подряд, читают хуже.", URL: fmt.Sprintf("/posts/%d", x.Number), Link: "Открыть"})
	}
	return out, nil
}
