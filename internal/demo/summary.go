package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/social"
	"otklik/internal/store"
)

// Summary is what a run of the demo comes to. Its keys are kept stable.
type Summary struct {
	Sent        int     `json:"sent"`       // texts said by the replay or the living feed
	Stored      int     `json:"stored"`     // of these, found in the database
	Duplicates  int     `json:"duplicates"` // items in the database beyond those that were said
	Matched     int     `json:"matched"`    // items on which a rule fired
	CasesOpened int     `json:"cases_opened"`
	AnswersSent int     `json:"answers_sent"`
	VisibleP50  float64 `json:"visible_p50_s"` // from being said to standing in the queue's page
	VisibleP99  float64 `json:"visible_p99_s"`
	PeakRSS     int64   `json:"peak_rss_bytes"`
}

// ledger counts what a run said and what became of it.
type ledger struct {
	said  map[string]time.Time
	refs  []social.Ref
	start store.Tally
	began time.Time
}

// begin notes how things stand before anything is said.
func (l *ledger) begin(ctx context.Context, s *store.Store) (err error) {
	l.began = time.Now()
	l.start, err = s.Tally(ctx)
	return err
}

func (l *ledger) note(ref social.Ref, at time.Time) {
	l.said[ref.String()] = at
	l.refs = append(l.refs, ref)
}

// settle waits until everything that was said is stored and judged, or patience
// is over.
func (l *ledger) settle(ctx context.Context, s *store.Store, patience time.Duration) error {
	end := time.Now().Add(patience)
	for time.Now().Before(end) {
		t, err := s.Tally(ctx)
		if err != nil {
			return err
		}
		if t.Foreign-l.start.Foreign >= len(l.refs) && t.Pending == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}

func (l *ledger) sum(ctx context.Context, s *store.Store, w *watcher) (Summary, error) {
	end, err := s.Tally(ctx)
	if err != nil {
		return Summary{}, err
	}
	out := Summary{
		Sent: len(l.refs), Matched: end.Matched - l.start.Matched, CasesOpened: end.Cases - l.start.Cases,
		AnswersSent: end.Answers - l.start.Answers, PeakRSS: peakRSS(),
	}
	for _, ref := range l.refs {
		_, found, err := s.Item(ctx, ref)
		if err != nil {
			return out, err
		}
		if found {
			out.Stored++
		}
	}
	if len(l.refs) > 0 {
		out.Duplicates = end.Foreign - l.start.Foreign - out.Stored
	}
	if w != nil {
		opened, err := s.Opened(ctx, l.began)
		if err != nil {
			return out, err
		}
		delays := w.delays(l.said, opened, time.Now())
		out.VisibleP50, out.VisibleP99 = quantile(delays, 0.5), quantile(delays, 0.99)
	}
	return out, nil
}

// checkSummary says before a run whether its summary can be written.
func checkSummary(path string) error {
	_, err := os.Stat(path)
	made := errors.Is(err, fs.ErrNotExist)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644)
	if err == nil {
		err = f.Close()
	}
	if err == nil && made {
		err = os.Remove(path)
	}
	if err != nil {
		return errs.Wrap(errs.Invalid, fmt.Sprintf("Итог нельзя записать в %s. Проверьте путь и права в --summary.", path), err)
	}
	return nil
}

func (s Summary) write(path string) error {
	raw, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, append(raw, '\n'), 0o644); err != nil {
		return errs.Wrap(errs.Unavailable, fmt.Sprintf("Итог не записан в %s. Проверьте путь в --summary.", path), err)
	}
	return nil
}

// peakRSS is the process's largest resident size so far, 0 where the system
// does not tell.
func peakRSS() int64 {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			if err != nil {
				return 0
			}
			return kb * 1024
		}
	}
	return 0
}
