package app

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"otklik/internal/alarm"
	"otklik/internal/sim/vk/vktest"
)

// TestARevokedKeyIsAnAlarm revokes a key while the program reads: what the base
// says then is an alarm, and the auditor has begun to look by itself.
func TestARevokedKeyIsAnAlarm(t *testing.T) {
	t.Parallel()
	n := newTown(t)
	cfg := n.config("")
	cfg.MetricsToken = NewSecret("planted-metrics-token")
	a := n.start(cfg)
	n.connect(a, "planted-first-key")
	found := func(kind alarm.Kind) bool {
		f, err := a.store.Facts(t.Context(), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range alarm.Judge(f, nil, time.Now()).Raise {
			if x.Kind == kind {
				return true
			}
		}
		return false
	}
	n.until("the first audit and the machine's room", func() (bool, string) {
		p, err := a.store.AlarmPage(t.Context(), alarm.Filter{})
		f, ferr := a.store.Facts(t.Context(), time.Now())
		return err == nil && ferr == nil && !p.AuditedAt.IsZero() && len(f.Nodes) == 1 && f.Nodes[0].DiskTotal > 0, "not yet"
	})
	n.until("reading", func() (bool, string) {
		list, err := a.store.Sources(t.Context(), time.Now())
		return err == nil && len(list) == 1 && !list[0].CompleteTo.IsZero(), "not yet"
	})
	if found(alarm.KeyRefused) {
		t.Fatal("a good key is an alarm")
	}
	n.RevokeToken("planted-first-key")
	n.ExpireKeys(vktest.GroupID)
	n.comment("И на Полевой тоже")
	n.until("the alarm", func() (bool, string) { return found(alarm.KeyRefused), "no alarm" })
	n.metrics(a)
}

// metrics asks for the metrics with the token, with another one and with none.
func (n *town) metrics(a *App) {
	n.t.Helper()
	for token, want := range map[string]int{"": http.StatusUnauthorized, "other": http.StatusUnauthorized, "planted-metrics-token": http.StatusOK} {
		r, err := http.NewRequestWithContext(n.t.Context(), http.MethodGet, a.URL()+"/metrics", nil)
		n.Must(err)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := http.DefaultClient.Do(r)
		n.Must(err)
		body, err := io.ReadAll(resp.Body)
		n.Must(err)
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			n.t.Errorf("with the token %q: status %d", token, resp.StatusCode)
		}
		shown := strings.Contains(string(body), `otklik_oldest_waiting_seconds{work="detection"}`) && strings.Contains(string(body), "otklik_source_lag_seconds{")
		if shown != (want == http.StatusOK) {
			n.t.Errorf("with the token %q: %.300s", token, body)
		}
	}
}

func TestNoMetricsWithoutAToken(t *testing.T) {
	t.Parallel()
	n := newTown(t)
	a := n.start(n.config(""))
	resp, err := http.Get(a.URL() + "/metrics")
	n.Must(err)
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("status %d", resp.StatusCode)
	}
}
