package vk_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"otklik/collectors"
	"otklik/collectors/vk"
	netvk "otklik/internal/network/vk"
	simvk "otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
)

// bundle is a network and the two streams of its community.
type bundle struct {
	*vktest.Network
	live    *vk.Live
	history *vk.History
}

// change adjusts the options of both streams before they are made.
type change func(*vk.LiveOptions, *vk.HistoryOptions)

func setup(t *testing.T, changes ...change) *bundle {
	t.Helper()
	n := vktest.Start(t, simvk.Options{})
	names := vk.NewNames(client(n, netvk.CommunityKey, vktest.CommunityToken), n.Now)
	live := vk.LiveOptions{
		Client: client(n, netvk.CommunityKey, vktest.CommunityToken), GroupID: vktest.GroupID,
		Names: names, Wait: time.Second, Now: n.Now,
	}
	history := vk.HistoryOptions{
		Client: client(n, netvk.ServiceKey, vktest.ServiceToken), GroupID: vktest.GroupID,
		Names: names, Every: time.Minute, Now: n.Now,
	}
	for _, c := range changes {
		c(&live, &history)
	}
	return &bundle{Network: n, live: vk.NewLive(live), history: vk.NewHistory(history)}
}

// client is unpaced: the pace has its own test.
func client(n *vktest.Network, kind netvk.KeyKind, token string) *netvk.Client {
	return netvk.NewClient(netvk.Config{
		Kind: kind, Token: token, BaseURL: n.URL, Limiter: rate.NewLimiter(rate.Inf, 1), Timeout: 2 * time.Second,
		Transport: &http.Transport{DisableKeepAlives: true},
	})
}

// fetch is one step that must succeed.
func fetch(t *testing.T, s collectors.Source, at collectors.Cursor) collectors.Batch {
	t.Helper()
	b, err := s.Fetch(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	if b.Next == "" {
		t.Fatal("the batch has no next cursor")
	}
	return b
}

// connected is the live stream after its first connection.
func (b *bundle) connected(t *testing.T) collectors.Cursor {
	t.Helper()
	return fetch(t, b.live, "").Next
}

// pass runs a whole pass of the history stream and returns all it brought,
// the cursor after it and the last batch.
func (b *bundle) pass(t *testing.T, at collectors.Cursor) ([]collectors.Change, collectors.Batch) {
	t.Helper()
	var all []collectors.Change
	for range 1000 {
		got := fetch(t, b.history, at)
		all = append(all, changesOf(got)...)
		if at = got.Next; got.Pause > 0 {
			return all, got
		}
	}
	t.Fatal("the pass does not end")
	return nil, collectors.Batch{}
}

func changesOf(b collectors.Batch) []collectors.Change {
	var out []collectors.Change
	for _, u := range b.Updates {
		out = append(out, u.Changes...)
	}
	return out
}

// lines shows changes as "created r2 Анна Крылова: текст".
func lines(list []collectors.Change) []string {
	out := []string{}
	for _, c := range list {
		s := fmt.Sprintf("%s %s", c.Op, c.Item.Ref.ID)
		if c.Item.Kind != "" {
			s += fmt.Sprintf(" %s: %s", c.Item.Author.Name, c.Item.Text)
		}
		out = append(out, s)
	}
	return out
}

func wantLines(t *testing.T, got []collectors.Change, want ...string) {
	t.Helper()
	if l := lines(got); !slices.Equal(l, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(l, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// refs are the ids that a list of changes names with an op, sorted.
func refs(list []collectors.Change, op collectors.Op) []string {
	out := []string{}
	for _, c := range list {
		if c.Op == op {
			out = append(out, c.Item.Ref.ID)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func wantTrouble(t *testing.T, err error, kind collectors.TroubleKind, part string) {
	t.Helper()
	var trouble *collectors.Trouble
	if !errors.As(err, &trouble) || trouble.Kind != kind || !strings.Contains(trouble.Message, part) {
		t.Errorf("got %v, want a %s trouble that says %q", err, kind, part)
		return
	}
	if !strings.HasSuffix(trouble.Message, ".") {
		t.Errorf("%q is not a sentence", trouble.Message)
	}
}
