package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"otklik/internal/sources"
	"otklik/publisher"
)

func itoa(n int) string { return strconv.Itoa(n) }

// vkWithout is a community whose administrator has given no key.
func vkWithout() sources.Source {
	return sources.Source{Kind: sources.VKCommunity, ExternalID: "202", Title: "Парки города"}
}

func TestWhatIsWrittenIsKept(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	p := b.plan.post("Каток", at(26, 12, 0))
	f := b.plan.written("Каток откроют скоро, звоните 8 (912) 345-67-89")
	f.Set("version", "1")
	r := newPost(t, "/posts/1/draft", f)
	r.Header.Set(partHeader, "1")
	part := mustStatus(t, b.do(t, "press", r), http.StatusOK)
	mustHave(t, part, "Черновик сохранён в", "14:05", "46 из 16\u202f000", "Похоже на личные данные (телефон)", `id="ed-pv"`, `id="ed-ck"`, "1\u00a0замечание")
	mustLack(t, part, "<html", "<form")
	if got := b.plan.fresh(p).Content.Text; got != "Каток" {
		t.Errorf("keeping changed the post to %q", got)
	}
	page := mustStatus(t, b.get(t, "press", "/posts/1"), http.StatusOK)
	mustHave(t, page, "8 (912) 345-67-89</textarea>", "В пост это ещё не записано", "Вернуть записанное")
	mustLack(t, mustStatus(t, b.get(t, "all", "/posts/1"), http.StatusOK), "8 (912) 345-67-89")
	f.Set("do", "forget")
	mustStatus(t, b.post(t, "press", "/posts/1/write", f), http.StatusSeeOther)
	mustLack(t, mustStatus(t, b.get(t, "press", "/posts/1"), http.StatusOK), "8 (912) 345-67-89")
}

// TestTwoEditors: whoever saves second is told with both texts and loses none.
func TestTwoEditors(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	b.plan.post("Каток откроют в субботу", at(26, 12, 0))
	mine, theirs := b.plan.written("Каток откроют в субботу, 6 декабря"), b.plan.written("Каток откроют в воскресенье")
	mine.Set("version", "1")
	theirs.Set("version", "1")
	mustStatus(t, b.post(t, "all", "/posts/1/write", theirs), http.StatusSeeOther)
	page := mustStatus(t, b.post(t, "press", "/posts/1/write", mine), http.StatusConflict)
	mustHave(t, page, "Пока вы писали, пост изменили", "Кира Ветрова", "<ins>воскресенье</ins>", "Каток откроют в субботу, 6 декабря</textarea>")
	// The text outlives the window, and the second saving goes on knowingly.
	page = mustStatus(t, b.get(t, "press", "/posts/1"), http.StatusOK)
	mustHave(t, page, "Пока вы писали, пост изменили: Кира Ветрова", "Каток откроют в субботу, 6 декабря</textarea>")
	mine.Set("version", field(t, page, "/posts/1/write", "version"))
	mustStatus(t, b.post(t, "press", "/posts/1/write", mine), http.StatusSeeOther)
	mustHave(t, mustStatus(t, b.get(t, "head", "/posts/1"), http.StatusOK), "6 декабря")
}

// TestAConflictIsToldAsItIs: what others did is told where they did something,
// else the program's own sentence.
func TestAConflictIsToldAsItIs(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	p := b.plan.post("Каток откроют в субботу", at(26, 12, 0))
	mine := b.plan.written("Каток откроют в воскресенье")
	mine.Set("version", itoa(p.Version))
	p = b.plan.do(p, "all", publisher.Plan{At: at(26, 15, 0)})
	page := mustStatus(t, b.post(t, "press", "/posts/1/write", mine), http.StatusConflict)
	mustHave(t, page, "Пока вы писали, пост изменили", "14:05, Кира Ветрова: назначено на 26.11.2025\u00a015:00", "Каток откроют в воскресенье</textarea>")
	// It has left meanwhile: nothing can be written, and the text is not lost.
	p = b.plan.do(p, "press", publisher.Submit{})
	p = b.plan.do(p, "head", publisher.Approve{Hash: p.Hash()})
	p = b.plan.tell(p, at(26, 15, 0), publisher.Release{}, publisher.Uncertain{PageID: b.plan.vk, Why: "нет ответа"})
	page = mustStatus(t, b.post(t, "press", "/posts/1/write", mine), http.StatusConflict)
	mustHave(t, page, "Пока вы писали, пост изменили", "Записать его уже нельзя. Пост мог уже выйти.", "Каток откроют в воскресенье</textarea>")
	// Nobody has touched it since: the sentence is the error's own.
	mine.Set("version", itoa(p.Version))
	page = mustStatus(t, b.post(t, "press", "/posts/1/write", mine), http.StatusConflict)
	mustHave(t, page, "Не получилось.", "Пост мог уже выйти.", "Каток откроют в воскресенье</textarea>")
	mustLack(t, page, "Пока вы писали, пост изменили")
}

