package media

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestOnlyPublicAddressesAreDialled(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.254",
		"192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
		"64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:1::1", "2001:db8::1", "3fff::1", "100::1", "5f00::1",
	} {
		if public(netip.MustParseAddr(s)) {
			t.Errorf("%s counts as public", s)
		}
	}
	for _, s := range []string{"87.240.132.72", "149.154.167.220", "1.1.1.1", "2a00:bdc0::1", "2001:67c:4e8::f004", "::ffff:87.240.132.72"} {
		if !public(netip.MustParseAddr(s)) {
			t.Errorf("%s does not count as public", s)
		}
	}
	for _, address := range []string{"1.1.1.1:22", "1.1.1.1:80", "127.0.0.1:443", "nonsense", "[::1]:443"} {
		if onlyPublic("tcp", address, nil) == nil {
			t.Errorf("%s is dialled", address)
		}
	}
}

func stateOf(t *testing.T, err error) State {
	t.Helper()
	var tr *Trouble
	if !errors.As(err, &tr) {
		t.Fatalf("%v is no Trouble", err)
	}
	return tr.State
}

func TestStrangersLeadNowhereInside(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	inside := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	t.Cleanup(inside.Close)
	_, port, _ := net.SplitHostPort(inside.Listener.Addr().String())
	f := NewFetcher(FetcherOptions{})
	t.Cleanup(f.Close)
	for _, address := range []string{
		inside.URL + "/a.jpg", "https://localhost/a.jpg", "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://2130706433/",
		"http://1.1.1.1/a.jpg", "https://1.1.1.1:8443/a.jpg", "https://user:pass@1.1.1.1/", "file:///etc/passwd", "gopher://x/", "//host/x", "", "\x00", "https://",
		"https://localhost:" + port + "/", "https://169.254.169.254/latest/meta-data/",
	} {
		if _, err := f.Fetch(t.Context(), address); err == nil {
			t.Errorf("%q was fetched", address)
		} else if s := stateOf(t, err); s != Refused && !(s == Waiting && strings.Contains(address, "2130706433")) {
			t.Errorf("%q: %s", address, s)
		}
	}
	if n := reached.Load(); n != 0 {
		t.Fatalf("a server inside was asked %d times", n)
	}
}

// cdn answers as a network's file server; a trusted one may stand anywhere.
func cdn(t *testing.T, handle http.HandlerFunc) (*Fetcher, string) {
	t.Helper()
	s := httptest.NewServer(handle)
	t.Cleanup(s.Close)
	f := NewFetcher(FetcherOptions{Trusted: []string{s.URL}})
	t.Cleanup(f.Close)
	return f, s.URL
}

func TestAnswersAreJudged(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		handle http.HandlerFunc
		want   State
		after  time.Duration
	}{
		"not found": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, Gone, 0},
		"gone":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(410) }, Gone, 0},
		"expired":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, Waiting, 0},
		"broken":    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) }, Waiting, 0},
		"slow down": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "90"); w.WriteHeader(429) }, Waiting, 90 * time.Second},
		"announced": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "99999999") }, TooBig, 0},
		"endless": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<20)); err != nil {
					return
				}
			}
		}, TooBig, 0},
		"cut short": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("x"))
		}, Waiting, 0},
		"leads on for ever": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path+"x", http.StatusFound) }, Refused, 0},
		"leads inside": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		}, Refused, 0},
		"leads to a secret": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://169.254.169.254/", http.StatusFound)
		}, Refused, 0},
	} {
		f, base := cdn(t, x.handle)
		_, err := f.Fetch(t.Context(), base+"/photo?sign=s3cret")
		if s := stateOf(t, err); s != x.want {
			t.Errorf("%s: %v, want %s", name, err, x.want)
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the error gives the address away: %v", name, err)
		}
		var tr *Trouble
		if errors.As(err, &tr) && tr.RetryAfter != x.after {
			t.Errorf("%s: %v", name, tr.RetryAfter)
		}
	}
	f, base := cdn(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/old" {
			http.Redirect(w, r, "/new", http.StatusFound)
			return
		}
		_, _ = w.Write([]byte("bytes"))
	})
	if raw, err := f.Fetch(t.Context(), base+"/old"); err != nil || string(raw) != "bytes" {
		t.Errorf("%q %v", raw, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Fetch(ctx, base); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestAStrangerCannotSendUsToATrustedServer(t *testing.T) {
	t.Parallel()
	f := NewFetcher(FetcherOptions{Trusted: []string{"http://127.0.0.1:9"}})
	stranger, _ := http.NewRequest(http.MethodGet, "https://cdn.example/a", nil)
	to, _ := http.NewRequest(http.MethodGet, "http://127.0.0.1:9/secret", nil)
	if err := f.redirect(to, []*http.Request{stranger}); err == nil {
		t.Fatal("followed")
	}
	if err := f.redirect(to, []*http.Request{to}); err != nil {
		t.Fatal(err)
	}
}

// Behind a proxy names are looked at before the proxy is asked.
func TestProxyIsNotALoophole(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(proxy.Close)
	at, _ := url.Parse(proxy.URL)
	f := NewFetcher(FetcherOptions{Proxy: http.ProxyURL(at)})
	t.Cleanup(f.Close)
	_, err := f.Fetch(t.Context(), "https://localhost/a.jpg")
	if s := stateOf(t, err); s != Refused || asked.Load() != 0 {
		t.Fatalf("%v, the proxy was asked %d times", err, asked.Load())
	}
	_, err = f.Fetch(t.Context(), "https://1.1.1.1/a.jpg")
	if s := stateOf(t, err); s != Waiting || asked.Load() != 1 {
		t.Fatalf("%v, the proxy was asked %d times", err, asked.Load())
	}
}
