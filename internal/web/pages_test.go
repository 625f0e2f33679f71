package web

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"otklik/incidents"
	"otklik/internal/errs"
)

// addresses are pages of every kind, each for somebody who sees all of it.
func addresses() map[string]string {
	return map[string]string{
		"/inbox": "all", "/inbox?mine=1": "executor", "/inbox?stage=approval": "head", "/inbox?due=overdue": "moderator",
		"/inbox?stage=moderation&stage=done&topic=snow&dept=-&net=vk&closed=1&q=ледь&sort=new": "coordinator",
		"/inbox?page=9": "moderator", "/inbox/rows": "curator", "/rail": "press", "/cases/4122/preview": "coordinator",
		"/incidents": "coordinator", "/incidents?tab=past": "curator", "/incidents/3": "coordinator", "/incidents/settings": "head", "/silences": "press",
		"/cases/4120": "coordinator", "/cases/4121": "moderator", "/cases/4122": "executor", "/cases/4124": "head",
		"/cases/4125": "press", "/cases/4128": "all", "/cases/4129": "curator", "/cases/№ 4122": "curator",
		"/search": "curator", "/search?q=вода&net=vk&order=best": "head", "/search/items/i1": "moderator", "/archive": "administrator", "/journal": "curator", "/journal?what=read.case&about=4122&from=2026-01-01": "administrator", "/keeping": "administrator", "/keeping?dry=1": "administrator", "/persons": "administrator", "/persons/1": "administrator", "/unlikely": "moderator", "/unlikely?page=2": "curator", "/learning": "curator",
		"/sources": "administrator", "/sources/unread": "administrator", "/sources/unread?source=s5&page=2": "administrator", "/sources/s1": "administrator", "/sources/s2": "administrator", "/sources/s5": "curator",
		"/connect": "administrator", "/connect/vk.community": "administrator", "/connect/telegram.channel": "administrator", "/alarms": "administrator", "/alarms?tab=past&kind=key.refused&source=s5": "executor",
		"/organisations": "administrator", "/organisations/new": "administrator", "/organisations/lake": "administrator", "/organisations/root": "curator",
		"/people": "administrator", "/people/new": "administrator", "/people/far": "administrator", "/people/head": "head",
		"/places": "coordinator", "/places?q=заречный&text=на+Мира+5": "curator", "/routes": "administrator", "/routes?text=яма+на+Мира+5&topic=snow&place=Заречье": "head",
		"/answers": "coordinator", "/answers?edit=none": "administrator", "/rubricator": "coordinator", "/rubricator/new": "administrator", "/places/new": "coordinator", "/rubricator?q=яма&off=1": "moderator", "/rubricator/facts/dorogi.pokrytie.yama": "administrator", "/rubricator/mapping?name=Региональный": "curator",
		"/deliveries": "press", "/deliveries?tab=unknown": "press", "/deliveries?tab=sent&page=2": "head", "/signin": "",
		"/deadlines": "curator", "/deadlines?preset=1": "administrator", "/deadlines?topic=snow": "head", "/worktime": "administrator", "/worktime?year=2027": "head", "/notices": "executor",
	}
}

func TestPagesRenderWithinTheirPolicy(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	for path, who := range addresses() {
		withinPolicy(t, path, b.get(t, who, strings.ReplaceAll(path, " ", "%20")))
	}
}

// withinPolicy holds a page to what its policy allows and returns it.
func withinPolicy(t *testing.T, path string, w *httptest.ResponseRecorder) string {
	t.Helper()
	inline := regexp.MustCompile(`(?i)<script(>| [^>]*[^"]>)[^<]|<style|\sstyle=|\son[a-z]+=|javascript:`)
	outside := regexp.MustCompile(`<a [^>]*href="https?:[^>]*>`)
	page := mustStatus(t, w, http.StatusOK)
	mustLack(t, page, "<script>alert(1)", "ZgotmplZ", "<no value>", "%!")
	if m := inline.FindString(page); m != "" {
		t.Errorf("%s: what the policy forbids: %q", path, m)
	}
	for _, link := range outside.FindAllString(page, -1) {
		if !strings.Contains(link, `rel="noopener noreferrer nofollow"`) {
			t.Errorf("%s: a link to the networks without its rel: %s", path, link)
		}
	}
	if csp := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("%s: policy %q", path, csp)
	}
	for name, want := range map[string]string{"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "same-origin"} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %s is %q, want %q", path, name, got, want)
		}
	}
	return page
}

