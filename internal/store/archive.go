package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"otklik/incidents"
	"otklik/internal/errs"
	"otklik/internal/finding"
	"otklik/internal/records"
	"otklik/internal/rights"
)

const changedColumns = itemColumns + `, i.id, i.source_id, i.revision, COALESCE(x.case_id, ''),
	COALESCE(c.topic_id, (SELECT m.topic_id FROM matches m WHERE m.item_id = i.id ORDER BY m.item_version DESC, m.rank LIMIT 1), '')
	FROM items i LEFT JOIN case_items x ON x.item_id = i.id LEFT JOIN cases c ON c.id = x.case_id`

func scanChanged(r *sql.Rows) (Changed, error) {
	var x Changed
	var err error
	x.Item, _, _, err = scanItem(r.Scan, &x.ID, &x.SourceID, &x.Revision, &x.CaseID, &x.TopicID)
	return x, err
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
		tx.note(by, records.Setting, "setting:archive", map[string]string{"event": "reindex"})
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
		tx.note(by, records.Setting, "setting:archive", map[string]string{"event": "months", "from": itoa(was), "to": itoa(months)})
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
		_, err = tx.exec(ctx, `INSERT INTO archive_checks (id, node, begun_us, ended_us, items, missing, stale, extra, months)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, id, c.Node, micros(c.Begun), micros(c.Ended), c.Items, c.Missing, c.Stale, c.Extra, string(months))
		return err
	})
}

// ArchiveChecks returns the newest checks.
func (s *Store) ArchiveChecks(ctx context.Context, limit int) ([]finding.Check, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (finding.Check, error) {
		var c finding.Check
		var begun, ended int64
		var months string
		if err := r.Scan(&c.Node, &begun, &ended, &c.Items, &c.Missing, &c.Stale, &c.Extra, &months); err != nil {
			return c, err
		}
		c.Begun, c.Ended = moment(begun), moment(ended)
		return c, json.Unmarshal([]byte(months), &c.Months)
	}, "SELECT node, begun_us, ended_us, items, missing, stale, extra, months FROM archive_checks ORDER BY begun_us DESC, id DESC LIMIT $1", limit)
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
		COALESCE((SELECT t.name FROM topics t WHERE t.id = COALESCE(c.topic_id, (SELECT m.topic_id FROM matches m WHERE m.item_id = i.id ORDER BY m.item_version DESC, m.rank LIMIT 1))), ''),
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

// SaveSearch keeps a search of a person; one of the same name is replaced.
// Errors: Invalid.
func (s *Store) SaveSearch(ctx context.Context, by rights.Actor, x finding.Saved, now time.Time) (string, error) {
	const most, longest = 50, 80
	x.Name = strings.TrimSpace(clean(x.Name))
	if x.Name == "" || len([]rune(x.Name)) > longest {
		return "", errs.Newf(errs.Invalid, "Назовите поиск: от 1 до %d знаков.", longest)
	}
	var id string
	err := s.inTx(ctx, now, func(tx *Tx) error {
		err := tx.QueryRowContext(ctx, "SELECT id FROM saved_searches WHERE owner_id = $1 AND name = $2", by.ID, x.Name).Scan(&id)
		if err == nil {
			_, err = tx.exec(ctx, "UPDATE saved_searches SET query = $2, shared = $3 WHERE id = $1", id, x.Query, flag(x.Shared))
			return errors.Join(err, tx.bump(ctx, "searches"))
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		var have int
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM saved_searches WHERE owner_id = $1", by.ID).Scan(&have); err != nil {
			return err
		}
		if have >= most {
			return errs.Newf(errs.Invalid, "Сохранённых поисков уже %d. Удалите ненужные.", have)
		}
		if id, err = newID(); err != nil {
			return err
		}
		_, err = tx.exec(ctx, `INSERT INTO saved_searches (id, owner_id, owner_name, name, query, shared, created_us) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			id, by.ID, by.Name, x.Name, x.Query, flag(x.Shared), tx.us)
		if err != nil {
			return err
		}
		return tx.bump(ctx, "searches")
	})
	return id, err
}

