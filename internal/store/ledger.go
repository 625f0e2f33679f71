package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"otklik/incidents"
	"otklik/internal/delivery"
	"otklik/internal/errs"
	"otklik/internal/lease"
	"otklik/internal/rights"
	"otklik/internal/social"
)

const deliveryColumns = `d.id, d.case_id, d.number, d.network, d.source_id, d.thread_owner, d.thread_id, d.reply_owner, d.reply_id,
	d.author, d.body, d.state, d.attempt, d.planned_us, d.sending_us, d.first_us, d.maybe_out`

func scanDelivery(scan func(...any) error, more ...any) (delivery.Delivery, error) {
	var d delivery.Delivery
	var network, state, author, threadOwner, threadID, replyOwner, replyID string
	var planned, sending, first int64
	var maybe int
	args := append([]any{
		&d.ID, &d.CaseID, &d.Number, &network, &d.SourceID, &threadOwner, &threadID, &replyOwner, &replyID,
		&author, &d.Text, &state, &d.Attempt, &planned, &sending, &first, &maybe,
	}, more...)
	if err := scan(args...); err != nil {
		return d, err
	}
	d.MaybeOut = maybe == 1
	d.Network, d.State = social.Network(network), delivery.State(state)
	d.Thread, d.ReplyTo = refOf(network, threadOwner, threadID), refOf(network, replyOwner, replyID)
	d.PlannedAt, d.SendingAt, d.FirstSendingAt = moment(planned), moment(sending), moment(first)
	return d, json.Unmarshal([]byte(author), &d.Author)
}

// plan puts the approved answer of a case into the ledger.
func (tx *Tx) plan(ctx context.Context, c incidents.Case) error {
	m := c.Message
	d := delivery.Delivery{
		CaseID: c.ID, Number: c.Number, Network: m.Ref.Network, SourceID: c.SourceID,
		Thread: m.Thread, Author: m.Author, Text: c.Answer.Text,
	}
	if m.Kind == social.Comment {
		d.ReplyTo = m.Ref
	}
	return tx.insertDelivery(ctx, d, c.Answer.ApproverName)
}

func (tx *Tx) insertDelivery(ctx context.Context, d delivery.Delivery, approver string) error {
	id, err := newID()
	if err != nil {
		return err
	}
	author, err := json.Marshal(d.Author)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO deliveries (id, case_id, number, network, source_id, thread_owner, thread_id, reply_owner, reply_id,
		author, body, body_print, approver, state, attempt, planned_us, next_us, sending_us, first_us, done_us, fence,
		trouble_code, trouble, remote_owner, remote_id, permalink)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, $15, $15, 0, 0, 0, 0, '', '', '', '', '')`,
		id, d.CaseID, d.Number, string(d.Network), d.SourceID, d.Thread.Owner, d.Thread.ID, d.ReplyTo.Owner, d.ReplyTo.ID,
		string(author), d.Text, delivery.Print(d.Text), approver, string(delivery.Planned), tx.us)
	if err != nil {
		return err
	}
	return tx.bump(ctx, "deliveries")
}

// lockAnswers keeps a worker from beginning to send an answer of the case until
// the transaction ends.
func (tx *Tx) lockAnswers(ctx context.Context, caseID string) error {
	_, err := tx.exec(ctx, "UPDATE deliveries SET state = state WHERE case_id = $1", caseID)
	return err
}

// recall stops an answer that has surely not gone out, or refuses.
func (tx *Tx) recall(ctx context.Context, caseID string) error {
	if err := tx.lockAnswers(ctx, caseID); err != nil {
		return err
	}
	var all, busy int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN state IN ($2, $3) OR state = $4 AND maybe_out = 1 THEN 1 ELSE 0 END), 0)
		FROM deliveries WHERE case_id = $1`,
		caseID, string(delivery.Sending), string(delivery.Unknown), string(delivery.Planned)).Scan(&all, &busy)
	if err != nil {
		return err
	}
	if all == 0 {
		return nil // a page that is not the agency's own: nothing was ever planned
	}
	if busy > 0 {
		return errs.New(errs.Conflict, "Ответ уже уходит или мог уйти, забрать его нельзя. Сначала проверьте ветку и отметьте в «Доставке», появился ли он.")
	}
	n, err := tx.exec(ctx, "UPDATE deliveries SET state = $2, done_us = $3 WHERE case_id = $1 AND state IN ($4, $5)",
		caseID, string(delivery.Cancelled), tx.us, string(delivery.Planned), string(delivery.Failed))
	if err == nil && n == 0 {
		return errStale
	}
	if err != nil {
		return err
	}
	return tx.bump(ctx, "deliveries")
}

