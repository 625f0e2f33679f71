package e2e

import (
	"os"
	"testing"
	"time"
)

// tried is what a page is brought to by trying what is in the form.
const tried = "document.querySelector('#r-trial[data-trial]:not([data-running])')"

// TestTheLookOfTheRules holds the rules, their lists and their history to the
// rules of the look, and tries and saves one as a person would.
func TestTheLookOfTheRules(t *testing.T) {
	b := browser(t)
	d, base := office(t)
	select {
	case <-d.Told():
	case <-time.After(2 * patience):
		t.Fatal("the demo's hour was not told")
	}
	curator := look(t, b, base)
	curator.signIn("curator@demo.otklik", "otklik-demo")
	for _, page := range []struct{ name, path string }{
		{"rules", "/rules"},
		{"rules narrowed", "/rules?q=вода&sort=precision"},
		{"no rules", "/rules?q=нетничего"},
		{"rule", "/rules/yamy-yama"},
		{"new rule", "/rules/new"},
		{"lists", "/lists"},
		{"list", "/lists/беда"},
		{"versions", "/rules/yamy-yama/versions"},
		{"found", "/rules/yamy-yama/found"},
	} {
		curator.open(page.path)
		curator.inspect(page.name)
	}
	curator.open("/rules/yamy-yama")
	curator.fill("[data-expr]", "яма (")
	curator.until("the mistake", "document.querySelector('#r-problem')")
	curator.inspect("mistake")
	curator.fill("[data-expr]", "яма | выбоина")
	curator.press("Проверить на 30 днях")
	curator.until("what was found", tried)
	curator.inspect("rule tried")
	curator.press("Сохранить версию")
	curator.until("the scan", "document.querySelector('#r-scan h3')")
	curator.inspect("rule saved")
}

// TestPicturesOfTheRules takes pictures of the rules of a running demo, as
// TestPictures does of the other pages.
func TestPicturesOfTheRules(t *testing.T) {
	base := os.Getenv("OTKLIK_DEMO")
	if base == "" || os.Getenv("OTKLIK_SHOTS") == "" {
		t.Skip("pictures are taken when OTKLIK_DEMO and OTKLIK_SHOTS are set")
	}
	p := person(t, browser(t), base)
	p.signIn("curator@demo.otklik", "otklik-demo")
	for _, s := range []struct {
		name          string
		width, height int
		mobile        bool
	}{{"1440", 1440, 900, false}, {"390", 390, 844, true}} {
		p.size(s.width, s.height, s.mobile)
		for _, page := range []struct{ name, path string }{
			{"rules-list", "/rules"}, {"rule", "/rules/yamy-yama"}, {"lists", "/lists/беда"}, {"rule-versions", "/rules/yamy-yama/versions"}, {"rule-found", "/rules/yamy-yama/found"},
		} {
			p.open(page.path)
			p.until("the page", "document.readyState === 'complete'")
			p.shot(page.name + "-" + s.name)
		}
		p.open("/rules/yamy-yama")
		p.fill("[data-expr]", "яма | выбоина | снег -сквер")
		p.press("Проверить на 30 днях")
		p.until("what was found", tried)
		p.shot("rule-tried-" + s.name)
	}
}
