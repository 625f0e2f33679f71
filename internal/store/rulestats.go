package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"otklik/incidents"
	"otklik/internal/detect"
	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/rules"
)

// decided are cases that people have judged: taken in or rejected. What a rule
// took in by itself counts once a person has gone on with it.
const decided = ` c.stage <> 'moderation' AND NOT (c.stage = 'coordination'
	AND EXISTS (SELECT 1 FROM case_events e WHERE e.case_id = c.id AND e.kind = 'accepted' AND e.actor_id = ''))`

// falseAlarm are rejected cases that were no complaints. A double and what others
// have to answer were found rightly.
func falseAlarm() string {
	var real []string
	for _, g := range incidents.Grounds() {
		if !g.Teaches {
			real = append(real, "'"+string(g.Ground)+"'")
		}
	}
	return ` c.outcome = 'rejected' AND NOT EXISTS (SELECT 1 FROM decisions d WHERE d.case_id = c.id AND d.kind = 'rejected' AND d.ground IN (` + strings.Join(real, ", ") + `)) `
}

// RuleQuality tells what rules found of what was written since a moment, by
// their ids, and what people made of it. Missed is of the rule's topic.
func (s *Store) RuleQuality(ctx context.Context, since time.Time) (map[string]rules.Quality, error) {
	out := map[string]rules.Quality{}
	us := micros(since)
	add := func(query string, put func(*rules.Quality, int, int)) error {
		_, err := collect(ctx, s.read, func(r *sql.Rows) (struct{}, error) {
			var id string
			var a, b int
			err := r.Scan(&id, &a, &b)
			q := out[id]
			put(&q, a, b)
			out[id] = q
			return struct{}{}, err
		}, query, us)
		return err
	}
	err := add(`SELECT m.rule_id, COUNT(DISTINCT m.item_id), 0 FROM matches m JOIN items i ON i.id = m.item_id
		WHERE m.found_us >= $1 AND m.gone_us = 0 AND i.published_us >= $1 GROUP BY m.rule_id`, func(q *rules.Quality, a, _ int) { q.Hits = a })
	if err != nil {
		return nil, err
	}
	err = add(`SELECT p.rule_id, SUM(CASE WHEN`+falseAlarm()+`THEN 0 ELSE 1 END), SUM(CASE WHEN`+falseAlarm()+`THEN 1 ELSE 0 END)
		FROM (SELECT DISTINCT m.rule_id, x.case_id FROM matches m JOIN case_items x ON x.item_id = m.item_id WHERE m.found_us >= $1 AND m.gone_us = 0) p
		JOIN cases c ON c.id = p.case_id WHERE`+decided+` GROUP BY p.rule_id`, func(q *rules.Quality, a, b int) { q.Confirmed, q.False = a, b })
	if err != nil {
		return nil, err
	}
	err = add(`SELECT r.id, COUNT(*), 0 FROM cases c JOIN rules r ON r.topic_id = c.topic_id WHERE c.opened_us >= $1 AND c.outcome <> 'rejected' AND`+decided+`
		AND NOT EXISTS (SELECT 1 FROM case_items x JOIN matches m ON m.item_id = x.item_id WHERE x.case_id = c.id AND m.topic_id = c.topic_id AND m.gone_us = 0)
		GROUP BY r.id`, func(q *rules.Quality, a, _ int) { q.Missed = a })
	return out, err
}

// maxVerdicts bounds the decisions that a trial is measured by.
const maxVerdicts = 50_000

// Verdicts returns what people decided about messages that opened cases since a
// moment, by the ids of messages.
func (s *Store) Verdicts(ctx context.Context, since time.Time) (map[string]rules.Verdict, error) {
	out := map[string]rules.Verdict{}
	_, err := collect(ctx, s.read, func(r *sql.Rows) (struct{}, error) {
		var id string
		var v rules.Verdict
		var rejected int
		err := r.Scan(&id, &v.TopicID, &rejected)
		v.Complaint = rejected == 0
		out[id] = v
		return struct{}{}, err
	}, `SELECT c.item_id, c.topic_id, CASE WHEN`+falseAlarm()+`THEN 1 ELSE 0 END FROM cases c JOIN items i ON i.id = c.item_id
		WHERE i.published_us >= $1 AND`+decided+` ORDER BY c.number DESC LIMIT $2`, micros(since), maxVerdicts)
	return out, err
}

