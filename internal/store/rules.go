package store

import (
	"context"
	"database/sql"
	"time"

	"otklik/internal/detect"
	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/rules"
)

const ruleColumns = `v.rule_id, v.version, v.topic_id, v.name, v.expr, v.spelled, v.active, v.department_id, v.importance, v.auto,
	v.from_us, v.to_us, v.by_id, v.by_name, v.at_us, v.why, v.list_only`

func scanRule(scan func(...any) error, more ...any) (rules.Rule, error) {
	var x rules.Rule
	var active, auto, listOnly int
	var from, to, at int64
	args := append([]any{
		&x.ID, &x.Version, &x.TopicID, &x.Name, &x.Expr, &x.Spelled, &active, &x.DepartmentID, &x.Importance, &auto,
		&from, &to, &x.ByID, &x.ByName, &at, &x.Why, &listOnly,
	}, more...)
	err := scan(args...)
	x.Active, x.Auto, x.ListOnly = active == 1, auto == 1, listOnly == 1
	x.From, x.To, x.At = moment(from), moment(to), moment(at)
	return x, err
}

// RuleSet returns all rules and lists in their present versions.
func (s *Store) RuleSet(ctx context.Context) (rules.Set, error) { return ruleSet(ctx, s.read) }

func ruleSet(ctx context.Context, q querier) (rules.Set, error) {
	var set rules.Set
	var err error
	if set.Rules, err = collect(ctx, q, func(r *sql.Rows) (rules.Rule, error) {
		var position int
		x, err := scanRule(r.Scan, &position)
		x.Position = position
		return x, err
	}, "SELECT "+ruleColumns+", r.position FROM rules r JOIN rule_versions v ON v.rule_id = r.id AND v.version = r.version ORDER BY r.position, r.id"); err != nil {
		return set, err
	}
	if set.Lists, err = collect(ctx, q, func(r *sql.Rows) (rules.List, error) { return scanList(r.Scan) },
		"SELECT "+listColumns+" FROM rule_lists l JOIN rule_list_versions v ON v.name = l.name AND v.version = l.version ORDER BY l.name"); err != nil {
		return set, err
	}
	if set.Topics, err = texts(ctx, q, "SELECT id FROM topics"); err != nil {
		return set, err
	}
	set.Desks, err = texts(ctx, q, "SELECT id FROM departments")
	return set, err
}

const listColumns = "v.name, v.expr, v.version, v.by_id, v.by_name, v.at_us, v.why"

func scanList(scan func(...any) error) (rules.List, error) {
	var l rules.List
	var at int64
	err := scan(&l.Name, &l.Expr, &l.Version, &l.ByID, &l.ByName, &at, &l.Why)
	l.At = moment(at)
	return l, err
}

func texts(ctx context.Context, q querier, query string, args ...any) ([]string, error) {
	return collect(ctx, q, func(r *sql.Rows) (string, error) {
		var x string
		return x, r.Scan(&x)
	}, query, args...)
}

// RuleVersions returns all versions of a rule, the newest first. Errors: NotFound.
func (s *Store) RuleVersions(ctx context.Context, id string) ([]rules.Rule, error) {
	list, err := collect(ctx, s.read, func(r *sql.Rows) (rules.Rule, error) { return scanRule(r.Scan) },
		"SELECT "+ruleColumns+" FROM rule_versions v WHERE v.rule_id = $1 ORDER BY v.version DESC", id)
	if err == nil && len(list) == 0 {
		err = errs.New(errs.NotFound, "Такого правила нет. Проверьте адрес.")
	}
	return list, err
}

// ListVersions returns all versions of a list, the newest first. Errors: NotFound.
func (s *Store) ListVersions(ctx context.Context, name string) ([]rules.List, error) {
	list, err := collect(ctx, s.read, func(r *sql.Rows) (rules.List, error) { return scanList(r.Scan) },
		"SELECT "+listColumns+" FROM rule_list_versions v WHERE v.name = $1 ORDER BY v.version DESC", name)
	if err == nil && len(list) == 0 {
		err = errs.New(errs.NotFound, "Такого списка нет. Проверьте адрес.")
	}
	return list, err
}

