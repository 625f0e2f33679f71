package vkschema_test

import (
	"net/url"
	"strings"
	"testing"

	"otklik/internal/sim/vk/vkschema"
)

func load(t *testing.T) *vkschema.Schema {
	t.Helper()
	dir, err := vkschema.Find()
	if err != nil {
		t.Skip("Schema tests skipped: " + err.Error())
	}
	s, err := vkschema.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEveryResponseSchemaCompiles(t *testing.T) {
	t.Parallel()
	if err := load(t).CompileAll(); err != nil {
		t.Error(err)
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	s := load(t)
	for _, tc := range []struct {
		method, kind, query, objection string
	}{
		{"wall.get", "service", "owner_id=-1&count=100&extended=1&fields=screen_name,photo_50&v=5.131", ""},
		{"wall.get", "community", "owner_id=-1", "not for a token of the kind community"},
		{"wall.get", "service", "owner=-1", "no parameter owner"},
		{"wall.get", "service", "owner_id=wall", "invalid syntax"},
		{"wall.get", "service", "owner_id=-1&count=101", "101 is more than 100"},
		{"wall.get", "service", "owner_id=-1&count=-1", "-1 is less than 0"},
		{"wall.get", "service", "owner_id=-1&extended=true", "is not 0 or 1"},
		{"wall.get", "service", "owner_id=-1&filter=mine", "is none of"},
		{"wall.get", "service", "owner_id=-1&fields=shoe_size", "is none of"},
		{"wall.getComments", "user", "owner_id=-1&thread_items_count=11", "11 is more than 10"},
		{"wall.post", "user", "owner_id=-1", "needs message or attachments"},
		{"wall.post", "user", "owner_id=-1&attachments=photo1_2", ""},
		{"users.get", "service", "user_ids=1,durov", ""},
		{"polls.getById", "user", "owner_id=1", "lacks the parameter poll_id"},
		{"wall.fly", "user", "", "no method wall.fly"},
	} {
		q, err := url.ParseQuery(tc.query)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range s.CheckRequest(tc.method, tc.kind, q) {
			got = append(got, e.Error())
		}
		text := strings.Join(got, "; ")
		if tc.objection == "" && text != "" || !strings.Contains(text, tc.objection) {
			t.Errorf("%s?%s by %s: got %q, want %q", tc.method, tc.query, tc.kind, text, tc.objection)
		}
	}
}

func TestResponses(t *testing.T) {
	t.Parallel()
	s := load(t)
	for _, tc := range []struct {
		method, query, body, objection string
	}{
		{"wall.get", "", `{"response":{"count":0,"items":[]}}`, ""},
		{"wall.get", "", `{"response":{"count":"0","items":[]}}`, "want integer"},
		{"wall.get", "", `{"response":{"count":0}}`, "items"},
		{"wall.get", "", `{"response":{"count":0,"items":[],"more":1}}`, "more"},
		{"wall.get", "", `{"response":{"count":1,"items":[{"id":1,"txt":""}]}}`, "txt"},
		{"wall.get", "extended=1", `{"response":{"count":0,"items":[]}}`, "profiles"},
		{"wall.get", "", `{"error":{"error_code":19,"error_msg":"","request_params":[]}}`, ""},
		{"wall.get", "", `{"error":{"error_code":901,"error_msg":"","request_params":[]}}`, "does not give the error 901"},
		{"wall.get", "", `{"error":{"error_code":15,"reason":""}}`, "reason"},
		{"wall.get", "", `<html>`, "not JSON"},
	} {
		q, err := url.ParseQuery(tc.query)
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		if err := s.CheckResponse(tc.method, q, []byte(tc.body)); err != nil {
			text = err.Error()
		}
		if tc.objection == "" && text != "" || !strings.Contains(text, tc.objection) {
			t.Errorf("%s: %s: got %q, want %q", tc.method, tc.body, text, tc.objection)
		}
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	s := load(t)
	for event, objection := range map[string]string{
		`{"type":"message_deny","event_id":"1","group_id":1,"object":{"user_id":7}}`:   "",
		`{"type":"message_deny","event_id":"1","group_id":1,"object":{"user_id":"7"}}`: "want integer",
		`{"type":"message_deny","event_id":"1","group_id":1,"object":{"who":7}}`:       "who",
		`{"type":"message_deny","object":{"user_id":7}}`:                               "lacks its event_id",
		`{"type":"audio_new","event_id":"1","group_id":1,"object":{"any":7}}`:          "",
	} {
		text := ""
		if err := s.CheckEvent([]byte(event)); err != nil {
			text = err.Error()
		}
		if objection == "" && text != "" || !strings.Contains(text, objection) {
			t.Errorf("%s: got %q, want %q", event, text, objection)
		}
	}
}
