package detect_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"otklik/incidents"
	"otklik/internal/detect"
	"otklik/internal/lease"
)

// shelf is a book in memory that hands items out until they are concluded.
type shelf struct {
	mu        sync.Mutex
	book      detect.Rulebook
	items     []detect.Item
	concluded [][]detect.Conclusion
	looks     int
	refuse    error
}

func (s *shelf) Rulebook(_ context.Context, have int64) (detect.Rulebook, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.book, have != s.book.Revision, nil
}

func (s *shelf) Pending(_ context.Context, limit int) ([]detect.Item, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looks++
	return slices.Clone(s.items[:min(limit, len(s.items))]), nil
}

func (s *shelf) Conclude(_ context.Context, _ lease.Lease, list []detect.Conclusion, _ time.Time) (detect.Tally, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse != nil {
		return detect.Tally{}, s.refuse
	}
	s.concluded = append(s.concluded, list)
	s.items = s.items[len(list):]
	var t detect.Tally
	for _, c := range list {
		if len(c.Hits) > 0 {
			t.Opened++
		}
	}
	return t, nil
}

func (s *shelf) put(it detect.Item) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items = append(s.items, it)
}

func (s *shelf) teach(b detect.Rulebook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.book = b
}

// words is a matcher whose rules are lists of words.
type words []detect.Rule

func (m words) Match(it detect.Item) []detect.Hit {
	var out []detect.Hit
	for _, r := range m {
		h := detect.Hit{RuleID: r.ID, TopicID: r.TopicID}
		for _, w := range strings.Fields(r.Expr) {
			if strings.Contains(it.Text, w) {
				h.Words = append(h.Words, w)
			}
		}
		if len(h.Words) > 0 {
			out = append(out, h)
		}
	}
	return out
}

func book() detect.Rulebook {
	return detect.Rulebook{
		Revision: 1,
		Rules:    []detect.Rule{{ID: "b", TopicID: "water", Expr: "течь вода труба"}, {ID: "a", TopicID: "roads", Expr: "яма дорога"}},
		Topics:   []incidents.Topic{{ID: "roads", Name: "Дороги"}, {ID: "water", Name: "Вода"}},
	}
}

func item(text string) detect.Item {
	var it detect.Item
	it.ID, it.Text = text, text
	return it
}

func worker(s *shelf) *detect.Worker {
	return &detect.Worker{
		Book: s, Now: time.Now, Log: slog.New(slog.DiscardHandler), Tick: 10 * time.Second,
		Compile: func(rules []detect.Rule) (detect.Matcher, []error) {
			var good words
			var wrong []error
			for _, r := range rules {
				if r.Expr == "(" {
					wrong = append(wrong, errors.New("rule "+r.ID))
					continue
				}
				good = append(good, r)
			}
			return good, wrong
		},
	}
}

func TestTheFirstRuleGivesTheTopic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{book: book(), items: []detect.Item{item("яма, а в яме вода и труба"), item("вода и труба"), item("спасибо")}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_ = worker(s).Run(ctx, lease.Lease{})
		var got []string
		for _, c := range s.concluded[0] {
			got = append(got, fmt.Sprint(c.Topic.Name, len(c.Hits)))
		}
		if !slices.Equal(got, []string{"Вода2", "Вода1", "0"}) {
			t.Fatal(got)
		}
	})
}

func TestFullBatchesFollowAtOnceAndThenItSleeps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{book: book()}
		for i := range 450 {
			s.items = append(s.items, item(fmt.Sprint("яма ", i)))
		}
		w := worker(s)
		var found []detect.Tally
		w.Found = func(t detect.Tally) { found = append(found, t) }
		wake := make(chan struct{}, 1)
		w.Wake = wake
		ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
		defer cancel()
		go func() {
			time.Sleep(13 * time.Second)
			s.put(item("спасибо"))
			wake <- struct{}{}
		}()
		if err := w.Run(ctx, lease.Lease{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		// Three batches at once, the tick at 10 s, the poke at 13 s, the tick at 23 s.
		if s.looks != 6 || len(s.concluded) != 4 || len(found) != 3 || found[2].Opened != 50 {
			t.Fatal(s.looks, len(s.concluded), found)
		}
	})
}

func TestNewRulesAreTakenUpAndWrongOnesLeftOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{book: book()}
		s.book.Revision = 0 // an empty dictionary's revision must not pass for "known"
		s.book.Rules = append(s.book.Rules, detect.Rule{ID: "wrong", Expr: "("})
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
		defer cancel()
		go func() {
			time.Sleep(5 * time.Second)
			next := book()
			next.Rules = []detect.Rule{{ID: "c", TopicID: "water", Expr: "снег"}}
			s.teach(next)
			s.put(item("яма и снег"))
		}()
		_ = worker(s).Run(ctx, lease.Lease{})
		if c := s.concluded[0][0]; len(c.Hits) != 1 || c.Hits[0].RuleID != "c" {
			t.Fatalf("%+v", c)
		}
	})
}

func TestLostLeaseEndsDetection(t *testing.T) {
	t.Parallel()
	s := &shelf{book: book(), items: []detect.Item{item("яма")}, refuse: lease.ErrLost}
	if err := worker(s).Run(t.Context(), lease.Lease{}); !errors.Is(err, lease.ErrLost) {
		t.Fatal(err)
	}
}
