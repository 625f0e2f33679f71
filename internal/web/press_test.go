package web

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"otklik/collectors"
	"otklik/internal/social"
	"otklik/internal/sources"
	"otklik/publisher"
)

func (b *planBase) press() Press {
	return Press{Pages: b.s, Polls: b.s, Posts: b.s, Figures: b.s, Mandates: b.s, Files: b.s}
}

func (b *planBase) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// wall puts posts of the page itself onto its wall, as the collectors see them.
func (b *planBase) wall(list ...social.Item) {
	b.t.Helper()
	ctx := context.Background()
	st := collectors.Stream{Name: "vk:101:live", SourceID: b.vk}
	b.must(b.s.EnsureStream(ctx, st, b.now()))
	l, err := b.s.Take(ctx, st.Name, "me", time.Hour, b.now())
	b.must(err)
	var batch collectors.Batch
	for _, it := range list {
		batch.Updates = append(batch.Updates, collectors.Update{Key: it.Ref.ID, Raw: []byte("{}"), Changes: []collectors.Change{{Op: collectors.Created, Item: it}}})
	}
	batch.Next = collectors.Cursor(list[len(list)-1].Ref.ID)
	_, err = b.s.Commit(ctx, l, st, batch, b.now())
	b.must(err)
	b.must(b.s.Release(ctx, l, b.now()))
}

func ownPost(id, text string, at time.Time) social.Item {
	ref := onVK(id)
	return social.Item{Ref: ref, Kind: social.Post, Thread: ref, Text: text, PublishedAt: at, Author: social.Author{ID: ref.Owner, Own: true}, Permalink: "https://vk.com/wall-101_" + id}
}

// measured is a base with three posts a week for two weeks, and their counts.
func measured(t *testing.T) *bench {
	t.Helper()
	b := setup(t, noon)
	ctx := context.Background()
	var posts []social.Item
	var numbers []publisher.PostStats
	for i, day := range []int{10, 12, 14, 17, 19} {
		id := fmt.Sprint(200 + i)
		posts = append(posts, ownPost(id, "=Пост "+id, at(day, 12, 0)))
		for hour := range 3 {
			numbers = append(numbers, publisher.PostStats{PageID: b.plan.vk, Ref: onVK(id), At: at(day, 13+hour, 0), Reactions: publisher.Reactions{Views: 1000 * (hour + 1), Likes: 20 * (hour + 1), Comments: 5, Reposts: 5}})
		}
	}
	posts = append(posts, ownPost("300", "<script>alert(1)</script>", at(21, 12, 0)))
	b.plan.wall(posts...)
	b.plan.must(b.plan.s.AddPostNumbers(ctx, numbers, noon()))
	b.plan.must(b.plan.s.AddPageStats(ctx, publisher.PageStats{PageID: b.plan.vk, At: at(20, 6, 0), Subscribers: 12840}, noon()))
	for day := range 5 {
		from := at(17+day, 0, 0)
		b.plan.must(b.plan.s.AddPageDays(ctx, publisher.PageDays{PageID: b.plan.vk, Days: []social.PageDay{{From: from, To: from.Add(24*time.Hour - time.Second), Reach: 500 + 100*day}}}, noon()))
	}
	b.plan.must(b.plan.s.NoteMeasured(ctx, b.plan.tg, publisher.Measured{Trouble: "Telegram не показывает просмотры ботам."}, noon()))
	return b
}

