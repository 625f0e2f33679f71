package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"otklik/incidents/answers"
)

func TestTemplatesArePlainForms(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	mustLack(t, mustStatus(t, b.get(t, "moderator", "/answers"), http.StatusOK), "<textarea", "Удалить")
	w := b.post(t, "coordinator", "/answers", url.Values{"title": {"Яма"}, "text": {"Здравствуйте, {имя}! <b>Засыплем</b> до {срок}."}, "topic": {"snow"}})
	mustStatus(t, w, http.StatusSeeOther)
	page := mustStatus(t, b.get(t, "coordinator", "/answers"), http.StatusOK)
	mustHave(t, page, "Яма", "&lt;b&gt;Засыплем", "Удалить")
	refused := mustStatus(t, b.post(t, "coordinator", "/answers", url.Values{"title": {""}, "text": {"Текст на месте"}}), http.StatusUnprocessableEntity)
	mustHave(t, refused, "Назовите шаблон", "Текст на месте")
	refused = mustStatus(t, b.post(t, "coordinator", "/answers/words", url.Values{"contacts": {"спросите Машу"}}), http.StatusUnprocessableEntity)
	mustHave(t, refused, "не похоже на телефон", ">спросите Машу</textarea>")
	mustStatus(t, b.post(t, "coordinator", "/answers/words", url.Values{"abbreviations": {"ТОС, ЕДДС"}, "contacts": {"8 (383) 222-11-00\r\npriem@agency.example"}}), http.StatusSeeOther)
	mustHave(t, mustStatus(t, b.get(t, "curator", "/answers"), http.StatusOK), "ТОС, ЕДДС", "priem@agency.example")
	list, err := b.plan.s.AnswerTemplates(context.Background())
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	mustHave(t, mustStatus(t, b.get(t, "coordinator", "/answers?edit="+list[0].ID), http.StatusOK), "Изменить шаблон", `value="`+list[0].ID+`"`)
	mustStatus(t, b.post(t, "coordinator", "/answers/"+list[0].ID+"/drop", nil), http.StatusSeeOther)
	mustHave(t, mustStatus(t, b.get(t, "coordinator", "/answers"), http.StatusOK), "Шаблонов пока нет")
}

func TestATemplateIsFilledInAndTheRestIsAskedFor(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	by := b.plan
	by.must(by.s.SaveAnswerTemplate(context.Background(), actor("coordinator"), answers.Template{Title: "Общий", Text: "Здравствуйте! Карточка {номер}, сделаем до {срок}."}, noon()))
	list, err := by.s.AnswerTemplates(context.Background())
	by.must(err)
	mustHave(t, mustStatus(t, b.get(t, "executor", "/cases/4122"), http.StatusOK), `data-sample=`, "Карточка 4122, сделаем до {срок}.")
	mustStatus(t, b.post(t, "executor", "/cases/4122/sample", url.Values{"text": {""}, "sample": {list[0].ID}}), http.StatusSeeOther)
	page := mustStatus(t, b.get(t, "executor", "/cases/4122"), http.StatusOK)
	mustHave(t, page, "Не заполнено: {срок}.", `<mark class="bad">{срок}</mark>`, "Проверка ответа")
	mustStatus(t, b.post(t, "executor", "/cases/4122/sample", url.Values{"sample": {"gone"}}), http.StatusConflict)
}

func TestAPersonalAnswerComesBackMarked(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	page := mustStatus(t, b.get(t, "executor", "/cases/4122"), http.StatusOK)
	version := field(t, page, "/cases/4122/submit", "version")
	text := "Здравствуйте! Позвоним вам на 8 912 345-67-89, это сделает управление дорог завтра."
	page = mustStatus(t, b.post(t, "executor", "/cases/4122/submit", url.Values{"version": {version}, "text": {text}}), http.StatusUnprocessableEntity)
	mustHave(t, page, "личные данные (телефон)", `<mark class="bad">8 912 345-67-89</mark>`)
	if !strings.Contains(page, text+"</textarea>") {
		t.Error("the text is lost")
	}
	if got := b.board.views["case-r34"].Case.Stage.Title(); got != "Исполнение" {
		t.Errorf("the case went on to %s", got)
	}
	// The agency's own telephone may be named.
	text = strings.Replace(text, "8 912 345-67-89", "8 (383) 222-11-00", 1)
	mustStatus(t, b.post(t, "executor", "/cases/4122/submit", url.Values{"version": {version}, "text": {text}}), http.StatusSeeOther)
}
