package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"otklik/internal/social"
	"otklik/publisher"
)

// Plan returns a part of the plan by time, undated posts last.
func (s *Store) Plan(ctx context.Context, f publisher.Filter) (publisher.List, error) {
	out := publisher.List{Counts: map[publisher.State]int{}}
	q := planQuery(f, false)
	type count struct {
		state publisher.State
		n     int
	}
	counts, err := collect(ctx, s.read, func(r *sql.Rows) (count, error) {
		var c count
		var state string
		err := r.Scan(&state, &c.n)
		c.state = publisher.State(state)
		return c, err
	}, "SELECT p.state, COUNT(*) FROM posts p"+q.clause()+" GROUP BY p.state", q.args...)
	if err != nil {
		return out, err
	}
	wanted := map[publisher.State]bool{}
	for _, st := range f.States {
		wanted[st] = true
	}
	for _, c := range counts {
		out.Counts[c.state] = c.n
		if len(wanted) == 0 || wanted[c.state] {
			out.Total += c.n
		}
	}
	q = planQuery(f, true)
	limit, offset := q.arg(min(max(f.Limit, 1), 500)), q.arg(max(f.Offset, 0))
	out.Posts, err = collect(ctx, s.read, func(r *sql.Rows) (publisher.Post, error) { return scanPost(r.Scan) },
		"SELECT "+postColumns+" FROM posts p"+q.clause()+" ORDER BY CASE WHEN p.at_us = 0 THEN 1 ELSE 0 END, p.at_us, p.number LIMIT "+limit+" OFFSET "+offset, q.args...)
	return out, err
}

func planQuery(f publisher.Filter, states bool) *query {
	q := &query{}
	if !f.From.IsZero() {
		q.and("p.at_us >= " + q.arg(micros(f.From)))
	}
	if !f.To.IsZero() {
		q.and("p.at_us < " + q.arg(micros(f.To)))
		if f.From.IsZero() {
			q.and("p.at_us <> 0")
		}
	}
	if f.Undated {
		q.and("p.at_us = 0")
	}
	if states {
		in(q, "p.state", f.States)
	}
	in(q, "p.rubric", f.Rubrics)
	in(q, "p.author_id", f.AuthorIDs)
	if f.SeriesID != "" {
		q.and("p.series_id = " + q.arg(f.SeriesID))
	}
	if f.Text != "" {
		q.and("p.folded LIKE " + q.arg(like(f.Text)) + ` ESCAPE '\'`)
	}
	if len(f.PageIDs) > 0 {
		pages := &query{args: q.args}
		in(pages, "x.page_id", f.PageIDs)
		q.args = pages.args
		q.and("EXISTS (SELECT 1 FROM post_pages x WHERE x.post_id = p.id AND x.state <> 'dropped' AND " + pages.where[0] + ")")
	}
	return q
}

// PostView returns all that the page of a post shows. Errors: NotFound.
func (s *Store) PostView(ctx context.Context, id string) (publisher.View, error) {
	var v publisher.View
	var err error
	if v.Post, err = loadPost(ctx, s.read, id); err != nil {
		return v, err
	}
	if v.History, err = s.postEvents(ctx, id); err != nil {
		return v, err
	}
	if v.Versions, err = s.postVersions(ctx, id); err != nil {
		return v, err
	}
	if p, found, err := pollOfPost(ctx, s.read, id); err != nil {
		return v, err
	} else if found {
		v.Poll = &p
	}
	for _, t := range v.Post.Targets {
		if len(t.Refs) == 0 {
			continue
		}
		u, err := s.under(ctx, id, t)
		if err != nil {
			return v, err
		}
		v.Under = append(v.Under, u)
	}
	return v, nil
}

func (s *Store) postEvents(ctx context.Context, id string) ([]publisher.Event, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (publisher.Event, error) {
		var ev publisher.Event
		var kind, data string
		var at int64
		err := r.Scan(&at, &ev.ActorID, &ev.ActorName, &kind, &ev.Version, &ev.PageID, &ev.Text, &data)
		if err != nil {
			return ev, err
		}
		ev.At, ev.Kind = moment(at), publisher.EventKind(kind)
		return ev, json.Unmarshal([]byte(data), &ev.Data)
	}, "SELECT at_us, actor_id, actor_name, kind, version, page_id, note, data FROM post_events WHERE post_id = $1 ORDER BY seq", id)
}

func (s *Store) postVersions(ctx context.Context, id string) ([]publisher.Version, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (publisher.Version, error) {
		var v publisher.Version
		var content string
		var at int64
		if err := r.Scan(&v.Number, &content, &v.ByID, &v.By, &at); err != nil {
			return v, err
		}
		v.At = moment(at)
		return v, json.Unmarshal([]byte(content), &v.Content)
	}, "SELECT version, content, by_id, by_name, written_us FROM post_versions WHERE post_id = $1 ORDER BY version DESC", id)
}

