package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"otklik/publisher"
)

// SaveUnsaved keeps what a person has written in the editor; no fields remove it.
func (s *Store) SaveUnsaved(ctx context.Context, u publisher.Unsaved, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		if len(u.Fields) == 0 {
			_, err := tx.exec(ctx, "DELETE FROM post_drafts WHERE post_id = $1 AND person_id = $2", u.PostID, u.PersonID)
			return err
		}
		fields := map[string][]string{}
		for name, values := range u.Fields {
			for _, v := range values {
				fields[name] = append(fields[name], clean(v))
			}
		}
		raw, err := json.Marshal(fields)
		if err != nil {
			return err
		}
		_, err = tx.exec(ctx, `INSERT INTO post_drafts (post_id, person_id, version, fields, saved_us) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (post_id, person_id) DO UPDATE SET version = excluded.version, fields = excluded.fields, saved_us = excluded.saved_us`,
			u.PostID, u.PersonID, u.Version, string(raw), tx.us)
		return err
	})
}

// Unsaved returns what a person has written and not saved, false if nothing.
func (s *Store) Unsaved(ctx context.Context, postID, personID string) (publisher.Unsaved, bool, error) {
	u := publisher.Unsaved{PostID: postID, PersonID: personID}
	var raw string
	var saved int64
	err := s.read.QueryRowContext(ctx, "SELECT version, fields, saved_us FROM post_drafts WHERE post_id = $1 AND person_id = $2", postID, personID).Scan(&u.Version, &raw, &saved)
	if errors.Is(err, sql.ErrNoRows) {
		return u, false, nil
	}
	if err != nil {
		return u, false, err
	}
	u.At = moment(saved)
	return u, true, json.Unmarshal([]byte(raw), &u.Fields)
}
