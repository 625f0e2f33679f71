package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
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

func openPostgres(ctx context.Context, dsn string) (*Store, error) {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, "Адрес базы PostgreSQL записан неверно. Пример: postgres://otklik:пароль@db.local:5432/otklik", hideDSN(err, dsn))
	}
	db.SetMaxOpenConns(4 * runtime.NumCPU())
	db.SetConnMaxIdleTime(5 * time.Minute)
	s := &Store{write: db, read: db, engine: postgresEngine}
	if err := s.migrate(ctx, goose.DialectPostgres); err != nil {
		_ = db.Close()
		return nil, explainPostgres(err, dsn)
	}
	return s, nil
}

func explainPostgres(err error, dsn string) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code[:2] {
		case "28":
			return errs.Wrap(errs.Unavailable, "PostgreSQL не принял имя или пароль. Проверьте адрес в --db.", hideDSN(err, dsn))
		case "3D":
			return errs.Wrap(errs.Unavailable, "Такой базы на сервере PostgreSQL нет. Создайте её: CREATE DATABASE otklik;", hideDSN(err, dsn))
		}
	}
	return errs.Wrap(errs.Unavailable, "База PostgreSQL не открылась. Проверьте, что сервер запущен и адрес в --db верен.", hideDSN(err, dsn))
}

// hideDSN keeps the password of the address out of logs.
func hideDSN(err error, dsn string) error {
	text := err.Error()
	if u, perr := url.Parse(dsn); perr == nil {
		if pw, ok := u.User.Password(); ok && pw != "" {
			text = strings.ReplaceAll(text, pw, "•••")
		}
	}
	return errors.New(strings.ReplaceAll(text, dsn, "postgres://•••"))
}

func openSQLite(ctx context.Context, path string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, errs.Wrap(errs.Unavailable, fmt.Sprintf("Папка для данных не создаётся: %s. Проверьте права.", filepath.Dir(path)), err)
	}
	unlock, err := lockFile(path + ".lock")
	if err != nil {
		return nil, errs.Wrap(errs.Unavailable, fmt.Sprintf("С базой %s уже работает другой «Отклик». Остановите его или укажите другую папку в --data.", path), err)
	}
	s := &Store{engine: sqliteEngine, unlock: unlock}
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
	var err error
	if s.write, err = sql.Open("sqlite", "file:"+path+"?_txlock=immediate&"+pragmas); err != nil {
		return err
	}
	s.write.SetMaxOpenConns(1)
	if s.read, err = sql.Open("sqlite", "file:"+path+"?"+pragmas+"&_pragma=query_only(1)"); err != nil {
		return err
	}
	s.read.SetMaxOpenConns(4)
	if err := s.checkHeader(ctx); err != nil {
		return err
	}
	return s.migrate(ctx, goose.DialectSQLite3)
}

// checkHeader reads the file before anything is written into it.
func (s *Store) checkHeader(ctx context.Context) error {
	var verdict string
	if err := s.write.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s", errDamaged, verdict)
	}
	return nil
}

var errDamaged = errors.New("quick_check failed")

func explainSQLite(err error, path string) error {
	if damaged(err) || errors.Is(err, errDamaged) {
		return errs.Wrap(errs.Invalid, fmt.Sprintf("База %s повреждена, программа её не меняла. Верните файл из резервной копии или укажите другую папку в --data.", path), err)
	}
	return errs.Wrap(errs.Unavailable, fmt.Sprintf("База %s не открылась. Проверьте права на папку и место на диске.", path), err)
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
	p, err := goose.NewProvider(dialect, s.write, files)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}
