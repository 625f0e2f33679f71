package testdb

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"otklik/internal/store"
)

// migrated is an SQLite file on which the migrations have run. They run once for
// the test process: under the race detector they take half a second. (A database
// of PostgreSQL is slower to copy than a schema is to migrate.)
var migrated = sync.OnceValues(func() (raw []byte, err error) {
	dir, err := os.MkdirTemp("", "otklik-sqlite-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "otklik.db")
	s, err := store.Open(context.Background(), path)
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// SQLite returns the path of a migrated database file.
func SQLite(t testing.TB) string {
	t.Helper()
	raw, err := migrated()
	if err != nil {
		t.Fatalf("no migrated file: %v", err)
	}
	path := filepath.Join(t.TempDir(), "otklik.db")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
