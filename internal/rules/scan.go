package rules

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"otklik/internal/detect"
	"otklik/internal/lease"
	"otklik/internal/wake"
)

// ScanState is how far a scan of history is.
type ScanState string

const (
	ScanWaiting   ScanState = "waiting"
	ScanRunning   ScanState = "running"
	ScanDone      ScanState = "done"
	ScanCancelled ScanState = "cancelled"
	// ScanOutdated: the rule was saved anew before the scan came to its end.
	ScanOutdated ScanState = "outdated"
)

// Open says that the scan is not over.
func (s ScanState) Open() bool { return s == ScanWaiting || s == ScanRunning }

// Scan is the work of meeting one version of a rule with what is stored.
type Scan struct {
	ID      string
	Rule    Rule // in the version that is scanned
	State   ScanState
	Since   time.Time // messages written before are left alone
	AskedAt time.Time
	ByName  string
	EndedAt time.Time
	// Seen of Total messages were looked at; Found fired, Lost had fired under an
	// earlier version and do not any more.
	Seen, Total, Found, Lost int
	// BeforeUS and BeforeID say where to go on: what was written before them.
	BeforeUS int64
	BeforeID string
}

// ScanStep is what one part of a scan found.
type ScanStep struct {
	Scan Scan
	// Items are all that were looked at, in their order.
	Items []detect.Item
	// Hits are those of the rule, by the number of the item in Items.
	Hits map[int]detect.Hit
	// Last says that nothing is left.
	Last bool
}

// ScanBook keeps scans.
type ScanBook interface {
	// NextScan returns the scan that is to be worked on; false when none is open.
	NextScan(ctx context.Context) (Scan, bool, error)
	// ScanItems returns what is to be looked at next, the newest first.
	ScanItems(ctx context.Context, s Scan, limit int) ([]detect.Item, error)
	// Step writes what was found together with how far the scan is. False says
	// that the scan is over, by itself or because a person ended it.
	Step(ctx context.Context, l lease.Lease, x ScanStep, now time.Time) (going bool, err error)
}

// scanPart bounds one transaction, so that people's writes are never kept waiting.
const scanPart = 200

// Scanner meets stored messages with rules that were saved. It runs under a
// lease; whatever was interrupted is gone on with where it was left.
type Scanner struct {
	Book ScanBook
	Now  func() time.Time
	Log  *slog.Logger
	Wake wake.Bell
	Tick time.Duration
	// Compile makes a matcher of rules and says which of them it left out.
	Compile func([]detect.Rule) (detect.Matcher, []error)
	// Locator finds the places of messages for rules that ask for them.
	Locator detect.Locator
	// Part bounds what one transaction looks at; 0 stands for scanPart.
	Part int
	// Moved is called after every part that was written.
	Moved func()
}

// Run works until ctx ends. It is meant for lease.Keeper.Hold.
func (w *Scanner) Run(ctx context.Context, l lease.Lease) error {
	for {
		s, ok, err := w.Book.NextScan(ctx)
		if err != nil {
			return err
		}
		if ok {
			if err := w.scan(ctx, l, s); err != nil {
				return err
			}
			continue
		}
		if err := w.Wake.Sleep(ctx, w.Tick); err != nil {
			return err
		}
	}
}

// scan takes one part of a scan, so that a newer one of the same rule ends it.
func (w *Scanner) scan(ctx context.Context, l lease.Lease, s Scan) error {
	matcher, wrong := w.Compile([]detect.Rule{s.Rule.ForDetection()})
	for _, err := range wrong {
		w.Log.Error("rule is not scanned", "rule", s.Rule.ID, "err", err)
	}
	part := cmp.Or(w.Part, scanPart)
	for {
		items, err := w.Book.ScanItems(ctx, s, part)
		if err != nil {
			return err
		}
		if err := locate(ctx, w.Locator, items, s.Rule.Expr); err != nil {
			return err
		}
		step := ScanStep{Scan: s, Items: items, Hits: map[int]detect.Hit{}, Last: len(items) < part}
		for i, it := range items {
			if hits := matcher.Match(it); s.Rule.Active && len(hits) > 0 {
				step.Hits[i] = hits[0]
			}
		}
		going, err := w.Book.Step(ctx, l, step, w.Now())
		if err != nil {
			return err
		}
		if w.Moved != nil {
			w.Moved()
		}
		if !going || step.Last {
			return nil
		}
		last := items[len(items)-1]
		s.BeforeUS, s.BeforeID = last.PublishedAt.UnixMicro(), last.ID
	}
}

// locate finds the places of messages, if any of the conditions asks for them.
func locate(ctx context.Context, l detect.Locator, items []detect.Item, exprs ...string) error {
	asks := slices.ContainsFunc(exprs, func(x string) bool {
		x = strings.ToLower(x)
		return strings.Contains(x, "территория:") || strings.Contains(x, "место:")
	})
	if l == nil || !asks || len(items) == 0 {
		return nil
	}
	places, err := l.Locate(ctx, items)
	for i, p := range places {
		items[i].Place = p
	}
	return err
}

// ForDetection is the rule as detection takes it.
func (r Rule) ForDetection() detect.Rule {
	return detect.Rule{
		ID: r.ID, TopicID: r.TopicID, Name: r.Name, Expr: r.Expr, Version: r.Version,
		DepartmentID: r.DepartmentID, Importance: int(r.Importance), Auto: r.Auto, From: r.From, To: r.To,
	}
}
