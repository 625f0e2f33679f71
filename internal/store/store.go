// Package store keeps everything in SQLite or PostgreSQL through one SQL text:
// $n placeholders, times as BIGINT microseconds, ids made in Go, JSON as TEXT,
// text compared on columns folded in Go.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"otklik/internal/errs"
)

// Store is an open database.
type Store struct {
	write  *sql.DB
	read   *sql.DB
	unlock func() error
	times  timings
}

// Tx is one writing transaction with its one moment. Helpers take it; only the
// exported methods of Store open it.
type Tx struct {
	*sql.Tx
	now   time.Time
	us    int64
	times *timings
}

// querier is what reading helpers need: a pool or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// retries bounds how often a transaction is repeated that lost a race.
const retries = 5

// inTx runs fn in one writing transaction and repeats it when the engine says
// that it lost a race. fn must have no effect outside the transaction that a
// repetition does not undo. Errors: Conflict when every repetition lost.
func (s *Store) inTx(ctx context.Context, now time.Time, fn func(*Tx) error) error {
	var err error
	for range retries {
		if err = s.once(ctx, now, fn); !lostRace(err) || ctx.Err() != nil {
			return err
		}
	}
	return errs.Wrap(errs.Conflict, "Слишком многие меняют это одновременно. Обновите страницу и попробуйте ещё раз.", err)
}

func (s *Store) once(ctx context.Context, now time.Time, fn func(*Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := fn(&Tx{Tx: tx, now: now, us: micros(now), times: &s.times}); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	err = tx.Commit()
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		// The driver rolled back because the caller gave up: that is the reason.
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// Close waits for running statements and closes the database.
func (s *Store) Close() error {
	err := errors.Join(s.read.Close(), s.write.Close())
	if s.unlock != nil {
		err = errors.Join(err, s.unlock())
	}
	return err
}

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return s.read.QueryRowContext(ctx, "SELECT 1").Scan(&one)
}

// exec runs a statement and returns how many rows it touched.
func (tx *Tx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, fmt.Errorf("%w in %s", err, firstLine(query))
	}
	return res.RowsAffected()
}

// take hands out the next n numbers of a counter and returns the first. The
// counter's row stays locked until the transaction ends, so numbers appear in
// the order of commit.
func (tx *Tx) take(ctx context.Context, counter string, n int) (int64, error) {
	var last int64
	err := tx.QueryRowContext(ctx, "UPDATE counters SET value = value + $2 WHERE name = $1 RETURNING value", counter, n).Scan(&last)
	if err != nil {
		return 0, fmt.Errorf("counter %s: %w", counter, err)
	}
	return last - int64(n) + 1, nil
}

// bump says to other processes that a region has changed.
func (tx *Tx) bump(ctx context.Context, region string) error {
	_, err := tx.take(ctx, "rev."+region, 1)
	return err
}

// collect reads all rows of a query through scan.
func collect[T any](ctx context.Context, q querier, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("%w in %s", err, firstLine(query))
	}
	defer func() { _ = rows.Close() }()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("%w in %s", err, firstLine(query))
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

func firstLine(query string) string {
	const most = 60
	if len(query) > most {
		return query[:most]
	}
	return query
}

// micros is the stored form of a moment; the zero moment is 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func moment(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// newID makes a UUIDv7: it sorts by the time it was made.
func newID() (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("new id: %w", err)
	}
	return id.String(), nil
}
