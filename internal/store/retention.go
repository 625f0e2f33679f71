package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"otklik/internal/errs"
	"otklik/internal/lease"
	"otklik/internal/records"
	"otklik/internal/rights"
	"otklik/internal/social"
)

const termsChoice = "records.terms"

// Terms returns for how long each class stays, and who has set that.
func (s *Store) Terms(ctx context.Context) (records.Terms, records.Chosen, error) {
	t, by := records.DefaultTerms(), records.Chosen{}
	var value string
	var at int64
	err := s.read.QueryRowContext(ctx, "SELECT value, version, person_name, set_us FROM choices WHERE name = $1", termsChoice).Scan(&value, &by.Version, &by.By, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return t, by, nil
	}
	if err != nil {
		return t, by, err
	}
	by.At = moment(at)
	return t, by, json.Unmarshal([]byte(value), &t)
}

// SetTerms stores terms over the version that the person saw.
// Errors: Forbidden, Invalid, Conflict.
func (s *Store) SetTerms(ctx context.Context, by rights.Actor, t records.Terms, seen int, now time.Time) error {
	if !by.Can(rights.ManageRecords) {
		return errs.New(errs.Forbidden, "Сроки хранения меняет администратор.")
	}
	if err := t.Check(); err != nil {
		return err
	}
	value, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		n, err := tx.exec(ctx, "UPDATE choices SET value = $2, version = version + 1, person_name = $3, set_us = $4 WHERE name = $1 AND version = $5",
			termsChoice, string(value), by.Name, tx.us, seen)
		if err == nil && n == 0 && seen == 0 {
			n, err = tx.exec(ctx, "INSERT INTO choices (name, value, version, person_name, set_us) VALUES ($1, $2, 1, $3, $4) ON CONFLICT DO NOTHING",
				termsChoice, string(value), by.Name, tx.us)
		}
		if err == nil && n == 0 {
			return errs.New(errs.Conflict, "Пока вы выбирали, сроки изменил другой человек. Посмотрите, что теперь стоит, и повторите.")
		}
		tx.note(by, records.Setting, "setting:terms", map[string]string{"value": string(value)})
		return err
	})
}

// expiring is how a class is found: from which rows, and when each was of. $1 is
// the moment.
func expiring(c records.Class) (from, at, key string) {
	switch c {
	case records.Updates:
		return "updates x WHERE x.received_us < $1 AND x.broken = ''", "x.received_us", ""
	case records.Broken:
		return "updates x WHERE x.received_us < $1 AND x.broken <> ''", "x.received_us", ""
	case records.Items:
		// What a thread with a case shows stays as long as the case does.
		return `items x WHERE x.published_us < $1 AND x.seen_us < $1 AND x.own = 0 AND x.pending = 0
			AND NOT EXISTS (SELECT 1 FROM case_items y WHERE y.item_id = x.id) AND NOT EXISTS (SELECT 1 FROM cases z WHERE z.item_id = x.id)
			AND NOT EXISTS (SELECT 1 FROM cases c JOIN items m ON m.id = c.item_id WHERE c.network = x.network AND c.thread_owner = x.thread_owner
				AND c.thread_id = x.thread_id AND m.erased_us = 0)`, "x.published_us", "x.id"
	case records.Photos:
		return "photos x WHERE x.seen_us < $1 AND x.state = 'kept'", "x.seen_us", "x.id"
	case records.Cases:
		return "cases x JOIN items m ON m.id = x.item_id WHERE x.stage = 'done' AND x.closed_us < $1 AND x.closed_us > 0 AND m.erased_us = 0", "x.closed_us", "x.id"
	case records.Decisions:
		return "decisions x WHERE x.at_us < $1 AND x.body <> ''", "x.at_us", "x.key"
	case records.Journal:
		return "audit x WHERE x.at_us < $1", "x.at_us", ""
	}
	return "", "", ""
}

