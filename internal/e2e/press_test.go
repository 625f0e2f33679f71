package e2e

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestThePressOfficer goes the way of a post as people do it: it is written,
// gets a photo and an answer about what it will look like, is handed in,
// approved by another person and moved to another day by the mouse.
func TestThePressOfficer(t *testing.T) {
	t.Parallel()
	b := browser(t)
	d, base := office(t)
	select {
	case <-d.Told():
	case <-time.After(2 * patience):
		t.Fatal("the demo's hour was not told")
	}
	press, head := person(t, b, base), person(t, b, base)
	press.size(1440, 900, false)
	press.signIn("press@demo.otklik", "otklik-demo")
	head.signIn("head@demo.otklik", "otklik-demo")

	day := time.Now().AddDate(0, 0, 7)
	press.open("/plan?view=week&at=" + day.Format(time.DateOnly))
	press.strike("KeyN", "т", 0)
	press.until("the editor", "location.pathname === '/posts/new'")
	for _, box := range []string{"0", "1"} {
		eval[bool](press, "(() => { document.querySelectorAll('[name=page]')["+box+"].click(); return true })()")
	}
	eval[bool](press, `(() => { const f = document.forms['post-form']; f.date.value = `+quote(day.Format(time.DateOnly))+`; f.time.value = '11:30'; f.date.dispatchEvent(new Event('input', {bubbles: true})); return true })()`)
	press.fill("textarea[name=text]", "*Ледовый городок* откроем в сквере")
	press.until("what VK will show", "document.querySelector('.pv-vk')?.innerText.includes('Ледовый городок откроем в сквере')")
	press.until("what Telegram will show", "document.querySelector('.pv-tg b')?.innerText === 'Ледовый городок'")
	press.until("the counter", "document.querySelector('#ed-lims').innerText.includes('32 из 16')")

	press.attach("[data-upload]", drawing(t))
	press.until("the photo", "document.querySelectorAll('.med li').length === 1 && document.querySelector('.pv-tg img')")
	press.fill("[name=m_alt]", "Ледяная горка и фонари")
	press.until("the words for the blind", "!document.querySelector('#ed-ck').innerText.includes('нет описания')")
	if got := eval[string](press, "document.querySelector(\"textarea[name=text]\").value"); got != "*Ледовый городок* откроем в сквере" {
		t.Errorf("the photo cost the text: %q", got)
	}

	// A closed window costs nothing.
	press.open("/plan")
	press.open("/posts/new")
	press.until("the text again", "document.querySelector(\"textarea[name=text]\").value.includes('Ледовый городок') && document.querySelector('.med li')")
	press.strike("Enter", "Enter", withCtrl)
	press.sees("пост отправлен на согласование")
	press.sees("Забрать и исправить…")
	page := eval[string](press, "location.pathname")
	press.shot("press-handed-in")

	head.open("/plan?state=review&view=list")
	head.press("Ледовый городок")
	head.until("the page of the post", "location.pathname === "+quote(page))
	head.sees("Ледяная горка и фонари")
	head.press("Согласовать")
	head.sees("Запланировано")

	// The page of the writer shows it by itself; then another day, by the mouse.
	press.until("the approval", "document.querySelector('.p-mark').innerText.includes('Запланировано')")
	next := day.AddDate(0, 0, 1)
	if day.Weekday() == time.Sunday {
		next = day.AddDate(0, 0, -1)
	}
	press.open("/plan?view=week&at=" + day.Format(time.DateOnly))
	number := page[len("/posts/"):]
	card := ".po[data-number='" + number + "']"
	press.until("the card", "document.querySelector("+quote(".wk "+card)+")")
	press.drop(".wk "+card, ".wk [data-day='"+next.Format(time.DateOnly)+"'][data-hour='15:00']")
	press.sees("пост перенесён")
	press.until("the new place", "document.querySelector("+quote(".wk [data-day='"+next.Format(time.DateOnly)+"'][data-hour='15:00'] "+card)+")")
	press.shot("press-moved")
	press.press("Вернуть обратно")
	press.until("the old place", "document.querySelector("+quote(".wk [data-day='"+day.Format(time.DateOnly)+"'][data-hour='11:00'] "+card)+")")

	// The same by the window «Перенести на…», and a day that has passed is refused.
	eval[bool](press, "(() => { document.querySelector("+quote(".wk "+card+" [data-move]")+").click(); return true })()")
	press.until("the window", "document.querySelector('#move').open && document.querySelector('#move-form')")
	eval[bool](press, "(() => { document.querySelector('#move [name=date]').value = '2020-01-01'; return true })()")
	eval[bool](press, "(() => { document.querySelector('#move .btn-p').click(); return true })()")
	press.sees("Это время уже прошло")
	eval[bool](press, "(() => { document.querySelector('#move [name=date]').value = "+quote(next.Format(time.DateOnly))+"; return true })()")
	eval[bool](press, "(() => { document.querySelector('#move .btn-p').click(); return true })()")
	press.until("the moved card", "document.querySelector("+quote(".wk [data-day='"+next.Format(time.DateOnly)+"'] "+card)+")")
	press.publish(page)
	press.poll(head)
}

