package e2e

import (
	"context"
	_ "embed"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

//go:embed look.js
var lookScript string

//go:embed focus.js
var focusScript string

// screens are the widths that the pages are made for.
func screens() []struct {
	name          string
	width, height int
	mobile        bool
	themes        []string
} {
	return []struct {
		name          string
		width, height int
		mobile        bool
		themes        []string
	}{
		{"1440", 1440, 900, false, []string{"light", "dark"}},
		{"1280", 1280, 800, false, []string{"light", "dark"}},
		{"800", 800, 700, false, []string{"light"}},
		{"390", 390, 844, true, []string{"light", "dark"}},
	}
}

// TestTheLook opens every page as those who work with it, at every width and in
// both themes, and holds it to the rules of the look: contrast, nothing cut,
// zones that a finger finds, names for every control, a focus that is seen.
func TestTheLook(t *testing.T) {
	b := browser(t)
	d, base := office(t)
	select {
	case <-d.Told():
	case <-time.After(2 * patience):
		t.Fatal("the demo's hour was not told")
	}
	guest, coordinator := look(t, b, base), look(t, b, base)
	for _, page := range []struct{ name, path string }{{"signin", "/signin"}, {"stranger", "/nowhere"}} {
		guest.open(page.path)
		guest.inspect(page.name)
	}
	guest.open("/signin")
	guest.fill("input[name=email]", "nobody@demo.otklik")
	guest.fill("input[name=password]", "мимо")
	guest.press("Войти")
	guest.until("the refusal", "document.querySelector('#e1')")
	guest.inspect("signin refused")

	coordinator.signIn("coordinator@demo.otklik", "otklik-demo")
	for _, page := range []struct{ name, path string }{
		{"inbox", "/inbox"},
		{"inbox filtered", "/inbox?stage=moderation&stage=execution&net=vk&sort=new"},
		{"inbox empty", "/inbox?q=нетничего"},
		{"inbox closed", "/inbox?closed=1&sort=closed"},
		{"sources", "/sources"},
		{"alarms", "/alarms"},
		{"alarms past", "/alarms?tab=past"},
		{"deliveries", "/deliveries"},
		{"no case", "/cases/999999"},
		{"no page", "/nowhere"},
		{"case to take", coordinator.first("/inbox?stage=moderation")},
		{"case to hand out", coordinator.first("/inbox?stage=coordination")},
		{"case being answered", coordinator.first("/inbox?stage=execution")},
		{"case rejected", coordinator.first("/inbox?stage=done&q=лёд+сами+заливали")},
		{"case answered", coordinator.first("/inbox?stage=done&q=лифт")},
		{"case with more", coordinator.first("/inbox?q=Мира,+40")},
		{"case with photos", coordinator.first("/inbox?q=Садовой,+14")},
		{"case under an album", coordinator.first("/inbox?q=Почтовой")},
	} {
		coordinator.open(page.path)
		coordinator.inspect(page.name)
	}
	coordinator.poses()

	pages, _ := d.World().Pages("")
	d.World().Sim.VK.InjectEvent(pages[0].GroupID, json.RawMessage(`{"type":"wall_reply_new","event_id":"look","object":{"id":"не число","text":"`+strings.Repeat("длинноеслово", 40)+`"}}`))
	administrator := look(t, b, base)
	administrator.signIn("admin@demo.otklik", "otklik-demo")
	administrator.open("/sources/unread")
	administrator.inspect("nothing unread")
	await(t, "the update that nobody understands", func() (bool, string) {
		administrator.open("/sources/unread")
		return eval[bool](administrator.tab, "!!document.querySelector('.unr')"), ""
	})
	eval[bool](administrator.tab, "(() => { document.querySelectorAll('details').forEach(d => { d.open = true }); return true })()")
	administrator.inspect("unread")
	administrator.open("/sources")
	administrator.inspect("sources with something unread")

	press := look(t, b, base)
	press.signIn("press@demo.otklik", "otklik-demo")
	for _, tab := range []string{"", "?tab=unknown", "?tab=failed", "?tab=waiting", "?tab=sent"} {
		press.open("/deliveries" + tab)
		press.inspect("deliveries" + tab)
	}
	press.open(press.first("/inbox?stage=publication"))
	press.inspect("case of unknown fate")

	admin := look(t, b, base)
	admin.signIn("admin@demo.otklik", "otklik-demo")
	admin.open("/sources")
	list := eval[[]string](admin.tab, "[...document.querySelectorAll('.sr-x a[href^=\"/sources/\"]')].map(a => a.getAttribute('href'))")
	for _, page := range []struct{ name, path string }{
		{"source", list[0]},
		{"source of the other network", list[len(list)-1]},
		{"connect", "/connect"},
		{"connect vk", "/connect/vk.community"},
		{"connect telegram", "/connect/telegram.channel"},
		{"connect search", "/connect/vk.search"},
		{"connect preview", "/connect/telegram.preview"},
	} {
		admin.open(page.path)
		admin.inspect(page.name)
	}

	head := look(t, b, base)
	head.signIn("head@demo.otklik", "otklik-demo")
	head.open(head.first("/inbox?stage=approval"))
	head.inspect("case to approve")

	executor := look(t, b, base)
	executor.signIn("blago@demo.otklik", "otklik-demo")
	writing := executor.first("/inbox?mine=1&stage=execution")
	executor.open(writing)
	executor.inspect("case being written")
	executor.fill("#answer textarea", "Здравствуйте! Фонари починят завтра до 18:00, отвечает мастер участка.")
	eval[bool](executor.tab, "(() => { document.querySelector('#answer [name=version]').value = '1'; return true })()")
	eval[bool](executor.tab, "(() => { document.querySelector('#answer').requestSubmit(); return true })()")
	executor.until("the conflict", "document.querySelector('#problem')")
	executor.inspect("conflict")
}

// first is the page of the first case of a list.
func (p *looker) first(list string) string {
	p.t.Helper()
	p.open(list)
	p.until("a row of "+list, "document.querySelector('[data-number]')")
	return "/cases/" + eval[string](p.tab, "document.querySelector('#queue [data-number]').dataset.number")
}

// poses looks at what opens over or within a page.
func (p *looker) poses() {
	p.t.Helper()
	for _, pose := range []struct{ name, page, open string }{
		{"a menu of the filter", "/inbox", "document.querySelector('.fbar summary').click()"},
		{"a form of the pane", p.first("/inbox?stage=coordination"), "document.querySelector('[data-form=assign] > summary').click()"},
		{"the keys", "/inbox", "document.querySelector('#keys').showModal()"},
		{"news", "/inbox", "document.querySelector('#fresh [data-text]').textContent = '3 новых сообщения с 14:01. Показать'; document.querySelector('#fresh').hidden = false"},
		{"sources unfolded", "/sources", "for (const d of document.querySelectorAll('details')) d.open = true"},
		{"former texts", p.first("/inbox?q=Мира,+40"), "for (const d of document.querySelectorAll('.was')) d.open = true"},
	} {
		p.open(pose.page)
		p.size(1440, 900, false)
		eval[bool](p.tab, "(() => { "+pose.open+"; return true })()")
		p.inspect(pose.name)
	}
}

// inspect holds the page to the rules at every width and in both themes.
func (p *looker) inspect(name string) {
	p.t.Helper()
	p.until("the page "+name, "document.readyState === 'complete'")
	seen := map[string][]string{}
	var order []string
	note := func(where string, list []string) {
		for _, x := range list {
			if seen[x] == nil {
				order = append(order, x)
			}
			seen[x] = append(seen[x], where)
		}
	}
	for _, s := range screens() {
		p.size(s.width, s.height, s.mobile)
		for _, theme := range s.themes {
			eval[bool](p.tab, "(() => { document.documentElement.dataset.theme = '"+theme+"'; return true })()")
			note(s.name+" "+theme, eval[[]string](p.tab, lookScript))
			p.shot(strings.NewReplacer(" ", "-", "?", "-", "=", "-").Replace(name) + "-" + s.name + "-" + theme)
		}
		if !s.mobile && s.width > 1400 {
			note("focus", eval[[]string](p.tab, focusScript))
		}
	}
	for _, x := range order {
		p.t.Errorf("%s (%s): %s", name, strings.Join(seen[x], ", "), x)
	}
	for _, x := range p.complaints() {
		p.t.Errorf("%s: the browser says: %s", name, x)
	}
}

// looker is a window whose pages are looked at, with what the browser said of
// them: errors of scripts and whatever the page's policy has stopped.
type looker struct {
	*tab
	mu   sync.Mutex
	said []string
}

func look(t *testing.T, browser context.Context, base string) *looker {
	t.Helper()
	p := &looker{tab: person(t, browser, base)}
	err := chromedp.Listen(p.ctx, func(ev any) {
		switch ev := ev.(type) {
		case *runtime.EventExceptionThrown:
			p.say(ev.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			if ev.Type == runtime.ConsoleAPICalledTypeError {
				p.say("console.error")
			}
		case *log.EventEntryAdded:
			// That a page itself answers with an error is what some tests ask for.
			if ev.Entry.Level == log.EntryLevelError && ev.Entry.Source != log.EntrySourceNetwork {
				p.say(string(ev.Entry.Source) + ": " + ev.Entry.Text)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *looker) say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.said = append(p.said, text)
}

// complaints are what the browser has said since the last look.
func (p *looker) complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	said := p.said
	p.said = nil
	return said
}
