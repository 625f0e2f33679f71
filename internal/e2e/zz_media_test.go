package e2e

import (
	"os"
	"testing"
)

func TestMediaShots(t *testing.T) {
	base := os.Getenv("OTKLIK_DEMO")
	b := browser(t)
	for _, who := range []struct {
		login string
		pages map[string]string
	}{
		{"coordinator@demo.otklik", map[string]string{"c1": "/cases/1", "c2": "/cases/2", "c3": "/cases/3", "c5": "/cases/5", "c6": "/cases/6", "c7": "/cases/7", "c8": "/cases/8", "c9": "/cases/9", "c11": "/cases/11", "inbox": "/inbox"}},
		{"admin@demo.otklik", map[string]string{"sources": "/sources", "unread": "/sources/unread"}},
	} {
		p := person(t, b, base)
		p.size(1440, 900, false)
		p.open("/signin")
		p.signIn(who.login, "otklik-demo")
		for _, s := range []struct {
			name          string
			width, height int
			mobile        bool
		}{{"1440", 1440, 900, false}, {"390", 390, 844, true}} {
			p.size(s.width, s.height, s.mobile)
			for name, path := range who.pages {
				p.open(path)
				p.until("the page", "document.readyState === 'complete'")
				p.until("the shot", "(document.querySelectorAll('details.was').forEach(d=>d.open=true),true)")
				p.shot("m-" + name + "-" + s.name)
			}
		}
	}
}
