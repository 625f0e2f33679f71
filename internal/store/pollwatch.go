package store

import (
	"context"
	"database/sql"
	"time"

	"otklik/internal/social"
	"otklik/publisher"
)

// keepLooking is how long after its end a poll whose final result was not seen
// is still asked about.
const keepLooking = 7 * 24 * time.Hour

// WatchedPolls lists the polls that stand in networks and still change, or whose
// final result nobody has seen, with the newest look at each of their pages.
func (s *Store) WatchedPolls(ctx context.Context, now time.Time) ([]publisher.PollLook, error) {
	polls, err := collect(ctx, s.read, func(r *sql.Rows) (publisher.Poll, error) { return scanPoll(r.Scan) },
		"SELECT "+pollColumns+` FROM polls WHERE post_id <> '' AND (state <> 'closed' OR closed_us >= $1) ORDER BY opened_us`, micros(now.Add(-keepLooking)))
	if err != nil {
		return nil, err
	}
	var out []publisher.PollLook
	for _, p := range polls {
		seen, err := s.looks(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, publisher.PollLook{Poll: p, SeenAt: seen})
	}
	return out, nil
}

func (s *Store) looks(ctx context.Context, pollID string) (map[string]time.Time, error) {
	type look struct {
		page string
		at   int64
	}
	list, err := collect(ctx, s.read, func(r *sql.Rows) (look, error) {
		var x look
		return x, r.Scan(&x.page, &x.at)
	}, "SELECT page_id, MAX(at_us) FROM poll_snapshots WHERE poll_id = $1 GROUP BY page_id", pollID)
	out := map[string]time.Time{}
	for _, x := range list {
		out[x.page] = moment(x.at)
	}
	return out, err
}

// ToldUpdate is a raw update that a network sent about a page.
type ToldUpdate struct {
	PageID string
	At     time.Time
	Raw    []byte
}

// ToldUpdates lists the updates of a network since a moment that may hold
// counts, the oldest first: what a bot of Telegram is told of polls and
// reactions it is told nowhere else.
func (s *Store) ToldUpdates(ctx context.Context, network social.Network, since time.Time) ([]ToldUpdate, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (ToldUpdate, error) {
		var u ToldUpdate
		var raw, encoding string
		var at int64
		if err := r.Scan(&u.PageID, &at, &raw, &encoding); err != nil {
			return u, err
		}
		u.At = moment(at)
		var err error
		u.Raw, err = decodeRaw(raw, encoding)
		return u, err
	}, `SELECT t.source_id, u.received_us, u.raw, u.encoding FROM updates u JOIN streams t ON t.name = u.stream JOIN sources s ON s.id = t.source_id
		WHERE s.network = $1 AND u.received_us >= $2 AND u.broken = '' AND (u.raw LIKE '%"poll"%' OR u.raw LIKE '%"message_reaction_count"%')
		ORDER BY u.received_us, LENGTH(u.key), u.key LIMIT 5000`, string(network), micros(since))
}

// OwnComments counts the comments that were seen under posts and not deleted,
// in the order of refs.
func (s *Store) OwnComments(ctx context.Context, refs []social.Ref) ([]int, error) {
	out := make([]int, len(refs))
	for i, ref := range refs {
		thread, err := s.threadOf(ctx, ref)
		if err != nil {
			return nil, err
		}
		err = s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM items WHERE network = $1 AND thread_owner = $2 AND thread_id = $3
			AND kind = 'comment' AND deleted_us = 0 AND version > 0`, string(thread.Network), thread.Owner, thread.ID).Scan(&out[i])
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
