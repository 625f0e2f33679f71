package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"otklik/internal/errs"
)

// deskLog gathers how long pages took and how many requests were refused.
type deskLog struct {
	mu     sync.Mutex
	took   map[string][]time.Duration
	failed int
}

func (l *deskLog) note(page string, took time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !ok {
		l.failed++
	}
	l.took[page] = append(l.took[page], took)
}

// walker is one person with a browser of their own.
type walker struct {
	client *http.Client
	base   string
	log    *deskLog
	dice   *rand.Rand
	// cases are the numbers that the last list showed.
	cases []string
}

func newWalker(ctx context.Context, base, email string, seed uint64, log *deskLog) (*walker, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	w := &walker{base: base, log: &deskLog{took: map[string][]time.Duration{}}, dice: rand.New(rand.NewPCG(seed, 2)), client: &http.Client{
		Jar: jar, Timeout: time.Minute,
		// What a form leads to is asked for as a page of its own.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	w.post(ctx, "вход", "/signin", url.Values{"email": {email}, "password": {benchPassword}})
	if w.log.failed > 0 {
		return nil, errs.New(errs.Internal, "Замер не начался: вход не удался.")
	}
	w.log = log
	return w, nil
}

// habits is what people do in the program and how often out of a hundred times:
// mostly the queue and cases, now and then a search, a draft, a step.
func (w *walker) habits() []habit {
	return []habit{
		{20, func(ctx context.Context) { w.list(ctx, "очередь", "/inbox") }},
		{10, func(ctx context.Context) {
			w.list(ctx, "очередь, дальше", fmt.Sprintf("/inbox?page=%d", 2+w.dice.IntN(20)))
		}},
		{10, func(ctx context.Context) {
			w.list(ctx, "фильтр", "/inbox?"+w.pick("due=overdue", "stage=coordination", "stage=execution&due=overdue", "sort=new", "stage=moderation&network=vk"))
		}},
		{7, func(ctx context.Context) {
			w.list(ctx, "завершённые", "/inbox?stage=done&sort="+w.pick("closed", "new"))
		}},
		{10, func(ctx context.Context) {
			w.list(ctx, "очередь, слова", "/inbox?q="+url.QueryEscape(w.pick("фонарь", "труба Садовая", "мусор", "подъезд")))
		}},
		{6, func(ctx context.Context) {
			w.get(ctx, "поиск", "/search?q="+url.QueryEscape(w.pick("фонарь", "течёт труба", "\"не вывозят мусор\"", "дорога Лесная")))
		}},
		{22, func(ctx context.Context) { w.open(ctx) }},
		{15, w.act},
	}
}

type habit struct {
	share int
	do    func(context.Context)
}

// work goes through every habit once, however slow the machine is, and then from
// page to page as people do until the time is over.
func (w *walker) work(ctx, over context.Context, pause time.Duration) {
	habits := w.habits()
	for _, h := range habits {
		h.do(ctx)
		w.rest(over, pause)
	}
	for over.Err() == nil {
		x := w.dice.IntN(100)
		for _, h := range habits {
			if x -= h.share; x < 0 {
				h.do(over)
				break
			}
		}
		w.rest(over, pause)
	}
}

func (w *walker) pick(list ...string) string { return list[w.dice.IntN(len(list))] }

func (w *walker) rest(ctx context.Context, pause time.Duration) {
	t := time.NewTimer(time.Duration(w.dice.Float64() * 2 * float64(pause)))
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

var (
	caseLink    = regexp.MustCompile(`href="/cases/(\d+)`)
	caseVersion = regexp.MustCompile(`name="version" value="(\d+)"`)
)

func (w *walker) list(ctx context.Context, page, path string) {
	body := w.get(ctx, page, path)
	var numbers []string
	for _, m := range caseLink.FindAllStringSubmatch(body, -1) {
		numbers = append(numbers, m[1])
	}
	if len(numbers) > 0 {
		w.cases = numbers
	}
}

func (w *walker) open(ctx context.Context) (number, body string) {
	if len(w.cases) == 0 {
		return "", ""
	}
	number = w.pick(w.cases...)
	return number, w.get(ctx, "карточка", "/cases/"+number)
}

// act does to a case what its page offers.
func (w *walker) act(ctx context.Context) {
	number, body := w.open(ctx)
	m := caseVersion.FindStringSubmatch(body)
	if m == nil {
		return
	}
	at, form := "/cases/"+number, url.Values{"version": {m[1]}}
	offers := func(deed string) bool { return strings.Contains(body, `"`+at+"/"+deed+`"`) }
	switch {
	case offers("accept"):
		w.post(ctx, "принять", at+"/accept", form)
	case offers("draft") && w.dice.IntN(2) == 0:
		w.post(ctx, "черновик", at+"/draft", url.Values{"text": {"Здравствуйте! Работы по вашему адресу запланированы."}})
	default:
		form.Set("text", "Позвонить в диспетчерскую.")
		w.post(ctx, "заметка", at+"/note", form)
	}
}

func (w *walker) get(ctx context.Context, page, path string) string {
	return w.do(ctx, page, http.MethodGet, path, nil)
}

func (w *walker) post(ctx context.Context, page, path string, form url.Values) {
	w.do(ctx, page, http.MethodPost, path, form)
}

// do measures until the last byte. Losing a case to somebody quicker is no
// failure; what the end of the time has broken off is not counted.
func (w *walker) do(ctx context.Context, page, method, path string, form url.Values) string {
	r, err := http.NewRequestWithContext(ctx, method, w.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return ""
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	begun := time.Now()
	res, err := w.client.Do(r)
	var body []byte
	if err == nil {
		body, err = io.ReadAll(res.Body)
		_ = res.Body.Close()
	}
	if ctx.Err() != nil {
		return ""
	}
	ok := err == nil && (res.StatusCode < http.StatusBadRequest || res.StatusCode == http.StatusConflict)
	w.log.note(page, time.Since(begun), ok)
	return string(body)
}
