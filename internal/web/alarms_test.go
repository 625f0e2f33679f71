package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/internal/alarm"
	"otklik/internal/live"
	"otklik/internal/rights"
)

func TestAlarmsAreShownWithWhatToDo(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	b.board.audited = noon().Add(-time.Minute)
	page := mustStatus(t, b.get(t, "administrator", "/alarms"), http.StatusOK)
	mustHave(t, page, "«ЖКХ „Города“»: не читается с 12:30", "«ЖКХ „Города“»: тишина с 12:30", "сеть не принимает ключ с 12:30",
		"ключ больше не может отвечать в ветке", "истекает 26.11.2025", "3\u00a0ответа могли уйти, а могли и нет",
		"На диске осталось", "Суточная квота", "Приняли: Вера Лаптева", "Проверено в 14:04", `action="/alarms/aa/take"`)
	mustLack(t, page, `action="/alarms/ab/take"`, `action="/alarms/past/take"`, "Прошла")
	past := mustStatus(t, b.get(t, "executor", "/alarms?tab=past&source=s5&kind="+string(alarm.SourceDown)), http.StatusOK)
	mustHave(t, past, "Прошла", "selected")
	mustLack(t, past, "take\"", `href="/sources#`)
	mustHave(t, mustStatus(t, b.get(t, "head", "/alarms?tab=past&source=s1"), http.StatusOK), "Снять отбор")
}

func TestEveryKindHasWords(t *testing.T) {
	t.Parallel()
	s := setup(t, noon).server
	for _, a := range sampleAlarms(noon()) {
		w := s.alarmWords(a, noon())
		if alarmKind(a.Kind) == "" || w.Title == "" || w.Advice == "" || strings.HasSuffix(w.Title, ".") || !strings.HasSuffix(w.Advice, ".") {
			t.Errorf("%s: %q %+v", a.Kind, alarmKind(a.Kind), w)
		}
		if (w.Link == "") != (w.Button == "") || w.Link != "" && w.Need == "" {
			t.Errorf("%s: a link without its button or right: %+v", a.Kind, w)
		}
		if a.Kind == alarm.UpdatesBroken && (!strings.HasPrefix(w.Link, "/sources/unread?source=") || w.Need != rights.ViewRaw) {
			t.Errorf("%s leads to %s", a.Kind, w.Link)
		}
	}
}

// The strip stands on every page until somebody takes the alarm.
func TestStripUntilTaken(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	b.board.alarms = b.board.alarms[2:4]
	stale, end := b.hub.Subscribe()
	defer end()
	for _, path := range []string{"/inbox", "/sources", "/deliveries", "/cases/4122", "/rail"} {
		mustHave(t, mustStatus(t, b.get(t, "coordinator", path), http.StatusOK), `id="strip"`, "не принимает ключ", "ещё 1\u00a0тревога", `data-count="loud"`)
	}
	mustHave(t, mustStatus(t, b.get(t, "head", "/alarms"), http.StatusOK), `data-text="" hidden`)
	w := b.post(t, "press", "/alarms/ac/take", url.Values{"back": {"/alarms?kind=key.refused"}})
	mustStatus(t, w, http.StatusSeeOther)
	if to := w.Header().Get("Location"); to != "/alarms?kind=key.refused" {
		t.Errorf("led to %q", to)
	}
	if r := <-stale; r != live.Alarms {
		t.Errorf("%s is stale", r)
	}
	mustStatus(t, b.post(t, "press", "/alarms/ad/take", nil), http.StatusSeeOther)
	page := mustStatus(t, b.get(t, "coordinator", "/inbox"), http.StatusOK)
	mustHave(t, page, `id="strip"`, " hidden>")
	mustLack(t, page, "не принимает ключ", `data-count="loud"`)
	mustStatus(t, b.post(t, "press", "/alarms/ad/take", nil), http.StatusNotFound)
	mustStatus(t, b.post(t, "executor", "/alarms/ad/take", nil), http.StatusForbidden)
}

// An empty page is good news only if somebody has looked.
func TestNoAlarmsAndNobodyLooking(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	b.board.alarms = nil
	mustHave(t, mustStatus(t, b.get(t, "head", "/alarms"), http.StatusOK), "Всё спокойно", "ещё ни разу не проверялись")
	b.board.audited = noon().Add(-time.Hour)
	mustHave(t, mustStatus(t, b.get(t, "head", "/alarms"), http.StatusOK), "не проверялись с 13:05")
	b.board.audited = noon()
	mustLack(t, mustStatus(t, b.get(t, "head", "/alarms"), http.StatusOK), "не проверялись")
}

