package telegram

import (
	"net/http"
	"strconv"
	"time"

	"otklik/internal/sim/record"
)

// failBefore plays the faults in which nothing takes effect.
func (s *Server) failBefore(w http.ResponseWriter, r *http.Request, f record.Fault, rec record.Call) bool {
	var kind string
	var body []byte
	switch f.Kind {
	case record.FaultError, record.FaultFailed:
		rec.Status, kind = f.Code, "application/json"
		body = mustJSON(refusal(&apiError{code: f.Code, description: errorText(f), retryAfter: f.RetryAfter}))
		rec.Answer = body
	case record.FaultStatus:
		rec.Status = f.Code
	case record.FaultHTML:
		rec.Status, kind = http.StatusBadGateway, "text/html"
		body = []byte("<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>")
	case record.FaultEmpty:
		rec.Status = http.StatusOK
	case record.FaultHang:
		s.record(rec)
		s.pause(r, milliseconds(f.Delay, time.Hour))
		panic(http.ErrAbortHandler)
	case record.FaultReset:
		s.record(rec)
		panic(http.ErrAbortHandler)
	default:
		return false
	}
	s.record(rec)
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(rec.Status)
	_, _ = w.Write(body)
	return true
}

// failAfter plays the faults in which only the answer suffers.
func (s *Server) failAfter(r *http.Request, f record.Fault, raw []byte) []byte {
	switch f.Kind {
	case record.FaultTruncated:
		return raw[:len(raw)/2]
	case record.FaultSlow:
		s.pause(r, time.Duration(f.Delay)*time.Millisecond)
	case record.FaultLost:
		s.pause(r, time.Duration(f.Delay)*time.Millisecond)
		panic(http.ErrAbortHandler)
	}
	return raw
}

// pause ends early when the client gives up or the simulator closes.
func (s *Server) pause(r *http.Request, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-s.done:
	}
}

func errorText(f record.Fault) string {
	switch f.Code {
	case 400:
		return "Bad Request: prepared fault"
	case 401:
		return "Unauthorized"
	case 403:
		return "Forbidden: bot was kicked from the supergroup chat"
	case 404:
		return "Not Found"
	case 409:
		return conflictText
	case 429:
		return "Too Many Requests: retry after " + strconv.Itoa(f.RetryAfter)
	}
	return "Internal Server Error"
}

// drip writes the answer in small pieces spread over the given time.
func (s *Server) drip(w http.ResponseWriter, r *http.Request, status int, raw []byte, over time.Duration) {
	const pieces = 20
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	size := max(1, (len(raw)+pieces-1)/pieces)
	for len(raw) > 0 {
		n := min(size, len(raw))
		if _, err := w.Write(raw[:n]); err != nil {
			return
		}
		// A writer that cannot flush sends it all at the end.
		_ = http.NewResponseController(w).Flush()
		raw = raw[n:]
		s.pause(r, over/pieces)
	}
}

// strike plays the faults that change the world before the call. It says that
// the bot's token is no longer valid.
func (s *Server) strike(f record.Fault, b *bot, p params) bool {
	switch f.Kind {
	case record.FaultMigrate:
		// A call that names no group of this world has nothing to migrate.
		_, _ = s.Migrate(p.number("chat_id", 0))
	case record.FaultRevoke:
		if b != nil {
			// The bot was just looked up by its token.
			_, _ = s.RevokeToken(b.spec.ID)
		}
		return true
	}
	return false
}
