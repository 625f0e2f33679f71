package telegram

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"otklik/internal/sim/record"
)

const (
	// maxBody bounds one request: a photo of 10 MB and its form.
	maxBody = 11 << 20
	// maxRecorded bounds an answer in the log of calls.
	maxRecorded = 16 << 10
	maxText     = 4096
	maxCaption  = 1024
)

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
	b := s.byToken[token]
	s.mu.Unlock()
	rec := record.Call{At: s.now(), Network: "telegram", Method: name, Token: "unknown"}
	if b != nil {
		rec.Token = "bot"
	}
	p, err := readParams(w, r)
	rec.Params = p.recorded()
	fault, hit := s.faults.Take(name)
	if hit {
		rec.Fault = fault.Kind
	}
	if hit && s.failBefore(w, r, fault, rec) {
		return
	}
	status, body := http.StatusOK, envelope{OK: true}
	switch {
	case b == nil:
		status, body = 401, refusal(&apiError{code: 401, description: "Unauthorized"})
	case !known:
		status, body = 404, refusal(&apiError{code: 404, description: "Not Found"})
	case err != nil:
		status, body = err.code, refusal(err)
	default:
		result, failure := m.run(s, &call{ctx: r.Context(), bot: b, params: p})
		body.Result = result
		if failure != nil {
			status, body = failure.code, refusal(failure)
		}
	}
	raw := mustJSON(body)
	rec.Status, rec.Answer = status, raw
	if len(raw) > maxRecorded {
		rec.Answer = mustJSON(map[string]any{"ok": body.OK, "omitted_bytes": len(raw)})
	}
	s.record(rec)
	if hit {
		raw = s.failAfter(r, fault, raw)
	}
	writeRaw(w, status, raw)
}

// record keeps a call; a call is recorded when it takes effect, not when its
// answer has arrived.
func (s *Server) record(c record.Call) {
	if s.log != nil {
		s.log.Add(c)
	}
}

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
		delay := time.Duration(f.Delay) * time.Millisecond
		if delay == 0 {
			delay = time.Hour
		}
		s.pause(r, delay)
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

// upload is one file of a multipart form.
type upload struct {
	name string
	data []byte
}

// params are the parameters of a call, however they were sent: nested values
// are JSON text, as in a form.
type params struct {
	values map[string]string
	files  map[string]upload
}

func readParams(w http.ResponseWriter, r *http.Request) (params, *apiError) {
	p := params{values: map[string]string{}, files: map[string]upload{}}
	for k, v := range r.URL.Query() {
		p.values[k] = v[0]
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var err error
	switch kind {
	case "application/json":
		err = p.readJSON(r)
	case "multipart/form-data":
		err = p.readMultipart(r)
	case "application/x-www-form-urlencoded":
		if err = r.ParseForm(); err == nil {
			for k, v := range r.PostForm {
				p.values[k] = v[0]
			}
		}
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return p, &apiError{code: 413, description: "Request Entity Too Large"}
	case err != nil:
		return p, badRequest("can't parse the request's parameters")
	}
	return p, nil
}

func (p params) readJSON(r *http.Request) error {
	var object map[string]json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&object); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for k, raw := range object {
		var text string
		if json.Unmarshal(raw, &text) == nil {
			p.values[k] = text
		} else {
			p.values[k] = string(raw)
		}
	}
	return nil
}

func (p params) readMultipart(r *http.Request) error {
	form, err := r.MultipartReader()
	if err != nil {
		return err
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return err
		}
		if part.FileName() != "" {
			p.files[part.FormName()] = upload{part.FileName(), data}
		} else {
			p.values[part.FormName()] = string(data)
		}
	}
}

func (p params) recorded() map[string][]string {
	out := make(map[string][]string, len(p.values)+len(p.files))
	for k, v := range p.values {
		out[k] = []string{v}
	}
	for k, f := range p.files {
		out[k] = []string{fmt.Sprintf("%s, %d bytes", f.name, len(f.data))}
	}
	return out
}

// number is an integer parameter, fallback where it is absent or none.
func (p params) number(name string, fallback int64) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(p.values[name]), 10, 64)
	if err != nil || n == math.MinInt64 {
		return fallback
	}
	return n
}
