package quota

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	// planAge is for how long a plan is taken as it is, profileAge a profile.
	planAge    = time.Minute
	profileAge = time.Hour
	// lookAgain bounds a wait, since the others' calls change the plan.
	lookAgain = Slot
	// afterRefusal is for how long nobody calls after the network has said that
	// a quota is used up although less was counted: somebody else uses the key.
	afterRefusal = time.Hour
)

// Book plans for all streams of this process, with the calls of all processes.
type Book struct {
	ledger Ledger
	now    func() time.Time

	mu       sync.Mutex
	plans    map[Key]drawn
	profiles map[string]learnt
}

type drawn struct {
	plan    Plan
	refused time.Time
	streams []string
}

type learnt struct {
	profile Profile
	at      time.Time
}

// NewBook returns a book over a ledger.
func NewBook(l Ledger, now func() time.Time) *Book {
	return &Book{ledger: l, now: now, plans: map[Key]drawn{}, profiles: map[string]learnt{}}
}

// Share is what one stream has of the quotas of one key.
type Share struct {
	book   *Book
	print  string
	stream string
	limits map[string]Limit
	most   time.Duration
	people bool
}

// ShareOptions of a Share. Print, Stream and Limits are required.
type ShareOptions struct {
	// Print is the fingerprint of the key.
	Print string
	// Stream names who calls.
	Stream string
	// Limits are the quotas of the methods that have one.
	Limits map[string]Limit
	// Most is the longest wait whatever the plan says, for streams that others
	// hang on; zero means none. It can eat up what is kept for mending.
	Most time.Duration
	// People says that a person waits for the answer: everything that is left
	// may be used.
	People bool
}

// Share returns the share of a stream; nothing is counted yet.
func (b *Book) Share(o ShareOptions) *Share {
	return &Share{book: b, print: o.Print, stream: o.Stream, limits: o.Limits, most: o.Most, people: o.People}
}

// Wait is how long the stream rests until its next pass of that method. The last
// pass began at last and made that many calls. A wait is worth asking for again
// when it is over, for the others go on meanwhile.
func (s *Share) Wait(ctx context.Context, method string, last time.Time, calls int) (time.Duration, error) {
	limit, rationed := s.limits[method]
	if !rationed {
		return 0, nil
	}
	d, err := s.book.drawn(ctx, Key{s.print, method}, limit, s.stream)
	if err != nil {
		return 0, err
	}
	now := s.book.now()
	if until := d.refused.Add(afterRefusal); now.Before(until) {
		return min(until.Sub(now), lookAgain), nil
	}
	wait := max(d.plan.Wait(s.stream, last, calls)-now.Sub(d.plan.now), 0)
	if s.most > 0 {
		wait = min(wait, max(s.most-now.Sub(last), 0))
	}
	return min(wait, lookAgain), nil
}

// Spend counts a call before it is made. Errors: ErrSpent as a *SpentError.
func (s *Share) Spend(ctx context.Context, method string) error {
	limit, rationed := s.limits[method]
	if !rationed {
		return nil
	}
	most := limit.Calls
	if !s.people {
		most -= limit.Clicks
	}
	k, now := Key{s.print, method}, s.book.now()
	a, err := s.book.ledger.Account(ctx, k, now)
	if err != nil {
		return err
	}
	if until := a.Refused.Add(afterRefusal); now.Before(until) {
		return &SpentError{Method: method, Until: until}
	}
	ok, err := s.book.ledger.Spend(ctx, k, s.stream, limit, most, now)
	if err != nil || ok {
		return err
	}
	until := Frees(a.Uses, now)
	if until.IsZero() {
		until = now.Add(Slot)
	}
	return &SpentError{Method: method, Until: until}
}

// Refused notes that the network says that the method's quota is used up.
func (s *Share) Refused(ctx context.Context, method string) error {
	limit, rationed := s.limits[method]
	if !rationed {
		return nil
	}
	k := Key{s.print, method}
	s.book.mu.Lock()
	delete(s.book.plans, k)
	s.book.mu.Unlock()
	return s.book.ledger.Refuse(ctx, k, limit, s.book.now())
}

// drawn is the present plan of a counter, drawn anew when it is old or does not
// know the stream.
func (b *Book) drawn(ctx context.Context, k Key, l Limit, stream string) (drawn, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if d, ok := b.plans[k]; ok && now.Sub(d.plan.now) < planAge && slices.Contains(d.streams, stream) {
		return d, nil
	}
	a, err := b.ledger.Account(ctx, k, now)
	if err != nil {
		return drawn{}, err
	}
	d := drawn{refused: a.Refused, streams: []string{stream}}
	for _, u := range a.Uses {
		if u.Stream != "" && !slices.Contains(d.streams, u.Stream) {
			d.streams = append(d.streams, u.Stream)
		}
	}
	members := make([]Member, len(d.streams))
	for i, name := range d.streams {
		p, err := b.profile(ctx, name, now)
		if err != nil {
			return drawn{}, err
		}
		members[i] = Member{Stream: name, Profile: p}
	}
	d.plan = NewPlan(l, a.Uses, members, now)
	b.plans[k] = d
	return d, nil
}

func (b *Book) profile(ctx context.Context, stream string, now time.Time) (Profile, error) {
	if p, ok := b.profiles[stream]; ok && now.Sub(p.at) < profileAge {
		return p.profile, nil
	}
	hours, err := b.ledger.Activity(ctx, stream, now.Add(-Learning))
	if err != nil {
		return Profile{}, err
	}
	// Before its first item nothing is known to have been looked for.
	from := now.Add(-time.Hour)
	for _, h := range hours {
		if h.Start.Before(from) {
			from = h.Start
		}
	}
	p := Learn(hours, from, now)
	b.profiles[stream] = learnt{p, now}
	return p, nil
}