// settle closes whatever the ledger holds for a case whose answer a person
// found or gave in the network.
func (tx *Tx) settle(ctx context.Context, caseID, link string) error {
	if err := tx.lockAnswers(ctx, caseID); err != nil {
		return err
	}
	var sending int
	err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM deliveries WHERE case_id = $1 AND state = $2", caseID, string(delivery.Sending)).Scan(&sending)
	if err != nil {
		return err
	}
	if sending > 0 {
		return errs.New(errs.Conflict, "Ответ как раз отправляется. Подождите минуту и обновите страницу.")
	}
	if _, err = tx.exec(ctx, "UPDATE deliveries SET state = $2, done_us = $3, permalink = $4 WHERE case_id = $1 AND (state = $5 OR state = $6 AND maybe_out = 1)",
		caseID, string(delivery.Sent), tx.us, link, string(delivery.Unknown), string(delivery.Planned)); err != nil {
		return err
	}
	if _, err = tx.exec(ctx, "UPDATE deliveries SET state = $2, done_us = $3 WHERE case_id = $1 AND state IN ($4, $5)",
		caseID, string(delivery.Cancelled), tx.us, string(delivery.Planned), string(delivery.Failed)); err != nil {
		return err
	}
	return tx.bump(ctx, "deliveries")
}

// Due returns planned deliveries of a network whose time has come, oldest first.
func (s *Store) Due(ctx context.Context, network social.Network, now time.Time, limit int) ([]delivery.Delivery, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (delivery.Delivery, error) { return scanDelivery(r.Scan) },
		"SELECT "+deliveryColumns+` FROM deliveries d WHERE d.state = $1 AND d.network = $2 AND d.next_us <= $3 AND `+notPaused+`
		ORDER BY d.next_us LIMIT $4`, string(delivery.Planned), string(network), micros(now), limit)
}

// notPaused keeps what a paused page would say in the ledger until it goes on.
const notPaused = "NOT EXISTS (SELECT 1 FROM sources p WHERE p.id = d.source_id AND p.paused = 1)"

// Begin writes that a call is about to be made. It returns false when the
// delivery is not planned any more. Errors: lease.ErrLost.
func (s *Store) Begin(ctx context.Context, l lease.Lease, id string, now time.Time) (delivery.Delivery, bool, error) {
	var d delivery.Delivery
	var begun bool
	err := s.inTx(ctx, now, func(tx *Tx) error {
		begun = false
		if err := tx.fenced(ctx, l); err != nil {
			return err
		}
		n, err := tx.exec(ctx, `UPDATE deliveries SET state = $2, attempt = attempt + 1, sending_us = $3, fence = $4,
			first_us = CASE WHEN first_us = 0 THEN $3 ELSE first_us END WHERE id = $1 AND state = $5`,
			id, string(delivery.Sending), tx.us, l.Fence, string(delivery.Planned))
		if err != nil || n == 0 {
			return err
		}
		begun = true
		if d, err = loadDelivery(ctx, tx, id); err != nil {
			return err
		}
		if _, err = tx.exec(ctx, `INSERT INTO delivery_attempts (delivery_id, attempt, begun_us, ended_us, outcome, code, message)
			VALUES ($1, $2, $3, 0, '', '', '')`, id, d.Attempt, tx.us); err != nil {
			return err
		}
		return tx.bump(ctx, "deliveries")
	})
	return d, begun, err
}

