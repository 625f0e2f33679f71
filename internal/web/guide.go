package web

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"otklik/incidents"
	"otklik/index/places"
	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/internal/sheet"
)

// guideRoutes are the routes of what the casework goes by: places, routes, the
// rubricator.
func (s *server) guideRoutes() []route {
	return []route{
		{"GET /answers", may(rights.ViewDirectory), s.answersPage},
		{"POST /answers", may(rights.ManageDirectory), s.saveAnswerTemplate},
		{"POST /answers/words", may(rights.ManageDirectory), s.saveAnswerWords},
		{"POST /answers/{id}/drop", may(rights.ManageDirectory), s.dropAnswerTemplate},
		{"GET /places", may(rights.ViewDirectory), s.placesPage},
		{"GET /places/export", may(rights.ViewDirectory), s.placesExport},
		{"GET /places/suggest", may(rights.ViewCases), s.suggestPlaces},
		{"GET /places/new", may(rights.ManageDirectory), s.placePage},
		{"GET /places/{id}", may(rights.ManageDirectory), s.placePage},
		{"POST /places/{id}", may(rights.ManageDirectory), s.savePlace},
		{"POST /places/{id}/drop", may(rights.ManageDirectory), s.dropPlace},
		{"POST /places/import", may(rights.ManageDirectory).withTable(), s.importPlaces},
		{"POST /places/page", may(rights.ManageDirectory), s.savePagePlace},
		{"GET /routes", may(rights.ViewDirectory), s.routesPage},
		{"GET /routes/export", may(rights.ViewDirectory), s.routesExport},
		{"POST /routes", may(rights.ManageDirectory), s.saveRoute},
		{"POST /routes/import", may(rights.ManageDirectory).withTable(), s.importRoutes},
		{"GET /rubricator", may(rights.ViewDirectory), s.rubricPage},
		{"GET /rubricator/export", may(rights.ViewDirectory), s.rubricExport},
		{"GET /rubricator/suggest", may(rights.ViewCases), s.suggestFacts},
		{"POST /rubricator/import", may(rights.ManageDirectory).withTable(), s.importRubric},
		{"GET /rubricator/new", may(rights.ManageDirectory), s.newFact},
		{"POST /rubricator/new", may(rights.ManageDirectory), s.addFact},
		{"POST /rubricator/facts/{id}/answer", may(rights.ManageDirectory), s.saveAnswer},
		{"GET /rubricator/facts/{id}", may(rights.ViewDirectory), s.factPage},
		{"POST /rubricator/facts/{id}", may(rights.ManageDirectory), s.saveFact},
		{"GET /rubricator/mapping", may(rights.ViewDirectory), s.mappingPage},
		{"GET /rubricator/mapping/export", may(rights.ViewDirectory), s.mappingExport},
		{"POST /rubricator/mapping", may(rights.ManageDirectory).withTable(), s.importMapping},
	}
}

// guideLinks are the entries of the navigation for these pages.
func guideLinks(add func(rights.Action, navLink)) {
	add(rights.ViewDirectory, navLink{Title: "Рубрикатор", Short: "Рубрикатор", URL: "/rubricator", Icon: "tree", Name: "rubricator"})
	add(rights.ViewDirectory, navLink{Title: "Шаблоны ответов", Short: "Шаблоны", URL: "/answers", Icon: "edit", Name: "answers"})
	add(rights.ViewDirectory, navLink{Title: "Маршруты", Short: "Маршруты", URL: "/routes", Icon: "way", Name: "routes"})
	add(rights.ViewDirectory, navLink{Title: "Территории", Short: "Территории", URL: "/places", Icon: "pin", Name: "places"})
}

// guideFlash is the notice after an action on these pages.
func guideFlash(name, n string) string {
	switch name {
	case "locate":
		return n + "место изменено."
	case "places-saved":
		return "Справочник мест загружен. Новые сообщения уже ищутся по нему."
	case "place-saved":
		return "Место записано. Новые сообщения уже ищутся по нему."
	case "place-dropped":
		return "Место убрано из справочника. Карточки остались как были."
	case "fact-added":
		return "Факт добавлен. Его уже можно выбрать в карточке."
	case "answer-saved":
		return "Ответ записан."
	case "template-saved":
		return "Шаблон записан. Исполнители уже могут его вставить."
	case "template-dropped":
		return "Шаблон удалён. Написанные ответы остались как были."
	case "answer-words":
		return "Списки сохранены. Проверка ответов уже их учитывает."
	case "page-place":
		return "Территория страницы записана."
	case "route-saved":
		return "Маршрут записан. Он действует для новых карточек."
	case "route-dropped":
		return "Маршрут убран."
	case "routes-saved":
		return "Маршруты загружены из файла."
	case "rubric-saved":
		return "Рубрикатор загружен. Чего в файле нет, отключено."
	case "fact-saved":
		return "Факт записан."
	case "mapping-saved":
		return "Сопоставление загружено."
	}
	return ""
}

