package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"otklik/incidents"
	"otklik/internal/delivery"
	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/social"
)

// Inbox returns a part of the queue.
func (s *Store) Inbox(ctx context.Context, f incidents.Filter) (incidents.Page, error) {
	var p incidents.Page
	q := inboxQuery(f)
	now, today := q.arg(micros(f.Now)), q.arg(micros(f.TodayEnds))
	err := s.read.QueryRowContext(ctx, `SELECT COUNT(*),
		COALESCE(SUM(CASE WHEN c.stage <> 'done' AND c.due_us < `+now+` THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN c.stage <> 'done' AND c.due_us >= `+now+` AND c.due_us < `+today+` THEN 1 ELSE 0 END), 0)
		FROM cases c`+folded(q, f), q.args...).Scan(&p.Total, &p.Overdue, &p.Today)
	if err != nil {
		return p, err
	}
	q = inboxQuery(f)
	limit, offset := q.arg(min(max(f.Limit, 1), 200)), q.arg(max(f.Offset, 0))
	order := inboxOrder(q, f)
	// Which cases are shown is decided on what stands in indexes; only those are read.
	shown := "SELECT c.id FROM cases c LEFT JOIN verdicts v ON v.item_id = c.item_id" + folded(q, f) + " ORDER BY " + order + " LIMIT " + limit + " OFFSET " + offset
	p.Rows, err = collect(ctx, s.read, scanRow, `SELECT c.id, c.number, c.stage, c.outcome, c.message, c.topic_id, COALESCE(t.name, ''),
		c.department_id, COALESCE(d.name, ''), c.executor_id, c.executor_name, s.title, c.opened_us, c.due_us, c.closed_us, c.trouble, c.place, c.fast, c.life,
		CASE WHEN c.trouble <> '' AND EXISTS (SELECT 1 FROM deliveries y WHERE y.subject_id = c.id AND y.state = 'unknown') THEN 1 ELSE 0 END,
		(SELECT COUNT(*) - 1 FROM case_items x WHERE x.case_id = c.id AND x.kin = ''), i.deleted_us,
		(SELECT COUNT(*) FROM case_items x WHERE x.case_id = c.id AND x.kin <> ''),
		COALESCE(n.number, 0), COALESCE(n.title, ''), CASE WHEN n.id IS NULL THEN 0 ELSE (SELECT COUNT(*) FROM mass_cases x WHERE x.incident_id = n.id) END,
		COALESCE((SELECT m.marks FROM matches m WHERE m.item_id = c.item_id ORDER BY m.item_version, m.rank LIMIT 1), '[]'),
		COALESCE(v.probability, -1), c.auto, c.importance
		FROM cases c LEFT JOIN verdicts v ON v.item_id = c.item_id JOIN sources s ON s.id = c.source_id JOIN items i ON i.id = c.item_id
		LEFT JOIN topics t ON t.id = c.topic_id LEFT JOIN departments d ON d.id = c.department_id
		LEFT JOIN mass_cases mc ON mc.case_id = c.id LEFT JOIN mass_incidents n ON n.id = mc.incident_id AND n.state = 'open'
		WHERE c.id IN (`+shown+") ORDER BY "+order, q.args...)
	if err != nil {
		return p, err
	}
	return p, s.rowClocks(ctx, p.Rows)
}

func inboxQuery(f incidents.Filter) *query {
	q := &query{}
	visible(q, f.By, rights.ViewCases)
	in(q, "c.stage", f.Stages)
	if len(f.Stages) == 0 && !f.Closed {
		q.and("c.stage <> 'done'")
	}
	in(q, "c.topic_id", f.Topics)
	in(q, "c.network", f.Networks)
	departments := make([]string, len(f.Departments))
	for i, d := range f.Departments {
		departments[i] = strings.TrimPrefix(d, "-")
	}
	in(q, "c.department_id", departments)
	if len(f.Places) > 0 {
		q.and("(" + atPlaces(q, f.Places) + ")")
	}
	if f.Mass != 0 {
		q.and("c.id IN (SELECT x.case_id FROM mass_cases x JOIN mass_incidents y ON y.id = x.incident_id WHERE y.number = " + q.arg(f.Mass) + ")")
	}
	if f.ExecutorID != "" {
		q.and("c.executor_id = " + q.arg(f.ExecutorID))
	}
	switch f.Due {
	case incidents.DueOverdue:
		q.and("c.stage <> 'done' AND c.due_us < " + q.arg(micros(f.Now)))
	case incidents.DueToday:
		q.and("c.stage <> 'done' AND c.due_us < " + q.arg(micros(f.TodayEnds)))
	case incidents.DueWeek:
		q.and("c.stage <> 'done' AND c.due_us < " + q.arg(micros(f.TodayEnds.AddDate(0, 0, 6))))
	case incidents.DueStands:
		q.and("c.stage <> 'done' AND c.due_us = " + q.arg(noDue))
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		found := "c.folded LIKE " + q.arg(like(text)) + ` ESCAPE '\'`
		if len(f.Messages) > 0 {
			found += " OR c.id IN (SELECT x.case_id FROM case_items x WHERE x.item_id IN (" + literals(f.Messages) + "))"
		}
		q.and("(" + found + ")")
	}
	return q
}

