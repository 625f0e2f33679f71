package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"otklik/collectors"
	"otklik/incidents"
	"otklik/internal/social"
)

// known is what the database already has of an item.
type known struct {
	id      string
	version int
	body    string
	edited  int64
	deleted int64
	media   string
	public  int // 1 when only sources that are not the agency's own know it
}

func (in *intake) change(ctx context.Context, c collectors.Change) error {
	k, found, err := in.find(ctx, c.Item.Ref)
	if err != nil {
		return err
	}
	switch {
	case c.Op == collectors.Deleted:
		return in.gone(ctx, k, found, c.Item)
	case !found:
		if err := in.untold(ctx, c); err != nil {
			return err
		}
		return in.insert(ctx, c.Item)
	}
	if k.public > in.public {
		if err := in.claim(ctx, k, c.Item); err != nil {
			return err
		}
	}
	switch {
	case c.Op == collectors.Restored && !in.received.IsZero() && k.deleted > in.told():
		return nil // it was deleted after that
	case c.Op == collectors.Restored, c.Op == collectors.Listed && k.deleted != 0 && micros(c.AskedAt) > k.deleted:
		return in.restored(ctx, k, c)
	case k.version == 0:
		return in.fill(ctx, k, c.Item)
	}
	return in.revise(ctx, k, c)
}

// claim gives an item that a search or a public page had brought to the
// agency's own page on which it stands, so that it can be answered from there.
func (in *intake) claim(ctx context.Context, k known, it social.Item) error {
	_, err := in.tx.exec(ctx, `UPDATE items SET source_id = $2, own = CASE WHEN $3 = 1 THEN 1 ELSE own END,
		pending = CASE WHEN $3 = 1 THEN 0 ELSE pending END WHERE id = $1`, k.id, in.stream.SourceID, flag(it.Author.Own))
	if err != nil {
		return err
	}
	n, err := in.tx.exec(ctx, "UPDATE cases SET source_id = $2 WHERE item_id = $1", k.id, in.stream.SourceID)
	if err != nil {
		return err
	}
	if err := in.tx.revised(ctx, k.id); err != nil {
		return err
	}
	in.touched = in.touched || n > 0
	in.written.add(micros(it.PublishedAt), in.tx.us)
	return nil
}

// restored brings a deleted item back, with its text if the network sent one.
func (in *intake) restored(ctx context.Context, k known, c collectors.Change) error {
	if k.version == 0 {
		if err := in.fill(ctx, k, c.Item); err != nil {
			return err
		}
		k.version = 1
	} else if c.Item.Kind != "" {
		if err := in.revise(ctx, k, c); err != nil {
			return err
		}
	}
	return in.restore(ctx, k, c.Item.Ref)
}

func (in *intake) find(ctx context.Context, r social.Ref) (known, bool, error) {
	var k known
	err := in.tx.QueryRowContext(ctx, `SELECT i.id, i.version, i.body, i.edited_us, i.deleted_us, i.media, s.public FROM items i
		JOIN sources s ON s.id = i.source_id WHERE i.network = $1 AND i.owner = $2 AND i.item_id = $3`, string(r.Network), r.Owner, r.ID).
		Scan(&k.id, &k.version, &k.body, &k.edited, &k.deleted, &k.media, &k.public)
	if errors.Is(err, sql.ErrNoRows) {
		return known{}, false, nil
	}
	return k, err == nil, err
}

func (in *intake) insert(ctx context.Context, it social.Item) error {
	id, err := newID()
	if err != nil {
		return err
	}
	if err := in.row(ctx, id, it, 1, 0, searchable(it)); err != nil {
		return err
	}
	in.created++
	if err := in.version(ctx, id, 1, it); err != nil {
		return err
	}
	if err := in.photos(ctx, id, it); err != nil {
		return err
	}
	if err := in.tx.revised(ctx, id); err != nil {
		return err
	}
	return in.recognise(ctx, it)
}

