package web

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"otklik/publisher"
)

// at is a moment of the sample's week by the clocks of Moscow; noon is the 24th
// of November 2025, a Monday.
func at(day, hour, minute int) time.Time {
	return time.Date(2025, 11, day, hour, minute, 0, 0, time.FixedZone("MSK", 3*3600))
}

// planned is a plan with a post of nearly every state.
func planned(t *testing.T) (*bench, map[string]publisher.Post) {
	t.Helper()
	b := setup(t, noon)
	p := map[string]publisher.Post{}
	p["draft"] = b.plan.post("Куда пойти в <выходные>", at(28, 18, 0))
	p["undated"] = b.plan.post("Пункты обогрева", time.Time{})
	p["review"] = b.plan.do(b.plan.post("Экскурсия на водоканал", at(26, 12, 0)), "press", publisher.Submit{})
	agreed := b.plan.do(b.plan.post("Субсидия на газ: три документа", at(25, 10, 0)), "press", publisher.Submit{})
	p["agreed"] = b.plan.do(agreed, "head", publisher.Approve{Hash: agreed.Hash()})
	close := b.plan.do(b.plan.post("График вывоза веток", at(25, 10, 15)), "press", publisher.Submit{})
	p["close"] = b.plan.do(close, "head", publisher.Approve{Hash: close.Hash()})
	off := b.plan.post("Отменённый концерт", at(27, 11, 0))
	p["off"] = b.plan.do(off, "press", publisher.Cancel{Reason: "нет зала"})
	return b, p
}

func TestPlanShowsPostsOnTheirDays(t *testing.T) {
	t.Parallel()
	b, p := planned(t)
	month := withinPolicy(t, "/plan", b.get(t, "press", "/plan"))
	mustHave(t, month, "Ноябрь 2025", `data-day="2025-11-25"`, "Субсидия на газ", "15\u00a0мин после «Субсидия на газ: три документа»", "Куда пойти в &lt;выходные&gt;",
		"День народного единства", "выходной", "рабочий день", "До нормы не хватает 1\u00a0поста, осталось 7\u00a0дней.")
	day := cut(t, month, `data-day="2025-11-28"`, "</section>")
	mustHave(t, day, "Куда пойти", "18:00", `draggable="true"`, "po-dr")
	mustLack(t, day, "Субсидия")
	mustHave(t, cut(t, month, `id="plan-side"`, "</aside>"), "Пункты обогрева", "Экстренная остановка", "Запланированы 2\u00a0поста")
	mustHave(t, cut(t, month, `data-number="`+number10(p["off"])+`"`, "</div>"), "Отменённый концерт")

	week := withinPolicy(t, "/plan?view=week", b.get(t, "press", "/plan?view=week"))
	mustHave(t, week, "24–30\u00a0ноября", "14:05")
	cell := cut(t, week, `data-day="2025-11-25" data-hour="10:00"`, "</div>\n    ")
	mustHave(t, cell, "Субсидия", "График вывоза")
	list := withinPolicy(t, "/plan?view=list", b.get(t, "curator", "/plan?view=list"))
	mustHave(t, list, "25\u00a0ноября", "Запланировано", "На согласовании")
	mustLack(t, list, "Перенести…", "Новый пост", "Остановить публикации")
}

func number10(p publisher.Post) string { return strconv.FormatInt(p.Number, 10) }

// cut is the part of a page from a mark to what ends it.
func cut(t *testing.T, page, from, to string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, from)
	if !ok {
		t.Fatalf("the page has no %q", from)
	}
	part, _, _ := strings.Cut(rest, to)
	return part
}

