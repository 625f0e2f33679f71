package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"otklik/internal/errs"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Open opens a database and brings its schema up to date. dsn is a
// postgres:// address, or the path of an SQLite file, whose folder is made.
//
// Errors: Unavailable when the server does not answer or another process works
// in the same folder, Invalid when the file is not a database of ours.
func Open(ctx context.Context, dsn string) (*Store, error) {
	if isPostgres(dsn) {
		return openPostgres(ctx, dsn)
	}
	return openSQLite(ctx, dsn)
}

func openSQLite(ctx context.Context, path string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, errs.Wrap(errs.Unavailable, fmt.Sprintf("Папка для данных не создаётся: %s. Проверьте права.", filepath.Dir(path)), err)
	}
	if err := private(path); err != nil {
		return nil, explainSQLite(err, path)
	}
	unlock, err := lockFile(path + ".lock")
	if err != nil && !errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errs.Wrap(errs.Unavailable, fmt.Sprintf("В папку %s нельзя писать. Проверьте права и место на диске.", filepath.Dir(path)), err)
	}
	if err != nil {
		return nil, errs.Wrap(errs.Unavailable, fmt.Sprintf("С базой %s уже работает другой «Отклик». Остановите его или укажите другую папку в --data.", path), err)
	}
	s := &Store{unlock: unlock}
	if err := s.openPools(ctx, path); err != nil {
		return nil, errors.Join(explainSQLite(err, path), s.Close())
	}
	// The lock proves that no other process works here, so every lease that a
	// killed process left behind is free at once.
	if _, err := s.write.ExecContext(ctx, "UPDATE leases SET until_us = 0"); err != nil {
		return nil, errors.Join(explainSQLite(err, path), s.Close())
	}
	return s, nil
}

func (s *Store) openPools(ctx context.Context, path string) error {
	// busy_timeout stands first, so that switching to WAL already waits.
	const pragmas = "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=cache_size(-16000)"
	// In a file: address these three have a meaning of their own.
	file := "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	var err error
	if s.write, err = sql.Open("sqlite", file+"?_txlock=immediate&"+pragmas); err != nil {
		return err
	}
	s.write.SetMaxOpenConns(1)
	if s.read, err = sql.Open("sqlite", file+"?"+pragmas+"&_pragma=query_only(1)"); err != nil {
		return err
	}
	s.read.SetMaxOpenConns(4)
	if err := checkFile(ctx, file, path); err != nil {
		return err
	}
	return s.migrate(ctx, goose.DialectSQLite3)
}

// checkFile reads the file before anything is written into it, over a
// connection that cannot write: a damaged or a foreign file stays as it is.
func checkFile(ctx context.Context, file, path string) (err error) {
	db, err := sql.Open("sqlite", file+"?_pragma=busy_timeout(10000)&_pragma=query_only(1)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := quickCheck(ctx, db, path); err != nil {
		return err
	}
	var tables, ours int
	err = db.QueryRowContext(ctx, "SELECT COUNT(*), COALESCE(SUM(CASE WHEN name = 'goose_db_version' THEN 1 ELSE 0 END), 0) FROM sqlite_master WHERE type = 'table'").
		Scan(&tables, &ours)
	if err == nil && tables > 0 && ours == 0 {
		return errForeign
	}
	return err
}

// checkedSize is up to what size the whole file is read at the start, which
// takes a second or two; of a larger one only the header and schema are read.
const checkedSize = 1 << 30

func quickCheck(ctx context.Context, db *sql.DB, path string) error {
	pragma := "PRAGMA quick_check(1)"
	if info, err := os.Stat(path); err == nil && info.Size() > checkedSize {
		pragma = "PRAGMA schema_version"
	}
	var verdict string
	if err := db.QueryRowContext(ctx, pragma).Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" && pragma != "PRAGMA schema_version" {
		return fmt.Errorf("%w: %s", errDamaged, verdict)
	}
	return nil
}

var (
	errDamaged = errors.New("quick_check failed")
	errForeign = errors.New("the database holds tables of another program")
	errNewer   = errors.New("the database was written by a newer version")
)

const newerMessage = "Базу уже обновила более новая версия «Отклика». Запустите её или верните базу из резервной копии."

func explainSQLite(err error, path string) error {
	switch {
	case damaged(err), errors.Is(err, errDamaged):
		return errs.Wrap(errs.Invalid, fmt.Sprintf("База %s повреждена, программа её не меняла. Верните файл из резервной копии или укажите другую папку в --data.", path), err)
	case errors.Is(err, errForeign):
		return errs.Wrap(errs.Invalid, fmt.Sprintf("Файл %s — база другой программы, «Отклик» её не менял. Укажите другую папку в --data.", path), err)
	case errors.Is(err, errNewer):
		return errs.Wrap(errs.Invalid, newerMessage, err)
	}
	return errs.Wrap(errs.Unavailable, fmt.Sprintf("База %s не открылась. Проверьте права на папку и место на диске.", path), err)
}

// private makes the file, or the one that is there, readable by its owner only:
// it holds people's data. What SQLite puts beside it gets the same rights.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

func lockFile(path string) (func() error, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil
}

func (s *Store) migrate(ctx context.Context, dialect goose.Dialect) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	// Numbers are given by subject, so a base may lack one that is lower than its newest.
	p, err := goose.NewProvider(dialect, s.write, files, goose.WithAllowOutofOrder(true))
	if err != nil {
		return err
	}
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	sources := p.ListSources()
	if have > sources[len(sources)-1].Version {
		return errNewer
	}
	if _, err = p.Up(ctx); err != nil {
		return err
	}
	return s.loosen(ctx, dialect)
}