func loadDelivery(ctx context.Context, q querier, id string) (delivery.Delivery, error) {
	d, err := scanDelivery(q.QueryRowContext(ctx, "SELECT "+deliveryColumns+" FROM deliveries d WHERE d.id = $1", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return d, errs.New(errs.NotFound, "Такой отправки нет. Обновите страницу.")
	}
	return d, err
}

// Finish writes how a call ended, with what follows for the case.
// A verdict on a delivery that is not in state sending is dropped: somebody has
// decided in the meantime. Errors: lease.ErrLost.
func (s *Store) Finish(ctx context.Context, l lease.Lease, d delivery.Delivery, v delivery.Verdict, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		if err := tx.fenced(ctx, l); err != nil {
			return err
		}
		return tx.finish(ctx, d, v)
	})
}

func (tx *Tx) finish(ctx context.Context, d delivery.Delivery, v delivery.Verdict) error {
	var done int64
	if v.State != delivery.Planned {
		done = tx.us
	}
	if _, err := tx.lockCase(ctx, d.CaseID); err != nil {
		return err
	}
	v.Code, v.Trouble = clean(v.Code), clean(v.Trouble)
	if v.State == delivery.Unknown {
		r, stands, err := tx.standing(ctx, d)
		if err != nil {
			return err
		}
		if stands {
			v = delivery.Verdict{State: delivery.Sent, Receipt: r}
		}
	}
	n, err := tx.exec(ctx, `UPDATE deliveries SET state = $2, next_us = $3, done_us = $4, trouble_code = $5, trouble = $6, maybe_out = $8 WHERE id = $1 AND state = $7`,
		d.ID, string(v.State), micros(v.NextTry), done, v.Code, v.Trouble, string(delivery.Sending), flag(v.MaybeOut))
	if err != nil || n == 0 {
		return err
	}
	if _, err := tx.exec(ctx, "UPDATE delivery_attempts SET ended_us = $3, outcome = $4, code = $5, message = $6 WHERE delivery_id = $1 AND attempt = $2",
		d.ID, d.Attempt, tx.us, string(v.State), v.Code, v.Trouble); err != nil {
		return err
	}
	switch v.State {
	case delivery.Sent:
		return tx.confirm(ctx, d.ID, d.CaseID, v.Receipt, rights.System())
	case delivery.Failed:
		err = tx.tell(ctx, d.CaseID, incidents.NotPublished{Why: v.Trouble})
	case delivery.Unknown:
		err = tx.tell(ctx, d.CaseID, incidents.Uncertain{Why: v.Trouble})
	}
	if err != nil {
		return err
	}
	return tx.bump(ctx, "deliveries")
}

// confirm writes the network's receipt over a delivery that is sent or unknown,
// and closes the case.
func (tx *Tx) confirm(ctx context.Context, id, caseID string, r delivery.Receipt, by rights.Actor) error {
	n, err := tx.exec(ctx, `UPDATE deliveries SET state = $2, done_us = $3, remote_owner = $4, remote_id = $5, permalink = $6, trouble_code = '', trouble = ''
		WHERE id = $1 AND state IN ($2, $7)`,
		id, string(delivery.Sent), tx.us, clean(r.Ref.Owner), clean(r.Ref.ID), clean(r.Permalink), string(delivery.Unknown))
	if err == nil && n == 0 {
		return errStale
	}
	if err != nil {
		return err
	}
	if err := tx.bump(ctx, "deliveries"); err != nil {
		return err
	}
	return tx.tellAs(ctx, caseID, incidents.Published{Link: r.Permalink}, by)
}

func (tx *Tx) tell(ctx context.Context, caseID string, cmd incidents.Command) error {
	return tx.tellAs(ctx, caseID, cmd, rights.System())
}

