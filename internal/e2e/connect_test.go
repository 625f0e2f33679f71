package e2e

import (
	"testing"

	"otklik/internal/sim/vk"
)

// TestAnAdministratorConnectsACommunity goes through the wizard with a wrong
// key first and the right one then; a comment written afterwards arrives, and
// goes on arriving after the key was revoked and replaced.
func TestAnAdministratorConnectsACommunity(t *testing.T) {
	b := browser(t)
	d, base := office(t)
	sim := d.World().Sim.VK
	const group, citizen = 217400777, 4_000_001
	sim.AddCommunity(vk.Community{ID: group, Name: "Приреченск. Дворы", ScreenName: "prirechensk_dvory"})
	sim.AddUser(vk.User{ID: citizen, FirstName: "Алевтина", LastName: "Сомова"})
	key := func(value string) {
		t.Helper()
		if err := sim.AddToken(vk.Token{Value: value, Kind: vk.CommunityToken, CommunityID: group}); err != nil {
			t.Fatal(err)
		}
	}
	key("planted-yard-key")
	post, err := sim.AddPost(vk.NewPost{OwnerID: -group, Text: "Что чинить во дворах?"})
	if err != nil {
		t.Fatal(err)
	}
	say := func(text string) {
		t.Helper()
		if _, err := sim.AddComment(vk.NewComment{OwnerID: -group, PostID: post, FromID: citizen, Text: text}); err != nil {
			t.Fatal(err)
		}
	}

	p := person(t, b, base)
	p.size(1440, 900, false)
	p.signIn("admin@demo.otklik", "otklik-demo")
	p.open("/sources")
	p.press("Подключить")
	p.sees("Сообщество ВКонтакте")
	p.shot("connect-choose")
	p.press("Выбрать Сообщество ВКонтакте")
	p.fill("input[name=address]", "vk.com/prirechensk_dvory")
	p.fill("input[name=key-community]", "planted-wrong-key")
	p.shot("connect-keys")
	p.press("Проверить ключи")
	p.until("the refusal", "document.querySelector('#problem')")
	p.sees("не принимает")
	p.shot("connect-refused")
	p.fill("input[name=key-community]", "planted-yard-key")
	p.press("Проверить ещё раз")
	p.until("the good news", "document.querySelector('#ready')")
	p.sees("Нет ключа администратора: фото, опросы и статистика недоступны.")
	p.shot("connect-ready")
	p.size(390, 844, true)
	p.shot("connect-ready-390")
	p.size(1440, 900, false)
	secret(p)
	p.press("Подключить")
	p.until("the page of the source", "location.pathname.startsWith('/sources/')")
	p.sees("Страница подключена")
	page := eval[string](p, "location.pathname")
	p.sees("полно до")
	p.shot("connect-done")
	p.press("Заменить…")
	p.shot("connect-replace")
	p.size(390, 844, true)
	p.shot("connect-replace-390")
	p.open(page)
	p.shot("connect-done-390")
	p.size(1440, 900, false)

	desk := person(t, b, base)
	desk.signIn("coordinator@demo.otklik", "otklik-demo")
	say("На Яблоневой, 3 третью неделю не вывозят мусор, баки переполнены")
	arrives(desk, "Яблоневой")

	sim.RevokeToken("planted-yard-key")
	sim.ExpireKeys(group)
	key("planted-second-key")
	say("На Вишнёвой, 8 не вывозят мусор, контейнеры переполнены")
	p.open(page)
	p.press("Заменить…")
	p.fill("details[open] input[name=secret]", "planted-second-key")
	p.press("Проверить и записать")
	p.sees("Ключ проверен и заменён")
	secret(p)
	arrives(desk, "Вишнёвой")

	p.open(page)
	p.press("Приостановить")
	p.sees("на паузе")
	p.press("Возобновить")
	p.sees("Страница снова работает")
	p.press("Отключить страницу…")
	p.press("Отключить и забыть ключи")
	p.until("the list", "location.pathname === '/sources'")
	p.until("no such source", "!document.body.innerText.includes('Приреченск. Дворы')")
	p.sees("Страница отключена")
}

// secret makes sure that no key stands in the page.
func secret(p *tab) {
	p.t.Helper()
	if eval[bool](p, "document.documentElement.outerHTML.includes('planted') || [...document.querySelectorAll('input')].some(i => i.value.includes('planted'))") {
		p.t.Error("a key stands in the page")
	}
}

// arrives waits until the queue shows a case with the text.
func arrives(p *tab, text string) {
	p.t.Helper()
	await(p.t, "the case of "+text, func() (bool, string) {
		p.open("/inbox?q=" + text)
		return eval[bool](p, "Boolean(document.querySelector('#queue .q'))"), ""
	})
}
