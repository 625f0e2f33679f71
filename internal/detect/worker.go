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

	// The stages around the rules, in the order in which they look; each may be nil.
	Locator Locator
	Judge   Judge
	Kin     Kin
}

// Locator finds where items happen, before rules ask for it.
type Locator interface {
	// Locate returns one place for each item.
	Locate(ctx context.Context, items []Item) ([]Place, error)
}

// Matcher says which rules fire on an item, in the order of the rules. It may be used by several at once.
type Matcher interface {
	Match(it Item) []Hit
}

// Judge says how probable it is that a reaction to an item is due.
type Judge interface {
	// Refresh takes up what has been learned or set since the last batch.
	Refresh(ctx context.Context) error
	Judge(it Item, hits []Hit) Opinion
}

// Kin finds what an item is a copy of. It is asked last, so that it knows what
// is due, and once for a batch, so that copies within it are found.
type Kin interface {
	// Kin returns one kinship for each conclusion.
	Kin(ctx context.Context, found []Conclusion) ([]Kinship, error)
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
	found, err := w.look(ctx, items, r)
	if err != nil {
		return 0, err
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

// look leads a batch through the stages.
func (w *Worker) look(ctx context.Context, items []Item, r *reader) ([]Conclusion, error) {
	if w.Locator != nil {
		places, err := w.Locator.Locate(ctx, items)
		if err != nil {
			return nil, err
		}
		for i := range items {
			items[i].Place = places[i]
		}
	}
	if w.Judge != nil {
		if err := w.Judge.Refresh(ctx); err != nil {
			return nil, err
		}
	}
	found := make([]Conclusion, len(items))
	for i, it := range items {
		found[i] = r.read(it, w.Judge)
	}
	if w.Kin != nil {
		kinships, err := w.Kin.Kin(ctx, found)
		if err != nil {
			return nil, err
		}
		for i := range found {
			found[i].Kinship = kinships[i]
		}
	}
	return found, nil
}

// reader holds the compiled rules of one revision.
type reader struct {
	revision int64
	matcher  Matcher
	topics   map[string]incidents.Topic
	// rest is the topic of what no rule and no model knows: the last one, since
	// topics stand from the particular to the general.
	rest incidents.Topic
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
		r.topics[t.ID], r.rest = t, t
	}
	return nil
}

// read says what one item means. Rules stand from the particular to the
// general, so the first that fires gives the topic; without one the judge does.
func (r *reader) read(it Item, judge Judge) Conclusion {
	c := Conclusion{Item: it, Hits: r.matcher.Match(it)}
	if judge != nil {
		c.Opinion = judge.Judge(it, c.Hits)
	}
	switch {
	case len(c.Hits) > 0:
		c.Topic = r.topics[c.Hits[0].TopicID]
	case c.Due():
		c.Topic = r.rest
		if t, ok := r.topics[c.Opinion.TopicID]; ok {
			c.Topic = t
		}
	}
	return c
}
