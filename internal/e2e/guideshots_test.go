package e2e

import (
	"net/url"
	"os"
	"testing"
)

// TestPicturesOfTheGuide takes pictures of places, routes and the rubricator of
// a running demo, like TestPictures.
func TestPicturesOfTheGuide(t *testing.T) {
	base := os.Getenv("OTKLIK_DEMO")
	if base == "" || os.Getenv("OTKLIK_SHOTS") == "" {
		t.Skip("pictures are taken when OTKLIK_DEMO and OTKLIK_SHOTS are set")
	}
	p := person(t, browser(t), base)
	p.size(1440, 900, false)
	p.signIn("coordinator@demo.otklik", "otklik-demo")
	asked := url.QueryEscape("На Ленина, 15 опять наледь, а у Мира 7 яма")
	for _, s := range []struct {
		name          string
		width, height int
		mobile        bool
	}{{"1440", 1440, 900, false}, {"390", 390, 844, true}} {
		p.size(s.width, s.height, s.mobile)
		for _, page := range []struct{ name, path string }{
			{"places", "/places"},
			{"places-tried", "/places?text=" + asked},
			{"routes", "/routes"},
			{"routes-asked", "/routes?text=" + asked},
			{"rubricator", "/rubricator"},
			{"rubricator-found", "/rubricator?q=" + url.QueryEscape("снег")},
			{"fact", "/rubricator/facts/dorogi.pokrytie.yama"},
			{"case-place", "/cases/1"},
			{"inbox-place", "/inbox"},
		} {
			p.open(page.path)
			p.until("the page", "document.readyState === 'complete'")
			p.shot(page.name + "-" + s.name)
			if wide := eval[bool](p, "document.documentElement.scrollWidth > document.documentElement.clientWidth"); wide {
				t.Errorf("%s is wider than the screen at %s", page.path, s.name)
			}
		}
	}
}