// folded is the filter; of the members of an open mass incident that pass it,
// only the most urgent one does when they are shown as one line.
func folded(q *query, f incidents.Filter) string {
	clause := q.clause()
	if !f.Fold {
		return clause
	}
	further := `SELECT h.id FROM (SELECT c.id, ROW_NUMBER() OVER (PARTITION BY x.incident_id ORDER BY c.due_us, c.number) AS nth
		FROM mass_cases x JOIN mass_incidents y ON y.id = x.incident_id AND y.state = 'open' JOIN cases c ON c.id = x.case_id` + clause + ") h WHERE h.nth > 1"
	if clause == "" {
		return " WHERE c.id NOT IN (" + further + ")"
	}
	return clause + " AND c.id NOT IN (" + further + ")"
}

// atPlaces finds cases by the ids in the path of their place.
func atPlaces(q *query, ids []string) string {
	var any []string
	for _, id := range ids {
		if id == "-" {
			any = append(any, "c.place = '{}'")
			continue
		}
		any = append(any, "c.place LIKE "+q.arg(like(`"`+id+`"`))+` ESCAPE '\'`)
	}
	return strings.Join(any, " OR ")
}

func inboxOrder(q *query, f incidents.Filter) string {
	switch f.Sort {
	case incidents.Newest:
		return "c.number DESC"
	case incidents.ByStage:
		return `CASE c.stage WHEN 'moderation' THEN 0 WHEN 'coordination' THEN 1 WHEN 'execution' THEN 2 WHEN 'agreement' THEN 3 WHEN 'approval' THEN 4
			WHEN 'publication' THEN 5 ELSE 6 END, c.due_us, c.number`
	case incidents.ByChance:
		return "CASE WHEN c.stage = 'done' THEN 1 ELSE 0 END, COALESCE(v.probability, -1) DESC, c.number DESC"
	case incidents.ByClosed:
		return "c.closed_us DESC, c.number DESC"
	}
	// What is important stands first among what is as urgent, and then what is
	// most probably a complaint.
	return urgency(q, f.Now, f.TodayEnds) + ", c.importance DESC, " + likely + " DESC, c.due_us, c.number"
}

// urgency groups cases: overdue, due today, later, finished.
func urgency(q *query, now, todayEnds time.Time) string {
	return "CASE WHEN c.stage = 'done' THEN 3 WHEN c.due_us < " + q.arg(micros(now)) + " THEN 0 WHEN c.due_us < " + q.arg(micros(todayEnds)) + " THEN 1 ELSE 2 END"
}

// Neighbours returns the numbers of the open cases before and after a case in
// the default order of the queue, "" where there is none.
func (s *Store) Neighbours(ctx context.Context, by rights.Actor, caseID string, now, todayEnds time.Time) (previous, next string, err error) {
	one := func(side, direction string) (string, error) {
		q := &query{}
		parts := []string{urgency(q, now, todayEnds), "-c.importance", "-(" + likely + ")", "c.due_us", "c.number"}
		key, id := strings.Join(parts, ", "), q.arg(caseID)
		q.and("c.stage <> 'done' AND (" + key + ")" + side + "(SELECT " + key + " FROM cases c WHERE c.id = " + id + ")")
		visible(q, by, rights.ViewCases)
		var number string
		err := s.read.QueryRowContext(ctx, "SELECT CAST(c.number AS TEXT) FROM cases c"+q.clause()+" ORDER BY "+strings.Join(parts, direction+", ")+direction+" LIMIT 1", q.args...).Scan(&number)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return number, err
	}
	if previous, err = one(" < ", " DESC"); err == nil {
		next, err = one(" > ", "")
	}
	return previous, next, err
}

