package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"otklik/incidents"
	"otklik/internal/errs"
	"otklik/internal/records"
	"otklik/internal/rights"
	"otklik/internal/social"
)

const caseColumns = `c.id, c.number, c.version, c.stage, c.stage_us, c.outcome, c.message, c.source_id, c.topic_id, c.department_id,
	c.executor_id, c.executor_name, c.answer, c.reject_reason, c.trouble, c.answer_link, c.opened_us, c.due_us, c.closed_us,
	c.place, c.fact_id, c.fact_name, c.fast, c.auto, c.importance, c.timing,
	(SELECT s.public FROM sources s WHERE s.id = c.source_id), c.organisation_id, c.life,
	(SELECT o.name FROM organisations o WHERE o.id = c.organisation_id), (SELECT o.path FROM organisations o WHERE o.id = c.organisation_id),
	(SELECT o.policy FROM organisations o WHERE o.id = c.organisation_id)`

func scanCase(scan func(...any) error, more ...any) (incidents.Case, error) {
	var c incidents.Case
	var life, path, policy, stage, outcome, message, answer, place, timing string
	var since, opened, due, closed int64
	var public, fast, auto int
	args := append([]any{
		&c.ID, &c.Number, &c.Version, &stage, &since, &outcome, &message, &c.SourceID, &c.TopicID, &c.DepartmentID,
		&c.ExecutorID, &c.ExecutorName, &answer, &c.RejectReason, &c.PublicationTrouble, &c.AnswerLink, &opened, &due, &closed, &place, &c.FactID, &c.FactName, &fast, &auto, &c.Importance, &timing, &public,
		&c.Whose.OrganisationID, &life, &c.Whose.Organisation, &path, &policy,
	}, more...)
	if err := scan(args...); err != nil {
		return c, err
	}
	c.Foreign, c.Fast, c.Auto = public == 1, fast == 1, auto == 1
	c.Stage, c.Outcome = incidents.Stage(stage), incidents.Outcome(outcome)
	c.StageSince, c.OpenedAt, c.DueAt, c.ClosedAt = moment(since), moment(opened), dueMoment(due), moment(closed)
	c.Whose.Above = pathIDs(path)
	return c, errors.Join(json.Unmarshal([]byte(timing), &c.Timing), json.Unmarshal([]byte(life), &c.Life), json.Unmarshal([]byte(policy), &c.Whose.Policy),
		json.Unmarshal([]byte(message), &c.Message), json.Unmarshal([]byte(answer), &c.Answer), json.Unmarshal([]byte(place), &c.Place))
}

