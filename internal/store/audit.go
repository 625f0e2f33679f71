package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"time"

	"github.com/pressly/goose/v3"

	"otklik/internal/errs"
	"otklik/internal/records"
	"otklik/internal/rights"
)

// note has a row written into the journal when the transaction ends, and only
// if it ends well. The journal's counter is the last lock of every transaction.
func (tx *Tx) note(by rights.Actor, action records.Action, subject string, data map[string]string) {
	tx.noted = append(tx.noted, records.Entry{At: tx.now, ActorID: by.ID, ActorName: by.Name, Action: action, Subject: subject, Data: data})
}

// writeNotes puts what was noted at the end of the chain.
func (tx *Tx) writeNotes(ctx context.Context) error {
	if len(tx.noted) == 0 {
		return nil
	}
	seq, err := tx.take(ctx, "audit", len(tx.noted))
	if err != nil {
		return err
	}
	prev, err := tx.head(ctx, seq-1)
	if err != nil {
		return err
	}
	for i, e := range tx.noted {
		row, err := records.Seal(tidy(e, tx.now), seq+int64(i), prev, rand.Text())
		if err != nil {
			return err
		}
		if err := tx.writeRow(ctx, row); err != nil {
			return err
		}
		prev = row.Hash
	}
	return nil
}

// head is the hash of the last row, which may have been cut since.
func (tx *Tx) head(ctx context.Context, seq int64) (string, error) {
	if seq == 0 {
		return "", nil
	}
	var hash string
	err := tx.QueryRowContext(ctx, "SELECT hash FROM audit WHERE seq = $1 UNION ALL SELECT hash FROM audit_cuts WHERE seq = $1 LIMIT 1", seq).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) {
		// The end was cut by somebody: work goes on, and the walk will tell of it.
		return "", nil
	}
	return hash, err
}

func (tx *Tx) writeRow(ctx context.Context, r records.Row) error {
	_, err := tx.exec(ctx, "INSERT INTO audit (seq, at_us, actor_id, actor_name, action, subject, data, prev, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		r.Seq, micros(r.At), r.ActorID, r.ActorName, string(r.Action), r.Subject, r.Data, r.Prev, r.Hash)
	if err != nil || r.Words == "" {
		return err
	}
	_, err = tx.exec(ctx, "INSERT INTO audit_words (seq, salt, words) VALUES ($1, $2, $3)", r.Seq, r.Salt, r.Words)
	return err
}

// tidy makes an entry storable: what is hashed is what both engines give back.
func tidy(e records.Entry, now time.Time) records.Entry {
	const most = 500
	e.ActorName, e.Subject, e.Words = clean(e.ActorName), clean(e.Subject), clean(e.Words)
	e.Subject, e.Words = cutText(e.Subject, most), cutText(e.Words, most)
	if e.At.IsZero() {
		e.At = now
	}
	data := make(map[string]string, len(e.Data))
	for k, v := range e.Data {
		data[k] = cutText(clean(v), most)
	}
	e.Data = data
	return e
}

func cutText(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most])
	}
	return text
}

// mostNoted bounds how many rows one transaction of reading writes.
const mostNoted = 256

// reading is an entry that waits to be written, and whoever waits for it.
type reading struct {
	entry records.Entry
	done  chan error
}