// tellAs carries out what the program has to say about a case, in the name of
// whoever found it out.
func (tx *Tx) tellAs(ctx context.Context, caseID string, cmd incidents.Command, by rights.Actor) error {
	c, err := tx.lockCase(ctx, caseID)
	if err != nil {
		return err
	}
	if c.Stage != incidents.Publication {
		// The case has gone on without this answer. What the ledger knows must
		// be written all the same, or its worker would stumble over it for ever.
		return nil
	}
	d, err := incidents.Apply(c, cmd, rights.System(), tx.now)
	if err != nil {
		return err
	}
	for i := range d.Events {
		d.Events[i].ActorID, d.Events[i].ActorName = by.ID, by.Name
	}
	return tx.carryOut(ctx, c, d)
}

// Interrupted returns deliveries of a network that a worker was sending when it
// died: whoever holds the lease now is the only sender there is.
func (s *Store) Interrupted(ctx context.Context, network social.Network) ([]delivery.Delivery, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (delivery.Delivery, error) { return scanDelivery(r.Scan) },
		"SELECT "+deliveryColumns+" FROM deliveries d WHERE d.state = $1 AND d.network = $2", string(delivery.Sending), string(network))
}

// Resolve carries out what a person decided about a delivery that stopped.
// May: rights.ResolveDelivery. Errors: Forbidden, NotFound, Conflict.
func (s *Store) Resolve(ctx context.Context, by rights.Actor, id string, what delivery.Resolution, now time.Time) error {
	if !by.Can(rights.ResolveDelivery) {
		return errs.New(errs.Forbidden, "Решать, ушёл ли ответ, может пресс-служба.")
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		d, err := tx.lockDelivery(ctx, id)
		if err != nil {
			return err
		}
		switch {
		case what == delivery.Appeared && d.State == delivery.Unknown:
			return tx.appeared(ctx, d, by)
		case what == delivery.SendAgain && (d.State == delivery.Unknown || d.State == delivery.Failed):
			return tx.sendAgain(ctx, d, by)
		case what != delivery.Appeared && what != delivery.SendAgain:
			return errs.New(errs.Invalid, "Такого действия с отправкой нет.")
		}
		return errs.New(errs.Conflict, "Состояние этой отправки уже изменилось. Обновите страницу.")
	})
}

// lockDelivery loads a delivery whose case nobody else changes meanwhile.
func (tx *Tx) lockDelivery(ctx context.Context, id string) (delivery.Delivery, error) {
	d, err := loadDelivery(ctx, tx, id)
	if err != nil {
		return d, err
	}
	if _, err := tx.lockCase(ctx, d.CaseID); err != nil {
		return d, err
	}
	return loadDelivery(ctx, tx, id)
}

func (tx *Tx) appeared(ctx context.Context, d delivery.Delivery, by rights.Actor) error {
	var link string
	err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(permalink), '') FROM items WHERE network = $1 AND owner = $2 AND item_id = $3`,
		string(d.Network), d.Thread.Owner, d.Thread.ID).Scan(&link)
	if err != nil {
		return err
	}
	return tx.confirm(ctx, d.ID, d.CaseID, delivery.Receipt{Permalink: link}, by)
}

// sendAgain plans the same answer under a new id: what blocks a second sending
// of the old one must not block this.
func (tx *Tx) sendAgain(ctx context.Context, d delivery.Delivery, by rights.Actor) error {
	var approver string
	if err := tx.QueryRowContext(ctx, "SELECT approver FROM deliveries WHERE id = $1", d.ID).Scan(&approver); err != nil {
		return err
	}
	n, err := tx.exec(ctx, "UPDATE deliveries SET state = $2, done_us = $3 WHERE id = $1 AND state = $4",
		d.ID, string(delivery.Cancelled), tx.us, string(d.State))
	if err != nil {
		return err
	}
	if n == 0 {
		return errStale
	}
	if err := tx.insertDelivery(ctx, d, approver); err != nil {
		return err
	}
	return tx.tellAs(ctx, d.CaseID, incidents.Resent{}, by)
}
