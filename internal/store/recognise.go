package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"otklik/internal/delivery"
	"otklik/internal/rights"
	"otklik/internal/social"
)

// clockSlack is by how much the network's clock may be behind ours when we ask
// whether an answer was written after we began to send it.
const clockSlack = 5 * time.Minute

// recognise settles an answer whose fate was unknown when the network now shows
// it: our own words, in the thread where they had to appear, under the comment
// that they answer where the network tells what they answer.
func (in *intake) recognise(ctx context.Context, it social.Item) error {
	words, named := delivery.Prints(it.Text)
	if !it.Author.Own || it.Kind != social.Comment || words == "" {
		return nil
	}
	var id, caseID string
	err := in.tx.QueryRowContext(ctx, `SELECT id, case_id FROM deliveries WHERE network = $1 AND thread_owner = $2 AND thread_id = $3
		AND body_print IN ($4, $8) AND state = $5 AND (reply_id = $6 OR $6 = '') AND first_us <= $7
		ORDER BY CASE WHEN reply_id = $6 THEN 0 ELSE 1 END, planned_us LIMIT 1`,
		string(it.Ref.Network), it.Thread.Owner, it.Thread.ID, words, string(delivery.Unknown), it.ReplyTo.ID,
		micros(it.PublishedAt.Add(clockSlack)), named).Scan(&id, &caseID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := in.tx.lockCase(ctx, caseID); err != nil {
		return err
	}
	taken, err := in.tx.isReceipt(ctx, it.Ref)
	if err != nil || taken {
		return err
	}
	in.touched = true
	return in.tx.confirm(ctx, id, caseID, delivery.Receipt{Ref: it.Ref, Permalink: it.Permalink}, rights.System())
}

// isReceipt says that the item is known as the answer of some delivery.
func (tx *Tx) isReceipt(ctx context.Context, r social.Ref) (bool, error) {
	var n int
	err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM deliveries WHERE network = $1 AND remote_owner = $2 AND remote_id = $3",
		string(r.Network), r.Owner, r.ID).Scan(&n)
	return n > 0, err
}

// standing looks whether the collectors have seen an answer before it was known
// that its fate is unknown.
func (tx *Tx) standing(ctx context.Context, d delivery.Delivery) (delivery.Receipt, bool, error) {
	words := delivery.Print(d.Text)
	if words == "" {
		return delivery.Receipt{}, false, nil
	}
	own, err := collect(ctx, tx, func(r *sql.Rows) (social.Item, error) {
		it, _, _, err := scanItem(r.Scan)
		return it, err
	}, "SELECT "+itemColumns+` FROM items i WHERE i.network = $1 AND i.thread_owner = $2 AND i.thread_id = $3 AND i.own = 1
		AND i.kind = $4 AND i.deleted_us = 0 AND i.version > 0 AND (i.reply_id = $5 OR i.reply_id = '') AND i.published_us >= $6 ORDER BY i.seq`,
		string(d.Network), d.Thread.Owner, d.Thread.ID, string(social.Comment), d.ReplyTo.ID, micros(d.FirstSendingAt.Add(-clockSlack)))
	if err != nil {
		return delivery.Receipt{}, false, err
	}
	for _, it := range own {
		if without, with := delivery.Prints(it.Text); without != words && with != words {
			continue
		}
		taken, err := tx.isReceipt(ctx, it.Ref)
		if err != nil {
			return delivery.Receipt{}, false, err
		}
		if !taken {
			return delivery.Receipt{Ref: it.Ref, Permalink: it.Permalink}, true, nil
		}
	}
	return delivery.Receipt{}, false, nil
}