// row writes a new item. A version of 0 is a tombstone: the deletion came
// before the item itself.
func (in *intake) row(ctx context.Context, id string, it social.Item, version int, deleted int64, pending bool) error {
	seq, err := in.tx.take(ctx, "item", 1)
	if err != nil {
		return err
	}
	author, media, err := encodePeople(it)
	if err != nil {
		return err
	}
	in.written.add(micros(it.PublishedAt), in.tx.us)
	_, err = in.tx.exec(ctx, `INSERT INTO items (id, seq, network, owner, item_id, source_id, kind, thread_owner, thread_id, reply_id,
		copy_owner, copy_id, author_id, author, own, body, media, permalink, version, published_us, edited_us, seen_us, deleted_us, pending, waits_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $22)`,
		id, seq, string(it.Ref.Network), it.Ref.Owner, it.Ref.ID, in.stream.SourceID, string(it.Kind),
		it.Thread.Owner, it.Thread.ID, it.ReplyTo.ID, it.CopyOf.Owner, it.CopyOf.ID, it.Author.ID, author, flag(it.Author.Own),
		it.Text, media, it.Permalink, version, micros(it.PublishedAt), micros(it.EditedAt), in.tx.us, deleted, flag(pending))
	return err
}

func encodePeople(it social.Item) (author, media string, err error) {
	a, err := json.Marshal(it.Author)
	if err != nil {
		return "", "", err
	}
	m, err := json.Marshal(it.Media)
	return string(a), string(m), err
}

// searchable says that an item may hold a complaint: a citizen's own words.
func searchable(it social.Item) bool {
	return !it.Author.Own && it.CopyOf.IsZero() && (strings.TrimSpace(it.Text) != "" || !it.Reposts().IsZero())
}

// clean makes a text storable in both engines.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// storable cleans all that a network may put into a text column: one byte that
// PostgreSQL refuses would stop the stream for ever.
func storable(c collectors.Change) collectors.Change {
	it := &c.Item
	for _, s := range []*string{
		&it.Ref.Owner, &it.Ref.ID, &it.Thread.Owner, &it.Thread.ID, &it.ReplyTo.Owner, &it.ReplyTo.ID,
		&it.CopyOf.Owner, &it.CopyOf.ID, &it.Author.ID, &it.Text, &it.Permalink,
	} {
		*s = clean(*s)
	}
	return c
}

func (in *intake) version(ctx context.Context, id string, n int, it social.Item) error {
	_, err := in.tx.exec(ctx, "INSERT INTO item_versions (item_id, version, body, edited_us, seen_us) VALUES ($1, $2, $3, $4, $5)",
		id, n, it.Text, micros(it.EditedAt), in.told())
	return err
}

// fill gives a tombstone its content; the item stays deleted.
func (in *intake) fill(ctx context.Context, k known, it social.Item) error {
	author, media, err := encodePeople(it)
	if err != nil {
		return err
	}
	_, err = in.tx.exec(ctx, `UPDATE items SET kind = $2, thread_owner = $3, thread_id = $4, reply_id = $5, copy_owner = $6, copy_id = $7,
		author_id = $8, author = $9, own = $10, body = $11, media = $12, permalink = $13, version = 1, published_us = $14, edited_us = $15 WHERE id = $1`,
		k.id, string(it.Kind), it.Thread.Owner, it.Thread.ID, it.ReplyTo.ID, it.CopyOf.Owner, it.CopyOf.ID,
		it.Author.ID, author, flag(it.Author.Own), it.Text, media, it.Permalink, micros(it.PublishedAt), micros(it.EditedAt))
	if err != nil {
		return err
	}
	if err := in.version(ctx, k.id, 1, it); err != nil {
		return err
	}
	if err := in.photos(ctx, k.id, it); err != nil {
		return err
	}
	return in.tx.revised(ctx, k.id)
}

