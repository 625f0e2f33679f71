package web

import (
	"bytes"
	"context"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"otklik/incidents"
	"otklik/incidents/rubricator"
	"otklik/index"
	"otklik/index/places"
	"otklik/internal/detect"
	"otklik/internal/rights"
	"otklik/internal/rules"
	"otklik/internal/store"
)

// testAtlas compiles the gazetteer of a base whenever it is asked.
type testAtlas struct {
	*store.Store
	analyzer *index.Analyzer
}

func (a testAtlas) Finder(ctx context.Context) (*places.Finder, error) {
	list, _, _, err := a.Gazetteer(ctx, -1)
	return places.New(a.analyzer, list), err
}

// guide is a town with two districts, the starter tree and a mapping.
func (b *planBase) guide() Guide {
	b.t.Helper()
	ctx, by := context.Background(), rights.System()
	book := store.Starter{
		Departments: []incidents.Department{{ID: "roads", Name: "Управление дорог"}, {ID: "housing", Name: "Комитет ЖКХ"}},
		Topics:      []incidents.Topic{{ID: "snow", Name: "Снег и наледь", DepartmentID: "roads", DueHours: 24}, {ID: "water", Name: "Горячая вода", DepartmentID: "housing", DueHours: 8}},
		Rules: []detect.Rule{
			{ID: "ice", TopicID: "snow", Name: "Наледь", Expr: "(наледь | сосулька) когда"},
			{ID: "drift", TopicID: "snow", Name: "Сугробы", Expr: "сугроб"},
		},
		Spelled: map[string]string{"ice": "(наледь | сосулька) @спрос"},
		Lists:   []rules.List{{Name: "спрос", Expr: "когда"}},
	}
	b.must(b.s.Seed(ctx, book, b.now()))
	list, bad := places.Read(places.Columns(), []places.Row{
		{Number: 2, Cells: []string{"город", "Приреченск", "", "", ""}},
		{Number: 3, Cells: []string{"район", "Заречный", "Приреченск", "", "Заречье"}},
		{Number: 4, Cells: []string{"улица", "Мира", "Заречный район", "", "<script>alert(1)</script>"}},
	})
	if len(bad) > 0 {
		b.t.Fatal(bad)
	}
	b.must(b.s.SaveGazetteer(ctx, by, list, b.now()))
	tree := rubricator.Rubricator{Answers: []rubricator.Answer{{ID: "a", Text: "Здравствуйте!\nПриедем <b>скоро</b>."}}, Facts: []rubricator.Fact{
		{ID: "dorogi.pokrytie.yama", Category: "Дороги", Subcategory: "Покрытие", Name: "Яма", DepartmentID: "roads", TopicID: "snow", Hours: 24, AnswerID: "a"},
		{ID: "dorogi.sneg.kuchi", Category: "Дороги", Subcategory: "Снег", Name: "Снежные кучи", DepartmentID: "housing", TopicID: "snow", Fast: true, Hours: 48},
	}}
	b.must(b.s.SeedRubricator(ctx, tree, b.now()))
	b.must(b.s.SaveMapping(ctx, by, "Региональный", rubricator.Mapping{"dorogi.pokrytie.yama": {Code: "17", Name: "Дороги"}}, b.now()))
	return Guide{Places: b.s, Atlas: testAtlas{b.s, index.NewAnalyzer()}, Routes: b.s, Rubric: b.s, Answers: b.s, Words: b.s, TopicOf: func(_ context.Context, text string) (Seen, error) {
		switch {
		case strings.Contains(text, "сосульк"):
			return Seen{TopicID: "snow", Rule: "Снег", DepartmentID: "housing", DeskRule: "Сосульки"}, nil
		case strings.Contains(text, "снег"):
			return Seen{TopicID: "snow", Rule: "Снег"}, nil
		}
		return Seen{}, nil
	}}
}

