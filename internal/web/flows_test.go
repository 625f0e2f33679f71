package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"otklik/incidents"
)

// TestWithoutScripts walks a case through all stages by its plain forms.
func TestWithoutScripts(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	steps := []struct {
		who, command, stage string
		fields              url.Values
		notice              string
	}{
		{"moderator", "accept", "Координация", nil, "принято в работу"},
		{"moderator", "classify", "Координация", url.Values{"topic": {"bus"}}, "тема изменена"},
		{"coordinator", "assign", "Исполнение", url.Values{"to": {"roads/executor"}}, "передано исполнителю"},
		{"executor", "return", "Координация", url.Values{"reason": {"не наш маршрут"}}, "возвращено координатору"},
		{"coordinator", "assign", "Исполнение", url.Values{"to": {"roads"}}, "передано исполнителю"},
		{"executor", "submit", "Утверждение", url.Values{"text": {"Здравствуйте! Автобус вернётся завтра."}}, "на утверждение"},
		{"head", "rework", "Исполнение", url.Values{"reason": {"назовите час"}}, "на доработку"},
		{"executor", "submit", "Утверждение", url.Values{"text": {"Здравствуйте! Автобус вернётся завтра к 7:00."}}, "на утверждение"},
		{"head", "approve", "Публикация ответа", nil, "утверждён и отправляется"},
		{"press", "withdraw", "Исполнение", url.Values{"reason": {"опечатка"}}, "отозван"},
		{"executor", "submit", "Утверждение", url.Values{"text": {"Здравствуйте! Автобус вернётся к 7:00."}}, "на утверждение"},
		{"head", "approve", "Публикация ответа", nil, "утверждён и отправляется"},
		{"press", "by-hand", "Завершено", url.Values{"link": {"https://t.me/prirechensk/12"}}, "ответ дан вручную"},
		{"curator", "note", "Завершено", url.Values{"text": {"Проверить через неделю"}}, "заметка добавлена"},
	}
	for i, st := range steps {
		page := mustStatus(t, b.get(t, st.who, "/cases/4121"), http.StatusOK)
		action := "/cases/4121/" + st.command
		fields := url.Values{"version": {field(t, page, action, "version")}}
		if st.command == "approve" {
			fields.Set("hash", field(t, page, action, "hash"))
		}
		for k, v := range st.fields {
			fields[k] = v
		}
		w := b.post(t, st.who, action, fields)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/cases/4121" {
			t.Fatalf("step %d, %s: status %d to %q: %.400s", i, st.command, w.Code, w.Header().Get("Location"), w.Body)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/cases/4121", nil)
		for _, c := range w.Result().Cookies() {
			r.AddCookie(c)
		}
		after := b.do(t, st.who, r)
		mustHave(t, mustStatus(t, after, http.StatusOK), st.notice, `aria-current="step"`, st.stage)
		if got := b.board.views["case-441"].Case.Stage.Title(); got != st.stage {
			t.Fatalf("step %d, %s: stage %q, want %q", i, st.command, got, st.stage)
		}
		if c := after.Result().Cookies(); len(c) != 1 || c[0].MaxAge >= 0 {
			t.Errorf("the notice is not forgotten: %v", c)
		}
	}
	page := mustStatus(t, b.get(t, "curator", "/cases/4121"), http.StatusOK)
	mustHave(t, page, "Проверить через неделю", "передано ведомству «Управление дорог», исполнитель Антон Журавлёв", "назовите час", "Опубликовано, видно в ветке")
}