// ChangeRules lets decide say what becomes of the rules and writes it, one
// change after another. Where since is not zero, history is scanned back to it
// with each rule that may find other messages than before.
// Errors: those of decide.
func (s *Store) ChangeRules(ctx context.Context, since, now time.Time, decide func(rules.Set) (rules.Change, error)) (rules.Change, error) {
	var out rules.Change
	err := s.inTx(ctx, now, func(tx *Tx) error {
		// The counter's row stays locked, so that nobody decides on what is being changed.
		if err := tx.bump(ctx, "rules"); err != nil {
			return err
		}
		set, err := ruleSet(ctx, tx)
		if err != nil {
			return err
		}
		if out, err = decide(set); err != nil {
			return err
		}
		for _, l := range out.Lists {
			if err := tx.saveList(ctx, l); err != nil {
				return err
			}
		}
		for _, r := range out.Rules {
			if err := tx.saveRule(ctx, r); err != nil {
				return err
			}
			before, _ := set.Rule(r.ID)
			if r.Finds(before) {
				if err := tx.askScan(ctx, r, since); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return out, err
}

// MoveRule puts a rule before another one, "" for the end: the first rule that
// fires gives the topic. Positions are no part of a version.
// Errors: those of rules.Set.Move.
func (s *Store) MoveRule(ctx context.Context, by rights.Actor, id, before string, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		if err := tx.bump(ctx, "rules"); err != nil {
			return err
		}
		set, err := ruleSet(ctx, tx)
		if err != nil {
			return err
		}
		order, err := set.Move(id, before, by)
		if err != nil {
			return err
		}
		for i, x := range order {
			if _, err := tx.exec(ctx, "UPDATE rules SET position = $2 WHERE id = $1 AND position <> $2", x, i); err != nil {
				return err
			}
		}
		return nil
	})
}

func (tx *Tx) saveRule(ctx context.Context, r rules.Rule) error {
	if _, err := tx.exec(ctx, `INSERT INTO rules (id, topic_id, name, expr, version, active, position, spelled, department_id, importance, auto, from_us, to_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (id) DO UPDATE SET topic_id = excluded.topic_id, name = excluded.name, expr = excluded.expr, version = excluded.version,
		active = excluded.active, spelled = excluded.spelled, department_id = excluded.department_id, importance = excluded.importance,
		auto = excluded.auto, from_us = excluded.from_us, to_us = excluded.to_us`,
		r.ID, r.TopicID, r.Name, r.Expr, r.Version, flag(r.Active), r.Position, r.Spelled, r.DepartmentID, int(r.Importance), flag(r.Auto),
		micros(r.From), micros(r.To)); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `INSERT INTO rule_versions (rule_id, version, topic_id, name, expr, spelled, active, department_id, importance, auto,
		from_us, to_us, by_id, by_name, at_us, why, list_only) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		r.ID, r.Version, r.TopicID, r.Name, r.Expr, r.Spelled, flag(r.Active), r.DepartmentID, int(r.Importance), flag(r.Auto),
		micros(r.From), micros(r.To), r.ByID, r.ByName, micros(r.At), r.Why, flag(r.ListOnly))
	return err
}

func (tx *Tx) saveList(ctx context.Context, l rules.List) error {
	if _, err := tx.exec(ctx, `INSERT INTO rule_lists (name, expr, version) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET expr = excluded.expr, version = excluded.version`, l.Name, l.Expr, l.Version); err != nil {
		return err
	}
	_, err := tx.exec(ctx, "INSERT INTO rule_list_versions (name, version, expr, by_id, by_name, at_us, why) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		l.Name, l.Version, l.Expr, l.ByID, l.ByName, micros(l.At), l.Why)
	return err
}

// seedRules writes the first version of what a new installation begins with.
func (tx *Tx) seedRules(ctx context.Context, x Starter) error {
	for _, l := range x.Lists {
		l.Version, l.At = 1, tx.now
		if err := tx.saveList(ctx, l); err != nil {
			return err
		}
	}
	for i, r := range x.Rules {
		first := rules.Rule{
			ID: r.ID, TopicID: r.TopicID, Name: r.Name, Expr: r.Expr, Spelled: x.Spelled[r.ID], Version: 1, Active: true, Position: i, At: tx.now,
			DepartmentID: r.DepartmentID, Importance: rules.Importance(r.Importance), Auto: r.Auto, From: r.From, To: r.To,
		}
		if first.Spelled == "" {
			first.Spelled = r.Expr
		}
		if err := tx.saveRule(ctx, first); err != nil {
			return err
		}
	}
	return nil
}

// activeRules are those that detection goes by.
func activeRules(ctx context.Context, q querier) ([]detect.Rule, error) {
	return collect(ctx, q, func(r *sql.Rows) (detect.Rule, error) {
		x, err := scanRule(r.Scan)
		return x.ForDetection(), err
	}, "SELECT "+ruleColumns+" FROM rules r JOIN rule_versions v ON v.rule_id = r.id AND v.version = r.version WHERE r.active = 1 ORDER BY r.position, r.id")
}
