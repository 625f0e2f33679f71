package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"otklik/internal/alarm"
	"otklik/internal/delivery"
)

// Facts reads all that the auditor of alarms judges by.
func (s *Store) Facts(ctx context.Context, now time.Time) (alarm.Facts, error) {
	var f alarm.Facts
	var err error
	if f.Sources, err = s.Sources(ctx, now); err != nil {
		return f, err
	}
	if f.Paces, err = s.Paces(ctx, now); err != nil {
		return f, err
	}
	if f.Broken, err = s.brokenSince(ctx, now.Add(-24*time.Hour)); err != nil {
		return f, err
	}
	if f.Able, err = collect(ctx, s.read, func(r *sql.Rows) (alarm.Able, error) {
		var x alarm.Able
		var at int64
		err := r.Scan(&x.SourceID, &x.Kind, &at)
		x.At = moment(at)
		return x, err
	}, "SELECT source_id, kind, able_us FROM abilities_seen"); err != nil {
		return f, err
	}
	if f.Nodes, err = collect(ctx, s.read, func(r *sql.Rows) (alarm.Node, error) {
		var x alarm.Node
		var at int64
		err := r.Scan(&x.Name, &x.DiskFree, &x.DiskTotal, &at)
		x.SeenAt = moment(at)
		return x, err
	}, "SELECT name, disk_free, disk_total, seen_us FROM nodes"); err != nil {
		return f, err
	}
	if f.Keys, err = collect(ctx, s.read, func(r *sql.Rows) (alarm.Key, error) {
		var x alarm.Key
		var ends int64
		err := r.Scan(&x.SourceID, &x.Kind, &ends)
		x.ExpiresAt = moment(ends)
		return x, err
	}, `SELECT k.source_id, k.kind, k.expires_us FROM source_keys k JOIN sources s ON s.id = k.source_id
		WHERE s.active = 1 AND k.expires_us <> 0`); err != nil {
		return f, err
	}
	quotas, err := s.Quota(ctx, now)
	if err != nil {
		return f, err
	}
	for _, q := range quotas {
		f.Quotas = append(f.Quotas, alarm.Quota(q))
	}
	if err := s.stuckFacts(ctx, &f); err != nil {
		return f, err
	}
	if f.Detection, f.Delivery, err = s.oldest(ctx, now); err != nil {
		return f, err
	}
	if f.Plan, err = s.oldestDuePost(ctx, now); err != nil {
		return f, err
	}
	if f.Vanished, err = s.vanishedFacts(ctx, now); err != nil {
		return f, err
	}
	if f.Hindered, err = s.hinderedFacts(ctx, now); err != nil {
		return f, err
	}
	if f.Archives, err = s.archiveFacts(ctx, now); err != nil {
		return f, err
	}
	if err := s.overdueFacts(ctx, &f, now); err != nil {
		return f, err
	}
	if err := s.massFacts(ctx, &f, now); err != nil {
		return f, err
	}
	f.Halts, err = s.heldFacts(ctx, now)
	return f, err
}

// brokenSince counts the updates that were not understood, by source.
func (s *Store) brokenSince(ctx context.Context, since time.Time) (map[string]int, error) {
	type row struct {
		source string
		n      int
	}
	list, err := collect(ctx, s.read, func(r *sql.Rows) (row, error) {
		var x row
		return x, r.Scan(&x.source, &x.n)
	}, `SELECT t.source_id, COUNT(*) FROM streams t JOIN updates u ON u.stream = t.name
		WHERE u.broken <> '' AND u.received_us > $1 GROUP BY t.source_id`, micros(since))
	out := make(map[string]int, len(list))
	for _, x := range list {
		out[x.source] = x.n
	}
	return out, err
}

// oldest is since when the oldest item waits for detection and the oldest
// delivery to leave, of those that nothing holds; zero where none does.
func (s *Store) oldest(ctx context.Context, now time.Time) (detection, leaving time.Time, err error) {
	held, err := halts(ctx, s.read)
	if err != nil {
		return detection, leaving, err
	}
	q := &query{}
	q.and("d.state = " + q.arg(string(delivery.Planned)) + " AND d.next_us <= " + q.arg(micros(now)) + " AND " + notPaused)
	for _, h := range held {
		notHeld(q, h)
	}
	var item, due int64
	err = errors.Join(
		s.read.QueryRowContext(ctx, "SELECT COALESCE(MIN(waits_us), 0) FROM items WHERE pending = 1").Scan(&item),
		s.read.QueryRowContext(ctx, "SELECT COALESCE(MIN(d.next_us), 0) FROM deliveries d"+q.clause(), q.args...).Scan(&due),
	)
	return moment(item), moment(due), err
}

// DeliveryStates counts the deliveries by their state.
func (s *Store) DeliveryStates(ctx context.Context) (map[delivery.State]int, error) {
	out := map[delivery.State]int{}
	_, err := collect(ctx, s.read, func(r *sql.Rows) (delivery.State, error) {
		var state delivery.State
		var n int
		err := r.Scan(&state, &n)
		out[state] = n
		return state, err
	}, "SELECT state, COUNT(*) FROM deliveries GROUP BY state")
	return out, err
}
