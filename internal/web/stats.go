package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"otklik/internal/ru"
	"otklik/internal/social"
	"otklik/internal/workcal"
	"otklik/publisher"
)

// statsPage is the page Статистика.
type statsPage struct {
	Shell   shell
	Query   statsQuery
	Tabs    []tab
	Presets []tab
	Span    string
	Menu    menu
	Chips   []chip
	Numbers []figure
	Views   chart
	Reach   chart
	Rates   []barRow
	Columns []column
	Pages   []statsRow
	Posts   []statsRow
	Total   *statsRow
	Pager   []tab
	Norm    normTable
	Score   *scoreView
	Notes   []string
	Files   files
	Print   string
	Empty   emptyState
}

// figure is one large number.
type figure struct{ Title, Value, Delta, Class, Note string }

// barRow is one bar beside its words.
type barRow struct {
	Net   netIcon
	Title string
	Width float64 // percent
	Value string
}

// statsRow is one page or one post with its counts.
type statsRow struct {
	Net       netIcon
	Title     string
	URL       string
	Sub       string
	Cells     []string
	Trouble   string
	sum       publisher.Sum
	followers int
	at        time.Time
}

// statsData is all that was counted in the days that are looked at.
type statsData struct {
	query    statsQuery
	from, to time.Time
	pages    []publisher.Page
	names    map[string]publisher.Page
	figures  []publisher.Figure
	before   []publisher.Figure // of as many days before
	now      map[string]publisher.PageStats
	then     map[string]publisher.PageStats
	days     map[string][]social.PageDay
	measured map[string]publisher.Measured
}

