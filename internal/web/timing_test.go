package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"otklik/incidents"
	"otklik/incidents/clock"
	terms "otklik/incidents/deadline"
	"otklik/internal/notice"
)

// termsFields are the fields of the form as a browser would send them.
func termsFields(p terms.Policy, scope string, version int) url.Values {
	f := fieldsOf(p)
	f.Set("scope", scope)
	f.Set("version", strconv.Itoa(version))
	f.Set("try_at", "2026-12-30T17:00")
	return f
}

func TestDeadlinesAreTriedBeforeTheyAreSaved(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	f := termsFields(terms.Presets()[1], "", 0)
	page := mustStatus(t, b.post(t, "head", "/deadlines/try", f), http.StatusOK)
	// An hour of 30.12.2026 and eight of the first working days of 2027.
	mustHave(t, page, "<html", `id="try"`, "Первый ответ", "12.01.2027", "руководителю")
	r := newPost(t, "/deadlines/try", f)
	r.Header.Set(partHeader, "1")
	part := mustStatus(t, b.do(t, "head", r), http.StatusOK)
	mustHave(t, part, `id="try"`, "12.01.2027")
	mustLack(t, part, "<html")
	if list, err := b.plan.s.Policies(t.Context(), "", noon()); err != nil || len(list) != 0 {
		t.Fatal("trying saves nothing:", list, err)
	}
	f.Set("first_normal", "девять")
	mustHave(t, mustStatus(t, b.post(t, "head", "/deadlines/try", f), http.StatusOK), "не целое число")
}

func TestDeadlinesAreSavedAsVersions(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	f := termsFields(terms.Presets()[0], "", 0)
	mustStatus(t, b.post(t, "head", "/deadlines", f), http.StatusForbidden)
	mustStatus(t, b.post(t, "curator", "/deadlines", f), http.StatusSeeOther)
	page := mustStatus(t, b.get(t, "curator", "/deadlines"), http.StatusOK)
	mustHave(t, page, "ПОС: 30 дней, фаст-трек 10 дней", "Версия 1")
	if got := field(t, page, "/deadlines", "version"); got != "1" {
		t.Errorf("version %s", got)
	}
	// What somebody else saw as the first version cannot overwrite this one.
	page = mustStatus(t, b.post(t, "administrator", "/deadlines", f), http.StatusConflict)
	mustHave(t, page, "изменил другой человек", "ваши правки ниже")
	f.Set("version", "1")
	f.Set("final_normal", "")
	f.Set("final_fast", "")
	mustHave(t, mustStatus(t, b.post(t, "curator", "/deadlines", f), http.StatusUnprocessableEntity), "Укажите срок окончательного ответа")
	list, err := b.plan.s.Policies(t.Context(), "", noon())
	if err != nil || len(list) != 1 || list[0].Version != 1 || list[0].Policy.Rules[terms.Final] != terms.Presets()[0].Rules[terms.Final] {
		t.Fatalf("%+v %v", list, err)
	}
}

func TestATopicHasItsOwnDeadlines(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	topics, err := b.board.Topics(t.Context())
	if err != nil || len(topics) == 0 {
		t.Fatal(topics, err)
	}
	scope := clock.TopicScope(topics[0].ID)
	mustStatus(t, b.post(t, "curator", "/deadlines", termsFields(terms.Presets()[4], scope, 0)), http.StatusSeeOther)
	mustStatus(t, b.post(t, "curator", "/deadlines", termsFields(terms.Presets()[4], "topic:none", 0)), http.StatusUnprocessableEntity)
	mustStatus(t, b.post(t, "curator", "/deadlines", termsFields(terms.Presets()[4], "none", 0)), http.StatusUnprocessableEntity)
	page := mustStatus(t, b.get(t, "curator", "/deadlines?topic="+url.QueryEscape(topics[0].ID)), http.StatusOK)
	mustHave(t, page, "Вернуть тему к общим срокам", "Сутки с обнаружения")
	mustStatus(t, b.post(t, "curator", "/deadlines/give-up", url.Values{"scope": {scope}, "version": {"1"}}), http.StatusSeeOther)
	mustStatus(t, b.post(t, "curator", "/deadlines/give-up", url.Values{"scope": {""}, "version": {"0"}}), http.StatusUnprocessableEntity)
	if list, err := b.plan.s.Policies(t.Context(), "", noon()); err != nil || len(list) != 0 {
		t.Fatal(list, err)
	}
}

func TestFormOfDeadlinesKeepsAPolicy(t *testing.T) {
	t.Parallel()
	for _, p := range terms.Presets() {
		got, err := readTerms(fieldsOf(p))
		if err != nil {
			t.Fatal(err)
		}
		if a, b := fieldsOf(p).Encode(), fieldsOf(got).Encode(); a != b {
			t.Errorf("%s:\n%s\n%s", p.Name, a, b)
		}
	}
}