// Offered returns the newest messages that a scan of history found for a rule
// and nobody has looked at, with how many there are.
func (s *Store) Offered(ctx context.Context, ruleID string, limit int) ([]rules.Offer, int, error) {
	const from = ` FROM matches m JOIN items i ON i.id = m.item_id AND i.version = m.item_version WHERE m.rule_id = $1 AND m.offered = 1 AND i.deleted_us = 0
		AND NOT EXISTS (SELECT 1 FROM case_items c WHERE c.item_id = i.id)`
	var total int
	if err := s.read.QueryRowContext(ctx, "SELECT COUNT(*)"+from, ruleID).Scan(&total); err != nil || total == 0 {
		return nil, total, err
	}
	list, err := collect(ctx, s.read, func(r *sql.Rows) (rules.Offer, error) {
		var o rules.Offer
		var marks string
		var err error
		o.Item.Item, _, _, err = scanItem(r.Scan, &o.Item.ID, &o.Item.Version, &o.Item.SourceID, &marks)
		if err != nil {
			return o, err
		}
		return o, json.Unmarshal([]byte(marks), &o.Marks)
	}, "SELECT "+itemColumns+", i.id, i.version, i.source_id, m.marks"+from+" ORDER BY i.published_us DESC, i.id DESC LIMIT $2", ruleID, limit)
	return list, total, err
}

// OpenOffered makes cases of messages that were offered for a rule, as detection
// would, and says how many went into cases; what is in one already is passed over.
// Errors: Forbidden, NotFound.
func (s *Store) OpenOffered(ctx context.Context, by rights.Actor, ruleID string, itemIDs []string, now time.Time) (int, error) {
	if !by.Can(rights.AcceptCase) {
		return 0, errs.New(errs.Forbidden, "Обращения заводит модератор или координатор. Попросите их: список останется здесь.")
	}
	var tally detect.Tally
	err := s.inTx(ctx, now, func(tx *Tx) error {
		tally = detect.Tally{}
		for _, id := range itemIDs {
			if err := tx.openOffered(ctx, by, ruleID, id, &tally); err != nil {
				return err
			}
		}
		return tx.bump(ctx, "cases")
	})
	return tally.Opened + tally.Attached, err
}

func (tx *Tx) openOffered(ctx context.Context, by rights.Actor, ruleID, itemID string, tally *detect.Tally) error {
	n, err := tx.exec(ctx, "UPDATE matches SET offered = 0 WHERE item_id = $1 AND rule_id = $2 AND offered = 1", itemID, ruleID)
	if err != nil || n == 0 {
		return err
	}
	var f detect.Conclusion
	f.Item.Item, _, _, err = scanItem(tx.QueryRowContext(ctx, "SELECT "+itemColumns+", i.id, i.version, i.source_id FROM items i WHERE i.id = $1", itemID).Scan,
		&f.Item.ID, &f.Item.Version, &f.Item.SourceID)
	if errors.Is(err, sql.ErrNoRows) {
		return errs.New(errs.NotFound, "Этого сообщения больше нет. Обновите страницу.")
	}
	if err != nil {
		return err
	}
	var held string
	err = tx.QueryRowContext(ctx, "SELECT case_id FROM case_items WHERE item_id = $1", itemID).Scan(&held)
	if !errors.Is(err, sql.ErrNoRows) {
		return err // a message that is in a case stays there
	}
	if f.Item.Place, err = tx.foundPlace(ctx, itemID); err != nil {
		return err
	}
	var h detect.Hit
	var auto int
	err = tx.QueryRowContext(ctx, `SELECT r.id, r.version, r.name, r.topic_id, r.department_id, r.importance, r.auto, t.id, t.name, t.department_id, t.due_hours
		FROM rules r JOIN topics t ON t.id = r.topic_id WHERE r.id = $1`, ruleID).
		Scan(&h.RuleID, &h.RuleVersion, &h.RuleName, &h.TopicID, &h.DepartmentID, &h.Importance, &auto, &f.Topic.ID, &f.Topic.Name, &f.Topic.DepartmentID, &f.Topic.DueHours)
	if err != nil {
		return err
	}
	h.Auto = auto == 1
	f.Hits = []detect.Hit{h}
	_, opened, err := tx.toCase(ctx, f, by)
	switch {
	case err != nil:
		return err
	case opened:
		tally.Opened++
	default:
		tally.Attached++
	}
	return nil
}

// DismissOffered takes messages off the list of what a scan found. They stay
// found, and no case is made of them. Errors: Forbidden.
func (s *Store) DismissOffered(ctx context.Context, by rights.Actor, ruleID string, itemIDs []string, now time.Time) (int, error) {
	if !by.Can(rights.AcceptCase) {
		return 0, errs.New(errs.Forbidden, "Список разбирает модератор или координатор.")
	}
	dismissed := 0
	err := s.inTx(ctx, now, func(tx *Tx) error {
		dismissed = 0
		for _, id := range itemIDs {
			n, err := tx.exec(ctx, "UPDATE matches SET offered = 0 WHERE item_id = $1 AND rule_id = $2 AND offered = 1", id, ruleID)
			if err != nil {
				return err
			}
			dismissed += int(n)
		}
		return tx.bump(ctx, "scans")
	})
	return dismissed, err
}
