package vk

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

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

// apiError is an error of the network.
type apiError struct {
	code    int
	message string
}

func badParam(what string) *apiError {
	return &apiError{100, "One of the parameters specified was missing or invalid: " + what}
}

func denied(why string) *apiError { return &apiError{15, "Access denied: " + why} }

// method is one API method and the kinds of tokens that may call it.
type method struct {
	kinds []TokenKind
	run   func(*Server, *call) (any, *apiError)
}

// methods is the table of what the simulator knows. Who may call what is the
// schema's access_token_type, except wall.post, which live reports show to
// work with a community token.
func methods() map[string]method {
	everyone := []TokenKind{UserToken, CommunityToken, ServiceToken}
	readers := []TokenKind{UserToken, ServiceToken}
	actors := []TokenKind{UserToken, CommunityToken}
	people := []TokenKind{UserToken}
	return map[string]method{
		"groups.getById":             {everyone, (*Server).groupsGetByID},
		"groups.getLongPollServer":   {actors, (*Server).groupsGetLongPollServer},
		"groups.getLongPollSettings": {actors, (*Server).groupsGetLongPollSettings},
		"groups.setLongPollSettings": {actors, (*Server).groupsSetLongPollSettings},
		"groups.getTokenPermissions": {[]TokenKind{CommunityToken}, (*Server).groupsGetTokenPermissions},
		"users.get":                  {everyone, (*Server).usersGet},
		"utils.resolveScreenName":    {everyone, (*Server).utilsResolveScreenName},
		"wall.get":                   {readers, (*Server).wallGet},
		"wall.getById":               {readers, (*Server).wallGetByID},
		"wall.getComments":           {readers, (*Server).wallGetComments},
		"wall.getComment":            {people, (*Server).wallGetComment},
		"wall.post":                  {actors, (*Server).wallPost},
		"wall.createComment":         {actors, (*Server).wallCreateComment},
		"wall.editComment":           {people, (*Server).wallEditComment},
		"wall.deleteComment":         {people, (*Server).wallDeleteComment},
		"wall.restoreComment":        {people, (*Server).wallRestoreComment},
		"wall.edit":                  {people, (*Server).wallEdit},
		"wall.delete":                {people, (*Server).wallDelete},
	}
}

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
	if s.opt.Limits && t.tooMany(s.opt.Now()) {
		return nil, &apiError{6, "Too many requests per second"}
	}
	if failure := admit(m.kinds, t.Kind); failure != nil {
		return nil, failure
	}
	return m.run(s, &call{params: params, token: t})
}

func admit(kinds []TokenKind, kind TokenKind) *apiError {
	for _, k := range kinds {
		if k == kind {
			return nil
		}
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
		e["captcha_sid"], e["captcha_img"] = "239633676097", "https://api.vk.com/captcha.php?sid=239633676097"
		e["redirect_uri"] = "https://id.vk.com/not_robot_captcha?domain=vk.com"
	}
	return object{"error": e}
}

// serve runs the answer under the fault that is due for the call, and records both.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, rec *record.Call, answer func(record.Fault) any) {
	fault, _ := s.faults.Take(rec.Method)
	rec.At, rec.Status, rec.Fault = s.opt.Now(), http.StatusOK, fault.Kind
	if fault.Kind != "" {
		w.Header().Set(faultHeader, fault.Kind)
	}
	if s.spoil(w, r, fault, rec) {
		s.opt.Log.Add(*rec)
		return
	}
	body, err := json.Marshal(answer(fault))
	if err != nil {
		rec.Status = http.StatusInternalServerError
		s.opt.Log.Add(*rec)
		http.Error(w, "the simulator could not encode its answer", rec.Status)
		return
	}
	if rec.Answer = body; len(body) > maxKeptAnswer {
		rec.Answer = json.RawMessage(`{"omitted":` + strconv.Itoa(len(body)) + `}`)
	}
	s.opt.Log.Add(*rec)
	switch fault.Kind {
	case record.FaultLost:
		panic(http.ErrAbortHandler)
	case record.FaultSlow:
		s.wait(r.Context(), time.Duration(fault.Delay)*time.Millisecond)
	case record.FaultTruncated:
		body = body[:len(body)/2]
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	// The client may be gone; there is nobody to tell.
	_, _ = w.Write(body)
}

// spoil answers in the way of a fault under which the call has no effect.
func (s *Server) spoil(w http.ResponseWriter, r *http.Request, fault record.Fault, rec *record.Call) bool {
	switch fault.Kind {
	case record.FaultStatus:
		rec.Status = fault.Code
		if fault.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(fault.RetryAfter))
		}
		w.WriteHeader(fault.Code)
	case record.FaultHTML:
		rec.Status = http.StatusBadGateway
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(rec.Status)
		_, _ = w.Write([]byte("<html><body><h1>502 Bad Gateway</h1></body></html>"))
	case record.FaultEmpty:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusOK)
	case record.FaultHang:
		d := time.Duration(fault.Delay) * time.Millisecond
		if d == 0 {
			d = time.Hour
		}
		s.wait(r.Context(), d)
		s.abort(rec)
	case record.FaultReset:
		s.abort(rec)
	default:
		return false
	}
	return true
}

// abort records the call and breaks its connection.
func (s *Server) abort(rec *record.Call) {
	s.opt.Log.Add(*rec)
	panic(http.ErrAbortHandler)
}

func faultMessage(code int) string {
	known := map[int]string{
		1: "Unknown error occurred", 5: "User authorization failed: access_token has expired.",
		6: "Too many requests per second", 7: "Permission to perform this action is denied",
		9: "Flood control", 10: "Internal server error", 14: "Captcha needed", 15: "Access denied",
		17: "Validation required: please open redirect_uri in browser", 29: "Rate limit reached",
		100: "One of the parameters specified was missing or invalid",
		212: "Access to post comments denied", 213: "Access to status replies denied",
		222: "Hyperlinks are forbidden", 223: "Too many replies",
	}
	if m, ok := known[code]; ok {
		return m
	}
	return "Error " + strconv.Itoa(code)
}
