package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"otklik/internal/social"
)

// foundRows counts the messages on the page Поиск.
const foundRows = "document.querySelectorAll('[data-found]').length"

// searched opens a search until it finds so many messages: those that have just
// come in are in the archive a moment later.
func (p *tab) searched(path string, want int) {
	p.t.Helper()
	await(p.t, fmt.Sprintf("%d messages at %s", want, path), func() (bool, string) {
		p.open(path)
		got := eval[int](p, foundRows)
		return got == want, fmt.Sprintf("%d: %s", got, p.where())
	})
}

// TestTheSearch finds a complaint by words and facets, reads all its texts,
// makes a case of it, saves the search, sees its counter grow and takes the file.
func TestTheSearch(t *testing.T) {
	b := browser(t)
	d, base := office(t)
	select {
	case <-d.Told():
	case <-time.After(2 * patience):
		t.Fatal("the demo's hour was not told")
	}
	say := func(text string, n int) {
		t.Helper()
		if _, err := d.World().Say(social.VK, text, n); err != nil {
			t.Fatal(err)
		}
	}
	say("Верблюда привезли, спасибо за праздник", 40)
	say("Верблюды в цирке понравились детям", 41)
	p := look(t, b, base)
	p.size(1440, 900, false)
	p.signIn("moderator@demo.otklik", "otklik-demo")
	p.searched("/search?q=верблюд", 2)
	p.open("/search")
	p.strike("Slash", ".", 0)
	p.until("the field of words", "document.activeElement.name === 'q'")
	p.fill(".fd-q input", "верблюд")
	p.press("Найти")
	p.until("the words that were found", "document.querySelectorAll('[data-found] mark').length === 2")
	p.press("ВКонтакте")
	p.until("the network", "location.search.includes('net=vk') && document.querySelector('.fd-s a[aria-current]')")

	p.press("Сохранить этот поиск")
	p.fill(".fd-s input[name=name]", "Звери")
	eval[bool](p.tab, "(() => { document.querySelector('.fd-s form[action=\"/search/saved\"] button').click(); return true })()")
	p.until("the saved search", "document.querySelector('#saved').innerText.includes('Звери')")
	if n := eval[int](p.tab, "document.querySelectorAll('#saved b').length"); n != 0 {
		t.Error("what was there before counts as new")
	}
	say("Верблюд убежал, ловите", 42)
	p.until("the counter without a touch", "document.querySelector('#saved b')?.innerText.trim() === '1'")
	p.press("Звери")
	p.until("the search it stands for", foundRows+" === 3 && !document.querySelector('#saved b') && location.search.includes('net=vk')")

	file := "fetch('/search/export' + location.search).then(r => r.text())"
	p.until("the file", "window.file || ("+file+".then(t => { window.file = t }), false)")
	if text := eval[string](p.tab, "window.file"); strings.Count(text, "\r\n") != 4 || !strings.Contains(text, "ловите") {
		t.Errorf("the file holds %q", text)
	}

	p.strike("KeyJ", "о", 0)
	p.until("the first message", "document.querySelector('[data-found]').classList.contains('is-cur')")
	p.strike("Enter", "Enter", 0)
	p.until("its page", "location.pathname.startsWith('/search/items/')")
	p.inspect("found message")
	p.size(1440, 900, false)
	p.press("Завести карточку")
	p.until("its case", "document.querySelector('main a[href^=\"/cases/\"]') && !document.querySelector('form[action$=\"/take\"]')")
	p.searched("/search?q=верблюд&case=yes", 1)
}

// TestTheLookOfTheSearch holds the page Поиск and the archive to the rules of
// the look.
func TestTheLookOfTheSearch(t *testing.T) {
	b := browser(t)
	d, base := office(t)
	select {
	case <-d.Told():
	case <-time.After(2 * patience):
		t.Fatal("the demo's hour was not told")
	}
	p, keeper := look(t, b, base), look(t, b, base)
	p.signIn("coordinator@demo.otklik", "otklik-demo")
	await(t, "something in the archive", func() (bool, string) {
		p.open("/search?q=вода")
		return eval[int](p.tab, foundRows) > 0, ""
	})
	for _, page := range []struct{ name, path string }{
		{"search", "/search"},
		{"search found", "/search?q=вода | яма&net=vk&all=1"},
		{"search nothing", "/search?q=нетничего"},
		{"search mistake", "/search?q=(вода"},
		{"search nowhere", "/search?place=Нигдеево"},
	} {
		p.open(page.path)
		p.inspect(page.name)
	}
	keeper.signIn("admin@demo.otklik", "otklik-demo")
	keeper.open("/archive")
	keeper.inspect("archive")
}

// TestPicturesOfTheSearch takes pictures of the search of a running demo, as
// TestPictures does of the other pages.
func TestPicturesOfTheSearch(t *testing.T) {
	base := os.Getenv("OTKLIK_DEMO")
	if base == "" || os.Getenv("OTKLIK_SHOTS") == "" {
		t.Skip("pictures are taken when OTKLIK_DEMO and OTKLIK_SHOTS are set")
	}
	b := browser(t)
	p, keeper := person(t, b, base), person(t, b, base)
	p.signIn("moderator@demo.otklik", "otklik-demo")
	keeper.signIn("admin@demo.otklik", "otklik-demo")
	for _, s := range []struct {
		name          string
		width, height int
		mobile        bool
	}{{"1440", 1440, 900, false}, {"390", 390, 844, true}} {
		p.size(s.width, s.height, s.mobile)
		for _, page := range []struct{ name, path string }{
			{"search", "/search"}, {"search-found", "/search?q=вода | яма&net=vk"}, {"search-nothing", "/search?q=нетничего"}, {"search-mistake", "/search?q=(вода"},
		} {
			p.open(page.path)
			p.until("the page", "document.readyState === 'complete'")
			p.shot(page.name + "-" + s.name)
		}
		p.open("/search?q=вода | яма")
		p.until("a message", foundRows+" > 0")
		eval[bool](p, "(() => { document.querySelector('[data-found] a').click(); return true })()")
		p.until("its page", "location.pathname.startsWith('/search/items/')")
		p.shot("search-item-" + s.name)
		keeper.size(s.width, s.height, s.mobile)
		keeper.open("/archive")
		keeper.shot("archive-" + s.name)
	}
}
