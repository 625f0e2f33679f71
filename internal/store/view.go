package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"otklik/incidents"
	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/social"
)

// threadShown is how many items of a thread the page of a case shows.
const threadShown = 60

// View returns all that the page of a case shows to a person.
// Errors: NotFound, also when it lies outside what they may see.
func (s *Store) View(ctx context.Context, caseID string, by rights.Actor, now time.Time) (incidents.View, error) {
	var v incidents.View
	var err error
	if v.Case, err = loadCase(ctx, s.read, caseID); err != nil {
		return v, err
	}
	if !by.IsSystem() && !by.May(rights.ViewCases, v.Case.Subject()) {
		return incidents.View{}, errs.New(errs.NotFound, "Такой карточки нет. Проверьте номер.")
	}
	err = s.read.QueryRowContext(ctx, `SELECT COALESCE(t.name, ''), COALESCE(d.name, ''), s.title FROM cases c JOIN sources s ON s.id = c.source_id
		LEFT JOIN topics t ON t.id = c.topic_id LEFT JOIN departments d ON d.id = c.department_id WHERE c.id = $1`, caseID).
		Scan(&v.TopicName, &v.Department, &v.Source)
	if err != nil {
		return v, err
	}
	steps := []func(context.Context, *incidents.View) error{
		s.viewWhy, s.viewVerdict, s.viewThread, s.viewEvidence, s.viewDelivery, s.viewCopies, s.viewMass,
		func(ctx context.Context, v *incidents.View) error { return s.viewDraft(ctx, v, by.ID) },
	}
	for _, step := range steps {
		if err := step(ctx, &v); err != nil {
			return v, err
		}
	}
	v.History, err = s.viewHistory(ctx, v.Case)
	return v, err
}

func (s *Store) viewWhy(ctx context.Context, v *incidents.View) error {
	var err error
	v.Why, err = collect(ctx, s.read, func(r *sql.Rows) (incidents.Why, error) {
		var w incidents.Why
		var words, marks string
		if err := r.Scan(&w.RuleID, &w.RuleName, &w.Version, &w.Topic, &words, &marks); err != nil {
			return w, err
		}
		return w, errors.Join(json.Unmarshal([]byte(words), &w.Words), json.Unmarshal([]byte(marks), &w.Marks))
	}, `SELECT m.rule_id, m.rule_name, m.rule_version, COALESCE(t.name, ''), m.words, m.marks
		FROM matches m JOIN cases c ON c.item_id = m.item_id LEFT JOIN topics t ON t.id = m.topic_id
		WHERE c.id = $1 AND m.item_version = (SELECT MIN(x.item_version) FROM matches x WHERE x.item_id = c.item_id)
		ORDER BY m.rank`, v.Case.ID)
	return err
}

// viewThread reads the post and the comments around the message: what stands
// nearest before it, and what followed.
func (s *Store) viewThread(ctx context.Context, v *incidents.View) error {
	m := v.Case.Message
	base := ` FROM items i WHERE i.network = $1 AND i.thread_owner = $2 AND i.thread_id = $3 AND i.version > 0`
	key := []any{string(m.Ref.Network), m.Thread.Owner, m.Thread.ID}
	root, err := s.threadPart(ctx, v.Case.ID, base+" AND i.kind = 'post' ORDER BY i.seq LIMIT $4", append(key, 1)...)
	if err != nil {
		return err
	}
	at := micros(m.PublishedAt)
	before, err := s.threadPart(ctx, v.Case.ID, base+" AND i.kind <> 'post' AND i.published_us <= $4 ORDER BY i.published_us DESC, i.seq DESC LIMIT $5", append(key, at, threadShown/2)...)
	if err != nil {
		return err
	}
	after, err := s.threadPart(ctx, v.Case.ID, base+" AND i.kind <> 'post' AND i.published_us > $4 ORDER BY i.published_us, i.seq LIMIT $5", append(key, at, threadShown/2)...)
	if err != nil {
		return err
	}
	var total int
	if err := s.read.QueryRowContext(ctx, "SELECT COUNT(*)"+base+" AND i.kind <> 'post' AND i.published_us <= $4", append(key, at)...).Scan(&total); err != nil {
		return err
	}
	v.Earlier = total - len(before)
	v.Thread = root
	for i := len(before) - 1; i >= 0; i-- {
		v.Thread = append(v.Thread, before[i])
	}
	v.Thread = append(v.Thread, after...)
	for i := range v.Thread {
		v.Thread[i].IsMessage = v.Thread[i].Item.Ref == m.Ref
		if v.Thread[i].IsMessage {
			v.Thread[i].IsAttached = false
		}
	}
	return nil
}

func (s *Store) threadPart(ctx context.Context, caseID, tail string, args ...any) ([]incidents.ThreadItem, error) {
	q := query{args: args}
	held := q.arg(caseID)
	return collect(ctx, s.read, func(r *sql.Rows) (incidents.ThreadItem, error) {
		var x incidents.ThreadItem
		var marks string
		var attached int
		var err error
		x.Item, x.SeenAt, x.DeletedAt, err = scanItem(r.Scan, &x.ID, &attached, &marks)
		if err != nil {
			return x, err
		}
		x.IsAttached = attached > 0
		return x, json.Unmarshal([]byte(marks), &x.Marks)
	}, "SELECT "+itemColumns+`, i.id,
		(SELECT COUNT(*) FROM case_items x WHERE x.item_id = i.id AND x.case_id = `+held+`),
		COALESCE((SELECT m.marks FROM matches m WHERE m.item_id = i.id AND m.item_version = i.version ORDER BY m.rank LIMIT 1), '[]')`+tail, q.args...)
}

func (s *Store) viewDelivery(ctx context.Context, v *incidents.View) error {
	var planned, sending, done, next int64
	o := &v.Delivery
	err := s.read.QueryRowContext(ctx, `SELECT id, state, attempt, planned_us, sending_us, done_us, next_us, trouble, permalink FROM deliveries
		WHERE subject_id = $1 ORDER BY planned_us DESC, id DESC LIMIT 1`, v.Case.ID).
		Scan(&o.ID, &o.State, &o.Attempts, &planned, &sending, &done, &next, &o.Trouble, &o.Permalink)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	o.PlannedAt, o.SendingAt, o.DoneAt, o.NextTryAt = moment(planned), moment(sending), moment(done), moment(next)
	return err
}

func (s *Store) viewDraft(ctx context.Context, v *incidents.View, personID string) error {
	var saved int64
	err := s.read.QueryRowContext(ctx, "SELECT body, saved_us FROM drafts WHERE case_id = $1 AND person_id = $2", v.Case.ID, personID).Scan(&v.Draft, &saved)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	v.DraftAt = moment(saved)
	return err
}

// Item returns a stored item. The second result is false when there is none.
func (s *Store) Item(ctx context.Context, ref social.Ref) (social.Item, bool, error) {
	it, _, _, err := scanItem(s.read.QueryRowContext(ctx, "SELECT "+itemColumns+" FROM items i WHERE i.network = $1 AND i.owner = $2 AND i.item_id = $3",
		string(ref.Network), ref.Owner, ref.ID).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return it, false, nil
	}
	return it, err == nil, err
}