func TestAPollHasAsManyOptionsAsItsPagesTake(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	for page, most := range map[string]int{b.plan.vk: 10, b.plan.tg: 12} {
		f := b.plan.written("Где каток?")
		f["page"] = []string{page}
		f.Set("poll", "1")
		f["option"] = strings.Split("абвгдежзик", "")
		f.Set("do", "poll-more")
		w := b.post(t, "press", "/posts/new", f)
		if want := map[bool]int{true: http.StatusSeeOther, false: http.StatusUnprocessableEntity}[most > 10]; w.Code != want {
			t.Errorf("an eleventh option of %d: status %d", most, w.Code)
		}
		mustHave(t, mustStatus(t, b.get(t, "press", "/posts/new"), http.StatusOK), "до "+itoa(most)+".")
	}
}

func TestNothingIsHalfSaved(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	p := b.plan.post("Каток", at(26, 12, 0))
	f := b.plan.written("Новый текст")
	f.Set("version", "1")
	f.Set("date", "2025-11-20")
	page := mustStatus(t, b.post(t, "press", "/posts/1/write", f), http.StatusUnprocessableEntity)
	mustHave(t, page, "Это время уже прошло", "Новый текст</textarea>", `name="date" value="2025-11-20"`)
	if got := b.plan.fresh(p); got.Content.Text != "Каток" || got.Version != 1 {
		t.Errorf("half of it was saved: %q, version %d", got.Content.Text, got.Version)
	}
	for _, bad := range []url.Values{{"page": {"nowhere"}, "text": {"x"}}, {"text": {strings.Repeat("ы", 20001)}, "page": {b.plan.vk}}} {
		bad.Set("version", "1")
		if w := b.post(t, "press", "/posts/1/write", bad); w.Code < 400 || w.Code >= 500 {
			t.Errorf("%.60v: status %d", bad, w.Code)
		}
	}
}

func TestRepetitionsAndNeighboursAreTold(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	const text = "Плановые отключения света на улицах Полевой, Речной и Лесозаводской с десяти утра"
	b.plan.post(text, at(26, 12, 10))
	f := b.plan.written(text + "!")
	r := newPost(t, "/posts/new/draft", f)
	r.Header.Set(partHeader, "1")
	part := mustStatus(t, b.do(t, "press", r), http.StatusOK)
	mustHave(t, part, "Похоже на пост", "Совпадает на 100", "На той же странице через 10\u00a0мин", "2\u00a0замечания")
	// A page may be fuller than others.
	for _, id := range []string{b.plan.vk, b.plan.tg} {
		if err := b.plan.s.SavePage(context.Background(), actor("press"), publisher.Page{ID: id, Category: publisher.Active, Gap: 5 * time.Minute}, noon()); err != nil {
			t.Fatal(err)
		}
	}
	r = newPost(t, "/posts/new/draft", f)
	r.Header.Set(partHeader, "1")
	mustLack(t, mustStatus(t, b.do(t, "press", r), http.StatusOK), "На той же странице")
}

