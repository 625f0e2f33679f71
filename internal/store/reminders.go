package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"otklik/incidents"
	"otklik/incidents/clock"
	"otklik/incidents/deadline"
	"otklik/internal/auth"
	"otklik/internal/lease"
	"otklik/internal/notice"
	"otklik/internal/rights"
)

// Recount implements notice.Book.
func (s *Store) Recount(ctx context.Context, l lease.Lease, limit int, now time.Time) (int, error) {
	_, rev, err := s.times.schedule(ctx, s.read, "")
	if err != nil {
		return 0, err
	}
	ids, err := collect(ctx, s.read, func(r *sql.Rows) (string, error) {
		var id string
		return id, r.Scan(&id)
	}, `SELECT k.case_id FROM case_clocks k JOIN cases c ON c.id = k.case_id
		WHERE k.hours_rev <> $1 AND k.policy_id <> '' AND c.stage <> 'done' LIMIT $2`, rev, limit)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return len(ids), s.inTx(ctx, now, func(tx *Tx) error {
		if err := tx.fenced(ctx, l); err != nil {
			return err
		}
		for _, id := range ids {
			if _, err := tx.lockCase(ctx, id); err != nil {
				return err
			}
			if err := tx.retime(ctx, id); err != nil {
				return err
			}
		}
		return tx.bump(ctx, "cases")
	})
}

// dueRung names a deadline whose next rung is reached.
type dueRung struct {
	caseID string
	step   deadline.Step
}

