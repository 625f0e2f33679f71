// Package e2e uses the program as people do: real browser, real pages, the
// simulated networks behind real clients.
package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience bounds every single wait in the browser.
const patience = 20 * time.Second

// browser starts Chromium, or skips the test where there is none.
func browser(t *testing.T) context.Context {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Skip("Browser tests skipped: chromium was not found")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true),
		// A colour on its way is no colour that a rule could be held to.
		chromedp.Flag("force-prefers-reduced-motion", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	// The first run starts the browser and must not carry a time-out.
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("chromium does not start: %v", err)
	}
	return ctx
}

// tab is one person's window with their own cookies.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string
}

// person opens a window of its own, as if at another desk.
func person(t *testing.T, browser context.Context, base string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("no window: %v", err)
	}
	return &tab{t: t, ctx: ctx, base: base}
}

func (p *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("%s: %v\npage: %s", what, err, p.where())
	}
}

// where tells what the person sees when something did not happen.
func (p *tab) where() string {
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	s, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText.slice(0, 3000)`))
	if err != nil {
		return err.Error()
	}
	return s
}

func (p *tab) open(path string) {
	p.t.Helper()
	url := path
	if !strings.HasPrefix(path, "http") {
		url = p.base + path
	}
	p.do("open "+path, chromedp.Navigate(url))
}

func (p *tab) size(width, height int, mobile bool) {
	p.t.Helper()
	var opts []chromedp.EmulateViewportOption
	if mobile {
		opts = append(opts, chromedp.EmulateMobile)
	}
	p.do("size", chromedp.EmulateViewport(int64(width), int64(height), opts...))
}

// eval runs a script and returns its value.
func eval[T any](p *tab, script string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	if err != nil {
		p.t.Fatalf("%s: %v\npage: %s", script, err, p.where())
	}
	return v
}

// until waits for a condition in the page.
func (p *tab) until(what, condition string) {
	p.t.Helper()
	p.untilFor(patience, what, condition)
}

// untilFor is until for what may take longer.
func (p *tab) untilFor(most time.Duration, what, condition string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, most)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		// An error is a page that is just being left; the next look decides.
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("document.readyState !== 'loading' && Boolean("+condition+")"))
		if err == nil && ok {
			return
		}
		select {
		case <-ctx.Done():
			p.t.Fatalf("waiting for %s: %v\npage: %s", what, err, p.where())
		case <-tick.C:
		}
	}
}

func (p *tab) sees(text string) {
	p.t.Helper()
	p.until("the text "+text, "document.body && document.body.innerText.includes("+quote(text)+")")
}

// press clicks the visible button or link with the text, as a person finds it.
func (p *tab) press(text string) {
	p.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll('button, a, summary, [role=button]')].find(e => (e.innerText.trim() + " ").replace(/\s+/g, " ").startsWith(%s) && e.getClientRects().length && !e.disabled)`, quote(text+" "))
	p.until("the button "+text, find)
	eval[bool](p, "(() => { const e = "+find+"; e.scrollIntoView({block: 'center'}); e.click(); return true })()")
}

func (p *tab) fill(selector, text string) {
	p.t.Helper()
	p.until("the field "+selector, "document.querySelector("+quote(selector)+")")
	eval[bool](p, "(() => { const e = document.querySelector("+quote(selector)+"); e.focus(); e.select(); return true })()")
	p.do("fill "+selector, chromedp.SendKeys(chromedp.CSS(selector), text))
}

// choose selects the option with the text in a select element.
func (p *tab) choose(selector, text string) {
	p.t.Helper()
	p.until("the choice "+selector, "document.querySelector("+quote(selector)+")")
	ok := eval[bool](p, fmt.Sprintf(`(() => { const s = document.querySelector(%s); const o = [...s.options].find(o => o.text.trim().startsWith(%s));
		if (!o) return false; s.value = o.value; s.dispatchEvent(new Event('change', {bubbles: true})); return true })()`, quote(selector), quote(text)))
	if !ok {
		p.t.Fatalf("no option %q in %s\npage: %s", text, selector, p.where())
	}
}

func (p *tab) signIn(email, password string) {
	p.t.Helper()
	p.open("/signin")
	p.fill("input[name=email]", email)
	p.fill("input[name=password]", password)
	p.press("Войти")
	p.until("the first page", "!location.pathname.startsWith('/signin')")
}

// shot keeps a picture of the window where OTKLIK_SHOTS names a folder.
func (p *tab) shot(name string) {
	p.t.Helper()
	dir := os.Getenv("OTKLIK_SHOTS")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatalf("picture %s: %v", name, err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func quote(s string) string {
	raw, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(raw)
}
