package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"otklik/collectors"
	"otklik/collectors/quota"
)

// Account implements quota.Ledger.
func (s *Store) Account(ctx context.Context, k quota.Key, now time.Time) (quota.Account, error) {
	var refused int64
	err := s.read.QueryRowContext(ctx, "SELECT refused_us FROM quotas WHERE key_print = $1 AND method = $2", k.Print, k.Method).Scan(&refused)
	if errors.Is(err, sql.ErrNoRows) {
		return quota.Account{}, nil
	}
	if err != nil {
		return quota.Account{}, err
	}
	uses, err := s.quotaUses(ctx, k, now.Add(-quota.Memory))
	return quota.Account{Uses: uses, Refused: moment(refused)}, err
}

func (s *Store) quotaUses(ctx context.Context, k quota.Key, since time.Time) ([]quota.Use, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (quota.Use, error) {
		var u quota.Use
		var slot int64
		err := r.Scan(&u.Stream, &slot, &u.Calls)
		u.Slot = moment(slot)
		return u, err
	}, "SELECT stream, slot_us, calls FROM quota_use WHERE key_print = $1 AND method = $2 AND slot_us > $3 ORDER BY slot_us, stream",
		k.Print, k.Method, micros(since))
}

// Spend implements quota.Ledger.
func (s *Store) Spend(ctx context.Context, k quota.Key, stream string, l quota.Limit, most int, now time.Time) (bool, error) {
	counted := false
	err := s.inTx(ctx, now, func(tx *Tx) error {
		counted = false
		if err := tx.lockQuota(ctx, k, l); err != nil {
			return err
		}
		var used int
		err := tx.QueryRowContext(ctx, "SELECT COALESCE(SUM(calls), 0) FROM quota_use WHERE key_print = $1 AND method = $2 AND slot_us > $3",
			k.Print, k.Method, micros(quota.Since(now))).Scan(&used)
		if err != nil || used >= most {
			return err
		}
		_, err = tx.exec(ctx, `INSERT INTO quota_use (key_print, method, stream, slot_us, calls) VALUES ($1, $2, $3, $4, 1)
			ON CONFLICT (key_print, method, slot_us, stream) DO UPDATE SET calls = quota_use.calls + 1`,
			k.Print, k.Method, stream, micros(now.Truncate(quota.Slot)))
		counted = err == nil
		return err
	})
	return counted && err == nil, err
}

// lockQuota keeps everybody else from counting until the transaction ends.
func (tx *Tx) lockQuota(ctx context.Context, k quota.Key, l quota.Limit) error {
	_, err := tx.exec(ctx, `INSERT INTO quotas (key_print, method, day_calls) VALUES ($1, $2, $3)
		ON CONFLICT (key_print, method) DO UPDATE SET day_calls = excluded.day_calls`, k.Print, k.Method, l.Calls)
	return err
}

// Refuse implements quota.Ledger.
func (s *Store) Refuse(ctx context.Context, k quota.Key, l quota.Limit, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		if err := tx.lockQuota(ctx, k, l); err != nil {
			return err
		}
		_, err := tx.exec(ctx, "UPDATE quotas SET refused_us = $3 WHERE key_print = $1 AND method = $2", k.Print, k.Method, tx.us)
		return err
	})
}

// Activity implements quota.Ledger.
func (s *Store) Activity(ctx context.Context, stream string, since time.Time) ([]quota.Hour, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (quota.Hour, error) {
		var h quota.Hour
		var hours int64
		err := r.Scan(&hours, &h.Items)
		h.Start = moment(hours * time.Hour.Microseconds())
		return h, err
	}, `SELECT h.hour, h.items FROM source_hours h JOIN streams t ON t.source_id = h.source_id
		WHERE t.name = $1 AND h.hour >= $2 AND h.items > 0 ORDER BY 1`, stream, since.UnixMicro()/time.Hour.Microseconds())
}

// Quota returns how every quota of calls a day stands that a key in use has.
func (s *Store) Quota(ctx context.Context, now time.Time) ([]collectors.QuotaLeft, error) {
	list, err := collect(ctx, s.read, func(r *sql.Rows) (collectors.QuotaLeft, error) {
		var q collectors.QuotaLeft
		var refused int64
		err := r.Scan(&q.KeyPrint, &q.Method, &q.Calls, &refused)
		q.RefusedAt = moment(refused)
		return q, err
	}, "SELECT key_print, method, day_calls, refused_us FROM quotas ORDER BY key_print, method")
	if err != nil {
		return nil, err
	}
	var out []collectors.QuotaLeft
	for _, q := range list {
		uses, err := s.quotaUses(ctx, quota.Key{Print: q.KeyPrint, Method: q.Method}, quota.Since(now))
		if err != nil {
			return nil, err
		}
		if q.Used = quota.Counted(uses, now); q.Used == 0 {
			continue // nobody calls with this key any more
		}
		q.Left, q.FreesAt = max(q.Calls-q.Used, 0), quota.Frees(uses, now)
		out = append(out, q)
	}
	return out, nil
}
