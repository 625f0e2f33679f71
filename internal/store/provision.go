package store

import (
	"context"
	"database/sql"
	"reflect"
	"slices"
	"strings"
	"time"

	"otklik/internal/sources"
)

// Provision makes the registry name exactly the pages of the file of settings,
// beside those that people have connected: it takes over a page whoever put it
// there before, and retires those of the file that are not named any more; what
// was collected stays. A page under another name is the same page if it has the
// number or the bot of one that the file named before: its cases, answers and
// cursor stay with it.
//
// The keys of the given sources are fingerprints only. seal is given the keys
// that a source has, and returns those that it shall have. What is as it should
// be is left alone, so that starting one process disturbs no other.
// Errors: Conflict when a page clashes with another one, and nothing is changed.
func (s *Store) Provision(ctx context.Context, file []sources.Source, now time.Time, seal func(i int, id string, had []sources.Key) ([]sources.Key, error)) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		if _, err := tx.exec(ctx, "UPDATE counters SET value = value WHERE name = 'rev.pages'"); err != nil {
			return err
		}
		rows, err := tx.provisioned(ctx, file)
		if err != nil {
			return err
		}
		if err := tx.retire(ctx, rows); err != nil {
			return err
		}
		var changed []sources.Source
		for i, had := range rows {
			want := merged(file[i], had)
			if want.Keys, err = seal(i, had.ID, had.Keys); err != nil {
				return err
			}
			slices.SortFunc(want.Keys, func(a, b sources.Key) int { return strings.Compare(string(a.Kind), string(b.Kind)) })
			if reflect.DeepEqual(want, had) {
				continue
			}
			if err := tx.provide(ctx, had, want); err != nil {
				return err
			}
			changed = append(changed, want)
		}
		return tx.settled(ctx, changed)
	})
}

// settled refuses what clashes, when all of the file is in its place.
func (tx *Tx) settled(ctx context.Context, changed []sources.Source) error {
	if len(changed) == 0 {
		return nil
	}
	connected, err := registry(ctx, tx, " WHERE s.active = 1")
	if err != nil {
		return err
	}
	for _, x := range changed {
		if err := sources.Clash(connected, x); err != nil {
			return err
		}
	}
	return tx.bump(ctx, "pages")
}

// provisioned are the rows of the sources as they stand, made where they are
// not there.
func (tx *Tx) provisioned(ctx context.Context, file []sources.Source) ([]sources.Source, error) {
	list, err := registry(ctx, tx, "")
	if err != nil {
		return nil, err
	}
	rows := make([]sources.Source, len(file))
	taken := map[string]bool{}
	find := func(same func(x, row sources.Source) bool) {
		for i, x := range file {
			at := slices.IndexFunc(list, func(row sources.Source) bool { return !taken[row.ID] && same(x, row) })
			if rows[i].ID == "" && at >= 0 {
				rows[i], taken[list[at].ID] = list[at], true
			}
		}
	}
	// All names come first: two pages of the file may have exchanged their bots.
	find(func(x, row sources.Source) bool {
		return row.Kind.Network() == x.Kind.Network() && row.ExternalID == x.ExternalID
	})
	find(renamed)
	for i, x := range file {
		if rows[i].ID != "" {
			continue
		}
		if err := tx.place(ctx, &x); err != nil {
			return nil, err
		}
		made, err := registry(ctx, tx, " WHERE s.id = $1", x.ID)
		if err != nil {
			return nil, err
		}
		rows[i] = made[0]
	}
	return rows, nil
}

// renamed says that a page of the file is a row under another name.
func renamed(x, row sources.Source) bool {
	if row.Origin != sources.FromFile || row.Removed || row.Kind != x.Kind {
		return false
	}
	if x.Settings.ChannelID != 0 && x.Settings.ChannelID == row.Settings.ChannelID {
		return true
	}
	bot, has := x.Key(sources.BotKey)
	former, had := row.Key(sources.BotKey)
	return has && had && bot.Fingerprint != "" && bot.Fingerprint == former.Fingerprint
}

// merged is a page as the file wants it, with what the network has told of it,
// which is worth more than what stands in for it.
func merged(x, had sources.Source) sources.Source {
	x.ID, x.Abilities = had.ID, had.Abilities
	if x.Settings.Title == "" && had.Title != "" {
		x.Title = had.Title
	}
	if had.URL != "" {
		x.URL = had.URL
	}
	// The number outlives a name, unless another name was written: then the
	// network is asked for that.
	if x.ExternalID == had.ExternalID && had.Settings.ChannelID != 0 {
		x.Settings.ChannelID, x.Settings.Seen = had.Settings.ChannelID, had.Settings.Seen
	}
	x.Paused = had.Paused && had.Origin == sources.FromFile
	return x
}

// provide writes one page of the file, whose streams go on under its name.
func (tx *Tx) provide(ctx context.Context, had, want sources.Source) error {
	if want.ExternalID != had.ExternalID {
		if err := tx.rename(ctx, had, want); err != nil {
			return err
		}
	}
	if err := tx.newKeys(ctx, had, want); err != nil {
		return err
	}
	return tx.putSource(ctx, want)
}

func (tx *Tx) rename(ctx context.Context, had, want sources.Source) error {
	if _, err := tx.exec(ctx, "UPDATE sources SET external_id = $2 WHERE id = $1", want.ID, want.ExternalID); err != nil {
		return err
	}
	names, err := collect(ctx, tx, func(r *sql.Rows) (string, error) {
		var name string
		return name, r.Scan(&name)
	}, "SELECT name FROM streams WHERE source_id = $1", want.ID)
	if err != nil {
		return err
	}
	for _, name := range names {
		part, ok := strings.CutPrefix(name, had.Stream(""))
		if !ok {
			continue
		}
		for _, q := range []string{"UPDATE streams SET name = $2 WHERE name = $1", "UPDATE updates SET stream = $2 WHERE stream = $1"} {
			if _, err := tx.exec(ctx, q, name, want.Stream(part)); err != nil {
				return err
			}
		}
	}
	return nil
}

// retire marks the sources of the file that it does not name any more, and
// forgets their keys.
func (tx *Tx) retire(ctx context.Context, keep []sources.Source) error {
	q := &query{}
	q.and("origin = " + q.arg(string(sources.FromFile)) + " AND active = 1")
	for _, x := range keep {
		q.and("id <> " + q.arg(x.ID))
	}
	n, err := tx.exec(ctx, "UPDATE sources SET active = 0"+q.clause(), q.args...)
	if err != nil || n == 0 {
		return err
	}
	if _, err := tx.exec(ctx, "DELETE FROM source_keys WHERE source_id IN (SELECT id FROM sources WHERE active = 0)"); err != nil {
		return err
	}
	if err := tx.bump(ctx, "pages"); err != nil {
		return err
	}
	return tx.bump(ctx, "sources")
}
