package store

import (
	"context"
	"slices"
	"time"

	"otklik/internal/delivery"
	"otklik/internal/errs"
	"otklik/internal/records"
	"otklik/internal/rights"
)

// Resolve carries out what a person decided about a delivery that stopped.
// May: rights.ResolveDelivery. Errors: Forbidden, NotFound, Conflict.
func (s *Store) Resolve(ctx context.Context, by rights.Actor, id string, what delivery.Resolution, now time.Time) error {
	if !by.Can(rights.ResolveDelivery) {
		return errs.New(errs.Forbidden, "Решать, ушли ли ответ или пост, может пресс-служба.")
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		d, err := tx.lockDelivery(ctx, id)
		if err != nil {
			return err
		}
		tx.note(by, records.Change, "delivery:"+id, map[string]string{"event": string(what)})
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

// lockDelivery loads a delivery whose subject nobody else changes meanwhile.
func (tx *Tx) lockDelivery(ctx context.Context, id string) (delivery.Delivery, error) {
	d, err := loadDelivery(ctx, tx, id)
	if err != nil {
		return d, err
	}
	if err := tx.lockSubject(ctx, d); err != nil {
		return d, err
	}
	return loadDelivery(ctx, tx, id)
}

// appeared takes a person's word that it stands. Of a post the collectors may
// know where; what they see later is added then.
func (tx *Tx) appeared(ctx context.Context, d delivery.Delivery, by rights.Actor) error {
	if d.Kind == delivery.KindPost || d.Kind == delivery.KindPoll {
		r, stands, err := tx.standing(ctx, d)
		if err == nil && !stands {
			r, err = tx.likely(ctx, d)
		}
		if err != nil {
			return err
		}
		return tx.confirm(ctx, d, r, by)
	}
	var link string
	err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(permalink), '') FROM items WHERE network = $1 AND owner = $2 AND item_id = $3`,
		string(d.Network), d.Thread.Owner, d.Thread.ID).Scan(&link)
	if err != nil {
		return err
	}
	return tx.confirm(ctx, d, delivery.Receipt{Permalink: link}, by)
}

// likely is the one post on the page that can be what a person has seen there,
// where it has no words to be recognised by; of several none is taken.
func (tx *Tx) likely(ctx context.Context, d delivery.Delivery) (delivery.Receipt, error) {
	unknown := delivery.Receipt{PollID: d.PollID}
	own, err := tx.ownWords(ctx, d)
	if err != nil {
		return unknown, err
	}
	var found []delivery.Receipt
	for _, it := range own {
		album, err := tx.albumOf(ctx, it)
		if err != nil {
			return unknown, err
		}
		if !delivery.Resembles(d.Publication(), it, album) {
			continue
		}
		r, err := tx.receiptOf(ctx, d, it)
		if err != nil {
			return unknown, err
		}
		taken, err := tx.isReceipt(ctx, r.Ref)
		if err != nil {
			return unknown, err
		}
		if !taken && !slices.ContainsFunc(found, func(x delivery.Receipt) bool { return x.Ref == r.Ref }) {
			found = append(found, r)
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	return unknown, nil
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
	d.LeaveBy = time.Time{} // a person has decided that it leaves now
	if err := tx.insertDelivery(ctx, d, approver); err != nil {
		return err
	}
	return tx.tellResent(ctx, d, by)
}
