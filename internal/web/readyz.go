package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"otklik/internal/errs"
)

// Wait is how long the oldest work of a kind has been waiting.
type Wait struct {
	// Name is for machines: "detection", "delivery", "sources".
	Name  string
	Age   time.Duration // zero where nothing waits
	Limit time.Duration // above it the program does not do its work
	// Trouble is the sentence for people, set where the limit is passed.
	Trouble string
}

// readiness is the answer of /readyz. Ages and limits are in seconds.
type readiness struct {
	Ready   bool        `json:"ready"`
	Trouble string      `json:"trouble,omitempty"`
	Waiting []waitingOf `json:"waiting"`
}

type waitingOf struct {
	What    string  `json:"what"`
	Age     float64 `json:"age_seconds"`
	Limit   float64 `json:"limit_seconds"`
	Ready   bool    `json:"ready"`
	Trouble string  `json:"trouble,omitempty"`
}

func (s *server) healthz(w http.ResponseWriter, _ *http.Request, _ *visit) error {
	_, err := fmt.Fprintln(w, "ok")
	return err
}

// readyz says whether the program does its work: what counts is how long the
// oldest thing of each kind waits, not that the process lives.
func (s *server) readyz(w http.ResponseWriter, r *http.Request, _ *visit) error {
	list, err := s.Ready(r.Context())
	out := readiness{Ready: err == nil, Trouble: errs.MessageOf(err), Waiting: []waitingOf{}}
	for _, x := range list {
		row := waitingOf{What: x.Name, Age: seconds(x.Age), Limit: seconds(x.Limit), Ready: x.Age <= x.Limit}
		if !row.Ready {
			out.Ready, row.Trouble = false, x.Trouble
		}
		out.Waiting = append(out.Waiting, row)
	}
	body, jerr := json.MarshalIndent(out, "", "  ")
	if jerr != nil {
		return jerr
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if !out.Ready {
		s.Logger.WarnContext(r.Context(), "not ready", "err", err, "waiting", out.Waiting)
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	// The reader may be gone; there is nobody to tell.
	_, _ = w.Write(append(body, '\n'))
	return nil
}

// seconds are rounded to tenths: nobody decides by less.
func seconds(d time.Duration) float64 {
	return float64(d.Round(100*time.Millisecond)) / float64(time.Second)
}
