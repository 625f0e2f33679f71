package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"otklik/collectors/quota"
)

// unusedFor is how long a photo that nothing names, and what somebody has
// written about a post that is over, are kept.
const unusedFor = 30 * 24 * time.Hour

// Sweep forgets what has run out: sessions, old wrong passwords, raw updates
// that were understood and are older than keep, photos for posts that no post
// has any more, and what was not saved of posts that are over.
func (s *Store) Sweep(ctx context.Context, keep time.Duration, now time.Time) error {
	err := s.inTx(ctx, now, func(tx *Tx) error {
		_, e1 := tx.exec(ctx, "DELETE FROM sessions WHERE expires_us < $1", tx.us)
		_, e2 := tx.exec(ctx, "DELETE FROM signin_failures WHERE at_us < $1", micros(now.Add(-24*time.Hour)))
		_, e3 := tx.exec(ctx, "DELETE FROM updates WHERE received_us < $1 AND broken = ''", micros(now.Add(-keep)))
		_, e4 := tx.exec(ctx, "DELETE FROM source_hours WHERE hour < $1", tx.us/hourMicros-keepHours)
		_, e5 := tx.exec(ctx, "DELETE FROM quota_use WHERE slot_us < $1", micros(now.Add(-quota.Memory-quota.Day)))
		_, e6 := tx.exec(ctx, `DELETE FROM post_drafts WHERE saved_us < $1
			AND post_id IN (SELECT id FROM posts WHERE state IN ('published', 'cancelled') AND state_us < $1)`, micros(now.Add(-unusedFor)))
		_, links := tx.exec(ctx, "DELETE FROM password_links WHERE expires_us < $1", tx.us)
		_, e7 := tx.exec(ctx, "DELETE FROM topic_hours WHERE hour < $1", tx.us/hourMicros-keepHours)
		_, e8 := tx.exec(ctx, "DELETE FROM kin WHERE at_us < $1", micros(now.Add(-keep)))
		return errors.Join(links, e1, e2, e3, e4, e5, e6, e7, e8)
	})
	return errors.Join(err, s.sweepUploads(ctx, now.Add(-unusedFor), now))
}

// upload is a photo for posts with its small picture.
type upload struct{ hash, thumb string }

// sweepUploads removes photos that were uploaded before a moment and that
// nothing names. What names them is read outside of the transaction, which would
// keep everybody else from writing.
func (s *Store) sweepUploads(ctx context.Context, before, now time.Time) error {
	old, err := collect(ctx, s.read, func(r *sql.Rows) (upload, error) {
		var u upload
		return u, r.Scan(&u.hash, &u.thumb)
	}, "SELECT hash, thumb FROM uploads WHERE at_us < $1", micros(before))
	if err != nil || len(old) == 0 {
		return err
	}
	used, err := s.namedPictures(ctx)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(old, 50) {
		if err := s.inTx(ctx, now, func(tx *Tx) error { return tx.dropUploads(ctx, some, used, before) }); err != nil {
			return err
		}
	}
	return nil
}

// dropUploads removes photos, and their bytes where no citizen's photo and no
// other upload is the same. One that was given again meanwhile stays; one that
// is in use is looked at again when as much time has passed.
func (tx *Tx) dropUploads(ctx context.Context, list []upload, used map[string]bool, before time.Time) error {
	for _, u := range list {
		if used[u.hash] {
			if _, err := tx.exec(ctx, "UPDATE uploads SET at_us = $2 WHERE hash = $1", u.hash, tx.us); err != nil {
				return err
			}
			continue
		}
		n, err := tx.exec(ctx, "DELETE FROM uploads WHERE hash = $1 AND at_us < $2", u.hash, micros(before))
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		if _, err := tx.exec(ctx, `DELETE FROM pictures WHERE hash IN ($1, $2)
			AND NOT EXISTS (SELECT 1 FROM uploads u WHERE u.hash = pictures.hash OR u.thumb = pictures.hash)
			AND NOT EXISTS (SELECT 1 FROM photos p WHERE p.picture <> '' AND p.picture = pictures.hash)
			AND NOT EXISTS (SELECT 1 FROM photos p WHERE p.thumb <> '' AND p.thumb = pictures.hash)`, u.hash, u.thumb); err != nil {
			return err
		}
	}
	return nil
}

// namedPictures are the hashes in everything that may name a photo for posts.
func (s *Store) namedPictures(ctx context.Context) (map[string]bool, error) {
	used := map[string]bool{}
	for _, from := range []string{
		"SELECT content FROM posts", "SELECT amendment FROM posts", "SELECT content FROM post_versions", "SELECT fields FROM post_drafts",
		"SELECT body FROM post_templates", "SELECT body FROM series", "SELECT content FROM mandates", "SELECT body FROM plan_files",
		"SELECT payload FROM deliveries WHERE state IN ('planned', 'sending', 'unknown', 'failed')",
	} {
		_, err := collect(ctx, s.read, func(r *sql.Rows) (struct{}, error) {
			var text string
			err := r.Scan(&text)
			for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) }) {
				if len(word) == hashLength {
					used[word] = true
				}
			}
			return struct{}{}, err
		}, from)
		if err != nil {
			return nil, err
		}
	}
	return used, nil
}

// hashLength is how long the name of a picture is: SHA-256 in hexadecimal.
const hashLength = 64