func TestFormOfThePreviewComesBackToTheList(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	page := mustStatus(t, b.get(t, "moderator", "/cases/4121/preview?back=%2Finbox%3Fnet%3Dtelegram"), http.StatusOK)
	back := field(t, page, "/cases/4121/accept", "back")
	w := b.post(t, "moderator", "/cases/4121/accept", url.Values{"version": {"3"}, "back": {back}})
	if to := w.Header().Get("Location"); to != "/inbox?net=telegram" {
		t.Errorf("comes back to %q", to)
	}
	w = b.post(t, "coordinator", "/cases/4121/assign", url.Values{"version": {"4"}, "to": {"roads"}, "back": {"//evil.example/inbox"}})
	if to := w.Header().Get("Location"); to != "/cases/4121" {
		t.Errorf("a foreign address leads to %q", to)
	}
}

func TestConflictLosesNoText(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	const text = "Здравствуйте! Ступени посыплют сегодня до 16:00 <и завтра>."
	page := mustStatus(t, b.get(t, "executor", "/cases/4122"), http.StatusOK)
	seen := field(t, page, "/cases/4122/submit", "version")

	w := b.post(t, "coordinator", "/cases/4122/classify", url.Values{"version": {seen}, "topic": {"waste"}})
	mustStatus(t, w, http.StatusSeeOther)

	submit := url.Values{"version": {seen}, "text": {text}}
	page = mustStatus(t, b.post(t, "executor", "/cases/4122/submit", submit), http.StatusConflict)
	mustHave(t, page, "Пока вы работали, карточку изменили", "Илья Гордеев", "выбрана тема «Вывоз мусора»", "14:05",
		"Здравствуйте! Ступени посыплют сегодня до 16:00 &lt;и завтра&gt;.</textarea>")
	if got := b.board.drafts["case-r34executor"]; got != text {
		t.Errorf("the draft is %q", got)
	}

	submit.Set("version", field(t, page, "/cases/4122/submit", "version"))
	mustStatus(t, b.post(t, "executor", "/cases/4122/submit", submit), http.StatusSeeOther)
	if got := b.board.views["case-r34"].Case.Answer.Text; got != text {
		t.Errorf("the answer is %q", got)
	}
	if got := b.board.drafts["case-r34executor"]; got != "" {
		t.Errorf("a draft is left: %q", got)
	}
}

func TestRefusedTopicStaysChosen(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	mustStatus(t, b.post(t, "moderator", "/cases/4121/classify", url.Values{"version": {"3"}, "topic": {"waste"}}), http.StatusSeeOther)
	page := mustStatus(t, b.post(t, "moderator", "/cases/4121/classify", url.Values{"version": {"3"}, "topic": {"bus"}}), http.StatusConflict)
	mustHave(t, page, `data-form="classify" open`, `value="bus" selected`)
	mustLack(t, page, `value="waste" selected`)
	page = mustStatus(t, b.post(t, "moderator", "/cases/4121/classify", url.Values{"version": {"4"}, "topic": {"gone"}}), http.StatusUnprocessableEntity)
	mustHave(t, page, "Выберите тему из списка", `value="waste" selected`)
}

func TestConflictAtAnotherStageKeepsTheText(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	first := b.post(t, "all", "/cases/4127/submit", url.Values{"version": {"3"}, "text": {"Яму засыплют к вечеру."}})
	mustStatus(t, first, http.StatusSeeOther)
	page := mustStatus(t, b.post(t, "executor", "/cases/4127/submit", url.Values{"version": {"3"}, "text": {"Яму обещают засыпать завтра."}}), http.StatusConflict)
	mustHave(t, page, "Ваш ответ не отправлен, но не потерян", "Яму обещают засыпать завтра.</textarea>", "Яму засыплют к вечеру.")
}

