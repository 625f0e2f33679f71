package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"otklik/incidents"
	"otklik/incidents/clock"
	"otklik/incidents/deadline"
	"otklik/internal/records"
	"otklik/internal/rights"
	"otklik/internal/social"
)

// pastSource is the page under which cases of another system stand. It is not in
// use: nobody reads it, and answers go out by hand.
const pastSource = "import"

// ImportCases writes cases of another system that are not there yet, told apart
// by their external numbers, in one transaction, and returns how many it wrote.
// Detection, mass incidents and learning leave them alone.
func (s *Store) ImportCases(ctx context.Context, by rights.Actor, list []incidents.Past, now time.Time) (written int, err error) {
	err = s.inTx(ctx, now, func(tx *Tx) error {
		written = 0
		_, err := tx.exec(ctx, `INSERT INTO sources (id, network, external_id, kind, title, url, active, created_us, covered_us, public)
			VALUES ($1, $2, $1, $1, $3, '', 0, $4, $4, 1) ON CONFLICT (network, external_id) DO NOTHING`,
			pastSource, string(social.Imported), "Загруженные карточки", tx.us)
		if err != nil {
			return err
		}
		if list, err = tx.unknownPast(ctx, list); err != nil || len(list) == 0 {
			return err
		}
		in := pasts{tx: tx, whose: map[string]incidents.Whose{}}
		if err := in.number(ctx, len(list)); err != nil {
			return err
		}
		for i, p := range list {
			if err := in.write(ctx, p, int64(i)); err != nil {
				return err
			}
		}
		written = len(list)
		if _, err := tx.exec(ctx, "UPDATE sources SET items = items + $2 WHERE id = $1", pastSource, written); err != nil {
			return err
		}
		tx.note(by, records.Change, "import:cases", map[string]string{"count": itoa(written)})
		return tx.bump(ctx, "cases")
	})
	return written, err
}

// unknownPast leaves out what is there already and what the list names twice.
func (tx *Tx) unknownPast(ctx context.Context, list []incidents.Past) ([]incidents.Past, error) {
	q := &query{}
	ids := make([]string, len(list))
	for i, p := range list {
		ids[i] = clean(p.Message.Ref.ID)
	}
	q.and("network = " + q.arg(string(social.Imported)))
	in(q, "item_id", ids)
	known, err := collect(ctx, tx, func(r *sql.Rows) (string, error) {
		var id string
		return id, r.Scan(&id)
	}, "SELECT item_id FROM items"+q.clause(), q.args...)
	if err != nil {
		return nil, err
	}
	seen := make(map[string]bool, len(known))
	for _, id := range known {
		seen[id] = true
	}
	var fresh []incidents.Past
	for i, p := range list {
		if !seen[ids[i]] {
			seen[ids[i]] = true
			fresh = append(fresh, p)
		}
	}
	return fresh, nil
}

// pasts writes one batch; the numbers of all its rows are taken at once.
type pasts struct {
	tx                   *Tx
	whose                map[string]incidents.Whose
	item, revision, card int64
}

func (in *pasts) number(ctx context.Context, n int) error {
	var err error
	for _, c := range []struct {
		name  string
		first *int64
	}{{"item", &in.item}, {"item.revision", &in.revision}, {"case", &in.card}} {
		*c.first, err = in.tx.take(ctx, c.name, n)
		if err != nil {
			return err
		}
	}
	return nil
}

func (in *pasts) write(ctx context.Context, p incidents.Past, i int64) error {
	itemID, err := newID()
	if err != nil {
		return err
	}
	id, err := newID()
	if err != nil {
		return err
	}
	w, ok := in.whose[p.DepartmentID]
	if !ok {
		if w, err = in.tx.whoseOf(ctx, p.DepartmentID); err != nil {
			return err
		}
		in.whose[p.DepartmentID] = w
	}
	cleanPast(&p)
	if err := in.writeItem(ctx, itemID, p.Message, i); err != nil {
		return err
	}
	c, history := incidents.Restore(p, w, id, in.card+i, pastSource)
	if err := in.tx.insertCase(ctx, c, itemID, whose(c.Message)); err != nil {
		return err
	}
	if err := in.tx.saveCase(ctx, c.Version, c); err != nil {
		return err
	}
	if _, err := in.tx.exec(ctx, "INSERT INTO case_items (item_id, case_id, added_us) VALUES ($1, $2, $3)", itemID, id, micros(c.OpenedAt)); err != nil {
		return err
	}
	if err := in.tx.pastEvents(ctx, id, history); err != nil {
		return err
	}
	if c.Answer.Version > 0 {
		if err := in.tx.keepAnswer(ctx, c); err != nil {
			return err
		}
	}
	if c.Stage == incidents.Done {
		return nil
	}
	return in.tx.pastClock(ctx, c)
}

