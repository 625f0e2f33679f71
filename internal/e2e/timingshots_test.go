package e2e

import (
	"os"
	"testing"
)

// TestTimingPictures takes pictures of the pages of deadlines, of working time
// and of notices in a running demo.
func TestTimingPictures(t *testing.T) {
	base := os.Getenv("OTKLIK_DEMO")
	if base == "" || os.Getenv("OTKLIK_SHOTS") == "" {
		t.Skip("pictures are taken when OTKLIK_DEMO and OTKLIK_SHOTS are set")
	}
	b := browser(t)
	curator, coordinator := person(t, b, base), person(t, b, base)
	curator.size(1440, 900, false)
	coordinator.size(1440, 900, false)
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
			{"deadlines", "/deadlines?preset=1", curator},
			{"worktime", "/worktime", curator},
			{"notices", "/notices", coordinator},
			{"timing-inbox", "/inbox", coordinator},
			{"timing-case", "/cases/3", coordinator},
		} {
			page.who.size(s.width, s.height, s.mobile)
			page.who.open(page.path)
			page.who.until("the page", "document.readyState === 'complete'")
			page.who.shot(page.name + "-" + s.name)
		}
	}
}
