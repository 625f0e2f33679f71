package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/internal/workcal"
	"otklik/publisher"
)

// plannedAtOnce bounds the posts that one page of the plan shows.
const plannedAtOnce = 500

// planPage is the page Контент-план.
type planPage struct {
	Shell    shell
	Query    planQuery
	Here     string
	Span     string // «Ноябрь 2026», «23–29 ноября»
	Earlier  string
	Later    string
	Today    string
	Views    []tab
	Menus    []menu
	Chips    []chip
	Clear    string
	Month    []planWeek
	Heads    []dayHead
	Hours    []planHour
	Days     []planDay // of the list, and of a telephone
	Norm     norm
	Drafts   []planCard
	More     int // drafts that are not shown
	Stop     stopBox
	Halts    []haltNote
	CanWrite bool
	Empty    *emptyState
	Cut      string
	Warning  string
}

func (s *server) plan(w http.ResponseWriter, r *http.Request, v *visit) error {
	q := parsePlanQuery(r.URL.Query(), s.today(v.now))
	page, err := s.planPage(r, v, q)
	if err != nil {
		return err
	}
	page.Shell.Flash, page.Shell.Undo = s.takeFlash(w, r), s.takeUndo(w, r)
	s.show(w, v, http.StatusOK, "plan", page)
	return nil
}

func (s *server) today(now time.Time) workcal.Date { return workcal.On(now.In(s.Zone)) }

func (s *server) planPage(r *http.Request, v *visit, q planQuery) (*planPage, error) {
	ctx := r.Context()
	pages, err := s.Planning.Register.Pages(ctx)
	if err != nil {
		return nil, err
	}
	halts, err := s.Planning.Halts.Halts(ctx)
	if err != nil {
		return nil, err
	}
	page := &planPage{
		Shell: s.shell(r, v, "plan", "Контент-план"), Query: q, Here: q.url(), Span: spanWords(q), CanWrite: v.person.Actor().Can(rights.WritePost),
		Earlier: q.step(-1).url(), Later: q.step(1).url(), Today: q.with(func(q *planQuery) { q.At = q.today }).url(),
		Clear: planQuery{View: q.View, At: q.At, today: q.today}.url(),
	}
	if _, to := q.span(); to.Year > workcal.LastKnown() {
		page.Warning = workcal.Warning(workcal.Date{Year: to.Year, Month: time.January, Day: 1})
	}
	for _, x := range []struct {
		view  planView
		title string
	}{{monthView, "Месяц"}, {weekView, "Неделя"}, {listView, "Список"}} {
		page.Views = append(page.Views, tab{Title: x.title, URL: q.with(func(q *planQuery) { q.View = x.view }).url(), Current: q.View == x.view})
	}
	if err := s.planFilters(ctx, q, pages, page, v.now); err != nil {
		return nil, err
	}
	if err := s.planPosts(ctx, q, pages, halts, page, v); err != nil {
		return nil, err
	}
	return page, s.planBeside(ctx, q, pages, halts, page, v)
}

// planPosts lays the posts out.
func (s *server) planPosts(ctx context.Context, q planQuery, pages []publisher.Page, halts []publisher.Halt, page *planPage, v *visit) error {
	from, to := q.span()
	f := q.filter(pages)
	if !q.everything() {
		f.From, f.To = begin(from, s.Zone), begin(to, s.Zone)
	}
	list, err := s.Planning.Plan.Plan(ctx, f)
	if err != nil {
		return err
	}
	if list.Total > len(list.Posts) {
		page.Cut = "Показаны первые " + ru.Number(len(list.Posts)) + " из " + ru.Number(list.Total) + ". Сузьте отбор, чтобы увидеть остальное."
	}
	cards := s.cards(list.Posts, pages, halts, v)
	switch q.View {
	case weekView:
		page.Heads, page.Hours = s.weekGrid(from, cards, v.now)
		page.Days = s.daysOf(from, to, cards, v.now)
	case listView:
		page.Days = s.listDays(cards, v.now)
	default:
		page.Month = s.monthGrid(q, from, to, cards, v.now)
	}
	if len(list.Posts) == 0 {
		page.Empty = emptyPlan(q, page.CanWrite, len(pages))
	}
	return nil
}

