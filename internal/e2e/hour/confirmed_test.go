package hour

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
)

// confirmed notes what the networks told to a reader that may die at any
// moment: only what the reader says it has taken, by asking for what follows.
// A network that is not told so tells it again.
type confirmed struct {
	next http.Handler
	told *told

	mu   sync.Mutex
	vk   []byte // the newest answer of VK
	vkTs string // and the place it leads to
	tg   []byte
}

// ServeHTTP implements http.Handler.
func (c *confirmed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	vk, tg := strings.HasPrefix(r.URL.Path, "/longpoll/"), strings.HasSuffix(r.URL.Path, "/getUpdates")
	if !vk && !tg {
		c.next.ServeHTTP(w, r)
		return
	}
	if vk {
		c.askedVK(r.URL.Query().Get("ts"))
	} else {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		c.askedTelegram(body)
	}
	copied := &copying{ResponseWriter: w}
	c.next.ServeHTTP(copied, r)
	if r.Context().Err() != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if tg {
		c.tg = copied.body.Bytes()
		return
	}
	var place struct {
		Ts string `json:"ts"`
	}
	if json.Unmarshal(copied.body.Bytes(), &place) == nil {
		c.vk, c.vkTs = copied.body.Bytes(), place.Ts
	}
}

func (c *confirmed) askedVK(ts string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.vk != nil && ts == c.vkTs {
		c.told.takeVK(c.vk)
		c.vk = nil
	}
}

func (c *confirmed) askedTelegram(body []byte) {
	var a struct {
		Offset int64 `json:"offset"`
	}
	if json.Unmarshal(body, &a) != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tg != nil {
		c.told.takeTelegram(c.tg, a.Offset)
		c.tg = nil
	}
}

// copying keeps what is answered.
type copying struct {
	http.ResponseWriter
	body bytes.Buffer
}

// Write implements http.ResponseWriter.
func (c *copying) Write(p []byte) (int, error) {
	c.body.Write(p)
	return c.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController find what the writer underneath can do.
func (c *copying) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// Flush implements http.Flusher.
func (c *copying) Flush() {
	if f, ok := c.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}
