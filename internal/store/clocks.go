package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"time"

	"otklik/incidents"
	"otklik/incidents/clock"
	"otklik/incidents/deadline"
)

// noDue is stored as the deadline of a case whose clocks all stand still: it is
// after every other one and is never passed.
const noDue = int64(math.MaxInt64 / 2)

// dueMicros is the stored form of a next deadline.
func dueMicros(t time.Time) int64 {
	if t.IsZero() {
		return noDue
	}
	return micros(t)
}

func dueMoment(us int64) time.Time {
	if us >= noDue {
		return time.Time{}
	}
	return moment(us)
}

// kept is a deadline as it stands in the base.
type kept struct {
	clock.Row
	version int64
	remind  int64
}

// caseClock is by what the deadlines of a case are counted.
type caseClock struct {
	policyID string
	scope    string
	known    bool
}

// moves says that an event may change deadlines.
func moves(kind incidents.EventKind) bool {
	switch kind {
	case incidents.EventNote, incidents.EventAuthorEdited, incidents.EventAuthorDeleted, incidents.EventAuthorRestored,
		incidents.EventNotPublished, incidents.EventUncertain, incidents.EventResent:
		return false
	}
	return true
}

// retime counts the deadlines of a case anew from its history. It is called
// in every transaction that adds to the history, so that both always agree.
func (tx *Tx) retime(ctx context.Context, caseID string) error {
	c, err := loadCase(ctx, tx, caseID)
	if err != nil {
		return err
	}
	history, err := chainOf(ctx, tx, c)
	if err != nil || len(history) == 0 {
		return err
	}
	k, err := clockOf(ctx, tx, caseID)
	if err != nil {
		return err
	}
	old, err := keptDeadlines(ctx, tx, caseID)
	if err != nil {
		return err
	}
	s, rev, err := tx.times.schedule(ctx, tx, organisation(c))
	if err != nil {
		return err
	}
	reading := clock.Read(c, history)
	if k.known && k.policyID == "" {
		// It was opened before deadlines were data and keeps the moment it had.
		for step, row := range old {
			row.DoneAt = reading.Done[step]
			if err := tx.keepDeadline(ctx, caseID, row, old[step]); err != nil {
				return err
			}
			old[step] = row
		}
		return tx.nextDue(ctx, caseID, rowsOf(old))
	}
	policy, id, err := tx.policyOf(ctx, c, reading.Hours, k)
	if err != nil {
		return err
	}
	rows := reading.Rows(policy, s)
	for _, r := range rows {
		if err := tx.followDeadline(ctx, caseID, r, old[r.Step], clock.Ladder(policy, s, r.Due)); err != nil {
			return err
		}
		delete(old, r.Step)
	}
	for step := range old {
		if _, err := tx.exec(ctx, "DELETE FROM case_deadlines WHERE case_id = $1 AND step = $2", caseID, string(step)); err != nil {
			return err
		}
	}
	_, err = tx.exec(ctx, `INSERT INTO case_clocks (case_id, policy_id, scope, hours_rev) VALUES ($1, $2, $3, $4)
		ON CONFLICT (case_id) DO UPDATE SET policy_id = excluded.policy_id, scope = excluded.scope, hours_rev = excluded.hours_rev`,
		caseID, id, scopeOf(c, reading.Hours), rev)
	if err != nil {
		return err
	}
	return tx.nextDue(ctx, caseID, rows)
}

// organisation is whose hours and deadlines count for a case.
func organisation(c incidents.Case) string { return c.Whose.OrganisationID }

func rowsOf(m map[deadline.Step]kept) []clock.Row {
	var rows []clock.Row
	for _, k := range m {
		rows = append(rows, k.Row)
	}
	return rows
}

func (tx *Tx) nextDue(ctx context.Context, caseID string, rows []clock.Row) error {
	next, _ := clock.Next(rows)
	_, err := tx.exec(ctx, "UPDATE cases SET due_us = CASE WHEN stage = 'done' THEN due_us ELSE $2 END WHERE id = $1", caseID, dueMicros(next.At))
	return err
}

// followDeadline writes a deadline as it is now. A new moment is a new version,
// whose ladder begins anew.
func (tx *Tx) followDeadline(ctx context.Context, caseID string, r clock.Row, old kept, ladder []clock.Rung) error {
	now := kept{Row: r, version: max(old.version, 1), remind: old.remind}
	reopened := r.Open() && !old.Open()
	if !r.At.IsZero() && (!r.At.Equal(old.At) || reopened) {
		if old.version > 0 {
			now.version = old.version + 1
		}
		now.remind = 0
		if len(ladder) > 0 {
			now.remind = micros(ladder[0].At)
		}
	}
	if r.At.IsZero() || !r.Open() {
		now.remind = 0
	}
	return tx.keepDeadline(ctx, caseID, now, old)
}

