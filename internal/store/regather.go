package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"otklik/incidents"
	"otklik/incidents/mass"
	"otklik/internal/rights"
)

// spotOfCase is where a case happens, as incidents are gathered.
func spotOfCase(c incidents.Case) mass.Place {
	return mass.Place{ID: c.Place.ID, Title: c.Place.Title, Path: c.Place.Path}
}

// noComplaint says that people have found that a case is none.
func noComplaint(c incidents.Case) bool { return c.Outcome == incidents.Rejected }

// regather moves a case whose topic, place or outcome has changed to where it
// belongs now: in the counts of hours, among the spots, and in the incident that
// it joined by itself.
func (tx *Tx) regather(ctx context.Context, before, after incidents.Case) error {
	same := before.TopicID == after.TopicID && slices.Equal(spotOfCase(before).Levels(), spotOfCase(after).Levels())
	if same && noComplaint(before) == noComplaint(after) {
		return nil
	}
	at, err := tx.writtenOf(ctx, after.ID)
	if err != nil {
		return err
	}
	if err := tx.recount(ctx, before, after, at); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, "DELETE FROM case_spots WHERE case_id = $1", after.ID); err != nil {
		return err
	}
	if err := tx.lockIncidents(ctx); err != nil {
		return err
	}
	if err := tx.leaveStrange(ctx, after); err != nil || noComplaint(after) {
		return err
	}
	var network, author string
	if err := tx.QueryRowContext(ctx, "SELECT network, author_id FROM cases WHERE id = $1", after.ID).Scan(&network, &author); err != nil {
		return err
	}
	return tx.spot(ctx, gathered{
		id: after.ID, topic: after.TopicID, number: after.Number, author: network + " " + author, place: spotOfCase(after), at: at[0],
	})
}

// writtenOf says when the message of a case was written and then, in any order,
// when the copies were that are counted with it.
func (tx *Tx) writtenOf(ctx context.Context, caseID string) ([]time.Time, error) {
	list, err := collect(ctx, tx, func(r *sql.Rows) (time.Time, error) {
		var at, added int64
		err := r.Scan(&at, &added)
		if at == 0 || at > added {
			at = added
		}
		return moment(at), err
	}, `SELECT i.published_us, x.added_us FROM case_items x JOIN cases c ON c.id = x.case_id JOIN items i ON i.id = x.item_id
		WHERE x.case_id = $1 AND (x.item_id = c.item_id OR x.kin <> '') ORDER BY CASE WHEN x.item_id = c.item_id THEN 0 ELSE 1 END`, caseID)
	if err == nil && len(list) == 0 {
		list = []time.Time{tx.now} // its message has moved to another case
	}
	return list, err
}

// recount moves what was counted of a case from one topic and place to another.
// A case that was opened before hours were counted stands in no hour.
func (tx *Tx) recount(ctx context.Context, before, after incidents.Case, at []time.Time) error {
	var counted int
	if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM case_spots WHERE case_id = $1", after.ID).Scan(&counted); err != nil {
		return err
	}
	for _, t := range at {
		if counted > 0 && !noComplaint(before) {
			if err := tx.countHour(ctx, before.TopicID, spotOfCase(before), t, -1); err != nil {
				return err
			}
		}
		if !noComplaint(after) {
			if err := tx.countHour(ctx, after.TopicID, spotOfCase(after), t, 1); err != nil {
				return err
			}
		}
	}
	return nil
}

// leaveStrange takes a case out of an open incident that it joined by itself and
// would not join any more. It may come back as it came.
func (tx *Tx) leaveStrange(ctx context.Context, c incidents.Case) error {
	var byName string
	i, err := scanIncident(tx.QueryRowContext(ctx, "SELECT "+incidentColumns+`, m.by_name FROM mass_cases m JOIN mass_incidents n ON n.id = m.incident_id
		WHERE m.case_id = $1 AND n.state = 'open'`, c.ID).Scan, &byName)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	fits := i.TopicID == c.TopicID && slices.Contains(spotOfCase(c).Levels(), i.Place.ID)
	if !noComplaint(c) && (fits || byName != "") {
		return nil
	}
	if _, err := tx.exec(ctx, "DELETE FROM mass_cases WHERE case_id = $1", c.ID); err != nil {
		return err
	}
	if err := tx.noteMembership(ctx, c.ID, incidents.EventLeft, i, rights.System()); err != nil {
		return err
	}
	return tx.bump(ctx, "incidents")
}
