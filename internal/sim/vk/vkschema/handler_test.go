package vkschema_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"otklik/internal/sim/vk/vkschema"
)

// TestHandlerReports lets a network answer wrongly on purpose.
func TestHandlerReports(t *testing.T) {
	t.Parallel()
	schema := load(t)
	for _, tc := range []struct {
		name, path, header, body string
		status                   int
		objection                string
	}{
		{"right", "/method/wall.get?owner_id=-1&access_token=s", "", `{"response":{"count":0,"items":[]}}`, 200, ""},
		{"a wrong answer", "/method/wall.get?owner_id=-1&access_token=s", "", `{"response":[]}`, 200, "not a response"},
		{"a wrong request let through", "/method/wall.get?owner=1&access_token=s", "", `{"response":{"count":0,"items":[]}}`, 200, "no parameter owner"},
		{"a wrong request refused", "/method/wall.get?owner=1&access_token=s", "", `{"error":{"error_code":100}}`, 200, ""},
		{"a wrong token let through", "/method/wall.get?owner_id=-1&access_token=c", "", `{"response":{"count":0,"items":[]}}`, 200, "kind community"},
		{"a prepared fault", "/method/wall.get?access_token=s", "html", `<html>`, 200, ""},
		{"a fault that changes nothing", "/method/wall.get?access_token=s", "slow", `<html>`, 200, "not JSON"},
		{"a proxy's refusal", "/method/wall.get?access_token=s", "", `busy`, 503, ""},
		{"a wrong event", "/longpoll/1", "", `{"ts":"1","updates":[{"type":"message_deny","event_id":"1","group_id":1,"object":{}}]}`, 200, "message_deny"},
		{"another page", "/vk/", "", `<html>`, 200, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm()
				if tc.header != "" {
					w.Header().Set(vkschema.FaultHeader, tc.header)
				}
				w.WriteHeader(tc.status)
				_, _ = w.Write([]byte(tc.body))
			})
			kinds := map[string]string{"s": "service", "c": "community"}
			h := vkschema.Handler(next, vkschema.Checks{
				Schema: schema, KindOf: func(token string) string { return kinds[token] },
				Report: func(err error) { got = append(got, err.Error()) },
			})
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, tc.path, nil))
			text := strings.Join(got, "; ")
			if tc.objection == "" && text != "" || !strings.Contains(text, tc.objection) {
				t.Errorf("got %q, want %q", text, tc.objection)
			}
		})
	}
}
