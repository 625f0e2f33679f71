package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"otklik/incidents"
	"otklik/incidents/clock"
	"otklik/incidents/deadline"
	"otklik/internal/errs"
	"otklik/internal/rights"
)

// defaultHours is the deadline of a case of no topic where nobody has set any.
const defaultHours = 24

// scopeOf is what the deadlines of a case are chosen by, separated by spaces:
// its topic, and the hours that its fact of the rubricator allows.
func scopeOf(c incidents.Case, hours int) string {
	var list []string
	if c.TopicID != "" {
		list = append(list, clock.TopicScope(c.TopicID))
	}
	if hours > 0 {
		list = append(list, fmt.Sprintf("hours:%d", hours))
	}
	return strings.Join(list, " ")
}

// policyOf is by which deadlines a case goes: the version that held when it was
// opened, of the narrowest scope; it is chosen anew only when the scope changes.
func (tx *Tx) policyOf(ctx context.Context, c incidents.Case, hours int, k caseClock) (deadline.Policy, string, error) {
	var p deadline.Policy
	scope := scopeOf(c, hours)
	if k.known && k.scope == scope {
		p, err := policyNamed(ctx, tx, k.policyID)
		return p, k.policyID, err
	}
	list, err := policies(ctx, tx, organisation(c), c.OpenedAt)
	if err != nil {
		return p, "", err
	}
	for _, s := range append(strings.Fields(scope), "") {
		for _, x := range list {
			if x.Scope == s && x.Policy != nil {
				return *x.Policy, x.ID, nil
			}
		}
	}
	return tx.topicPolicy(ctx, c, hours)
}

func policyNamed(ctx context.Context, q querier, id string) (deadline.Policy, error) {
	var p deadline.Policy
	var body string
	if err := q.QueryRowContext(ctx, "SELECT body FROM deadline_policies WHERE id = $1", id).Scan(&body); err != nil {
		return p, fmt.Errorf("policy %s: %w", id, err)
	}
	return p, json.Unmarshal([]byte(body), &p)
}

// topicPolicy makes deadlines of the hours of a fact, else of those of a topic.
func (tx *Tx) topicPolicy(ctx context.Context, c incidents.Case, hours int) (deadline.Policy, string, error) {
	if hours < 1 {
		var err error
		if hours, err = tx.topicHours(ctx, c.TopicID); err != nil {
			return deadline.Policy{}, "", err
		}
	}
	p := clock.Default(hours)
	body, err := json.Marshal(p)
	if err != nil {
		return p, "", err
	}
	id := fmt.Sprintf("hours-%d", hours)
	_, err = tx.exec(ctx, `INSERT INTO deadline_policies (id, org_id, scope, own, version, body, by_id, by_name, at_us)
		VALUES ($1, '', $1, 0, 1, $2, '', '', $3) ON CONFLICT DO NOTHING`, id, string(body), tx.us)
	return p, id, err
}

func (tx *Tx) topicHours(ctx context.Context, topicID string) (int, error) {
	hours := 0
	err := tx.QueryRowContext(ctx, "SELECT due_hours FROM topics WHERE id = $1", topicID).Scan(&hours)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	if hours < 1 {
		hours = defaultHours
	}
	return hours, nil
}

// policies returns the newest version before a moment of every scope: first
// those of the organisation, then those of the agency.
func policies(ctx context.Context, q querier, orgID string, before time.Time) ([]clock.Setting, error) {
	list, err := settings(ctx, q, `SELECT id, org_id, scope, version, body, by_name, at_us FROM deadline_policies
		WHERE own = 1 AND (org_id = '' OR org_id = $1) AND at_us <= $2
		ORDER BY CASE WHEN org_id = $1 THEN 0 ELSE 1 END, scope, version DESC`, orgID, micros(before))
	var newest []clock.Setting
	seen := map[[2]string]bool{}
	for _, x := range list {
		if key := [2]string{x.OrgID, x.Scope}; !seen[key] {
			seen[key] = true
			newest = append(newest, x)
		}
	}
	return newest, err
}

func settings(ctx context.Context, q querier, statement string, args ...any) ([]clock.Setting, error) {
	return collect(ctx, q, func(r *sql.Rows) (clock.Setting, error) {
		var x clock.Setting
		var body string
		var at int64
		if err := r.Scan(&x.ID, &x.OrgID, &x.Scope, &x.Version, &body, &x.By, &at); err != nil {
			return x, err
		}
		x.At = moment(at)
		if body == "" {
			return x, nil
		}
		x.Policy = &deadline.Policy{}
		return x, json.Unmarshal([]byte(body), x.Policy)
	}, statement, args...)
}

// Policies returns what holds for every scope now, those given up left out.
func (s *Store) Policies(ctx context.Context, orgID string, now time.Time) ([]clock.Setting, error) {
	list, err := policies(ctx, s.read, orgID, now)
	var held []clock.Setting
	for _, x := range list {
		if x.Policy != nil {
			held = append(held, x)
		}
	}
	return held, err
}

// PolicyVersions returns all versions of one scope, the newest first.
func (s *Store) PolicyVersions(ctx context.Context, orgID, scope string) ([]clock.Setting, error) {
	return settings(ctx, s.read, `SELECT id, org_id, scope, version, body, by_name, at_us FROM deadline_policies
		WHERE own = 1 AND org_id = $1 AND scope = $2 ORDER BY version DESC`, orgID, scope)
}

// SavePolicy writes a new version of the deadlines of a scope; nil gives the
// scope back to the wider one. Cases that are open keep theirs. Errors:
// Forbidden, Invalid, Conflict when somebody has changed them since seen.
func (s *Store) SavePolicy(ctx context.Context, by rights.Actor, orgID, scope string, seen int, p *deadline.Policy, now time.Time) error {
	if !by.Can(rights.ManageDeadlines) {
		return errs.New(errs.Forbidden, "Сроки меняет администратор или куратор.")
	}
	body := ""
	if p != nil {
		if err := p.Check(); err != nil {
			return err
		}
		data, err := json.Marshal(p)
		if err != nil {
			return err
		}
		body = string(data)
	}
	id, err := newID()
	if err != nil {
		return err
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		var last int
		err := tx.QueryRowContext(ctx, "SELECT COALESCE(MAX(version), 0) FROM deadline_policies WHERE own = 1 AND org_id = $1 AND scope = $2", orgID, scope).Scan(&last)
		if err != nil {
			return err
		}
		if last != seen {
			return errs.New(errs.Conflict, "Пока вы работали, сроки изменил другой человек. Посмотрите, что стало, и сохраните ещё раз.")
		}
		_, err = tx.exec(ctx, `INSERT INTO deadline_policies (id, org_id, scope, own, version, body, by_id, by_name, at_us)
			VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8)`, id, orgID, scope, last+1, body, by.ID, by.Name, tx.us)
		return err
	})
}
