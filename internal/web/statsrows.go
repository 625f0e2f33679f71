package web

import (
	"cmp"
	"net/url"
	"slices"
	"time"

	"otklik/internal/ru"
	"otklik/publisher"
)

const postsPerPage = 50

// link is the address of the page with another sorting.
func (d *statsData) link(x sorting) string {
	return d.query.with(func(q *statsQuery) { q.Sort = x })
}

func (d *statsData) pageColumns() []column {
	s := d.query.Sort
	return []column{
		s.head("Страница", "title", false, d.link), s.head("Посты", "posts", true, d.link), s.head("Просмотры", "views", true, d.link),
		s.head("Лайки", "likes", true, d.link), s.head("Комментарии", "comments", true, d.link), s.head("Репосты", "reposts", true, d.link),
		s.head("ER", "rate", true, d.link), s.head("Подписчики", "followers", true, d.link),
	}
}

func (d *statsData) pageRows() []statsRow {
	sums := publisher.ByPage(d.figures)
	var rows []statsRow
	for _, p := range d.pages {
		row := statsRow{
			Net: iconOfNet(p.Network), Title: p.Title, Sub: p.Organisation, sum: sums[p.ID], Trouble: d.measured[p.ID].Trouble, followers: -1,
			URL: d.query.with(func(q *statsQuery) { q.View, q.Pages, q.Sort = "posts", []string{p.ID}, sorting{"at", true} }),
		}
		if n, ok := d.now[p.ID]; ok {
			row.followers = n.Subscribers
		}
		row.Cells = append(append([]string{ru.Number(row.sum.Posts)}, counts(row.sum)...), dash(row.followers))
		rows = append(rows, row)
	}
	sorted(rows, d.query.Sort, func(a, b statsRow) int {
		return cmp.Or(compareSums(d.query.Sort.By, a, b), byRussian(a.Title, b.Title))
	})
	return rows
}

func compareSums(by string, a, b statsRow) int {
	x, y := a.sum, b.sum
	switch by {
	case "posts":
		return x.Posts - y.Posts
	case "views":
		return x.All.Views - y.All.Views
	case "likes":
		return x.All.Likes - y.All.Likes
	case "comments":
		return x.All.Comments - y.All.Comments
	case "reposts":
		return x.All.Reposts - y.All.Reposts
	case "rate":
		return cmp.Compare(x.Rated.Rate(), y.Rated.Rate())
	case "followers":
		return a.followers - b.followers
	case "at":
		return a.at.Compare(b.at)
	}
	return 0
}

// counts are the cells from views to the engagement rate.
func counts(s publisher.Sum) []string {
	rate := "—"
	if x, ok := s.Rate(); ok {
		rate = percent(x, 2)
	}
	told := func(n, posts int) string {
		if posts == 0 && s.Posts > 0 {
			return "—"
		}
		return ru.Number(n)
	}
	all, by := s.All, s.Told
	return []string{told(all.Views, by.Views), told(all.Likes, by.Likes), told(all.Comments, by.Comments), told(all.Reposts, by.Reposts), rate}
}

// dash writes a number, a dash for one that is not known.
func dash(n int) string {
	if n < 0 {
		return "—"
	}
	return ru.Number(n)
}

func (d *statsData) total() *statsRow {
	if len(d.pages) < 2 {
		return nil
	}
	all := sum(d.figures)
	followers, told := 0, false
	for _, p := range d.pages {
		if n, ok := d.now[p.ID]; ok {
			followers, told = followers+n.Subscribers, true
		}
	}
	if !told {
		followers = -1
	}
	return &statsRow{Title: "Всего", Cells: append(append([]string{ru.Number(all.Posts)}, counts(all)...), dash(followers))}
}

// rates are the engagement rates of pages as bars, the highest first.
func (d *statsData) rates() []barRow {
	const most = 8
	type rated struct {
		page publisher.Page
		rate float64
	}
	var list []rated
	sums := publisher.ByPage(d.figures)
	for _, p := range d.pages {
		if x, ok := sums[p.ID].Rate(); ok {
			list = append(list, rated{p, x})
		}
	}
	slices.SortStableFunc(list, func(a, b rated) int {
		return cmp.Or(cmp.Compare(b.rate, a.rate), byRussian(a.page.Title, b.page.Title))
	})
	var out []barRow
	for _, x := range list[:min(len(list), most)] {
		width := 0.0
		if list[0].rate > 0 {
			width = publisher.Round2(100 * x.rate / list[0].rate)
		}
		out = append(out, barRow{iconOfNet(x.page.Network), x.page.Title, width, percent(x.rate, 2)})
	}
	return out
}

