package web

import (
	"net/http"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/ru"
	"otklik/internal/sheet"
	"otklik/internal/social"
	"otklik/internal/workcal"
	"otklik/publisher"
)

// statsPostPage is how one post grew.
type statsPostPage struct {
	Shell   shell
	Net     netIcon
	Page    string
	Text    string
	At      stamp
	Link    string
	Number  int64 // of the plan, 0 for a post made elsewhere
	Numbers []figure
	Chart   chart
	Counted string
	Rows    []historyRow
}

type historyRow struct {
	At    stamp
	Cells []string
}

// parseRef reads «vk:-1:34».
func parseRef(s string) (social.Ref, bool) {
	parts := strings.Split(s, ":")
	if len(parts) != 3 || parts[1] == "" || parts[2] == "" {
		return social.Ref{}, false
	}
	r := social.Ref{Network: social.Network(parts[0]), Owner: parts[1], ID: parts[2]}
	return r, r.Network == social.VK || r.Network == social.Telegram
}

func (s *server) statsPost(w http.ResponseWriter, r *http.Request, v *visit) error {
	ref, ok := parseRef(r.PathValue("ref"))
	if !ok {
		return errs.New(errs.NotFound, "Такого поста в статистике нет. Возможно, ссылка скопирована не целиком.")
	}
	f, err := s.Press.Posts.Figure(r.Context(), ref)
	if err != nil {
		return err
	}
	history, err := s.Press.Posts.NumbersOf(r.Context(), ref)
	if err != nil {
		return err
	}
	pages, err := s.Planning.Register.Pages(r.Context())
	if err != nil {
		return err
	}
	page := statsPostPage{
		Shell: s.shell(r, v, "stats-post", "Пост в статистике"), Net: iconOfNet(ref.Network), Page: pageNames(pages)[f.PageID].Title, Text: f.Text,
		At: s.stamp(f.PublishedAt, v.now), Link: webLink(f.Link), Number: f.Number, Numbers: postNumbers(f), Counted: "Ещё не посчитан.",
		Chart: s.growth(f, history),
	}
	if !f.CountedAt.IsZero() {
		page.Counted = "Посчитан " + s.clock.Moment(f.CountedAt, v.now) + "."
	}
	const shown = 30
	for i := len(history) - 1; i >= 0 && len(page.Rows) < shown; i-- {
		x := history[i]
		page.Rows = append(page.Rows, historyRow{s.stamp(x.At, v.now), postCells(publisher.Figure{Reactions: x.Reactions})})
	}
	s.show(w, v, http.StatusOK, "stats-post", page)
	return nil
}

func postNumbers(f publisher.Figure) []figure {
	cells := postCells(f)
	var out []figure
	for i, title := range []string{"Просмотры", "Лайки", "Комментарии", "Репосты", "Вовлечённость"} {
		out = append(out, figure{Title: title, Value: cells[i]})
	}
	if !f.CountedAt.IsZero() {
		out[len(out)-1].Note = f.Reactions.Doubt().Title()
	}
	if f.Reach >= 0 {
		out[0].Note = "охват " + ru.Count(f.Reach, "человек", "человека", "человек")
	}
	return out
}

// growth draws views over time, or reactions where the network tells no views.
func (s *server) growth(f publisher.Figure, history []publisher.PostStats) chart {
	views, acts := curve{Title: "просмотры"}, curve{Title: "реакции"}
	for _, x := range history {
		if x.Reactions.Views >= 0 {
			views.Points = append(views.Points, point{x.At, float64(x.Reactions.Views)})
		}
		r := x.Reactions.Known()
		acts.Points = append(acts.Points, point{x.At, float64(r.Acts())})
	}
	if len(views.Points) > 1 {
		return s.draw([]curve{views}, "просмотры", momentAxis)
	}
	return s.draw([]curve{acts}, "реакции", momentAxis)
}