// DueOf says what of a class has run out before a moment.
func (s *Store) DueOf(ctx context.Context, c records.Class, before time.Time) (records.Due, error) {
	d := records.Due{Class: c}
	from, at, _ := expiring(c)
	var oldest int64
	err := s.read.QueryRowContext(ctx, "SELECT COUNT(*), COALESCE(MIN("+at+"), 0) FROM "+from, micros(before)).Scan(&d.Count, &oldest)
	d.Oldest = moment(oldest)
	return d, err
}

// expireBatch bounds one transaction of removing.
const expireBatch = 200

// Expire implements records.Book.
func (s *Store) Expire(ctx context.Context, l lease.Lease, c records.Class, before, now time.Time) (int, error) {
	var n int
	err := s.inTx(ctx, now, func(tx *Tx) error {
		n = 0
		if err := tx.fenced(ctx, l); err != nil {
			return err
		}
		var err error
		n, err = tx.expire(ctx, c, before)
		return err
	})
	return n, err
}

func (tx *Tx) expire(ctx context.Context, c records.Class, before time.Time) (int, error) {
	if c == records.Journal {
		return tx.cutJournal(ctx, before)
	}
	from, at, key := expiring(c)
	if key == "" {
		rows, err := collect(ctx, tx, func(r *sql.Rows) (update, error) {
			var u update
			return u, r.Scan(&u.stream, &u.key)
		}, "SELECT x.stream, x.key FROM "+from+" ORDER BY "+at+" LIMIT $2", micros(before), expireBatch)
		for _, u := range rows {
			if err == nil {
				_, err = tx.exec(ctx, "DELETE FROM updates WHERE stream = $1 AND key = $2", u.stream, u.key)
			}
		}
		return len(rows), err
	}
	ids, err := collect(ctx, tx, scanText, "SELECT "+key+" FROM "+from+" ORDER BY "+at+" LIMIT $2", micros(before), expireBatch)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	switch c {
	case records.Items:
		return len(ids), tx.removeItems(ctx, ids)
	case records.Photos:
		return len(ids), tx.expirePhotos(ctx, ids)
	case records.Cases:
		return len(ids), tx.expireCases(ctx, ids)
	}
	q := &query{}
	_, err = tx.exec(ctx, "DELETE FROM decisions WHERE key IN "+listed(q, ids), q.args...)
	return len(ids), err
}

// removeItems removes items that no case holds, with all that hangs on them, and
// tells the search archives.
func (tx *Tx) removeItems(ctx context.Context, ids []string) error {
	if _, err := tx.dropPhotos(ctx, ids); err != nil {
		return err
	}
	first, err := tx.take(ctx, "item.revision", len(ids))
	if err != nil {
		return err
	}
	for i, id := range ids {
		if _, err := tx.exec(ctx, "INSERT INTO removed_items (item_id, revision, removed_us) VALUES ($1, $2, $3)", id, first+int64(i), tx.us); err != nil {
			return err
		}
	}
	q := &query{}
	list := listed(q, ids)
	for _, table := range []string{"item_versions", "matches", "verdicts", "kin", "saved_hits", "decisions"} {
		if _, err := tx.exec(ctx, "DELETE FROM "+table+" WHERE item_id IN "+list, q.args...); err != nil {
			return err
		}
	}
	_, err = tx.exec(ctx, "DELETE FROM items WHERE id IN "+list, q.args...)
	return err
}

func (tx *Tx) expirePhotos(ctx context.Context, ids []string) error {
	for _, id := range ids {
		var u upload
		if err := tx.QueryRowContext(ctx, "SELECT picture, thumb FROM photos WHERE id = $1", id).Scan(&u.hash, &u.thumb); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, "UPDATE photos SET state = 'gone', trouble = 'Срок хранения фото вышел.', address = '', picture = '', thumb = '' WHERE id = $1", id); err != nil {
			return err
		}
		if err := tx.dropPictures(ctx, u); err != nil {
			return err
		}
	}
	return nil
}

