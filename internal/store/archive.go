package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"otklik/incidents"
	"otklik/internal/errs"
	"otklik/internal/finding"
	"otklik/internal/rights"
)

// topicOfItem is that of its case, else of what was found first in its present text.
const topicOfItem = `COALESCE(c.topic_id, (SELECT m.topic_id FROM matches m WHERE m.item_id = i.id AND m.item_version = i.version AND m.gone_us = 0 ORDER BY m.rank LIMIT 1), '')`

const changedColumns = itemColumns + `, i.id, i.source_id, i.seq, i.revision, COALESCE(x.case_id, ''), ` + topicOfItem + `, COALESCE(c.place, '{}')
	FROM items i LEFT JOIN case_items x ON x.item_id = i.id LEFT JOIN cases c ON c.id = x.case_id`

func scanChanged(r *sql.Rows) (Changed, error) {
	var x Changed
	var place string
	var err error
	x.Item, x.StoredAt, _, err = scanItem(r.Scan, &x.ID, &x.SourceID, &x.Seq, &x.Revision, &x.CaseID, &x.TopicID, &place)
	if err != nil {
		return x, err
	}
	return x, json.Unmarshal([]byte(place), &x.Place)
}

// Changed returns items that are new or have changed after the revision, in
// the order of their changes.
func (s *Store) Changed(ctx context.Context, after int64, limit int) ([]Changed, error) {
	return collect(ctx, s.read, scanChanged, "SELECT "+changedColumns+" WHERE i.revision > $1 ORDER BY i.revision LIMIT $2", after, limit)
}

// ItemsOf returns items by their ids, as the search index needs them, in no order.
func (s *Store) ItemsOf(ctx context.Context, ids []string) ([]Changed, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	q := &query{}
	list := listed(q, ids)
	return collect(ctx, s.read, scanChanged, "SELECT "+changedColumns+" WHERE i.id IN "+list, q.args...)
}

// Revision is an item as a check compares it.
type Revision struct {
	ID       string
	Revision int64
}

// RevisionsOf returns the items published in [from, to) that the search index
// has to hold, up to a revision.
func (s *Store) RevisionsOf(ctx context.Context, from, to time.Time, upTo int64) ([]Revision, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (Revision, error) {
		var x Revision
		return x, r.Scan(&x.ID, &x.Revision)
	}, "SELECT id, revision FROM items WHERE published_us >= $1 AND published_us < $2 AND revision > 0 AND revision <= $3",
		from.UnixMicro(), to.UnixMicro(), upTo)
}

// PublishedSpan is when the oldest and the newest item were published that the
// search index has to hold; zero without any.
func (s *Store) PublishedSpan(ctx context.Context) (from, to time.Time, err error) {
	var oldest, newest int64
	err = s.read.QueryRowContext(ctx, "SELECT COALESCE(MIN(published_us), 0), COALESCE(MAX(published_us), 0) FROM items WHERE revision > 0").Scan(&oldest, &newest)
	return moment(oldest), moment(newest), err
}

// ArchiveWishes returns how often people asked to build the archive anew, how
// many months it keeps (0 for all), and the newest revision of an item.
func (s *Store) ArchiveWishes(ctx context.Context) (wish int64, months int, newest int64, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT (SELECT value FROM counters WHERE name = 'archive.wish'),
		(SELECT value FROM counters WHERE name = 'archive.months'), (SELECT value FROM counters WHERE name = 'item.revision')`).Scan(&wish, &months, &newest)
	return wish, months, newest, err
}

// WishReindex asks all processes to build their archives anew.
// Errors: Forbidden.
func (s *Store) WishReindex(ctx context.Context, by rights.Actor, now time.Time) error {
	if !by.IsSystem() && !by.Can(rights.ManageArchive) {
		return errs.New(errs.Forbidden, "Перестраивать архив может администратор.")
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		_, err := tx.take(ctx, "archive.wish", 1)
		return err
	})
}

// maxMonths bounds the setting.
const maxMonths = 240

// KeepMonths sets how many months the archive keeps, 0 for all. The base keeps
// everything. Months that come back into view need the archive built anew,
// which this asks for. Errors: Forbidden, Invalid.
func (s *Store) KeepMonths(ctx context.Context, by rights.Actor, months int, now time.Time) error {
	if !by.Can(rights.ManageArchive) {
		return errs.New(errs.Forbidden, "Срок хранения архива меняет администратор.")
	}
	if months < 0 || months > maxMonths {
		return errs.Newf(errs.Invalid, "Срок хранения — от 1 до %d месяцев, 0 — хранить всё.", maxMonths)
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		var was int
		if err := tx.QueryRowContext(ctx, "SELECT value FROM counters WHERE name = 'archive.months'").Scan(&was); err != nil || was == months {
			return err
		}
		if _, err := tx.exec(ctx, "UPDATE counters SET value = $1 WHERE name = 'archive.months'", months); err != nil {
			return err
		}
		if was != 0 && (months == 0 || months > was) {
			_, err := tx.take(ctx, "archive.wish", 1)
			return err
		}
		return nil
	})
}

// KeepArchiveCheck writes what a check found, and forgets those of a year ago.
func (s *Store) KeepArchiveCheck(ctx context.Context, c finding.Check, now time.Time) error {
	months, err := json.Marshal(c.Months)
	if err != nil {
		return err
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		id, err := newID()
		if err != nil {
			return err
		}
		if _, err := tx.exec(ctx, "DELETE FROM archive_checks WHERE begun_us < $1", micros(now.AddDate(-1, 0, 0))); err != nil {
			return err
		}
		_, err = tx.exec(ctx, `INSERT INTO archive_checks (id, node, begun_us, ended_us, items, missing, stale, extra, months, trouble)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, id, c.Node, micros(c.Begun), micros(c.Ended), c.Items, c.Missing, c.Stale, c.Extra, string(months), clean(c.Trouble))
		return err
	})
}

