package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"otklik/internal/errs"
)

// FileIn is where the SQLite base stands in a data folder.
func FileIn(folder string) string { return filepath.Join(folder, "otklik.db") }

// OpenBeside opens a database in which the running program may be at work, for
// short commands: it takes no lock and frees no leases.
// Errors: those of Open.
func OpenBeside(ctx context.Context, dsn string) (*Store, error) {
	if isPostgres(dsn) {
		return openPostgres(ctx, dsn)
	}
	if err := os.MkdirAll(filepath.Dir(dsn), 0o750); err != nil {
		return nil, errs.Wrap(errs.Unavailable, "Папка для данных не создаётся: "+filepath.Dir(dsn)+". Проверьте права.", err)
	}
	s := newStore()
	if err := s.openPools(ctx, dsn); err != nil {
		return nil, errors.Join(explainSQLite(err, dsn), s.Close())
	}
	return s, nil
}

func isPostgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}