// statsExport sends what the page shows as a table, in the same order.
func (s *server) statsExport(w http.ResponseWriter, r *http.Request, v *visit) error {
	q := parseStatsQuery(r.URL.Query(), workcal.On(v.now.In(s.Zone)))
	d, err := s.statsData(r.Context(), q, v.now)
	if err != nil {
		return err
	}
	t := sheet.Table{Name: "Статистика"}
	switch q.View {
	case "posts":
		t = s.postsTable(d)
	case "norm":
		t = s.normSheet(d, v.now)
	case "score":
		x := s.score(d, v.now)
		t.Columns = []string{"Показатель", "Значение", "Из чего"}
		for _, row := range [][3]string{{"П3.2", x.P32, strings.Join(x.Steps32, "; ")}, {"П3.3", x.P33, strings.Join(x.Steps33, "; ")}} {
			t.Rows = append(t.Rows, []sheet.Cell{sheet.Text(row[0]), sheet.Text(row[1]), sheet.Text(row[2])})
		}
	default:
		t.Columns = []string{"Страница", "Организация", "Сеть", "Посты", "Посты с просмотрами", "Просмотры", "Лайки", "Комментарии", "Репосты", "ER, %", "Подписчики"}
		sums := publisher.ByPage(d.figures)
		for _, p := range d.pages {
			x := sums[p.ID]
			row := []sheet.Cell{sheet.Text(p.Title), sheet.Text(p.Organisation), sheet.Text(p.Network.Title()), sheet.Int(x.Posts), sheet.Int(x.Viewed)}
			row = append(row, sheet.Int(x.All.Views), sheet.Int(x.All.Likes), sheet.Int(x.All.Comments), sheet.Int(x.All.Reposts), rateCell(x.Rated), sheet.Cell{})
			if n, ok := d.now[p.ID]; ok {
				row[len(row)-1] = sheet.Int(n.Subscribers)
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return s.download(w, t, "Статистика "+ru.Days(d.from, d.to.Add(-time.Hour)), r.URL.Query().Get("format"))
}

func rateCell(r publisher.Reactions) sheet.Cell {
	if r.Doubt() != publisher.NoDoubt {
		return sheet.Cell{}
	}
	return sheet.Number(publisher.Round2(r.Known().Rate()))
}

func (s *server) postsTable(d *statsData) sheet.Table {
	t := sheet.Table{Name: "Посты", Columns: []string{"Вышел", "Страница", "Сеть", "№ в плане", "Текст", "Ссылка", "Просмотры", "Лайки", "Комментарии", "Репосты", "ER, %", "Охват", "Посчитан"}}
	for _, f := range d.figures {
		told := func(n int) sheet.Cell {
			if n < 0 {
				return sheet.Cell{}
			}
			return sheet.Int(n)
		}
		number := sheet.Cell{}
		if f.Number > 0 {
			number = sheet.Int(int(f.Number))
		}
		moment := func(at time.Time) sheet.Cell {
			if at.IsZero() {
				return sheet.Cell{}
			}
			return sheet.Text(s.clock.Date(at) + " " + s.clock.Time(at))
		}
		row := []sheet.Cell{moment(f.PublishedAt), sheet.Text(d.names[f.PageID].Title), sheet.Text(f.Ref.Network.Title()), number, sheet.Text(ru.Cut(f.Text, 500)), sheet.Text(f.Link)}
		r := f.Reactions
		row = append(row, told(r.Views), told(r.Likes), told(r.Comments), told(r.Reposts), rateCell(r), told(f.Reach), moment(f.CountedAt))
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (s *server) normSheet(d *statsData, now time.Time) sheet.Table {
	n := s.normTable(d, now)
	t := sheet.Table{Name: "Норма", Columns: append(append([]string{"Страница", "Норма"}, n.Weeks...), "Недель с нормой")}
	for _, x := range n.Rows {
		row := []sheet.Cell{sheet.Text(x.Title), sheet.Text(x.Norm)}
		for _, c := range x.Cells {
			row = append(row, sheet.Text(c.Text))
		}
		t.Rows = append(t.Rows, append(row, sheet.Text(x.Kept)))
	}
	return t
}
