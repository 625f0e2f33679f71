package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"otklik/internal/detect"
	"otklik/internal/errs"
	"otklik/internal/lease"
	"otklik/internal/rights"
	"otklik/internal/rules"
)

// words of citizens are what rules are for: not the agency's own, not copies.
const citizens = " i.own = 0 AND i.copy_id = '' AND i.version > 0 AND i.body <> ''"

// freshFor is how old a message may be to go to detection like a new one, after
// a rule found it in history. What is older is offered to a person.
const freshFor = 24 * time.Hour

// askScan ends what is under way for the rule and, where there is a since, asks
// for a scan of its present version.
func (tx *Tx) askScan(ctx context.Context, r rules.Rule, since time.Time) error {
	if _, err := tx.exec(ctx, "UPDATE rule_scans SET state = $2, ended_us = $3 WHERE rule_id = $1 AND ended_us = 0", r.ID, string(rules.ScanOutdated), tx.us); err != nil {
		return err
	}
	if since.IsZero() {
		return nil
	}
	id, err := newID()
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO rule_scans (id, rule_id, rule_version, state, since_us, before_us, before_id, seen, total, found, lost, by_name, asked_us, ended_us)
		SELECT $1, $2, CAST($3 AS BIGINT), $4, CAST($5 AS BIGINT), CAST($6 AS BIGINT), '', 0,
		(SELECT COUNT(*) FROM items i WHERE i.published_us >= $5 AND`+citizens+`), 0, 0, $7, CAST($8 AS BIGINT), 0`,
		id, r.ID, r.Version, string(rules.ScanWaiting), micros(since), tx.us+1, r.ByName, tx.us)
	return err
}

const scanColumns = `, x.id, x.state, x.since_us, x.before_us, x.before_id, x.seen, x.total, x.found, x.lost, x.by_name, x.asked_us, x.ended_us
	FROM rule_scans x JOIN rule_versions v ON v.rule_id = x.rule_id AND v.version = x.rule_version`

func scanScan(scan func(...any) error) (rules.Scan, error) {
	var x rules.Scan
	var state string
	var since, asked, ended int64
	var err error
	x.Rule, err = scanRule(scan, &x.ID, &state, &since, &x.BeforeUS, &x.BeforeID, &x.Seen, &x.Total, &x.Found, &x.Lost, &x.ByName, &asked, &ended)
	x.State, x.Since, x.AskedAt, x.EndedAt = rules.ScanState(state), moment(since), moment(asked), moment(ended)
	return x, err
}

// NextScan implements rules.ScanBook.
func (s *Store) NextScan(ctx context.Context) (rules.Scan, bool, error) {
	x, err := scanScan(s.read.QueryRowContext(ctx, "SELECT "+ruleColumns+scanColumns+" WHERE x.ended_us = 0 ORDER BY x.asked_us, x.id LIMIT 1").Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return x, false, nil
	}
	return x, err == nil, err
}

// LastScan returns the newest scan of a rule; false when there was none.
func (s *Store) LastScan(ctx context.Context, ruleID string) (rules.Scan, bool, error) {
	x, err := scanScan(s.read.QueryRowContext(ctx, "SELECT "+ruleColumns+scanColumns+" WHERE x.rule_id = $1 ORDER BY x.asked_us DESC, x.id DESC LIMIT 1", ruleID).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return x, false, nil
	}
	return x, err == nil, err
}

// ScanItems implements rules.ScanBook.
func (s *Store) ScanItems(ctx context.Context, x rules.Scan, limit int) ([]detect.Item, error) {
	return s.itemsBefore(ctx, x.Since, x.BeforeUS, x.BeforeID, limit)
}

// TrialItems returns messages written since a moment and before another message,
// the newest first.
func (s *Store) TrialItems(ctx context.Context, since time.Time, before rules.Mark, limit int) ([]detect.Item, error) {
	return s.itemsBefore(ctx, since, before.US, before.ID, limit)
}

func (s *Store) itemsBefore(ctx context.Context, since time.Time, us int64, id string, limit int) ([]detect.Item, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (detect.Item, error) {
		var d detect.Item
		var err error
		d.Item, _, _, err = scanItem(r.Scan, &d.ID, &d.Version, &d.SourceID)
		return d, err
	}, "SELECT "+itemColumns+`, i.id, i.version, i.source_id FROM items i WHERE i.published_us >= $1
		AND (i.published_us < $2 OR i.published_us = $2 AND i.id < $3) AND`+citizens+" ORDER BY i.published_us DESC, i.id DESC LIMIT $4",
		micros(since), us, id, limit)
}

// Step implements rules.ScanBook.
func (s *Store) Step(ctx context.Context, l lease.Lease, x rules.ScanStep, now time.Time) (bool, error) {
	going := false
	err := s.inTx(ctx, now, func(tx *Tx) error {
		going = false
		if err := tx.fenced(ctx, l); err != nil {
			return err
		}
		// The row is locked before anything is written under it; a part that was
		// written before is not written again.
		n, err := tx.exec(ctx, "UPDATE rule_scans SET state = $4 WHERE id = $1 AND ended_us = 0 AND before_us = $2 AND before_id = $3",
			x.Scan.ID, x.Scan.BeforeUS, x.Scan.BeforeID, string(rules.ScanRunning))
		if err != nil || n == 0 {
			return err
		}
		found, lost := 0, 0
		for i, it := range x.Items {
			h, hit := x.Hits[i]
			if err := tx.scanned(ctx, x.Scan, it, h, hit, &found, &lost); err != nil {
				return err
			}
		}
		going = true
		return tx.advance(ctx, x, found, lost)
	})
	return going, err
}

func (tx *Tx) advance(ctx context.Context, x rules.ScanStep, found, lost int) error {
	us, id, ended, state := x.Scan.BeforeUS, x.Scan.BeforeID, int64(0), rules.ScanRunning
	if n := len(x.Items); n > 0 {
		us, id = micros(x.Items[n-1].PublishedAt), x.Items[n-1].ID
	}
	if x.Last {
		ended, state = tx.us, rules.ScanDone
	}
	_, err := tx.exec(ctx, `UPDATE rule_scans SET before_us = $2, before_id = $3, seen = seen + $4, found = found + $5, lost = lost + $6, ended_us = $7, state = $8
		WHERE id = $1`, x.Scan.ID, us, id, len(x.Items), found, lost, ended, string(state))
	if err != nil {
		return err
	}
	return tx.bump(ctx, "scans")
}

// scanned writes what one message means to the rule now.
func (tx *Tx) scanned(ctx context.Context, x rules.Scan, it detect.Item, h detect.Hit, hit bool, found, lost *int) error {
	if !hit {
		n, err := tx.exec(ctx, "UPDATE matches SET gone_us = $3, offered = 0 WHERE item_id = $1 AND rule_id = $2 AND gone_us = 0", it.ID, x.Rule.ID, tx.us)
		if err != nil || n == 0 {
			return err
		}
		*lost++
		return tx.revised(ctx, it.ID)
	}
	*found++
	words, err := json.Marshal(h.Words)
	if err != nil {
		return err
	}
	marks, err := json.Marshal(h.Marks)
	if err != nil {
		return err
	}
	if err := tx.newlyFound(ctx, x, it); err != nil {
		return err
	}
	old := it.PublishedAt.Before(tx.now.Add(-freshFor))
	_, err = tx.exec(ctx, `INSERT INTO matches (item_id, item_version, rule_id, rule_version, rule_name, topic_id, words, marks, rank, found_us, offered)
		SELECT $1, CAST($2 AS BIGINT), $3, CAST($4 AS BIGINT), $5, $6, $7, $8,
		(SELECT COALESCE(MAX(m.rank), -1) + 1 FROM matches m WHERE m.item_id = $1 AND m.item_version = $2), CAST($9 AS BIGINT),
		CASE WHEN $10 = 1 AND NOT EXISTS (SELECT 1 FROM case_items c WHERE c.item_id = $1) THEN 1 ELSE 0 END
		ON CONFLICT (item_id, item_version, rule_id) DO UPDATE SET rule_version = excluded.rule_version, rule_name = excluded.rule_name,
		topic_id = excluded.topic_id, words = excluded.words, marks = excluded.marks, gone_us = 0`,
		it.ID, it.Version, x.Rule.ID, x.Rule.Version, x.Rule.Name, x.Rule.TopicID, string(words), string(marks), tx.us, flag(old))
	if err != nil || old {
		return err
	}
	// What is fresh goes through the one door that new messages go through.
	_, err = tx.exec(ctx, `UPDATE items SET pending = 1, waits_us = $3 WHERE id = $1 AND version = $2 AND pending = 0 AND deleted_us = 0
		AND NOT EXISTS (SELECT 1 FROM case_items c WHERE c.item_id = $1)`, it.ID, it.Version, tx.us)
	return err
}

// newlyFound says to the search index that a message may have another topic,
// unless the rule had found the same already.
func (tx *Tx) newlyFound(ctx context.Context, x rules.Scan, it detect.Item) error {
	var known int
	err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM matches WHERE item_id = $1 AND item_version = $2 AND rule_id = $3 AND topic_id = $4 AND gone_us = 0",
		it.ID, it.Version, x.Rule.ID, x.Rule.TopicID).Scan(&known)
	if err != nil || known > 0 {
		return err
	}
	return tx.revised(ctx, it.ID)
}

// CancelScan ends the scan of a rule where it is; what was found stays.
// Errors: Forbidden, Conflict when nothing is under way.
func (s *Store) CancelScan(ctx context.Context, by rights.Actor, ruleID string, now time.Time) error {
	if !by.Can(rights.WriteRules) {
		return errs.New(errs.Forbidden, "Проверку истории останавливает тот, кто меняет правила.")
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		n, err := tx.exec(ctx, "UPDATE rule_scans SET state = $2, ended_us = $3 WHERE rule_id = $1 AND ended_us = 0", ruleID, string(rules.ScanCancelled), tx.us)
		if err == nil && n == 0 {
			return errs.New(errs.Conflict, "Проверка истории уже закончилась.")
		}
		if err != nil {
			return err
		}
		return tx.bump(ctx, "scans")
	})
}
