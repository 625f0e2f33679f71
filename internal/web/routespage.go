package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"otklik/incidents"
	"otklik/index/places"
	"otklik/internal/errs"
	"otklik/internal/ru"
	"otklik/internal/sheet"
)

// routesPage is the page «Маршруты».
type routesPage struct {
	Shell   shell
	Edit    bool
	Rows    []routeRow
	Rest    string // who takes what nobody owns, "" for nobody
	Clashes []string
	Topics  []choice
	Desks   []choice
	Files   files
	Ask     routeAsk
	Answer  *routeAnswer
	Problem string
	Bad     []string
	Kept    routeAsk // of the form for a new route
	Columns string
}

// routeRow is one route in words.
type routeRow struct {
	Topic, Place, Desk       string
	TopicID, PlaceID, DeskID string
}

// routeAsk is a question «кому это уйдёт?», or a route as a form has it.
type routeAsk struct{ Text, Topic, Place, Desk string }

// routeAnswer is a decision with what explains it.
type routeAnswer struct {
	Desk  string // "" for nobody
	Lines []string
}

// routeBook is what names things on this page.
type routeBook struct {
	finder *places.Finder
	topics []incidents.Topic
	desks  []incidents.Department
	routes []incidents.Route
}

func (s *server) routeBook(ctx context.Context) (routeBook, error) {
	var b routeBook
	var err error
	if b.finder, err = s.Guide.Atlas.Finder(ctx); err != nil {
		return b, err
	}
	if b.topics, err = s.Directory.Topics(ctx); err != nil {
		return b, err
	}
	if b.desks, err = s.Directory.Departments(ctx); err != nil {
		return b, err
	}
	b.routes, err = s.Guide.Routes.Routes(ctx)
	return b, err
}

func (b routeBook) topic(id string) string {
	for _, t := range b.topics {
		if t.ID == id {
			return t.Name
		}
	}
	return id
}

func (b routeBook) desk(id string) string {
	for _, d := range b.desks {
		if d.ID == id {
			return d.Name
		}
	}
	return id
}

// words is a route as people say it.
func (b routeBook) words(r incidents.Route) string {
	topic, place := "любая тема", "любое место"
	if r.TopicID != "" {
		topic = "тема " + quoted(b.topic(r.TopicID))
	}
	if r.PlaceID != "" {
		place = b.finder.Label(r.PlaceID)
	}
	return topic + ", " + place + " → " + b.desk(r.DepartmentID)
}

func (s *server) routesPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, err := s.routesView(r, v)
	if err != nil {
		return err
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "routes", page)
	return nil
}

func (s *server) routesView(r *http.Request, v *visit) (*routesPage, error) {
	b, err := s.routeBook(r.Context())
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	page := &routesPage{
		Shell: s.shell(r, v, "routes", "Маршруты"), Edit: mayGuide(v), Files: filesAt("/routes/export"),
		Ask: routeAsk{Text: ru.Cut(q.Get("text"), 4000), Topic: q.Get("topic"), Place: ru.Cut(q.Get("place"), maxFind)}, Columns: strings.Join(routeColumns(), ", "),
	}
	for _, x := range b.routes {
		if x.Rest() {
			page.Rest = b.desk(x.DepartmentID)
			continue
		}
		row := routeRow{Topic: "Любая", Place: "Любое", Desk: b.desk(x.DepartmentID), TopicID: x.TopicID, PlaceID: x.PlaceID, DeskID: x.DepartmentID}
		if x.TopicID != "" {
			row.Topic = b.topic(x.TopicID)
		}
		if x.PlaceID != "" {
			row.Place = b.finder.Label(x.PlaceID)
		}
		page.Rows = append(page.Rows, row)
	}
	slices.SortStableFunc(page.Rows, func(x, y routeRow) int {
		if x.Topic != y.Topic {
			return byRussian(x.Topic, y.Topic)
		}
		return byRussian(x.Place, y.Place)
	})
	for _, c := range incidents.Clashes(b.routes) {
		page.Clashes = append(page.Clashes, fmt.Sprintf("%s: по теме уйдёт в «%s», по месту ушло бы в «%s».", ru.Capital(quoted(b.topic(c.Topic.TopicID))+", "+b.finder.Label(c.Place.PlaceID)), b.desk(c.Topic.DepartmentID), b.desk(c.Place.DepartmentID)))
	}
	page.choices(b)
	if page.Ask.Text != "" || page.Ask.Topic != "" || page.Ask.Place != "" {
		page.Answer, err = s.whoTakes(r.Context(), b, page.Ask)
	}
	return page, err
}