// Record writes a row that belongs to no change, and returns when it stands in
// the base. Whoever comes meanwhile is written in the same transaction, so many
// readers cost as little as one.
func (s *Store) Record(ctx context.Context, e records.Entry) error {
	x := reading{e, make(chan error, 1)}
	s.readings.Lock()
	s.waiting = append(s.waiting, x)
	s.readings.Unlock()
	for {
		select {
		case err := <-x.done:
			return err
		case s.turn <- struct{}{}:
			s.recordWaiting(ctx)
			<-s.turn
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// recordTime bounds a write in which the readings of others travel along.
const recordTime = 20 * time.Second

func (s *Store) recordWaiting(ctx context.Context) {
	s.readings.Lock()
	n := min(len(s.waiting), mostNoted)
	list := append([]reading{}, s.waiting[:n]...)
	s.waiting = append([]reading{}, s.waiting[n:]...)
	s.readings.Unlock()
	if n == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	err := s.inTx(ctx, list[0].entry.At, func(tx *Tx) error {
		for _, x := range list {
			tx.noted = append(tx.noted, x.entry)
		}
		return nil
	})
	if err != nil {
		err = errs.Wrap(errs.Unavailable, "Не получилось записать обращение в журнал, поэтому данные не показаны. Попробуйте ещё раз.", err)
	}
	for _, x := range list {
		x.done <- err
	}
}

const auditColumns = "a.seq, a.at_us, a.actor_id, a.actor_name, a.action, a.subject, a.data, a.prev, a.hash, COALESCE(w.words, ''), COALESCE(w.salt, '') FROM audit a LEFT JOIN audit_words w ON w.seq = a.seq"

func scanJournal(r *sql.Rows) (records.Row, error) {
	var x records.Row
	var at int64
	err := r.Scan(&x.Seq, &at, &x.ActorID, &x.ActorName, &x.Action, &x.Subject, &x.Data, &x.Prev, &x.Hash, &x.Words, &x.Salt)
	x.At = moment(at)
	return x, err
}

// Journal returns rows of the journal, the newest first.
func (s *Store) Journal(ctx context.Context, f records.Filter) ([]records.Row, error) {
	q := &query{}
	if f.ActorID != "" {
		q.and("a.actor_id = " + q.arg(f.ActorID))
	}
	in(q, "a.action", f.Actions)
	if f.Subject != "" {
		q.and("a.subject = " + q.arg(f.Subject))
	}
	if !f.From.IsZero() {
		q.and("a.at_us >= " + q.arg(micros(f.From)))
	}
	if !f.To.IsZero() {
		q.and("a.at_us < " + q.arg(micros(f.To)))
	}
	if f.Before > 0 {
		q.and("a.seq < " + q.arg(f.Before))
	}
	clause := q.clause()
	return collect(ctx, s.read, scanJournal, "SELECT "+auditColumns+clause+" ORDER BY a.seq DESC LIMIT "+q.arg(min(max(f.Limit, 1), 1000)), q.args...)
}

// JournalPeople are those of whom the journal knows, by name.
func (s *Store) JournalPeople(ctx context.Context) ([]records.Person, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (records.Person, error) {
		var p records.Person
		return p, r.Scan(&p.ID, &p.Name)
	}, "SELECT id, name FROM people ORDER BY name, id")
}

// WalkJournal gives all rows after a number to do, the oldest first, until it
// says no.
func (s *Store) WalkJournal(ctx context.Context, after int64, do func(records.Row) bool) error {
	const part = 1000
	for {
		rows, err := collect(ctx, s.read, scanJournal, "SELECT "+auditColumns+" WHERE a.seq > $1 ORDER BY a.seq LIMIT $2", after, part)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if !do(r) {
				return nil
			}
			after = r.Seq
		}
		if len(rows) < part {
			return nil
		}
	}
}

// VerifyJournal walks along the whole chain, holds it to the anchors of earlier
// walks and to those given, and writes down what it found.
func (s *Store) VerifyJournal(ctx context.Context, given []records.Anchor, now time.Time) (records.Check, error) {
	var cut records.Anchor
	var written int64
	err := s.read.QueryRowContext(ctx, "SELECT value FROM counters WHERE name = 'audit'").Scan(&written)
	if err != nil {
		return records.Check{}, err
	}
	err = s.read.QueryRowContext(ctx, "SELECT seq, hash FROM audit_cuts ORDER BY seq DESC LIMIT 1").Scan(&cut.Seq, &cut.Hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return records.Check{}, err
	}
	anchors, err := s.Anchors(ctx)
	if err != nil {
		return records.Check{}, err
	}
	w := records.NewWalker(cut, append(anchors, given...), now)
	if err := s.WalkJournal(ctx, cut.Seq, w.Step); err != nil {
		return records.Check{}, err
	}
	c := w.End(written)
	return c, s.keepCheck(ctx, c, now)
}

// Anchors are the heads that earlier walks saw while the chain held.
func (s *Store) Anchors(ctx context.Context) ([]records.Anchor, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (records.Anchor, error) {
		var a records.Anchor
		var at int64
		err := r.Scan(&a.Seq, &a.Hash, &at)
		a.At = moment(at)
		return a, err
	}, "SELECT last, hash, at_us FROM audit_checks WHERE trouble = '' AND last > 0 ORDER BY at_us")
}

