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

// inner are the tables that mean nothing outside of this base, or open doors.
func inner() []string {
	return []string{"sessions", "signin_failures", "constants", "leases", "goose_db_version", "nodes", "beats", "beaters", "counters"}
}

// Takeout gives everything to do, out of one moment of the base: the rows of
// each table as JSON objects, table by table, and the bytes of each picture.
// Secrets are left out.
func (s *Store) Takeout(ctx context.Context, row func(table string, line []byte) error, picture func(hash, kind string, data []byte) error) (err error) {
	postgres := s.read == s.write
	opts := &sql.TxOptions{ReadOnly: true}
	names := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
	if postgres {
		opts.Isolation = sql.LevelRepeatableRead
		names = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name"
	}
	tx, err := s.read.BeginTx(ctx, opts)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	tables, err := collect(ctx, tx, scanText, names)
	if err != nil {
		return err
	}
	for _, table := range tables {
		if slices.Contains(inner(), table) || strings.HasPrefix(table, "river_") {
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
