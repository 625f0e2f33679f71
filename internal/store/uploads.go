package store

import (
	"context"
	"database/sql"
	"time"

	"otklik/internal/media"
	"otklik/internal/rights"
	"otklik/publisher"
)

// KeepUpload stores a photo for posts. The same photo twice
// is one, of the later day.
func (s *Store) KeepUpload(ctx context.Context, by rights.Actor, name string, p media.Picture, now time.Time) (publisher.Upload, error) {
	u := publisher.Upload{Hash: p.Full.Hash, Thumb: p.Thumb.Hash, Name: clean(name), Width: p.Width, Height: p.Height, Size: int64(len(p.Full.Bytes))}
	err := s.inTx(ctx, now, func(tx *Tx) error {
		for _, f := range []media.File{p.Full, p.Thumb} {
			if _, err := tx.exec(ctx, "INSERT INTO pictures (hash, type, data, kept_us) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", f.Hash, f.Type, f.Bytes, tx.us); err != nil {
				return err
			}
		}
		_, err := tx.exec(ctx, `INSERT INTO uploads (hash, thumb, original, name, width, height, size, by_id, at_us)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (hash) DO UPDATE SET at_us = excluded.at_us`,
			u.Hash, u.Thumb, p.Original, u.Name, u.Width, u.Height, u.Size, by.ID, tx.us)
		return err
	})
	return u, err
}

// Uploads returns those of the photos that are kept, by their hashes.
func (s *Store) Uploads(ctx context.Context, hashes []string) (map[string]publisher.Upload, error) {
	out := map[string]publisher.Upload{}
	if len(hashes) == 0 {
		return out, nil
	}
	q := &query{}
	in(q, "hash", hashes)
	list, err := collect(ctx, s.read, func(r *sql.Rows) (publisher.Upload, error) {
		var u publisher.Upload
		return u, r.Scan(&u.Hash, &u.Thumb, &u.Name, &u.Width, &u.Height, &u.Size)
	}, "SELECT hash, thumb, name, width, height, size FROM uploads"+q.clause(), q.args...)
	for _, u := range list {
		out[u.Hash] = u
	}
	return out, err
}
