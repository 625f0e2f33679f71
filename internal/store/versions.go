package store

import (
	"context"

	"otklik/collectors"
	"otklik/incidents"
)

// revise adds a version when the text is another. What is known to be older
// than the present text adds to the record and leaves the present text.
func (in *intake) revise(ctx context.Context, k known, c collectors.Change) error {
	it := c.Item
	if it.Text == k.body {
		return in.same(ctx, k, c)
	}
	past, err := in.past(ctx, k, it.Text)
	if err != nil {
		return err
	}
	if err := in.photos(ctx, k.id, it); err != nil {
		return err
	}
	if in.older(k, c, past) {
		if past.seen {
			return nil
		}
		// Numbered below the first, so that the present number stays.
		return in.version(ctx, k.id, past.lowest-1, it)
	}
	if it.EditedAt.IsZero() {
		it.EditedAt = moment(in.told())
	}
	n := k.version + 1
	_, media, err := encodePeople(it)
	if err != nil {
		return err
	}
	if _, err := in.tx.exec(ctx, `UPDATE items SET body = $2, media = $3, version = $4, edited_us = $5, pending = $6, waits_us = $7 WHERE id = $1`,
		k.id, it.Text, media, n, micros(it.EditedAt), flag(searchable(it) && k.deleted == 0), in.tx.us); err != nil {
		return err
	}
	if err := in.version(ctx, k.id, n, it); err != nil {
		return err
	}
	if err := in.tx.revised(ctx, k.id); err != nil {
		return err
	}
	return in.tellCase(ctx, k.id, incidents.Event{Kind: incidents.EventAuthorEdited, Text: it.Text})
}

// older says that a change brings a text from before the present one: a
// creation after its own edit, an edit with an earlier time, or a page of a
// listing that was read before an edit and names no time of its own. A listing
// asked for after the present text was stored is never older: events may come
// late or out of order, a listing shows what stands. Of an update that was
// understood only now the moment counts at which it came.
func (in *intake) older(k known, c collectors.Change, p past) bool {
	edited := micros(c.Item.EditedAt)
	switch {
	case c.Op == collectors.Created:
		return true
	case c.Op == collectors.Listed && micros(c.AskedAt) > p.present:
		return false
	case edited != 0:
		return edited < k.edited
	case !in.received.IsZero():
		return in.told() <= p.present
	}
	return c.Op == collectors.Listed && p.seen
}

// past is what is recorded of an item's texts.
type past struct {
	seen    bool  // it has had this text before
	lowest  int   // the lowest version number
	present int64 // when the present text was stored
}

func (in *intake) past(ctx context.Context, k known, text string) (past, error) {
	var p past
	var times int
	err := in.tx.QueryRowContext(ctx, `SELECT COALESCE(SUM(CASE WHEN body = $2 THEN 1 ELSE 0 END), 0), MIN(version),
		COALESCE(MAX(CASE WHEN version = $3 THEN seen_us ELSE 0 END), 0) FROM item_versions WHERE item_id = $1`,
		k.id, text, k.version).Scan(&times, &p.lowest, &p.present)
	p.seen = times > 0
	return p, err
}

// same notes a later edit that left the text as it was, so that an earlier one
// that arrives afterwards is known to be earlier, and adds the author's name
// where the item was first seen without one.
func (in *intake) same(ctx context.Context, k known, c collectors.Change) error {
	it := c.Item
	author, media, err := encodePeople(it)
	if err != nil {
		return err
	}
	if media != k.media {
		if err := in.attachments(ctx, k, c, media); err != nil {
			return err
		}
	}
	if edited := micros(it.EditedAt); edited > k.edited {
		if _, err := in.tx.exec(ctx, "UPDATE items SET edited_us = $2 WHERE id = $1", k.id, edited); err != nil {
			return err
		}
	}
	if it.Author.Name == "" {
		return nil
	}
	_, err = in.tx.exec(ctx, "UPDATE items SET author = $2 WHERE id = $1 AND author LIKE '%\"name\":\"\"%'", k.id, author)
	return err
}

// attachments takes over what is attached now, though the text is the same. A
// photo that was there only in between is kept all the same.
func (in *intake) attachments(ctx context.Context, k known, c collectors.Change, media string) error {
	if err := in.photos(ctx, k.id, c.Item); err != nil {
		return err
	}
	past, err := in.past(ctx, k, k.body)
	if err != nil {
		return err
	}
	if c.Op == collectors.Listed && micros(c.AskedAt) <= past.present || in.older(k, c, past) {
		return nil
	}
	if _, err := in.tx.exec(ctx, "UPDATE items SET media = $2 WHERE id = $1", k.id, media); err != nil {
		return err
	}
	other, err := otherPhotos(k.media, c.Item)
	if err != nil || !other {
		return err
	}
	return in.tellCase(ctx, k.id, incidents.Event{Kind: incidents.EventAuthorEdited, Data: map[string]string{"what": "photos"}})
}
