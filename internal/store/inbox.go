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
		FROM cases c`+q.clause(), q.args...).Scan(&p.Total, &p.Overdue, &p.Today)
	if err != nil {
		return p, err
	}
	q = inboxQuery(f)
	limit, offset := q.arg(min(max(f.Limit, 1), 200)), q.arg(max(f.Offset, 0))
	p.Rows, err = collect(ctx, s.read, scanRow, `SELECT c.id, c.number, c.stage, c.outcome, c.message, c.topic_id, COALESCE(t.name, ''),
		c.department_id, COALESCE(d.name, ''), c.executor_id, c.executor_name, s.title, c.opened_us, c.due_us, c.closed_us, c.trouble,
		CASE WHEN c.trouble <> '' AND EXISTS (SELECT 1 FROM deliveries y WHERE y.subject_id = c.id AND y.state = 'unknown') THEN 1 ELSE 0 END,
		(SELECT COUNT(*) - 1 FROM case_items x WHERE x.case_id = c.id), i.deleted_us,
		COALESCE((SELECT m.marks FROM matches m WHERE m.item_id = c.item_id ORDER BY m.item_version, m.rank LIMIT 1), '[]')
		FROM cases c JOIN sources s ON s.id = c.source_id JOIN items i ON i.id = c.item_id
		LEFT JOIN topics t ON t.id = c.topic_id LEFT JOIN departments d ON d.id = c.department_id`+
		q.clause()+" ORDER BY "+inboxOrder(f.Sort)+" LIMIT "+limit+" OFFSET "+offset, q.args...)
	if err != nil {
		return p, err
	}
	return p, s.rowClocks(ctx, p.Rows)
}

func inboxQuery(f incidents.Filter) *query {
	q := &query{}
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
			marks := make([]string, len(f.Messages))
			for i, id := range f.Messages {
				marks[i] = q.arg(id)
			}
			found += " OR c.id IN (SELECT x.case_id FROM case_items x WHERE x.item_id IN (" + strings.Join(marks, ", ") + "))"
		}
		q.and("(" + found + ")")
	}
	return q
}

func inboxOrder(s incidents.Sort) string {
	const open = "CASE WHEN c.stage = 'done' THEN 1 ELSE 0 END, "
	switch s {
	case incidents.Newest:
		return "c.number DESC"
	case incidents.ByStage:
		return `CASE c.stage WHEN 'moderation' THEN 0 WHEN 'coordination' THEN 1 WHEN 'execution' THEN 2 WHEN 'approval' THEN 3
			WHEN 'publication' THEN 4 ELSE 5 END, c.due_us, c.number`
	case incidents.ByClosed:
		return "c.closed_us DESC, c.number DESC"
	}
	return open + "c.due_us, c.number"
}

func scanRow(r *sql.Rows) (incidents.Row, error) {
	var x incidents.Row
	var stage, outcome, message, marks string
	var opened, due, closed, uncertain, deleted int64
	err := r.Scan(&x.ID, &x.Number, &stage, &outcome, &message, &x.TopicID, &x.TopicName, &x.DepartmentID, &x.Department,
		&x.ExecutorID, &x.ExecutorName, &x.SourceTitle, &opened, &due, &closed, &x.Trouble, &uncertain, &x.Attached, &deleted, &marks)
	if err != nil {
		return x, err
	}
	var m social.Item
	if err := errors.Join(json.Unmarshal([]byte(message), &m), json.Unmarshal([]byte(marks), &x.Marks)); err != nil {
		return x, err
	}
	x.Stage, x.Outcome = incidents.Stage(stage), incidents.Outcome(outcome)
	x.Network, x.Ref, x.Text, x.AuthorName, x.PublishedAt = m.Ref.Network, m.Ref, m.Text, m.Author.Name, m.PublishedAt
	x.OpenedAt, x.DueAt, x.ClosedAt = moment(opened), dueMoment(due), moment(closed)
	x.Uncertain, x.AuthorDeleted = uncertain == 1, deleted != 0
	return x, nil
}

// Counts returns what the navigation of a person shows.
func (s *Store) Counts(ctx context.Context, personID string, now time.Time) (incidents.Counts, error) {
	var n incidents.Counts
	err := s.read.QueryRowContext(ctx, `SELECT COUNT(*),
		COALESCE(SUM(CASE WHEN executor_id = $1 THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN stage = 'approval' THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN due_us < $2 THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN department_id = '' THEN 1 ELSE 0 END), 0)
		FROM cases WHERE stage <> 'done'`, personID, micros(now)).Scan(&n.Open, &n.Mine, &n.Approval, &n.Overdue, &n.NoDept)
	if err != nil {
		return n, err
	}
	err = s.read.QueryRowContext(ctx, "SELECT COUNT(*) FROM deliveries WHERE state IN ($1, $2)",
		string(delivery.Unknown), string(delivery.Failed)).Scan(&n.Stuck)
	if err != nil {
		return n, err
	}
	sources, err := s.Sources(ctx, now)
	if err != nil {
		return n, err
	}
	n.Sick, n.CompleteTo = health(sources)
	return n, nil
}

// CaseByNumber returns the id of a case. Errors: NotFound.
func (s *Store) CaseByNumber(ctx context.Context, number int64) (string, error) {
	var id string
	err := s.read.QueryRowContext(ctx, "SELECT id FROM cases WHERE number = $1", number).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", errs.Newf(errs.NotFound, "Карточки № %d нет. Проверьте номер.", number)
	}
	return id, err
}
