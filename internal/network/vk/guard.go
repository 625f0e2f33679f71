package vk

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxAnswer bounds the body of one answer. A full page of comments with their
// threads is about 2 MB.
const maxAnswer = 16 << 20

// ErrTooLarge is the cause when an answer exceeds the bound.
var ErrTooLarge = errors.New("the answer is larger than any that the network gives")

// StatusError is an answer that did not come from the API: a proxy, a balancer
// or a server in trouble.
type StatusError struct {
	Status     int
	RetryAfter time.Duration
}

func (e *StatusError) Error() string { return fmt.Sprintf("HTTP status %d", e.Status) }

// guard is the transport under the SDK, which trusts what it gets: it ignores
// the HTTP status, reads bodies without a bound and panics on a broken gzip
// header. The guard reads the whole answer, within a bound, and passes on only
// what the API itself can have said.
type guard struct{ next http.RoundTripper }

func newGuard(next http.RoundTripper) *guard {
	if next == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxIdleConnsPerHost = 4
		next = t
	}
	return &guard{next: next}
}

// RoundTrip implements http.RoundTripper.
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	// Without this header the transport asks for gzip itself and unpacks it safely.
	r.Header.Del("Accept-Encoding")
	resp, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := readAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 300 {
		return nil, &StatusError{Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header)}
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}

// CloseIdleConnections lets http.Client close the connections underneath.
func (g *guard) CloseIdleConnections() {
	if c, ok := g.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// readAll reads a body of at most maxAnswer bytes.
func readAll(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxAnswer+1))
	if err != nil {
		return nil, &answerError{cause: err}
	}
	if len(body) > maxAnswer {
		return nil, &answerError{cause: ErrTooLarge}
	}
	return body, nil
}

// answerError says that the connection broke while the answer was read.
type answerError struct{ cause error }

func (e *answerError) Error() string { return "reading the answer: " + e.cause.Error() }
func (e *answerError) Unwrap() error { return e.cause }

func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, time.Hour)
}