// everything says that the list is not bounded by time: what is looked for by
// its state or its words is shown wherever it stands.
func (q planQuery) everything() bool {
	return q.View == listView && (len(q.States) > 0 || q.Text != "")
}

func emptyPlan(q planQuery, canWrite bool, pages int) *emptyState {
	e := &emptyState{Title: "Здесь пока ничего не запланировано", Text: "Новый пост появится на своём дне, черновики без даты ждут рядом."}
	switch {
	case pages == 0:
		return &emptyState{Title: "Публиковать пока некуда", Text: "В реестре страниц нет ни одной страницы. Внесите страницы, и план начнёт работать."}
	case slices.Equal(q.States, []publisher.State{publisher.Review}):
		return &emptyState{Title: "Согласовывать нечего", Text: "Когда пресс-служба отправит пост на согласование, он появится здесь.", URL: "/plan", Button: "Открыть план"}
	case q.narrowed():
		e.Title, e.Text = "Под отбор ничего не подходит", "Снимите часть условий или поищите по другим словам."
		e.URL, e.Button = "/plan", "Сбросить отбор"
		return e
	}
	if canWrite {
		e.URL, e.Button = "/posts/new", "Написать пост"
	}
	return e
}

func spanWords(q planQuery) string {
	from, to := q.span()
	first, last := begin(from, time.UTC), begin(to.Add(-1), time.UTC)
	switch q.View {
	case weekView:
		return ru.Days(first, last)
	case listView:
		if q.everything() {
			return "Всё время"
		}
		return "С " + ru.Day(first)
	}
	return ru.Month(q.At.Month) + " " + strconv.Itoa(q.At.Year)
}

// planFilters fills the drop-downs and the chips.
func (s *server) planFilters(ctx context.Context, q planQuery, pages []publisher.Page, page *planPage, now time.Time) error {
	facets, err := s.Planning.Plan.PlanFacets(ctx, now.AddDate(-1, 0, 0))
	if err != nil {
		return err
	}
	byPage := menu{Title: "Страница", Name: "page"}
	for _, p := range pages {
		byPage.add(p.Title, p.ID, slices.Contains(q.Pages, p.ID))
	}
	network := menu{Title: "Сеть", Name: "net"}
	for _, n := range networks() {
		network.add(n.Title(), string(n), slices.Contains(q.Networks, n))
	}
	state := menu{Title: "Состояние", Name: "state"}
	for _, st := range publisher.States() {
		state.add(st.Title(), string(st), slices.Contains(q.States, st))
	}
	rubric := menu{Title: "Рубрика", Name: "rubric"}
	for _, x := range facets.Rubrics {
		rubric.add(x, x, slices.Contains(q.Rubrics, x))
	}
	author := menu{Title: "Автор", Name: "author"}
	for _, a := range facets.Authors {
		author.add(a.Name, a.ID, slices.Contains(q.Authors, a.ID))
	}
	for _, m := range []menu{byPage, network, state, rubric, author} {
		if len(m.Choices) > 0 {
			page.Menus = append(page.Menus, m)
		}
	}
	for _, m := range page.Menus {
		for _, c := range m.Choices {
			if c.Checked {
				page.Chips = append(page.Chips, chip{m.Title, c.Title, q.with(func(q *planQuery) { q.drop(m.Name, c.Value) }).url()})
			}
		}
	}
	if q.Text != "" {
		page.Chips = append(page.Chips, chip{"Слова", q.Text, q.with(func(q *planQuery) { q.Text = "" }).url()})
	}
	return nil
}

func (q *planQuery) drop(name, value string) {
	same := func(x string) bool { return x == value }
	switch name {
	case "page":
		q.Pages = slices.DeleteFunc(q.Pages, same)
	case "rubric":
		q.Rubrics = slices.DeleteFunc(q.Rubrics, same)
	case "author":
		q.Authors = slices.DeleteFunc(q.Authors, same)
	case "state":
		q.States = without(q.States, publisher.State(value))
	case "net":
		for _, n := range networks() {
			if string(n) == value {
				q.Networks = without(q.Networks, n)
			}
		}
	}
}
