package vk

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"otklik/internal/sim/record"
)

// Faults are the misfortunes prepared for coming calls and events. What the
// kinds do: "error" answers with the API error Code; "status" with the HTTP
// status Code and no body; "html", "empty", "hang" and "reset" spoil the answer
// before the call takes effect; "slow", "drip", "lost" and "truncated" after it
// took effect; "failed" answers a long poll with {"failed": Code}; "revoke"
// ends the life of the token that calls; "clock" puts the network's clock
// ahead by Delay. "repeat", "shuffle", "delay" and "drop" befall events, which
// are called "update:" and their type.
func (s *Server) Faults() *record.Faults { return &s.faults }

// Play prepares the faults of a scenario that begins now.
func (s *Server) Play(scenario record.Scenario) {
	for _, f := range scenario.Faults("vk", s.opt.Now()) {
		s.faults.Add(f)
	}
}

// known are the faults that this network makes something of.
func known() record.Known {
	return record.Known{
		record.FaultError: {Least: 1, Most: 9999}, record.FaultStatus: {Least: 200, Most: 599}, record.FaultFailed: {Least: 1, Most: 4},
		record.FaultHTML: {}, record.FaultEmpty: {}, record.FaultTruncated: {}, record.FaultSlow: {}, record.FaultDrip: {},
		record.FaultHang: {}, record.FaultLost: {}, record.FaultReset: {}, record.FaultRevoke: {}, record.FaultClock: {},
		record.FaultRepeat: {}, record.FaultShuffle: {}, record.FaultDelay: {}, record.FaultDrop: {},
	}
}

// callFaults are the kinds that serve makes answers of.
func callFaults() []string {
	return []string{
		record.FaultError, record.FaultStatus, record.FaultHTML, record.FaultEmpty, record.FaultTruncated,
		record.FaultSlow, record.FaultDrip, record.FaultHang, record.FaultLost, record.FaultReset, record.FaultFailed,
	}
}

func (s *Server) faultOn(method, kind string) bool {
	_, hit := s.faults.TakeAt(s.opt.Now(), method, kind)
	return hit
}

// serve runs the answer under the fault that is due for the call, and records both.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, rec *record.Call, answer func(record.Fault) any) {
	fault, _ := s.faults.TakeAt(s.opt.Now(), rec.Method, callFaults()...)
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
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	if fault.Kind == record.FaultDrip {
		s.drip(w, r, body, time.Duration(fault.Delay)*time.Millisecond)
		return
	}
	// The client may be gone; there is nobody to tell.
	_, _ = w.Write(body)
}

// drip writes a body in pieces spread over d.
func (s *Server) drip(w http.ResponseWriter, r *http.Request, body []byte, d time.Duration) {
	const pieces = 20
	size := len(body)/pieces + 1
	for len(body) > 0 {
		n := min(size, len(body))
		if _, err := w.Write(body[:n]); err != nil {
			return
		}
		if http.NewResponseController(w).Flush() != nil {
			return
		}
		body = body[n:]
		s.wait(r.Context(), d/pieces)
	}
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
		17: "Validation required: please open redirect_uri in browser",
		27: "Group authorization failed: method is unavailable with group auth.",
		28: "Application authorization failed: method is unavailable with service token.",
		29: "Rate limit reached", 100: "One of the parameters specified was missing or invalid",
		212: "Access to post comments denied", 213: "Access to status replies denied",
		214: "Access to adding post denied", 222: "Hyperlinks are forbidden", 223: "Too many replies",
		901: "Can't send messages for users without permission", 911: "Keyboard format is invalid",
		1051: "Method is unavailable for this type of token.",
	}
	if m, ok := known[code]; ok {
		return m
	}
	return "Error " + strconv.Itoa(code)
}
