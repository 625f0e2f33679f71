package e2e

import (
	"testing"

	simtg "otklik/internal/sim/telegram"
	"otklik/internal/sim/vk"
)

// TestAnAdministratorConnectsWhatIsNotTheAgencysOwn goes through the wizard for a
// search, a wall and a channel; a complaint on somebody else's page becomes a
// case that says that nothing can be answered there.
func TestAnAdministratorConnectsWhatIsNotTheAgencysOwn(t *testing.T) {
	b := browser(t)
	d, base := office(t)
	sim := d.World().Sim
	const group, citizen = 217400888, 4_000_002
	sim.VK.AddCommunity(vk.Community{ID: group, Name: "Подслушано в городе", ScreenName: "podslushano_gorod"})
	sim.VK.AddUser(vk.User{ID: citizen, FirstName: "Глеб", LastName: "Ракитин"})
	if err := sim.VK.AddToken(vk.Token{Value: "planted-service-key", Kind: vk.ServiceToken}); err != nil {
		t.Fatal(err)
	}
	if _, err := sim.Telegram.AddChannel(simtg.Channel{Title: "Дворы и люди", Username: "dvory_i_lyudi"}); err != nil {
		t.Fatal(err)
	}
	_, err := sim.VK.AddPost(vk.NewPost{OwnerID: -group, FromID: citizen, Text: "На Ольховой, 4 третью неделю не вывозят мусор, баки переполнены"})
	if err != nil {
		t.Fatal(err)
	}

	p := person(t, b, base)
	p.size(1440, 900, false)
	p.signIn("admin@demo.otklik", "otklik-demo")
	p.open("/connect")
	p.shot("public-choose")
	p.press("Выбрать Чужая стена ВКонтакте")
	p.fill("input[name=address]", "vk.com/takoy_stranicy_net")
	p.fill("input[name=key-service]", "planted-service-key")
	p.press("Проверить")
	p.until("the refusal", "document.querySelector('#problem')")
	p.sees("Такой страницы ВКонтакте нет")
	p.fill("input[name=address]", "https://vk.com/podslushano_gorod")
	p.shot("public-wall")
	p.press("Проверить")
	p.until("the good news", "document.querySelector('#ready')")
	p.sees("Подслушано в городе")
	p.sees("Это не ваша страница")
	p.shot("public-ready")
	secret(p)
	p.press("Подключить")
	p.until("the page of the source", "location.pathname.startsWith('/sources/')")
	p.sees("чужая стена")
	p.sees("полно до")
	p.shot("public-wall-done")

	p.open("/connect/vk.search")
	p.fill("input[name=address]", "https://vk.com/podslushano_gorod")
	p.fill("input[name=key-service]", "planted-service-key")
	p.press("Проверить")
	p.until("the refusal", "document.querySelector('#problem')")
	p.sees("Напишите, что искать")
	p.fill("input[name=address]", "https://vk.com/podslushano_gorod мусор")
	p.press("Проверить")
	p.until("the good news", "document.querySelector('#ready')")
	p.press("Подключить")
	p.until("the page of the source", "location.pathname.startsWith('/sources/')")
	p.sees("Поиск: мусор (Подслушано в городе)")

	p.open("/connect/telegram.preview")
	p.fill("input[name=address]", "@net_takogo_kanala")
	p.press("Проверить")
	p.until("the refusal", "document.querySelector('#problem')")
	p.sees("нет открытой страницы")
	p.fill("input[name=address]", "https://t.me/dvory_i_lyudi")
	p.press("Проверить")
	p.until("the good news", "document.querySelector('#ready')")
	p.sees("Страница найдена: «Дворы и люди»")
	p.size(390, 844, true)
	p.shot("public-channel-390")
	p.size(1440, 900, false)
	p.press("Подключить")
	p.until("the page of the source", "location.pathname.startsWith('/sources/')")
	p.sees("Ключ не нужен")
	p.shot("public-channel-done")
	p.open("/sources")
	p.shot("public-sources")
	p.size(390, 844, true)
	p.shot("public-sources-390")

	desk := person(t, b, base)
	desk.size(1440, 900, false)
	desk.signIn("coordinator@demo.otklik", "otklik-demo")
	arrives(desk, "Ольховой")
}
