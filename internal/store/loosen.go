package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/pressly/goose/v3"
)

// loosen lets several cards be of one message, as they are once a case has been
// redirected. PostgreSQL drops the old constraint; SQLite has no words for that,
// so the table is built anew from its own definition, whatever columns it has.
// It belongs to migration 50 and changes nothing the second time.
func (s *Store) loosen(ctx context.Context, dialect goose.Dialect) error {
	if dialect != goose.DialectSQLite3 {
		var bound int
		err := s.write.QueryRowContext(ctx, "SELECT COUNT(*) FROM pg_constraint WHERE conname = 'cases_item_id_key' AND conrelid = 'cases'::regclass").Scan(&bound)
		if err == nil && bound > 0 {
			_, err = s.write.ExecContext(ctx, "ALTER TABLE cases DROP CONSTRAINT IF EXISTS cases_item_id_key")
		}
		return err
	}
	var made string
	if err := s.write.QueryRowContext(ctx, "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'cases'").Scan(&made); err != nil {
		return err
	}
	const one = "NOT NULL UNIQUE REFERENCES items"
	if !strings.Contains(made, one) {
		return nil
	}
	body := made[strings.Index(made, "("):]
	return s.rebuildCases(ctx, "CREATE TABLE cases_loose "+strings.Replace(body, one, "NOT NULL REFERENCES items", 1))
}

// rebuildCases needs a connection whose foreign keys rest meanwhile, and that
// can only be said outside a transaction.
func (s *Store) rebuildCases(ctx context.Context, create string) (err error) {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, "PRAGMA foreign_keys = OFF"); err != nil {
		return err
	}
	defer func() {
		_, on := conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA foreign_keys = ON")
		err = errors.Join(err, on)
	}()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := replaceCases(ctx, tx, create); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func replaceCases(ctx context.Context, tx *sql.Tx, create string) error {
	indexes, err := collect(ctx, tx, func(r *sql.Rows) (string, error) {
		var made string
		return made, r.Scan(&made)
	}, "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'cases' AND sql IS NOT NULL")
	if err != nil {
		return err
	}
	steps := append([]string{
		create, "INSERT INTO cases_loose SELECT * FROM cases", "DROP TABLE cases", "ALTER TABLE cases_loose RENAME TO cases",
	}, indexes...)
	for _, step := range steps {
		if _, err := tx.ExecContext(ctx, step); err != nil {
			return err
		}
	}
	return nil
}