const checkColumns = "SELECT node, begun_us, ended_us, items, missing, stale, extra, months, trouble FROM archive_checks"

func scanCheck(r *sql.Rows) (finding.Check, error) {
	var c finding.Check
	var begun, ended int64
	var months string
	if err := r.Scan(&c.Node, &begun, &ended, &c.Items, &c.Missing, &c.Stale, &c.Extra, &months, &c.Trouble); err != nil {
		return c, err
	}
	c.Begun, c.Ended = moment(begun), moment(ended)
	return c, json.Unmarshal([]byte(months), &c.Months)
}

// ArchiveChecks returns the newest checks.
func (s *Store) ArchiveChecks(ctx context.Context, limit int) ([]finding.Check, error) {
	return collect(ctx, s.read, scanCheck, checkColumns+" ORDER BY begun_us DESC, id DESC LIMIT $1", limit)
}

// archiveFacts are the last check of each machine, of those that have checked
// within two nights.
func (s *Store) archiveFacts(ctx context.Context, now time.Time) ([]finding.Check, error) {
	const memory = 49 * time.Hour
	return collect(ctx, s.read, scanCheck, checkColumns+` AS a WHERE a.begun_us > $1
		AND NOT EXISTS (SELECT 1 FROM archive_checks b WHERE b.node = a.node AND (b.begun_us > a.begun_us OR b.begun_us = a.begun_us AND b.id > a.id))
		ORDER BY a.node`, micros(now.Add(-memory)))
}

// FoundItems returns items by their ids, in the order of the ids; those that
// are gone are left out.
func (s *Store) FoundItems(ctx context.Context, ids []string) ([]finding.Item, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	q := &query{}
	list := listed(q, ids)
	rows, err := collect(ctx, s.read, func(r *sql.Rows) (finding.Item, error) {
		var f finding.Item
		var err error
		f.Message, _, f.DeletedAt, err = scanItem(r.Scan, &f.ID, &f.SourceID, &f.Source, &f.CaseNumber, &f.Topic, &f.Versions)
		return f, err
	}, "SELECT "+itemColumns+`, i.id, i.source_id, s.title, COALESCE(c.number, 0),
		COALESCE((SELECT t.name FROM topics t WHERE t.id = `+topicOfItem+`), ''),
		(SELECT COUNT(*) FROM item_versions v WHERE v.item_id = i.id)
		FROM items i JOIN sources s ON s.id = i.source_id LEFT JOIN case_items x ON x.item_id = i.id LEFT JOIN cases c ON c.id = x.case_id
		WHERE i.id IN `+list, q.args...)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]finding.Item, len(rows))
	for _, f := range rows {
		byID[f.ID] = f
	}
	out := make([]finding.Item, 0, len(rows))
	for _, id := range ids {
		if f, ok := byID[id]; ok {
			out = append(out, f)
		}
	}
	return out, nil
}

// FoundItem returns one item with all texts that it ever had, the oldest first.
// Errors: NotFound.
func (s *Store) FoundItem(ctx context.Context, id string) (finding.Item, []incidents.Version, error) {
	list, err := s.FoundItems(ctx, []string{id})
	if err == nil && len(list) == 0 {
		err = errs.New(errs.NotFound, "Такого сообщения нет в базе. Начните поиск заново.")
	}
	if err != nil {
		return finding.Item{}, nil, err
	}
	rows, err := collect(ctx, s.read, scanVersion, "SELECT v.item_id, v.body, v.edited_us, v.seen_us FROM item_versions v WHERE v.item_id = $1 ORDER BY v.version", id)
	versions := make([]incidents.Version, len(rows))
	for i, r := range rows {
		versions[i] = r.version
	}
	return list[0], versions, err
}
