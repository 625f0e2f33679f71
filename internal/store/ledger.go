package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"otklik/internal/delivery"
	"otklik/internal/errs"
	"otklik/internal/lease"
	"otklik/internal/records"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/publisher"
)

const deliveryColumns = `d.id, d.kind, d.subject_id, d.part, d.payload, d.number, d.network, d.source_id, d.thread_owner, d.thread_id, d.reply_owner, d.reply_id,
	d.author, d.body, d.state, d.attempt, d.planned_us, d.sending_us, d.first_us, d.maybe_out`

func scanDelivery(scan func(...any) error, more ...any) (delivery.Delivery, error) {
	var d delivery.Delivery
	var kind, payload, network, state, author, threadOwner, threadID, replyOwner, replyID string
	var planned, sending, first int64
	var maybe int
	args := append([]any{
		&d.ID, &kind, &d.SubjectID, &d.PartNumber, &payload, &d.Number, &network, &d.SourceID, &threadOwner, &threadID, &replyOwner, &replyID,
		&author, &d.Text, &state, &d.Attempt, &planned, &sending, &first, &maybe,
	}, more...)
	if err := scan(args...); err != nil {
		return d, err
	}
	d.MaybeOut = maybe == 1
	d.Network, d.State = social.Network(network), delivery.State(state)
	d.Thread, d.ReplyTo = refOf(network, threadOwner, threadID), refOf(network, replyOwner, replyID)
	d.PlannedAt, d.SendingAt, d.FirstSendingAt = moment(planned), moment(sending), moment(first)
	d.Kind = delivery.Kind(kind)
	var x cargo
	err := errors.Join(json.Unmarshal([]byte(author), &d.Author), json.Unmarshal([]byte(payload), &x))
	d.Part, d.PollID, d.Refs, d.Uploaded, d.LeaveBy = x.Part, x.PollID, x.Refs, x.Uploaded, moment(x.LeaveBy)
	return d, err
}

// cargo is what a delivery carries besides its text, as JSON.
type cargo struct {
	Part     *publisher.Part `json:"part,omitempty"`
	PollID   string          `json:"poll_id,omitempty"`
	Refs     []social.Ref    `json:"refs,omitempty"`
	Uploaded []string        `json:"uploaded,omitempty"`
	LeaveBy  int64           `json:"leave_by_us,omitempty"`
}

func cargoOf(d delivery.Delivery) (string, error) {
	raw, err := json.Marshal(cargo{Part: d.Part, PollID: d.PollID, Refs: d.Refs, Uploaded: d.Uploaded, LeaveBy: micros(d.LeaveBy)})
	return string(raw), err
}

// Due returns planned deliveries of a network whose time has come and that
// nothing holds, the oldest first, at most so many of each page: a page with a
// long queue does not hide the others.
func (s *Store) Due(ctx context.Context, network social.Network, now time.Time, perPage int) ([]delivery.Delivery, error) {
	held, err := halts(ctx, s.read)
	if err != nil {
		return nil, err
	}
	q := &query{}
	q.and("d.state = " + q.arg(string(delivery.Planned)) + " AND d.network = " + q.arg(string(network)) + " AND d.next_us <= " + q.arg(micros(now)) + " AND " + notPaused)
	for _, h := range held {
		notHeld(q, h)
	}
	return collect(ctx, s.read, func(r *sql.Rows) (delivery.Delivery, error) { return scanDelivery(r.Scan) },
		"SELECT "+deliveryColumns+" FROM (SELECT d.*, ROW_NUMBER() OVER (PARTITION BY d.source_id ORDER BY d.next_us, d.id) AS place FROM deliveries d"+q.clause()+
			") d WHERE d.place <= "+q.arg(perPage)+" ORDER BY d.next_us, d.id", q.args...)
}

// notHeld leaves out what a stop covers: the same that publisher.Halt says of
// one delivery.
func notHeld(q *query, h publisher.Halt) {
	q.and("NOT " + covered(q, h))
}

// covered is the condition under which a stop covers a delivery.
func covered(q *query, h publisher.Halt) string {
	cond := "1 = 1"
	if len(h.PageIDs) > 0 {
		cond = "d.source_id IN " + listed(q, h.PageIDs)
	}
	if h.Covers(firstOf(h.PageIDs), false) && !h.Covers(firstOf(h.PageIDs), true) {
		cond += " AND d.kind NOT IN (" + q.arg(string(delivery.KindAnswer)) + ", " + q.arg(string(delivery.KindClosePoll)) + ")"
	}
	return "(" + cond + ")"
}

func firstOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// notPaused keeps what a paused page would say in the ledger until it goes on.
const notPaused = "NOT EXISTS (SELECT 1 FROM sources p WHERE p.id = d.source_id AND p.paused = 1)"

