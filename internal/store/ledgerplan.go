package store

import (
	"context"
	"encoding/json"

	"otklik/incidents"
	"otklik/internal/delivery"
	"otklik/internal/errs"
	"otklik/internal/social"
)

// plan puts the approved answer of a case into the ledger.
func (tx *Tx) plan(ctx context.Context, c incidents.Case) error {
	m := c.Message
	d := delivery.Delivery{
		Kind: delivery.KindAnswer, SubjectID: c.ID, Number: c.Number, Network: m.Ref.Network, SourceID: c.SourceID,
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
	payload, err := cargoOf(d)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO deliveries (id, kind, subject_id, part, payload, number, network, source_id, thread_owner, thread_id, reply_owner, reply_id,
		author, body, body_print, approver, state, attempt, planned_us, next_us, sending_us, first_us, done_us, fence,
		trouble_code, trouble, remote_owner, remote_id, permalink)
		VALUES ($1, $16, $2, $17, $18, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, $15, $15, 0, 0, 0, 0, '', '', '', '', '')`,
		id, d.SubjectID, d.Number, string(d.Network), d.SourceID, d.Thread.Owner, d.Thread.ID, d.ReplyTo.Owner, d.ReplyTo.ID,
		string(author), d.Text, delivery.Print(d.Text), approver, string(delivery.Planned), tx.us,
		string(d.Kind), d.PartNumber, payload)
	if err != nil {
		return err
	}
	return tx.bump(ctx, "deliveries")
}

// lockAnswers keeps a worker from beginning to send an answer of the case until
// the transaction ends.
func (tx *Tx) lockAnswers(ctx context.Context, caseID string) error {
	_, err := tx.exec(ctx, "UPDATE deliveries SET state = state WHERE subject_id = $1", caseID)
	return err
}

// recall stops an answer that has surely not gone out, or refuses.
func (tx *Tx) recall(ctx context.Context, caseID string) error {
	if err := tx.lockAnswers(ctx, caseID); err != nil {
		return err
	}
	var all, busy int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN state IN ($2, $3) OR state = $4 AND maybe_out = 1 THEN 1 ELSE 0 END), 0)
		FROM deliveries WHERE subject_id = $1`,
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
	n, err := tx.exec(ctx, "UPDATE deliveries SET state = $2, done_us = $3 WHERE subject_id = $1 AND state IN ($4, $5)",
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
	err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM deliveries WHERE subject_id = $1 AND state = $2", caseID, string(delivery.Sending)).Scan(&sending)
	if err != nil {
		return err
	}
	if sending > 0 {
		return errs.New(errs.Conflict, "Ответ как раз отправляется. Подождите минуту и обновите страницу.")
	}
	if _, err = tx.exec(ctx, "UPDATE deliveries SET state = $2, done_us = $3, permalink = $4 WHERE subject_id = $1 AND (state = $5 OR state = $6 AND maybe_out = 1)",
		caseID, string(delivery.Sent), tx.us, link, string(delivery.Unknown), string(delivery.Planned)); err != nil {
		return err
	}
	if _, err = tx.exec(ctx, "UPDATE deliveries SET state = $2, done_us = $3 WHERE subject_id = $1 AND state IN ($4, $5)",
		caseID, string(delivery.Cancelled), tx.us, string(delivery.Planned), string(delivery.Failed)); err != nil {
		return err
	}
	return tx.bump(ctx, "deliveries")
}
