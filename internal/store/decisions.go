package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"otklik/incidents"
	"otklik/internal/errs"
	"otklik/internal/learn"
	"otklik/internal/rights"
	"otklik/internal/social"
)

// decided notes what people decided about a case, so that the program can learn
// from it. What the program did itself teaches it nothing.
func (tx *Tx) decided(ctx context.Context, c incidents.Case, ev incidents.Event) error {
	if ev.ActorID == "" {
		return nil
	}
	kind := learn.Kind(ev.Kind)
	d := learn.Decision{
		Key: "case " + c.ID + " " + itoa(ev.Version), Subject: "case " + c.ID, Kind: kind, CaseID: c.ID,
		Item: learn.ItemOf(c.Message, !c.Foreign), TopicID: c.TopicID, PersonID: ev.ActorID, PersonName: ev.ActorName, At: ev.At,
	}
	switch kind {
	case learn.Accepted:
	case learn.Classified:
		d.FactID = c.FactID
	case learn.Assigned:
		d.DepartmentID = c.DepartmentID
	case learn.Rejected:
		d.Reason, d.Ground = ev.Text, incidents.Ground(ev.Data["ground"])
	case learn.Uncoordinated:
		d.DepartmentID = c.DepartmentID
	default:
		return nil
	}
	if err := tx.QueryRowContext(ctx, "SELECT item_id FROM cases WHERE id = $1", c.ID).Scan(&d.ItemID); err != nil {
		return err
	}
	_, err := tx.keepDecision(ctx, d)
	return err
}

// keepDecision stores a decision once and says whether it is new.
func (tx *Tx) keepDecision(ctx context.Context, d learn.Decision) (bool, error) {
	reason := d.Reason
	if d.Kind == learn.Imported {
		reason = dueWord(d.Due)
	}
	n, err := tx.exec(ctx, `INSERT INTO decisions (key, subject, kind, case_id, item_id, body, item_kind, own_page, depth, topic_id, department_id,
		reason, person_id, person_name, at_us, stored_us, fact_id, ground)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) ON CONFLICT DO NOTHING`,
		d.Key, d.Subject, string(d.Kind), d.CaseID, d.ItemID, clean(d.Item.Text), string(d.Item.Kind), flag(d.Item.OwnPage), d.Item.Depth,
		d.TopicID, d.DepartmentID, clean(reason), d.PersonID, d.PersonName, micros(d.At), tx.us, d.FactID, string(d.Ground))
	return n > 0, err
}

// An imported decision has no reason; the column holds what was decided.
const importedDue, importedNot = "due", "not due"

func dueWord(due bool) string {
	if due {
		return importedDue
	}
	return importedNot
}

const decisionColumns = `key, subject, kind, case_id, item_id, body, item_kind, own_page, depth, topic_id, department_id, reason, person_id, person_name, at_us, fact_id, ground, skipped`

func scanDecision(r *sql.Rows) (learn.Decision, error) {
	var d learn.Decision
	var kind, itemKind string
	var own int
	var at int64
	err := r.Scan(&d.Key, &d.Subject, &kind, &d.CaseID, &d.ItemID, &d.Item.Text, &itemKind, &own, &d.Item.Depth,
		&d.TopicID, &d.DepartmentID, &d.Reason, &d.PersonID, &d.PersonName, &at, &d.FactID, &d.Ground, &d.Skipped)
	d.Kind, d.Item.Kind, d.Item.OwnPage, d.At = learn.Kind(kind), social.Kind(itemKind), own == 1, moment(at)
	if d.Kind == learn.Imported {
		d.Due, d.Reason = d.Reason == importedDue, ""
	}
	return d, err
}

// Decisions implements learn.Lessons.
func (s *Store) Decisions(ctx context.Context, limit int) ([]learn.Decision, error) {
	return collect(ctx, s.read, scanDecision, "SELECT "+decisionColumns+" FROM (SELECT "+decisionColumns+
		" FROM decisions WHERE skipped = '' ORDER BY at_us DESC, key DESC LIMIT $1) newest ORDER BY at_us, key", limit)
}