func loadCase(ctx context.Context, q querier, id string) (incidents.Case, error) {
	c, err := scanCase(q.QueryRowContext(ctx, "SELECT "+caseColumns+" FROM cases c WHERE c.id = $1", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return c, errs.New(errs.NotFound, "Такой карточки нет. Проверьте номер.")
	}
	return c, err
}

// lockCase loads a case that nobody else changes until the transaction ends.
// All that touches a case, its history or its answers comes through here, so
// that PostgreSQL queues them as SQLite does. Errors: NotFound.
func (tx *Tx) lockCase(ctx context.Context, id string) (incidents.Case, error) {
	if _, err := tx.exec(ctx, "UPDATE cases SET version = version WHERE id = $1", id); err != nil {
		return incidents.Case{}, err
	}
	return loadCase(ctx, tx, id)
}

// Change implements incidents.Book: the case, its events, its answer and its
// delivery change together or not at all.
func (s *Store) Change(ctx context.Context, caseID string, expect int, now time.Time, decide func(incidents.Case) (incidents.Decision, error)) (incidents.Case, error) {
	var out incidents.Case
	err := s.inTx(ctx, now, func(tx *Tx) error {
		c, err := tx.lockCase(ctx, caseID)
		if err != nil {
			return err
		}
		if expect != 0 && c.Version != expect {
			return errs.New(errs.Conflict, "Пока вы работали, карточку изменил другой человек. Ваш текст сохранён: посмотрите, что изменилось, и отправьте ещё раз.")
		}
		d, err := decide(c)
		if err != nil {
			return err
		}
		out = d.Case // the last attempt is the one that counts
		if err := tx.carryOut(ctx, c, d); err != nil {
			return err
		}
		out.DueAt, err = tx.dueOf(ctx, caseID)
		return err
	})
	return out, err
}

// carryOut writes a decision over the case as it was.
func (tx *Tx) carryOut(ctx context.Context, before incidents.Case, d incidents.Decision) error {
	if before.Stage == incidents.Done && d.Case.Stage != incidents.Done {
		if err := tx.seatFree(ctx, before); err != nil {
			return err
		}
	}
	if err := tx.saveCase(ctx, before.Version, d.Case); err != nil {
		return err
	}
	if err := tx.refiled(ctx, before, d.Case); err != nil {
		return err
	}
	for _, ev := range d.Events {
		if err := errors.Join(tx.addEvent(ctx, d.Case.ID, ev), tx.decided(ctx, d.Case, ev)); err != nil {
			return err
		}
	}
	if err := tx.regather(ctx, before, d.Case); err != nil {
		return err
	}
	if d.Case.Answer.Version > before.Answer.Version {
		if err := tx.keepAnswer(ctx, d.Case); err != nil {
			return err
		}
	}
	if err := tx.settleLedger(ctx, d); err != nil {
		return err
	}
	if err := tx.followUp(ctx, before, d); err != nil {
		return err
	}
	return tx.bump(ctx, "cases")
}

func (tx *Tx) settleLedger(ctx context.Context, d incidents.Decision) error {
	switch {
	case d.Send:
		return tx.plan(ctx, d.Case)
	case d.Recall:
		return tx.recall(ctx, d.Case.ID)
	case d.Settled != "":
		return tx.settle(ctx, d.Case.ID, d.Settled)
	}
	return nil
}

func (tx *Tx) saveCase(ctx context.Context, was int, c incidents.Case) error {
	answer, err := json.Marshal(c.Answer)
	if err != nil {
		return err
	}
	timing, err := json.Marshal(c.Timing)
	if err != nil {
		return err
	}
	place, err := json.Marshal(c.Place)
	if err != nil {
		return err
	}
	life, err := json.Marshal(c.Life)
	if err != nil {
		return err
	}
	n, err := tx.exec(ctx, `UPDATE cases SET version = $3, stage = $4, stage_us = $5, outcome = $6, topic_id = $7, department_id = $8,
		executor_id = $9, executor_name = $10, answer = $11, reject_reason = $12, trouble = $13, answer_link = $14, due_us = $15, closed_us = $16,
		place = $17, fact_id = $18, fact_name = $19, fast = $20, auto = $21, importance = $22, life = $23, timing = $24
		WHERE id = $1 AND version = $2`,
		c.ID, was, c.Version, string(c.Stage), micros(c.StageSince), string(c.Outcome), c.TopicID, c.DepartmentID,
		c.ExecutorID, c.ExecutorName, string(answer), c.RejectReason, c.PublicationTrouble, c.AnswerLink, dueMicros(c.DueAt), micros(c.ClosedAt),
		clean(string(place)), c.FactID, c.FactName, flag(c.Fast), flag(c.Auto), c.Importance, clean(string(life)), string(timing))
	if err == nil && n == 0 {
		return errStale
	}
	return err
}

func (tx *Tx) keepAnswer(ctx context.Context, c incidents.Case) error {
	_, err := tx.exec(ctx, "INSERT INTO answers (case_id, version, body, author_id, written_us) VALUES ($1, $2, $3, $4, $5)",
		c.ID, c.Answer.Version, c.Answer.Text, c.Answer.AuthorID, micros(c.Answer.WrittenAt))
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, "DELETE FROM drafts WHERE case_id = $1 AND person_id = $2", c.ID, c.Answer.AuthorID)
	return err
}