func TestWorkTimeAndCalendar(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	f := url.Values{"version": {"0"}, "zone": {"Asia/Omsk"}, "d1": {"8-12, 13-17"}, "moved": {""}}
	page := mustStatus(t, b.post(t, "administrator", "/worktime", f), http.StatusUnprocessableEntity)
	mustHave(t, page, "не похоже на промежуток", `value="8-12, 13-17"`, `value="Asia/Omsk" selected`)
	f.Set("d1", "8:00-12:00, 13:00-17:00")
	mustStatus(t, b.post(t, "coordinator", "/worktime", f), http.StatusForbidden)
	mustStatus(t, b.post(t, "administrator", "/worktime", f), http.StatusSeeOther)
	page = mustStatus(t, b.get(t, "coordinator", "/worktime?year=2026"), http.StatusOK)
	mustHave(t, page, "08:00–12:00, 13:00–17:00", "Календарь на 2026", "Новогодние каникулы", "readonly")
	mustLack(t, page, `name="day"`)
	mustStatus(t, b.post(t, "curator", "/worktime/day", url.Values{"day": {"2026-07-06"}, "kind": {"off"}}), http.StatusSeeOther)
	mustStatus(t, b.post(t, "curator", "/worktime/day", url.Values{"day": {"завтра"}, "kind": {"off"}}), http.StatusUnprocessableEntity)
	mustStatus(t, b.post(t, "curator", "/worktime/day", url.Values{"day": {"2026-07-06"}, "kind": {"party"}}), http.StatusUnprocessableEntity)
	page = mustStatus(t, b.get(t, "curator", "/worktime?year=2026"), http.StatusOK)
	mustHave(t, page, "06.07.2026 — выходной", `value="2026-07-06"`, "d-own")
}

func TestCardTellsOfItsClock(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	page := mustStatus(t, b.get(t, "executor", "/cases/4122"), http.StatusOK)
	mustHave(t, page, "Рабочее время", "осталось 28\u00a0мин", "/cases/4122/await")
	mustLack(t, page, "/cases/4122/fast-track")
	b.post(t, "executor", "/cases/4122/await", url.Values{"version": {"3"}, "for": {"author"}})
	view := b.board.views["case-r34"]
	if view.Case.Timing.Wait != incidents.WaitAuthor {
		t.Fatalf("%+v", view.Case.Timing)
	}
	view.Case.DueAt = view.Case.ClosedAt // every clock stands still
	page = mustStatus(t, b.get(t, "executor", "/cases/4122"), http.StatusOK)
	mustHave(t, page, "часы стоят: ждём заявителя", "Больше не ждём")
	rows := mustStatus(t, b.get(t, "moderator", "/inbox/rows"), http.StatusOK)
	mustHave(t, rows, "часы стоят", " раб.")
	mustStatus(t, b.post(t, "coordinator", "/cases/4122/fast-track", url.Values{"version": {"4"}, "on": {"1"}}), http.StatusSeeOther)
	if !view.Case.Fast {
		t.Error("not on the fast track")
	}
}

func TestNoticesOfNobody(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	mustHave(t, mustStatus(t, b.get(t, "executor", "/notices"), http.StatusOK), "Уведомлений нет")
	mustStatus(t, b.post(t, "executor", "/notices", url.Values{"id": {"no-such"}}), http.StatusNotFound)
	mustStatus(t, b.post(t, "executor", "/notices", nil), http.StatusSeeOther)
}

func TestNoticeReadsAsASentence(t *testing.T) {
	t.Parallel()
	s := setup(t, noon).server
	for share, want := range map[string]string{"80": "Первый ответ: прошло 80\u00a0% срока, до 24.11.2025\u00a014:05. Вам — как координатору.", "150": "Первый ответ: срок прошёл 24.11.2025\u00a014:05. Вам — как координатору."} {
		row := s.noticeRow(deadlineNotice(share), noon())
		if row.Text != want || row.Title != "Сообщение без текста" || !row.New {
			t.Errorf("%q", row.Text)
		}
	}
	if got := workSpan(41 * 3600e9); got != "41\u00a0ч" || strings.Contains(workSpan(90*60e9), "ч 30 ") {
		t.Error(got)
	}
}

func deadlineNotice(share string) notice.Notice {
	return notice.Notice{Kind: notice.Deadline, Number: 5, At: noon(), Data: map[string]string{"step": "first", "percent": share, "at": noon().Format(time.RFC3339), "as": "coordinator"}}
}
