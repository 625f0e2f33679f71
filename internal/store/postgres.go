package store

import (
	"context"
	"errors"
	"net/url"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"otklik/internal/errs"
)

func openPostgres(ctx context.Context, dsn string) (*Store, error) {
	// The parser quotes the address in its error, so its error is not kept.
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, errs.New(errs.Invalid, "Адрес базы PostgreSQL записан неверно. Пример: postgres://otklik:пароль@db.local:5432/otklik")
	}
	// A process that is frozen in the middle of a transaction holds its locks,
	// and with them everybody else: the server lets go of it, well within the
	// time in which another process takes its leases.
	if cfg.RuntimeParams["idle_in_transaction_session_timeout"] == "" {
		cfg.RuntimeParams["idle_in_transaction_session_timeout"] = "5000"
	}
	db := stdlib.OpenDB(*cfg)
	db.SetMaxOpenConns(4 * runtime.NumCPU())
	db.SetConnMaxIdleTime(5 * time.Minute)
	s := newStore()
	s.write, s.read = db, db
	if err := s.migrateAlone(ctx); err != nil {
		_ = db.Close()
		return nil, explainPostgres(err, dsn)
	}
	return s, nil
}

// migrateAlone lets one process at a time bring the schema up to date, for
// several may start at once.
func (s *Store) migrateAlone(ctx context.Context) (err error) {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return err
	}
	const key = "hashtextextended('otklik migrations ' || current_schema(), 0)"
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock("+key+")"); err != nil {
		return errors.Join(err, conn.Close())
	}
	defer func() {
		_, uerr := conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock("+key+")")
		err = errors.Join(err, uerr, conn.Close())
	}()
	return s.migrate(ctx, goose.DialectPostgres)
}

func explainPostgres(err error, dsn string) error {
	if errors.Is(err, errNewer) {
		return errs.Wrap(errs.Invalid, newerMessage, err)
	}
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

// hideDSN keeps the password of the address out of logs, as it was written and
// as it is read.
func hideDSN(err error, dsn string) error {
	const hidden = "•••"
	text := strings.ReplaceAll(err.Error(), dsn, "postgres://"+hidden)
	u, perr := url.Parse(dsn)
	if perr != nil {
		return errors.New("the address does not parse")
	}
	pw, _ := u.User.Password()
	for _, secret := range []string{pw, url.QueryEscape(pw), url.PathEscape(pw), u.Query().Get("password")} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, hidden)
		}
	}
	return errors.New(text)
}