// send posts a file with the fields of its form.
func (b *bench) sendTable(t *testing.T, who, path, file string, fields url.Values) *httptest.ResponseRecorder {
	t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for name := range fields {
		_ = m.WriteField(name, fields.Get(name))
	}
	part, err := m.CreateFormFile("file", "таблица.csv")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte(file))
	_ = m.Close()
	r := newPost(t, path, nil)
	fresh := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, &body)
	fresh.Header = r.Header
	fresh.Header.Set("Content-Type", m.FormDataContentType())
	return b.do(t, who, fresh)
}

func TestPlacesComeFromAFile(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	bad := "вид;название;входит в\nгород;Энск;\nпланета;Марс;\nулица;Новая;Нигде\n"
	page := mustStatus(t, b.sendTable(t, "coordinator", "/places/import", bad, nil), http.StatusUnprocessableEntity)
	mustHave(t, page, "Строка 3, столбец «вид»", "Строка 4, столбец «входит в»", "Заречный район")
	mustStatus(t, b.sendTable(t, "coordinator", "/places/import", bad, url.Values{"partial": {"1"}}), http.StatusSeeOther)
	page = mustStatus(t, b.get(t, "coordinator", "/places"), http.StatusOK)
	mustHave(t, page, "город Энск")
	mustLack(t, page, "Заречный район")
	mustStatus(t, b.sendTable(t, "curator", "/places/import", bad, nil), http.StatusForbidden)
	rows := table(t, b.get(t, "curator", "/places/export"))
	if len(rows) != 2 || rows[1][1] != "Энск" {
		t.Errorf("%q", rows)
	}
	page = mustStatus(t, b.sendTable(t, "coordinator", "/places/import", "вид;название\n", nil), http.StatusUnprocessableEntity)
	mustHave(t, page, "Прежние территории остались")
}

func TestATextIsTried(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	page := mustStatus(t, b.get(t, "curator", "/places?text="+url.QueryEscape("На ул. Мира, 5, кв. 8 яма, и на ул. Новой")), http.StatusOK)
	mustHave(t, page, "улица Мира, 5", "по словам «ул. Мира, 5»", "нет в справочнике", "Место карточки: <b>улица Мира, 5 (Заречный район)</b>")
	page = mustStatus(t, b.get(t, "curator", "/places?text="+url.QueryEscape("спасибо")), http.StatusOK)
	mustHave(t, page, "Места в этом тексте нет")
}

func TestPagesHaveTerritories(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	mustStatus(t, b.post(t, "administrator", "/places/page", url.Values{"page": {b.plan.vk}, "place": {"Заречье"}}), http.StatusSeeOther)
	got, err := b.plan.s.PagePlaces(t.Context())
	b.plan.must(err)
	if len(got) != 1 {
		t.Fatal(got)
	}
	page := mustStatus(t, b.post(t, "administrator", "/places/page", url.Values{"page": {b.plan.vk}, "place": {"Атлантида"}}), http.StatusUnprocessableEntity)
	mustHave(t, page, "Места «Атлантида» в справочнике нет")
}