func TestHostileTextIsEscaped(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	view := b.board.views["case-r34"]
	hostile := `"><script>alert(2)</script><img src=x onerror=alert(3)>`
	view.Case.Message.Text, view.Thread[2].Item.Text = hostile, hostile
	view.Thread[2].Versions = []incidents.Version{{Text: hostile + "!"}, {Text: hostile}}
	view.Thread[2].Photos = []incidents.Photo{{Key: hostile, State: "gone", Trouble: hostile}}
	view.Case.Message.Author.Name, view.Case.Message.Author.URL = hostile, "javascript:alert(4)"
	view.Case.Message.Permalink, view.TopicName, view.Source = "javascript:alert(5)", hostile, hostile
	view.History = append(view.History, incidents.Event{Kind: incidents.EventNote, ActorID: "x", ActorName: hostile, Text: hostile})
	for _, path := range []string{"/inbox", "/cases/4122", "/cases/4122/preview"} {
		page := mustStatus(t, b.get(t, "executor", path), http.StatusOK)
		mustLack(t, page, "<script>alert", "<img src=x", "javascript:alert")
		mustHave(t, page, "&lt;script&gt;alert(2)")
	}
}

func TestRowsCarryTheirReference(t *testing.T) {
	t.Parallel()
	page := mustStatus(t, setup(t, noon).get(t, "moderator", "/inbox/rows"), http.StatusOK)
	mustHave(t, page, `data-case="case-r34"`, `data-ref="vk:-101:r34"`, `data-ref="telegram:-100200:441"`, "<mark>Наледь на лестнице</mark>", "28\u00a0мин", "−48\u00a0мин")
	mustLack(t, page, "<html")
}

func TestNavigationShowsOnlyWhatIsAllowed(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	page := mustStatus(t, b.get(t, "executor", "/inbox"), http.StatusOK)
	mustLack(t, page, `href="/sources" title`, `href="/deliveries" title`)
	page = mustStatus(t, b.get(t, "administrator", "/sources"), http.StatusOK)
	mustLack(t, page, `href="/inbox?mine=1"`)
	if to := b.get(t, "administrator", "/").Header().Get("Location"); to != "/sources" {
		t.Errorf("the administrator is led to %q", to)
	}
	mustHave(t, mustStatus(t, b.get(t, "none", "/"), http.StatusForbidden), "ни одной роли")
}

// TestNoDeadEnds follows every link and form of every page as the person who
// sees it: none of them may end at «нужна другая роль».
func TestNoDeadEnds(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	empty := setup(t, noon)
	empty.board.views, empty.board.entries, empty.board.alarms = nil, nil, nil
	links := regexp.MustCompile(`<a [^>]*href="(/[^"#]*)"`)
	for _, bn := range []*bench{b, empty} {
		for _, p := range people() {
			for _, start := range []string{"/inbox", "/inbox?mine=1", "/cases/4122", "/cases/4125", "/sources", "/unlikely", "/learning", "/alarms", "/alarms?tab=past", "/deliveries", "/deliveries?tab=sent"} {
				for _, m := range links.FindAllStringSubmatch(bn.get(t, p.ID, start).Body.String(), -1) {
					to := strings.ReplaceAll(m[1], "&amp;", "&")
					if w := bn.get(t, p.ID, to); w.Code == http.StatusForbidden && p.ID != "none" {
						t.Errorf("%s is led from %s to %s, which is closed", p.ID, start, to)
					}
				}
			}
		}
	}
}

func TestFailurePages(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	mustHave(t, mustStatus(t, b.get(t, "head", "/cases/99999"), http.StatusNotFound), "с таким номером нет", "404-", "К входящим")
	mustHave(t, mustStatus(t, b.get(t, "head", "/nowhere"), http.StatusNotFound), "Такой страницы нет")
	mustHave(t, mustStatus(t, b.get(t, "", "/nowhere"), http.StatusNotFound), "Такой страницы нет")
	b.board.broken = errs.Wrap(errs.Unavailable, "Не отвечает база данных.", os.ErrDeadlineExceeded)
	page := mustStatus(t, b.get(t, "head", "/inbox?q=вода"), http.StatusServiceUnavailable)
	mustHave(t, page, "Не отвечает база данных.", "503-", "Попробовать ещё раз", "О сборе нет сведений")
	mustLack(t, page, "i/o timeout")
	b.board.broken = os.ErrPermission
	mustLack(t, mustStatus(t, b.get(t, "head", "/inbox"), http.StatusInternalServerError), "permission")
}

func TestNumberInTheFieldLeadsToTheCase(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	if to := b.get(t, "head", "/inbox?q=%E2%84%96+4122").Header().Get("Location"); to != "/cases/4122" {
		t.Errorf("«№ 4122» leads to %q", to)
	}
	mustStatus(t, b.get(t, "head", "/inbox?q=99999"), http.StatusOK)
}

