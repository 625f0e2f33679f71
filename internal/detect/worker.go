package detect

import (
	"context"
	"log/slog"
	"time"

	"otklik/incidents"
	"otklik/internal/lease"
	"otklik/internal/wake"
)

// Worker runs detection. It runs under a lease, so that there is one of it
// among all processes: one processor matches far more than any network sends.
type Worker struct {
	Book Book
	Now  func() time.Time
	Log  *slog.Logger
	// Wake rings when items were stored; the tick is the backstop.
	Wake wake.Bell
	Tick time.Duration
	// Compile makes a matcher of rules and says which of them it left out.
	Compile func([]Rule) (Matcher, []error)
	// Found is called after cases were opened or grew.
	Found func(Tally)
}

// Matcher says which rules fire on an item, in the order of the rules. It may be used by several at once.
type Matcher interface {
	Match(it Item) []Hit
}

// batch bounds one transaction, so that people's writes are never kept waiting.
const batch = 200

// Run works until ctx ends. It is meant for lease.Keeper.Hold.
func (w *Worker) Run(ctx context.Context, l lease.Lease) error {
	var r reader
	for {
		if err := r.refresh(ctx, w); err != nil {
			return err
		}
		n, err := w.round(ctx, l, &r)
		if err != nil {
			return err
		}
		if n == batch {
			continue
		}
		if err := w.Wake.Sleep(ctx, w.Tick); err != nil {
			return err
		}
	}
}

func (w *Worker) round(ctx context.Context, l lease.Lease, r *reader) (int, error) {
	items, err := w.Book.Pending(ctx, batch)
	if err != nil || len(items) == 0 {
		return 0, err
	}
	found := make([]Conclusion, len(items))
	for i, it := range items {
		found[i] = r.read(it)
	}
	tally, err := w.Book.Conclude(ctx, l, found, w.Now())
	if err != nil {
		return 0, err
	}
	if w.Found != nil && tally.Opened+tally.Attached > 0 {
		w.Found(tally)
	}
	return len(items), nil
}

// reader holds the compiled rules of one revision.
type reader struct {
	revision int64
	matcher  Matcher
	topics   map[string]incidents.Topic
}

// refresh compiles the rules anew when they have changed. A rule that does not
// compile is logged and left out; the others work on.
func (r *reader) refresh(ctx context.Context, w *Worker) error {
	have := r.revision
	if r.matcher == nil {
		have = -1
	}
	book, changed, err := w.Book.Rulebook(ctx, have)
	if err != nil || !changed {
		return err
	}
	matcher, wrong := w.Compile(book.Rules)
	for _, e := range wrong {
		w.Log.Error("rule left out", "err", e)
	}
	r.matcher, r.revision = matcher, book.Revision
	r.topics = make(map[string]incidents.Topic, len(book.Topics))
	for _, t := range book.Topics {
		r.topics[t.ID] = t
	}
	return nil
}

// read says what one item means. Rules stand from the particular to the
// general, so the first that fires gives the topic.
func (r *reader) read(it Item) Conclusion {
	c := Conclusion{Item: it, Hits: r.matcher.Match(it)}
	if len(c.Hits) > 0 {
		c.Topic = r.topics[c.Hits[0].TopicID]
	}
	return c
}