func TestRoutesSayWhoTakesIt(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	add := func(topic, place, desk string) {
		mustStatus(t, b.post(t, "coordinator", "/routes", url.Values{"topic": {topic}, "place": {place}, "desk": {desk}}), http.StatusSeeOther)
	}
	add("snow", "", "roads")
	add("", "Заречный район", "housing")
	page := mustStatus(t, b.get(t, "head", "/routes?text="+url.QueryEscape("снег на Мира, 5")), http.StatusOK)
	mustHave(t, page, "<b>Управление дорог</b>", "правило «Снег»", "улица Мира, 5 (Заречный район)", "Уступил более точному", "решает тема", "никому: выберет координатор")
	page = mustStatus(t, b.get(t, "head", "/routes?text="+url.QueryEscape("снег и сосульки")), http.StatusOK)
	mustHave(t, page, "<b>Комитет ЖКХ</b>", "указанное в правиле «Сосульки»", "Уступил правилу: тема «")
	add("snow", "Заречье", "housing")
	add("", "", "roads")
	page = mustStatus(t, b.get(t, "head", "/routes?topic=snow&place="+url.QueryEscape("улица Мира")), http.StatusOK)
	mustHave(t, page, "<b>Комитет ЖКХ</b>")
	mustLack(t, page, "решает тема</b>", "никому: выберет")
	for _, c := range []struct {
		fields url.Values
		say    string
	}{
		{url.Values{"topic": {"snow"}, "place": {"Атлантида"}, "desk": {"roads"}}, "в справочнике нет"},
		{url.Values{"topic": {"snow"}}, "Выберите ведомство"},
		{url.Values{"topic": {"нет"}, "desk": {"roads"}}, "Такой темы нет"},
	} {
		mustHave(t, mustStatus(t, b.post(t, "coordinator", "/routes", c.fields), http.StatusUnprocessableEntity), c.say)
	}
	rows := table(t, b.get(t, "curator", "/routes/export"))
	if len(rows) != 5 {
		t.Fatalf("%q", rows)
	}
	var file strings.Builder
	for _, row := range rows {
		file.WriteString(strings.Join(row, ";") + "\n")
	}
	mustStatus(t, b.sendTable(t, "coordinator", "/routes/import", file.String(), nil), http.StatusSeeOther)
	page = mustStatus(t, b.sendTable(t, "coordinator", "/routes/import", "тема;место;ведомство\nЛуна;*;Управление дорог\n*;*;Управление дорог\n*;;roads\n", nil), http.StatusUnprocessableEntity)
	mustHave(t, page, "Строка 2, столбец «тема»: «Луна» не найдено", "что в строке 3")
	routes, err := b.plan.s.Routes(t.Context())
	if err != nil || len(routes) != 4 {
		t.Fatal(routes, err)
	}
	mustStatus(t, b.post(t, "coordinator", "/routes", url.Values{"topic": {""}, "place_id": {""}, "drop": {"1"}}), http.StatusSeeOther)
	if routes, _ = b.plan.s.Routes(t.Context()); len(routes) != 3 {
		t.Fatal(routes)
	}
}

func TestRubricatorIsEdited(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	page := mustStatus(t, b.get(t, "coordinator", "/rubricator?q="+url.QueryEscape("снеж")), http.StatusOK)
	mustHave(t, page, "Снежные кучи", "быстро", "2\u00a0дня", "1\u00a0факт сопоставлен, не сопоставлено 1")
	mustLack(t, page, ">Яма<")
	const at = "/rubricator/facts/dorogi.pokrytie.yama"
	form := url.Values{"name": {"Яма на дороге"}, "desk": {"housing"}, "topic": {"snow"}, "hours": {"36"}, "fast": {"1"}, "required": {"адрес", "луна"}, "answer": {"a"}, "inactive": {"1"}}
	mustStatus(t, b.post(t, "administrator", at, form), http.StatusSeeOther)
	tree, err := b.plan.s.Rubricator(t.Context())
	b.plan.must(err)
	if f, _ := tree.Fact("dorogi.pokrytie.yama"); f.Name != "Яма на дороге" || f.Hours != 36 || !f.Fast || !f.Inactive || len(f.Required) != 1 || f.DepartmentID != "housing" {
		t.Errorf("%+v", f)
	}
	form.Set("hours", "сутки")
	mustHave(t, mustStatus(t, b.post(t, "administrator", at, form), http.StatusUnprocessableEntity), "от 1 до 720 часов", `value="сутки"`)
	mustStatus(t, b.post(t, "administrator", "/rubricator/facts/net", form), http.StatusNotFound)
	mustLack(t, mustStatus(t, b.get(t, "moderator", at), http.StatusOK), `name="hours"`)

	rows := table(t, b.get(t, "curator", "/rubricator/export"))
	if len(rows) != 3 || rows[0][0] != "код" {
		t.Fatalf("%q", rows)
	}
	mustStatus(t, b.sendTable(t, "coordinator", "/rubricator/import", "код;категория;подкатегория;факт;отдел;срок, часов\na.b.c;Свет;;Темно;roads;5\n", nil), http.StatusSeeOther)
	page = mustStatus(t, b.sendTable(t, "coordinator", "/rubricator/import", "код;категория;подкатегория;факт;отдел;срок, часов\na.b.c;Свет;;Темно;nobody;5\n", nil), http.StatusUnprocessableEntity)
	mustHave(t, page, "нет ведомства «nobody»")
	page = mustStatus(t, b.get(t, "curator", "/rubricator?off=1"), http.StatusOK)
	mustHave(t, page, "Темно", "отключён")

	mustStatus(t, b.sendTable(t, "coordinator", "/rubricator/mapping", "код;код классификатора\na.b.c;9\n", url.Values{"name": {" Общий  классификатор "}}), http.StatusSeeOther)
	page = mustStatus(t, b.get(t, "curator", "/rubricator/mapping?name="+url.QueryEscape("Общий классификатор")), http.StatusOK)
	mustHave(t, page, "1\u00a0факт сопоставлен", "Свет → Темно")
	mustStatus(t, b.sendTable(t, "coordinator", "/rubricator/mapping", "код;код классификатора\nнет;9\n", url.Values{"name": {"Общий"}}), http.StatusUnprocessableEntity)
	mustStatus(t, b.get(t, "curator", "/rubricator/mapping?name=нет"), http.StatusNotFound)
}