func TestPostThatIsLate(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	p := b.plan.do(b.plan.post("Каток", at(26, 12, 0)), "press", publisher.Submit{})
	p = b.plan.do(p, "head", publisher.Approve{Hash: p.Hash()})
	p = b.plan.tell(p, at(26, 13, 0), publisher.AskLate{})
	page := withinPolicy(t, "/posts/1", b.get(t, "press", "/posts/1"))
	mustHave(t, page, "Время публикации прошло", "Опубликовать сейчас", "Опубликовали вручную…", "Проверьте")
	mustHave(t, mustStatus(t, b.get(t, "press", "/plan"), http.StatusOK), `data-count="plan">1<`, "po-unk")
	w := b.post(t, "press", "/posts/1/by-hand", url.Values{"version": {itoa(p.Version)}, "page": {b.plan.vk}, "link": {"javascript:alert(1)"}})
	mustHave(t, mustStatus(t, w, http.StatusUnprocessableEntity), "Ссылка должна начинаться с https://")
	mustStatus(t, b.post(t, "press", "/posts/1/by-hand", url.Values{"version": {itoa(p.Version)}, "page": {b.plan.vk}, "link": {"https://vk.com/wall-101_5"}}), http.StatusSeeOther)
	p = b.plan.fresh(p)
	mustStatus(t, b.post(t, "press", "/posts/1/now", url.Values{"version": {itoa(p.Version)}, "late": {"30"}}), http.StatusSeeOther)
	if p = b.plan.fresh(p); p.State != publisher.Scheduled || !p.At.Equal(noon()) {
		t.Errorf("the post is %s at %v", p.State, p.At)
	}
}

// TestPostThatIsOut has what stands on the pages, what happens under it, and
// what the keys allow to do with it.
func TestPostThatIsOut(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	p := b.plan.do(b.plan.post("Каток открыт", at(24, 14, 30)), "press", publisher.Submit{})
	p = b.plan.do(p, "head", publisher.Approve{Hash: p.Hash()})
	p = b.plan.tell(p, at(24, 14, 31), publisher.Release{}, publisher.Sent{PageID: b.plan.vk, Ref: onVK("77"), Link: "https://vk.com/wall-101_77"},
		publisher.Uncertain{PageID: b.plan.tg, Why: "Связь с Telegram оборвалась после отправки."})
	page := withinPolicy(t, "/posts/1", b.get(t, "press", "/posts/1"))
	mustHave(t, page, "https://vk.com/wall-101_77", "Неизвестно", "Связь с Telegram оборвалась", "Закрепить", "Удалить…", "0\u00a0комментариев")
	mustStatus(t, b.post(t, "press", "/posts/1/pin", url.Values{"version": {itoa(p.Version)}, "page": {b.plan.vk}, "on": {"1"}}), http.StatusSeeOther)
	p = b.plan.fresh(p)
	w := b.post(t, "press", "/posts/1/remove", url.Values{"version": {itoa(p.Version)}, "page": {b.plan.vk}})
	mustHave(t, mustStatus(t, w, http.StatusUnprocessableEntity), "Напишите, почему пост удаляют")
	mustStatus(t, b.post(t, "press", "/posts/1/by-hand", url.Values{"version": {itoa(p.Version)}, "page": {b.plan.tg}, "link": {"https://t.me/prirechensk/5"}}), http.StatusSeeOther)
	p = b.plan.fresh(p)
	if p.State != publisher.Published {
		t.Fatalf("the post is %s", p.State)
	}

	// Another text goes the same way: proposed by one, approved by another.
	page = withinPolicy(t, "/posts/1?edit=1", b.get(t, "press", "/posts/1?edit=1"))
	mustHave(t, page, "Предложить правку", "Вложения и опрос опубликованного поста остаются")
	mustStatus(t, b.post(t, "press", "/posts/1/amend", url.Values{"version": {itoa(p.Version)}, "text": {"Каток открыт до 21:00"}}), http.StatusSeeOther)
	page = mustStatus(t, b.get(t, "head", "/posts/1"), http.StatusOK)
	mustHave(t, page, "Правка опубликованного", "до 21:00</ins>", "Согласовать правку")
	hash, version := field(t, page, "/posts/1/amend-approve", "hash"), field(t, page, "/posts/1/amend-approve", "version")
	mustStatus(t, b.post(t, "head", "/posts/1/amend-approve", url.Values{"version": {version}, "hash": {hash}}), http.StatusSeeOther)
	if p = b.plan.fresh(p); p.Content.Text != "Каток открыт до 21:00" || p.Amendment != nil {
		t.Errorf("after the approval: %q, %+v", p.Content.Text, p.Amendment)
	}
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	f := b.plan.written("Завтра с 10:00 не будет воды")
	f.Set("do", "template")
	mustHave(t, mustStatus(t, b.post(t, "press", "/posts/new", f), http.StatusUnprocessableEntity), "Назовите пост")
	f.Set("title", "Отключение воды")
	mustStatus(t, b.post(t, "press", "/posts/new", f), http.StatusSeeOther)
	f.Set("do", "forget")
	mustStatus(t, b.post(t, "press", "/posts/new", f), http.StatusSeeOther)
	page := withinPolicy(t, "/posts/templates", b.get(t, "press", "/posts/templates"))
	mustHave(t, page, "Отключение воды")
	list, err := b.plan.s.PostTemplates(context.Background())
	if err != nil || len(list) != 1 {
		t.Fatal(len(list), err)
	}
	mustHave(t, mustStatus(t, b.get(t, "press", "/posts/new?template="+list[0].ID), http.StatusOK), "Завтра с 10:00 не будет воды</textarea>", `value="Спорт"`)
	mustStatus(t, b.post(t, "press", "/posts/templates/"+list[0].ID+"/drop", nil), http.StatusSeeOther)
	mustStatus(t, b.post(t, "press", "/posts/templates/"+list[0].ID+"/drop", nil), http.StatusNotFound)
	mustHave(t, mustStatus(t, b.get(t, "press", "/posts/templates"), http.StatusOK), "Шаблонов пока нет")
}