// revised says to the search index that it has to read the item anew.
func (tx *Tx) revised(ctx context.Context, itemID string) error {
	n, err := tx.take(ctx, "item.revision", 1)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, "UPDATE items SET revision = $2 WHERE id = $1", itemID, n)
	return err
}

func (in *intake) gone(ctx context.Context, k known, found bool, it social.Item) error {
	if !found {
		id, err := newID()
		if err != nil {
			return err
		}
		if err := in.row(ctx, id, it, 0, in.told(), false); err != nil {
			return err
		}
		return in.tellVanished(ctx, it.Ref)
	}
	if k.deleted != 0 {
		return nil
	}
	if _, err := in.tx.exec(ctx, "UPDATE items SET deleted_us = $2, pending = 0 WHERE id = $1", k.id, in.told()); err != nil {
		return err
	}
	if err := in.tellVanished(ctx, it.Ref); err != nil {
		return err
	}
	return in.tellCase(ctx, k.id, incidents.Event{Kind: incidents.EventAuthorDeleted})
}

// restore takes the mark away and has the present text looked at again, for it
// may have been deleted before anybody did. What was found before stays found.
func (in *intake) restore(ctx context.Context, k known, ref social.Ref) error {
	n, err := in.tx.exec(ctx, `UPDATE items SET deleted_us = 0, pending = CASE WHEN own = 0 AND copy_id = '' THEN 1 ELSE 0 END, waits_us = $2
		WHERE id = $1 AND deleted_us <> 0`, k.id, in.tx.us)
	if err != nil || n == 0 {
		return err
	}
	if err := in.tellReappeared(ctx, ref); err != nil {
		return err
	}
	return in.tellCase(ctx, k.id, incidents.Event{Kind: incidents.EventAuthorRestored})
}

// tellCase writes into the history of the case that holds the item, if one does.
func (in *intake) tellCase(ctx context.Context, itemID string, ev incidents.Event) error {
	var caseID string
	err := in.tx.QueryRowContext(ctx, "SELECT case_id FROM case_items WHERE item_id = $1", itemID).Scan(&caseID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	c, err := in.tx.lockCase(ctx, caseID)
	if err != nil {
		return err
	}
	in.touched = true
	ev.At, ev.ActorName, ev.Version = in.tx.now, "Отклик", c.Version
	return in.tx.addEvent(ctx, caseID, ev)
}

// scanItem reads the columns of itemColumns.
func scanItem(scan func(...any) error, more ...any) (social.Item, time.Time, time.Time, error) {
	var it social.Item
	var network, kind, author, media string
	var published, edited, seen, deleted int64
	var own int
	args := append([]any{
		&network, &it.Ref.Owner, &it.Ref.ID, &kind, &it.Thread.Owner, &it.Thread.ID, &it.ReplyTo.ID,
		&it.CopyOf.Owner, &it.CopyOf.ID, &author, &own, &it.Text, &media, &it.Permalink, &published, &edited, &seen, &deleted,
	}, more...)
	if err := scan(args...); err != nil {
		return it, time.Time{}, time.Time{}, err
	}
	it.Ref.Network, it.Kind = social.Network(network), social.Kind(kind)
	it.Thread.Network = it.Ref.Network
	if it.ReplyTo.ID != "" {
		it.ReplyTo.Network, it.ReplyTo.Owner = it.Ref.Network, it.Ref.Owner
	}
	if it.CopyOf.ID != "" {
		it.CopyOf.Network = it.Ref.Network
	}
	it.PublishedAt, it.EditedAt = moment(published), moment(edited)
	err := errors.Join(json.Unmarshal([]byte(author), &it.Author), json.Unmarshal([]byte(media), &it.Media))
	it.Author.Own = own == 1
	return it, moment(seen), moment(deleted), err
}

const itemColumns = `i.network, i.owner, i.item_id, i.kind, i.thread_owner, i.thread_id, i.reply_id, i.copy_owner, i.copy_id,
	i.author, i.own, i.body, i.media, i.permalink, i.published_us, i.edited_us, i.seen_us, i.deleted_us`
