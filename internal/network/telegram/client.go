package telegram

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

const (
	// maxHeld is how much of a form is held in memory.
	maxHeld   = 1 << 20
	maxAnswer = 1 << 20
)

// client is the HTTP client given to the SDK. It reads a form before the
// connection is opened, so that no half request can leave; one with files, that
// is longer than what is held, leaves as it is read. It bounds the answer and
// notes for the attempt what left and what came.
type client struct{ http *http.Client }

func newClient(transport http.RoundTripper) *client {
	if transport == nil {
		transport = &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			TLSHandshakeTimeout: 10 * time.Second,
			DisableKeepAlives:   true,
		}
	}
	return &client{&http.Client{
		Transport: transport,
		// A redirected POST would be a second call.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Do sends the request.
func (c *client) Do(req *http.Request) (*http.Response, error) {
	form, err := io.ReadAll(io.LimitReader(req.Body, maxHeld))
	if err != nil {
		return nil, err
	}
	body := &leaving{Reader: bytes.NewReader(form), left: int64(len(form)), rest: req.Body}
	if a, ok := req.Context().Value(attemptKey{}).(*attempt); ok {
		body.whole = &a.whole
	}
	// Without GetBody the transport cannot send the body a second time.
	req.Body, req.GetBody = body, nil
	if req.ContentLength = -1; len(form) < maxHeld {
		req.ContentLength, body.rest = int64(len(form)), nil
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	if a, ok := req.Context().Value(attemptKey{}).(*attempt); ok {
		a.status.Store(int32(resp.StatusCode))
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	return resp, nil
}

// leaving is a form on its way out: what is held, then the rest as it comes.
type leaving struct {
	io.Reader
	left  int64 // of what is held
	rest  io.ReadCloser
	whole *atomic.Bool
}

// Read implements io.Reader.
func (l *leaving) Read(p []byte) (int, error) {
	if l.left > 0 || l.rest == nil {
		n, err := l.Reader.Read(p)
		if l.left -= int64(n); l.left == 0 && l.rest == nil {
			l.done()
		}
		return n, err
	}
	n, err := l.rest.Read(p)
	if errors.Is(err, io.EOF) {
		l.done()
	}
	return n, err
}

func (l *leaving) done() {
	if l.whole != nil {
		l.whole.Store(true)
	}
}

// Close implements io.Closer; it lets go of whoever writes the rest.
func (l *leaving) Close() error {
	if l.rest != nil {
		return l.rest.Close()
	}
	return nil
}
