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

	"otklik/internal/social"
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

// again is the pause before a stream that has ended is opened anew.
const again = 200 * time.Millisecond

// run watches until ctx ends. The program ends a stream now and then, so that
// the session is looked at; like a browser, the watcher then comes again.
func (w *watcher) run(ctx context.Context) error {
	for {
		if err := w.follow(ctx); err != nil || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(again):
		}
	}
}

// follow watches by one stream until it or ctx ends, which is no error.
func (w *watcher) follow(ctx context.Context) error {
	resp, err := w.get(ctx, "/live")
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("demo: the live stream answered %s", resp.Status)
	}
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

// delays returns how long after being said each message stood on the page. One
// that opened a case and was never seen counts with its age at the end: what
// is not shown at all must not look better than what is shown late.
func (w *watcher) delays(said map[string]time.Time, opened []social.Ref, end time.Time) []time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []time.Duration
	for ref, at := range said {
		if seen, ok := w.seen[ref]; ok {
			out = append(out, seen.Sub(at))
		}
	}
	for _, ref := range opened {
		at, ours := said[ref.String()]
		if _, ok := w.seen[ref.String()]; ours && !ok {
			out = append(out, end.Sub(at))
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