func TestPlanIsNarrowedByItsAddress(t *testing.T) {
	t.Parallel()
	b, _ := planned(t)
	only := func(query string, want, not string) {
		t.Helper()
		page := mustStatus(t, b.get(t, "press", "/plan?"+query), http.StatusOK)
		main := cut(t, page, `id="plan-main"`, "<aside")
		mustHave(t, main, want)
		mustLack(t, main, not)
	}
	only("state=review", "Экскурсия", "Субсидия")
	only("q="+url.QueryEscape("субсидия"), "Субсидия", "Экскурсия")
	only("author=press&net=vk&rubric="+url.QueryEscape("ЖКХ"), "Субсидия", "Под отбор ничего")
	only("author=head", "Под отбор ничего не подходит", "Субсидия")
	only("page="+b.plan.tg, "Субсидия", "Под отбор")
	only("view=list&state=cancelled", "Отменённый концерт", "Субсидия")
	only("at=2026-01-12", "Здесь пока ничего не запланировано", "Субсидия")
	page := mustStatus(t, b.get(t, "press", "/plan?state=review&rubric=%D0%96%D0%9A%D0%A5&junk=1"), http.StatusOK)
	mustHave(t, page, `href="/plan?rubric=%D0%96%D0%9A%D0%A5" title="Снять"`, `href="/plan?state=review" title="Снять"`, "На согласовании")
	for _, bad := range []string{"at=2026-99-99", "view=nothing", "at=", "state=x", "net=ok", "page=" + strings.Repeat("x", 500)} {
		mustStatus(t, b.get(t, "press", "/plan?"+bad), http.StatusOK)
	}
}

func TestReviewQueueCountsWhatWaitsForMe(t *testing.T) {
	t.Parallel()
	b, _ := planned(t)
	page := mustStatus(t, b.get(t, "head", reviewURL), http.StatusOK)
	mustHave(t, page, "Экскурсия на водоканал", `data-count="review">1<`, `href="`+strings.ReplaceAll(reviewURL, "&", "&amp;")+`" title="Согласование" aria-current="page"`)
	// Whoever wrote it has nothing to approve.
	page = mustStatus(t, b.get(t, "all", "/plan"), http.StatusOK)
	mustHave(t, page, `data-count="review">1<`)
	own := b.plan.do(b.plan.post("Ещё один", at(27, 10, 0)), "all", publisher.Write{Content: publisher.Content{Text: "Ещё один, исправленный"}, PageIDs: []string{b.plan.vk}}, publisher.Submit{})
	mustHave(t, mustStatus(t, b.get(t, "all", "/plan"), http.StatusOK), `data-count="review">1<`)
	mustHave(t, mustStatus(t, b.get(t, "all", "/posts/"+number10(own)), http.StatusOK), "согласовать его должен другой человек")
	mustLack(t, mustStatus(t, b.get(t, "executor", "/inbox"), http.StatusOK), `href="/plan"`)
}

func TestMovingAPost(t *testing.T) {
	t.Parallel()
	b, p := planned(t)
	address := "/posts/" + number10(p["agreed"]) + "/move"
	page := withinPolicy(t, address, b.get(t, "press", address+"?back=%2Fplan%3Fview%3Dweek"))
	mustHave(t, page, `value="2025-11-25"`, `value="10:00"`, "время московское", "График вывоза веток")
	fields := url.Values{"version": {field(t, page, address, "version")}, "back": {field(t, page, address, "back")}, "date": {"2025-11-26"}, "time": {"09:30"}}
	w := b.post(t, "press", address, fields)
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != "/plan?view=week" {
		t.Fatalf("status %d to %q: %.300s", w.Code, to, w.Body)
	}
	moved := b.plan.fresh(p["agreed"])
	if !moved.At.Equal(at(26, 9, 30)) || moved.State != publisher.Scheduled {
		t.Fatalf("the post stands at %v in %s", moved.At, moved.State)
	}
	if b.plan.told == 0 {
		t.Error("nobody who sends was told")
	}

	// The notice offers the way back, and the way back works.
	r := newGet(t, "/plan?view=week")
	for _, c := range w.Result().Cookies() {
		r.AddCookie(c)
	}
	page = mustStatus(t, b.do(t, "press", r), http.StatusOK)
	mustHave(t, page, "пост перенесён", "Вернуть обратно")
	back := url.Values{}
	for _, name := range []string{"version", "date", "time", "back", "undo"} {
		back.Set(name, field(t, page, address, name))
	}
	mustStatus(t, b.post(t, "press", address, back), http.StatusSeeOther)
	if again := b.plan.fresh(moved); !again.At.Equal(at(25, 10, 0)) || again.State != publisher.Scheduled || again.Approval.Hash == "" {
		t.Errorf("after the way back: %v, %s", again.At, again.State)
	}
}

