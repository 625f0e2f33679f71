package app

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestOnlyALocalProxyIsBelieved(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ peer, forwarded, want string }{
		{"127.0.0.1:5000", "203.0.113.7", "203.0.113.7:5000"},
		{"[::1]:5000", "10.0.0.1, 203.0.113.7", "203.0.113.7:5000"},
		{"127.0.0.1:5000", "", "127.0.0.1:5000"},
		{"127.0.0.1:5000", "не адрес", "127.0.0.1:5000"},
		{"198.51.100.9:5000", "203.0.113.7", "198.51.100.9:5000"},
	} {
		var got string
		h := behindProxy(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr }))
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = x.peer
		if x.forwarded != "" {
			r.Header.Set("X-Forwarded-For", x.forwarded)
		}
		h.ServeHTTP(httptest.NewRecorder(), r)
		if got != x.want {
			t.Errorf("%s for %q is %s, want %s", x.peer, x.forwarded, got, x.want)
		}
	}
}
