package store

import (
	"context"
	"database/sql"
	"time"

	"otklik/publisher"
)

func scanPostStats(r *sql.Rows) (publisher.PostStats, error) {
	var x publisher.PostStats
	var at int64
	err := r.Scan(&x.PostID, &x.PageID, &at, &x.Reactions.Views, &x.Reactions.Likes, &x.Reactions.Comments, &x.Reactions.Reposts)
	x.At = moment(at)
	return x, err
}

// AddPostStats keeps what a network says of a post; the same moment twice is one.
func (s *Store) AddPostStats(ctx context.Context, x publisher.PostStats, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		r := x.Reactions
		_, err := tx.exec(ctx, `INSERT INTO post_stats (post_id, page_id, at_us, views, likes, comments, reposts) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT DO NOTHING`, x.PostID, x.PageID, micros(x.At), r.Views, r.Likes, r.Comments, r.Reposts)
		return err
	})
}

// PostHistory lists what was counted under a post over time, on all its pages.
func (s *Store) PostHistory(ctx context.Context, postID string) ([]publisher.PostStats, error) {
	return collect(ctx, s.read, scanPostStats,
		"SELECT post_id, page_id, at_us, views, likes, comments, reposts FROM post_stats WHERE post_id = $1 ORDER BY at_us, page_id", postID)
}

// PageReactions sums the newest counts of the posts that went out on each page
// in [from, to).
func (s *Store) PageReactions(ctx context.Context, from, to time.Time) (map[string]publisher.Reactions, error) {
	list, err := collect(ctx, s.read, scanPostStats, `SELECT t.post_id, t.page_id, t.at_us, t.views, t.likes, t.comments, t.reposts
		FROM post_stats t JOIN posts p ON p.id = t.post_id
		WHERE p.at_us >= $1 AND p.at_us < $2 AND t.at_us = (SELECT MAX(n.at_us) FROM post_stats n WHERE n.post_id = t.post_id AND n.page_id = t.page_id)`,
		micros(from), micros(to))
	out := map[string]publisher.Reactions{}
	for _, x := range list {
		out[x.PageID] = out[x.PageID].Plus(x.Reactions)
	}
	return out, err
}

// AddPageStats keeps what a network says of a page; the same moment twice is one.
func (s *Store) AddPageStats(ctx context.Context, x publisher.PageStats, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		_, err := tx.exec(ctx, "INSERT INTO page_stats (page_id, at_us, subscribers, reach) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
			x.PageID, micros(x.At), x.Subscribers, x.Reach)
		return err
	})
}

// PageHistory lists what a network said of a page since a moment.
func (s *Store) PageHistory(ctx context.Context, pageID string, since time.Time) ([]publisher.PageStats, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (publisher.PageStats, error) {
		var x publisher.PageStats
		var at int64
		err := r.Scan(&x.PageID, &at, &x.Subscribers, &x.Reach)
		x.At = moment(at)
		return x, err
	}, "SELECT page_id, at_us, subscribers, reach FROM page_stats WHERE page_id = $1 AND at_us >= $2 ORDER BY at_us", pageID, micros(since))
}

// pageMoment is when something stands, or will, on a page.
type pageMoment struct {
	page string
	at   time.Time
}

func byPage(list []pageMoment) map[string][]time.Time {
	out := map[string][]time.Time{}
	for _, x := range list {
		out[x.page] = append(out[x.page], x.at)
	}
	return out
}

func scanPageMoment(r *sql.Rows) (pageMoment, error) {
	var x pageMoment
	var at int64
	err := r.Scan(&x.page, &at)
	x.at = moment(at)
	return x, err
}

// PostMoments lists when the agency's own posts came onto each page in
// [from, to), whoever published them: what the week's norm is counted by. A
// page's copy in a discussion group is not another post: there the page is not
// at home.
func (s *Store) PostMoments(ctx context.Context, from, to time.Time) (map[string][]time.Time, error) {
	list, err := collect(ctx, s.read, scanPageMoment, `SELECT i.source_id, i.published_us FROM items i
		WHERE i.kind = 'post' AND i.own = 1 AND i.author_id = i.owner AND i.copy_id = '' AND i.deleted_us = 0 AND i.version > 0
		AND i.published_us >= $1 AND i.published_us < $2`, micros(from), micros(to))
	return byPage(list), err
}

// PlannedMoments lists when approved posts will leave for each page in [from, to).
func (s *Store) PlannedMoments(ctx context.Context, from, to time.Time) (map[string][]time.Time, error) {
	list, err := collect(ctx, s.read, scanPageMoment, `SELECT x.page_id, p.at_us FROM posts p JOIN post_pages x ON x.post_id = p.id
		WHERE p.state = 'scheduled' AND x.state IN ('waiting', 'leaving') AND p.at_us >= $1 AND p.at_us < $2`, micros(from), micros(to))
	return byPage(list), err
}