func TestSourceSaysHowMuchIsWritten(t *testing.T) {
	t.Parallel()
	page := mustStatus(t, setup(t, noon).get(t, "head", "/sources"), http.StatusOK)
	mustHave(t, page, "За последний час 212\u00a0сообщений", "обычно в этот час недели", "Сколько обычно, станет известно",
		"пробел 07:05–08:05 дозагружен", `class="hr0"`, "Не читается с 12:30", "длится")
}

func TestHistoryIsStoppedAndAskedFor(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	b.board.sources[0].History = &collectors.HistoryStatus{Reading: true, Share: .4}
	b.board.sources[0].Progress = "Читаем историю: 40 из 100 записей"
	b.board.sources[1].History = &collectors.HistoryStatus{}
	page := mustStatus(t, b.get(t, "administrator", "/sources"), http.StatusOK)
	mustHave(t, page, `action="/sources/s1/stop-history"`, `value="40" max="100"`, "40 из 100 записей.", `action="/sources/s2/read-history"`)
	mustLack(t, page, `action="/sources/s1/read-history"`, `action="/sources/s2/stop-history"`, `action="/sources/s3/`)
	mustLack(t, mustStatus(t, b.get(t, "head", "/sources"), http.StatusOK), "stop-history", "read-history")
	mustStatus(t, b.post(t, "head", "/sources/s1/stop-history", nil), http.StatusForbidden)
	for _, days := range []string{"", "сто"} {
		mustStatus(t, b.post(t, "administrator", "/sources/s2/read-history", url.Values{"days": {days}}), http.StatusUnprocessableEntity)
	}
	mustStatus(t, b.post(t, "administrator", "/sources/s2/read-history", url.Values{"days": {"90"}}), http.StatusSeeOther)
	if w := b.board.wish; w.Kind != collectors.WishRead || w.Days != 90 || w.By == "" {
		t.Errorf("%+v", w)
	}
	mustStatus(t, b.post(t, "administrator", "/sources/s1/stop-history", nil), http.StatusSeeOther)
	if w := b.board.wish; w.Kind != collectors.WishStop {
		t.Errorf("%+v", w)
	}
	mustStatus(t, b.post(t, "administrator", "/sources/s3/stop-history", nil), http.StatusNotFound)
}

func TestWhatAWishSays(t *testing.T) {
	t.Parallel()
	s := setup(t, noon).server
	known := time.Date(2025, 10, 1, 9, 0, 0, 0, time.UTC)
	for want, w := range map[string]collectors.Wish{
		"чтение истории остановлено. Известно всё с 01.10.2025": {Kind: collectors.WishStop, State: collectors.WishDone, KnownFrom: known},
		"Остановим в ближайшую минуту.":                         {Kind: collectors.WishStop, State: collectors.WishAsked},
		"за 21\u00a0день. Начнём в ближайшую минуту.":           {Kind: collectors.WishRead, State: collectors.WishAsked, Days: 21},
		"за 2\u00a0дня. Читаем.":                                {Kind: collectors.WishRead, State: collectors.WishTaken, Days: 2},
		"Готово. Известно всё с":                                {Kind: collectors.WishRead, State: collectors.WishDone, Days: 2, KnownFrom: known},
		"Сеть отдала меньше. Известно всё с":                    {Kind: collectors.WishRead, State: collectors.WishDone, Days: 2, KnownFrom: known, Short: true},
	} {
		w.By, w.At = "Ольга", noon()
		if got := s.wish(w, noon()); !strings.HasPrefix(got, "Ольга, 14:05: ") || !strings.Contains(got, want) {
			t.Errorf("%q has no %q", got, want)
		}
	}
	if got := s.wish(collectors.Wish{Kind: collectors.WishRead, State: collectors.WishDropped}, noon()); got != "" {
		t.Errorf("%q", got)
	}
}

func TestReadinessIsTheAgeOfWhatWaits(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	b.board.waits = []Wait{{Name: "detection", Age: time.Second, Limit: time.Minute, Trouble: "не видно"}, {Name: "delivery", Limit: time.Minute}}
	ask := func(want int) readiness {
		t.Helper()
		w := b.do(t, "", request(t, "GET /readyz"))
		var out readiness
		if err := json.Unmarshal([]byte(mustStatus(t, w, want)), &out); err != nil || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
			t.Fatal(err, w.Header())
		}
		return out
	}
	if out := ask(http.StatusOK); !out.Ready || len(out.Waiting) != 2 || out.Waiting[0].Age != 1 || out.Waiting[0].Limit != 60 || out.Waiting[0].Trouble != "" {
		t.Errorf("%+v", out)
	}
	b.board.waits[1].Age, b.board.waits[1].Trouble = 90*time.Second, "Ответы не отправляются уже 1 мин."
	if out := ask(http.StatusServiceUnavailable); out.Ready || out.Waiting[1].Ready || out.Waiting[1].Trouble == "" || !out.Waiting[0].Ready {
		t.Errorf("%+v", out)
	}
}
