package vk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"otklik/internal/sim/record"
)

const (
	maxRequest = 1 << 20
	// maxKeptAnswer bounds what the record keeps of one answer.
	maxKeptAnswer = 8 << 10
	// faultHeader tells people and tests that a prepared fault made the answer.
	faultHeader = "X-Simulator-Fault"
)

// call is one request to a method, under the server's lock.
type call struct {
	params url.Values
	token  *token
}

func (c *call) int(name string) int {
	n, err := strconv.Atoi(c.params.Get(name))
	if err != nil {
		return 0
	}
	return n
}

func (c *call) bool(name string) bool {
	v := c.params.Get(name)
	return v == "1" || v == "true"
}

func (c *call) list(name string) []string {
	if c.params.Get(name) == "" {
		return nil
	}
	return strings.Split(c.params.Get(name), ",")
}

func (c *call) set(name string) map[string]bool {
	out := map[string]bool{}
	for _, v := range c.list(name) {
		out[strings.TrimSpace(v)] = true
	}
	return out
}

// viewer is the user who asks, zero if none does.
func (c *call) viewer() int {
	if c.token.Kind == UserToken {
		return c.token.UserID
	}
	return 0
}

// apiError is an error of the network.
type apiError struct {
	code    int
	message string
}

func badParam(what string) *apiError {
	return &apiError{100, "One of the parameters specified was missing or invalid: " + what}
}

func denied(why string) *apiError { return &apiError{15, "Access denied: " + why} }

// serveMethod answers one call of the API.
func (s *Server) serveMethod(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("method")
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	if err := r.ParseMultipartForm(maxRequest); err != nil && err != http.ErrNotMultipart {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	params := r.Form
	value, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		value = params.Get("access_token")
	}
	delete(params, "access_token")
	if s.faultOn(name, record.FaultRevoke) {
		s.RevokeToken(value)
	}
	rec := record.Call{Network: "vk", Method: name, Token: s.TokenKind(value), Params: params}
	s.serve(w, r, &rec, func(fault record.Fault) any {
		if fault.Kind == record.FaultError {
			return s.envelope(nil, &apiError{fault.Code, faultMessage(fault.Code)}, params)
		}
		answer, failure := s.invoke(name, value, params)
		return s.envelope(answer, failure, params)
	})
}

// TokenKind is the kind of a valid token, "unknown" for any other string.
func (s *Server) TokenKind(value string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.tokens[value]; t != nil {
		return string(t.Kind)
	}
	return "unknown"
}

// invoke checks the token and runs the method.
func (s *Server) invoke(name, value string, params url.Values) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.methods[name]
	if !ok {
		return nil, &apiError{3, "Unknown method passed."}
	}
	t := s.tokens[value]
	if t == nil {
		return nil, &apiError{5, "User authorization failed: invalid access_token (4)."}
	}
	if params.Get("v") == "" {
		return nil, &apiError{8, "Invalid request: v (version) is required"}
	}
	if s.opt.Limits && t.tooMany(s.opt.Now(), s.perSecond(t.Kind)) {
		return nil, &apiError{6, "Too many requests per second"}
	}
	if failure := s.admit(name, m.kinds, t); failure != nil {
		return nil, failure
	}
	if s.opt.Limits && t.usedUp(name, s.opt.Now()) {
		return nil, &apiError{29, "Rate limit reached"}
	}
	s.tick()
	return m.run(s, &call{params: params, token: t})
}

// admit says whether a kind of token may call a method.
func (s *Server) admit(name string, kinds []TokenKind, t *token) *apiError {
	posting := name == "wall.post"
	if posting && t.VKID {
		return &apiError{1051, "Method is unavailable for this type of token."}
	}
	kind := t.Kind
	barred := posting && kind == CommunityToken && s.switches.CommunityCannotPost
	if slices.Contains(kinds, kind) && !barred {
		return nil
	}
	switch kind {
	case CommunityToken:
		return &apiError{27, "Group authorization failed: method is unavailable with group auth."}
	case ServiceToken:
		return &apiError{28, "Application authorization failed: method is unavailable with service token."}
	}
	return denied("method is unavailable with user auth.")
}

func (s *Server) envelope(answer any, failure *apiError, params url.Values) any {
	if failure == nil {
		return object{"response": answer}
	}
	asked := []object{}
	for key := range params {
		asked = append(asked, object{"key": key, "value": params.Get(key)})
	}
	e := object{"error_code": failure.code, "error_msg": failure.message, "request_params": asked}
	if failure.code == 14 {
		s.addCaptcha(e)
	}
	return object{"error": e}
}

// addCaptcha gives error 14 what it carries: a page to be opened by a person,
// or, as it was before 2025-07, an image with letters.
func (s *Server) addCaptcha(e object) {
	const sid = "239633676097"
	e["captcha_sid"], e["captcha_img"] = sid, "https://api.vk.com/captcha.php?sid="+sid
	if !s.Switches().ImageCaptcha {
		e["redirect_uri"] = "https://id.vk.com/not_robot_captcha?domain=vk.com&session_token=simulated"
	}
}