func TestMovesThatAreRefused(t *testing.T) {
	t.Parallel()
	b, p := planned(t)
	address := "/posts/" + number10(p["agreed"]) + "/move"
	version := strconv.Itoa(p["agreed"].Version)
	for text, fields := range map[string]url.Values{
		"Это время уже прошло":            {"version": {version}, "date": {"2025-11-20"}, "time": {"10:00"}},
		"Укажите день и время":            {"version": {version}},
		"написаны непонятно":              {"version": {version}, "date": {"2025-13-40"}, "time": {"10:00"}},
		"Укажите и время":                 {"version": {version}, "date": {"2025-11-27"}},
		"Форма устарела":                  {"date": {"2025-11-27"}, "time": {"10:00"}},
		"Пока вы смотрели, пост изменили": {"version": {"1"}, "date": {"2025-11-27"}, "time": {"10:00"}},
	} {
		w := b.post(t, "press", address, fields)
		if w.Code < 400 || !strings.Contains(w.Body.String(), text) {
			t.Errorf("%v: status %d, no %q in %.200s", fields, w.Code, text, cut(t, w.Body.String(), "<main", "</main>"))
		}
	}
	mustHave(t, mustStatus(t, b.post(t, "head", address, url.Values{"version": {version}, "date": {"2025-11-27"}, "time": {"10:00"}}), http.StatusForbidden), "другая роль")
	if now := b.plan.fresh(p["agreed"]); !now.At.Equal(at(25, 10, 0)) {
		t.Errorf("the post moved to %v", now.At)
	}
	// A script is told in one sentence.
	r := newPost(t, address, url.Values{"version": {version}, "date": {"2025-11-20"}, "time": {"10:00"}})
	r.Header.Set(partHeader, "1")
	if got := strings.TrimSpace(mustStatus(t, b.do(t, "press", r), http.StatusUnprocessableEntity)); got != "Это время уже прошло. Выберите другое." {
		t.Errorf("the script is told %q", got)
	}
	// Off the calendar, and back to a foreign address it does not go.
	w := b.post(t, "press", address, url.Values{"version": {version}, "off": {"1"}, "back": {"//evil.example/plan"}})
	if to := w.Header().Get("Location"); to != "/posts/"+number10(p["agreed"]) {
		t.Errorf("leads to %q", to)
	}
	if now := b.plan.fresh(p["agreed"]); !now.At.IsZero() || now.State != publisher.Approved {
		t.Errorf("off the calendar: %v, %s", now.At, now.State)
	}
}

func TestTimesInAPagesOwnZone(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	zone, err := time.LoadLocation("Asia/Yekaterinburg")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{b.plan.vk, b.plan.tg} {
		if err := b.plan.s.SavePage(context.Background(), actor("press"), publisher.Page{ID: id, Category: publisher.Active, Zone: zone}, noon()); err != nil {
			t.Fatal(err)
		}
	}
	p := b.plan.post("Уральская новость", time.Time{})
	address := "/posts/" + number10(p) + "/move"
	page := mustStatus(t, b.get(t, "press", address), http.StatusOK)
	mustHave(t, page, "время екатеринбургское", `name="zone" value="Asia/Yekaterinburg"`)
	mustStatus(t, b.post(t, "press", address, url.Values{"version": {"1"}, "date": {"2025-11-25"}, "time": {"10:00"}, "zone": {"Asia/Yekaterinburg"}}), http.StatusSeeOther)
	if got := b.plan.fresh(p).At; !got.Equal(time.Date(2025, 11, 25, 5, 0, 0, 0, time.UTC)) {
		t.Errorf("10:00 in Yekaterinburg is %v", got.UTC())
	}
}

