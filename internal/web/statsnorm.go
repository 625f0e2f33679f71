package web

import (
	"cmp"
	"strings"
	"time"

	"otklik/internal/ru"
	"otklik/publisher"
)

// normTable is how the pages kept their norm week by week.
type normTable struct {
	Weeks []string
	Rows  []normLineRow
	Note  string
}

type normLineRow struct {
	Net   netIcon
	Title string
	URL   string
	Norm  string
	Cells []normCell
	Kept  string
	Class string
}

// normCell is one week of a page; its ground says how near it came to its norm.
type normCell struct {
	Text  string
	Class string // k0 to k5
	Words string
}

// weekNow is the week that is not over yet.
func (s *server) weeks(d *statsData, now time.Time) (whole []publisher.Week, current *publisher.Week) {
	whole = publisher.WholeWeeks(d.from, minTime(d.to, now), s.Zone)
	w := publisher.WeekOf(now, s.Zone)
	if !w.Start.Before(d.from) && w.Start.Before(d.to) {
		current = &w
	}
	return whole, current
}

func (d *statsData) moments() map[string][]time.Time {
	out := map[string][]time.Time{}
	for _, f := range d.figures {
		out[f.PageID] = append(out[f.PageID], f.PublishedAt)
	}
	return out
}

func (s *server) normTable(d *statsData, now time.Time) normTable {
	whole, current := s.weeks(d, now)
	var t normTable
	all := whole
	if current != nil {
		all = append(all, *current)
	}
	for i, w := range all {
		title := ru.Days(w.Start, w.End.Add(-time.Hour))
		if i == len(whole) {
			title = "сейчас"
		}
		t.Weeks = append(t.Weeks, title)
	}
	out := d.moments()
	for _, p := range d.pages {
		t.Rows = append(t.Rows, normLine(p, publisher.InWeeks(p, out[p.ID], all), len(whole)))
	}
	if len(whole) == 0 {
		t.Note = "В выбранном сроке нет ни одной целой недели, с понедельника по воскресенье. Возьмите срок длиннее."
	}
	return t
}

func normLine(p publisher.Page, weeks publisher.PageWeeks, whole int) normLineRow {
	row := normLineRow{Net: iconOfNet(p.Network), Title: p.Title, URL: "/pages/" + p.ID, Norm: ru.Number(weeks.Norm)}
	if p.Category == publisher.Card {
		row.Norm = "—"
	}
	for _, n := range weeks.Posts {
		row.Cells = append(row.Cells, normCell{ru.Number(n), heat(n, weeks.Norm), ru.Count(n, "пост", "поста", "постов") + ", норма " + ru.Number(weeks.Norm)})
	}
	over := weeks
	over.Posts = weeks.Posts[:whole]
	kept := over.Kept()
	switch {
	case p.Category == publisher.Card:
		row.Kept = "визитка, норма не нужна"
	case whole == 0:
		row.Kept = "—"
	default:
		row.Kept = ru.Number(kept) + " из " + ru.Number(whole)
		if kept < whole {
			row.Class = "warn"
		}
	}
	return row
}

// heat is the ground of a week: pale without posts, full from twice the norm on.
func heat(n, norm int) string {
	norm = cmp.Or(norm, publisher.LeastPosts)
	switch {
	case n == 0:
		return "k0"
	case n < norm:
		return "k1"
	case n < norm+norm/2+1:
		return "k3"
	case n < 2*norm:
		return "k4"
	}
	return "k5"
}

// scoreView is the indicators with what they are made of.
type scoreView struct {
	Span           string
	P32, P33       string
	Steps32        []string
	Steps33        []string
	Together       string
	Missing        string
	FullRate       string
	Good, All      int
	Laggards       []barRow
	NothingToJudge bool
}

func (s *server) score(d *statsData, now time.Time) *scoreView {
	whole, _ := s.weeks(d, now)
	out := &scoreView{FullRate: ru.Decimal(publisher.FullRate, 1)}
	if len(whole) > 0 {
		out.Span = ru.Days(whole[0].Start, whole[len(whole)-1].End.Add(-time.Hour))
	}
	moments := d.moments()
	var weeks []publisher.PageWeeks
	cards := 0
	for _, p := range d.pages {
		x := publisher.InWeeks(p, moments[p.ID], whole)
		weeks = append(weeks, x)
		if p.Category == publisher.Card {
			cards++
			continue
		}
		out.All++
		x.Norm = publisher.LeastPosts
		if kept := x.Kept(); len(whole) > 0 && kept == len(whole) {
			out.Good++
		} else if len(whole) > 0 {
			out.Laggards = append(out.Laggards, barRow{Net: iconOfNet(p.Network), Title: p.Title, Width: publisher.Round2(100 * float64(kept) / float64(len(whole))), Value: ru.Number(kept) + " из " + ru.Number(len(whole))})
		}
	}
	p32, judged := publisher.Regularity(weeks, publisher.LeastPosts)
	total := sum(d.figures)
	rate, rated := total.Rate()
	out.Missing = leftOut(total)
	out.P32, out.P33, out.NothingToJudge = "—", "—", !judged && !rated
	if judged {
		out.P32 = percent(publisher.Round2(p32), 2)
		out.Steps32 = []string{
			"Страниц с " + ru.Number(publisher.LeastPosts) + " и более постами в каждую неделю: " + ru.Number(out.Good),
			"Всех страниц без «визиток»: " + ru.Number(out.All) + visitors(cards),
			ru.Number(out.Good) + " / " + ru.Number(out.All) + " · 100 = " + out.P32,
		}
	}
	if rated {
		p33 := publisher.Involvement(total.Rated, publisher.FullRate)
		out.P33 = percent(publisher.Round2(p33), 2)
		r := total.Rated
		acts := r.Acts()
		out.Steps33 = []string{
			"Лайки, комментарии и репосты: " + ru.Number(r.Likes) + " + " + ru.Number(r.Comments) + " + " + ru.Number(r.Reposts) + " = " + ru.Number(acts),
			"Просмотры тех же постов: " + ru.Number(r.Views),
			"ER = " + ru.Number(acts) + " / " + ru.Number(r.Views) + " · 100 = " + percent(rate, 2),
			percent(rate, 2) + " · 100 / " + out.FullRate + " = " + out.P33 + " (не больше 100)",
		}
		if judged {
			x := publisher.Rating(0, p32, p33)
			out.Together = "0,5 · П3.2 + 0,5 · П3.3 = " + percent(x.Total, 2) + ". Штраф П3.1 за оформление страниц программа не считает."
		}
	}
	return out
}

// leftOut says which posts have no part in the engagement rate.
func leftOut(s publisher.Sum) string {
	var all []string
	if n := s.Posts - s.Viewed; n > 0 {
		all = append(all, "Не учтены "+ru.Count(n, "пост", "поста", "постов")+": их просмотры сеть не сообщает.")
	}
	if s.Doubted > 0 {
		all = append(all, "Не учтены "+ru.Count(s.Doubted, "пост", "поста", "постов")+", у которых реакций больше, чем просмотров.")
	}
	return strings.Join(all, " ")
}

func visitors(n int) string {
	if n == 0 {
		return ""
	}
	return " (ещё " + ru.Count(n, "визитка", "визитки", "визиток") + ")"
}
