package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	badAddress   = "Адрес фото ведёт не в открытый интернет."
	maxRedirects = 3
	fetchTime    = 30 * time.Second
)

// FetcherOptions configure a Fetcher; the zero value serves the real networks.
type FetcherOptions struct {
	// Trusted are addresses of servers that the administrator named: photos may
	// come from there over http and from any network.
	Trusted []string
	// Proxy is as in http.Transport; nil goes without. A proxy resolves names by
	// itself, so then the last check of addresses is the proxy's.
	Proxy func(*http.Request) (*url.URL, error)
}

// Fetcher downloads photos from addresses that strangers may have chosen.
type Fetcher struct {
	trusted map[string]bool // scheme://host:port
	hosts   map[string]bool // host:port of those
	proxies sync.Map        // host:port of proxies that were used
	client  *http.Client
}

// NewFetcher returns a Fetcher; it connects to nobody yet.
func NewFetcher(o FetcherOptions) *Fetcher {
	f := &Fetcher{trusted: map[string]bool{}, hosts: map[string]bool{}}
	for _, base := range o.Trusted {
		if u, err := url.Parse(base); err == nil && u.Host != "" {
			f.trusted[origin(u)], f.hosts[hostPort(u)] = true, true
		}
	}
	transport := &http.Transport{
		DialContext: f.dial, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 15 * time.Second,
		IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 2, ForceAttemptHTTP2: true,
		DisableCompression: true, MaxResponseHeaderBytes: 64 << 10,
	}
	if o.Proxy != nil {
		transport.Proxy = f.through(o.Proxy)
	}
	f.client = &http.Client{Transport: transport, Timeout: fetchTime, CheckRedirect: f.redirect}
	return f
}

// Fetch returns the bytes at an address, MaxBytes at most. Every error is a
// *Trouble, unless ctx has ended.
func (f *Fetcher) Fetch(ctx context.Context, address string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, refused(badAddress, errors.New("the address does not parse"))
	}
	if err := f.check(u, f.trusted[origin(u)]); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, refused(badAddress, errors.New("the address makes no request"))
	}
	req.Header.Set("Accept", "image/jpeg, image/png, image/webp, image/gif")
	resp, err := f.client.Do(req)
	if err != nil {
		return nil, f.unreachable(ctx, u, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if err := judge(resp); err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, MaxBytes+1))
	if err != nil {
		return nil, f.unreachable(ctx, u, err)
	}
	if len(raw) > MaxBytes {
		return nil, tooBig(fmt.Errorf("more than %d bytes", MaxBytes))
	}
	return raw, nil
}

// Close closes the connections that wait for the next photo.
func (f *Fetcher) Close() { f.client.CloseIdleConnections() }

// judge reads the status of an answer.
func judge(resp *http.Response) error {
	cause := fmt.Errorf("the server answered %d", resp.StatusCode)
	switch {
	case resp.StatusCode == http.StatusOK && resp.ContentLength > MaxBytes:
		return tooBig(fmt.Errorf("%d bytes", resp.ContentLength))
	case resp.StatusCode == http.StatusOK:
		return nil
	case resp.StatusCode == http.StatusNotFound, resp.StatusCode == http.StatusGone:
		return &Trouble{State: Gone, Message: "Фото удалено в сети до загрузки.", Cause: cause}
	}
	t := passing(cause)
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 && s < 1<<20 {
		t.RetryAfter = time.Duration(s) * time.Second
	}
	return t
}

// check refuses what is not to be asked at all; the addresses behind a name
// are looked at when it is dialled.
func (f *Fetcher) check(u *url.URL, trusted bool) error {
	if trusted {
		return nil
	}
	if u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Port() != "" && u.Port() != "443" {
		return refused(badAddress, fmt.Errorf("%s://%s is not asked", u.Scheme, u.Host))
	}
	return nil
}

// redirect looks at every further address as at the first one. A stranger may
// not send us to a trusted server.
func (f *Fetcher) redirect(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return refused(badAddress, errors.New("too many redirects"))
	}
	return f.check(req.URL, f.trusted[origin(req.URL)] && f.trusted[origin(via[0].URL)])
}

func (f *Fetcher) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: 10 * time.Second}
	_, proxy := f.proxies.Load(address)
	if !proxy && !f.hosts[address] {
		d.Control = onlyPublic
	}
	return d.DialContext(ctx, network, address)
}

// through notes which proxies are used, for the administrator's own proxy may
// stand anywhere. As it will resolve the name by itself, the name is looked at
// here as well.
func (f *Fetcher) through(proxy func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	return func(req *http.Request) (*url.URL, error) {
		if f.trusted[origin(req.URL)] {
			return nil, nil
		}
		u, err := proxy(req)
		if err != nil || u == nil {
			return u, err
		}
		// Where only the proxy knows names there is nothing to look at.
		list, _ := net.DefaultResolver.LookupNetIP(req.Context(), "ip", req.URL.Hostname())
		for _, a := range list {
			if !public(a) {
				return nil, refused(badAddress, fmt.Errorf("%s is not a public address", a))
			}
		}
		f.proxies.Store(hostPort(u), true)
		return u, nil
	}
}

// unreachable sorts a failure of the connection. The address is left out of
// the cause but for its host: what follows may be a key to the photo.
func (f *Fetcher) unreachable(ctx context.Context, u *url.URL, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var t *Trouble
	if errors.As(err, &t) {
		return t
	}
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	return passing(fmt.Errorf("%s: %w", u.Host, err))
}

func origin(u *url.URL) string { return u.Scheme + "://" + hostPort(u) }

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