func (tx *Tx) addEvent(ctx context.Context, caseID string, ev incidents.Event) error {
	data, err := json.Marshal(ev.Data)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO case_events (case_id, seq, at_us, actor_id, actor_name, kind, version, note, data)
		SELECT $1, COALESCE(MAX(seq), 0) + 1, CAST($2 AS BIGINT), $3, $4, $5, CAST($6 AS BIGINT), $7, $8 FROM case_events WHERE case_id = $1`,
		caseID, micros(ev.At), ev.ActorID, ev.ActorName, string(ev.Kind), ev.Version, clean(ev.Text), string(data))
	if err != nil {
		return err
	}
	if ev.ActorID != "" {
		if err := tx.noteEvent(ctx, caseID, ev); err != nil {
			return err
		}
	}
	if !moves(ev.Kind) {
		return nil
	}
	return tx.retime(ctx, caseID)
}

// noteEvent writes into the journal what a person did to a case.
func (tx *Tx) noteEvent(ctx context.Context, caseID string, ev incidents.Event) error {
	var number int64
	if err := tx.QueryRowContext(ctx, "SELECT number FROM cases WHERE id = $1", caseID).Scan(&number); err != nil {
		return err
	}
	action := records.Change
	if ev.Kind == incidents.EventApproved {
		action = records.Approve
	}
	tx.note(rights.Actor{ID: ev.ActorID, Name: ev.ActorName}, action, "case:"+itoa(int(number)), map[string]string{"event": string(ev.Kind)})
	return nil
}

func events(ctx context.Context, q querier, caseID string, above int) ([]incidents.Event, error) {
	return collect(ctx, q, func(r *sql.Rows) (incidents.Event, error) {
		var ev incidents.Event
		var at int64
		var kind, data string
		err := r.Scan(&at, &ev.ActorID, &ev.ActorName, &kind, &ev.Version, &ev.Text, &data)
		if err != nil {
			return ev, err
		}
		ev.At, ev.Kind = moment(at), incidents.EventKind(kind)
		return ev, json.Unmarshal([]byte(data), &ev.Data)
	}, `SELECT at_us, actor_id, actor_name, kind, version, note, data FROM case_events
		WHERE case_id = $1 AND version > $2 ORDER BY seq`, caseID, above)
}

// Since returns what happened to a case after the version that a person saw.
func (s *Store) Since(ctx context.Context, caseID string, version int) ([]incidents.Event, error) {
	return events(ctx, s.read, caseID, version)
}

// openCase writes a new case and the message it grew from, and returns its id.
func (tx *Tx) openCase(ctx context.Context, itemID string, f incidents.Finding) (string, error) {
	id, err := newID()
	if err != nil {
		return "", err
	}
	number, err := tx.take(ctx, "case", 1)
	if err != nil {
		return "", err
	}
	if f.Whose, err = tx.whoseOf(ctx, cmp.Or(f.DepartmentID, f.Topic.DepartmentID)); err != nil {
		return "", err
	}
	c, ev := incidents.Open(f, id, number, tx.now)
	history := []incidents.Event{ev}
	if f.AutoRule != "" {
		c, ev = incidents.TakeIn(c, f.AutoRule, tx.now)
		history = append(history, ev)
	}
	if err := tx.insertCase(ctx, c, itemID, whose(c.Message)); err != nil {
		return "", err
	}
	if err := tx.holdItem(ctx, id, itemID); err != nil {
		return "", err
	}
	for _, ev := range history {
		if err := tx.addEvent(ctx, id, ev); err != nil {
			return "", err
		}
	}
	return id, nil
}

// insertCase writes a new card. The seat keeps a second open one of the same
// author in the same thread away.
func (tx *Tx) insertCase(ctx context.Context, c incidents.Case, itemID, seat string) error {
	var parts [4][]byte
	for i, part := range []any{c.Message, c.Answer, c.Place, c.Life} {
		var err error
		if parts[i], err = json.Marshal(part); err != nil {
			return err
		}
	}
	m := c.Message
	folded := fmt.Sprintf("№%d %s %s", c.Number, m.Author.Name, m.Text)
	if m.Ref.Network == social.Imported {
		folded = "№" + m.Ref.ID + " " + folded // people know it by the number of the other system
	}
	_, err := tx.exec(ctx, `INSERT INTO cases (id, number, version, stage, stage_us, outcome, item_id, message, network, thread_owner, thread_id,
		author_id, folded, source_id, topic_id, department_id, executor_id, executor_name, answer, reject_reason, trouble, answer_link,
		opened_us, due_us, closed_us, place, fact_id, fact_name, fast, organisation_id, life, importance)
		VALUES ($1, $2, $3, $4, $5, '', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, '', '', $16, '', '', '', $17, $18, 0, $19, $20, $21, $22, $23, $24, $25)`,
		c.ID, c.Number, c.Version, string(c.Stage), micros(c.StageSince), itemID, string(parts[0]), string(m.Ref.Network),
		m.Thread.Owner, m.Thread.ID, seat, fold(folded), c.SourceID, c.TopicID, c.DepartmentID, string(parts[1]),
		micros(c.OpenedAt), micros(c.DueAt), clean(string(parts[2])), c.FactID, c.FactName, flag(c.Fast), c.Whose.OrganisationID, clean(string(parts[3])), c.Importance)
	return err
}

// whose tells authors in one thread apart. Messages without a known author are
// not one person's, so each of them stands for itself.
func whose(m social.Item) string {
	if m.Author.ID == "" {
		return "item " + m.Ref.ID
	}
	return m.Author.ID
}

func (tx *Tx) holdItem(ctx context.Context, caseID, itemID string) error {
	_, err := tx.exec(ctx, "INSERT INTO case_items (item_id, case_id, added_us) VALUES ($1, $2, $3)", itemID, caseID, tx.us)
	if err != nil {
		return err
	}
	return tx.revised(ctx, itemID)
}

// refiled says to the search index that the messages of a case are to be found
// elsewhere, when its topic or its place has become another.
func (tx *Tx) refiled(ctx context.Context, before, after incidents.Case) error {
	if before.TopicID == after.TopicID && before.Place.ID == after.Place.ID && before.Place.Title == after.Place.Title {
		return nil
	}
	return tx.revisedAll(ctx, after.ID)
}

// revisedAll says to the search index that it has to read all messages of a
// case anew.
func (tx *Tx) revisedAll(ctx context.Context, caseID string) error {
	ids, err := collect(ctx, tx, func(r *sql.Rows) (string, error) {
		var id string
		return id, r.Scan(&id)
	}, "SELECT item_id FROM case_items WHERE case_id = $1 ORDER BY item_id", caseID)
	for _, id := range ids {
		if err := tx.revised(ctx, id); err != nil {
			return err
		}
	}
	return err
}

// attach adds a message to the open case of the same author in the same thread.
func (tx *Tx) attach(ctx context.Context, c incidents.Case, itemID string, f incidents.Finding) error {
	after, ev := incidents.Attach(c, f, tx.now)
	if err := tx.saveCase(ctx, c.Version, after); err != nil {
		return err
	}
	if err := tx.holdItem(ctx, c.ID, itemID); err != nil {
		return err
	}
	return errors.Join(tx.addEvent(ctx, c.ID, ev), tx.regather(ctx, c, after))
}

// SaveDraft keeps what a person is writing; an empty text forgets it.
func (s *Store) SaveDraft(ctx context.Context, caseID, personID, text string, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		if strings.TrimSpace(text) == "" {
			_, err := tx.exec(ctx, "DELETE FROM drafts WHERE case_id = $1 AND person_id = $2", caseID, personID)
			return err
		}
		_, err := tx.exec(ctx, `INSERT INTO drafts (case_id, person_id, body, saved_us) VALUES ($1, $2, $3, $4)
			ON CONFLICT (case_id, person_id) DO UPDATE SET body = excluded.body, saved_us = excluded.saved_us`,
			caseID, personID, clean(text), tx.us)
		return err
	})
}

// fold is the one way in which text is made comparable: neither engine folds
// Cyrillic by itself. Runs of spaces count as one, and a number follows its sign
// with or without one.
func fold(s string) string {
	s = strings.Join(strings.Fields(strings.ToLower(clean(s))), " ")
	return strings.NewReplacer("ё", "е", "№ ", "№").Replace(s)
}

func refOf(network, owner, id string) social.Ref {
	if id == "" {
		return social.Ref{}
	}
	return social.Ref{Network: social.Network(network), Owner: owner, ID: id}
}
