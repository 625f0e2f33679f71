package telegram

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"otklik/internal/sim/record"
)

// maxRecorded bounds an answer in the log of calls.
const maxRecorded = 16 << 10

// apiError is a refusal as the Bot API words it.
type apiError struct {
	code        int
	description string
	retryAfter  int
	migrateTo   int64
}

func (e *apiError) Error() string { return strconv.Itoa(e.code) + " " + e.description }

func badRequest(text string) *apiError {
	return &apiError{code: http.StatusBadRequest, description: "Bad Request: " + text}
}

func forbidden(text string) *apiError {
	return &apiError{code: http.StatusForbidden, description: "Forbidden: " + text}
}

// APIHandler serves /bot<token>/<method> and /file/bot<token>/<path>.
func (s *Server) APIHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rest, ok := strings.CutPrefix(r.URL.Path, "/file/bot"); ok {
			token, path, _ := strings.Cut(rest, "/")
			s.serveFile(w, r, token, path)
			return
		}
		rest, ok := strings.CutPrefix(r.URL.Path, "/bot")
		token, name, slash := strings.Cut(rest, "/")
		if !ok || !slash {
			writeEnvelope(w, http.StatusNotFound, refusal(&apiError{code: 404, description: "Not Found"}))
			return
		}
		s.serveMethod(w, r, token, name)
	})
}

// serveMethod runs one call with the fault that waits for it, and records it.
func (s *Server) serveMethod(w http.ResponseWriter, r *http.Request, token, name string) {
	m, known := s.methods[strings.ToLower(name)]
	if known {
		name = m.name
	}
	s.mu.Lock()
	s.ripen()
	b := s.byToken[token]
	s.mu.Unlock()
	rec := record.Call{At: s.clock(), Network: "telegram", Method: name, Token: "unknown"}
	if b != nil {
		rec.Token = "bot"
	}
	p, err := readParams(w, r)
	rec.Params = p.recorded()
	fault, hit := s.faults.TakeAt(s.clock(), name)
	if hit {
		rec.Fault = fault.Kind
	}
	if hit && s.failBefore(w, r, fault, rec) {
		return
	}
	if hit && s.strike(fault, b, p) {
		b = nil
	}
	status, body := s.answer(r, m, known, b, p, err)
	raw := mustJSON(body)
	rec.Status, rec.Answer = status, raw
	if len(raw) > maxRecorded {
		rec.Answer = mustJSON(map[string]any{"ok": body.OK, "omitted_bytes": len(raw)})
	}
	s.record(rec)
	if hit {
		raw = s.failAfter(r, fault, raw)
	}
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	if hit && fault.Kind == record.FaultDrip {
		s.drip(w, r, status, raw, milliseconds(fault.Delay, time.Second))
		return
	}
	writeRaw(w, status, raw)
}

// answer runs the method, if there is one and the bot may call it.
func (s *Server) answer(r *http.Request, m method, known bool, b *bot, p params, broken *apiError) (int, envelope) {
	failure := broken
	switch {
	case b == nil:
		failure = &apiError{code: 401, description: "Unauthorized"}
	case !known:
		failure = &apiError{code: 404, description: "Not Found"}
	case broken == nil:
		var result any
		if failure = s.awake(b); failure == nil {
			result, failure = m.run(s, &call{ctx: r.Context(), bot: b, params: p})
		}
		if failure == nil {
			return http.StatusOK, envelope{OK: true, Result: result}
		}
	}
	return failure.code, refusal(failure)
}

// record keeps a call; a call is recorded when it takes effect, not when its
// answer has arrived.
func (s *Server) record(c record.Call) {
	if s.log != nil {
		s.log.Add(c)
	}
}

func refusal(e *apiError) envelope {
	out := envelope{ErrorCode: e.code, Description: e.description}
	if e.retryAfter != 0 || e.migrateTo != 0 {
		out.Parameters = &wireParameters{RetryAfter: e.retryAfter, MigrateToChatID: e.migrateTo}
	}
	return out
}

func writeEnvelope(w http.ResponseWriter, status int, e envelope) {
	writeRaw(w, status, mustJSON(e))
}

func writeRaw(w http.ResponseWriter, status int, raw []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}
