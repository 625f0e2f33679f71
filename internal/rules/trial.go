package rules

import (
	"context"
	"strings"
	"sync"
	"time"

	"otklik/incidents"
	"otklik/index"
	"otklik/internal/detect"
	"otklik/internal/errs"
)

const (
	// TrialDays is how far back a trial looks.
	TrialDays = 30
	// trialPart is how many messages are read at a time, trialMost in all.
	trialPart = 500
	trialMost = 3_000_000
	// TrialShown is how many messages of each kind are kept to be shown.
	TrialShown = 60
	// trialForms bounds the forms shown of a word, trialWords the words.
	trialForms = 24
	trialWords = 60
)

// Mark says where reading goes on: what was written before it, zero for now.
type Mark struct {
	US int64
	ID string
}

// TrialBook is where trials read from.
type TrialBook interface {
	TrialItems(ctx context.Context, since time.Time, before Mark, limit int) ([]detect.Item, error)
	Verdicts(ctx context.Context, since time.Time) (map[string]Verdict, error)
}

// Sample is a message on which the saved or the tried condition fires.
type Sample struct {
	Item  detect.Item
	Marks []incidents.Span
	// Gained: only the tried one fires; Lost: only the saved one.
	Gained, Lost bool
}

// Form is a spelling of a word that was met, and how often.
type Form struct {
	Text  string
	Count int
}

// Day counts what fired on one day.
type Day struct {
	Begins       time.Time
	Saved, Tried int
}

// Result is what a trial has found so far.
type Result struct {
	Seen, Saved, Tried, Gained, Lost int
	// All are what the tried condition fires on, Changed what only one of both
	// does; the newest first, TrialShown at most.
	All, Changed []Sample
	Days         []Day
	// Before and After are the quality of the saved and of the tried condition
	// by the decisions about the messages that were read.
	Before, After Quality
	Decided       int
	// Forms are what was met of each word, by the word's spelling.
	Forms map[string][]Form
	Took  time.Duration
	Done  bool
	Whole bool // everything of the span was read
	Err   error
}

// Attempt is what is tried.
type Attempt struct {
	// Saved is the version that works now, zero for a new rule.
	Saved Rule
	Tried Rule
	Words []index.Part
	// Zone is where days begin.
	Zone *time.Location
	// Locator finds the places of messages where a condition asks for them; nil for never.
	Locator detect.Locator
}

// Trial is one run over what is stored.
type Trial struct {
	mu      sync.Mutex
	result  Result
	forms   map[string]map[string]int
	days    map[time.Time]*Day
	attempt Attempt
	since   time.Time
	done    chan struct{}
	stop    context.CancelFunc
}

// Begin starts a trial, which ends with ctx or by Stop.
// Errors: Invalid when the tried condition cannot be read.
func Begin(ctx context.Context, book TrialBook, a Attempt, now time.Time) (*Trial, error) {
	if _, err := index.Parse(a.Tried.Expr); err != nil {
		return nil, err
	}
	day := time.Date(now.In(a.Zone).Year(), now.In(a.Zone).Month(), now.In(a.Zone).Day(), 0, 0, 0, 0, a.Zone)
	t := &Trial{attempt: a, since: day.AddDate(0, 0, 1-TrialDays), forms: map[string]map[string]int{}, days: map[time.Time]*Day{}, done: make(chan struct{})}
	for d := t.since; !d.After(day); d = d.AddDate(0, 0, 1) {
		t.result.Days = append(t.result.Days, Day{Begins: d})
	}
	for i := range t.result.Days {
		t.days[t.result.Days[i].Begins] = &t.result.Days[i]
	}
	ctx, t.stop = context.WithCancel(ctx)
	go func() {
		defer close(t.done)
		defer t.stop()
		began := time.Now()
		whole, err := t.run(ctx, book, Mark{US: now.UnixMicro() + 1})
		t.mu.Lock()
		defer t.mu.Unlock()
		t.result.Took, t.result.Done, t.result.Whole, t.result.Err = time.Since(began), true, whole, err
	}()
	return t, nil
}

// Stop ends the trial; what was found stays.
func (t *Trial) Stop() { t.stop() }

// Done is closed when the trial is over.
func (t *Trial) Done() <-chan struct{} { return t.done }

// Result returns what was found so far.
func (t *Trial) Result() Result {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.result
	r.Days = append([]Day(nil), r.Days...)
	r.All, r.Changed = append([]Sample(nil), r.All...), append([]Sample(nil), r.Changed...)
	r.Forms = map[string][]Form{}
	for word, met := range t.forms {
		r.Forms[word] = most(met, trialForms)
	}
	return r
}

