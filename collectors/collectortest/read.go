package collectortest

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"

	"otklik/internal/social"
)

// stored is one row with its versions.
type stored struct {
	social.Item
	pending bool
	deleted bool
	texts   []string // all different ones, sorted
}

func read(ctx context.Context, db *sql.DB, ref social.Ref) (stored, error) {
	x := stored{Item: social.Item{Ref: ref}}
	var id, author, replyID string
	err := db.QueryRowContext(ctx, `SELECT id, kind, thread_owner, thread_id, reply_id, author_id, author, own, body, pending, deleted_us <> 0
		FROM items WHERE network = $1 AND owner = $2 AND item_id = $3 AND version > 0`, string(ref.Network), ref.Owner, ref.ID).
		Scan(&id, &x.Kind, &x.Thread.Owner, &x.Thread.ID, &replyID, &x.Author.ID, &author, &x.Author.Own, &x.Text, &x.pending, &x.deleted)
	if err != nil {
		return x, err
	}
	own, authorID := x.Author.Own, x.Author.ID
	if err := json.Unmarshal([]byte(author), &x.Author); err != nil {
		return x, err
	}
	x.Author.Own, x.Author.ID = own, authorID
	x.Thread.Network = ref.Network
	if replyID != "" {
		x.ReplyTo = social.Ref{Network: ref.Network, Owner: ref.Owner, ID: replyID}
	}
	rows, err := db.QueryContext(ctx, "SELECT DISTINCT body FROM item_versions WHERE item_id = $1", id)
	if err != nil {
		return x, err
	}
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return x, errors.Join(err, rows.Close())
		}
		x.texts = append(x.texts, text)
	}
	slices.Sort(x.texts)
	return x, errors.Join(rows.Err(), rows.Close())
}
