package e2e

import (
	"testing"
	"time"
)

// TestTheLookOfThePlan holds the press officer's pages to the rules of the look.
func TestTheLookOfThePlan(t *testing.T) {
	b := browser(t)
	d, base := office(t)
	select {
	case <-d.Told():
	case <-time.After(2 * patience):
		t.Fatal("the demo's hour was not told")
	}
	press, head := look(t, b, base), look(t, b, base)
	press.signIn("press@demo.otklik", "otklik-demo")
	head.signIn("head@demo.otklik", "otklik-demo")
	for _, page := range []struct {
		name, path string
		who        *looker
	}{
		{"plan", "/plan", press},
		{"plan week", "/plan?view=week", press},
		{"plan list", "/plan?view=list", press},
		{"plan filtered", "/plan?net=vk&state=review&rubric=%D0%96%D0%9A%D0%A5", press},
		{"plan empty", "/plan?view=list&q=нетничего", press},
		{"review queue", "/plan?state=review&view=list", head},
		{"emergency stop", "/plan/stop", press},
		{"move", "/posts/9/move", press},
		{"new post", "/posts/new?poll=1", press},
		{"draft", "/posts/10", press},
		{"returned", "/posts/12", press},
		{"to approve", "/posts/8", head},
		{"own in review", "/posts/8", press},
		{"published", "/posts/1", press},
		{"amending", "/posts/1?edit=1", press},
		{"late", "/posts/4", press},
		{"series", "/series", press},
		{"new series", "/series/new", press},
		{"templates", "/posts/templates", press},
	} {
		page.who.open(page.path)
		page.who.inspect(page.name)
	}
	for _, pose := range []struct{ name, page, open string }{
		{"a menu of the plan", "/plan", "document.querySelector('.fbar summary').click()"},
		{"a card under the pointer", "/plan", "for (const m of document.querySelectorAll('.po-m')) m.style.opacity = 1"},
		{"a day to drop on", "/plan", "const d = document.querySelectorAll('.d')[10]; d.classList.add('drop'); const z = document.createElement('p'); z.className = 'dz'; z.textContent = 'Отпустите: ' + d.dataset.words; d.append(z)"},
		{"a reason", "/posts/9", "document.querySelector('[data-form=withdraw] > summary').click()"},
		{"more", "/posts/9", "document.querySelector('.p-more > summary').click()"},
		{"another text of Telegram", "/posts/12", "document.querySelector('[value=telegram]').click()"},
	} {
		press.open(pose.page)
		press.size(1440, 900, false)
		eval[bool](press.tab, "(() => { "+pose.open+"; return true })()")
		press.inspect(pose.name)
	}
	press.open("/plan/stop")
	press.fill("textarea[name=reason]", "Траур")
	press.press("Остановить публикации")
	press.sees("Публикации остановлены")
	press.inspect("stopped")
	press.open("/plan")
	press.inspect("plan while stopped")
}