// under counts what happens in the threads of a post on one page. In Telegram
// the thread hangs on the copy of the post in the discussion group.
func (s *Store) under(ctx context.Context, postID string, t publisher.Target) (publisher.Under, error) {
	u := publisher.Under{PageID: t.PageID, Stats: publisher.Untold(), Reach: social.Untold}
	for _, ref := range t.Refs {
		if ref.IsZero() {
			continue
		}
		thread, err := s.threadOf(ctx, ref)
		if err != nil {
			return u, err
		}
		var comments, complaints, open, answered, rejected int
		err = s.read.QueryRowContext(ctx, `SELECT COUNT(*), COUNT(ci.item_id) FROM items i LEFT JOIN case_items ci ON ci.item_id = i.id
			WHERE i.network = $1 AND i.thread_owner = $2 AND i.thread_id = $3 AND i.kind = 'comment' AND i.deleted_us = 0 AND i.version > 0`,
			string(thread.Network), thread.Owner, thread.ID).Scan(&comments, &complaints)
		if err != nil {
			return u, err
		}
		err = s.read.QueryRowContext(ctx, `SELECT COALESCE(SUM(CASE WHEN stage <> 'done' THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN outcome = 'resolved' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN outcome = 'rejected' THEN 1 ELSE 0 END), 0)
			FROM cases WHERE network = $1 AND thread_owner = $2 AND thread_id = $3`,
			string(thread.Network), thread.Owner, thread.ID).Scan(&open, &answered, &rejected)
		if err != nil {
			return u, err
		}
		u.Comments, u.Complaints = u.Comments+comments, u.Complaints+complaints
		u.Open, u.Answered, u.Rejected = u.Open+open, u.Answered+answered, u.Rejected+rejected
	}
	if len(t.Refs) == 0 || t.Refs[0].IsZero() {
		return u, nil
	}
	stats, err := s.NumbersOf(ctx, t.Refs[0])
	if err == nil && len(stats) > 0 {
		newest := stats[len(stats)-1]
		u.Stats, u.At = newest.Reactions, newest.At
	}
	if err == nil {
		u.Reach, err = s.reachOf(ctx, t.Refs[0])
	}
	return u, err
}

// reachOf is how many people saw a post, untold where the network does not tell.
func (s *Store) reachOf(ctx context.Context, ref social.Ref) (int, error) {
	n := social.Untold
	err := s.read.QueryRowContext(ctx, "SELECT total FROM post_reach WHERE network = $1 AND owner = $2 AND item_id = $3", string(ref.Network), ref.Owner, ref.ID).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return n, err
}

func (s *Store) threadOf(ctx context.Context, ref social.Ref) (social.Ref, error) {
	copied := social.Ref{Network: ref.Network}
	err := s.read.QueryRowContext(ctx, "SELECT owner, item_id FROM items WHERE network = $1 AND copy_owner = $2 AND copy_id = $3 AND copy_id <> '' ORDER BY seq LIMIT 1",
		string(ref.Network), ref.Owner, ref.ID).Scan(&copied.Owner, &copied.ID)
	if errors.Is(err, sql.ErrNoRows) {
		return ref, nil
	}
	return copied, err
}

// PostOf returns the post that an item of a network is, "" if it is none of ours.
func (s *Store) PostOf(ctx context.Context, ref social.Ref) (string, error) {
	var id string
	err := s.read.QueryRowContext(ctx, "SELECT post_id FROM post_refs WHERE network = $1 AND owner = $2 AND item_id = $3",
		string(ref.Network), ref.Owner, ref.ID).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return id, err
}

// RecentTexts lists what was planned or published since a moment, except for one
// post: what a new text is compared with.
func (s *Store) RecentTexts(ctx context.Context, since time.Time, except string) ([]publisher.Recent, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (publisher.Recent, error) {
		var x publisher.Recent
		var content string
		var at, created int64
		if err := r.Scan(&x.ID, &x.Title, &content, &at, &created); err != nil {
			return x, err
		}
		var c publisher.Content
		err := json.Unmarshal([]byte(content), &c)
		x.Text, x.At = c.Text, moment(at)
		if at == 0 {
			x.At = moment(created)
		}
		return x, err
	}, `SELECT id, title, content, at_us, created_us FROM posts WHERE state <> 'cancelled' AND id <> $2 AND (at_us >= $1 OR created_us >= $1)
		ORDER BY created_us DESC LIMIT 500`, micros(since), except)
}
