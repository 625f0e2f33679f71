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

// recognise settles what was unknown when the network now shows it.
func (in *intake) recognise(ctx context.Context, it social.Item) error {
	if !it.Author.Own {
		return nil
	}
	if it.Kind == social.Post {
		if err := in.recognisePost(ctx, it); err != nil {
			return err
		}
		return in.tx.learn(ctx, it)
	}
	return in.recogniseAnswer(ctx, it)
}

// recogniseAnswer settles an answer whose fate was unknown when the network now shows
// it: our own words, in the thread where they had to appear, under the comment
// that they answer where the network tells what they answer.
func (in *intake) recogniseAnswer(ctx context.Context, it social.Item) error {
	words, named := delivery.Prints(it.Text)
	if it.Kind != social.Comment || words == "" {
		return nil
	}
	var id string
	err := in.tx.QueryRowContext(ctx, `SELECT id FROM deliveries WHERE kind = 'answer' AND network = $1 AND thread_owner = $2 AND thread_id = $3
		AND body_print IN ($4, $8) AND state = $5 AND (reply_id = $6 OR $6 = '') AND first_us <= $7
		ORDER BY CASE WHEN reply_id = $6 THEN 0 ELSE 1 END, planned_us LIMIT 1`,
		string(it.Ref.Network), it.Thread.Owner, it.Thread.ID, words, string(delivery.Unknown), it.ReplyTo.ID,
		micros(it.PublishedAt.Add(clockSlack)), named).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return in.settleFound(ctx, id, it)
}

// settleFound takes an item for what a delivery became, unless it is known as
// the outcome of another one.
func (in *intake) settleFound(ctx context.Context, id string, it social.Item) error {
	d, err := in.tx.lockDelivery(ctx, id)
	if err != nil {
		return err
	}
	found, err := in.tx.receiptOf(ctx, d, it)
	if err != nil {
		return err
	}
	taken, err := in.tx.isReceipt(ctx, found.Ref)
	if err != nil || taken || d.State != delivery.Unknown {
		return err
	}
	in.touched = true
	return in.tx.confirm(ctx, d, found, rights.System())
}

// recognisePost settles a post of the plan: our own words, on the page where
// they had to appear, or in the copy that Telegram makes of it. So it is with
// one of which a person has said that it stands and nobody knows where.
func (in *intake) recognisePost(ctx context.Context, it social.Item) error {
	waiting, err := collect(ctx, in.tx, func(r *sql.Rows) (delivery.Delivery, error) { return scanDelivery(r.Scan) },
		"SELECT "+deliveryColumns+` FROM deliveries d WHERE d.kind IN ('post', 'poll') AND d.source_id = $1
			AND (d.state = $2 OR d.state = $3 AND d.remote_id = '' AND d.done_us > $4) ORDER BY d.planned_us`,
		in.stream.SourceID, string(delivery.Unknown), string(delivery.Sent), micros(in.tx.now.Add(-seenLate)))
	if err != nil {
		return err
	}
	for _, d := range waiting {
		switch {
		case !delivery.Recognise(d.Publication(), it):
		case d.State == delivery.Unknown:
			return in.settleFound(ctx, d.ID, it)
		default:
			return in.tx.locate(ctx, d, it)
		}
	}
	return nil
}

// isReceipt says that the item is known as the answer of some delivery, or as a
// post of the plan.
func (tx *Tx) isReceipt(ctx context.Context, r social.Ref) (bool, error) {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM deliveries WHERE network = $1 AND remote_owner = $2 AND remote_id = $3)
		+ (SELECT COUNT(*) FROM post_refs WHERE network = $1 AND owner = $2 AND item_id = $3)`, string(r.Network), r.Owner, r.ID).Scan(&n)
	return n > 0, err
}

// standing looks whether the collectors have seen an answer before it was known
// that its fate is unknown.
func (tx *Tx) standing(ctx context.Context, d delivery.Delivery) (delivery.Receipt, bool, error) {
	recognise := func(it social.Item) bool { return delivery.Recognise(d.Publication(), it) }
	if words := delivery.Print(d.Text); d.Kind == delivery.KindAnswer {
		recognise = func(it social.Item) bool {
			without, with := delivery.Prints(it.Text)
			return words != "" && (without == words || with == words)
		}
	} else if d.Kind != delivery.KindPost && d.Kind != delivery.KindPoll {
		return delivery.Receipt{}, false, nil
	}
	own, err := tx.ownWords(ctx, d)
	if err != nil {
		return delivery.Receipt{}, false, err
	}
	for _, it := range own {
		if !recognise(it) {
			continue
		}
		found, err := tx.receiptOf(ctx, d, it)
		if err != nil {
			return found, false, err
		}
		taken, err := tx.isReceipt(ctx, found.Ref)
		if err != nil {
			return found, false, err
		}
		if !taken {
			return found, true, nil
		}
	}
	return delivery.Receipt{}, false, nil
}

// ownWords lists what we ourselves wrote where a delivery had to appear, since
// it was first sent: in its thread, or on its page.
func (tx *Tx) ownWords(ctx context.Context, d delivery.Delivery) ([]social.Item, error) {
	scan := func(r *sql.Rows) (social.Item, error) {
		it, _, _, err := scanItem(r.Scan)
		return it, err
	}
	since := micros(d.FirstSendingAt.Add(-clockSlack))
	if d.Kind == delivery.KindAnswer {
		return collect(ctx, tx, scan, "SELECT "+itemColumns+` FROM items i WHERE i.network = $1 AND i.thread_owner = $2 AND i.thread_id = $3 AND i.own = 1
			AND i.kind = $4 AND i.deleted_us = 0 AND i.version > 0 AND (i.reply_id = $5 OR i.reply_id = '') AND i.published_us >= $6 ORDER BY i.seq`,
			string(d.Network), d.Thread.Owner, d.Thread.ID, string(social.Comment), d.ReplyTo.ID, since)
	}
	return collect(ctx, tx, scan, "SELECT "+itemColumns+` FROM items i
		WHERE i.source_id = $1 AND i.own = 1 AND i.kind = $2 AND i.deleted_us = 0 AND i.version > 0 AND i.published_us >= $3 ORDER BY i.seq`,
		d.SourceID, string(social.Post), since)
}