// expireCases takes the words and the names of citizens out of closed cases.
// What is counted of them stays.
func (tx *Tx) expireCases(ctx context.Context, ids []string) error {
	e := &eraser{tx: tx, as: social.Author{Name: "Автор не хранится"}, wipe: true}
	for _, id := range ids {
		items, err := collect(ctx, tx, scanText, "SELECT i.id FROM items i JOIN case_items x ON x.item_id = i.id WHERE x.case_id = $1 AND i.erased_us = 0 AND i.own = 0", id)
		for _, item := range items {
			if err == nil {
				err = e.item(ctx, item)
			}
		}
		if err != nil {
			return err
		}
		if err := e.caseOf(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// cutJournal removes the oldest rows. That it did so is the newest row, which
// holds the hash from which the chain goes on.
func (tx *Tx) cutJournal(ctx context.Context, before time.Time) (int, error) {
	var seq int64
	var hash string
	// Rows are cut only from the beginning, and the last one always stays.
	err := tx.QueryRowContext(ctx, `SELECT seq, hash FROM audit WHERE seq < COALESCE((SELECT MIN(seq) FROM audit WHERE at_us >= $1), (SELECT MAX(seq) FROM audit))
		AND seq < (SELECT MIN(seq) FROM audit) + $2 ORDER BY seq DESC LIMIT 1`, micros(before), expireBatch*5).Scan(&seq, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if _, err := tx.exec(ctx, "INSERT INTO audit_cuts (seq, hash, cut_us) VALUES ($1, $2, $3)", seq, hash, tx.us); err != nil {
		return 0, err
	}
	n, e1 := tx.exec(ctx, "DELETE FROM audit WHERE seq <= $1", seq)
	_, e2 := tx.exec(ctx, "DELETE FROM audit_words WHERE seq <= $1", seq)
	tx.note(rights.System(), records.Cut, "journal", map[string]string{"seq": itoa(int(seq)), "hash": hash})
	return int(n), errors.Join(e1, e2)
}

// Expired implements records.Book.
func (s *Store) Expired(ctx context.Context) (time.Time, error) {
	var at int64
	err := s.read.QueryRowContext(ctx, "SELECT value FROM counters WHERE name = 'retention.ran'").Scan(&at)
	return moment(at), err
}

// removedMemory is how long processes that were away can still learn which items
// are gone; the nightly comparison finds the rest.
const removedMemory = 90 * 24 * time.Hour

// EndExpiry implements records.Book.
func (s *Store) EndExpiry(ctx context.Context, l lease.Lease, removed map[records.Class]int, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		if err := tx.fenced(ctx, l); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, "DELETE FROM removed_items WHERE removed_us < $1", micros(now.Add(-removedMemory))); err != nil {
			return err
		}
		data := map[string]string{}
		for c, n := range removed {
			data[string(c)] = itoa(n)
		}
		if len(data) > 0 {
			tx.note(rights.System(), records.Expire, "terms", data)
		}
		_, err := tx.exec(ctx, "UPDATE counters SET value = $1 WHERE name = 'retention.ran'", tx.us)
		return err
	})
}

// Removed returns items that are gone after a revision, in the order in which
// they went, with their revisions.
func (s *Store) Removed(ctx context.Context, after int64, limit int) ([]Revision, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (Revision, error) {
		var x Revision
		return x, r.Scan(&x.ID, &x.Revision)
	}, "SELECT item_id, revision FROM removed_items WHERE revision > $1 ORDER BY revision LIMIT $2", after, limit)
}

// Expiries are past removals, the newest first.
func (s *Store) Expiries(ctx context.Context, limit int) ([]records.Row, error) {
	return s.Journal(ctx, records.Filter{Actions: []records.Action{records.Expire}, Limit: limit})
}