func TestButtonsFollowRightsAndStage(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	cases := []struct {
		who, path  string
		have, lack []string
	}{
		{"moderator", "/cases/4121", []string{"/accept", "/reject", "/classify"}, []string{"/assign", "/approve", "/submit"}},
		{"coordinator", "/cases/4120", []string{"/assign", "/reject"}, []string{"/accept", "/submit"}},
		{"executor", "/cases/4122", []string{"/submit", "/return"}, []string{"/approve", "/assign", "/classify"}},
		{"other", "/cases/4122", []string{"/note"}, []string{"/submit", "/return"}},
		{"head", "/cases/4124", []string{"/approve", "/rework"}, []string{"/submit", "/assign"}},
		{"press", "/cases/4125", []string{"/by-hand", "/deliveries/d1/appeared", "/deliveries/d1/send_again"}, []string{"/approve", "/withdraw"}},
		{"head", "/cases/4125", nil, []string{"/deliveries/d1/appeared", "/withdraw"}},
		{"curator", "/cases/4124", []string{"/note"}, []string{"/approve", "/rework", "/reject"}},
	}
	for _, tc := range cases {
		page := mustStatus(t, b.get(t, tc.who, tc.path), http.StatusOK)
		for _, x := range tc.have {
			mustHave(t, page, x+`" method="post"`)
		}
		for _, x := range tc.lack {
			if strings.Contains(page, x+`" method="post"`) {
				t.Errorf("%s on %s sees the form to %s", tc.who, tc.path, x)
			}
		}
	}
}

func TestIconsExist(t *testing.T) {
	t.Parallel()
	sprite, err := fs.ReadFile(staticFiles, "static/icons.svg")
	if err != nil {
		t.Fatal(err)
	}
	b := setup(t, noon)
	for path, who := range addresses() {
		page := b.get(t, who, strings.ReplaceAll(path, " ", "%20")).Body.String()
		for _, m := range regexp.MustCompile(`icons\.svg#(i-[a-z0-9]*)"`).FindAllStringSubmatch(page, -1) {
			if !strings.Contains(string(sprite), `id="`+m[1]+`"`) {
				t.Errorf("%s uses the icon %q, which does not exist", path, m[1])
			}
		}
	}
}

func TestStaticFiles(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	w := b.get(t, "", b.server.assets.url("css/app.css"))
	css := mustStatus(t, w, http.StatusOK)
	if got := w.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("Cache-Control %q", got)
	}
	for _, m := range regexp.MustCompile(`url\("([^"]+)"\)`).FindAllStringSubmatch(css, -1) {
		w := b.get(t, "", b.server.assets.url("css/"+m[1]))
		mustStatus(t, w, http.StatusOK)
		if got := w.Header().Get("Content-Type"); got != "text/css; charset=utf-8" {
			t.Errorf("%s is %q", m[1], got)
		}
	}
	main := mustStatus(t, b.get(t, "", b.server.assets.url("js/main.js")), http.StatusOK)
	for _, m := range regexp.MustCompile(`from '\./([^']+)'`).FindAllStringSubmatch(main, -1) {
		mustStatus(t, b.get(t, "", b.server.assets.url("js/"+m[1])), http.StatusOK)
	}
	if got := b.get(t, "", "/static/older/css/app.css").Header().Get("Cache-Control"); got != "no-cache" {
		t.Errorf("a file of another version: Cache-Control %q", got)
	}
	for _, path := range []string{"/static/x/..%2fweb.go", "/static/x/css", "/static/x/none.js"} {
		mustStatus(t, b.get(t, "", path), http.StatusNotFound)
	}
}

func TestSignInKeepsTheWayAndRefusesForeignOnes(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	w := b.get(t, "", "/cases/4122")
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != "/signin?next=%2Fcases%2F4122" {
		t.Fatalf("status %d to %q", w.Code, to)
	}
	for next, want := range map[string]string{"/cases/4122": "/cases/4122", "//evil.example": "/", "https://evil.example": "/", "/\\evil.example": "/"} {
		w := b.post(t, "", "/signin", map[string][]string{"email": {"head@city.example"}, "password": {"верный-пароль"}, "next": {next}})
		if to := w.Header().Get("Location"); to != want {
			t.Errorf("next %q leads to %q, want %q", next, to, want)
		}
		c := w.Result().Cookies()
		if len(c) != 1 || !c[0].HttpOnly || c[0].SameSite != http.SameSiteLaxMode {
			t.Errorf("cookies %v", c)
		}
	}
	page := mustStatus(t, b.post(t, "", "/signin", map[string][]string{"email": {"head@city.example"}, "password": {"мимо"}}), http.StatusUnauthorized)
	mustHave(t, page, "Осталось 4\u00a0попытки", `value="head@city.example"`, `aria-invalid="true"`)
	mustLack(t, page, "мимо")
}

func TestSecureCookie(t *testing.T) {
	t.Parallel()
	s := setup(t, noon).server
	s.Secure = true
	if c := s.cookie(s.cookieName(), "x", cookieLife); !c.Secure || c.Name != "__Host-otklik" || c.Path != "/" {
		t.Errorf("cookie %v", c)
	}
	w := httptest.NewRecorder()
	s.setHeaders(w.Header())
	if w.Header().Get("Strict-Transport-Security") == "" {
		t.Error("https is not insisted on")
	}
}
