package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"otklik/incidents"
	"otklik/internal/records"
	"otklik/internal/social"
)

// eraser takes what names a person out of rows; where wipe is set, also what
// the person wrote.
type eraser struct {
	tx   *Tx
	as   social.Author // who stands in the person's place
	wipe bool
	done records.Tally
}

// item erases what one item holds. Doing it twice changes nothing more.
func (e *eraser) item(ctx context.Context, id string) error {
	tx := e.tx
	var media string
	if err := tx.QueryRowContext(ctx, "SELECT media FROM items WHERE id = $1", id).Scan(&media); err != nil {
		return err
	}
	author, err := json.Marshal(e.as)
	if err != nil {
		return err
	}
	if e.wipe {
		media, err = "[]", e.wipeItem(ctx, id)
	} else {
		media, err = e.renamePhotos(ctx, id, media)
	}
	if err != nil {
		return err
	}
	// The name in the network stays: without it the item would be read anew.
	if _, err := tx.exec(ctx, `UPDATE items SET author_id = $2, author = $3, media = $4, permalink = '', erased_us = $5 WHERE id = $1`,
		id, e.as.ID, string(author), media, tx.us); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, "DELETE FROM kin WHERE item_id = $1", id); err != nil {
		return err
	}
	e.done.Items++
	return tx.revised(ctx, id)
}

func (e *eraser) wipeItem(ctx context.Context, id string) error {
	tx := e.tx
	// Histories of cases quote what the person wrote.
	if _, err := tx.exec(ctx, `UPDATE case_events SET note = '' WHERE note <> '' AND case_id IN (SELECT case_id FROM case_items WHERE item_id = $1)
		AND note IN (SELECT body FROM item_versions WHERE item_id = $1)`, id); err != nil {
		return err
	}
	versions, err := tx.exec(ctx, "DELETE FROM item_versions WHERE item_id = $1", id)
	if err != nil {
		return err
	}
	// The next version is an empty one, so that nobody who has read the text
	// before can conclude anything from it now.
	if _, err := tx.exec(ctx, "UPDATE items SET body = '', version = version + 1, pending = 0 WHERE id = $1", id); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, "INSERT INTO item_versions (item_id, version, body, edited_us, seen_us) SELECT id, version, '', edited_us, CAST($2 AS BIGINT) FROM items WHERE id = $1", id, tx.us); err != nil {
		return err
	}
	decisions, err := tx.exec(ctx, "DELETE FROM decisions WHERE item_id = $1", id)
	if err != nil {
		return err
	}
	_, e1 := tx.exec(ctx, "UPDATE matches SET words = '[]', marks = '[]' WHERE item_id = $1", id)
	_, e2 := tx.exec(ctx, "UPDATE verdicts SET reasons = '[]' WHERE item_id = $1", id)
	photos, e3 := tx.dropPhotos(ctx, []string{id})
	e.done.Versions, e.done.Decisions, e.done.Photos = e.done.Versions+int(versions), e.done.Decisions+int(decisions), e.done.Photos+photos
	return errors.Join(e1, e2, e3)
}

// dropPhotos removes the photos of items, and the bytes that nothing else shows.
func (tx *Tx) dropPhotos(ctx context.Context, items []string) (int, error) {
	q := &query{}
	q.and("item_id IN " + listed(q, items))
	hashes, err := collect(ctx, tx, func(r *sql.Rows) (upload, error) {
		var u upload
		return u, r.Scan(&u.hash, &u.thumb)
	}, "SELECT picture, thumb FROM photos"+q.clause(), q.args...)
	if err != nil {
		return 0, err
	}
	if _, err := tx.exec(ctx, "DELETE FROM photos"+q.clause(), q.args...); err != nil {
		return 0, err
	}
	for _, u := range hashes {
		if err := tx.dropPictures(ctx, u); err != nil {
			return 0, err
		}
	}
	return len(hashes), nil
}