func TestSeriesWithoutScripts(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	page := withinPolicy(t, "/series/new", b.get(t, "press", "/series/new"))
	mustHave(t, page, "по понедельникам в 10:00", "пн, 1\u00a0декабря, 10:00")
	f := url.Values{"page": {b.plan.vk}, "text": {"Приём граждан завтра с 15:00"}, "title": {"Приём"}, "repeat": {"weekly"}, "weekday": {"3", "5"}, "clock": {"15:30"}, "dayoff": {"backward"}, "except": {"03.12.2025"}, "active": {"1"}, "late": {"60"}}
	r := newPost(t, "/series/new/draft", f)
	r.Header.Set(partHeader, "1")
	mustHave(t, mustStatus(t, b.do(t, "press", r), http.StatusOK), "по средам и пятницам в 15:30", "ср, 26\u00a0ноября, 15:30")
	bad := url.Values{"page": {b.plan.vk}, "text": {"x"}, "repeat": {"weekly"}, "clock": {"15:30"}, "dayoff": {"keep"}}
	mustHave(t, mustStatus(t, b.post(t, "press", "/series/new", bad), http.StatusUnprocessableEntity), "Выберите день недели")
	w := b.post(t, "press", "/series/new", f)
	address := w.Header().Get("Location")
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(address, "/series/") {
		t.Fatalf("status %d to %q: %.300s", w.Code, address, w.Body)
	}
	page = withinPolicy(t, "/series", b.get(t, "head", "/series"))
	mustHave(t, page, "Ждёт согласования", "по средам и пятницам в 15:30", "Ближайший: ср, 26\u00a0ноября, 15:30")
	mustHave(t, mustStatus(t, b.get(t, "press", "/plan"), http.StatusOK), "Приём", "Повтор")

	page = withinPolicy(t, address, b.get(t, "head", address))
	approve := url.Values{"version": {field(t, page, address+"/approve", "version")}, "hash": {field(t, page, address+"/approve", "hash")}}
	mustStatus(t, b.post(t, "press", address+"/approve", approve), http.StatusForbidden)
	mustStatus(t, b.post(t, "head", address+"/approve", approve), http.StatusSeeOther)
	list, err := b.plan.s.Plan(context.Background(), publisher.Filter{From: noon(), To: noon().AddDate(0, 0, 14), Limit: 20})
	if err != nil || len(list.Posts) != 3 { // 26.11, 28.11, 5.12; the 3rd is left out
		t.Fatalf("%d occurrences, %v", len(list.Posts), err)
	}
	for _, p := range list.Posts {
		if p.State != publisher.Scheduled || p.At.In(at(1, 0, 0).Location()).Format("15:04") != "15:30" {
			t.Errorf("occurrence at %v is %s", p.At, p.State)
		}
	}
	// One occurrence goes its own way.
	mustStatus(t, b.post(t, "press", "/posts/"+number10(list.Posts[0])+"/move", url.Values{"version": {"1"}, "date": {"2025-11-27"}, "time": {"11:00"}}), http.StatusConflict)
	first := b.plan.fresh(list.Posts[0])
	mustStatus(t, b.post(t, "press", "/posts/"+number10(first)+"/move", url.Values{"version": {itoa(first.Version)}, "date": {"2025-11-27"}, "time": {"11:00"}}), http.StatusSeeOther)
	mustHave(t, mustStatus(t, b.get(t, "curator", "/posts/"+number10(first)), http.StatusOK), "этот выход изменён отдельно")
}
