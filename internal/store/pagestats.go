package store

import (
	"context"
	"database/sql"
	"time"

	"otklik/internal/social"
	"otklik/publisher"
)

// AddPageStats keeps what a network says of a page; the same moment twice is one.
func (s *Store) AddPageStats(ctx context.Context, x publisher.PageStats, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		if _, err := tx.exec(ctx, "INSERT INTO page_stats (page_id, at_us, subscribers, reach) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
			x.PageID, micros(x.At), x.Subscribers, x.Reach); err != nil {
			return err
		}
		return tx.bump(ctx, "stats")
	})
}

func scanPageStats(r *sql.Rows) (publisher.PageStats, error) {
	var x publisher.PageStats
	var at int64
	err := r.Scan(&x.PageID, &at, &x.Subscribers, &x.Reach)
	x.At = moment(at)
	return x, err
}

// PageHistory lists what a network said of a page since a moment.
func (s *Store) PageHistory(ctx context.Context, pageID string, since time.Time) ([]publisher.PageStats, error) {
	return collect(ctx, s.read, scanPageStats, "SELECT page_id, at_us, subscribers, reach FROM page_stats WHERE page_id = $1 AND at_us >= $2 ORDER BY at_us", pageID, micros(since))
}

// PagesNow returns the newest word about each page before a moment.
func (s *Store) PagesNow(ctx context.Context, before time.Time) (map[string]publisher.PageStats, error) {
	list, err := collect(ctx, s.read, scanPageStats, `SELECT t.page_id, t.at_us, t.subscribers, t.reach FROM page_stats t
		WHERE t.at_us = (SELECT MAX(n.at_us) FROM page_stats n WHERE n.page_id = t.page_id AND n.at_us < $1)`, micros(before))
	out := map[string]publisher.PageStats{}
	for _, x := range list {
		out[x.PageID] = x
	}
	return out, err
}

// AddPageDays keeps the network's own days of a page; its newest word counts.
func (s *Store) AddPageDays(ctx context.Context, x publisher.PageDays, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		for _, d := range x.Days {
			if _, err := tx.exec(ctx, `INSERT INTO page_days (page_id, from_us, to_us, views, visitors, reach, likes, reposts, comments, subscribed, unsubscribed)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (page_id, from_us) DO UPDATE SET to_us = excluded.to_us,
				views = excluded.views, visitors = excluded.visitors, reach = excluded.reach, likes = excluded.likes, reposts = excluded.reposts,
				comments = excluded.comments, subscribed = excluded.subscribed, unsubscribed = excluded.unsubscribed`,
				x.PageID, micros(d.From), micros(d.To), d.Views, d.Visitors, d.Reach, d.Likes, d.Reposts, d.Comments, d.Subscribed, d.Unsubscribed); err != nil {
				return err
			}
		}
		return tx.bump(ctx, "stats")
	})
}

// Days lists the networks' own days that begin in [from, to), page by page.
func (s *Store) Days(ctx context.Context, from, to time.Time) (map[string][]social.PageDay, error) {
	type day struct {
		page string
		social.PageDay
	}
	list, err := collect(ctx, s.read, func(r *sql.Rows) (day, error) {
		var d day
		var begin, end int64
		err := r.Scan(&d.page, &begin, &end, &d.Views, &d.Visitors, &d.Reach, &d.Likes, &d.Reposts, &d.Comments, &d.Subscribed, &d.Unsubscribed)
		d.From, d.To = moment(begin), moment(end)
		return d, err
	}, `SELECT page_id, from_us, to_us, views, visitors, reach, likes, reposts, comments, subscribed, unsubscribed FROM page_days
		WHERE from_us >= $1 AND from_us < $2 ORDER BY from_us`, micros(from), micros(to))
	out := map[string][]social.PageDay{}
	for _, d := range list {
		out[d.page] = append(out[d.page], d.PageDay)
	}
	return out, err
}

// NoteMeasured keeps when a page was counted, or why it was not.
func (s *Store) NoteMeasured(ctx context.Context, pageID string, m publisher.Measured, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		if _, err := tx.exec(ctx, `INSERT INTO page_measures (page_id, at_us, trouble) VALUES ($1, $2, $3) ON CONFLICT (page_id) DO UPDATE SET
			at_us = CASE WHEN excluded.at_us > page_measures.at_us THEN excluded.at_us ELSE page_measures.at_us END, trouble = excluded.trouble`,
			pageID, micros(m.At), m.Trouble); err != nil {
			return err
		}
		return tx.bump(ctx, "stats")
	})
}

// Measured says of each page when it was counted and what stands in the way.
func (s *Store) Measured(ctx context.Context) (map[string]publisher.Measured, error) {
	type row struct {
		page string
		publisher.Measured
	}
	list, err := collect(ctx, s.read, func(r *sql.Rows) (row, error) {
		var x row
		var at int64
		err := r.Scan(&x.page, &at, &x.Trouble)
		x.At = moment(at)
		return x, err
	}, "SELECT page_id, at_us, trouble FROM page_measures")
	out := map[string]publisher.Measured{}
	for _, x := range list {
		out[x.page] = x.Measured
	}
	return out, err
}
