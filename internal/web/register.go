package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/internal/sheet"
	"otklik/internal/social"
	"otklik/internal/sources"
	"otklik/publisher"
)

// registerPage is the page Страницы: the register of the agency's pages.
type registerPage struct {
	Shell   shell
	Total   int
	Summary []summary
	Menus   []menu
	Query   registerQuery
	Chips   []chip
	Columns []column
	Rows    []pageRow
	Files   files
	Empty   emptyState
}

// pageRow is one page of the register.
type pageRow struct {
	ID           string
	Net          netIcon
	Title        string
	Organisation string
	Category     string
	About        string // level and sphere
	GosMark      bool
	Widgets      verdict
	Lacks        []string // what the keys do not allow
	Ends         string   // the key that ends soon
	Week         string
	Behind       bool // the norm will not be reached as it is planned now
	New          bool // connected, but not in the register yet

	page    publisher.Page
	missing int
}

// verdict is a judgement in a word and at length.
type verdict struct{ Class, Icon, Text, Hint string }

// registerQuery is the filter of the register as it stands in the address.
type registerQuery struct {
	Networks   []social.Network
	Categories []publisher.Category
	Problems   bool
	Text       string
	Sort       sorting
}

func parseRegisterQuery(v url.Values) registerQuery {
	q := registerQuery{Problems: v.Get("problem") == "1", Text: ru.Cut(v.Get("q"), maxFind), Sort: parseSorting(v.Get("sort"), "title", "category", "-week")}
	for _, n := range networks() {
		if slices.Contains(v["net"], string(n)) {
			q.Networks = append(q.Networks, n)
		}
	}
	for _, c := range categories() {
		if slices.Contains(v["cat"], string(c)) {
			q.Categories = append(q.Categories, c)
		}
	}
	return q
}

