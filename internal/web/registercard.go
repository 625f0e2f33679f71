package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/live"
	"otklik/internal/ru"
	"otklik/internal/sources"
	"otklik/publisher"
)

// cardPage is one page of the register.
type cardPage struct {
	Shell     shell
	ID        string
	Net       netIcon
	Title     string
	URL       string
	New       bool
	Edit      bool
	Problem   string
	Form      cardForm
	Choices   cardChoices
	Week      string
	Behind    bool
	Widgets   []widgetRow
	Verdict   verdict
	Keys      []kitRow
	Can       []ability
	Lacks     []string
	KeysURL   string
	StatsURL  string
	Followers string
	Measured  string
	// Planned is how many posts wait for the page, in words; "" for none.
	Planned string
	Held    bool // nothing is published there by plan, so they will not come out
}

// cardForm is what people say of a page, as they wrote it.
type cardForm struct {
	Organisation, OGRN, Level, Sphere, Category, Zone, Norm, Gap string
	GosMark, Silent                                              bool
	Widgets                                                      []string
}

type cardChoices struct{ Categories, Zones []choice }

// widgetRow is one link of the ПОС with what is wrong about it.
type widgetRow struct{ Name, Link, Fault string }

// kitRow is one key of the page's kit. It never carries the key.
type kitRow struct {
	Title string
	State verdict
}

// widgetFields is how many links of the ПОС a page can have.
const widgetFields = 2

func (s *server) pageCard(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, row, err := s.cardView(r, v, r.PathValue("id"))
	if err != nil {
		return err
	}
	page.fill(formOfPage(row.page), v.now)
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "page", page)
	return nil
}

// cardView is all of the card but its form.
func (s *server) cardView(r *http.Request, v *visit, id string) (*cardPage, pageRow, error) {
	rows, err := s.pageRows(r.Context(), v.now)
	if err != nil {
		return nil, pageRow{}, err
	}
	i := slices.IndexFunc(rows, func(x pageRow) bool { return x.ID == id })
	if i < 0 {
		return nil, pageRow{}, errs.New(errs.NotFound, "Такой страницы нет: её отключили или ссылка скопирована не целиком.")
	}
	row := rows[i]
	p := row.page
	page := &cardPage{
		Shell: s.shell(r, v, "page", p.Title), ID: id, Net: row.Net, Title: p.Title, URL: webLink(p.URL), New: row.New, Edit: mayManage(v),
		Week: row.Week, Behind: row.Behind, Verdict: row.Widgets, Lacks: row.Lacks, KeysURL: "/sources/" + url.PathEscape(id),
		StatsURL: withQuery("/stats", "view", "posts", "page", id),
	}
	for _, link := range p.Widgets {
		page.Widgets = append(page.Widgets, widgetRow{publisher.WidgetName(link), link, publisher.WidgetFault(link, p.OGRN)})
	}
	if !row.New {
		for _, a := range shownAbilities() {
			why, lacking := p.Missing[a]
			page.Can = append(page.Can, ability{Name: a.Title(), Can: !lacking, Missing: lacking, Why: ru.Capital(why)})
		}
	}
	if err := s.cardFigures(r, v, page); err != nil {
		return nil, row, err
	}
	waiting, err := s.Planning.Halts.HeldPosts(r.Context(), []string{id}, plannedAtOnce)
	if err != nil {
		return nil, row, err
	}
	if n := len(waiting); n > 0 {
		page.Planned, page.Held = ru.Count(n, "запланированный пост", "запланированных поста", "запланированных постов"), p.Silent
	}
	connected, err := s.Press.Pages.Registry(r.Context())
	if err != nil {
		return nil, row, err
	}
	for _, x := range connected {
		if x.ID == id {
			page.Keys = s.kit(x, v.now)
		}
	}
	return page, row, nil
}

func (s *server) cardFigures(r *http.Request, v *visit, page *cardPage) error {
	now, err := s.Press.Figures.PagesNow(r.Context(), v.now)
	if err != nil {
		return err
	}
	if n, ok := now[page.ID]; ok {
		page.Followers = ru.Count(n.Subscribers, "подписчик", "подписчика", "подписчиков") + ", " + s.clock.Moment(n.At, v.now)
	}
	measured, err := s.Press.Figures.Measured(r.Context())
	if err == nil {
		page.Measured = measured[page.ID].Trouble
	}
	return err
}

// kit are the keys that a page of this kind can have.
func (s *server) kit(x sources.Source, now time.Time) []kitRow {
	kinds := []sources.KeyKind{sources.CommunityKey, sources.ServiceKey, sources.AdminKey}
	if x.Kind == sources.TelegramChannel {
		kinds = []sources.KeyKind{sources.BotKey}
	}
	var out []kitRow
	for _, kind := range kinds {
		k, ok := x.Key(kind)
		out = append(out, kitRow{wordsOfKey(kind).Title, s.keyVerdict(k, ok, now)})
	}
	return out
}

func (s *server) keyVerdict(k sources.Key, there bool, now time.Time) verdict {
	left := k.ExpiresAt.Sub(now)
	switch {
	case !there:
		return verdict{"", "x", "нет", ""}
	case k.Trouble != "":
		return verdict{"bad", "alert", "не подходит", k.Trouble}
	case !k.ExpiresAt.IsZero() && left <= 0:
		return verdict{"bad", "clock", "истёк " + s.clock.Date(k.ExpiresAt.Add(-time.Second)), ""}
	case !k.ExpiresAt.IsZero() && left < expiresSoon:
		return verdict{"warn", "clock", "до " + s.clock.Date(k.ExpiresAt.Add(-time.Second)), ""}
	case !k.ExpiresAt.IsZero():
		return verdict{"ok", "check", "до " + s.clock.Date(k.ExpiresAt.Add(-time.Second)), ""}
	}
	return verdict{"ok", "check", "есть", ""}
}

