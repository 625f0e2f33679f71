package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"otklik/collectors"
	"otklik/incidents"
	"otklik/internal/delivery"
	"otklik/internal/social"
)

// Tally counts what the database holds.
type Tally struct {
	Items   int // all items
	Foreign int // items that are not the agency's own words
	Pending int // items that wait for detection
	Matched int // items on which a rule fired
	Cases   int
	Answers int // answers that the networks confirmed
}

// Tally counts what the database holds now.
func (s *Store) Tally(ctx context.Context) (Tally, error) {
	var t Tally
	err := errors.Join(
		s.read.QueryRowContext(ctx, "SELECT COUNT(*), COALESCE(SUM(1 - own), 0), COALESCE(SUM(pending), 0) FROM items").Scan(&t.Items, &t.Foreign, &t.Pending),
		s.read.QueryRowContext(ctx, "SELECT COUNT(DISTINCT item_id) FROM matches").Scan(&t.Matched),
		s.read.QueryRowContext(ctx, "SELECT COUNT(*) FROM cases").Scan(&t.Cases),
		s.read.QueryRowContext(ctx, "SELECT COUNT(*) FROM deliveries WHERE state = $1", string(delivery.Sent)).Scan(&t.Answers),
	)
	return t, err
}

// Opened returns the messages that opened a case at since or later.
func (s *Store) Opened(ctx context.Context, since time.Time) ([]social.Ref, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (social.Ref, error) {
		var ref social.Ref
		var network string
		err := r.Scan(&network, &ref.Owner, &ref.ID)
		ref.Network = social.Network(network)
		return ref, err
	}, "SELECT i.network, i.owner, i.item_id FROM cases c JOIN items i ON i.id = c.item_id WHERE c.opened_us >= $1", micros(since))
}

// Changed is an item as the search index needs it.
type Changed struct {
	ID       string
	SourceID string
	CaseID   string
	TopicID  string          // of its case, else of the first rule that fired, else empty
	Place    incidents.Place // of its case
	Seq      int64           // in the order of arrival
	Revision int64
	StoredAt time.Time
	Item     social.Item
}

// Waiting is since when the oldest work of each kind waits; zero where none does.
type Waiting struct {
	Detection time.Time // a stored item that nobody has judged
	Delivery  time.Time // a delivery whose time to leave has come
	Plan      time.Time // a post that should have been given to the ledger
	Photo     time.Time // a photo whose time to be fetched has come
	Source    time.Time // the source that is furthest behind
	Audit     time.Time // when the auditor of alarms last looked
}

// oldestPhoto is when the photo that waits longest was due.
func (s *Store) oldestPhoto(ctx context.Context, now time.Time) (time.Time, error) {
	var due int64
	err := s.read.QueryRowContext(ctx, "SELECT COALESCE(MIN(next_us), 0) FROM photos WHERE state = 'waiting' AND next_us <= $1", micros(now)).Scan(&due)
	return moment(due), err
}

// Waiting looks for the oldest work that waits.
func (s *Store) Waiting(ctx context.Context, now time.Time) (Waiting, error) {
	detection, leaving, err := s.oldest(ctx, now)
	w := Waiting{Detection: detection, Delivery: leaving}
	if err == nil {
		w.Plan, err = s.oldestDuePost(ctx, now)
	}
	if err == nil {
		w.Photo, err = s.oldestPhoto(ctx, now)
	}
	if err == nil {
		w.Audit, err = s.audited(ctx)
	}
	if err != nil {
		return w, err
	}
	sources, err := s.Sources(ctx, now)
	for _, x := range sources {
		if x.State == collectors.Held || x.Public {
			continue // nobody waits by the minute for what is paused or asked by plan
		}
		if at := x.CompleteTo; w.Source.IsZero() || at.Before(w.Source) {
			w.Source = at
			if at.IsZero() {
				w.Source = x.Since
			}
		}
	}
	return w, err
}