// poll asks citizens of both networks, who vote, and looks at what they said.
func (p *tab) poll(head *tab) {
	p.t.Helper()
	const question = "Где залить каток?"
	p.open("/posts/new?poll=1")
	p.until("an empty editor with a poll", "document.querySelector('[name=question]') && !document.querySelector('textarea[name=text]').value")
	for _, box := range []string{"0", "1"} {
		eval[bool](p, "(() => { const e = document.querySelectorAll('[name=page]')["+box+"]; if (!e.checked) e.click(); return true })()")
	}
	p.fill("textarea[name=text]", "Выбираем место для катка")
	p.fill("[name=question]", question)
	p.fill("[name=option]", "На площади")
	p.fill(".opt:nth-of-type(2) [name=option]", "В сквере")
	now := time.Now().In(moscow(p.t))
	eval[bool](p, "(() => { const f = document.forms['post-form']; f.date.value = "+quote(now.Format(time.DateOnly))+"; f.time.value = "+quote(now.Format("15:04"))+"; f.date.dispatchEvent(new Event('input', {bubbles: true})); return true })()")
	p.until("what will be shown", "[...document.querySelectorAll('.pv-tg, .pv-vk')].filter(e => e.innerText.includes("+quote(question)+")).length === 2")
	p.strike("Enter", "Enter", withCtrl)
	p.sees("пост отправлен на согласование")
	page := eval[string](p, "location.pathname")
	head.open(page)
	head.press("Согласовать")
	head.sees("согласовал")
	links := p.out(page)

	p.open("/polls")
	p.press(question)
	p.until("what stands before anybody has voted", "document.querySelectorAll('.tb-p tbody tr').length === 2")
	results := eval[string](p, "location.pathname")

	// Three vote in VK and one in Telegram, as they do it there.
	p.vote(links[0], "На площади", "В сквере", "На площади")
	// A poll is a message of its own there.
	p.vote(links[1][:strings.LastIndex(links[1], "/")], "На площади")
	p.open(results)
	p.press("Закрыть сейчас…")
	p.press("Закрыть опрос")
	// The page shows by itself what came of it. Telegram tells votes when it likes,
	// and the program reads what was told once a minute.
	p.untilFor(2*time.Minute, "the joint result", "document.querySelector('.tb-p tr.is-1')?.innerText.replace(/\\s+/g, ' ').includes('На площади 2 1 3 75') && document.querySelector('#live-main').innerText.replace(/\\s+/g, ' ').includes('4 голоса')")
	p.untilFor(time.Minute, "the end of the poll", "document.querySelector('.bar .pill').innerText.includes('Закрыт')")
	p.until("the chart", "document.querySelectorAll('.ch polyline').length >= 2")
	p.shot("press-poll")
}

// out waits until a post stands on both pages and returns where: in VK first.
func (p *tab) out(page string) []string {
	p.t.Helper()
	p.open(page)
	p.until("both pages", "document.querySelectorAll('#p-targets .pill.ok').length === 2")
	links := eval[[]string](p, "[...document.querySelectorAll('#p-targets .tg-h a')].map(a => a.href)")
	if len(links) != 2 {
		p.t.Fatalf("links to the post: %q", links)
	}
	if !strings.Contains(links[0], "/vk/") {
		links[0], links[1] = links[1], links[0]
	}
	return links
}

// vote answers the poll on a network's page, each time as another citizen.
func (p *tab) vote(link string, answers ...string) {
	p.t.Helper()
	for i, answer := range answers {
		p.open(link)
		label := "[...document.querySelectorAll('form label')].find(e => e.innerText.trim().startsWith(" + quote(answer) + "))"
		p.until("the poll in the network", label)
		eval[bool](p, `(() => {
			const label = `+label+`, form = label.closest('form');
			label.querySelector('input').checked = true;
			const who = form.querySelector('[name=from]');
			if (who) who.selectedIndex = `+strconv.Itoa(i)+`;
			form.dataset.mine = '1';
			[...form.querySelectorAll('button')].pop().click();
			return true;
		})()`)
		p.until("the vote to be taken", "!document.querySelector('[data-mine]') && "+label)
	}
}

func moscow(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// publish brings an approved post to the present minute and looks for it where
// the citizens do.
func (p *tab) publish(page string) {
	p.t.Helper()
	p.open(page + "/move")
	// The minute that has begun is not over, so it has not passed.
	now := time.Now().In(moscow(p.t))
	eval[bool](p, "(() => { const f = document.querySelector('#move-form'); f.date.value = "+quote(now.Format(time.DateOnly))+"; f.time.value = "+quote(now.Format("15:04"))+"; f.querySelector('.btn-p').click(); return true })()")
	p.until("both pages", "location.pathname === "+quote(page)+" && document.querySelectorAll('#p-targets .pill.ok').length === 2")
	p.shot("press-published")
	links := p.out(page)
	for _, link := range links {
		p.open(link)
		p.sees("Ледовый городок")
	}
	p.shot("press-in-the-network")
}

// drawing is a file with a small picture.
func drawing(t *testing.T) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 800, 600))
	for y := range 600 {
		for x := range 800 {
			img.Set(x, y, color.RGBA{uint8(x / 4), uint8(y / 3), 200, 255})
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "gorka.png")
	if err := os.WriteFile(name, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// attach chooses a file, as a person does in the window of the system.
func (p *tab) attach(selector, file string) {
	p.t.Helper()
	p.until("the field "+selector, "document.querySelector("+quote(selector)+")")
	p.do("attach", chromedp.SetUploadFiles(chromedp.CSS(selector), []string{file}))
}

// drop drags one element onto another by the page's own events.
func (p *tab) drop(what, where string) {
	p.t.Helper()
	p.until("the place "+where, "document.querySelector("+quote(where)+")")
	eval[bool](p, `(() => {
		const what = document.querySelector(`+quote(what)+`), where = document.querySelector(`+quote(where)+`);
		const dataTransfer = new DataTransfer();
		const send = (el, type) => el.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
		send(what, 'dragstart');
		send(where, 'dragover');
		if (!where.querySelector('.dz')) return false;
		send(where, 'drop');
		send(what, 'dragend');
		return true;
	})()`)
}
