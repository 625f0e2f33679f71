package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"otklik/internal/errs"
	"otklik/internal/rights"
)

// request fills a route's pattern with things that exist.
func request(t *testing.T, pattern string) *http.Request {
	t.Helper()
	method, path, ok := strings.Cut(pattern, " ")
	if !ok {
		method, path = http.MethodGet, pattern
	}
	path = strings.NewReplacer("{number}", "4122", "{id}", "d1", "{$}", "", "{version}", "x", "{path...}", "css/app.css", "{hash}", sampleHash).Replace(path)
	ctx, cancel := context.WithCancel(t.Context())
	if path == "/live" {
		cancel() // a stream ends with its request
	}
	t.Cleanup(cancel)
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(""))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

func TestEveryRouteForEveryRole(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	for _, rt := range b.server.routes() {
		for _, p := range append(people(), people()[0]) {
			w := b.do(t, p.ID, request(t, rt.pattern))
			allowed := rt.access.kind != accessAction || p.Actor().Can(rt.access.action)
			if refused := w.Code == http.StatusForbidden && strings.Contains(w.Body.String(), "другая роль"); refused == allowed {
				t.Errorf("%s as %s: status %d, allowed %v", rt.pattern, p.ID, w.Code, allowed)
			}
			if w.Code >= http.StatusInternalServerError {
				t.Errorf("%s as %s: status %d", rt.pattern, p.ID, w.Code)
			}
		}
		if rt.access.kind == accessOpen {
			continue
		}
		w := b.do(t, "", request(t, rt.pattern))
		toSignIn := w.Code == http.StatusSeeOther && strings.HasPrefix(w.Header().Get("Location"), "/signin")
		if !toSignIn && w.Code != http.StatusUnauthorized {
			t.Errorf("%s as nobody: status %d", rt.pattern, w.Code)
		}
	}
}

func TestOpenRoutesAreFew(t *testing.T) {
	t.Parallel()
	var got []string
	for _, rt := range setup(t, noon).server.routes() {
		if rt.access.kind == accessOpen {
			got = append(got, rt.pattern)
		}
	}
	want := []string{
		"GET /healthz", "GET /readyz", "GET /static/{version}/{path...}", "GET /signin", "POST /signin", "POST /theme", "/", "GET /welcome/{token}", "POST /welcome/{token}",
	}
	if !slices.Equal(got, want) {
		t.Errorf("open to everybody: %q, want %q", got, want)
	}
}

func TestRouteWithoutAccessDoesNotRegister(t *testing.T) {
	t.Parallel()
	s := setup(t, noon).server
	for _, a := range []access{{}, may("")} {
		if err := s.register(http.NewServeMux(), []route{{"GET /new", a, s.nothing}}); err == nil {
			t.Errorf("a route with access %+v registers", a)
		}
	}
}

func TestEveryCommandNeedsItsOwnAction(t *testing.T) {
	t.Parallel()
	for _, c := range setup(t, noon).server.commands() {
		if !slices.Contains(rights.Actions(), c.action) {
			t.Errorf("%s needs %q, which is no action", c.name, c.action)
		}
		if flashText(c.name, 1) == "" {
			t.Errorf("%s has no notice", c.name)
		}
	}
}

func TestStatusOfEveryCode(t *testing.T) {
	t.Parallel()
	cases := map[errs.Code]int{
		errs.Invalid: 422, errs.Unauthenticated: 401, errs.Forbidden: 403, errs.NotFound: 404, errs.Conflict: 409,
		errs.TooLarge: 413, errs.RateLimited: 429, errs.Unavailable: 503, errs.Internal: 500, "new": 500,
	}
	for code, want := range cases {
		if got := statusOf(code); got != want {
			t.Errorf("statusOf(%s) = %d, want %d", code, got, want)
		}
	}
}

func TestForeignFormsAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	for name, header := range map[string][2]string{
		"fetch metadata": {"Sec-Fetch-Site", "cross-site"}, "same site": {"Sec-Fetch-Site", "same-site"}, "origin": {"Origin", "https://evil.example"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/cases/4121/accept", strings.NewReader("version=3"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(header[0], header[1])
		page := mustStatus(t, b.do(t, "moderator", r), http.StatusForbidden)
		mustHave(t, page, "чужой страницы")
		if got := b.board.views["case-441"].Case.Version; got != 3 {
			t.Errorf("%s: the case was changed to version %d", name, got)
		}
	}
}

func TestBodyIsBounded(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/cases/4122/submit", strings.NewReader("version=3&text="+strings.Repeat("x", maxBody)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	mustStatus(t, b.do(t, "executor", r), http.StatusRequestEntityTooLarge)
}
