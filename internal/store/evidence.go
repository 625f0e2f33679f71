package store

import (
	"context"
	"database/sql"
	"slices"

	"otklik/incidents"
	"otklik/internal/social"
)

// viewEvidence adds to the shown items what is kept of them: all their texts
// with their times, and their photos.
func (s *Store) viewEvidence(ctx context.Context, v *incidents.View) error {
	place := map[string]*incidents.ThreadItem{}
	var ids []string
	for i := range v.Thread {
		place[v.Thread[i].ID] = &v.Thread[i]
		ids = append(ids, v.Thread[i].ID)
	}
	if len(ids) == 0 {
		return nil
	}
	q := &query{}
	in(q, "x.item_id", ids)
	texts, err := collect(ctx, s.read, scanVersion, `SELECT x.item_id, x.body, x.edited_us, x.seen_us FROM item_versions x`+
		q.clause()+" ORDER BY x.item_id, x.edited_us, x.version", q.args...)
	if err != nil {
		return err
	}
	for _, t := range texts {
		x := place[t.item]
		x.Versions = append(x.Versions, t.version)
	}
	photos, err := collect(ctx, s.read, scanPhoto, photoColumns+q.clause()+" ORDER BY x.item_id, x.position, x.seen_us, x.id", q.args...)
	if err != nil {
		return err
	}
	for _, p := range photos {
		x := place[p.item]
		present, _ := pictured(x.Item.Media)
		p.photo.Former = !slices.Contains(present, p.photo.Key)
		x.Photos = append(x.Photos, p.photo)
	}
	return s.viewAlbums(ctx, v)
}

// viewAlbums gathers the photos of an album at the first item of it. A network
// may make of one album several items, even several threads.
func (s *Store) viewAlbums(ctx context.Context, v *incidents.View) error {
	seen := map[string]bool{}
	for i := range v.Thread {
		x := &v.Thread[i]
		album := social.AlbumOf(x.Item.Media)
		if album == "" || seen[album] {
			continue
		}
		seen[album] = true
		others, err := collect(ctx, s.read, scanPhoto, photoColumns+` JOIN items i ON i.id = x.item_id
			WHERE x.album = $1 AND i.network = $2 AND i.owner = $3 AND i.author_id = $4 AND i.id <> $5 AND i.deleted_us = 0 ORDER BY i.seq, x.position LIMIT 20`,
			album, string(x.Item.Ref.Network), x.Item.Ref.Owner, x.Item.Author.ID, x.ID)
		if err != nil {
			return err
		}
		for _, p := range others {
			x.Photos = append(x.Photos, p.photo)
		}
	}
	return nil
}

type versionRow struct {
	item    string
	version incidents.Version
}

func scanVersion(r *sql.Rows) (versionRow, error) {
	var x versionRow
	var edited, seen int64
	err := r.Scan(&x.item, &x.version.Text, &edited, &seen)
	x.version.EditedAt, x.version.SeenAt = moment(edited), moment(seen)
	return x, err
}

type photoRow struct {
	item  string
	photo incidents.Photo
}

const photoColumns = `SELECT x.item_id, x.key, x.state, x.trouble, x.picture, x.thumb, x.width, x.height, x.seen_us, x.done_us FROM photos x`

func scanPhoto(r *sql.Rows) (photoRow, error) {
	var x photoRow
	p := &x.photo
	var seen, done int64
	err := r.Scan(&x.item, &p.Key, &p.State, &p.Trouble, &p.Picture, &p.Thumb, &p.Width, &p.Height, &seen, &done)
	p.SeenAt, p.DoneAt = moment(seen), moment(done)
	return x, err
}
