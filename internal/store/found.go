package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"otklik/internal/delivery"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/publisher"
)

const (
	// seenLate is how long a post of which a person has said that it stands is
	// looked for in what the collectors bring.
	seenLate = 7 * 24 * time.Hour
	// albumSpan is how far apart in time the messages of one album may be.
	albumSpan = time.Minute
)

// receiptOf is what an item confirms: of a copy, the post that was copied, with
// the other messages of its album and the name of its poll. For an answer it is
// the item alone.
func (tx *Tx) receiptOf(ctx context.Context, d delivery.Delivery, it social.Item) (delivery.Receipt, error) {
	r := delivery.Receipt{Ref: delivery.PostOf(it), Permalink: it.Permalink}
	if d.Kind != delivery.KindPost && d.Kind != delivery.KindPoll {
		return r, nil
	}
	album, err := tx.albumOf(ctx, it)
	if err != nil {
		return r, err
	}
	if len(album) > 0 {
		r.Ref, r.Permalink = delivery.PostOf(album[0]), album[0].Permalink
		for _, x := range album[1:] {
			r.Also = append(r.Also, delivery.PostOf(x))
		}
	}
	if d.Part != nil && d.Part.Poll != nil {
		if r.PollID = delivery.PollOf(it); r.PollID == "" {
			r.PollID = d.PollID
		}
	}
	return r, nil
}

// albumOf lists all that was sent as one with an item, in the network's order;
// nothing for what is no album.
func (tx *Tx) albumOf(ctx context.Context, it social.Item) ([]social.Item, error) {
	name := social.AlbumOf(it.Media)
	if name == "" {
		return nil, nil
	}
	near, err := collect(ctx, tx, scanOnlyItem, "SELECT "+itemColumns+` FROM items i WHERE i.kind = 'post' AND i.own = 1 AND i.network = $1 AND i.owner = $2
		AND i.deleted_us = 0 AND i.version > 0 AND i.published_us BETWEEN $3 AND $4`,
		string(it.Ref.Network), it.Ref.Owner, micros(it.PublishedAt.Add(-albumSpan)), micros(it.PublishedAt.Add(albumSpan)))
	if err != nil {
		return nil, err
	}
	near = slices.DeleteFunc(near, func(x social.Item) bool { return social.AlbumOf(x.Media) != name })
	slices.SortFunc(near, func(a, b social.Item) int { return delivery.PostOf(a).Compare(delivery.PostOf(b)) })
	return near, nil
}

func scanOnlyItem(r *sql.Rows) (social.Item, error) {
	it, _, _, err := scanItem(r.Scan)
	return it, err
}

// locate writes down where a delivery stands of which only that was known.
func (tx *Tx) locate(ctx context.Context, d delivery.Delivery, it social.Item) error {
	r, err := tx.receiptOf(ctx, d, it)
	if err != nil {
		return err
	}
	if taken, err := tx.isReceipt(ctx, r.Ref); err != nil || taken {
		return err
	}
	if err := tx.lockSubject(ctx, d); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `UPDATE deliveries SET remote_owner = $2, remote_id = $3, permalink = CASE WHEN permalink = '' THEN $4 ELSE permalink END
		WHERE id = $1 AND remote_id = ''`, d.ID, clean(r.Ref.Owner), clean(r.Ref.ID), clean(r.Permalink)); err != nil {
		return err
	}
	return tx.tellFound(ctx, d.SubjectID, d.SourceID, d.PartNumber, r)
}

// learn adds to a post of the plan what one more item shows of it: a further
// message of its album, or the name of its poll.
func (tx *Tx) learn(ctx context.Context, it social.Item) error {
	album, err := tx.albumOf(ctx, it)
	if err != nil {
		return err
	}
	poll := delivery.PollOf(it)
	if len(album) < 2 && poll == "" {
		return nil
	}
	for _, x := range append(album, it) {
		known, err := tx.plannedAs(ctx, delivery.PostOf(x))
		if err != nil {
			return err
		}
		if known.post == "" {
			continue
		}
		r := delivery.Receipt{PollID: poll}
		for _, other := range album {
			r.Also = append(r.Also, delivery.PostOf(other))
		}
		return tx.tellFound(ctx, known.post, known.page, known.part, r)
	}
	return nil
}

// learnOf adds to the parts of a post on a page what the collectors have seen
// of them already.
func (tx *Tx) learnOf(ctx context.Context, p publisher.Post, page string) error {
	t, _ := p.Target(page)
	for _, ref := range t.Refs {
		if ref.IsZero() {
			continue
		}
		seen, err := collect(ctx, tx, scanOnlyItem, "SELECT "+itemColumns+` FROM items i WHERE i.network = $1 AND i.kind = 'post' AND i.deleted_us = 0 AND i.version > 0
			AND (i.owner = $2 AND i.item_id = $3 OR i.copy_owner = $2 AND i.copy_id = $3)`, string(ref.Network), ref.Owner, ref.ID)
		if err != nil {
			return err
		}
		for _, it := range seen {
			if err := tx.learn(ctx, it); err != nil {
				return err
			}
		}
	}
	return nil
}

// place is a part of a post of the plan on a page.
type place struct {
	post, page string
	part       int
}

// plannedAs is the part of a post that an item is known as, zero if it is none.
func (tx *Tx) plannedAs(ctx context.Context, r social.Ref) (place, error) {
	var x place
	err := tx.QueryRowContext(ctx, "SELECT post_id, page_id, part FROM post_refs WHERE network = $1 AND owner = $2 AND item_id = $3",
		string(r.Network), r.Owner, r.ID).Scan(&x.post, &x.page, &x.part)
	if errors.Is(err, sql.ErrNoRows) {
		return place{}, nil
	}
	return x, err
}

// tellFound adds what was learned, if it is new; nothing is locked for what is not.
func (tx *Tx) tellFound(ctx context.Context, postID, page string, part int, r delivery.Receipt) error {
	p, err := loadPost(ctx, tx, postID)
	if err != nil {
		return err
	}
	t, _ := p.Target(page)
	news := part < len(t.Refs) && t.Refs[part].IsZero()
	for _, ref := range r.Also {
		news = news || !slices.Contains(t.Refs, ref) && !slices.Contains(t.Also, ref)
	}
	if r.PollID != "" && !news {
		under, err := tx.pollUnder(ctx, postID, page)
		if err != nil {
			return err
		}
		news = under == ""
	}
	if !news {
		return nil
	}
	return tx.tellPost(ctx, postID, publisher.Found{PageID: page, Part: part, Ref: r.Ref, Also: r.Also, Link: r.Permalink, PollID: r.PollID}, rights.System())
}
