package e2e

import (
	"testing"
	"time"
)

// TestTheLookOfThePress holds the register, the polls, the statistics, the
// mandates and the files of the plan to the rules of the look.
func TestTheLookOfThePress(t *testing.T) {
	b := browser(t)
	d, base := office(t)
	select {
	case <-d.Told():
	case <-time.After(2 * patience):
		t.Fatal("the demo's hour was not told")
	}
	press, curator := look(t, b, base), look(t, b, base)
	press.signIn("press@demo.otklik", "otklik-demo")
	curator.signIn("curator@demo.otklik", "otklik-demo")
	for _, page := range []struct {
		name, path string
		who        *looker
	}{
		{"pages", "/pages", press},
		{"pages narrowed", "/pages?net=vk&cat=flagship&problem=1", press},
		{"page of the register", press.link("/pages", ".tb-t"), press},
		{"page to read", curator.link("/pages", ".tb-t"), curator},
		{"polls", "/polls", press},
		{"open poll", press.link("/polls", ".pl-q"), press},
		{"statistics", "/stats", press},
		{"statistics of posts", "/stats?view=posts&sort=-views", press},
		{"statistics of no posts", "/stats?view=posts&from=2020-01-01&to=2020-01-05", press},
		{"norm", "/stats?view=norm", press},
		{"indicators", "/stats?view=score", press},
		{"one post", press.link("/stats?view=posts&sort=-views", ".tb-t"), press},
		{"mandates", "/mandates", press},
		{"overdue mandate", "/mandates/1", press},
		{"mandated post", press.link("/mandates/1", ".is-late .tb-t"), press},
		{"new mandate", "/mandates/new", curator},
		{"plan from a file", "/plan/import", press},
		{"all sections", "/more", press},
	} {
		page.who.open(page.path)
		page.who.inspect(page.name)
	}
	for _, pose := range []struct{ name, page, open string }{
		{"days to choose", "/stats", "document.querySelector('.stt-f').closest('details').open = true"},
		{"tables to take", "/pages", "document.querySelector('.bar details').open = true"},
		{"closing a poll", press.link("/polls", ".pl-q"), "document.querySelector('[data-form=close]').open = true"},
		{"withdrawing a mandate", "/mandates/2", "document.querySelector('[data-form=withdraw]').open = true"},
	} {
		press.open(pose.page)
		press.size(1440, 900, false)
		eval[bool](press.tab, "(() => { "+pose.open+"; return true })()")
		press.inspect(pose.name)
	}
}

// link is where the first element of a page leads.
func (p *looker) link(page, selector string) string {
	p.t.Helper()
	p.open(page)
	p.until(selector+" of "+page, "document.querySelector('"+selector+"')")
	return eval[string](p.tab, "document.querySelector('"+selector+"').getAttribute('href')")
}
