package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"otklik/internal/lease"
)

// Take makes owner the holder of the lease until now+ttl if it is free, has run
// out, or is owner's already. The fence grows each time.
// Errors: lease.ErrHeld when somebody else holds it.
func (s *Store) Take(ctx context.Context, name, owner string, ttl time.Duration, now time.Time) (lease.Lease, error) {
	l := lease.Lease{Name: name, Owner: owner}
	err := s.inTx(ctx, now, func(tx *Tx) error {
		if _, err := tx.exec(ctx, "INSERT INTO leases (name, owner, fence, until_us) VALUES ($1, '', 0, 0) ON CONFLICT DO NOTHING", name); err != nil {
			return err
		}
		err := tx.QueryRowContext(ctx, `UPDATE leases SET owner = $2, fence = fence + 1, until_us = $3
			WHERE name = $1 AND (until_us <= $4 OR owner = $2) RETURNING fence`,
			name, owner, micros(now.Add(ttl)), tx.us).Scan(&l.Fence)
		if errors.Is(err, sql.ErrNoRows) {
			return lease.ErrHeld
		}
		return err
	})
	return l, err
}

// Renew keeps a lease until now+ttl. Errors: lease.ErrLost.
func (s *Store) Renew(ctx context.Context, l lease.Lease, ttl time.Duration, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		n, err := tx.exec(ctx, "UPDATE leases SET until_us = $3 WHERE name = $1 AND fence = $2", l.Name, l.Fence, micros(now.Add(ttl)))
		if err == nil && n == 0 {
			return lease.ErrLost
		}
		return err
	})
}

// Release frees a lease before its time; a lost one is left alone.
func (s *Store) Release(ctx context.Context, l lease.Lease, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		_, err := tx.exec(ctx, "UPDATE leases SET until_us = 0 WHERE name = $1 AND fence = $2", l.Name, l.Fence)
		return err
	})
}

// fenced locks the lease's row and refuses the transaction when the lease has
// gone to somebody else since.
func (tx *Tx) fenced(ctx context.Context, l lease.Lease) error {
	n, err := tx.exec(ctx, "UPDATE leases SET fence = fence WHERE name = $1 AND fence = $2", l.Name, l.Fence)
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("%s at fence %d: %w", l.Name, l.Fence, lease.ErrLost)
	}
	return nil
}