func cleanPast(p *incidents.Past) {
	m := &p.Message
	for _, s := range []*string{&m.Ref.ID, &m.Thread.ID, &m.Text, &m.Author.Name, &m.Permalink, &p.Answer, &p.Reason, &p.Address, &p.TopicName} {
		*s = clean(*s)
	}
}

func (in *pasts) writeItem(ctx context.Context, id string, it social.Item, i int64) error {
	author, media, err := encodePeople(it)
	if err != nil {
		return err
	}
	at := micros(it.PublishedAt)
	_, err = in.tx.exec(ctx, `INSERT INTO items (id, seq, network, owner, item_id, source_id, kind, thread_owner, thread_id, reply_id,
		copy_owner, copy_id, author_id, author, own, body, media, permalink, version, published_us, edited_us, seen_us, deleted_us, pending, waits_us, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', '', '', '', $10, 0, $11, $12, $13, 1, $14, 0, $15, 0, 0, 0, $16)`,
		id, in.item+i, string(it.Ref.Network), it.Ref.Owner, it.Ref.ID, pastSource, string(it.Kind), it.Thread.Owner, it.Thread.ID,
		author, it.Text, media, it.Permalink, at, in.tx.us, in.revision+i)
	if err != nil {
		return err
	}
	_, err = in.tx.exec(ctx, "INSERT INTO item_versions (item_id, version, body, edited_us, seen_us) VALUES ($1, 1, $2, 0, $3)", id, it.Text, in.tx.us)
	return err
}

// pastEvents writes a whole history at once: its deadlines are counted once, not
// after every line.
func (tx *Tx) pastEvents(ctx context.Context, caseID string, history []incidents.Event) error {
	for i, ev := range history {
		data, err := json.Marshal(ev.Data)
		if err != nil {
			return err
		}
		_, err = tx.exec(ctx, `INSERT INTO case_events (case_id, seq, at_us, actor_id, actor_name, kind, version, note, data)
			VALUES ($1, $2, $3, '', $4, $5, $6, $7, $8)`, caseID, i+1, micros(ev.At), ev.ActorName, string(ev.Kind), ev.Version, ev.Text, string(data))
		if err != nil {
			return err
		}
	}
	return nil
}

// pastClock gives an open case its deadlines: the one it had, where the file
// names it, else those of our rules. What had passed before the case came here is
// nobody's news, so neither a person nor the auditor is alarmed by it.
func (tx *Tx) pastClock(ctx context.Context, c incidents.Case) error {
	if c.DueAt.IsZero() {
		if err := tx.retime(ctx, c.ID); err != nil {
			return err
		}
	} else {
		row := kept{Row: clock.Row{Due: deadline.Due{Step: deadline.Final, From: c.OpenedAt, At: c.DueAt}}, version: 1}
		if err := tx.keepDeadline(ctx, c.ID, row, kept{}); err != nil {
			return err
		}
		_, err := tx.exec(ctx, "INSERT INTO case_clocks (case_id, policy_id, scope, hours_rev) VALUES ($1, '', '', 0)", c.ID)
		if err != nil {
			return err
		}
	}
	_, calm := tx.exec(ctx, "UPDATE case_deadlines SET remind_us = 0 WHERE case_id = $1 AND at_us < $2", c.ID, tx.us)
	_, told := tx.exec(ctx, `INSERT INTO deadline_rungs (case_id, step, version, percent, whom, at_us, told)
		SELECT case_id, step, version, 100, 'import', CAST($2 AS BIGINT), 1 FROM case_deadlines WHERE case_id = $1 AND at_us > 0 AND at_us < $2`, c.ID, tx.us)
	return errors.Join(calm, told)
}
