package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"otklik/collectors"
	"otklik/internal/social"
)

// gaps writes down what a batch says is missing, and what it has made complete.
func (in *intake) gaps(ctx context.Context, b collectors.Batch) error {
	for _, g := range b.Gaps {
		known, err := in.allKnown(ctx, g.Items)
		if err != nil {
			return err
		}
		if known {
			continue
		}
		if err := in.gap(ctx, g, 0); err != nil {
			return err
		}
	}
	for _, g := range b.Beyond {
		if err := in.beyond(ctx, g); err != nil {
			return err
		}
	}
	for _, g := range b.Filled {
		_, err := in.tx.exec(ctx, "UPDATE gaps SET filled_us = $4 WHERE source_id = $1 AND filled_us = 0 AND from_us >= $2 AND to_us <= $3",
			in.stream.SourceID, micros(g.From), micros(g.To), in.tx.us)
		if err != nil {
			return err
		}
		// A span that does not reach what is known already leaves a hole between.
		_, err = in.tx.exec(ctx, "UPDATE sources SET covered_us = $2 WHERE id = $1 AND covered_us > $2 AND covered_us <= $3",
			in.stream.SourceID, micros(g.From), micros(g.To))
		if err != nil {
			return err
		}
	}
	return nil
}

// beyond marks the open gaps within a span that nothing can fill. One that
// reaches out of it is divided: the rest may still be filled.
func (in *intake) beyond(ctx context.Context, g collectors.Gap) error {
	type gap struct {
		id, reason string
		to         int64
	}
	list, err := collect(ctx, in.tx, func(r *sql.Rows) (gap, error) {
		var x gap
		return x, r.Scan(&x.id, &x.reason, &x.to)
	}, "SELECT id, reason, to_us FROM gaps WHERE source_id = $1 AND filled_us = 0 AND beyond = 0 AND from_us >= $2 AND from_us < $3",
		in.stream.SourceID, micros(g.From), micros(g.To))
	if err != nil {
		return err
	}
	for _, x := range list {
		_, err := in.tx.exec(ctx, "UPDATE gaps SET beyond = 1, to_us = CASE WHEN to_us > $2 THEN $2 ELSE to_us END WHERE id = $1", x.id, micros(g.To))
		if err != nil {
			return err
		}
		if x.to <= micros(g.To) {
			continue
		}
		if err := in.gap(ctx, collectors.Gap{From: g.To, To: moment(x.to), Reason: x.reason}, 0); err != nil {
			return err
		}
	}
	return nil
}

func (in *intake) gap(ctx context.Context, g collectors.Gap, filled int64) error {
	id, err := newID()
	if err != nil {
		return err
	}
	_, err = in.tx.exec(ctx, "INSERT INTO gaps (id, source_id, from_us, to_us, reason, filled_us) VALUES ($1, $2, $3, $4, $5, $6)",
		id, in.stream.SourceID, micros(g.From), micros(g.To), clean(g.Reason), filled)
	return err
}

// allKnown says that each of the items is stored or was sent by the agency
// itself; of no items it says nothing.
func (in *intake) allKnown(ctx context.Context, items []social.Ref) (bool, error) {
	for _, ref := range items {
		_, stored, err := in.find(ctx, ref)
		if err != nil {
			return false, err
		}
		sent, err := in.tx.isReceipt(ctx, ref)
		if err != nil || !stored && !sent {
			return false, err
		}
	}
	return len(items) > 0, nil
}

// span is when the items were published that only a listing showed.
type span struct {
	from, to time.Time
	items    int
}

// grace is how far events may run behind a listing.
const grace = 30 * time.Second

// untold notices that a new item was found by a listing although the source's
// live stream had passed its moment: the network has not told of it.
func (in *intake) untold(ctx context.Context, c collectors.Change) error {
	if c.Op != collectors.Listed || c.AskedAt.IsZero() || in.public == 1 {
		return nil // nobody tells of what is not the agency's own
	}
	at := c.Item.PublishedAt
	// Two witnesses: the live stream is complete to later than that, or an item
	// published later was known before the listing was asked for. The second one
	// does not mind a network whose clock is wrong.
	var n int
	err := in.tx.QueryRowContext(ctx, `SELECT
		(SELECT COUNT(*) FROM streams x JOIN sources s ON s.id = x.source_id WHERE x.source_id = $1 AND x.name <> $2
			AND s.created_us < $3 AND x.complete_us > $4) +
		(SELECT COUNT(*) FROM (SELECT 1 FROM items i JOIN sources s ON s.id = i.source_id WHERE i.source_id = $1
			AND i.seen_us < $5 AND i.seen_us > $6 AND i.published_us > $4 AND s.created_us < $3 LIMIT 1) later)`,
		in.stream.SourceID, in.stream.Name, micros(at), micros(at.Add(grace)),
		micros(c.AskedAt), micros(c.AskedAt.Add(-20*grace))).Scan(&n)
	if err != nil || n == 0 {
		return err
	}
	f := &in.found
	if f.items++; f.items == 1 || at.Before(f.from) {
		f.from = at
	}
	if f.items == 1 || at.After(f.to) {
		f.to = at
	}
	return nil
}

// tellFound names the gap that a listing has found and filled at once.
func (in *intake) tellFound(ctx context.Context) error {
	if in.found.items == 0 {
		return nil
	}
	return in.gap(ctx, collectors.Gap{
		From: in.found.from, To: in.found.to.Add(time.Second),
		Reason: fmt.Sprintf("Сеть не сообщила о новом на странице (найдено сверкой: %d).", in.found.items),
	}, in.tx.us)
}