// Remind implements notice.Book.
func (s *Store) Remind(ctx context.Context, l lease.Lease, limit int, now time.Time) (int, error) {
	list, err := collect(ctx, s.read, func(r *sql.Rows) (dueRung, error) {
		var d dueRung
		return d, r.Scan(&d.caseID, &d.step)
	}, `SELECT case_id, step FROM case_deadlines WHERE done_us = 0 AND remind_us > 0 AND remind_us <= $1 ORDER BY remind_us LIMIT $2`, micros(now), limit)
	if err != nil {
		return 0, err
	}
	for _, d := range list {
		// One deadline is one transaction: whoever dies leaves the rest to the next.
		err := s.inTx(ctx, now, func(tx *Tx) error {
			if err := tx.fenced(ctx, l); err != nil {
				return err
			}
			return tx.remind(ctx, d)
		})
		if err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// remind tells people of the rungs of a deadline that are reached and notes
// when the next one will be.
func (tx *Tx) remind(ctx context.Context, d dueRung) error {
	c, err := tx.lockCase(ctx, d.caseID)
	if err != nil {
		return err
	}
	k, err := scanDeadline(tx.QueryRowContext(ctx, "SELECT "+deadlineColumns+" FROM case_deadlines WHERE case_id = $1 AND step = $2", d.caseID, string(d.step)).Scan)
	if errors.Is(err, sql.ErrNoRows) || err == nil && (!k.Open() || k.remind == 0 || k.remind > tx.us) {
		return nil // somebody was quicker
	}
	if err != nil {
		return err
	}
	ladder, err := tx.ladder(ctx, c, k)
	if err != nil {
		return err
	}
	reached, next := clock.Reached(ladder, tx.now)
	// Of what was missed at once, everyone hears only of the gravest.
	gravest := map[deadline.Whom]int{}
	for _, r := range reached {
		gravest[r.To] = max(gravest[r.To], r.Percent)
	}
	for _, r := range reached {
		if err := tx.climb(ctx, c, k, r, r.Percent == gravest[r.To]); err != nil {
			return err
		}
	}
	_, err = tx.exec(ctx, "UPDATE case_deadlines SET remind_us = $3 WHERE case_id = $1 AND step = $2", d.caseID, string(d.step), micros(next))
	if err != nil {
		return err
	}
	return tx.bump(ctx, "notices")
}

func (tx *Tx) ladder(ctx context.Context, c incidents.Case, k kept) ([]clock.Rung, error) {
	s, _, err := tx.times.schedule(ctx, tx, organisation(c))
	if err != nil {
		return nil, err
	}
	in, err := clockOf(ctx, tx, c.ID)
	if err != nil {
		return nil, err
	}
	if in.policyID == "" {
		return clock.Ladder(clock.Default(defaultHours), s, k.Due), nil
	}
	p, err := policyNamed(ctx, tx, in.policyID)
	return clock.Ladder(p, s, k.Due), err
}

// climb notes that a rung is reached, once, and tells whom it names.
func (tx *Tx) climb(ctx context.Context, c incidents.Case, k kept, r clock.Rung, tell bool) error {
	n, err := tx.exec(ctx, `INSERT INTO deadline_rungs (case_id, step, version, percent, whom, at_us, told) VALUES ($1, $2, $3, $4, $5, $6, 0)
		ON CONFLICT DO NOTHING`, c.ID, string(k.Step), k.version, r.Percent, string(r.To), tx.us)
	if err != nil || n == 0 || !tell {
		return err
	}
	people, as, err := tx.whom(ctx, c, r.To)
	if err != nil {
		return err
	}
	key := fmt.Sprintf("deadline %s %s %d %d %s", c.ID, k.Step, k.version, r.Percent, r.To)
	data := map[string]string{"step": string(k.Step), "percent": strconv.Itoa(r.Percent), "at": k.At.Format(time.RFC3339), "as": string(as)}
	for _, id := range people {
		if err := tx.notify(ctx, id, notice.Deadline, key, c, data); err != nil {
			return err
		}
	}
	_, err = tx.exec(ctx, `UPDATE deadline_rungs SET told = $6 WHERE case_id = $1 AND step = $2 AND version = $3 AND percent = $4 AND whom = $5`,
		c.ID, string(k.Step), k.version, r.Percent, string(r.To), len(people))
	return err
}

// whom finds the people that a rung names. Where there is nobody, it is told to
// those above, so that no deadline passes unheard for want of an executor.
func (tx *Tx) whom(ctx context.Context, c incidents.Case, to deadline.Whom) ([]string, deadline.Whom, error) {
	above := []deadline.Whom{deadline.ToExecutor, deadline.ToCoordinator, deadline.ToHead, deadline.ToCurator}
	begun := false
	for _, as := range above {
		if begun = begun || as == to; !begun {
			continue
		}
		list, err := tx.those(ctx, c, as)
		if err != nil || len(list) > 0 {
			return list, as, err
		}
	}
	return nil, to, nil
}

func (tx *Tx) those(ctx context.Context, c incidents.Case, as deadline.Whom) ([]string, error) {
	role := map[deadline.Whom]rights.Role{
		deadline.ToExecutor: rights.Executor, deadline.ToCoordinator: rights.Coordinator, deadline.ToHead: rights.Head, deadline.ToCurator: rights.Curator,
	}[as]
	q := &query{}
	q.and("p.active = 1 AND p.roles LIKE " + q.arg(`%"`+string(role)+`"%`))
	if as == deadline.ToExecutor {
		switch {
		case c.ExecutorID != "":
			q.and("p.id = " + q.arg(c.ExecutorID))
		case c.DepartmentID != "" && c.Stage == incidents.Execution:
			q.and("p.department_id = " + q.arg(c.DepartmentID))
		default:
			return nil, nil
		}
	}
	people, err := collect(ctx, tx, func(r *sql.Rows) (auth.Person, error) { return scanPerson(r.Scan) },
		"SELECT "+personColumns+" FROM people p"+q.clause()+" ORDER BY p.id", q.args...)
	var ids []string
	for _, p := range people {
		// Nobody is told of a case that is out of the bounds of their roles.
		if p.Actor().May(rights.ViewCases, c.Subject()) {
			ids = append(ids, p.ID)
		}
	}
	return ids, err
}
