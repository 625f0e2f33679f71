package hour

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The wire must be as unkind as a real connection, or the hour proves nothing.
func TestTheWireBreaksLikeAConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mux := http.NewServeMux()
		mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
		mux.HandleFunc("/reset", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		mux.HandleFunc("/cut", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat("x", flushAt))
			panic(http.ErrAbortHandler)
		})
		mux.HandleFunc("/short", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "short")
		})
		mux.HandleFunc("/hang", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		mux.HandleFunc("/drip", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, "x")
				w.(http.Flusher).Flush()
				time.Sleep(900 * time.Millisecond) // never at the very moment of the time-out
			}
		})
		x := &wire{hosts: map[string]http.Handler{"sim": mux}}
		client := &http.Client{Transport: x, Timeout: 15 * time.Second}
		defer x.open.Wait()
		for path, want := range map[string]struct {
			err  error
			read int
			took time.Duration
		}{
			"echo":  {read: 5},
			"reset": {err: io.EOF},
			"cut":   {err: io.ErrUnexpectedEOF, read: flushAt},
			"short": {err: io.ErrUnexpectedEOF, read: 5},
			"hang":  {err: context.DeadlineExceeded, took: 15 * time.Second},
			"drip":  {err: context.DeadlineExceeded, read: 17, took: 15 * time.Second},
		} {
			begun := time.Now()
			n, err := exchangeOnce(client, "http://sim/"+path)
			if !errors.Is(err, want.err) || n != want.read || time.Since(begun) != want.took {
				t.Errorf("%s: %d bytes, %v after %v", path, n, err, time.Since(begun))
			}
		}
	})
}

func exchangeOnce(c *http.Client, address string) (int, error) {
	resp, err := c.Post(address, "text/plain", strings.NewReader("hello"))
	if err != nil {
		return 0, err
	}
	data, err := io.ReadAll(resp.Body)
	return len(data), errors.Join(err, resp.Body.Close())
}