// LastDecisions lists what people decided last, with what was left out of
// learning, the newest first.
func (s *Store) LastDecisions(ctx context.Context, limit, offset int) ([]learn.Decision, error) {
	return collect(ctx, s.read, scanDecision, "SELECT "+decisionColumns+" FROM decisions ORDER BY at_us DESC, key DESC LIMIT $1 OFFSET $2", limit, offset)
}

// SkipDecision leaves a decision out of learning, or takes it in again. Nothing
// of what the decision led to changes. Errors: Forbidden, NotFound.
func (s *Store) SkipDecision(ctx context.Context, by rights.Actor, key string, skip bool, now time.Time) error {
	if !by.Can(rights.ManageLearning) {
		return errForbidden()
	}
	name := ""
	if skip {
		name = by.Name
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		n, err := tx.exec(ctx, "UPDATE decisions SET skipped = $2 WHERE key = $1", key, name)
		if err == nil && n == 0 {
			return errs.New(errs.NotFound, "Такого решения нет. Обновите страницу.")
		}
		return errors.Join(err, tx.bump(ctx, "training"))
	})
}

// Quiet implements learn.Lessons. The items are spread over time by their
// numbers: every so-and-so-many is taken.
func (s *Store) Quiet(ctx context.Context, limit int, before time.Time) ([]learn.Decision, error) {
	const from = ` FROM verdicts v JOIN items i ON i.id = v.item_id JOIN sources s ON s.id = i.source_id
		WHERE v.state = 'none' AND v.judged_us < $1 AND i.body <> ''`
	var total int
	if err := s.read.QueryRowContext(ctx, "SELECT COUNT(*)"+from, micros(before)).Scan(&total); err != nil {
		return nil, err
	}
	every := max(1, (total+limit-1)/limit)
	return collect(ctx, s.read, func(r *sql.Rows) (learn.Decision, error) {
		var d learn.Decision
		var public int
		var judged int64
		it, _, _, err := scanItem(r.Scan, &d.ItemID, &public, &judged)
		d.Subject, d.Item, d.At = "item "+d.ItemID, learn.ItemOf(it, public == 0), moment(judged)
		return d, err
	}, "SELECT "+itemColumns+", i.id, s.public, v.judged_us"+from+" AND i.seq % $2 = 0 ORDER BY i.seq LIMIT $3", micros(before), every, limit)
}

// ImportDecisions stores decisions of a file, each once however often the file
// is read, and returns how many are new.
func (s *Store) ImportDecisions(ctx context.Context, list []learn.Decision, now time.Time) (int, error) {
	var added int
	err := s.inTx(ctx, now, func(tx *Tx) error {
		added = 0
		for _, d := range list {
			isNew, err := tx.keepDecision(ctx, d)
			if err != nil {
				return err
			}
			if isNew {
				added++
			}
		}
		return tx.bump(ctx, "training")
	})
	return added, err
}

// Deciders counts what each person decided since a moment, the busiest first.
func (s *Store) Deciders(ctx context.Context, since time.Time) ([]learn.Decider, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (learn.Decider, error) {
		var d learn.Decider
		var last int64
		err := r.Scan(&d.Name, &d.Due, &d.NotDue, &d.Sorted, &d.Undone, &last)
		d.LastAt = moment(last)
		return d, err
	}, `SELECT person_name,
		SUM(CASE WHEN kind IN ('accepted', 'taken') OR kind = 'imported' AND reason = 'due' THEN 1 ELSE 0 END),
		SUM(CASE WHEN kind IN ('rejected', 'dismissed') OR kind = 'imported' AND reason <> 'due' THEN 1 ELSE 0 END),
		SUM(CASE WHEN kind IN ('classified', 'assigned') THEN 1 ELSE 0 END),
		SUM(CASE WHEN kind = 'uncoordinated' THEN 1 ELSE 0 END), MAX(at_us)
		FROM decisions WHERE at_us >= $1 GROUP BY person_id, person_name ORDER BY COUNT(*) DESC, person_name LIMIT 100`, micros(since))
}

