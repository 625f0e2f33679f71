package tgschema

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"otklik/internal/sim/telegram"
)

// Checker is a handler that checks what passes through it.
type Checker struct {
	t      testing.TB
	schema *Schema
	next   http.Handler
	o      Options
}

// Options say what else is wanted or allowed.
type Options struct {
	// Strict wants every request to be right, not only those that are answered
	// with ok: for the tests of a client, which has no business being wrong.
	Strict bool
	// AnyUpdates lets pass updates that a test made up to be wrong.
	AnyUpdates bool
}

// Check wraps the API's handler; without the schemas it says so and returns the
// handler as it is.
func Check(t testing.TB, next http.Handler, o Options) http.Handler {
	t.Helper()
	s, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if s == nil {
		t.Log("Schema tests skipped: there is no folder of reference schemas above this one and OTKLIK_SPECS is not set.")
		return next
	}
	return &Checker{t: t, schema: s, next: next, o: o}
}

// ServeHTTP passes the call on and reports what does not fit the schema.
func (c *Checker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.Path, "/bot")
	_, method, named := strings.Cut(rest, "/")
	if !ok || !named {
		c.next.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		c.next.ServeHTTP(w, r)
		return
	}
	params := parameters(r, body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	// A recorder would hide a connection that breaks, so the answer is copied
	// while it passes.
	tee := &copying{ResponseWriter: w}
	c.next.ServeHTTP(tee, r)
	c.judge(method, params, tee)
}

func (c *Checker) judge(method string, params map[string]any, answer *copying) {
	var e struct {
		OK     *bool           `json:"ok"`
		Result any             `json:"result"`
		Code   int             `json:"error_code"`
		Text   string          `json:"description"`
		Extra  json.RawMessage `json:"parameters"`
	}
	if json.Unmarshal(answer.body.Bytes(), &e) != nil || e.OK == nil {
		return // a fault that was asked for
	}
	var bad []string
	if *e.OK && !(c.o.AnyUpdates && strings.EqualFold(method, "getUpdates")) {
		bad = c.schema.Result(method, e.Result)
	} else if !*e.OK {
		if e.Code == 0 || e.Text == "" || e.Code != answer.status {
			bad = append(bad, method+": a refusal without code or description")
		}
		if e.Extra != nil {
			var extra any
			_ = json.Unmarshal(e.Extra, &extra)
			bad = append(bad, c.schema.Object("ResponseParameters", extra)...)
		}
	}
	if *e.OK || c.o.Strict {
		bad = append(bad, c.schema.Request(method, params)...)
	}
	for _, text := range bad {
		c.t.Errorf("schema: %s", text)
	}
}

// Update checks one update as a webhook gets it.
func Update(t testing.TB, raw []byte) {
	t.Helper()
	s, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if s == nil {
		return // Check has said so
	}
	var u any
	if err := json.Unmarshal(raw, &u); err != nil {
		t.Errorf("an update is no JSON: %v", err)
		return
	}
	for _, text := range s.Object("Update", u) {
		t.Errorf("schema: %s", text)
	}
}

// parameters reads the query and the body in any of their forms.
func parameters(r *http.Request, body []byte) map[string]any {
	out := map[string]any{}
	for k, v := range r.URL.Query() {
		out[k] = v[0]
	}
	kind, attributes, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/json":
		// A body that is no JSON is the simulator's to refuse.
		_ = json.Unmarshal(body, &out)
	case "application/x-www-form-urlencoded":
		again := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		again.Header = r.Header
		if again.ParseForm() == nil {
			for k, v := range again.PostForm {
				out[k] = v[0]
			}
		}
	case "multipart/form-data":
		form := multipart.NewReader(bytes.NewReader(body), attributes["boundary"])
		for {
			part, err := form.NextPart()
			if err != nil {
				return out // the simulator refuses what is broken
			}
			raw, _ := io.ReadAll(part)
			if name, file := telegram.FormPart(part.Header.Get("Content-Disposition")); file != "" {
				out[name] = File{}
			} else {
				out[name] = string(raw)
			}
		}
	}
	return out
}

// copying keeps what passes through a ResponseWriter.
type copying struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (c *copying) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

func (c *copying) Write(p []byte) (int, error) {
	c.body.Write(p)
	return c.ResponseWriter.Write(p)
}

// Unwrap lets the writer below be flushed.
func (c *copying) Unwrap() http.ResponseWriter { return c.ResponseWriter }
