package e2e

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"otklik/internal/demo"
	"otklik/internal/social"
)

// office starts the whole demo in this process and returns it with the address
// of its pages.
func office(t *testing.T) (*demo.Demo, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	d, err := demo.Open(t.Context(), demo.Options{Listen: listen, Data: t.TempDir(), Quiet: true, Out: io.Discard, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Work(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("demo: %v", err)
		}
		if err := d.Close(); err != nil {
			t.Errorf("demo: %v", err)
		}
	})
	return d, "http://" + listen
}

// TestAComplaintIsAnswered goes the whole way as people do it: the complaint
// arrives on an open page, is taken in, handed out, answered, approved by
// another person, and the answer stands under the citizen's comment.
func TestAComplaintIsAnswered(t *testing.T) {
	for _, network := range []social.Network{social.VK, social.Telegram} {
		t.Run(string(network), func(t *testing.T) {
			t.Parallel()
			b := browser(t)
			d, base := office(t)
			answerOne(t, b, d, base, network)
		})
	}
}

func answerOne(t *testing.T, b context.Context, d *demo.Demo, base string, network social.Network) {
	select {
	case <-d.Told():
	case <-time.After(2 * patience):
		t.Fatal("the demo's hour was not told")
	}
	coordinator := person(t, b, base)
	coordinator.size(1440, 900, false)
	coordinator.signIn("coordinator@demo.otklik", "otklik-demo")
	coordinator.open("/inbox?sort=new")
	coordinator.until("the queue", "document.querySelectorAll('[data-case]').length > 0")

	mark := fmt.Sprintf("%d", time.Now().UnixNano()%100000)
	ref, err := d.World().Say(network, "Во дворе на Полевой, "+mark+" не вывозят мусор вторую неделю, контейнеры переполнены. Примите меры!", 7)
	if err != nil {
		t.Fatal(err)
	}
	row := fmt.Sprintf("document.querySelector('[data-ref=%q]')", ref.String())
	// The page was not reloaded: the new message waits in the bar.
	coordinator.until("the bar of new messages", "document.querySelector('#fresh') && document.querySelector('#fresh').innerText.includes('нов')")
	coordinator.shot("arrived-" + string(network))
	eval[bool](coordinator, "(() => { document.querySelector('#fresh').click(); return true })()")
	coordinator.until("the new row", row)
	number := eval[string](coordinator, row+".dataset.number")
	page := "/cases/" + number

	coordinator.open(page)
	coordinator.sees("Полевой, " + mark)
	if marks := eval[int](coordinator, "document.querySelectorAll('mark').length"); marks == 0 {
		t.Error("no word is highlighted")
	}
	coordinator.press("Взять в работу")
	coordinator.until("coordination", "document.querySelector('[aria-current=step]').innerText.includes('Координация')")
	coordinator.press("Передать…")
	coordinator.choose("select[name=to]", "Роман Тихонов")
	coordinator.press("Передать")
	coordinator.until("execution", "document.querySelector('[aria-current=step]').innerText.includes('Исполнение')")
	coordinator.sees("Роман Тихонов")

	executor := person(t, b, base)
	executor.size(1440, 900, false)
	executor.signIn("blago@demo.otklik", "otklik-demo")
	executor.open(page)
	// VK puts the citizen's name in front and makes the greeting go on after it.
	words := "Контейнеры на Полевой, " + mark + " вывезут сегодня до 21:00, завтра утром проверим и пришлём фото."
	answer := "Здравствуйте! " + words
	executor.fill("#answer textarea", answer)
	executor.shot("writing-" + string(network))
	executor.press("На утверждение")
	executor.until("approval", "document.querySelector('[aria-current=step]').innerText.includes('Утверждение')")

	head := person(t, b, base)
	head.size(1440, 900, false)
	head.signIn("head@demo.otklik", "otklik-demo")
	head.open(page)
	head.sees(answer)
	head.press("Утвердить и отправить")
	head.until("the answer to be published", "document.body.innerText.toLowerCase().includes('опубликован')")
	head.shot("published-" + string(network))

	link := eval[string](head, "[...document.querySelectorAll('a[href]')].map(a => a.href).find(h => h.includes('/vk/wall') && h.includes('reply=') || h.includes('/tg/')) || ''")
	if link == "" {
		t.Fatalf("no link to the answer\npage: %s", head.where())
	}
	citizen := person(t, b, base)
	citizen.open(d.World().Page(d.Networks(), ref))
	citizen.sees(words)
	order := eval[bool](citizen, fmt.Sprintf("document.body.innerText.indexOf(%s) > document.body.innerText.indexOf(%s)", quote(words), quote("Полевой, "+mark+" не вывозят")))
	if !order {
		t.Error("the answer does not stand under the comment")
	}
	if own := eval[int](citizen, "document.querySelectorAll('.own .text').length"); own == 0 {
		t.Error("the answer is not in the agency's name")
	}
	citizen.shot("thread-" + string(network))
	if n := strings.Count(eval[string](citizen, "document.body.innerText"), words); n != 1 {
		t.Errorf("the answer stands %d times in the thread", n)
	}
}
