package e2e

import "testing"

// TestAnAdministratorConnectsWhatIsNotTheAgencys goes through the wizard for a
// wall, a search and an open channel of the demo's neighbours.
func TestAnAdministratorConnectsWhatIsNotTheAgencys(t *testing.T) {
	b := browser(t)
	_, base := office(t)
	p := person(t, b, base)
	p.size(1440, 900, false)
	p.signIn("admin@demo.otklik", "otklik-demo")
	for _, x := range []struct{ name, choose, wrong, right, found, says string }{
		{"wall", "Выбрать Чужая стена ВКонтакте", "vk.com/takoy_stranicy_net", "https://vk.com/podslushano_prirechensk", "Подслушано. Приреченск", "Заречной"},
		{"search", "Выбрать Поиск ВКонтакте", "https://vk.com/podslushano_prirechensk", "https://vk.com/podslushano_prirechensk яма", "Поиск: яма (Подслушано. Приреченск)", "Кузнечной"},
		{"channel", "Выбрать Открытый канал Telegram", "@takogo_kanala_net", "t.me/prirechensk_novosti", "Приреченск. Новости", "Полевой"},
	} {
		p.open("/sources")
		p.press("Подключить")
		p.press(x.choose)
		p.fill("input[name=address]", x.wrong)
		if x.name != "channel" {
			p.fill("input[name=key-service]", "demo-service-key")
		}
		p.press("Проверить")
		p.until("what is wrong with "+x.name, "document.querySelector('#problem')")
		p.shot("foreign-" + x.name + "-refused")
		p.fill("input[name=address]", x.right)
		p.press("Проверить")
		p.until("the good news of "+x.name, "document.querySelector('#ready')")
		p.sees("«" + x.found + "»")
		p.sees("Это не ваша страница")
		p.shot("foreign-" + x.name + "-ready")
		if eval[bool](p, "document.documentElement.outerHTML.includes('demo-service-key')") {
			t.Error("the key stands in the page")
		}
		p.press("Подключить")
		p.until("the page of the source", "location.pathname.startsWith('/sources/')")
		p.sees(x.found)
		p.sees("полно до")
		p.shot("foreign-" + x.name + "-done")
		desk := person(t, b, base)
		desk.signIn("coordinator@demo.otklik", "otklik-demo")
		arrives(desk, x.says)
	}
}