// mayGuide says that the person keeps these books.
func mayGuide(v *visit) bool { return v.person.Actor().Can(rights.ManageDirectory) }

// upload reads the bytes of the file of a form. Errors: Invalid.
func upload(r *http.Request) ([]byte, error) {
	file, _, err := r.FormFile("file")
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, "Выберите файл CSV или XLSX, не больше 5 МБ.", err)
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, sheet.MaxBytes+1))
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, "Файл не дошёл целиком. Отправьте его ещё раз.", err)
	}
	return data, nil
}

// suggested bounds a list of suggestions.
const suggested = 12

// suggestPlaces answers a field that is being typed in.
func (s *server) suggestPlaces(w http.ResponseWriter, r *http.Request, _ *visit) error {
	finder, err := s.Guide.Atlas.Finder(r.Context())
	if err != nil {
		return err
	}
	var list []string
	for _, p := range finder.Suggest(r.URL.Query().Get("q"), suggested) {
		list = append(list, finder.Label(p.ID))
	}
	return suggestions(w, list)
}

// suggestFacts answers a field that is being typed in.
func (s *server) suggestFacts(w http.ResponseWriter, r *http.Request, _ *visit) error {
	tree, err := s.Guide.Rubric.Rubricator(r.Context())
	if err != nil {
		return err
	}
	var list []string
	for _, f := range tree.Find(r.URL.Query().Get("q")) {
		if len(list) < suggested {
			list = append(list, f.Title())
		}
	}
	return suggestions(w, list)
}

func suggestions(w http.ResponseWriter, list []string) error {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	return json.NewEncoder(w).Encode(append([]string{}, list...))
}

// placeOfForm reads the field of a place. An empty field is no place; what is
// not in the gazetteer is a place by its words where free allows that.
func (s *server) placeOfForm(r *http.Request, text string, free bool) (incidents.Place, error) {
	text = oneLine(text)
	if text == "" {
		return incidents.Place{}, nil
	}
	finder, err := s.Guide.Atlas.Finder(r.Context())
	if err != nil {
		return incidents.Place{}, err
	}
	spot, _ := finder.Resolve(text)
	switch {
	case spot.PlaceID != "":
		return incidents.Place{ID: spot.PlaceID, Title: spot.Title, Path: finder.Path(spot.PlaceID)}, nil
	case free:
		const most = 200
		return incidents.Place{Title: ru.Cut(text, most)}, nil
	}
	return incidents.Place{}, errs.Newf(errs.Invalid, "Места «%s» в справочнике нет. Выберите место из подсказок или загрузите его в «Территориях».", ru.Cut(text, maxFind))
}

// oneLine is what a person wrote into a field of one line.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")), " ")
}

// tableRows are the rows of a table as the gazetteer reads them.
func tableRows(rows []sheet.Row) []places.Row {
	out := make([]places.Row, len(rows))
	for i, r := range rows {
		out[i] = places.Row{Number: r.Number, Cells: r.Cells}
	}
	return out
}

// routed is who answers for a case under a topic, in a place and, where one was
// chosen, by a fact.
func (s *server) routed(r *http.Request, topicID, factDepartment string, path []string) (incidents.Routed, error) {
	routes, err := s.Guide.Routes.Routes(r.Context())
	if err != nil {
		return incidents.Routed{}, err
	}
	topics, err := s.Directory.Topics(r.Context())
	if err != nil {
		return incidents.Routed{}, err
	}
	m := incidents.Matter{TopicID: topicID, Path: path, FactDepartmentID: factDepartment}
	for _, t := range topics {
		if t.ID == topicID {
			m.TopicDepartmentID = t.DepartmentID
		}
	}
	return incidents.Choose(routes, m), nil
}
