package vk_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/collectors/vk"
	netvk "otklik/internal/network/vk"
)

// answering is a stream whose long poll always gives the same answer.
func answering(t *testing.T, answer string) *vk.Live {
	t.Helper()
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/method/groups.getLongPollServer":
			_, _ = fmt.Fprintf(w, `{"response":{"server":"%s/lp","key":"k","ts":"5"}}`, server.URL)
		case "/lp":
			_, _ = w.Write([]byte(answer))
		default:
			_, _ = w.Write([]byte(`{"response":{"is_enabled":true,"events":{"wall_reply_new":1}}}`))
		}
	}))
	t.Cleanup(server.Close)
	client := netvk.NewClient(netvk.Config{Kind: netvk.CommunityKey, Token: "t", BaseURL: server.URL})
	live := vk.NewLive(vk.LiveOptions{
		Client: client, GroupID: 101, Names: vk.NewNames(client, time.Now), Wait: time.Second, Now: time.Now,
	})
	t.Cleanup(func() { live.Close(); client.Close() })
	return live
}

// An answer without a place to go on from must never become a cursor.
func TestAnswersWithoutTsAreTrouble(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		`{}`, `{"updates":[]}`, `{"ts":"","updates":[]}`, `{"ts":null,"updates":[]}`, `[]`, `null`, `7`, `{"ts":"6","upd`,
	} {
		_, err := answering(t, answer).Fetch(t.Context(), `{"ts":"5"}`)
		wantTrouble(t, err, collectors.Passing, "повторит")
	}
}

func TestTsMayBeANumber(t *testing.T) {
	t.Parallel()
	got := fetch(t, answering(t, `{"ts":6,"updates":[]}`), `{"ts":"5"}`)
	if again := fetch(t, answering(t, `{"ts":"6","updates":[]}`), got.Next); again.CompleteTo.IsZero() {
		t.Errorf("after a number the stream brought %+v", again)
	}
}

func TestUpdatesThatAreNoListAreKept(t *testing.T) {
	t.Parallel()
	got := fetch(t, answering(t, `{"ts":"6","updates":{"a":1}}`), `{"ts":"5"}`)
	if len(got.Updates) != 1 || got.Updates[0].Broken == "" || string(got.Updates[0].Raw) != `{"a":1}` {
		t.Errorf("the stream brought %+v", got.Updates)
	}
}

func TestFailedOneWithoutTsStartsAnew(t *testing.T) {
	t.Parallel()
	got := fetch(t, answering(t, `{"failed":1}`), `{"ts":"3","polled":1000000}`)
	if len(got.Gaps) != 1 || got.CompleteTo.IsZero() {
		t.Errorf("the stream brought %+v", got)
	}
}