func TestBadInputComesBackToTheForm(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	page := mustStatus(t, b.post(t, "moderator", "/cases/4121/reject", url.Values{"version": {"3"}, "reason": {"  "}}), http.StatusUnprocessableEntity)
	mustHave(t, page, "Напишите причину отклонения", `data-form="reject" open`)
	long := strings.Repeat("ы", 5000)
	page = mustStatus(t, b.post(t, "executor", "/cases/4122/submit", url.Values{"version": {"3"}, "text": {long}}), http.StatusRequestEntityTooLarge)
	mustHave(t, page, "Сократите его", long+"</textarea>", "5\u202f000")
	for _, fields := range []url.Values{{}, {"version": {"0"}}, {"version": {"-1"}}, {"version": {"x"}}} {
		page = mustStatus(t, b.post(t, "moderator", "/cases/4121/accept", fields), http.StatusUnprocessableEntity)
		mustHave(t, page, "Форма устарела")
	}
	for _, to := range []string{"", "nowhere", "roads/other", "roads/head"} {
		mustStatus(t, b.post(t, "coordinator", "/cases/4120/assign", url.Values{"version": {"3"}, "to": {to}}), http.StatusUnprocessableEntity)
	}
	if got := b.board.views["case-r12"].Case.Stage; got != incidents.Coordination {
		t.Errorf("the case moved to %s", got)
	}
}

func TestOwnAnswerIsNotApproved(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	b.board.views["case-r41"].Case.Answer.AuthorID = "head"
	page := mustStatus(t, b.get(t, "head", "/cases/4124"), http.StatusOK)
	mustHave(t, page, "его согласует и утверждает другой человек")
	mustLack(t, page, "/approve")
	hash := b.board.views["case-r41"].Case.Answer.Hash()
	version := b.board.views["case-r41"].Case.Version
	w := b.post(t, "head", "/cases/4124/approve", url.Values{"version": {strconv.Itoa(version)}, "hash": {hash}})
	mustHave(t, mustStatus(t, w, http.StatusForbidden), "Свой ответ утвердить нельзя")
}

func TestDraft(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/cases/4122/draft", strings.NewReader(url.Values{"text": {"Пока думаю\r\nещё"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set(partHeader, "1")
	if got := mustStatus(t, b.do(t, "executor", r), http.StatusOK); got != "14:05" {
		t.Errorf("the script is told %q", got)
	}
	mustHave(t, mustStatus(t, b.get(t, "executor", "/cases/4122"), http.StatusOK), "Пока думаю\nещё</textarea>", "Черновик сохранён в")
	mustLack(t, mustStatus(t, b.get(t, "all", "/cases/4122"), http.StatusOK), "Пока думаю")
	mustStatus(t, b.post(t, "executor", "/cases/4122/draft", url.Values{"text": {"Без скриптов"}}), http.StatusSeeOther)
	if got := b.board.drafts["case-r34executor"]; got != "Без скриптов" {
		t.Errorf("the draft is %q", got)
	}
}

func TestEndedSessionGivesTheTextBack(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	page := mustStatus(t, b.post(t, "expired", "/cases/4122/submit", url.Values{"version": {"3"}, "text": {"Длинный ответ"}}), http.StatusUnauthorized)
	mustHave(t, page, "Вход закончился", "Длинный ответ</textarea>", `name="next" value="/cases/4122"`)
}

func TestResolve(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	page := mustStatus(t, b.get(t, "press", "/deliveries?tab=unknown"), http.StatusOK)
	mustHave(t, page, "Неизвестно", "1\u00a0отправка могла состояться, а могла и нет.")
	back := field(t, page, "/deliveries/d1/appeared", "back")
	w := b.post(t, "press", "/deliveries/d1/appeared", url.Values{"number": {"4125"}, "back": {back}})
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != "/deliveries?tab=unknown" {
		t.Errorf("status %d to %q", w.Code, to)
	}
	mustStatus(t, b.post(t, "press", "/deliveries/d2/send_again", nil), http.StatusSeeOther)
	mustStatus(t, b.post(t, "press", "/deliveries/none/send_again", nil), http.StatusNotFound)
	mustStatus(t, b.post(t, "press", "/deliveries/d2/cancelled", nil), http.StatusNotFound)
	if got, want := strings.Join(b.board.resolved, ","), "d1 appeared,d2 send_again"; got != want {
		t.Errorf("resolved %q, want %q", got, want)
	}
}
