package store

import (
	"context"
	"errors"
	"time"

	"otklik/internal/alarm"
	"otklik/publisher"
)

// stuckFacts counts what waits for a person to decide: answers by the ledger,
// posts by what became of them on all their pages.
func (s *Store) stuckFacts(ctx context.Context, f *alarm.Facts) error {
	const answers = " FROM deliveries WHERE kind IN ('answer', 'notice') AND state = "
	const posts = " FROM posts WHERE state = "
	var unknown, failed, check, refused, changes error
	f.Unknown, unknown = s.stuck(ctx, "done_us", answers+"'unknown'")
	f.Failed, failed = s.stuck(ctx, "done_us", answers+"'failed'")
	f.PostUnknown, check = s.stuck(ctx, "state_us", posts+"'check'")
	f.PostFailed, refused = s.stuck(ctx, "state_us", posts+"'failed'")
	edits, changes := s.stuck(ctx, "done_us", " FROM deliveries WHERE kind NOT IN ('answer', 'notice', 'post', 'poll') AND state = 'failed'")
	f.PostFailed = f.PostFailed.With(edits)
	return errors.Join(unknown, failed, check, refused, changes)
}

func (s *Store) stuck(ctx context.Context, since, from string) (alarm.Stuck, error) {
	var x alarm.Stuck
	var oldest, newest int64
	err := s.read.QueryRowContext(ctx, "SELECT COUNT(*), COALESCE(MIN("+since+"), 0), COALESCE(MAX("+since+"), 0)"+from).Scan(&x.Count, &oldest, &newest)
	x.Oldest, x.Newest = moment(oldest), moment(newest)
	return x, err
}

// duePosts narrows a query to posts that should have been given to the ledger
// for some page.
func duePosts(q *query, now time.Time) {
	q.and("p.state = 'scheduled' AND p.waiting = 1 AND p.at_us <> 0 AND p.at_us <= " + q.arg(micros(now)))
}

// oldestDuePost is when the post was due that waits longest to be given to the
// ledger although no stop holds it; zero if there is none.
func (s *Store) oldestDuePost(ctx context.Context, now time.Time) (time.Time, error) {
	held, err := halts(ctx, s.read)
	if err != nil {
		return time.Time{}, err
	}
	q := &query{}
	duePosts(q, now)
	free := "g.post_id = p.id AND g.state = 'waiting'"
	for _, h := range held {
		if len(h.PageIDs) == 0 {
			return time.Time{}, nil
		}
		free += " AND g.page_id NOT IN " + listed(q, h.PageIDs)
	}
	q.and("EXISTS (SELECT 1 FROM post_pages g WHERE " + free + ")")
	var at int64
	err = s.read.QueryRowContext(ctx, "SELECT COALESCE(MIN(p.at_us), 0) FROM posts p"+q.clause(), q.args...).Scan(&at)
	return moment(at), err
}

// heldFacts lists the stops that hold now, with how many posts should have left
// meanwhile.
func (s *Store) heldFacts(ctx context.Context, now time.Time) ([]alarm.Halt, error) {
	held, err := halts(ctx, s.read)
	if err != nil {
		return nil, err
	}
	var out []alarm.Halt
	for _, h := range held {
		q := &query{}
		duePosts(q, now)
		of := "g.post_id = p.id AND g.state = 'waiting'"
		if len(h.PageIDs) > 0 {
			of += " AND g.page_id IN " + listed(q, h.PageIDs)
		}
		q.and("EXISTS (SELECT 1 FROM post_pages g WHERE " + of + ")")
		x := alarm.Halt{ID: h.ID, ByPerson: h.Cause == publisher.ByPerson, Why: h.Cause.Title(), At: h.At}
		if err := s.read.QueryRowContext(ctx, "SELECT COUNT(*) FROM posts p"+q.clause(), q.args...).Scan(&x.Held); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}