func table(t *testing.T, w *httptest.ResponseRecorder) [][]string {
	t.Helper()
	text := strings.TrimPrefix(mustStatus(t, w, http.StatusOK), "\uFEFF")
	if d := w.Header().Get("Content-Disposition"); !strings.HasPrefix(d, "attachment; filename") {
		t.Errorf("disposition %q", d)
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestTheRegister(t *testing.T) {
	t.Parallel()
	b := measured(t)
	list := withinPolicy(t, "/pages", b.get(t, "press", "/pages"))
	mustHave(t, list, "Приреченск сегодня", "владелец не записан", "до нормы не хватает", "нет виджетов", "без госметки", "всё есть")
	if rows := table(t, b.get(t, "press", "/pages/export")); len(rows) != 3 || rows[1][2] != "Приреченск сегодня" && rows[2][2] != "Приреченск сегодня" {
		t.Errorf("%q", rows)
	}
	card := "/pages/" + b.plan.vk
	withinPolicy(t, card, b.get(t, "press", card))
	good := url.Values{
		"organisation": {"Администрация <города>"}, "ogrn": {"1024000000001"}, "level": {"муниципалитет"}, "category": {"flagship"}, "norm": {"7"}, "gap": {"95"}, "gosmark": {"1"}, "zone": {"Asia/Omsk"},
		"widget": {"https://pos.gosuslugi.ru/form/?opaId=1&utm_source=vk&utm_medium=64&utm_campaign=1024000000001", "https://pos.gosuslugi.ru/og/org-activities?mun_code=63650101&utm_source=vk&utm_medium=6&utm_campaign=1024000000001"},
	}
	mustStatus(t, b.post(t, "press", card, good), http.StatusSeeOther)
	page := withinPolicy(t, card, b.get(t, "press", card))
	mustHave(t, page, "Администрация &lt;города&gt;", `value="1024000000001"`, "Сообщить о проблеме", "Высказать мнение", "utm_medium: нужно код региона", "Верна.", "омское", `name="gap" value="95"`, "12\u202f840\u00a0подписчиков", "Ключ администратора", "Публиковать фото")
	mustHave(t, b.get(t, "press", "/pages?problem=1&cat=flagship&q=ГОРОДА").Body.String(), "ошибка в виджете", "Приреченск сегодня", "Снять")
	mustHave(t, b.get(t, "press", "/pages?net=telegram&cat=flagship").Body.String(), "Ничего не нашлось")
	for name, want := range map[string]string{"ogrn": "последняя цифра", "norm": "Норма", "gap": "Промежуток", "widget": "Это не адрес pos.gosuslugi.ru", "zone": "Такого часового пояса нет"} {
		bad := url.Values{}
		for k, v := range good {
			bad[k] = v
		}
		bad.Set(name, map[string]string{"ogrn": "1024000000002", "norm": "много", "gap": "5000", "widget": "https://pos.gosuslugi.example/form/?opaId=1", "zone": "Mars/City"}[name])
		page := mustStatus(t, b.post(t, "press", card, bad), http.StatusUnprocessableEntity)
		if mustHave(t, page, "Ничего не записано", "Администрация &lt;города&gt;"); !strings.Contains(page, want) {
			t.Errorf("%s: no %q", name, want)
		}
	}
	reader := withinPolicy(t, card, b.get(t, "curator", card))
	mustHave(t, reader, "Администрация &lt;города&gt;")
	mustLack(t, reader, `name="ogrn"`)
	mustStatus(t, b.post(t, "curator", card, good), http.StatusForbidden)
	mustStatus(t, b.get(t, "press", "/pages/nothing"), http.StatusNotFound)
}

func TestKeysThatAreMissingAreTold(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	poor := b.plan.page(sources.Source{Kind: sources.VKCommunity, ExternalID: "303", Title: "Школа № 5"}, sources.CommunityKey)
	mustHave(t, b.get(t, "press", "/pages").Body.String(), "нет ключа администратора: недоступны фото, ссылки и видео, опросы, правка, удаление, закрепление, статистика", "1\u00a0без части ключей")
	mustHave(t, b.get(t, "press", "/pages/"+poor).Body.String(), "Нет ключа администратора", `href="/sources/`+poor)
}

func TestStatistics(t *testing.T) {
	t.Parallel()
	b := measured(t)
	page := withinPolicy(t, "/stats", b.get(t, "press", "/stats"))
	mustHave(t, page, "15\u202f000", "2,33\u00a0%", "12\u202f840", "известны у 5 из 6\u00a0постов", "<polyline", "Telegram не показывает просмотры ботам.", "Охват по дням")
	posts := withinPolicy(t, "/stats?view=posts", b.get(t, "head", "/stats?view=posts&sort=-views"))
	mustHave(t, posts, "=Пост 204", "3\u202f000", `aria-sort="descending"`, "/stats/posts/vk:-101:204")
	if rows := table(t, b.get(t, "press", "/stats/export?view=posts")); len(rows) != 7 || rows[1][4] != "'=Пост 200" || rows[1][6] != "3000" || rows[6][6] != "" {
		t.Errorf("%q", rows)
	}
	if rows := table(t, b.get(t, "press", "/stats/export")); len(rows) != 3 {
		t.Errorf("%q", rows)
	}
	norm := withinPolicy(t, "/stats?view=norm", b.get(t, "press", "/stats?view=norm&net=vk"))
	mustHave(t, norm, "10–16\u00a0ноября", "2 из 4", "сейчас", `class="k3"`)
	score := withinPolicy(t, "/stats?view=score", b.get(t, "press", "/stats?view=score&from=2025-11-10&to=2025-11-23"))
	// One of two pages has three posts in both weeks; 350 acts for 15000 views.
	mustHave(t, score, "50\u00a0%", "1 / 2 · 100", "300 &#43; 25 &#43; 25 = 350", "64,81\u00a0%", "Не учтены 1\u00a0пост", "Штраф П3.1")
	one := withinPolicy(t, "/stats/posts/vk:-101:200", b.get(t, "press", "/stats/posts/vk:-101:200"))
	mustHave(t, one, "=Пост 200", "3\u202f000", "<polyline")
	for _, path := range []string{"/stats/posts/x", "/stats/posts/vk:-101:999", "/stats/posts/ok:1:2"} {
		mustStatus(t, b.get(t, "press", path), http.StatusNotFound)
	}
	mustHave(t, b.get(t, "press", "/stats?view=posts&from=2020-01-01&to=2020-01-02").Body.String(), "Постов за это время нет")
	mustHave(t, b.get(t, "press", "/stats?view=norm&from=2025-11-18&to=2025-11-19").Body.String(), "ни одной целой недели")
}

// poll puts a poll that stands on both pages into the base.
func (b *planBase) pollOf(p publisher.Post) publisher.Poll {
	b.t.Helper()
	ctx := context.Background()
	poll, err := b.s.AddPoll(ctx, publisher.Poll{
		PostID: p.ID, Form: publisher.PollForm{Question: "Где каток <зимой>?", Options: []string{"Парк", "Стадион"}}, State: publisher.PollOpen, OpenedAt: at(23, 10, 0), ClosesAt: at(30, 10, 0),
		Places: []publisher.Place{{PageID: b.vk, Network: social.VK, Ref: onVK("7"), RemoteID: "poll-101_1", Link: "https://vk.com/wall-101_7"}, {PageID: b.tg, Network: social.Telegram, RemoteID: "5"}},
	}, b.now())
	b.must(err)
	for i := range 3 {
		b.must(b.s.AddSnapshot(ctx, publisher.Snapshot{PollID: poll.ID, PageID: b.vk, At: at(23, 11+i, 0), Voters: 3 * i, Votes: []int{2 * i, i}}, b.now()))
	}
	return poll
}

func TestPolls(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	mustHave(t, withinPolicy(t, "/polls", b.get(t, "press", "/polls")), "Опросов пока нет", "/posts/new?poll=1")
	poll := b.plan.pollOf(b.plan.post("Голосуем", time.Time{}))
	path := "/polls/" + poll.ID
	mustHave(t, withinPolicy(t, "/polls", b.get(t, "press", "/polls")), "Где каток &lt;зимой&gt;?", "6\u00a0голосов", "впереди «Парк», 67\u00a0%", "закроется 30.11.2025")
	page := withinPolicy(t, path, b.get(t, "press", path))
	mustHave(t, page, "66,7\u00a0%", "Не все страницы ещё ответили", "Итог с этой страницы ещё не получен", "<polyline", "Закрыть опрос на всех страницах?", "Пост с итогами")
	if rows := table(t, b.get(t, "press", path+"/export")); len(rows) != 4 || rows[3][3] != "4" {
		t.Errorf("%q", rows)
	}
	mustLack(t, b.get(t, "curator", path).Body.String(), "Закрыть опрос на всех", "Пост с итогами")
	for range 2 { // closing twice is harmless
		mustStatus(t, b.post(t, "press", path+"/close", nil), http.StatusSeeOther)
	}
	mustHave(t, withinPolicy(t, path, b.get(t, "press", path)), "Закрывается")
	w := b.post(t, "press", path+"/results", nil)
	mustStatus(t, w, http.StatusSeeOther)
	draft := b.get(t, "press", w.Header().Get("Location")).Body.String()
	mustHave(t, draft, "Парк — 66,7", "Итоги опроса")
	mustStatus(t, b.get(t, "press", "/polls/nothing"), http.StatusNotFound)
}

func TestAMandateWithPhotosAndAPoll(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	f := url.Values{
		"title": {"Прививки"}, "text": {"Где удобнее прививаться?"}, "adapt": {"around"}, "date": {"2025-11-25"}, "time": {"18:00"}, "page": {b.plan.vk, b.plan.tg},
		"do": {"upload"},
	}
	page := mustStatus(t, b.send(t, "curator", "/mandates/new", f, map[string][]byte{"врач.png": picture(t, 100)}), http.StatusOK)
	mustHave(t, page, "1 из 10", "Где удобнее прививаться?</textarea>", `value="Прививки"`)
	f = kept1(f, page)
	f["m_alt"] = []string{"Врач"}
	f.Set("do", "poll-add")
	mustHave(t, mustStatus(t, b.send(t, "curator", "/mandates/new", f, nil), http.StatusOK), `name="question"`)
	f.Set("poll", "1")
	f.Set("question", "Где?")
	f["option"] = []string{"В поликлинике", "На работе", ""}
	f.Del("do")
	// A photo that was chosen and not loaded is taken with the rest.
	w := b.send(t, "curator", "/mandates/new", f, map[string][]byte{"зал.png": picture(t, 180)})
	mustStatus(t, w, http.StatusSeeOther)
	mustHave(t, withinPolicy(t, "mandate", b.get(t, "press", w.Header().Get("Location"))), "Фото 1: Врач", "Фото 2: без описания", "• На работе")
	id, err := b.plan.s.PostByNumber(context.Background(), 1)
	b.plan.must(err)
	post, err := b.plan.s.Post(context.Background(), id)
	if err != nil || len(post.Content.Media) != 2 || post.Content.Media[0].Width == 0 || post.Content.Poll == nil || len(post.Content.Poll.Options) != 2 {
		t.Errorf("%+v %v", post.Content, err)
	}
	page = mustStatus(t, b.send(t, "curator", "/mandates/new", f, map[string][]byte{"x.png": []byte("%PDF")}), http.StatusUnprocessableEntity)
	mustHave(t, page, "Подходят JPEG", "Где удобнее прививаться?</textarea>", `value="Где?"`)
}

func TestMandates(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	mustHave(t, withinPolicy(t, "/mandates", b.get(t, "curator", "/mandates")), "Обязательных постов нет", "Назначить")
	withinPolicy(t, "/mandates/new", b.get(t, "curator", "/mandates/new"))
	f := url.Values{"title": {"Прививки"}, "from": {"Минздрав"}, "text": {"Прививка — *бесплатно*."}, "adapt": {"around"}, "date": {"2025-11-25"}, "time": {"18:00"}, "page": {b.plan.vk, b.plan.tg}}
	bad := url.Values{}
	for k, v := range f {
		bad[k] = v
	}
	bad.Set("date", "2025-11-01")
	mustHave(t, mustStatus(t, b.post(t, "curator", "/mandates/new", bad), http.StatusUnprocessableEntity), "Срок уже прошёл", "Прививка — *бесплатно*.", `value="Минздрав"`)
	mustStatus(t, b.post(t, "head", "/mandates/new", f), http.StatusForbidden)
	w := b.post(t, "curator", "/mandates/new", f)
	mustStatus(t, w, http.StatusSeeOther)
	path := w.Header().Get("Location")
	page := withinPolicy(t, path, b.get(t, "press", path))
	mustHave(t, page, "Прививки", "Минздрав", "можно дополнить", "Ещё не готов", "черновик", "0 из 2", "25.11.2025")
	mustHave(t, withinPolicy(t, "/mandates", b.get(t, "press", "/mandates")), "Прививки", "осталось 1\u00a0дн")
	rows := table(t, b.get(t, "press", path+"/export"))
	if len(rows) != 3 || rows[1][3] != "Ещё не готов" || rows[1][7] != "нет" {
		t.Errorf("%q", rows)
	}
	// What another organisation wrote is not theirs to rewrite.
	id, err := b.plan.s.PostByNumber(context.Background(), 1)
	b.plan.must(err)
	_, err = publisher.NewDesk(b.plan.s, b.plan.s, noon).Do(context.Background(), actor("press"), id, 0, publisher.Write{Content: publisher.Content{Text: "Своё"}, PageIDs: []string{b.plan.vk}})
	if err == nil {
		t.Error("the mandated text was replaced")
	}
	mustStatus(t, b.post(t, "press", path+"/withdraw", url.Values{"reason": {""}}), http.StatusUnprocessableEntity)
	mustStatus(t, b.post(t, "press", path+"/withdraw", url.Values{"reason": {"Опечатка"}}), http.StatusSeeOther)
	mustHave(t, withinPolicy(t, path, b.get(t, "press", path)), "Опечатка", "Отозван")
	mustStatus(t, b.get(t, "press", "/mandates/77"), http.StatusNotFound)
}

func (b *bench) upload(t *testing.T, who, name, content string) *httptest.ResponseRecorder {
	t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	part, err := m.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/plan/import", &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(t, who, r)
}

func TestAPlanFromAFile(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	withinPolicy(t, "/plan/import", b.get(t, "press", "/plan/import"))
	for content, want := range map[string]string{"": "Файл пустой", "Дата;Текст\n": "строк с постами нет", "а\x00": "Это не таблица"} {
		mustHave(t, mustStatus(t, b.upload(t, "press", "план.csv", content), http.StatusUnprocessableEntity), want)
	}
	const file = "Дата;Время;Страницы;Текст\n26.11.2025;10:00;Приреченск сегодня;Снег <убран>\n32.11.2025;10:00;Приреченск сегодня;Плохая дата\n;;Приреченск. Канал;Черновик\n"
	w := b.upload(t, "press", "план.csv", file)
	mustStatus(t, w, http.StatusSeeOther)
	path := w.Header().Get("Location")
	preview := withinPolicy(t, path, b.get(t, "press", path))
	mustHave(t, preview, "план.csv", "Строка 3, столбец «Дата»: «32.11.2025» — не дата", "Снег &lt;убран&gt;", "26.11.2025\u00a010:00", "Сделать 2\u00a0черновика", "без времени")
	mustStatus(t, b.get(t, "head", path), http.StatusForbidden)
	mustStatus(t, b.get(t, "all", path), http.StatusNotFound) // another person's file
	mustHave(t, b.get(t, "press", path+"?chosen=1&text=3").Body.String(), "Укажите, в каком столбце страницы.")
	mapping := url.Values{"chosen": {"1"}, "date": {"0"}, "time": {"1"}, "pages": {"2"}, "text": {"3"}}
	mustHave(t, mustStatus(t, b.post(t, "press", path, mapping), http.StatusOK), "Готовы 2\u00a0черновика.")
	mustHave(t, mustStatus(t, b.post(t, "press", path, mapping), http.StatusOK), "Новых черновиков нет.")
	again := b.upload(t, "press", "ещё.csv", file)
	mustHave(t, b.get(t, "press", again.Header().Get("Location")).Body.String(), "2\u00a0строки уже стоят в плане")
	rows := table(t, b.get(t, "press", "/plan/export?view=list"))
	if len(rows) != 3 || rows[1][4] != "Снег <убран>" || rows[1][0] != "26.11.2025" || rows[2][4] != "Черновик" {
		t.Errorf("%q", rows)
	}
	x := b.get(t, "press", "/plan/export?view=list&format=xlsx")
	f, err := excelize.OpenReader(x.Body)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if v, err := f.GetCellValue("Контент-план", "E2"); err != nil || v != "Снег <убран>" {
		t.Errorf("%q %v", v, err)
	}
	// What was exported is known again.
	exported := b.get(t, "press", "/plan/export?view=list").Body.String()
	back := b.upload(t, "press", "обратно.csv", exported)
	mustHave(t, b.get(t, "press", back.Header().Get("Location")).Body.String(), "Новых постов в файле нет")
	// A draft's own row changes it, with what the pre-flight says of the row.
	const change = "Ключ строки;Страницы;Текст\notklik-2;Приреченск. Канал;Звоните 8 (912) 345-67-89\n"
	w = b.upload(t, "press", "правка.csv", change)
	page := withinPolicy(t, w.Header().Get("Location"), b.get(t, "press", w.Header().Get("Location")))
	mustHave(t, page, "изменит пост №&nbsp;2", "Изменить 1\u00a0черновик", "Строка 2: Похоже на личные данные")
	mustHave(t, mustStatus(t, b.post(t, "press", w.Header().Get("Location"), url.Values{}), http.StatusOK), "Изменён 1\u00a0черновик.")
	mustHave(t, b.get(t, "press", "/posts/2").Body.String(), "345-67-89</textarea>")
	mustHave(t, mustStatus(t, b.post(t, "press", w.Header().Get("Location"), url.Values{}), http.StatusOK), "Новых черновиков нет.", "1\u00a0строка уже стоит в плане")
}

func TestEverySectionIsReachedByATelephone(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	more := withinPolicy(t, "/more", b.get(t, "press", "/more"))
	for _, path := range []string{"/plan", "/polls", "/pages", "/stats", "/mandates", "/sources", "/deliveries"} {
		mustHave(t, more, `href="`+path+`"`)
		mustStatus(t, b.get(t, "press", path), http.StatusOK)
	}
	mustHave(t, b.get(t, "press", "/stats").Body.String(), `href="/more"`)
}
