package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"otklik/internal/social"
)

// strike presses and releases one key: code is its place, key what the layout
// makes of it.
func (p *tab) strike(code, key string, modifiers int64) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	// What the browser itself does with a key goes by its number.
	number := map[string]int64{"Escape": 27}[code]
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		if _, err := chromedp.Call(ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Code: code, Key: key, Modifiers: modifiers, WindowsVirtualKeyCode: number}); err != nil {
			p.t.Fatalf("key %s: %v", code, err)
		}
	}
}

// The modifiers of the protocol.
const (
	withCtrl  = 2
	withShift = 8
)

// TestTheDesk works the queue by keyboard alone, in a Russian layout, and
// writes an answer while a colleague changes the case.
func TestTheDesk(t *testing.T) {
	b := browser(t)
	d, base := office(t)
	select {
	case <-d.Told():
	case <-time.After(2 * patience):
		t.Fatal("the demo's hour was not told")
	}
	moderator := person(t, b, base)
	moderator.size(1280, 800, false)
	moderator.signIn("moderator@demo.otklik", "otklik-demo")
	moderator.keyboard()
	moderator.news(func() error {
		for i, text := range []string{"На Полевой, 8 нет холодной воды второй день", "На Полевой, 12 не вывозят мусор вторую неделю, контейнеры переполнены"} {
			if _, err := d.World().Say(social.VK, text, 20+i); err != nil {
				return err
			}
		}
		return nil
	})

	executor, coordinator := person(t, b, base), person(t, b, base)
	executor.signIn("blago@demo.otklik", "otklik-demo")
	coordinator.signIn("coordinator@demo.otklik", "otklik-demo")
	changedWhileWriting(t, executor, coordinator)
}

// keyboard goes over the queue with every key that the help names.
func (p *tab) keyboard() {
	p.t.Helper()
	const current = "document.querySelector('.q.is-cur')?.dataset.number"
	p.open("/inbox?stage=moderation")
	p.until("a current row", current)
	first := eval[string](p, current)
	p.strike("KeyJ", "о", 0)
	p.until("the next row", current+" !== "+quote(first))
	second := eval[string](p, current)
	p.until("its preview", "document.querySelector('#preview').dataset.number === "+quote(second))
	p.strike("KeyK", "л", 0)
	p.until("the row before", current+" === "+quote(first))
	p.strike("Space", " ", 0)
	p.until("no pane", "!document.querySelector('#preview').checkVisibility()")
	p.strike("Space", " ", 0)
	p.until("the pane", "document.querySelector('#preview').checkVisibility()")
	p.strike("Slash", ".", 0)
	p.until("the filter", "document.activeElement.matches('.fbar summary')")
	p.strike("KeyK", "л", withCtrl)
	p.until("the field to find", "document.activeElement.name === 'q'")
	p.strike("KeyJ", "о", 0)
	if got := eval[string](p, current); got != first {
		p.t.Errorf("a letter typed into a field moved the queue to %s", got)
	}
	p.strike("Escape", "Escape", 0)
	p.until("no field", "document.activeElement === document.body")
	p.strike("Slash", ",", withShift)
	p.until("the keys", "document.querySelector('#keys').open")
	p.strike("Escape", "Escape", 0)
	p.until("no keys", "!document.querySelector('#keys').open")
	p.strike("KeyE", "у", 0)
	p.until("the case to be taken", "document.querySelector('#preview').dataset.number === "+quote(first)+" && document.querySelector('#preview').innerText.includes('Координация')")
	p.strike("Enter", "Enter", 0)
	p.until("the case's page", "location.pathname === '/cases/"+first+"'")
}

// news checks that what arrives waits in the bar, is counted rightly and comes
// with N.
func (p *tab) news(happen func() error) {
	p.t.Helper()
	p.open("/inbox")
	p.until("the queue", "document.querySelectorAll('#queue .q').length > 0")
	rows := eval[int](p, "document.querySelectorAll('#queue .q').length")
	if err := happen(); err != nil {
		p.t.Fatal(err)
	}
	p.until("two pieces of news", `/^2 новых сообщения с.\d\d:\d\d\. Показать/.test(document.querySelector('#fresh').innerText.trim())`)
	if now := eval[int](p, "document.querySelectorAll('#queue .q').length"); now != rows {
		p.t.Errorf("the queue moved by itself: %d rows, then %d", rows, now)
	}
	p.strike("KeyN", "т", 0)
	p.until("the new rows", fmt.Sprintf("document.querySelectorAll('#queue .q').length === %d", rows+2))
}

// changedWhileWriting lets a coordinator act on the case whose answer is being
// written: the writer is told and the text stays.
func changedWhileWriting(t *testing.T, executor, coordinator *tab) {
	t.Helper()
	executor.open("/inbox?mine=1&stage=execution")
	executor.until("an own case", "document.querySelector('#queue .q')")
	page := "/cases/" + eval[string](executor, "document.querySelector('#queue .q').dataset.number")
	executor.open(page)
	const text = "Здравствуйте! Фонари починят завтра до 18:00."
	executor.fill("#answer textarea", text)
	coordinator.open(page)
	coordinator.press("Вернуть…")
	coordinator.fill("details[open] textarea[name=reason]", "Передам электрикам.")
	coordinator.press("Вернуть координатору")
	executor.until("the banner", "document.querySelector('#changed') && !document.querySelector('#changed').hidden")
	executor.sees("Передам электрикам.")
	executor.sees("отправить его отсюда уже нельзя")
	if got := eval[string](executor, "document.querySelector('#answer textarea').value"); got != text {
		t.Errorf("the text became %q", got)
	}
	executor.shot("changed-while-writing")
}