// Foretold tells what the program thought of messages before people decided
// about them, the newest first.
func (s *Store) Foretold(ctx context.Context, limit int) ([]learn.Foretold, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (learn.Foretold, error) {
		var f learn.Foretold
		var kind string
		err := r.Scan(&f.Due, &f.TopicID, &f.Topic, &f.DepartmentID, &f.Department, &f.CaseTopicID, &f.CaseDepartmentID, &kind)
		f.Accepted = kind == string(learn.Assigned)
		return f, err
	}, `SELECT v.probability, v.topic_id, v.topic_p, v.department_id, v.department_p, c.topic_id, c.department_id, d.kind
		FROM decisions d JOIN cases c ON c.id = d.case_id JOIN verdicts v ON v.item_id = d.item_id
		WHERE (d.kind = 'assigned' OR d.kind = 'rejected' AND`+falseAlarm()+`) AND d.skipped = '' AND v.topic_id <> '' ORDER BY d.at_us DESC, d.key DESC LIMIT $1`, limit)
}

// OpenByHand puts a message into the queue that the program had left out: a
// person has decided that a reaction is due. It returns the number of the case.
// Errors: Forbidden; NotFound; Conflict when the message is in a case already;
// Invalid for what the agency itself wrote.
func (s *Store) OpenByHand(ctx context.Context, by rights.Actor, itemID string, now time.Time) (int64, error) {
	var number int64
	err := s.inTx(ctx, now, func(tx *Tx) error {
		f, err := tx.forHand(ctx, by, itemID)
		if err != nil {
			return err
		}
		id, opened, err := tx.toCase(ctx, f, by)
		if err != nil {
			return err
		}
		d := learn.Decision{
			Key: "item " + itemID + " taken", Subject: "item " + itemID, Kind: learn.Taken, CaseID: id, ItemID: itemID,
			Item: learn.ItemOf(f.Item.Item, f.Item.OwnPage), PersonID: by.ID, PersonName: by.Name, At: now,
		}
		if opened {
			if d.Subject, err = "case "+id, tx.acceptAtOnce(ctx, id, by); err != nil {
				return err
			}
		}
		if _, err := tx.keepDecision(ctx, d); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, "UPDATE verdicts SET state = 'taken' WHERE item_id = $1", itemID); err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, "SELECT number FROM cases WHERE id = $1", id).Scan(&number); err != nil {
			return err
		}
		return tx.bump(ctx, "cases")
	})
	return number, err
}

// acceptAtOnce takes a case in that a person has just opened.
func (tx *Tx) acceptAtOnce(ctx context.Context, id string, by rights.Actor) error {
	c, err := tx.lockCase(ctx, id)
	if err != nil || c.Stage != incidents.Moderation {
		return err
	}
	d, err := incidents.Apply(c, incidents.Accept{}, by, tx.now)
	if err != nil {
		return err
	}
	return tx.carryOut(ctx, c, d)
}

// Dismiss takes an unlikely item off the list: a person agrees with the program.
// Errors: Forbidden; Conflict when somebody has decided about it.
func (s *Store) Dismiss(ctx context.Context, by rights.Actor, itemID string, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		if !by.Can(rights.AcceptCase) {
			return errForbidden()
		}
		n, err := tx.exec(ctx, "UPDATE verdicts SET state = 'dismissed' WHERE item_id = $1 AND state = 'unlikely'", itemID)
		if err != nil {
			return err
		}
		if n == 0 {
			return errDecided()
		}
		var public int
		it, _, _, err := scanItem(tx.QueryRowContext(ctx, "SELECT "+itemColumns+", s.public FROM items i JOIN sources s ON s.id = i.source_id WHERE i.id = $1", itemID).Scan, &public)
		if errors.Is(err, sql.ErrNoRows) {
			return errDecided()
		}
		if err != nil {
			return err
		}
		_, err = tx.keepDecision(ctx, learn.Decision{
			Key: "item " + itemID + " dismissed", Subject: "item " + itemID, Kind: learn.Dismissed, ItemID: itemID,
			Item: learn.ItemOf(it, public == 0), PersonID: by.ID, PersonName: by.Name, At: now,
		})
		if err != nil {
			return err
		}
		return tx.bump(ctx, "cases")
	})
}
