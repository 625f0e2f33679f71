package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"otklik/incidents"
	"otklik/internal/detect"
	"otklik/internal/lease"
	"otklik/internal/rights"
)

// Pending returns items that wait for detection, in the order of arrival.
func (s *Store) Pending(ctx context.Context, limit int) ([]detect.Item, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (detect.Item, error) {
		var d detect.Item
		var public int
		var err error
		d.Item, _, _, err = scanItem(r.Scan, &d.ID, &d.Version, &d.SourceID, &public)
		d.OwnPage = public == 0
		return d, err
	}, "SELECT "+itemColumns+", i.id, i.version, i.source_id, s.public FROM items i JOIN sources s ON s.id = i.source_id WHERE i.pending = 1 ORDER BY i.seq LIMIT $1", limit)
}

// Conclude writes what detection found in a batch, in one transaction under the
// detector's lease. Saying the same twice changes nothing; an item whose text
// has changed since it was read stays pending.
func (s *Store) Conclude(ctx context.Context, l lease.Lease, findings []detect.Conclusion, now time.Time) (detect.Tally, error) {
	var tally detect.Tally
	err := s.inTx(ctx, now, func(tx *Tx) error {
		tally = detect.Tally{}
		if err := tx.fenced(ctx, l); err != nil {
			return err
		}
		for _, f := range findings {
			if err := tx.conclude(ctx, f, &tally); err != nil {
				return err
			}
		}
		if tally.Opened+tally.Attached == 0 {
			return nil
		}
		return tx.bump(ctx, "cases")
	})
	return tally, err
}

func (tx *Tx) conclude(ctx context.Context, f detect.Conclusion, tally *detect.Tally) error {
	n, err := tx.exec(ctx, "UPDATE items SET pending = 0 WHERE id = $1 AND version = $2 AND pending = 1", f.Item.ID, f.Item.Version)
	if err != nil || n == 0 {
		return err
	}
	if len(f.Hits) > 0 {
		tally.Matched++
	}
	for rank, h := range f.Hits {
		if err := tx.keepMatch(ctx, f.Item, h, rank); err != nil {
			return err
		}
	}
	if len(f.Hits) > 0 {
		if err := tx.revised(ctx, f.Item.ID); err != nil { // it has a topic now
			return err
		}
	}
	if err := tx.keepVerdict(ctx, f); err != nil {
		return err
	}
	if !f.Due() {
		return tx.echoed(ctx, f, tally)
	}
	return tx.fromDetection(ctx, f, tally)
}

// fromDetection puts what is due into a case and, where the program is to do
// so, hands a new one out.
func (tx *Tx) fromDetection(ctx context.Context, f detect.Conclusion, tally *detect.Tally) error {
	var held string
	err := tx.QueryRowContext(ctx, "SELECT case_id FROM case_items WHERE item_id = $1", f.Item.ID).Scan(&held)
	if !errors.Is(err, sql.ErrNoRows) {
		return err // a message that is in a case stays there
	}
	id, opened, err := tx.toCase(ctx, f, rights.System())
	if err != nil {
		return err
	}
	if !opened {
		tally.Attached++
		return nil
	}
	tally.Opened++
	if f.Opinion.Coordinate == nil {
		return nil
	}
	c, err := tx.lockCase(ctx, id)
	if err != nil || c.Stage != incidents.Moderation {
		return err // a rule has let it pass already
	}
	d, err := incidents.Apply(c, *f.Opinion.Coordinate, rights.System(), tx.now)
	if err != nil {
		return err
	}
	return tx.carryOut(ctx, c, d)
}

func (tx *Tx) keepMatch(ctx context.Context, it detect.Item, h detect.Hit, rank int) error {
	words, err := json.Marshal(h.Words)
	if err != nil {
		return err
	}
	marks, err := json.Marshal(h.Marks)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO matches (item_id, item_version, rule_id, rule_version, rule_name, topic_id, words, marks, rank, found_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
		it.ID, it.Version, h.RuleID, h.RuleVersion, h.RuleName, h.TopicID, string(words), string(marks), rank, tx.us)
	return err
}

// toCase opens a case in the name of by, or attaches the message to the open one
// of its author in its thread. It returns the case and whether it is new.
func (tx *Tx) toCase(ctx context.Context, f detect.Conclusion, by rights.Actor) (id string, opened bool, err error) {
	it := f.Item.Item
	finding := incidents.Finding{Item: it, SourceID: f.Item.SourceID, Topic: f.Topic, Place: placeOf(f.Item.Place), By: by}
	if finding.DepartmentID, err = tx.routed(ctx, f.Topic, finding.Place); err != nil {
		return "", false, err
	}
	if len(f.Hits) > 0 {
		// Who wrote the rule knows better than the map who answers.
		finding.RuleName, finding.DepartmentID = f.Hits[0].RuleName, cmp.Or(f.Hits[0].DepartmentID, finding.DepartmentID)
	}
	for _, h := range f.Hits {
		finding.Importance = max(finding.Importance, h.Importance)
		if h.Auto && finding.AutoRule == "" {
			finding.AutoRule = h.RuleName
		}
	}
	var open string
	err = tx.QueryRowContext(ctx, `SELECT id FROM cases WHERE network = $1 AND thread_owner = $2 AND thread_id = $3 AND author_id = $4 AND stage <> 'done'`,
		string(it.Ref.Network), it.Thread.Owner, it.Thread.ID, whose(it)).Scan(&open)
	kin := notKin
	if errors.Is(err, sql.ErrNoRows) {
		open, kin, err = tx.original(ctx, f)
	}
	if err != nil {
		return "", false, err
	}
	if err := tx.keepPrint(ctx, f); err != nil {
		return "", false, err
	}
	if open == "" {
		id, err = tx.openGathered(ctx, f, finding)
		return id, true, err
	}
	c, err := tx.lockCase(ctx, open)
	if err != nil {
		return "", false, err
	}
	if c.Stage == incidents.Done { // closed while we waited for it
		id, err = tx.openGathered(ctx, f, finding)
		return id, true, err
	}
	if kin != notKin {
		return open, false, tx.attachCopy(ctx, c, f, finding, kin)
	}
	return open, false, tx.attach(ctx, c, f.Item.ID, finding)
}

func placeOf(p detect.Place) incidents.Place {
	out := incidents.Place{ID: p.Territory, Title: p.Title, From: p.From, Path: p.Path}
	if len(p.Words) > 0 {
		out.Words = p.Words[0]
	}
	return out
}

// Rulebook returns the active rules and all topics, with a revision that grows
// when either changes; false when the caller has that revision.
func (s *Store) Rulebook(ctx context.Context, have int64) (detect.Rulebook, bool, error) {
	var b detect.Rulebook
	err := s.read.QueryRowContext(ctx, "SELECT value FROM counters WHERE name = 'rev.rules'").Scan(&b.Revision)
	if err != nil || b.Revision == have {
		return b, false, err
	}
	if b.Topics, err = s.Topics(ctx); err != nil {
		return b, false, err
	}
	b.Rules, err = activeRules(ctx, s.read)
	return b, true, err
}
