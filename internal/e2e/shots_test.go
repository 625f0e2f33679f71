package e2e

import (
	"os"
	"testing"
)

// TestPictures takes pictures of every page of a running demo, for looking at
// them side by side with the design: OTKLIK_SHOTS names the folder and
// OTKLIK_DEMO the address.
func TestPictures(t *testing.T) {
	base := os.Getenv("OTKLIK_DEMO")
	if base == "" || os.Getenv("OTKLIK_SHOTS") == "" {
		t.Skip("pictures are taken when OTKLIK_DEMO and OTKLIK_SHOTS are set")
	}
	b := browser(t)
	p := person(t, b, base)
	p.size(1440, 900, false)
	p.open("/signin")
	p.shot("signin-1440")
	p.signIn("coordinator@demo.otklik", "otklik-demo")
	for _, s := range []struct {
		name          string
		width, height int
		mobile        bool
	}{{"1440", 1440, 900, false}, {"1280", 1280, 800, false}, {"390", 390, 844, true}} {
		p.size(s.width, s.height, s.mobile)
		for _, page := range []struct{ name, path string }{
			{"inbox", "/inbox"},
			{"inbox-closed", "/inbox?closed=1&sort=new"},
			{"inbox-empty", "/inbox?q=нетничего"},
			{"case", "/cases/3"},
			{"sources", "/sources"},
			{"alarms", "/alarms"},
			{"alarms-past", "/alarms?tab=past"},
			{"deliveries", "/deliveries"},
			{"missing", "/cases/999999"},
		} {
			p.open(page.path)
			p.until("the page", "document.readyState === 'complete'")
			p.shot(page.name + "-" + s.name)
		}
	}
	p.size(1440, 900, false)
	p.open("/inbox?theme=dark")
	p.shot("inbox-1440-dark")
}
