package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"otklik/internal/errs"
	"otklik/internal/social"
	"otklik/publisher"
)

// AddPostNumbers keeps what networks say of posts; the same moment twice is
// one. What is untold is taken from the count before.
func (s *Store) AddPostNumbers(ctx context.Context, list []publisher.PostStats, now time.Time) error {
	if len(list) == 0 {
		return nil
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		for _, x := range list {
			if err := tx.addNumbers(ctx, x); err != nil {
				return err
			}
		}
		return tx.bump(ctx, "stats")
	})
}

func (tx *Tx) addNumbers(ctx context.Context, x publisher.PostStats) error {
	var before publisher.Reactions
	err := tx.QueryRowContext(ctx, `SELECT views, likes, comments, reposts FROM post_numbers
		WHERE network = $1 AND owner = $2 AND item_id = $3 AND at_us <= $4 ORDER BY at_us DESC LIMIT 1`,
		string(x.Ref.Network), x.Ref.Owner, x.Ref.ID, micros(x.At)).Scan(&before.Views, &before.Likes, &before.Comments, &before.Reposts)
	if errors.Is(err, sql.ErrNoRows) {
		before, err = publisher.Untold(), nil
	}
	if err != nil {
		return err
	}
	r := x.Reactions.Filled(before)
	_, err = tx.exec(ctx, `INSERT INTO post_numbers (network, owner, item_id, page_id, at_us, views, likes, comments, reposts)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
		string(x.Ref.Network), x.Ref.Owner, x.Ref.ID, x.PageID, micros(x.At), r.Views, r.Likes, r.Comments, r.Reposts)
	return err
}

// AddPostReach keeps the newest word of how many people saw posts of a page.
func (s *Store) AddPostReach(ctx context.Context, pageID string, list []social.PostReach, now time.Time) error {
	if len(list) == 0 {
		return nil
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		for _, x := range list {
			if _, err := tx.exec(ctx, `INSERT INTO post_reach (network, owner, item_id, page_id, total, subscribers, at_us) VALUES ($1, $2, $3, $4, $5, $6, $7)
				ON CONFLICT (network, owner, item_id) DO UPDATE SET total = excluded.total, subscribers = excluded.subscribers, at_us = excluded.at_us`,
				string(x.Ref.Network), x.Ref.Owner, x.Ref.ID, pageID, x.Total, x.Subscribers, tx.us); err != nil {
				return err
			}
		}
		return tx.bump(ctx, "stats")
	})
}

const numberColumns = "network, owner, item_id, page_id, at_us, views, likes, comments, reposts"

func scanPostStats(r *sql.Rows) (publisher.PostStats, error) {
	var x publisher.PostStats
	var network string
	var at int64
	err := r.Scan(&network, &x.Ref.Owner, &x.Ref.ID, &x.PageID, &at, &x.Reactions.Views, &x.Reactions.Likes, &x.Reactions.Comments, &x.Reactions.Reposts)
	x.Ref.Network, x.At = social.Network(network), moment(at)
	return x, err
}

// PostHistory lists what was counted under a post of the plan over time, on all
// its pages.
func (s *Store) PostHistory(ctx context.Context, postID string) ([]publisher.PostStats, error) {
	return collect(ctx, s.read, scanPostStats, `SELECT n.network, n.owner, n.item_id, n.page_id, n.at_us, n.views, n.likes, n.comments, n.reposts
		FROM post_numbers n JOIN post_refs r ON r.network = n.network AND r.owner = n.owner AND r.item_id = n.item_id
		WHERE r.post_id = $1 ORDER BY n.at_us, n.page_id`, postID)
}

// NumbersOf lists what was counted under one post of a network over time.
func (s *Store) NumbersOf(ctx context.Context, ref social.Ref) ([]publisher.PostStats, error) {
	return collect(ctx, s.read, scanPostStats, "SELECT "+numberColumns+` FROM post_numbers
		WHERE network = $1 AND owner = $2 AND item_id = $3 ORDER BY at_us`, string(ref.Network), ref.Owner, ref.ID)
}

// onWall is a post of a page as the collectors or the ledger know it. What
// stands as several messages, an album or a poll under its text, has the same
// whole.
type onWall struct {
	publisher.Figure
	whole string
}

// choice says which posts are meant: of what the collectors saw as i, of what
// the ledger sent as d.
type choice struct{ seen, sent string }

// knownPosts are the posts of which the program knows without having seen them: what
// the ledger sent, and what a person has published and given the link of.
const knownPosts = `(SELECT l.source_id, l.network, l.remote_owner, l.remote_id, l.body, l.permalink, l.done_us
		FROM deliveries l WHERE l.kind = 'post' AND l.part = 0 AND l.state = 'sent' AND l.remote_id <> ''
		UNION ALL
		SELECT r.page_id, r.network, r.owner, r.item_id, p.title, r.link, r.out_us
		FROM post_refs r JOIN posts p ON p.id = r.post_id WHERE r.part = 0 AND r.out_us <> 0 AND NOT EXISTS (SELECT 1 FROM deliveries l
			WHERE l.subject_id = r.post_id AND l.source_id = r.page_id AND l.kind = 'post' AND l.part = 0 AND l.state = 'sent' AND l.remote_id <> ''))`

// wallPosts lists the agency's own posts that are chosen with their newest
// counts, the oldest first, each once however many messages it is. A Telegram
// bot sees its own posts only as their copies in the discussion group, and where
// there is no group the ledger alone knows of them.
func (s *Store) wallPosts(ctx context.Context, c choice, args ...any) ([]publisher.Figure, error) {
	list, err := collect(ctx, s.read, scanOnWall, `WITH wall AS (
		SELECT i.source_id AS page, i.network AS network, CASE WHEN i.copy_id <> '' THEN i.copy_owner ELSE i.owner END AS owner,
			CASE WHEN i.copy_id <> '' THEN i.copy_id ELSE i.item_id END AS item, i.body AS body, i.permalink AS link, i.published_us AS came_us,
			COALESCE((SELECT MIN(h.album) FROM photos h WHERE h.item_id = i.id AND h.album <> ''), '') AS album,
			CASE WHEN i.copy_id <> '' THEN 1 ELSE 0 END AS copied, i.seq AS seq
		FROM items i WHERE i.kind = 'post' AND i.own = 1 AND (i.copy_id <> '' OR i.author_id = i.owner) AND i.deleted_us = 0 AND i.version > 0 AND `+c.seen+`
		UNION ALL
		SELECT d.source_id, d.network, d.remote_owner, d.remote_id, d.body, d.permalink, d.done_us, '', 0, 0
		FROM `+knownPosts+` d WHERE `+c.sent+`
			AND NOT EXISTS (SELECT 1 FROM items i WHERE i.network = d.network AND i.owner = d.remote_owner AND i.item_id = d.remote_id)
			AND NOT EXISTS (SELECT 1 FROM items i WHERE i.network = d.network AND i.copy_owner = d.remote_owner AND i.copy_id = d.remote_id AND i.copy_id <> ''))
		SELECT w.page, w.network, w.owner, w.item, w.body, w.link, w.came_us, COALESCE(r.post_id, ''), COALESCE(p.number, 0), w.album,
		COALESCE(n.at_us, 0), COALESCE(n.views, -1), COALESCE(n.likes, -1), COALESCE(n.comments, -1), COALESCE(n.reposts, -1), COALESCE(h.total, -1)
		FROM wall w
		LEFT JOIN post_refs r ON r.network = w.network AND r.owner = w.owner AND r.item_id = w.item
		LEFT JOIN posts p ON p.id = r.post_id
		LEFT JOIN post_reach h ON h.network = w.network AND h.owner = w.owner AND h.item_id = w.item
		LEFT JOIN post_numbers n ON n.network = w.network AND n.owner = w.owner AND n.item_id = w.item AND n.at_us =
			(SELECT MAX(m.at_us) FROM post_numbers m WHERE m.network = w.network AND m.owner = w.owner AND m.item_id = w.item)
		ORDER BY w.came_us, w.copied, w.seq`, args...)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var out []publisher.Figure
	for _, x := range list {
		if !seen[x.whole] {
			seen[x.whole] = true
			out = append(out, x.Figure)
		}
	}
	return out, nil
}

func scanOnWall(r *sql.Rows) (onWall, error) {
	var x onWall
	var network, album string
	var at, counted int64
	err := r.Scan(&x.PageID, &network, &x.Ref.Owner, &x.Ref.ID, &x.Text, &x.Link, &at, &x.PostID, &x.Number, &album,
		&counted, &x.Reactions.Views, &x.Reactions.Likes, &x.Reactions.Comments, &x.Reactions.Reposts, &x.Reach)
	x.Ref.Network, x.PublishedAt, x.CountedAt = social.Network(network), moment(at), moment(counted)
	switch {
	case x.PostID != "":
		x.whole = x.PageID + " post " + x.PostID
	case album != "":
		x.whole = x.PageID + " album " + album
	default:
		x.whole = x.PageID + " item " + x.Ref.String()
	}
	return x, err
}

// Figures lists the posts that came onto pages in [from, to), whoever published
// them, with their newest counts, the oldest first.
func (s *Store) Figures(ctx context.Context, from, to time.Time) ([]publisher.Figure, error) {
	return s.wallPosts(ctx, within(), micros(from), micros(to))
}

// within chooses posts by when they came onto their page.
func within() choice {
	return choice{"i.published_us >= $1 AND i.published_us < $2", "d.done_us >= $1 AND d.done_us < $2"}
}

// Figure returns one post of a page. Errors: NotFound.
func (s *Store) Figure(ctx context.Context, ref social.Ref) (publisher.Figure, error) {
	list, err := s.wallPosts(ctx, choice{
		"i.network = $1 AND (i.owner = $2 AND i.item_id = $3 OR i.copy_owner = $2 AND i.copy_id = $3)",
		"d.network = $1 AND d.remote_owner = $2 AND d.remote_id = $3",
	}, string(ref.Network), ref.Owner, ref.ID)
	if err != nil {
		return publisher.Figure{}, err
	}
	if len(list) == 0 {
		return publisher.Figure{}, errs.New(errs.NotFound, "Такого поста в статистике нет: она хранит посты, которые стоят на страницах.")
	}
	return list[0], nil
}

// Watched lists the posts of the register's pages since a moment, for counting.
func (s *Store) Watched(ctx context.Context, since, now time.Time) ([]publisher.Watched, error) {
	list, err := s.wallPosts(ctx, within(), micros(since), micros(now.Add(time.Minute)))
	if err != nil {
		return nil, err
	}
	var out []publisher.Watched
	for _, f := range list {
		out = append(out, publisher.Watched{PageID: f.PageID, Ref: f.Ref, PublishedAt: f.PublishedAt, CountedAt: f.CountedAt})
	}
	return out, nil
}

// PostMoments lists when the agency's own posts came onto each page in
// [from, to), whoever published them: what the week's norm is counted by.
func (s *Store) PostMoments(ctx context.Context, from, to time.Time) (map[string][]time.Time, error) {
	list, err := s.wallPosts(ctx, within(), micros(from), micros(to))
	out := map[string][]time.Time{}
	for _, f := range list {
		out[f.PageID] = append(out[f.PageID], f.PublishedAt)
	}
	return out, err
}

// PlannedMoments lists when approved posts will leave for each page in [from, to).
func (s *Store) PlannedMoments(ctx context.Context, from, to time.Time) (map[string][]time.Time, error) {
	type planned struct {
		page string
		at   int64
	}
	list, err := collect(ctx, s.read, func(r *sql.Rows) (planned, error) {
		var x planned
		return x, r.Scan(&x.page, &x.at)
	}, `SELECT x.page_id, p.at_us FROM posts p JOIN post_pages x ON x.post_id = p.id
		WHERE p.state = 'scheduled' AND x.state IN ('waiting', 'leaving') AND p.at_us >= $1 AND p.at_us < $2`, micros(from), micros(to))
	out := map[string][]time.Time{}
	for _, x := range list {
		out[x.page] = append(out[x.page], moment(x.at))
	}
	return out, err
}