func (s *server) fillPosts(page *statsPage, d *statsData, now time.Time) {
	sort := d.query.Sort
	page.Columns = []column{sort.head("Пост", "at", true, d.link)}
	page.Columns[0].Num = false
	page.Columns = append(page.Columns, d.pageColumns()[2:7]...)
	rows := s.postRows(d, now)
	from := min((d.query.Number-1)*postsPerPage, len(rows))
	page.Posts = rows[from:min(from+postsPerPage, len(rows))]
	for i := 1; len(rows) > postsPerPage && i <= (len(rows)+postsPerPage-1)/postsPerPage; i++ {
		page.Pager = append(page.Pager, tab{Title: ru.Number(i), URL: d.query.with(func(q *statsQuery) { q.Number = i }), Current: i == d.query.Number})
	}
	if len(rows) == 0 {
		page.Empty = emptyState{Title: "Постов за это время нет", Text: "Выберите другой срок или снимите отбор.", URL: "/stats?view=posts", Button: "За последние недели"}
	}
}

func (s *server) postRows(d *statsData, now time.Time) []statsRow {
	var rows []statsRow
	for _, f := range d.figures {
		row := statsRow{
			Net: iconOfNet(f.Ref.Network), Title: ru.Cut(f.Text, 140), URL: "/stats/posts/" + url.PathEscape(f.Ref.String()),
			Sub: s.clock.Moment(f.PublishedAt, now) + ", " + d.names[f.PageID].Title, sum: publisher.Sum{}.Add(f.Reactions), at: f.PublishedAt,
		}
		if row.Title == "" {
			row.Title = "Без текста"
		}
		row.Cells = postCells(f)
		rows = append(rows, row)
	}
	sorted(rows, d.query.Sort, func(a, b statsRow) int { return cmp.Or(compareSums(d.query.Sort.By, a, b), a.at.Compare(b.at)) })
	return rows
}

func postCells(f publisher.Figure) []string {
	r := f.Reactions
	rate := "—"
	if r.Doubt() == publisher.NoDoubt {
		rate = percent(r.Known().Rate(), 2)
	}
	return []string{dash(r.Views), dash(r.Likes), dash(r.Comments), dash(r.Reposts), rate}
}

// viewsChart draws views by the day on which posts came out.
func (s *server) viewsChart(d *statsData) chart {
	return s.byDay(d, "просмотры", "просмотры постов по дням выхода", func(r publisher.Reactions) int { return r.Views })
}

// byDay draws something that posts brought by the day on which they came out.
func (s *server) byDay(d *statsData, title, about string, count func(publisher.Reactions) int) chart {
	l := curve{Title: title}
	byDay := map[time.Time]publisher.Sum{}
	for _, f := range d.figures {
		day := s.clock.DayStart(f.PublishedAt)
		byDay[day] = byDay[day].Add(f.Reactions)
	}
	if len(d.figures) == 0 {
		return chart{}
	}
	last := minTime(d.to, s.Now())
	for day := d.from; day.Before(last); day = s.clock.DayEnd(day) {
		l.Points = append(l.Points, point{day, float64(count(byDay[day].All))})
	}
	return s.drawBars(l, about)
}

// reachChart draws how many people a day saw the pages whose networks tell it,
// or what people did under posts where none does.
func (s *server) reachChart(d *statsData) chart {
	byDay := map[time.Time]int{}
	for _, p := range d.pages {
		for _, day := range d.days[p.ID] {
			// A day that is not over yet would look like a fall.
			if day.To.Before(s.Now()) && day.To.Sub(day.From) >= 23*time.Hour {
				byDay[day.From] += day.Reach
			}
		}
	}
	reach := curve{Title: "охват"}
	for day, n := range byDay {
		reach.Points = append(reach.Points, point{day, float64(n)})
	}
	slices.SortFunc(reach.Points, func(a, b point) int { return a.At.Compare(b.At) })
	if len(reach.Points) < 2 {
		acts := func(r publisher.Reactions) int { return r.Likes + r.Comments + r.Reposts }
		return s.byDay(d, "реакции", "реакции под постами по дням выхода", acts)
	}
	return s.draw([]curve{reach}, "охват страниц по дням", dayAxis)
}