func (p *routesPage) choices(b routeBook) {
	for _, t := range b.topics {
		p.Topics = append(p.Topics, choice{Title: t.Name, Value: t.ID, Checked: t.ID == p.Ask.Topic})
	}
	for _, d := range b.desks {
		p.Desks = append(p.Desks, choice{Title: d.Name, Value: d.ID})
	}
}

// whoTakes answers «кому это уйдёт?» and says why.
func (s *server) whoTakes(ctx context.Context, b routeBook, ask routeAsk) (*routeAnswer, error) {
	a := &routeAnswer{}
	say := func(format string, args ...any) { a.Lines = append(a.Lines, fmt.Sprintf(format, args...)) }
	m := incidents.Matter{TopicID: ask.Topic}
	var seen Seen
	var err error
	switch {
	case ask.Topic != "":
		say("Тема: «%s».", b.topic(ask.Topic))
	case ask.Text != "":
		if seen, err = s.Guide.TopicOf(ctx, ask.Text); err != nil {
			return nil, err
		}
		m.TopicID, m.RuleDepartmentID = seen.TopicID, seen.DepartmentID
		if m.TopicID != "" {
			say("Тема: «%s», её дало правило «%s».", b.topic(m.TopicID), seen.Rule)
		} else {
			say("Тема: ни одно правило не сработало.")
		}
	}
	where, from := ask.Place, "Место"
	if where == "" {
		where, from = ask.Text, "Место из текста"
	}
	spot, found := b.finder.Locate(where)
	if ask.Place != "" {
		spot, found = b.finder.Resolve(where)
	}
	switch {
	case found && spot.PlaceID != "":
		m.Path = b.finder.Path(spot.PlaceID)
		say("%s: %s.", from, spot.Title)
	case found:
		say("%s: %s. В справочнике его нет, поэтому маршруты по месту не действуют.", from, spot.Title)
	default:
		say("Место не найдено.")
	}
	for _, t := range b.topics {
		if t.ID == m.TopicID {
			m.TopicDepartmentID = t.DepartmentID
		}
	}
	c := incidents.Choose(b.routes, m)
	if c.DepartmentID != "" {
		a.Desk = b.desk(c.DepartmentID)
	}
	switch c.By {
	case incidents.ByRule:
		say("Решило ведомство, указанное в правиле «%s»: оно важнее маршрутов и темы.", seen.DeskRule)
	case incidents.ByRoute:
		say("Решил маршрут: %s.", b.words(c.Route))
	case incidents.ByTopic:
		say("Маршрута нет, решило ведомство темы.")
	case incidents.ByRest:
		say("Ничьё: берёт тот, кто берёт остальное.")
	default:
		say("Никому: у карточки не будет ведомства, его выберет координатор.")
	}
	for _, x := range c.Beaten {
		if c.By == incidents.ByRule {
			say("Уступил правилу: %s.", b.words(x))
			continue
		}
		say("Уступил более точному: %s.", b.words(x))
	}
	return a, nil
}

func (s *server) saveRoute(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	route := incidents.Route{TopicID: f.Get("topic"), PlaceID: f.Get("place_id"), DepartmentID: f.Get("desk")}
	flash := "route-saved"
	switch {
	case f.Get("drop") == "1":
		route.DepartmentID, flash = "", "route-dropped"
	case route.DepartmentID == "":
		err = errs.New(errs.Invalid, "Выберите ведомство.")
	case f.Get("place") != "":
		var place incidents.Place
		place, err = s.placeOfForm(r, f.Get("place"), false)
		route.PlaceID = place.ID
	}
	if err == nil {
		err = s.Guide.Routes.SaveRoute(r.Context(), v.person.Actor(), route, v.now)
	}
	if err != nil {
		return s.routesFailed(w, r, v, err, nil, routeAsk{Topic: f.Get("topic"), Place: f.Get("place"), Desk: f.Get("desk")})
	}
	s.setFlash(w, flash, 0)
	http.Redirect(w, r, "/routes", http.StatusSeeOther)
	return nil
}

