package vk_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	neturl "net/url"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/collectors/vk"
	netvk "otklik/internal/network/vk"
	simvk "otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
)

// crowd writes posts a minute apart, the oldest first, which are all stored.
func crowd(b *bundle, m *memory, n int) []int {
	out := []int{}
	for i := range n {
		b.Advance(time.Minute)
		id := b.MustPost(simvk.NewPost{Text: fmt.Sprint("Запись ", i)})
		out = append(out, id)
		m.posts = append(m.posts, vk.Standing{Ref: netvk.PostRef(vktest.OwnerID, id), PublishedAt: b.Now().Truncate(time.Second)})
	}
	b.Advance(time.Hour)
	return out
}

func numbers(list ...int) []string {
	out := []string{}
	for _, id := range list {
		out = append(out, fmt.Sprint(id))
	}
	slices.Sort(out)
	return out
}

// TestPostsVanishFromAllPages deletes what stood far below the first hundred.
func TestPostsVanishFromAllPages(t *testing.T) {
	t.Parallel()
	m := &memory{}
	b := setup(t, withMemory(m))
	list := crowd(b, m, 350)
	lost := []int{list[0], list[60], list[61], list[200], list[251], list[349]}
	for _, id := range lost {
		b.Must(b.DeletePost(vktest.OwnerID, id))
	}
	all, end := b.pass(t, "")
	if got := refs(all, collectors.Deleted); !slices.Equal(got, numbers(lost...)) {
		t.Errorf("deleted are %q, want %q", got, numbers(lost...))
	}
	if len(end.Filled) != 1 {
		t.Errorf("the pass claims %v", end.Filled)
	}
}

// TestNothingVanishesThroughATornListing deletes so much between two pages that
// they do not fit, so that posts slip through which are still there.
func TestNothingVanishesThroughATornListing(t *testing.T) {
	t.Parallel()
	m := &memory{}
	b := setup(t, withMemory(m))
	list := crowd(b, m, 350)
	first := fetch(t, b.history, "")
	truly := list[300:340]
	for _, id := range truly {
		b.Must(b.DeletePost(vktest.OwnerID, id))
	}
	rest, end := b.pass(t, first.Next)
	if got := refs(rest, collectors.Deleted); len(got) != 0 || len(end.Filled) != 0 {
		t.Errorf("a torn listing was believed: %q, %v", got, end.Filled)
	}
	b.Advance(time.Minute)
	all, _ := b.pass(t, end.Next)
	if got := refs(all, collectors.Deleted); !slices.Equal(got, numbers(truly...)) {
		t.Errorf("the pass after it found %q deleted", got)
	}
}

// hollow answers wall.get some times as if nothing stood on the wall.
func hollow(t *testing.T, api string, times int64, count int) (url string) {
	t.Helper()
	to, err := neturl.Parse(api)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	var left atomic.Int64
	left.Store(times)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if left.Add(-1) >= 0 {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			_ = json.NewEncoder(w).Encode(map[string]any{"response": map[string]any{"count": count, "items": []int{}}})
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// TestAnEmptyWallIsAskedForTwice before all that stood on it is believed gone.
func TestAnEmptyWallIsAskedForTwice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		times         int64
		count, listed int
		gone          bool
	}{{times: 1, listed: 5}, {times: 2, gone: true}, {times: 2, count: 7}} {
		m := &memory{}
		b := setup(t, withMemory(m))
		list := crowd(b, m, 4)
		h := vk.NewHistory(vk.HistoryOptions{
			Client: netvk.NewClient(netvk.Config{
				Kind: netvk.ServiceKey, Token: vktest.ServiceToken, BaseURL: hollow(t, b.URL, c.times, c.count), Timeout: 2 * time.Second,
			}),
			GroupID: vktest.GroupID, Names: vk.NewNames(client(b.Network, netvk.ServiceKey, vktest.ServiceToken), b.Now), Memory: m, Now: b.Now,
		})
		b.history = h
		first := fetch(t, h, "")
		if len(first.Updates) != 0 || first.Pause == 0 || len(first.Filled) != 0 {
			t.Errorf("%+v: the first look said %+v", c, first)
		}
		all, end := b.pass(t, first.Next)
		want := []string{}
		if c.gone {
			want = numbers(list...)
		}
		if got := refs(all, collectors.Deleted); !slices.Equal(got, want) {
			t.Errorf("%+v: deleted are %q", c, got)
		}
		if got := refs(all, collectors.Listed); len(got) != c.listed || len(end.Filled) != 1 {
			t.Errorf("%+v: listed are %q, complete is %v", c, got, end.Filled)
		}
	}
}
