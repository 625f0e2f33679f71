package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"otklik/internal/errs"
	"otklik/internal/lease"
	"otklik/internal/media"
	"otklik/internal/social"
)

// photos queues what is to be fetched of an item. What was queued before stays;
// an address that has changed is taken over while the photo is not had yet.
func (in *intake) photos(ctx context.Context, itemID string, it social.Item) error {
	for i, m := range it.Media {
		if !m.Keepable() {
			continue
		}
		key, address := clean(m.Key), clean(m.File)
		_, err := in.tx.exec(ctx, `UPDATE photos SET address = $3, next_us = $4, state = 'waiting',
			attempts = CASE WHEN state = 'failed' THEN 0 ELSE attempts END
			WHERE item_id = $1 AND key = $2 AND address <> $3 AND state IN ('waiting', 'failed')`, itemID, key, address, in.tx.us)
		if err != nil {
			return err
		}
		id, err := newID()
		if err != nil {
			return err
		}
		_, err = in.tx.exec(ctx, `INSERT INTO photos (id, item_id, key, position, album, address, state, next_us, seen_us)
			VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $8) ON CONFLICT DO NOTHING`, id, itemID, key, i, clean(m.Album), address, in.tx.us, in.told())
		if err != nil {
			return err
		}
	}
	return nil
}

// pictured tells the photos of an item by their names. vague says that there
// are some whose name was not noted when they were seen.
func pictured(list []social.Media) (keys []string, vague bool) {
	for _, m := range list {
		switch {
		case m.Kind != "photo":
		case m.Key == "":
			vague = true
		default:
			keys = append(keys, m.Key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys), vague
}

// otherPhotos says that an item shows other photos than the stored attachments do.
func otherPhotos(stored string, it social.Item) (bool, error) {
	var before []social.Media
	if err := json.Unmarshal([]byte(stored), &before); err != nil {
		return false, err
	}
	old, vague := pictured(before)
	now, _ := pictured(it.Media)
	return !vague && !slices.Equal(old, now), nil
}

// DuePhotos returns photos whose time to be fetched has come, the longest
// waiting first.
func (s *Store) DuePhotos(ctx context.Context, limit int, now time.Time) ([]media.Job, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (media.Job, error) {
		var j media.Job
		return j, r.Scan(&j.ID, &j.SourceID, &j.Address, &j.Attempts)
	}, `SELECT p.id, i.source_id, p.address, p.attempts FROM photos p JOIN items i ON i.id = p.item_id
		WHERE p.state = 'waiting' AND p.next_us <= $1 ORDER BY p.next_us, p.id LIMIT $2`, micros(now), limit)
}

// KeepPhoto stores a picture under the worker's lease; doing so twice changes
// nothing. Errors: lease.ErrLost.
func (s *Store) KeepPhoto(ctx context.Context, l lease.Lease, id string, p media.Picture, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		if err := tx.fenced(ctx, l); err != nil {
			return err
		}
		for _, f := range []media.File{p.Full, p.Thumb} {
			_, err := tx.exec(ctx, "INSERT INTO pictures (hash, type, data, kept_us) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", f.Hash, f.Type, f.Bytes, tx.us)
			if err != nil {
				return err
			}
		}
		n, err := tx.exec(ctx, `UPDATE photos SET state = 'kept', attempts = attempts + 1, trouble = '', done_us = $2,
			original = $3, picture = $4, thumb = $5, width = $6, height = $7 WHERE id = $1 AND state = 'waiting'`,
			id, tx.us, p.Original, p.Full.Hash, p.Thumb.Hash, p.Width, p.Height)
		if err != nil || n == 0 {
			return err
		}
		return tx.showPhoto(ctx, id)
	})
}

// MissPhoto notes under the worker's lease an attempt that brought no photo.
// Errors: lease.ErrLost.
func (s *Store) MissPhoto(ctx context.Context, l lease.Lease, id string, t *media.Trouble, next, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		if err := tx.fenced(ctx, l); err != nil {
			return err
		}
		var done int64
		if t.State != media.Waiting {
			done = tx.us
		}
		n, err := tx.exec(ctx, `UPDATE photos SET state = $2, attempts = attempts + $6, trouble = $3, next_us = $4, done_us = $5
			WHERE id = $1 AND state = 'waiting'`, id, string(t.State), clean(t.Message), micros(next), done, flag(!t.Unasked))
		if err != nil || n == 0 {
			return err
		}
		return tx.showPhoto(ctx, id)
	})
}

// showPhoto tells open pages of a photo that stands in the thread of an open case.
func (tx *Tx) showPhoto(ctx context.Context, id string) error {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM photos p JOIN items i ON i.id = p.item_id
		JOIN cases c ON c.network = i.network AND c.thread_owner = i.thread_owner AND c.thread_id = i.thread_id AND c.stage <> 'done'
		WHERE p.id = $1`, id).Scan(&n)
	if err != nil || n == 0 {
		return err
	}
	return tx.bump(ctx, "cases")
}

// Picture returns a kept picture by its hash. Errors: NotFound.
func (s *Store) Picture(ctx context.Context, hash string) (media.File, error) {
	f := media.File{Hash: hash}
	err := s.read.QueryRowContext(ctx, "SELECT type, data FROM pictures WHERE hash = $1", hash).Scan(&f.Type, &f.Bytes)
	if errors.Is(err, sql.ErrNoRows) {
		return f, errs.New(errs.NotFound, "Такого фото у нас нет. Возможно, срок его хранения вышел.")
	}
	return f, err
}

// PictureSize returns the media type of a kept picture and its size in bytes.
// Errors: NotFound.
func (s *Store) PictureSize(ctx context.Context, hash string) (kind string, size int64, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT type, octet_length(data) FROM pictures WHERE hash = $1", hash).Scan(&kind, &size)
	if errors.Is(err, sql.ErrNoRows) {
		err = errs.New(errs.NotFound, "Такого вложения у нас нет. Приложите его заново.")
	}
	return kind, size, err
}
