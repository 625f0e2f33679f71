package vk_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"otklik/internal/network/pace"
	netvk "otklik/internal/network/vk"
	"otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
)

// answering is a network that gives every call the same answer.
func answering(t *testing.T, handler http.HandlerFunc) *netvk.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return netvk.NewClient(netvk.Config{Kind: netvk.ServiceKey, Token: "secret-key", BaseURL: server.URL, Timeout: 5 * time.Second})
}

func TestBrokenGzipIsAnError(t *testing.T) {
	t.Parallel()
	client := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write([]byte("this is not gzip"))
	})
	if err := client.Call(t.Context(), "users.get", nil, &struct{}{}); err == nil {
		t.Error("an unreadable body was taken for an answer")
	}
}

func TestEndlessAnswerIsBounded(t *testing.T) {
	t.Parallel()
	client := answering(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for r.Context().Err() == nil {
			if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<20)); err != nil {
				return
			}
		}
	})
	err := client.Call(t.Context(), "users.get", nil, &struct{}{})
	if !errors.Is(err, netvk.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}

func TestTheKeyIsMasked(t *testing.T) {
	t.Parallel()
	client := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"error":{"error_code":5,"error_msg":"bad token secret-key"}}`))
	})
	err := client.Call(t.Context(), "users.get", nil, &struct{}{})
	if err == nil || strings.Contains(err.Error(), "secret-key") {
		t.Errorf("got %v", err)
	}
	if p := client.Kind().Explain(err); p.API != 5 || p.Remedy != netvk.Person {
		t.Errorf("a masked error was explained as %+v", p)
	}
}

func TestTooManyIsNotRepeatedAtOnce(t *testing.T) {
	t.Parallel()
	calls := 0
	client := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		calls++
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"error":{"error_code":6,"error_msg":"Too many requests per second"}}`))
	})
	err := client.Call(t.Context(), "users.get", nil, &struct{}{})
	if p := client.Kind().Explain(err); calls != 1 || p.Remedy != netvk.SlowDown || p.RetryAfter == 0 {
		t.Errorf("%d calls, explained as %+v", calls, p)
	}
}

// The network refuses above its limit, so calls that all pass have kept it.
func TestPaceKeepsTheNetworksLimit(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{Limits: true})
	limiter := netvk.NewLimiter(netvk.UserKey)
	for range 2 {
		// Two clients of one key share its limiter.
		client := netvk.NewClient(netvk.Config{Kind: netvk.UserKey, Token: vktest.AdminToken, BaseURL: n.URL, Limiter: limiter})
		for range 3 {
			if err := client.Call(t.Context(), "users.get", nil, new([]struct{})); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// 500 calls for 100 pages by one key, in the worst order of arrival: the
// network's sliding second holds, nobody waits for a page that has more to say,
// and all are out within a fifth more time than the network asks for.
func TestFiveHundredCallsForAHundredPages(t *testing.T) {
	t.Parallel()
	for kind, perSecond := range map[netvk.KeyKind]int{netvk.UserKey: 3, netvk.CommunityKey: 20} {
		synctest.Test(t, func(t *testing.T) {
			gate, start := netvk.NewLimiter(kind), time.Now()
			var mu sync.Mutex
			var all sync.WaitGroup
			var passed []time.Duration
			first := map[int64]time.Duration{}
			for n := range int64(500) {
				all.Go(func() {
					if err := gate.Lane(n / 5).Wait(t.Context()); err != nil {
						t.Error(err)
					}
					mu.Lock()
					defer mu.Unlock()
					passed = append(passed, time.Since(start))
					if _, ok := first[n/5]; !ok {
						first[n/5] = time.Since(start)
					}
				})
				synctest.Wait()
			}
			all.Wait()
			for i := perSecond; i < len(passed); i++ {
				if passed[i]-passed[i-perSecond] <= time.Second {
					t.Fatalf("%s: more than %d within a second", kind, perSecond)
				}
			}
			bound := time.Duration((500+perSecond-1)/perSecond-1) * time.Second
			if last := passed[len(passed)-1]; last < bound || last > bound*6/5 {
				t.Errorf("%s: the last left after %v, the bound is %v", kind, last, bound)
			}
			for page, at := range first {
				if at > bound/4 {
					t.Errorf("%s: page %d had its first call after %v", kind, page, at)
				}
			}
		})
	}
}

// A community with many calls waiting leaves the others their turn.
func TestPagesOfOneKeyTakeTurns(t *testing.T) {
	t.Parallel()
	gate := pace.NewGate(pace.Options{Now: time.Now, Key: []pace.Limit{{Calls: 1, Per: 50 * time.Millisecond}}})
	n := vktest.Start(t, vk.Options{})
	all := netvk.NewClient(netvk.Config{Kind: netvk.UserKey, Token: vktest.AdminToken, BaseURL: n.URL, Limiter: gate})
	var waiting sync.WaitGroup
	for range 20 {
		waiting.Go(func() {
			if err := all.Page(1).Call(t.Context(), "users.get", nil, new([]struct{})); err != nil {
				t.Error(err)
			}
		})
	}
	before := n.Calls("users.get")
	if err := all.Page(2).Call(t.Context(), "users.get", nil, new([]struct{})); err != nil {
		t.Error(err)
	}
	if calls := n.Calls("users.get") - before; calls > 6 {
		t.Errorf("it waited for %d calls of another community", calls)
	}
	waiting.Wait()
	if (*netvk.Client)(nil).Page(1) != nil {
		t.Error("a client for no key")
	}
}

func TestWaitingForATurnHonoursTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiter := pace.NewGate(pace.Options{Now: time.Now, Key: []pace.Limit{{Calls: 1, Per: time.Hour}}})
		if err := limiter.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		client := netvk.NewClient(netvk.Config{Kind: netvk.ServiceKey, Token: "k", BaseURL: "http://127.0.0.1:1", Limiter: limiter})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		start := time.Now()
		err := client.Call(ctx, "users.get", nil, nil)
		if err == nil || time.Since(start) > time.Second {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
	})
}

func TestEveryExplanationIsASentence(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	for _, tc := range []struct {
		kind   netvk.KeyKind
		token  string
		method string
		remedy netvk.Remedy
		part   string
	}{
		{netvk.CommunityKey, "wrong", "groups.getById", netvk.Person, "ключ сообщества"},
		{netvk.ServiceKey, "wrong", "groups.getById", netvk.Person, "сервисный ключ"},
		{netvk.CommunityKey, vktest.CommunityToken, "wall.get", netvk.Person, "сервисный ключ"},
		{netvk.ServiceKey, vktest.ServiceToken, "groups.getLongPollServer", netvk.Person, "ключ сообщества"},
		{netvk.UserKey, vktest.AdminToken, "wall.getById", netvk.Hopeless, "неверным"},
	} {
		client := netvk.NewClient(netvk.Config{Kind: tc.kind, Token: tc.token, BaseURL: n.URL})
		p := tc.kind.Explain(client.Call(t.Context(), tc.method, nil, new([]any)))
		if p.Remedy != tc.remedy || !strings.Contains(p.Message, tc.part) {
			t.Errorf("%s of %s: %+v", tc.method, tc.kind, p)
		}
		checkSentence(t, p.Message)
	}
}
