package hour

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// flushAt is after how many bytes a real server sends what it holds back.
const flushAt = 4 << 10

// wire carries requests to handlers by host name, in memory, so that all
// waiting happens in virtual time. To a client it looks like a connection: the
// answer streams, and a handler that aborts breaks it where it stands.
type wire struct {
	hosts map[string]http.Handler
	// tap sees every answer that arrived whole; it may be nil.
	tap func(path string, body []byte)
	// delay is how long a request is on its way; it may be nil.
	delay func() time.Duration
	open  sync.WaitGroup
}

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	handler := w.hosts[r.URL.Host]
	if handler == nil {
		return nil, errors.New("no such host: " + r.URL.Host)
	}
	served, err := received(r)
	if err != nil {
		return nil, err
	}
	if w.delay != nil {
		time.Sleep(w.delay())
	}
	ctx, hangUp := context.WithCancel(r.Context())
	x := &exchange{header: http.Header{}, begun: make(chan struct{})}
	x.reader, x.writer = io.Pipe()
	w.open.Go(func() { x.serve(handler, served.WithContext(ctx)) })
	select {
	case <-x.begun:
	case <-r.Context().Done():
		hangUp()
		_ = x.reader.Close()
		return nil, r.Context().Err()
	}
	if x.status == 0 {
		hangUp()
		return nil, io.EOF
	}
	body := &body{x: x, hangUp: hangUp, tap: w.tap, path: r.URL.Path}
	body.forget = context.AfterFunc(r.Context(), func() { _ = x.writer.CloseWithError(r.Context().Err()) })
	return &http.Response{
		Status: strconv.Itoa(x.status) + " " + http.StatusText(x.status), StatusCode: x.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: x.sent, Body: body, ContentLength: -1, Request: r,
	}, nil
}

// received is the request as the server sees it.
func received(r *http.Request) (*http.Request, error) {
	var data []byte
	if r.Body != nil {
		var err error
		if data, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		if err := r.Body.Close(); err != nil {
			return nil, err
		}
	}
	out := r.Clone(r.Context())
	out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
	out.RequestURI, out.RemoteAddr, out.Host = r.URL.RequestURI(), "192.0.2.1:1234", r.URL.Host
	return out, nil
}

// exchange is one answer on its way. It implements http.ResponseWriter.
type exchange struct {
	header, sent http.Header
	status       int // zero after begun is closed: the connection broke first
	begun        chan struct{}
	reader       *io.PipeReader
	writer       *io.PipeWriter

	chosen  int // what WriteHeader was called with
	held    bytes.Buffer
	written int
}

func (x *exchange) serve(h http.Handler, r *http.Request) {
	defer func() {
		// http.ErrAbortHandler is how a handler breaks its connection.
		if p := recover(); p != nil {
			if p != http.ErrAbortHandler {
				panic(p)
			}
			x.abort()
		}
	}()
	h.ServeHTTP(x, r)
	x.Flush()
	if n, err := strconv.Atoi(x.sent.Get("Content-Length")); err == nil && x.written < n {
		_ = x.writer.CloseWithError(io.ErrUnexpectedEOF)
		return
	}
	_ = x.writer.Close()
}

func (x *exchange) abort() {
	_ = x.writer.CloseWithError(io.ErrUnexpectedEOF)
	if x.sent == nil {
		x.sent = http.Header{}
		close(x.begun)
	}
}

// Header implements http.ResponseWriter.
func (x *exchange) Header() http.Header { return x.header }

// WriteHeader implements http.ResponseWriter.
func (x *exchange) WriteHeader(status int) {
	if x.chosen == 0 {
		x.chosen = status
	}
}

// Write implements http.ResponseWriter.
func (x *exchange) Write(p []byte) (int, error) {
	x.WriteHeader(http.StatusOK)
	x.written += len(p)
	x.held.Write(p)
	if x.held.Len() < flushAt {
		return len(p), nil
	}
	return len(p), x.FlushError()
}

// Flush implements http.Flusher.
func (x *exchange) Flush() { _ = x.FlushError() }

// FlushError implements what http.ResponseController looks for.
func (x *exchange) FlushError() error {
	x.WriteHeader(http.StatusOK)
	if x.sent == nil {
		x.sent, x.status = x.header.Clone(), x.chosen
		close(x.begun)
	}
	if x.held.Len() == 0 {
		return nil
	}
	_, err := x.writer.Write(x.held.Bytes())
	x.held.Reset()
	return err
}

// body is the client's end of an answer.
type body struct {
	x      *exchange
	hangUp context.CancelFunc
	forget func() bool
	tap    func(path string, body []byte)
	path   string
	read   []byte
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.x.reader.Read(p)
	if b.tap == nil {
		return n, err
	}
	if b.read = append(b.read, p[:n]...); err == io.EOF {
		b.tap(b.path, b.read)
		b.tap = nil
	}
	return n, err
}

// Close implements io.Closer; the server sees that the client is gone.
func (b *body) Close() error {
	b.forget()
	b.hangUp()
	return b.x.reader.Close()
}