func (s *server) routesFailed(w http.ResponseWriter, r *http.Request, v *visit, cause error, bad []string, kept routeAsk) error {
	code := errs.CodeOf(cause)
	if code != errs.Invalid && code != errs.TooLarge {
		return cause
	}
	r.URL.RawQuery = ""
	page, err := s.routesView(r, v)
	if err != nil {
		return err
	}
	page.Shell.Here, page.Problem, page.Bad, page.Kept = "/routes", errs.MessageOf(cause), bad, kept
	s.show(w, v, statusOf(code), "routes", page)
	return nil
}

// anything is how a table writes «any topic» and «any place».
const anything = "*"

func routeColumns() []string { return []string{"тема", "место", "ведомство"} }

func (s *server) routesExport(w http.ResponseWriter, r *http.Request, v *visit) error {
	b, err := s.routeBook(r.Context())
	if err != nil {
		return err
	}
	var rows [][]string
	for _, x := range b.routes {
		topic, place := anything, anything
		if x.TopicID != "" {
			topic = b.topic(x.TopicID)
		}
		if x.PlaceID != "" {
			place = b.finder.Label(x.PlaceID)
		}
		rows = append(rows, []string{topic, place, b.desk(x.DepartmentID)})
	}
	return s.download(w, textTable("Маршруты", routeColumns(), rows), "Маршруты "+s.clock.Date(v.now), r.URL.Query().Get("format"))
}

func (s *server) importRoutes(w http.ResponseWriter, r *http.Request, v *visit) error {
	data, err := upload(r)
	var table sheet.File
	if err == nil {
		table, err = sheet.Read(data)
	}
	var list []incidents.Route
	var bad []string
	if err == nil {
		b, failed := s.routeBook(r.Context())
		if failed != nil {
			return failed
		}
		if list, bad = b.read(table); len(bad) > 0 {
			err = errs.New(errs.Invalid, "В файле есть ошибки, поэтому ничего не изменилось.")
		}
	}
	if err == nil {
		err = s.Guide.Routes.ReplaceRoutes(r.Context(), v.person.Actor(), list, v.now)
	}
	if err != nil {
		return s.routesFailed(w, r, v, err, bad, routeAsk{})
	}
	s.setFlash(w, "routes-saved", 0)
	http.Redirect(w, r, "/routes", http.StatusSeeOther)
	return nil
}

// read makes routes of a table; names are those of topics, places and
// departments, or their ids.
func (b routeBook) read(t sheet.File) (list []incidents.Route, bad []string) {
	at := map[string]int{}
	for i, h := range t.Header {
		at[strings.ToLower(strings.TrimSpace(h))] = i
	}
	for _, c := range routeColumns() {
		if _, ok := at[c]; !ok {
			return nil, []string{"В файле нет столбца «" + c + "»."}
		}
	}
	seen := map[incidents.Route]int{}
	for _, row := range t.Rows {
		var x incidents.Route
		wrong := false
		for _, c := range routeColumns() {
			id, ok := b.id(c, strings.TrimSpace(row.Cells[at[c]]))
			if !ok {
				bad, wrong = append(bad, fmt.Sprintf("Строка %d, столбец «%s»: «%s» не найдено.", row.Number, c, ru.Cut(row.Cells[at[c]], 80))), true
			}
			switch c {
			case "тема":
				x.TopicID = id
			case "место":
				x.PlaceID = id
			default:
				x.DepartmentID = id
			}
		}
		key := incidents.Route{TopicID: x.TopicID, PlaceID: x.PlaceID}
		if first, twice := seen[key]; twice && !wrong {
			bad, wrong = append(bad, fmt.Sprintf("Строка %d: та же тема и то же место, что в строке %d.", row.Number, first)), true
		}
		if !wrong {
			seen[key], list = row.Number, append(list, x)
		}
	}
	return list, bad
}

// id finds what a cell names.
func (b routeBook) id(column, text string) (string, bool) {
	if column != "ведомство" && (text == anything || text == "") {
		return "", true
	}
	switch column {
	case "тема":
		i := slices.IndexFunc(b.topics, func(t incidents.Topic) bool { return t.ID == text || strings.EqualFold(t.Name, text) })
		if i >= 0 {
			return b.topics[i].ID, true
		}
	case "место":
		spot, ok := b.finder.Resolve(text)
		return spot.PlaceID, ok && spot.PlaceID != ""
	default:
		i := slices.IndexFunc(b.desks, func(d incidents.Department) bool { return d.ID == text || strings.EqualFold(d.Name, text) })
		if i >= 0 {
			return b.desks[i].ID, true
		}
	}
	return "", false
}