func (q registerQuery) url(path string) string {
	v := url.Values{}
	for _, n := range q.Networks {
		v.Add("net", string(n))
	}
	for _, c := range q.Categories {
		v.Add("cat", string(c))
	}
	if q.Problems {
		v.Set("problem", "1")
	}
	if q.Text != "" {
		v.Set("q", q.Text)
	}
	if by := q.Sort.String(); by != "title" {
		v.Set("sort", by)
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

func categories() []publisher.Category {
	return []publisher.Category{publisher.Flagship, publisher.Active, publisher.Card}
}

func (q registerQuery) with(change func(*registerQuery)) string {
	q.Networks, q.Categories = slices.Clone(q.Networks), slices.Clone(q.Categories)
	change(&q)
	return q.url("/pages")
}

func (s *server) pagesList(w http.ResponseWriter, r *http.Request, v *visit) error {
	q := parseRegisterQuery(r.URL.Query())
	all, err := s.pageRows(r.Context(), v.now)
	if err != nil {
		return err
	}
	rows := q.choose(all)
	page := registerPage{
		Shell: s.shell(r, v, "pages", "Страницы"), Total: len(all), Query: q, Rows: rows, Summary: registerSummary(all),
		Menus: q.menus(), Chips: q.chips(), Files: filesAt(q.url("/pages/export")), Empty: emptyRegister(len(all) == 0).within(v.person.Actor()),
	}
	link := func(x sorting) string { return q.with(func(q *registerQuery) { q.Sort = x }) }
	page.Columns = []column{
		q.Sort.head("Страница", "title", false, link), q.Sort.head("Категория", "category", false, link), {Title: "ПОС"}, {Title: "Ключи"}, q.Sort.head("Эта неделя", "week", false, link),
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "pages", page)
	return nil
}

func emptyRegister(none bool) emptyState {
	if none {
		return emptyState{Title: "Страниц пока нет", Text: "Подключите сообщество или канал в «Источниках», и они появятся здесь.", URL: "/sources", Button: "К источникам"}
	}
	return emptyState{Title: "Ничего не нашлось", Text: "Под этот отбор не подходит ни одна страница.", URL: "/pages", Button: "Показать все"}
}

// pageRows are all connected pages: those of the register and those that are
// not in it yet.
func (s *server) pageRows(ctx context.Context, now time.Time) ([]pageRow, error) {
	pages, err := s.Planning.Register.Pages(ctx)
	if err != nil {
		return nil, err
	}
	connected, err := s.Press.Pages.Registry(ctx)
	if err != nil {
		return nil, err
	}
	// A week of any zone lies within these days.
	const around = 8 * 24 * time.Hour
	out, err := s.Press.Pages.PostMoments(ctx, now.Add(-around), now.Add(time.Minute))
	if err != nil {
		return nil, err
	}
	planned, err := s.Press.Pages.PlannedMoments(ctx, now, now.Add(around))
	if err != nil {
		return nil, err
	}
	var rows []pageRow
	for _, p := range pages {
		row := s.registerRow(p, now)
		week := publisher.Foresee(p.Norm, out[p.ID], planned[p.ID], now, s.zoneOf(p))
		row.Week, row.missing, row.Behind = week.Words(), week.Missing, week.Missing > 0
		rows = append(rows, row)
	}
	for _, x := range connected {
		known := slices.ContainsFunc(pages, func(p publisher.Page) bool { return p.ID == x.ID })
		if !known && slices.Contains(ownKinds(), x.Kind) {
			rows = append(rows, pageRow{ID: x.ID, Net: iconOfNet(x.Kind.Network()), Title: x.Title, New: true, page: publisher.Page{ID: x.ID, Network: x.Kind.Network(), Title: x.Title}})
		}
	}
	return rows, nil
}

// ownKinds are the sources that are pages of the agency's own.
func ownKinds() []sources.Kind { return []sources.Kind{sources.VKCommunity, sources.TelegramChannel} }

func (s *server) registerRow(p publisher.Page, now time.Time) pageRow {
	row := pageRow{
		ID: p.ID, Net: iconOfNet(p.Network), Title: p.Title, Organisation: p.Organisation, Category: p.Category.Title(), GosMark: p.GosMark,
		Widgets: widgetVerdict(p), Lacks: keyLacks(p), page: p,
	}
	row.About = strings.Join(slices.DeleteFunc([]string{p.Level, p.Sphere}, func(x string) bool { return x == "" }), ", ")
	if left := p.KeyEnds.Sub(now); !p.KeyEnds.IsZero() && left < expiresSoon {
		row.Ends = "ключ истёк " + s.clock.Date(p.KeyEnds)
		if left > 0 {
			row.Ends = "ключ действует до " + s.clock.Date(p.KeyEnds)
		}
	}
	return row
}

func widgetVerdict(p publisher.Page) verdict {
	v, _ := publisher.CheckWidgets(p.Widgets, p.OGRN)
	switch {
	case v == publisher.WidgetsCorrect && len(p.Widgets) == 1:
		return verdict{"warn", "link", "1 виджет из 2", "Есть только «" + publisher.WidgetName(p.Widgets[0]) + "»"}
	case v == publisher.WidgetsCorrect:
		return verdict{"ok", "check", "виджеты верны", v.Title()}
	case v == publisher.WidgetsMissing:
		return verdict{"", "link", "нет виджетов", v.Title()}
	}
	return verdict{"bad", "alert", "ошибка в виджете", v.Title()}
}

// keyLacks says what the page's keys do not allow: «нет ключа администратора:
// недоступны фото, опросы». What a network shows to no key is not a lack.
func keyLacks(p publisher.Page) []string {
	var order, out []string
	what := map[string][]string{}
	for _, a := range shownAbilities() {
		why, lacking := p.Missing[a]
		if !lacking || a == publisher.CanStats && p.Network == social.Telegram && p.Can(publisher.CanText) {
			continue
		}
		if what[why] == nil {
			order = append(order, why)
		}
		what[why] = append(what[why], abilityNoun(a))
	}
	for _, why := range order {
		if len(what[why]) == len(shownAbilities()) {
			out = append(out, why+": публиковать нельзя")
			continue
		}
		out = append(out, why+": "+ru.Plural(len(what[why]), "недоступно", "недоступны", "недоступны")+" "+strings.Join(what[why], ", "))
	}
	return out
}

// shownAbilities are what the editor can make use of: it attaches no documents.
func shownAbilities() []publisher.Ability {
	return slices.DeleteFunc(publisher.Abilities(), func(a publisher.Ability) bool { return a == publisher.CanFile })
}

func abilityNoun(a publisher.Ability) string {
	switch a {
	case publisher.CanText:
		return "посты"
	case publisher.CanPhoto:
		return "фото"
	case publisher.CanAttach:
		return "ссылки и видео"
	case publisher.CanPoll:
		return "опросы"
	case publisher.CanEdit:
		return "правка"
	case publisher.CanDelete:
		return "удаление"
	case publisher.CanPin:
		return "закрепление"
	case publisher.CanStats:
		return "статистика"
	}
	return ""
}

// trouble says that a page needs somebody.
func (r pageRow) trouble() bool {
	return r.New || r.Widgets.Class == "bad" || r.Widgets.Class == "warn" || len(r.Lacks) > 0 || r.Ends != "" || r.Behind
}

func (q registerQuery) choose(rows []pageRow) []pageRow {
	var out []pageRow
	text := strings.ToLower(q.Text)
	for _, r := range rows {
		p := r.page
		words := strings.ToLower(strings.Join([]string{p.Title, p.Organisation, p.OGRN, p.Level, p.Sphere, p.URL}, "\n"))
		if len(q.Networks) > 0 && !slices.Contains(q.Networks, p.Network) || len(q.Categories) > 0 && !slices.Contains(q.Categories, p.Category) ||
			q.Problems && !r.trouble() || !strings.Contains(words, text) {
			continue
		}
		out = append(out, r)
	}
	sorted(out, q.Sort, func(a, b pageRow) int {
		switch q.Sort.By {
		case "category":
			return slices.Index(categories(), a.page.Category) - slices.Index(categories(), b.page.Category)
		case "week":
			return a.missing - b.missing
		}
		return byRussian(a.Title, b.Title)
	})
	return out
}

func (q registerQuery) menus() []menu {
	nets, cats := menu{Title: "Сеть", Name: "net", Chosen: len(q.Networks)}, menu{Title: "Категория", Name: "cat", Chosen: len(q.Categories)}
	for _, n := range networks() {
		nets.Choices = append(nets.Choices, choice{Title: n.Title(), Value: string(n), Checked: slices.Contains(q.Networks, n)})
	}
	for _, c := range categories() {
		cats.Choices = append(cats.Choices, choice{Title: c.Title(), Value: string(c), Checked: slices.Contains(q.Categories, c)})
	}
	return []menu{nets, cats}
}

func (q registerQuery) chips() []chip {
	var out []chip
	for _, n := range q.Networks {
		out = append(out, chip{"Сеть", n.Title(), q.with(func(q *registerQuery) { q.Networks = without(q.Networks, n) })})
	}
	for _, c := range q.Categories {
		out = append(out, chip{"Категория", c.Title(), q.with(func(q *registerQuery) { q.Categories = without(q.Categories, c) })})
	}
	if q.Problems {
		out = append(out, chip{"Только", "с замечаниями", q.with(func(q *registerQuery) { q.Problems = false })})
	}
	if q.Text != "" {
		out = append(out, chip{"Слова", q.Text, q.with(func(q *registerQuery) { q.Text = "" })})
	}
	return out
}

// registerSummary says in up to four numbers how the pages are.
func registerSummary(rows []pageRow) []summary {
	var behind, widgets, keys, fresh int
	for _, r := range rows {
		if r.Behind {
			behind++
		}
		if r.Widgets.Class == "bad" {
			widgets++
		}
		if len(r.Lacks) > 0 || r.Ends != "" {
			keys++
		}
		if r.New {
			fresh++
		}
	}
	var out []summary
	add := func(n int, class, one, few, many, text string) {
		if n > 0 {
			out = append(out, summary{class, ru.Count(n, one, few, many), text})
		}
	}
	add(behind, "warn", "отстаёт от нормы", "отстают от нормы", "отстают от нормы", "На этой неделе запланировано меньше, чем нужно")
	add(widgets, "bad", "ошибка в виджетах", "ошибки в виджетах", "ошибок в виджетах", "Сообщения из этих виджетов не зачтутся")
	add(keys, "warn", "без части ключей", "без части ключей", "без части ключей", "Часть публикаций там не пройдёт проверку")
	add(fresh, "", "вне реестра", "вне реестра", "вне реестра", "Подключены, но владелец и норма не записаны")
	return out
}

func (s *server) pagesExport(w http.ResponseWriter, r *http.Request, v *visit) error {
	all, err := s.pageRows(r.Context(), v.now)
	if err != nil {
		return err
	}
	now, err := s.Press.Figures.PagesNow(r.Context(), v.now)
	if err != nil {
		return err
	}
	t := sheet.Table{Name: "Страницы", Columns: []string{
		"Уровень", "Учредитель", "Наименование", "ОГРН", "Сфера", "Категория", "Сеть", "Ссылка", "Госметка", "Виджеты", "Проверка виджетов",
		"Норма в неделю", "Эта неделя", "Чего не хватает ключам", "Подписчики",
	}}
	for _, x := range parseRegisterQuery(r.URL.Query()).choose(all) {
		p := x.page
		mark := "нет"
		if p.GosMark {
			mark = "да"
		}
		row := []sheet.Cell{
			sheet.Text(p.Level), sheet.Text(p.Organisation), sheet.Text(p.Title), sheet.Text(p.OGRN), sheet.Text(p.Sphere), sheet.Text(p.Category.Title()),
			sheet.Text(p.Network.Title()), sheet.Text(p.URL), sheet.Text(mark), sheet.Int(len(p.Widgets)), sheet.Text(x.Widgets.Hint), sheet.Int(p.Norm),
			sheet.Text(x.Week), sheet.Text(strings.Join(x.Lacks, "; ")),
			{},
		}
		if n, ok := now[p.ID]; ok {
			row[len(row)-1] = sheet.Int(n.Subscribers)
		}
		t.Rows = append(t.Rows, row)
	}
	return s.download(w, t, "Реестр страниц "+s.clock.Date(v.now), r.URL.Query().Get("format"))
}

// mayManage says that the person keeps the register.
func mayManage(v *visit) bool { return v.person.Actor().Can(rights.ManagePages) }