func formOfPage(p publisher.Page) cardForm {
	f := cardForm{
		Organisation: p.Organisation, OGRN: p.OGRN, Level: p.Level, Sphere: p.Sphere, Category: string(p.Category), GosMark: p.GosMark, Silent: p.Silent,
		Widgets: slices.Clone(p.Widgets), Norm: strconv.Itoa(p.Norm),
	}
	if p.Zone != nil {
		f.Zone = p.Zone.String()
	}
	if p.Gap > 0 {
		f.Gap = strconv.Itoa(int(p.Gap / time.Minute))
	}
	return f
}

func readCardForm(v url.Values) cardForm {
	get := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	f := cardForm{
		Organisation: get("organisation"), OGRN: get("ogrn"), Level: get("level"), Sphere: get("sphere"), Category: get("category"), Zone: get("zone"),
		Norm: get("norm"), Gap: get("gap"), GosMark: v.Get("gosmark") == "1", Silent: v.Get("silent") == "1",
	}
	for _, link := range v["widget"] {
		if link = strings.TrimSpace(link); link != "" {
			f.Widgets = append(f.Widgets, link)
		}
	}
	return f
}

// page is the form as the register keeps it. Errors: Invalid, TooLarge.
func (f cardForm) page(id string) (publisher.Page, error) {
	const most = 300
	for _, x := range append([]string{f.Organisation, f.Level, f.Sphere}, f.Widgets...) {
		if len([]rune(x)) > most {
			return publisher.Page{}, errs.Newf(errs.TooLarge, "Слишком длинно: до %d знаков в одном поле.", most)
		}
	}
	if len(f.Widgets) > widgetFields {
		return publisher.Page{}, errs.New(errs.Invalid, "Ссылок ПОС на странице может быть две. Оставьте две.")
	}
	p := publisher.Page{
		ID: id, Organisation: f.Organisation, OGRN: f.OGRN, Level: f.Level, Sphere: f.Sphere, Category: publisher.Category(f.Category),
		GosMark: f.GosMark, Silent: f.Silent, Widgets: f.Widgets,
	}
	var err error
	if f.Norm != "" {
		if p.Norm, err = strconv.Atoi(f.Norm); err != nil {
			return p, errs.New(errs.Invalid, "Норма — это число постов в неделю, от 0 до 100.")
		}
	}
	if f.Gap != "" {
		minutes, err := strconv.Atoi(f.Gap)
		if err != nil || minutes < 1 || minutes > int(publisher.MaxGap/time.Minute) {
			return p, errs.New(errs.Invalid, "Промежуток между постами — от 1 до 1440 минут. Пустое поле — 30 минут.")
		}
		p.Gap = time.Duration(minutes) * time.Minute
	}
	if f.Zone != "" {
		if p.Zone, err = time.LoadLocation(f.Zone); err != nil {
			return p, errs.New(errs.Invalid, "Такого часового пояса нет. Выберите из списка.")
		}
	}
	return p, nil
}

// fill puts a form into the card with its choices.
func (c *cardPage) fill(f cardForm, now time.Time) {
	for len(f.Widgets) < widgetFields {
		f.Widgets = append(f.Widgets, "")
	}
	c.Form = f
	c.Choices.Categories = []choice{{Title: "Не выбрана", Value: ""}}
	for _, x := range categories() {
		c.Choices.Categories = append(c.Choices.Categories, choice{Title: x.Title(), Value: string(x)})
	}
	c.Choices.Categories = mark(c.Choices.Categories, f.Category)
	c.Choices.Zones = []choice{{Title: "Как у агентства", Value: ""}}
	names := zoneNames()
	if f.Zone != "" && !slices.Contains(names, f.Zone) {
		names = append(names, f.Zone)
	}
	for _, name := range names {
		if zone, err := time.LoadLocation(name); err == nil {
			c.Choices.Zones = append(c.Choices.Zones, choice{Title: ru.Capital(ru.NewClock(zone).ZoneName(now)), Value: name})
		}
	}
	c.Choices.Zones = mark(c.Choices.Zones, f.Zone)
}

// zoneNames are the eleven zones of Russia, from the west.
func zoneNames() []string {
	return []string{
		"Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk", "Asia/Krasnoyarsk", "Asia/Irkutsk",
		"Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan", "Asia/Kamchatka",
	}
}

func (s *server) savePage(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	id, wrote := r.PathValue("id"), readCardForm(f)
	p, err := wrote.page(id)
	if err == nil {
		err = s.Press.Pages.SavePage(r.Context(), v.person.Actor(), p, v.now)
	}
	switch code := errs.CodeOf(err); {
	case err == nil:
		s.Hub.Publish(live.Posts)
		s.setFlash(w, "page-saved", 0)
		http.Redirect(w, r, "/pages/"+url.PathEscape(id), http.StatusSeeOther)
		return nil
	case code != errs.Invalid && code != errs.TooLarge:
		return err
	}
	page, _, viewErr := s.cardView(r, v, id)
	if viewErr != nil {
		return viewErr
	}
	page.Problem = errs.MessageOf(err)
	page.fill(wrote, v.now)
	s.show(w, v, statusOf(errs.CodeOf(err)), "page", page)
	return nil
}