// dropPictures removes bytes that no citizen's photo and no upload shows.
func (tx *Tx) dropPictures(ctx context.Context, u upload) error {
	_, err := tx.exec(ctx, `DELETE FROM pictures WHERE hash IN ($1, $2)
		AND NOT EXISTS (SELECT 1 FROM uploads u WHERE u.hash = pictures.hash OR u.thumb = pictures.hash)
		AND NOT EXISTS (SELECT 1 FROM photos p WHERE p.picture <> '' AND p.picture = pictures.hash)
		AND NOT EXISTS (SELECT 1 FROM photos p WHERE p.thumb <> '' AND p.thumb = pictures.hash)`, u.hash, u.thumb)
	return err
}

// renamePhotos takes the networks' names out of an item's attachments: they hold
// the number of the person's page. Photos keep their place under names of ours.
func (e *eraser) renamePhotos(ctx context.Context, id, media string) (string, error) {
	keys, err := collect(ctx, e.tx, func(r *sql.Rows) (records.Person, error) {
		var p records.Person
		return p, r.Scan(&p.ID, &p.Name)
	}, "SELECT id, key FROM photos WHERE item_id = $1", id)
	if err != nil {
		return "", err
	}
	names := map[string]string{}
	for _, p := range keys {
		names[p.Name] = "erased " + p.ID
	}
	var list []social.Media
	if err := json.Unmarshal([]byte(media), &list); err != nil {
		return "", err
	}
	out := make([]social.Media, 0, len(list))
	for _, m := range list {
		out = append(out, social.Media{Kind: m.Kind, Key: names[m.Key]})
	}
	if _, err := e.tx.exec(ctx, `UPDATE photos SET key = 'erased ' || id, address = '', album = '', state = CASE WHEN state = 'kept' THEN state ELSE 'gone' END WHERE item_id = $1`, id); err != nil {
		return "", err
	}
	text, err := json.Marshal(out)
	return string(text), err
}

// rating erases what the person wrote beside the score; the score stays.
func (e *eraser) rating(ctx context.Context, c incidents.Case) error {
	said := c.Life.Rating.Comment
	if said == "" {
		return nil
	}
	c.Life.Rating.Comment = ""
	life, err := json.Marshal(c.Life)
	if err != nil {
		return err
	}
	_, e1 := e.tx.exec(ctx, "UPDATE cases SET life = $2 WHERE id = $1", c.ID, string(life))
	_, e2 := e.tx.exec(ctx, "UPDATE case_events SET note = '' WHERE case_id = $1 AND note = $2", c.ID, said)
	return errors.Join(e1, e2)
}

// caseOf erases what a case repeats of the message that opened it.
func (e *eraser) caseOf(ctx context.Context, id string) error {
	tx := e.tx
	c, err := tx.lockCase(ctx, id)
	if err != nil {
		return err
	}
	c.Message.Author, c.Message.Permalink, c.Message.Media = e.as, "", nil
	folded := "№" + strconv.FormatInt(c.Number, 10)
	if e.wipe {
		c.Message.Text = ""
		if err := e.rating(ctx, c); err != nil {
			return err
		}
	} else {
		folded = fold(strings.Join([]string{folded, e.as.Name, c.Message.Text}, " "))
	}
	message, err := json.Marshal(c.Message)
	if err != nil {
		return err
	}
	author, err := json.Marshal(e.as)
	if err != nil {
		return err
	}
	_, e1 := tx.exec(ctx, "UPDATE cases SET message = $2, folded = $3, author_id = $4 WHERE id = $1", id, string(message), folded, whose(c.Message))
	_, e2 := tx.exec(ctx, "UPDATE case_spots SET author = $2 WHERE case_id = $1", id, e.as.ID)
	_, e3 := tx.exec(ctx, "UPDATE mass_cases SET author = $2 WHERE case_id = $1", id, e.as.ID)
	_, e4 := tx.exec(ctx, "UPDATE deliveries SET author = $2 WHERE subject_id = $1", id, string(author))
	if e.wipe {
		n, err := tx.exec(ctx, "DELETE FROM decisions WHERE case_id = $1", id)
		e.done.Decisions += int(n)
		e4 = errors.Join(e4, err)
	}
	e.done.Cases++
	return errors.Join(e1, e2, e3, e4, tx.bump(ctx, "cases"))
}
