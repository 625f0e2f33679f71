package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// secrets are the columns that never leave the base: what opens doors.
func secrets() map[string][]string {
	return map[string][]string{
		"people": {"password_hash"}, "source_keys": {"sealed", "fingerprint", "master_id"},
		"quotas": {"key_print"}, "quota_use": {"key_print"}, "pictures": {"data"}, "models": {"data"},
	}
}

// takenTables are the tables that leave. A table that is not named here stays.
func takenTables() []string {
	return []string{
		"abilities_seen", "alarms", "answer_templates", "answer_words", "answers", "archive_checks", "audit", "audit_checks", "audit_cuts", "audit_words", "case_clocks",
		"case_deadlines", "case_events", "case_items", "case_spots", "cases", "choices", "deadline_policies", "deadline_rungs",
		"decisions", "deliveries", "delivery_attempts", "departments", "drafts", "erasures", "gaps", "halts", "item_versions",
		"items", "kin", "mandate_posts", "mandates", "mass_cases", "mass_events", "mass_incidents", "mass_left", "mass_limits",
		"matches", "models", "notices", "organisations", "page_days", "page_measures", "page_stats", "pages", "people", "photos",
		"pictures", "places", "plan_files", "plan_rows", "poll_snapshots", "poll_votes", "polls", "post_drafts", "post_events",
		"post_numbers", "post_pages", "post_reach", "post_refs", "post_stats", "post_templates", "post_versions", "posts", "quota_use",
		"quotas", "removed_items", "routes", "rubric_answers", "rubric_facts", "rubric_maps", "rule_list_versions", "rule_lists",
		"rule_scans", "rule_versions", "rules", "saved_hits", "saved_looks", "saved_searches", "series", "silences", "source_hours",
		"source_keys", "source_places", "sources", "streams", "topic_hours", "topics", "trainings", "updates", "uploads", "verdicts",
		"wishes", "work_days", "work_hours",
	}
}

// innerTables mean nothing outside of this base, or open doors.
func innerTables() []string {
	return []string{"sessions", "signin_failures", "constants", "leases", "nodes", "beats", "beaters", "counters", "password_links", "goose_db_version"}
}

// Unsorted returns tables of which nobody has said whether they leave with all
// the rest. There are none in a program that is whole.
func (s *Store) Unsorted(ctx context.Context) ([]string, error) {
	all, err := collect(ctx, s.read, scanText, s.tableNames())
	return slices.DeleteFunc(all, func(t string) bool { return slices.Contains(takenTables(), t) || slices.Contains(innerTables(), t) }), err
}

// tableNames asks each engine for its tables.
func (s *Store) tableNames() string {
	if s.read == s.write { // PostgreSQL has one pool for both
		return "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name"
	}
	return "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
}

// Takeout gives everything to do, out of one moment of the base: the rows of
// each table as JSON objects, table by table, and the bytes of each picture.
// Secrets are left out.
func (s *Store) Takeout(ctx context.Context, row func(table string, line []byte) error, picture func(hash, kind string, data []byte) error) (err error) {
	opts := &sql.TxOptions{ReadOnly: true}
	if s.read == s.write {
		opts.Isolation = sql.LevelRepeatableRead
	}
	tx, err := s.read.BeginTx(ctx, opts)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	tables, err := collect(ctx, tx, scanText, s.tableNames())
	if err != nil {
		return err
	}
	for _, table := range tables {
		if !slices.Contains(takenTables(), table) {
			continue
		}
		if err := takeTable(ctx, tx, table, row); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	hashes, err := collect(ctx, tx, scanText, "SELECT hash FROM pictures ORDER BY hash")
	if err != nil {
		return err
	}
	for _, hash := range hashes {
		var kind string
		var data []byte
		if err := tx.QueryRowContext(ctx, "SELECT type, data FROM pictures WHERE hash = $1", hash).Scan(&kind, &data); err != nil {
			return err
		}
		if err := picture(hash, kind, data); err != nil {
			return err
		}
	}
	return nil
}

// takeTable gives the rows of a table, one at a time. The name is the base's own.
func takeTable(ctx context.Context, tx *sql.Tx, table string, row func(string, []byte) error) error {
	head, err := tx.QueryContext(ctx, `SELECT * FROM "`+table+`" LIMIT 0`)
	if err != nil {
		return err
	}
	all, err := head.Columns()
	if cerr := head.Close(); err != nil || cerr != nil {
		return errors.Join(err, cerr)
	}
	hidden := secrets()[table]
	var columns []string
	for _, c := range all {
		if !slices.Contains(hidden, c) {
			columns = append(columns, c)
		}
	}
	rows, err := tx.QueryContext(ctx, `SELECT "`+strings.Join(columns, `", "`)+`" FROM "`+table+`" ORDER BY 1`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		object := make(map[string]any, len(columns))
		for i, c := range columns {
			if b, ok := values[i].([]byte); ok {
				values[i] = base64.StdEncoding.EncodeToString(b)
			}
			object[c] = values[i]
		}
		line, err := json.Marshal(object)
		if err != nil {
			return err
		}
		if err := row(table, line); err != nil {
			return err
		}
	}
	return rows.Err()
}