func (s *Store) keepCheck(ctx context.Context, c records.Check, now time.Time) error {
	id, err := newID()
	if err != nil {
		return err
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		_, e1 := tx.exec(ctx, "INSERT INTO audit_checks (id, at_us, first, last, hash, broken, trouble) VALUES ($1, $2, $3, $4, $5, $6, $7)",
			id, micros(c.At), c.First, c.Head.Seq, c.Head.Hash, c.Broken, c.Trouble)
		_, e2 := tx.exec(ctx, "UPDATE counters SET value = $1 WHERE name = 'audit.checked'", tx.us)
		return errors.Join(e1, e2)
	})
}

// JournalChecks returns the newest walks.
func (s *Store) JournalChecks(ctx context.Context, limit int) ([]records.Check, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (records.Check, error) {
		var c records.Check
		var at int64
		err := r.Scan(&at, &c.First, &c.Head.Seq, &c.Head.Hash, &c.Broken, &c.Trouble)
		c.At = moment(at)
		return c, err
	}, "SELECT at_us, first, last, hash, broken, trouble FROM audit_checks ORDER BY at_us DESC, id DESC LIMIT $1", limit)
}

// guardJournal makes the triggers that keep the journal as it is, each engine
// in its own words. Whoever removes them is seen by the walk along the chain.
func (s *Store) guardJournal(ctx context.Context, dialect goose.Dialect) error {
	list := sqliteGuards()
	if dialect == goose.DialectPostgres {
		var have int
		err := s.write.QueryRowContext(ctx, "SELECT COUNT(*) FROM pg_trigger WHERE tgname LIKE 'audit%_kept' AND tgrelid IN (to_regclass('audit'), to_regclass('audit_cuts'))").Scan(&have)
		if err != nil || have == 4 {
			return err
		}
		list = postgresGuards()
	}
	for _, text := range list {
		if _, err := s.write.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

func sqliteGuards() []string {
	return []string{
		`CREATE TRIGGER IF NOT EXISTS audit_update_kept BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the journal is not changed'); END`,
		`CREATE TRIGGER IF NOT EXISTS audit_delete_kept BEFORE DELETE ON audit
			WHEN OLD.seq > COALESCE((SELECT MAX(seq) FROM audit_cuts), 0) BEGIN SELECT RAISE(ABORT, 'the journal is not cut'); END`,
		`CREATE TRIGGER IF NOT EXISTS audit_cuts_update_kept BEFORE UPDATE ON audit_cuts BEGIN SELECT RAISE(ABORT, 'the journal is not changed'); END`,
		`CREATE TRIGGER IF NOT EXISTS audit_cuts_delete_kept BEFORE DELETE ON audit_cuts BEGIN SELECT RAISE(ABORT, 'the journal is not changed'); END`,
	}
}

func postgresGuards() []string {
	return []string{
		`CREATE OR REPLACE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit' THEN
				IF OLD.seq <= COALESCE((SELECT MAX(seq) FROM audit_cuts), 0) THEN RETURN OLD; END IF;
			END IF;
			RAISE EXCEPTION 'the journal is not changed';
		END $$`,
		`CREATE OR REPLACE TRIGGER audit_row_kept BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_keep()`,
		`CREATE OR REPLACE TRIGGER audit_all_kept BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_keep()`,
		`CREATE OR REPLACE TRIGGER audit_cuts_row_kept BEFORE UPDATE OR DELETE ON audit_cuts FOR EACH ROW EXECUTE FUNCTION audit_keep()`,
		`CREATE OR REPLACE TRIGGER audit_cuts_all_kept BEFORE TRUNCATE ON audit_cuts FOR EACH STATEMENT EXECUTE FUNCTION audit_keep()`,
	}
}
