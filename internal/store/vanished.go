package store

import (
	"context"
	"database/sql"
	"time"

	"otklik/internal/alarm"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/publisher"
)

// tellVanished says to the post of the plan that an item is, if it is one, that
// the network has deleted it. While the ledger holds a removal of ours nothing
// is said: the deletion may be that one.
func (in *intake) tellVanished(ctx context.Context, ref social.Ref) error {
	at, err := in.tx.plannedAs(ctx, ref)
	if err != nil || at.post == "" {
		return err
	}
	var ours int
	if err := in.tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM deliveries WHERE subject_id = $1 AND source_id = $2 AND kind = 'delete'
		AND state IN ('planned', 'sending', 'unknown')`, at.post, at.page).Scan(&ours); err != nil || ours > 0 {
		return err
	}
	return in.tx.tellPost(ctx, at.post, publisher.Vanished{PageID: at.page, Ref: ref}, rights.System())
}

// tellReappeared takes back what tellVanished has said.
func (in *intake) tellReappeared(ctx context.Context, ref social.Ref) error {
	at, err := in.tx.plannedAs(ctx, ref)
	if err != nil || at.post == "" {
		return err
	}
	return in.tx.tellPost(ctx, at.post, publisher.Reappeared{PageID: at.page, Ref: ref}, rights.System())
}

// vanishedMemory is for how long a post that was deleted in its network is
// something to be told of.
const vanishedMemory = 7 * 24 * time.Hour

// vanishedFacts lists by pages the posts that networks have lately deleted.
func (s *Store) vanishedFacts(ctx context.Context, now time.Time) ([]alarm.Vanished, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (alarm.Vanished, error) {
		var x alarm.Vanished
		var oldest, newest int64
		err := r.Scan(&x.PageID, &x.Title, &x.Count, &oldest, &newest, &x.Number)
		x.Oldest, x.Newest = moment(oldest), moment(newest)
		return x, err
	}, `SELECT g.page_id, COALESCE(MAX(s.title), ''), COUNT(*), MIN(g.vanished_us), MAX(g.vanished_us), MAX(p.number)
		FROM post_pages g JOIN posts p ON p.id = g.post_id LEFT JOIN sources s ON s.id = g.page_id
		WHERE g.vanished_us > $1 GROUP BY g.page_id ORDER BY g.page_id`, micros(now.Add(-vanishedMemory)))
}

// foresight is how far ahead planned posts are looked at for what would keep
// them from leaving.
const foresight = 7 * 24 * time.Hour

// hinderedFacts lists by pages the planned posts of the coming days that could
// not leave there as the pages and their keys are now.
func (s *Store) hinderedFacts(ctx context.Context, now time.Time) ([]alarm.Hindered, error) {
	posts, err := collect(ctx, s.read, func(r *sql.Rows) (publisher.Post, error) { return scanPost(r.Scan) },
		"SELECT "+postColumns+" FROM posts p WHERE p.state = 'scheduled' AND p.waiting = 1 AND p.at_us > $1 AND p.at_us <= $2 ORDER BY p.at_us, p.id",
		micros(now), micros(now.Add(foresight)))
	if err != nil || len(posts) == 0 {
		return nil, err
	}
	pages, err := s.Pages(ctx)
	if err != nil {
		return nil, err
	}
	f := publisher.Facts{Now: now, Pages: pages}
	var out []alarm.Hindered
	place := map[string]int{}
	for _, p := range posts {
		counted := map[string]bool{}
		for _, x := range publisher.Obstacles(p, f) {
			if counted[x.PageID] {
				continue
			}
			counted[x.PageID] = true
			i, known := place[x.PageID]
			if !known {
				i = len(out)
				place[x.PageID] = i
				page, _ := f.Page(x.PageID)
				out = append(out, alarm.Hindered{PageID: x.PageID, Title: page.Title, First: p.At, Number: p.Number, Why: x.Text})
			}
			out[i].Count++
		}
	}
	return out, nil
}