// ForgetSearch removes a search of a person. Errors: NotFound.
func (s *Store) ForgetSearch(ctx context.Context, by rights.Actor, id string, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		n, err := tx.exec(ctx, "DELETE FROM saved_searches WHERE id = $1 AND owner_id = $2", id, by.ID)
		if err == nil && n == 0 {
			return errs.New(errs.NotFound, "Такого поиска нет среди ваших. Общий поиск удаляет тот, кто его сохранил.")
		}
		if err != nil {
			return err
		}
		return tx.bump(ctx, "searches")
	})
}

// SavedSearches lists those that a person may use, with what is new in them.
func (s *Store) SavedSearches(ctx context.Context, personID string) ([]finding.Saved, error) {
	return collect(ctx, s.read, scanSaved, `SELECT s.id, s.owner_id, s.owner_name, s.name, s.query, s.shared,
		(SELECT COUNT(*) FROM saved_hits h WHERE h.search_id = s.id
			AND h.found_us > COALESCE((SELECT l.seen_us FROM saved_looks l WHERE l.search_id = s.id AND l.person_id = $1), s.created_us))
		FROM saved_searches s WHERE s.owner_id = $1 OR s.shared = 1 ORDER BY s.name, s.id`, personID)
}

func scanSaved(r *sql.Rows) (finding.Saved, error) {
	var x finding.Saved
	var shared int
	err := r.Scan(&x.ID, &x.OwnerID, &x.OwnerName, &x.Name, &x.Query, &shared, &x.New)
	x.Shared = shared == 1
	return x, err
}

// LookAtSearch notes that a person has seen what a saved search found.
func (s *Store) LookAtSearch(ctx context.Context, personID, id string, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		_, err := tx.exec(ctx, `INSERT INTO saved_looks (search_id, person_id, seen_us)
			SELECT s.id, $2, CAST($3 AS BIGINT) FROM saved_searches s WHERE s.id = $1 AND (s.owner_id = $2 OR s.shared = 1)
			ON CONFLICT (search_id, person_id) DO UPDATE SET seen_us = excluded.seen_us`, id, personID, tx.us)
		return err
	})
}

// WatchedSearches returns all saved searches with a revision that grows when
// they change, and up to which revision of items they have been asked.
func (s *Store) WatchedSearches(ctx context.Context) (list []finding.Saved, revision, upTo int64, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT (SELECT value FROM counters WHERE name = 'rev.searches'),
		(SELECT value FROM counters WHERE name = 'archive.watched')`).Scan(&revision, &upTo)
	if err != nil {
		return nil, 0, 0, err
	}
	list, err = collect(ctx, s.read, scanSaved, "SELECT id, owner_id, owner_name, name, query, shared, 0 FROM saved_searches ORDER BY id")
	return list, revision, upTo, err
}

// SearchHit is an item that a saved search found as it came in.
type SearchHit struct{ SearchID, ItemID string }

// KeepSearchHits notes what saved searches found up to a revision of items, each
// once, and forgets what is older than a quarter of a year.
func (s *Store) KeepSearchHits(ctx context.Context, hits []SearchHit, upTo int64, now time.Time) error {
	const kept = 90 * 24 * time.Hour
	return s.inTx(ctx, now, func(tx *Tx) error {
		for _, h := range hits {
			_, err := tx.exec(ctx, `INSERT INTO saved_hits (search_id, item_id, found_us)
				SELECT s.id, $2, CAST($3 AS BIGINT) FROM saved_searches s WHERE s.id = $1 ON CONFLICT DO NOTHING`, h.SearchID, h.ItemID, tx.us)
			if err != nil {
				return err
			}
		}
		if _, err := tx.exec(ctx, "DELETE FROM saved_hits WHERE found_us < $1", micros(now.Add(-kept))); err != nil {
			return err
		}
		_, err := tx.exec(ctx, "UPDATE counters SET value = $1 WHERE name = 'archive.watched' AND value < $1", upTo)
		return err
	})
}
