package web

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// get asks for a page as somebody; "" is nobody.
func (b *bench) get(t *testing.T, who, path string) *httptest.ResponseRecorder {
	t.Helper()
	return b.do(t, who, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
}

// post sends a form the way a browser without scripts does.
func (b *bench) post(t *testing.T, who, path string, fields url.Values) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(fields.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(t, who, r)
}

func (b *bench) do(t *testing.T, who string, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	if who != "" {
		r.AddCookie(&http.Cookie{Name: "otklik", Value: who})
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w
}

func mustStatus(t *testing.T, w *httptest.ResponseRecorder, want int) string {
	t.Helper()
	if w.Code != want {
		t.Fatalf("status %d, want %d: %.300s", w.Code, want, w.Body)
	}
	return w.Body.String()
}

func mustHave(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("the page has no %q", text)
		}
	}
}

func mustLack(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(page, text) {
			t.Errorf("the page has %q", text)
		}
	}
}

// field reads the value of a hidden field of the form that goes to action.
func field(t *testing.T, page, action, name string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, `action="`+action+`"`)
	if !ok {
		t.Fatalf("the page has no form to %s", action)
	}
	rest, _, _ = strings.Cut(rest, "</form>")
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(rest)
	if m == nil {
		t.Fatalf("the form to %s has no field %s", action, name)
	}
	return html.UnescapeString(m[1])
}

func newGet(t *testing.T, path string) *http.Request {
	t.Helper()
	return httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
}

// newPost is a form as a browser without scripts sends it.
func newPost(t *testing.T, path string, fields url.Values) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(fields.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}