// likely is how sure the program is of a case that people have not looked at, in
// bands: within one the hour decides. What nobody has judged was found by a rule, and stands first.
const likely = `CASE WHEN c.stage <> 'moderation' THEN 2 ELSE COALESCE((SELECT CASE WHEN l.probability >= 0.8 THEN 2 WHEN l.probability >= 0.5 THEN 1 ELSE 0 END
	FROM verdicts l WHERE l.item_id = c.item_id), 2) END`

func scanRow(r *sql.Rows) (incidents.Row, error) {
	var x incidents.Row
	var stage, outcome, message, marks, place, life string
	var opened, due, closed, uncertain, deleted, fast, auto int64
	err := r.Scan(&x.ID, &x.Number, &stage, &outcome, &message, &x.TopicID, &x.TopicName, &x.DepartmentID, &x.Department,
		&x.ExecutorID, &x.ExecutorName, &x.SourceTitle, &opened, &due, &closed, &x.Trouble, &place, &fast, &life, &uncertain, &x.Attached, &deleted,
		&x.Copies, &x.Mass.Number, &x.Mass.Title, &x.Mass.Members, &marks, &x.Probability, &auto, &x.Importance)
	if err != nil {
		return x, err
	}
	var m social.Item
	var at incidents.Place
	if err := errors.Join(json.Unmarshal([]byte(life), &x.Life), json.Unmarshal([]byte(place), &at), json.Unmarshal([]byte(message), &m), json.Unmarshal([]byte(marks), &x.Marks)); err != nil {
		return x, err
	}
	x.Stage, x.Outcome = incidents.Stage(stage), incidents.Outcome(outcome)
	x.Network, x.Ref, x.Text, x.AuthorName, x.PublishedAt = m.Ref.Network, m.Ref, m.Text, m.Author.Name, m.PublishedAt
	x.OpenedAt, x.DueAt, x.ClosedAt = moment(opened), dueMoment(due), moment(closed)
	x.Uncertain, x.AuthorDeleted, x.Auto = uncertain == 1, deleted != 0, auto == 1
	x.Place, x.Fast = at.Title, fast == 1
	return x, nil
}

// Counts returns what the navigation of a person shows.
func (s *Store) Counts(ctx context.Context, by rights.Actor, now time.Time) (incidents.Counts, error) {
	var n incidents.Counts
	q := &query{args: []any{by.ID, micros(now)}}
	visible(q, by, rights.ViewCases)
	q.and("stage <> 'done'")
	err := s.read.QueryRowContext(ctx, `SELECT COUNT(*),
		COALESCE(SUM(CASE WHEN executor_id = $1 THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN stage = 'agreement' THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN stage = 'approval' THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN due_us < $2 THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN department_id = '' THEN 1 ELSE 0 END), 0)
		FROM cases c`+q.clause(), q.args...).Scan(&n.Open, &n.Mine, &n.Agreement, &n.Approval, &n.Overdue, &n.NoDept)
	if err != nil {
		return n, err
	}
	if err = s.read.QueryRowContext(ctx, "SELECT COUNT(*) FROM mass_incidents WHERE state = 'open'").Scan(&n.Masses); err != nil {
		return n, err
	}
	err = s.read.QueryRowContext(ctx, "SELECT COUNT(*) FROM deliveries WHERE state IN ($1, $2)",
		string(delivery.Unknown), string(delivery.Failed)).Scan(&n.Stuck)
	if err != nil {
		return n, err
	}
	if _, n.Unlikely, err = s.Unlikely(ctx, 0, 0, now); err != nil {
		return n, err
	}
	sources, err := s.Sources(ctx, now)
	if err != nil {
		return n, err
	}
	n.Sick, n.CompleteTo = health(sources)
	return n, nil
}

// CaseByNumber returns the id of a case that the person may see. Errors: NotFound.
func (s *Store) CaseByNumber(ctx context.Context, by rights.Actor, number int64) (string, error) {
	q := &query{args: []any{number}, where: []string{"c.number = $1"}}
	visible(q, by, rights.ViewCases)
	var id string
	err := s.read.QueryRowContext(ctx, "SELECT c.id FROM cases c"+q.clause(), q.args...).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", errs.Newf(errs.NotFound, "Карточки № %d нет. Проверьте номер.", number)
	}
	return id, err
}
