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
			{"incidents", "/incidents"},
			{"incident", "/incidents/1"},
			{"silences", "/silences"},
			{"mass-settings", "/incidents/settings"},
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
	picturesOfThePlan(person(t, b, base), person(t, b, base))
}

// picturesOfThePlan are the pages of the press service, and of the head.
func picturesOfThePlan(press, head *tab) {
	press.signIn("press@demo.otklik", "otklik-demo")
	head.signIn("head@demo.otklik", "otklik-demo")
	for _, s := range []struct {
		name          string
		width, height int
		mobile        bool
	}{{"1440", 1440, 900, false}, {"1280", 1280, 800, false}, {"800", 800, 700, false}, {"390", 390, 844, true}} {
		for _, page := range []struct {
			name, path string
			who        *tab
		}{
			{"plan", "/plan", press},
			{"plan-week", "/plan?view=week", press},
			{"plan-list", "/plan?view=list", press},
			{"plan-review", "/plan?state=review&view=list", head},
			{"plan-stop", "/plan/stop", press},
			{"post-new", "/posts/new?poll=1", press},
			{"post-draft", "/posts/10", press},
			{"post-review", "/posts/8", head},
			{"post-own", "/posts/8", press},
			{"post-out", "/posts/1", press},
			{"post-asked", "/posts/4", press},
			{"post-returned", "/posts/12", press},
			{"move", "/posts/9/move", press},
			{"series", "/series", press},
			{"series-new", "/series/new", press},
			{"templates", "/posts/templates", press},
		} {
			page.who.size(s.width, s.height, s.mobile)
			page.who.open(page.path)
			page.who.until("the page", "document.readyState === 'complete'")
			page.who.shot(page.name + "-" + s.name)
		}
	}
	press.size(1440, 900, false)
	press.open("/plan?theme=dark")
	press.shot("plan-1440-dark")
	head.size(1440, 900, false)
	head.open("/posts/8?theme=dark")
	head.shot("post-review-1440-dark")
}
