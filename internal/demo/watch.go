package demo

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"sort"
	"strings"
	"sync"
	"time"
)

// watcher is a moderator who has the queue open: it signs in like a person,
// listens to the live stream, asks for the queue anew when it is stale, and
// notes when each message was first there to be read.
type watcher struct {
	base   string
	client *http.Client

	mu   sync.Mutex
	seen map[string]time.Time
}

var rowRef = regexp.MustCompile(`data-ref="([^"]+)"`)

func newWatcher(ctx context.Context, base string) (*watcher, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	w := &watcher{base: base, client: &http.Client{Jar: jar}, seen: map[string]time.Time{}}
	form := url.Values{"email": {employees()[0].email}, "password": {password}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/signin", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", base)
	resp, err := w.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("demo: sign-in answered %s", resp.Status)
	}
	return w, nil
}

// run watches until ctx ends.
func (w *watcher) run(ctx context.Context) error {
	resp, err := w.get(ctx, "/live")
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	stale := make(chan struct{}, 1)
	stale <- struct{}{}
	go func() {
		defer close(stale)
		lines := bufio.NewScanner(resp.Body)
		for lines.Scan() {
			if strings.TrimSpace(lines.Text()) == "data: cases" {
				select {
				case stale <- struct{}{}:
				default:
				}
			}
		}
	}()
	for range stale {
		if err := w.look(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

func (w *watcher) get(ctx context.Context, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.base+path, nil)
	if err != nil {
		return nil, err
	}
	return w.client.Do(req)
}

// look reads the newest part of the queue as its page shows it.
func (w *watcher) look(ctx context.Context) error {
	resp, err := w.get(ctx, "/inbox/rows?sort=new")
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	const most = 8 << 20
	body, err := io.ReadAll(io.LimitReader(resp.Body, most))
	if err != nil {
		return err
	}
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range rowRef.FindAllSubmatch(body, -1) {
		if _, ok := w.seen[string(m[1])]; !ok {
			w.seen[string(m[1])] = now
		}
	}
	return nil
}

// delays returns how long after being said each seen message stood on the page.
func (w *watcher) delays(said map[string]time.Time) []time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []time.Duration
	for ref, at := range said {
		if seen, ok := w.seen[ref]; ok {
			out = append(out, seen.Sub(at))
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}

// quantile of sorted durations, in seconds; 0 when there are none.
func quantile(sorted []time.Duration, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	i := int(q * float64(len(sorted)))
	return sorted[min(i, len(sorted)-1)].Seconds()
}
