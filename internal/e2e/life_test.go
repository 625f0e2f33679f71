package e2e

import (
	"fmt"
	"os"
	"testing"
	"time"

	"otklik/internal/demo"
	"otklik/internal/social"
)

// TestAWholeLife takes a case as three people do: taken in, handed out, answered
// for the time being with a promised day, returned for rework, approved,
// published, rated badly, and taken up again.
func TestAWholeLife(t *testing.T) {
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
	page := complaint(t, coordinator, d)
	coordinator.open(page)
	coordinator.press("Взять в работу")
	stands(coordinator, "Координация")
	coordinator.press("Передать…")
	coordinator.choose("select[name=to]", "Роман Тихонов")
	coordinator.press("Передать")
	stands(coordinator, "Исполнение")

	executor.open(page)
	executor.fill("#answer textarea", "Здравствуйте! Бригада уже назначена, решим вопрос и напишем здесь о том, что сделано.")
	executor.press("Промежуточный ответ…")
	eval[bool](executor, "(() => { document.querySelector('input[name=day]').value = "+quote(nextMonday(time.Now()))+"; return true })()")
	executor.shot("life-interim")
	executor.press("На утверждение с обещанием")
	stands(executor, "Утверждение")
	head.open(page)
	head.sees("промежуточный, обещано до")
	head.press("Утвердить и отправить")
	head.untilFor(2*patience, "the interim answer in the thread", "document.querySelector('#c-flags')?.innerText.includes('Промежуточный ответ дан')")
	stands(head, "Исполнение")

	answer := func(text string) {
		executor.open(page)
		executor.fill("#answer textarea", text)
		executor.press("На утверждение")
		stands(executor, "Утверждение")
	}
	answer("Здравствуйте! Всё сделали.")
	head.open(page)
	head.press("На доработку…")
	head.fill("textarea[name=reason]", "Назовите, что сделали и когда.")
	head.press("Вернуть на доработку")
	stands(head, "Исполнение")
	executor.open(page)
	executor.sees("Назовите, что сделали и когда.")
	answer("Здравствуйте! Контейнеры вывезли сегодня до обеда, площадку убрали. Отвечает отдел благоустройства.")
	head.open(page)
	head.press("Утвердить и отправить")
	head.untilFor(2*patience, "the answer in the thread", "document.querySelector('#c-status').innerText.includes('Решено')")

	coordinator.open(page)
	coordinator.press("Оценка жителя…")
	coordinator.choose("select[name=score]", "2")
	coordinator.fill("form[action$='/rate'] textarea", "Звонил: контейнеры снова полные.")
	coordinator.shot("life-rating")
	coordinator.press("Записать")
	stands(coordinator, "Координация")
	coordinator.sees("Повторное рассмотрение")
	coordinator.sees("Звонил: контейнеры снова полные.")
	coordinator.shot("life-repeat")
	coordinator.size(390, 844, true)
	coordinator.shot("life-repeat-390")
}

func complaint(t *testing.T, coordinator *tab, d *demo.Demo) string {
	t.Helper()
	ref, err := d.World().Say(social.VK, fmt.Sprintf("Во дворе на Полевой, %d не вывозят мусор вторую неделю. Примите меры!", time.Now().UnixNano()%1000), 9)
	if err != nil {
		t.Fatal(err)
	}
	row := fmt.Sprintf("document.querySelector('[data-ref=%q]')", ref.String())
	coordinator.open("/inbox?sort=new")
	coordinator.until("the new row", row+" || (document.querySelector('#fresh')?.innerText.includes('нов') && (document.querySelector('#fresh').click(), false))")
	return "/cases/" + eval[string](coordinator, row+".dataset.number")
}

func stands(p *tab, stage string) {
	p.until(stage, "document.querySelector('[aria-current=step]')?.innerText.includes("+quote(stage)+")")
}

// nextMonday is a day that no holiday of the year is far from: the Monday after
// the next one.
func nextMonday(now time.Time) string {
	day := now.AddDate(0, 0, 7)
	for day.Weekday() != time.Monday {
		day = day.AddDate(0, 0, 1)
	}
	return day.Format(time.DateOnly)
}

// TestPicturesOfLife takes pictures of what belongs to organisations, people
// and the life of a case, of a running demo.
func TestPicturesOfLife(t *testing.T) {
	base := os.Getenv("OTKLIK_DEMO")
	if base == "" || os.Getenv("OTKLIK_SHOTS") == "" {
		t.Skip("pictures are taken when OTKLIK_DEMO and OTKLIK_SHOTS are set")
	}
	b := browser(t)
	admin, coordinator := person(t, b, base), person(t, b, base)
	admin.signIn("admin@demo.otklik", "otklik-demo")
	coordinator.signIn("coordinator@demo.otklik", "otklik-demo")
	shoot(admin, coordinator)
}

func shoot(admin, coordinator *tab) {
	for _, s := range []struct {
		name          string
		width, height int
		mobile        bool
	}{{"1440", 1440, 900, false}, {"390", 390, 844, true}} {
		admin.size(s.width, s.height, s.mobile)
		for name, path := range map[string]string{"organisations": "/organisations", "organisation": "/organisations/root", "organisation-new": "/organisations/new", "people": "/people", "person-new": "/people/new"} {
			admin.open(path)
			admin.shot(name + "-" + s.name)
		}
		coordinator.size(s.width, s.height, s.mobile)
		coordinator.open("/cases/3")
		coordinator.shot("case-life-" + s.name)
	}
}
