package store

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"
)

// PostgreSQL's codes: https://www.postgresql.org/docs/15/errcodes-appendix.html
const (
	pgUniqueViolation      = "23505"
	pgSerializationFailure = "40001"
	pgDeadlock             = "40P01"
)

// lostRace says that the transaction failed only because another one was
// quicker: repeating it is right. Errors are known by code, never by text.
func lostRace(err error) bool {
	if err == nil {
		return false
	}
	if errors.Is(err, errStale) {
		return true
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == pgSerializationFailure || pg.Code == pgDeadlock || pg.Code == pgUniqueViolation
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		primary := lite.Code() & 0xff
		return primary == sqlitelib.SQLITE_BUSY || lite.Code() == sqlitelib.SQLITE_CONSTRAINT_UNIQUE
	}
	return false
}

// damaged says that the database file is not readable as such.
func damaged(err error) bool {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		primary := lite.Code() & 0xff
		return primary == sqlitelib.SQLITE_CORRUPT || primary == sqlitelib.SQLITE_NOTADB
	}
	return false
}

// errStale marks a write whose ground has moved; the transaction is repeated.
var errStale = errors.New("the row changed in the meantime")