func (t *Trial) run(ctx context.Context, book TrialBook, mark Mark) (bool, error) {
	verdicts, err := book.Verdicts(ctx, t.since)
	if err != nil {
		return false, err
	}
	list := []index.Rule{{ID: "saved", Expr: t.attempt.Saved.Expr}, {ID: "tried", Expr: t.attempt.Tried.Expr}}
	for i, p := range t.attempt.Words {
		if i < trialWords && p.List == "" && len(p.Text) > 0 && !strings.Contains(p.Text, ":") {
			list = append(list, index.Rule{ID: "word " + p.Text, Expr: p.Text})
		}
	}
	matcher, _ := index.Compile(list)
	for t.Result().Seen < trialMost {
		items, err := book.TrialItems(ctx, t.since, mark, trialPart)
		if errors := ctx.Err(); errors != nil {
			return false, errs.New(errs.Conflict, "Проверка остановлена. Показано то, что успели найти.")
		}
		if err != nil {
			return false, err
		}
		if err := locate(ctx, t.attempt.Locator, items, t.attempt.Saved.Expr, t.attempt.Tried.Expr); err != nil {
			return false, err
		}
		t.take(matcher, items, verdicts)
		if len(items) < trialPart {
			return true, nil
		}
		last := items[len(items)-1]
		mark = Mark{US: last.PublishedAt.UnixMicro(), ID: last.ID}
	}
	return false, nil
}

func (t *Trial) take(m *index.Matcher, items []detect.Item, verdicts map[string]Verdict) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, it := range items {
		t.result.Seen++
		facts := index.Facts{Network: it.Ref.Network, Kind: it.Kind, Source: it.SourceID, Author: it.Author.ID, Territories: it.Place.Names}
		var saved, tried []index.Span
		var isSaved, isTried bool
		for _, x := range m.MatchItem(it.Text, facts) {
			switch x.RuleID {
			case "saved":
				saved, isSaved = x.Spans, t.attempt.Saved.Active && t.attempt.Saved.ForDetection().Covers(it.PublishedAt)
			case "tried":
				tried, isTried = x.Spans, t.attempt.Tried.ForDetection().Covers(it.PublishedAt)
			default:
				t.met(strings.TrimPrefix(x.RuleID, "word "), x.Words)
			}
		}
		v, judged := verdicts[it.ID]
		t.judge(v, judged, isSaved, isTried)
		if isSaved || isTried {
			t.keep(it, saved, tried, isSaved, isTried)
		}
	}
}

func (t *Trial) met(word string, forms []string) {
	if t.forms[word] == nil {
		t.forms[word] = map[string]int{}
	}
	for _, f := range forms {
		if f = strings.ToLower(f); len(t.forms[word]) < 1000 || t.forms[word][f] > 0 {
			t.forms[word][f]++
		}
	}
}

// judge counts a decision. A complaint about another topic is not missed.
func (t *Trial) judge(v Verdict, judged, isSaved, isTried bool) {
	if !judged {
		return
	}
	t.result.Decided++
	one := func(q *Quality, fired bool) {
		switch {
		case fired && v.Complaint:
			q.Confirmed++
		case fired:
			q.False++
		case v.Complaint && v.TopicID == t.attempt.Tried.TopicID:
			q.Missed++
		}
	}
	one(&t.result.Before, isSaved)
	one(&t.result.After, isTried)
}

func (t *Trial) keep(it detect.Item, saved, tried []index.Span, isSaved, isTried bool) {
	r := &t.result
	at := it.PublishedAt.In(t.attempt.Zone)
	day := t.days[time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, t.attempt.Zone)]
	if isSaved {
		r.Saved++
		if day != nil {
			day.Saved++
		}
	}
	s := Sample{Item: it, Gained: isTried && !isSaved, Lost: isSaved && !isTried, Marks: marksOf(tried)}
	if isTried {
		r.Tried++
		if day != nil {
			day.Tried++
		}
		if len(r.All) < TrialShown {
			r.All = append(r.All, s)
		}
	}
	switch {
	case s.Gained:
		r.Gained++
	case s.Lost:
		r.Lost++
		s.Marks = marksOf(saved)
	default:
		return
	}
	if len(r.Changed) < TrialShown {
		r.Changed = append(r.Changed, s)
	}
}

func marksOf(spans []index.Span) []incidents.Span {
	out := make([]incidents.Span, len(spans))
	for i, s := range spans {
		out[i] = incidents.Span{Start: s.Start, End: s.End}
	}
	return out
}

// NewAttempt tries a rule against its saved version, and each of its words.
func NewAttempt(saved, tried Rule, zone *time.Location) Attempt {
	return Attempt{Saved: saved, Tried: tried, Words: index.Parts(tried.Spelled), Zone: zone}
}
