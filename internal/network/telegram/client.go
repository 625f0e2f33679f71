package telegram

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"
)

const (
	// maxRequest bounds the form of one message.
	maxRequest = 1 << 20
	maxAnswer  = 1 << 20
)

// client is the HTTP client given to the SDK. It reads the form before the
// connection is opened, so that no half request can leave, bounds the answer
// and notes its status for the attempt.
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
	form, err := io.ReadAll(io.LimitReader(req.Body, maxRequest+1))
	if err != nil {
		return nil, err
	}
	if len(form) > maxRequest {
		return nil, errors.New("the form is longer than 1 MiB")
	}
	// Without GetBody the transport cannot send the body a second time.
	req.Body, req.ContentLength, req.GetBody = io.NopCloser(bytes.NewReader(form)), int64(len(form)), nil
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