// Begin writes that a call is about to be made. It returns false when the
// delivery is not planned any more, or is held. Errors: lease.ErrLost.
func (s *Store) Begin(ctx context.Context, l lease.Lease, id string, now time.Time) (delivery.Delivery, bool, error) {
	var d delivery.Delivery
	var begun bool
	err := s.inTx(ctx, now, func(tx *Tx) error {
		begun = false
		if err := tx.fenced(ctx, l); err != nil {
			return err
		}
		if held, err := tx.held(ctx, id); err != nil || held {
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
		tx.note(rights.System(), records.Send, "delivery:"+id, map[string]string{"kind": string(d.Kind), "attempt": itoa(d.Attempt), "for": d.SubjectID})
		return tx.bump(ctx, "deliveries")
	})
	return d, begun, err
}

// held says that a stop that was made after the delivery was read covers it.
func (tx *Tx) held(ctx context.Context, id string) (bool, error) {
	list, err := halts(ctx, tx)
	if err != nil || len(list) == 0 {
		return false, err
	}
	d, err := loadDelivery(ctx, tx, id)
	_, held := publisher.Held(list, d.SourceID, d.Kind.Urgent())
	return held, err
}

func loadDelivery(ctx context.Context, q querier, id string) (delivery.Delivery, error) {
	d, err := scanDelivery(q.QueryRowContext(ctx, "SELECT "+deliveryColumns+" FROM deliveries d WHERE d.id = $1", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return d, errs.New(errs.NotFound, "Такой отправки нет. Обновите страницу.")
	}
	return d, err
}

// Finish writes how a call ended, or why a planned delivery could not be
// prepared, with what follows for its subject. A verdict on a delivery that is
// in another state by now is dropped: somebody has decided in the meantime.
// Errors: lease.ErrLost.
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
	if err := tx.lockSubject(ctx, d); err != nil {
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
	from := delivery.Sending
	if d.State == delivery.Planned {
		from = delivery.Planned
	}
	n, err := tx.exec(ctx, `UPDATE deliveries SET state = $2, next_us = $3, done_us = $4, trouble_code = $5, trouble = $6, maybe_out = $8, attempt = $9
		WHERE id = $1 AND state = $7`, d.ID, string(v.State), micros(v.NextTry), done, v.Code, v.Trouble, string(from), flag(v.MaybeOut), d.Attempt)
	if err != nil || n == 0 {
		return err
	}
	if from == delivery.Planned {
		if _, err := tx.exec(ctx, `INSERT INTO delivery_attempts (delivery_id, attempt, begun_us, ended_us, outcome, code, message)
			VALUES ($1, $2, $3, 0, '', '', '') ON CONFLICT DO NOTHING`, d.ID, d.Attempt, tx.us); err != nil {
			return err
		}
	}
	if _, err := tx.exec(ctx, "UPDATE delivery_attempts SET ended_us = $3, outcome = $4, code = $5, message = $6 WHERE delivery_id = $1 AND attempt = $2",
		d.ID, d.Attempt, tx.us, string(v.State), v.Code, v.Trouble); err != nil {
		return err
	}
	switch v.State {
	case delivery.Sent:
		return tx.confirm(ctx, d, v.Receipt, rights.System())
	case delivery.Failed, delivery.Unknown:
		err = tx.tellTrouble(ctx, d, v)
	}
	if err != nil {
		return err
	}
	return tx.bump(ctx, "deliveries")
}

// confirm writes the network's receipt over a delivery that is sent or unknown,
// with what follows for what it was sent for.
func (tx *Tx) confirm(ctx context.Context, d delivery.Delivery, r delivery.Receipt, by rights.Actor) error {
	n, err := tx.exec(ctx, `UPDATE deliveries SET state = $2, done_us = $3, remote_owner = $4, remote_id = $5, permalink = $6, trouble_code = '', trouble = ''
		WHERE id = $1 AND state IN ($2, $7)`,
		d.ID, string(delivery.Sent), tx.us, clean(r.Ref.Owner), clean(r.Ref.ID), clean(r.Permalink), string(delivery.Unknown))
	if err == nil && n == 0 {
		return errStale
	}
	if err != nil {
		return err
	}
	if err := tx.bump(ctx, "deliveries"); err != nil {
		return err
	}
	return tx.tellSent(ctx, d, r, by)
}

// Interrupted returns deliveries of a network that a worker was sending when it
// died: whoever holds the lease now is the only sender there is.
func (s *Store) Interrupted(ctx context.Context, network social.Network) ([]delivery.Delivery, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (delivery.Delivery, error) { return scanDelivery(r.Scan) },
		"SELECT "+deliveryColumns+" FROM deliveries d WHERE d.state = $1 AND d.network = $2", string(delivery.Sending), string(network))
}