func (tx *Tx) keepDeadline(ctx context.Context, caseID string, k, old kept) error {
	if k == old {
		return nil
	}
	term, err := json.Marshal(k.Term)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO case_deadlines (case_id, step, from_us, at_us, term, promised, paused, done_us, version, remind_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (case_id, step) DO UPDATE SET from_us = excluded.from_us, at_us = excluded.at_us,
		term = excluded.term, promised = excluded.promised, paused = excluded.paused, done_us = excluded.done_us,
		version = excluded.version, remind_us = excluded.remind_us`,
		caseID, string(k.Step), micros(k.From), micros(k.At), string(term), flag(k.Promised), flag(k.Paused), micros(k.DoneAt), k.version, k.remind)
	return err
}

func clockOf(ctx context.Context, q querier, caseID string) (caseClock, error) {
	k := caseClock{known: true}
	err := q.QueryRowContext(ctx, "SELECT policy_id, scope FROM case_clocks WHERE case_id = $1", caseID).Scan(&k.policyID, &k.scope)
	if errors.Is(err, sql.ErrNoRows) {
		return caseClock{}, nil
	}
	return k, err
}

const deadlineColumns = "step, from_us, at_us, term, promised, paused, done_us, version, remind_us"

func scanDeadline(scan func(...any) error, more ...any) (kept, error) {
	var k kept
	var step, term string
	var from, at, done int64
	var promised, paused int
	err := scan(append([]any{&step, &from, &at, &term, &promised, &paused, &done, &k.version, &k.remind}, more...)...)
	if err != nil {
		return k, err
	}
	k.Step, k.From, k.At, k.DoneAt = deadline.Step(step), moment(from), moment(at), moment(done)
	k.Promised, k.Paused = promised == 1, paused == 1
	return k, json.Unmarshal([]byte(term), &k.Term)
}

func keptDeadlines(ctx context.Context, q querier, caseID string) (map[deadline.Step]kept, error) {
	list, err := collect(ctx, q, func(r *sql.Rows) (kept, error) { return scanDeadline(r.Scan) },
		"SELECT "+deadlineColumns+" FROM case_deadlines WHERE case_id = $1", caseID)
	out := make(map[deadline.Step]kept, len(list))
	for _, k := range list {
		out[k.Step] = k
	}
	return out, err
}

// CaseDeadlines returns the deadlines of a case in the order of the steps.
func (s *Store) CaseDeadlines(ctx context.Context, caseID string) ([]clock.Row, error) {
	byStep, err := keptDeadlines(ctx, s.read, caseID)
	var rows []clock.Row
	for _, step := range deadline.Steps() {
		if k, ok := byStep[step]; ok {
			rows = append(rows, k.Row)
		}
	}
	return rows, err
}

// rowClocks tells of the cases of a page which step is due next and for whom
// they wait.
func (s *Store) rowClocks(ctx context.Context, rows []incidents.Row) error {
	if len(rows) == 0 {
		return nil
	}
	type next struct {
		id, step, timing, org string
	}
	q := &query{}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	in(q, "c.id", ids)
	list, err := collect(ctx, s.read, func(r *sql.Rows) (next, error) {
		var n next
		return n, r.Scan(&n.id, &n.step, &n.timing, &n.org)
	}, `SELECT c.id, COALESCE((SELECT d.step FROM case_deadlines d WHERE d.case_id = c.id AND d.done_us = 0 AND d.at_us = c.due_us LIMIT 1), ''),
		c.timing, c.organisation_id FROM cases c`+q.clause(), q.args...)
	if err != nil {
		return err
	}
	found := make(map[string]next, len(list))
	for _, n := range list {
		found[n.id] = n
	}
	for i := range rows {
		n := found[rows[i].ID]
		rows[i].Step, rows[i].OrganisationID = n.step, n.org
		if n.timing == "" {
			continue
		}
		if err := json.Unmarshal([]byte(n.timing), &rows[i].Timing); err != nil {
			return err
		}
	}
	return nil
}

// dueOf is the next deadline of a case as it was just written.
func (tx *Tx) dueOf(ctx context.Context, caseID string) (time.Time, error) {
	var due int64
	err := tx.QueryRowContext(ctx, "SELECT due_us FROM cases WHERE id = $1", caseID).Scan(&due)
	return dueMoment(due), err
}