func TestSuggestions(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	for path, want := range map[string]string{"/places/suggest?q=зар": "Заречный район (город Приреченск)", "/rubricator/suggest?q=ям": "Дороги → Покрытие → Яма"} {
		var list []string
		if err := json.Unmarshal([]byte(mustStatus(t, b.get(t, "executor", path), http.StatusOK)), &list); err != nil || len(list) != 1 || list[0] != want {
			t.Errorf("%s: %q %v", path, list, err)
		}
	}
	if got := b.get(t, "executor", "/places/suggest?q=").Body.String(); got != "[]\n" {
		t.Errorf("nothing is asked and %q answered", got)
	}
}

func TestACaseIsPlacedAndGivenAFact(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	mustStatus(t, b.post(t, "coordinator", "/routes", url.Values{"topic": {"snow"}, "place": {"Заречье"}, "desk": {"housing"}}), http.StatusSeeOther)
	path := "/cases/4121" // waits for moderation
	page := mustStatus(t, b.get(t, "moderator", path), http.StatusOK)
	mustHave(t, page, "неизвестно", `action="`+path+`/locate"`)
	version := field(t, page, path+"/locate", "version")
	mustStatus(t, b.post(t, "moderator", path+"/locate", url.Values{"version": {version}, "place": {"Мира 5"}}), http.StatusSeeOther)
	page = mustStatus(t, b.get(t, "moderator", path), http.StatusOK)
	mustHave(t, page, "улица Мира, 5 (Заречный район)", "указал человек", "указано место")
	version = field(t, page, path+"/classify", "version")
	page = mustStatus(t, b.post(t, "moderator", path+"/classify", url.Values{"version": {version}, "topic": {"snow"}, "fact": {"дороги"}}), http.StatusUnprocessableEntity)
	mustHave(t, page, "Подходит несколько фактов", `value="дороги"`)
	mustStatus(t, b.post(t, "moderator", path+"/classify", url.Values{"version": {version}, "topic": {""}, "fact": {"снежные"}}), http.StatusSeeOther)
	page = mustStatus(t, b.get(t, "moderator", path), http.StatusOK)
	mustHave(t, page, "Дороги → Снег → Снежные кучи", "быстро", "Комитет ЖКХ", "факт «Дороги")
}
