package e2e

import (
	"os"
	"testing"
)

// TestPicturesOfLearning is TestPictures for what the program learns.
func TestPicturesOfLearning(t *testing.T) {
	base := os.Getenv("OTKLIK_DEMO")
	if base == "" || os.Getenv("OTKLIK_SHOTS") == "" {
		t.Skip("pictures are taken when OTKLIK_DEMO and OTKLIK_SHOTS are set")
	}
	b := browser(t)
	curator, coordinator := person(t, b, base), person(t, b, base)
	curator.signIn("curator@demo.otklik", "otklik-demo")
	coordinator.signIn("coordinator@demo.otklik", "otklik-demo")
	for _, s := range []struct {
		name          string
		width, height int
		mobile        bool
	}{{"1440", 1440, 900, false}, {"390", 390, 844, true}} {
		for _, page := range []struct {
			name, path string
			who        *tab
		}{
			{"learning", "/learning", curator},
			{"unlikely", "/unlikely", coordinator},
			{"inbox-likely", "/inbox?sort=chance", coordinator},
			{"case-proposals", "/cases/5", coordinator},
		} {
			page.who.size(s.width, s.height, s.mobile)
			page.who.open(page.path)
			page.who.until("the page", "document.readyState === 'complete'")
			page.who.shot(page.name + "-" + s.name)
		}
	}
}
