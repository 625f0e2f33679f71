package e2e

import (
	"testing"
	"time"
)

// TestAnAnswerIsCheckedAsItIsWritten writes an answer from a template: what is
// not filled in and what is personal is marked while it is written, refused when
// it is handed in, and the head sees the check of what went through.
func TestAnAnswerIsCheckedAsItIsWritten(t *testing.T) {
	t.Parallel()
	b := browser(t)
	d, base := office(t)
	select {
	case <-d.Told():
	case <-time.After(2 * patience):
		t.Fatal("the demo's hour was not told")
	}
	who := func(email string) *tab {
		p := person(t, b, base)
		p.size(1440, 900, false)
		p.signIn(email, "otklik-demo")
		return p
	}
	coordinator, executor, head := who("coordinator@demo.otklik"), who("blago@demo.otklik"), who("head@demo.otklik")

	coordinator.open("/answers")
	coordinator.fill("#template input[name=title]", "Вывоз мусора")
	coordinator.fill("#template textarea[name=text]", "Здравствуйте! Мусор вывезут до {день}. Отвечает {исполнитель}.")
	coordinator.press("Добавить шаблон")
	coordinator.sees("Исполнители уже могут его вставить")
	coordinator.shot("answers-1440")
	coordinator.size(390, 844, true)
	coordinator.shot("answers-390")
	coordinator.size(1440, 900, false)

	page := complaint(t, coordinator, d)
	coordinator.open(page)
	coordinator.press("Взять в работу")
	stands(coordinator, "Координация")
	coordinator.press("Передать…")
	coordinator.choose("select[name=to]", "Роман Тихонов")
	coordinator.press("Передать")
	stands(coordinator, "Исполнение")

	executor.open(page)
	eval[bool](executor, "(() => { [...document.querySelectorAll('[data-sample]')].find((x) => x.dataset.sample.includes('Мусор вывезут')).click(); return true })()")
	executor.until("the braces are marked", "document.querySelector('#c-check mark.bad')?.textContent === '{день}'")
	executor.sees("Отвечает Роман Тихонов.")
	executor.fill("#answer textarea", "Здравствуйте! Мусор вывезут завтра, отвечает отдел благоустройства. Мастер позвонит вам на 8 912 345-67-89.")
	executor.until("the telephone is marked", "document.querySelector('#c-check mark.bad')?.textContent === '8 912 345-67-89'")
	executor.shot("answer-check-1440")
	executor.size(390, 844, true)
	executor.shot("answer-check-390")
	executor.size(1440, 900, false)
	executor.press("На утверждение")
	executor.sees("В ответе личные данные (телефон)")
	stands(executor, "Исполнение")
	executor.fill("#answer textarea", "Здравствуйте! Мусор вывезут завтра, отвечает отдел благоустройства.")
	executor.press("На утверждение")
	stands(executor, "Утверждение")
	head.open(page)
	head.sees("Проверка ответа")
	head.shot("answer-check-head")
}
