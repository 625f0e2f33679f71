package store

import (
	"context"
	"database/sql"
	"time"

	"otklik/collectors"
	"otklik/internal/social"
)

// Posts returns the posts of a wall that are published at since or later and
// not known to be deleted.
func (s *Store) Posts(ctx context.Context, network social.Network, owner string, since time.Time) ([]collectors.Standing, error) {
	return s.standing(ctx, `SELECT network, owner, item_id, published_us FROM items
		WHERE network = $1 AND owner = $2 AND kind = 'post' AND deleted_us = 0 AND version > 0 AND published_us >= $3`, string(network), owner, micros(since))
}

// Comments returns the comments of a thread that are not known to be deleted.
func (s *Store) Comments(ctx context.Context, thread social.Ref) ([]collectors.Standing, error) {
	return s.standing(ctx, `SELECT network, owner, item_id, published_us FROM items
		WHERE network = $1 AND thread_owner = $2 AND thread_id = $3 AND kind <> 'post' AND deleted_us = 0 AND version > 0`,
		string(thread.Network), thread.Owner, thread.ID)
}

func (s *Store) standing(ctx context.Context, query string, args ...any) ([]collectors.Standing, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (collectors.Standing, error) {
		var x collectors.Standing
		var network string
		var at int64
		err := r.Scan(&network, &x.Ref.Owner, &x.Ref.ID, &at)
		x.Ref.Network, x.PublishedAt = social.Network(network), moment(at)
		return x, err
	}, query, args...)
}

// Missed returns the earliest beginning of a source's gaps that end after since,
// that nothing has filled yet and that are not known to be beyond reach; zero if
// there are none.
func (s *Store) Missed(ctx context.Context, sourceID string, since time.Time) (time.Time, error) {
	var from int64
	err := s.read.QueryRowContext(ctx, `SELECT COALESCE(MIN(from_us), 0) FROM gaps
		WHERE source_id = $1 AND filled_us = 0 AND beyond = 0 AND to_us > $2`, sourceID, micros(since)).Scan(&from)
	return moment(from), err
}