func (s *server) statsData(ctx context.Context, q statsQuery, now time.Time) (*statsData, error) {
	d := &statsData{query: q}
	d.from, d.to = q.span(s.Zone)
	all, err := s.Planning.Register.Pages(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if q.wants(p) {
			d.pages = append(d.pages, p)
		}
	}
	d.names = pageNames(d.pages)
	if d.figures, err = s.Press.Posts.Figures(ctx, d.from, d.to); err != nil {
		return nil, err
	}
	if d.before, err = s.Press.Posts.Figures(ctx, d.from.Add(d.from.Sub(d.to)), d.from); err != nil {
		return nil, err
	}
	known := func(f publisher.Figure) bool { _, ok := d.names[f.PageID]; return !ok }
	d.figures, d.before = slices.DeleteFunc(d.figures, known), slices.DeleteFunc(d.before, known)
	if d.now, err = s.Press.Figures.PagesNow(ctx, minTime(d.to, now.Add(time.Second))); err != nil {
		return nil, err
	}
	if d.then, err = s.Press.Figures.PagesNow(ctx, d.from); err != nil {
		return nil, err
	}
	if d.days, err = s.Press.Figures.Days(ctx, d.from, d.to); err != nil {
		return nil, err
	}
	d.measured, err = s.Press.Figures.Measured(ctx)
	return d, err
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func (s *server) stats(w http.ResponseWriter, r *http.Request, v *visit) error {
	q := parseStatsQuery(r.URL.Query(), workcal.On(v.now.In(s.Zone)))
	d, err := s.statsData(r.Context(), q, v.now)
	if err != nil {
		return err
	}
	page := &statsPage{
		Shell: s.shell(r, v, "stats", "Статистика"), Query: q, Presets: q.presets(), Files: filesAt(q.url("/stats/export")),
		Span: ru.Days(d.from, d.to.Add(-time.Hour)), Menu: d.menu(), Chips: d.chips(),
	}
	page.Print = "Отклик. Статистика страниц, " + page.Span + ". Собрано " + s.clock.Full(v.now) + "."
	for _, view := range statsViews() {
		page.Tabs = append(page.Tabs, tab{Title: statsViewTitle(view), URL: q.look(view), Current: view == q.View})
	}
	if len(d.pages) == 0 {
		page.Empty = emptyState{Title: "Считать пока нечего", Text: "Добавьте страницы в реестр: программа начнёт собирать их просмотры, реакции и подписчиков.", URL: "/pages", Button: "К страницам"}
	} else {
		s.fillStats(page, d, v.now)
	}
	s.show(w, v, http.StatusOK, "stats", page)
	return nil
}

func (s *server) fillStats(page *statsPage, d *statsData, now time.Time) {
	switch d.query.View {
	case "posts":
		s.fillPosts(page, d, now)
	case "norm":
		page.Norm = s.normTable(d, now)
	case "score":
		page.Score = s.score(d, now)
	default:
		page.Numbers = d.numbers()
		page.Views, page.Reach = s.viewsChart(d), s.reachChart(d)
		page.Rates = d.rates()
		page.Columns, page.Pages, page.Total = d.pageColumns(), d.pageRows(), d.total()
	}
	page.Notes = d.notes()
}

// sum is what all posts of a list have brought.
func sum(list []publisher.Figure) publisher.Sum {
	var out publisher.Sum
	for _, f := range list {
		out = out.Add(f.Reactions)
	}
	return out
}

// numbers are the large ones, against as many days before.
func (d *statsData) numbers() []figure {
	now, then := sum(d.figures), sum(d.before)
	followers, gained, told := 0, 0, false
	for _, p := range d.pages {
		n, ok := d.now[p.ID]
		if !ok {
			continue
		}
		followers, told = followers+n.Subscribers, true
		if before, ok := d.then[p.ID]; ok {
			gained += n.Subscribers - before.Subscribers
		}
	}
	out := []figure{
		{Title: "Посты", Value: ru.Number(now.Posts), Delta: change(now.Posts, then.Posts), Note: "к прошлому такому же сроку"},
		{Title: "Просмотры", Value: ru.Number(now.All.Views), Delta: change(now.All.Views, then.All.Views), Note: seenNote(now) + reachNote(d.figures)},
		{Title: "Реакции", Value: ru.Number(now.All.Acts()), Delta: change(now.All.Acts(), then.All.Acts()), Note: "лайки, комментарии, репосты"},
		{Title: "Вовлечённость", Value: "—", Note: "реакции к просмотрам"},
	}
	if d := now.Doubt(); d != publisher.NoDoubt {
		out[3].Note = d.Title()
	}
	if rate, ok := now.Rate(); ok {
		out[3].Value = percent(rate, 2)
		if before, ok := then.Rate(); ok {
			out[3].Delta = signed(rate-before) + "\u00a0п.\u00a0п."
		}
	}
	last := figure{Title: "Подписчики", Value: "—", Note: "ещё не посчитаны"}
	if told {
		last = figure{Title: "Подписчики", Value: ru.Number(followers), Note: "на всех страницах"}
		if gained != 0 {
			last.Delta = signedInt(gained)
		}
	}
	return append(out, last)
}

func seenNote(s publisher.Sum) string {
	if s.Posts == s.Viewed {
		return "у всех постов"
	}
	return "известны у " + ru.Number(s.Viewed) + " из " + ru.Count(s.Posts, "поста", "постов", "постов")
}

// reachNote sums how many people saw posts: one person may have seen several.
func reachNote(list []publisher.Figure) string {
	sum, told := 0, false
	for _, f := range list {
		if f.Reach >= 0 {
			sum, told = sum+f.Reach, true
		}
	}
	if !told {
		return ""
	}
	return "; охват постов " + ru.Number(sum)
}

func signed(x float64) string {
	if x > 0 {
		return "+" + ru.Decimal(x, 2)
	}
	return ru.Decimal(x, 2)
}

func signedInt(n int) string {
	if n > 0 {
		return "+" + ru.Number(n)
	}
	return ru.Number(n)
}

// change is «+12 %» against an earlier number, "" without one.
func change(now, then int) string {
	if then == 0 || now == then {
		return ""
	}
	return signedInt(int(float64(now-then)/float64(then)*100+map[bool]float64{true: .5, false: -.5}[now > then])) + "\u00a0%"
}

// notes say honestly what the figures lack.
func (d *statsData) notes() []string {
	var out []string
	for _, p := range d.pages {
		if why := d.measured[p.ID].Trouble; why != "" {
			out = append(out, p.Title+": "+why)
		}
	}
	return out
}

func (d *statsData) menu() menu {
	m := menu{Title: "Сеть", Name: "net", Chosen: len(d.query.Networks)}
	for _, n := range networks() {
		m.Choices = append(m.Choices, choice{Title: n.Title(), Value: string(n), Checked: slices.Contains(d.query.Networks, n)})
	}
	return m
}

func (d *statsData) chips() []chip {
	q := d.query
	var out []chip
	for _, n := range q.Networks {
		out = append(out, chip{"Сеть", n.Title(), q.with(func(q *statsQuery) { q.Networks = without(q.Networks, n) })})
	}
	for _, id := range q.Pages {
		if p, ok := d.names[id]; ok {
			out = append(out, chip{"Страница", p.Title, q.with(func(q *statsQuery) { q.Pages = without(q.Pages, id) })})
		}
	}
	return out
}