func TestEmergencyStop(t *testing.T) {
	t.Parallel()
	b, p := planned(t)
	page := withinPolicy(t, "/plan/stop", b.get(t, "press", "/plan/stop"))
	mustHave(t, page, "Субсидия на газ", "График вывоза", "Приреченск сегодня")
	mustStatus(t, b.post(t, "press", "/plan/stop", url.Values{"what": {"pages"}}), http.StatusUnprocessableEntity)
	mustStatus(t, b.post(t, "press", "/plan/stop", url.Values{"what": {"pages"}, "page": {b.plan.tg}, "reason": {"траур <b>"}}), http.StatusSeeOther)
	page = mustStatus(t, b.get(t, "press", "/plan"), http.StatusOK)
	mustHave(t, page, "Остановлено: Приреченск. Канал.", "Ждут 2\u00a0поста.", "траур &lt;b&gt;", "Удержан остановкой")
	mustHave(t, mustStatus(t, b.get(t, "press", "/posts/"+number10(p["agreed"])), http.StatusOK), "Экстренная остановка")

	page = mustStatus(t, b.get(t, "press", "/plan/stop"), http.StatusOK)
	mustHave(t, page, "Что ждёт <span class=\"mut\">2</span>", "опросы закроются в свой срок")
	mustStatus(t, b.post(t, "press", "/plan/stop", url.Values{"what": {"pages"}, "page": {"nobody"}}), http.StatusUnprocessableEntity)

	halts, err := b.plan.s.Halts(context.Background())
	if err != nil || len(halts) != 1 {
		t.Fatalf("%d stops, %v", len(halts), err)
	}
	end := "/plan/stop/" + halts[0].ID + "/end"
	mustHave(t, mustStatus(t, b.post(t, "head", end, nil), http.StatusUnprocessableEntity), "Отметьте, что вы проверили")
	mustStatus(t, b.post(t, "curator", end, url.Values{"sure": {"1"}}), http.StatusForbidden)
	mustStatus(t, b.post(t, "head", end, url.Values{"sure": {"1"}}), http.StatusSeeOther)
	mustStatus(t, b.post(t, "head", end, url.Values{"sure": {"1"}}), http.StatusConflict)
	mustLack(t, mustStatus(t, b.get(t, "press", "/plan"), http.StatusOK), "Удержан остановкой")
}

func TestTheProgramsOwnStopIsTold(t *testing.T) {
	t.Parallel()
	b, _ := planned(t)
	for _, cause := range []publisher.Cause{publisher.ByRestored, publisher.ByClock} {
		if err := b.plan.s.AddHalt(context.Background(), publisher.Halt{Cause: cause, At: noon()}, noon()); err != nil {
			t.Fatal(err)
		}
	}
	mustHave(t, mustStatus(t, b.get(t, "curator", "/plan"), http.StatusOK), "База восстановлена из копии", "Часы компьютера скакнули", "Остановлены все страницы.")
	mustHave(t, mustStatus(t, b.get(t, "press", "/plan/stop"), http.StatusOK), "Я проверил дату, время и страницы")
}

// TestPlanHasNoDeadEnds follows every link of the plan's pages as whoever sees it.
func TestPlanHasNoDeadEnds(t *testing.T) {
	t.Parallel()
	b, p := planned(t)
	links := regexp.MustCompile(`<a [^>]*href="(/[^"#]*)"`)
	for _, who := range []string{"press", "head", "curator", "all"} {
		for _, start := range []string{"/plan", "/plan?view=list", "/posts/" + number10(p["agreed"]), "/posts/" + number10(p["draft"]), "/series", "/posts/new"} {
			page := b.get(t, who, start)
			if page.Code == http.StatusForbidden {
				continue
			}
			for _, m := range links.FindAllStringSubmatch(page.Body.String(), -1) {
				to := strings.ReplaceAll(m[1], "&amp;", "&")
				if w := b.get(t, who, to); w.Code >= 400 {
					t.Errorf("%s is led from %s to %s: %d", who, start, to, w.Code)
				}
			}
		}
	}
}
