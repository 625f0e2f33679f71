package vkschema

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// FaultHeader is how the simulator marks an answer that a prepared fault gave.
const FaultHeader = "X-Simulator-Fault"

// Checks configure Handler. All fields are required.
type Checks struct {
	Schema *Schema
	// KindOf names the kind of a token: "user", "community" or "service".
	KindOf func(token string) string
	// Report is told of everything that the schema objects to.
	Report func(error)
}

// Handler passes every call on to next and holds it against the schema. What
// the schema objects to in a request must have been refused: a simulator that
// lets it pass hides a mistake that the network would not forgive.
func Handler(next http.Handler, c Checks) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k := &keeper{ResponseWriter: w}
		next.ServeHTTP(k, r)
		fault := k.Header().Get(FaultHeader)
		switch method, isMethod := strings.CutPrefix(r.URL.Path, "/method/"); {
		case k.status >= 300 || fault != "" && fault != "slow" && fault != "drip":
		case isMethod:
			c.call(method, r, k.body.Bytes())
		case strings.HasPrefix(r.URL.Path, "/longpoll/"):
			c.updates(k.body.Bytes())
		}
	})
}

// keeper keeps what it writes.
type keeper struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (k *keeper) WriteHeader(status int) {
	k.status = status
	k.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (k *keeper) Write(b []byte) (int, error) {
	k.body.Write(b)
	return k.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the writer.
func (k *keeper) Unwrap() http.ResponseWriter { return k.ResponseWriter }

func (c Checks) call(method string, r *http.Request, body []byte) {
	params := url.Values{}
	for name, values := range r.Form {
		params[name] = values
	}
	// The simulator takes the token out of the form, but not out of its sources.
	token := cmp.Or(r.PostForm.Get("access_token"), r.URL.Query().Get("access_token"))
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = bearer
	}
	params.Del("access_token")
	if err := c.Schema.CheckResponse(method, params, body); err != nil {
		c.Report(err)
	}
	if ErrorCode(body) != 0 {
		return
	}
	for _, err := range c.Schema.CheckRequest(method, c.KindOf(token), params) {
		c.Report(fmt.Errorf("the simulator answered a call that the schema objects to: %w", err))
	}
}

func (c Checks) updates(body []byte) {
	var answer struct {
		Updates []json.RawMessage `json:"updates"`
	}
	if err := decode(body, &answer); err != nil {
		c.Report(fmt.Errorf("the long poll's answer: %w", err))
		return
	}
	for _, event := range answer.Updates {
		if err := c.Schema.CheckEvent(event); err != nil {
			c.Report(err)
		}
	}
}

func decode(body []byte, to any) error { return json.Unmarshal(body, to) }

// objectOf names the definition of an event's object by the event's type. What
// the schema's callback section leaves to prose is told by the type's name.
func objectOf(kind string) string {
	const callback, wall, messages = "callback/objects.json#/definitions/callback_", "wall/objects.json#/definitions/", "messages/objects.json#/definitions/"
	switch kind {
	case "wall_post_new", "wall_repost":
		return wall + "wall_wallpost_full"
	case "wall_reply_new", "wall_reply_edit", "wall_reply_restore":
		return wall + "wall_wall_comment"
	case "wall_reply_delete":
		return callback + "wall_comment_delete"
	case "message_new":
		return callback + "message_object"
	case "message_reply", "message_edit":
		return messages + "messages_message"
	case "message_allow":
		return callback + "message_allow_object"
	case "message_deny", "poll_vote_new", "group_join", "group_leave":
		return callback + kind
	case "like_add", "like_remove":
		return callback + "like_add_remove"
	}
	return ""
}

// CheckEvent holds one event of the long poll or of the callback API against
// the schema. Types that the schema does not describe pass.
func (s *Schema) CheckEvent(event []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(event))
	if err != nil {
		return fmt.Errorf("an event is not JSON: %w", err)
	}
	o, ok := doc.(map[string]any)
	if !ok {
		return fmt.Errorf("an event is not an object: %.100s", event)
	}
	kind, _ := o["type"].(string)
	if o["event_id"] == nil || o["group_id"] == nil {
		return fmt.Errorf("the event %s lacks its event_id or group_id", kind)
	}
	ref := objectOf(kind)
	if ref == "" {
		return nil
	}
	// A definition is open where others build on it; an event's object is whole.
	if err := s.validate(strings.Replace(ref, "#/definitions/", "#/closed/", 1), o["object"]); err != nil {
		return fmt.Errorf("the event %s: %w", kind, err)
	}
	return nil
}
