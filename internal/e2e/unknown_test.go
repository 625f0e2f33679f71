package e2e

import (
	"testing"
	"time"
)

// TestAPersonSettlesAnUnknownAnswer: Telegram took an answer and its word was
// lost. The program does not send it again; the press officer looks into the
// thread and says that it is there, and the case closes.
func TestAPersonSettlesAnUnknownAnswer(t *testing.T) {
	t.Parallel()
	b := browser(t)
	d, base := office(t)
	select {
	case <-d.Told():
	case <-time.After(2 * patience):
		t.Fatal("the demo's hour was not told")
	}
	press := person(t, b, base)
	press.size(1280, 800, false)
	press.signIn("press@demo.otklik", "otklik-demo")
	press.open("/deliveries?tab=unknown")
	press.sees("Отправить ещё раз")
	before := d.World().Answered()
	thread := eval[string](press, `[...document.querySelectorAll('a')].find(a => a.innerText.includes('Открыть ветку')).href`)
	page := eval[string](press, `[...document.querySelectorAll('a[href^="/cases/"]')][0].getAttribute('href')`)

	look := person(t, b, base)
	look.open(thread)
	if own := eval[int](look, "document.querySelectorAll('.own .text').length"); own == 0 {
		t.Fatalf("the link does not lead to the thread with the answer\npage: %s", look.where())
	}
	press.press("Ответ появился")
	press.until("nothing to be unknown any more", "!document.body.innerText.includes('Отправить ещё раз')")
	press.open(page)
	press.sees("Решено")
	for ref, n := range d.World().Answered() {
		if n != before[ref] || n > 1 {
			t.Errorf("%s has %d answers, it had %d", ref, n, before[ref])
		}
	}
}
