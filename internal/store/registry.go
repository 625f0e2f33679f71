package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"otklik/collectors"
	"otklik/internal/errs"
	"otklik/internal/sources"
)

// sourceColumns are a source as scanRegistered reads it.
const sourceColumns = "s.id, s.kind, s.external_id, s.title, s.url, s.settings, s.abilities, s.origin, s.paused, s.active"

// Registry returns all sources in use with their keys.
func (s *Store) Registry(ctx context.Context) ([]sources.Source, error) {
	return registry(ctx, s.read, " WHERE s.active = 1")
}

// RegisteredSource returns one source with its keys. Errors: NotFound.
func (s *Store) RegisteredSource(ctx context.Context, id string) (sources.Source, error) {
	return oneSource(ctx, s.read, id)
}

func oneSource(ctx context.Context, q querier, id string) (sources.Source, error) {
	list, err := registry(ctx, q, " WHERE s.id = $1 AND s.active = 1", id)
	if err == nil && len(list) == 0 {
		err = errs.New(errs.NotFound, "Такого источника нет: возможно, его отключили. Откройте список источников.")
	}
	if err != nil {
		return sources.Source{}, err
	}
	return list[0], nil
}

func registry(ctx context.Context, q querier, where string, args ...any) ([]sources.Source, error) {
	list, err := collect(ctx, q, scanRegistered, "SELECT "+sourceColumns+" FROM sources s"+where+" ORDER BY s.id", args...)
	if err != nil {
		return nil, err
	}
	type owned struct {
		source string
		key    sources.Key
	}
	keys, err := collect(ctx, q, func(r *sql.Rows) (owned, error) {
		k, id, err := scanKey(r)
		return owned{id, k}, err
	}, "SELECT "+keyColumns+" FROM source_keys k JOIN sources s ON s.id = k.source_id"+where+" ORDER BY k.kind", args...)
	for _, k := range keys {
		for i := range list {
			if list[i].ID == k.source {
				list[i].Keys = append(list[i].Keys, k.key)
			}
		}
	}
	return list, err
}

func scanRegistered(r *sql.Rows) (sources.Source, error) {
	var x sources.Source
	var settings, abilities string
	var active int
	if err := r.Scan(&x.ID, &x.Kind, &x.ExternalID, &x.Title, &x.URL, &settings, &abilities, &x.Origin, &x.Paused, &active); err != nil {
		return x, err
	}
	x.Removed = active == 0
	return x, errors.Join(json.Unmarshal([]byte(settings), &x.Settings), json.Unmarshal([]byte(abilities), &x.Abilities))
}

const keyColumns = "k.source_id, k.kind, k.sealed, k.master_id, k.fingerprint, k.set_by, k.set_name, k.set_us, k.expires_us, k.checked_us, k.abilities, k.trouble"

func scanKey(r *sql.Rows) (sources.Key, string, error) {
	var k sources.Key
	var id, abilities string
	var set, expires, checked int64
	err := r.Scan(&id, &k.Kind, &k.Sealed.Text, &k.Sealed.MasterID, &k.Fingerprint, &k.SetBy, &k.SetByName, &set, &expires, &checked, &abilities, &k.Trouble)
	if err != nil {
		return k, id, err
	}
	k.SetAt, k.ExpiresAt, k.CheckedAt = moment(set), moment(expires), moment(checked)
	return k, id, json.Unmarshal([]byte(abilities), &k.Abilities)
}

// Connect puts a source with its keys into the registry, or brings back one that
// was removed, and returns it with its id. seal is given the id that the keys
// are bound to. Errors: Conflict when it clashes with one that is connected.
func (s *Store) Connect(ctx context.Context, x sources.Source, now time.Time, seal func(id string) ([]sources.Key, error)) (sources.Source, error) {
	err := s.inTx(ctx, now, func(tx *Tx) error {
		// The counter's row lets one at a time change the registry.
		if err := tx.bump(ctx, "pages"); err != nil {
			return err
		}
		if err := tx.place(ctx, &x); err != nil {
			return err
		}
		keys, err := seal(x.ID)
		if err != nil {
			return err
		}
		x.Keys = keys
		connected, err := registry(ctx, tx, " WHERE s.active = 1")
		if err != nil {
			return err
		}
		if err := sources.Clash(connected, x); err != nil {
			return err
		}
		return tx.putSource(ctx, x)
	})
	return x, err
}

// place finds the row of a source that was here before, or makes one that is
// not in use yet.
func (tx *Tx) place(ctx context.Context, x *sources.Source) error {
	id, err := newID()
	if err != nil {
		return err
	}
	network, active := string(x.Kind.Network()), 0
	err = tx.QueryRowContext(ctx, "SELECT id, active FROM sources WHERE network = $1 AND external_id = $2", network, x.ExternalID).Scan(&x.ID, &active)
	if err == nil && active == 1 {
		x.ID = "" // it is connected, which Clash tells with its name
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	x.ID = id
	_, err = tx.exec(ctx, `INSERT INTO sources (id, network, external_id, kind, title, url, active, created_us, covered_us, public)
		VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $7, $8)`, id, network, x.ExternalID, string(x.Kind), x.Title, x.URL, tx.us, flag(x.Kind.Public()))
	return err
}

// putSource writes everything that the registry says of a source.
func (tx *Tx) putSource(ctx context.Context, x sources.Source) error {
	settings, err := json.Marshal(x.Settings)
	if err != nil {
		return err
	}
	abilities, err := json.Marshal(x.Abilities)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `UPDATE sources SET kind = $2, title = $3, url = $4, settings = $5, abilities = $6, origin = $7, paused = $8, active = $9 WHERE id = $1`,
		x.ID, string(x.Kind), x.Title, x.URL, string(settings), string(abilities), string(x.Origin), flag(x.Paused), flag(!x.Removed))
	if err != nil {
		return err
	}
	if _, err := tx.exec(ctx, "DELETE FROM source_keys WHERE source_id = $1", x.ID); err != nil {
		return err
	}
	for _, k := range x.Keys {
		if err := tx.putKey(ctx, x.ID, k); err != nil {
			return err
		}
	}
	return tx.bump(ctx, "sources")
}

func (tx *Tx) putKey(ctx context.Context, id string, k sources.Key) error {
	abilities, err := json.Marshal(k.Abilities)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO source_keys (source_id, kind, sealed, master_id, fingerprint, set_by, set_name, set_us, expires_us, checked_us, abilities, trouble)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		id, string(k.Kind), k.Sealed.Text, k.Sealed.MasterID, k.Fingerprint, k.SetBy, k.SetByName, micros(k.SetAt),
		micros(k.ExpiresAt), micros(k.CheckedAt), string(abilities), k.Trouble)
	return err
}

// ChangeSource lets decide change a source of the registry and its keys, which
// go with a source that is removed. Errors: NotFound, and those of decide.
func (s *Store) ChangeSource(ctx context.Context, id string, now time.Time, decide func(*sources.Source) error) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		if err := tx.bump(ctx, "pages"); err != nil {
			return err
		}
		x, err := oneSource(ctx, tx, id)
		if err != nil {
			return err
		}
		had := x
		had.Keys = slices.Clone(x.Keys)
		if err := decide(&x); err != nil {
			return err
		}
		connected, err := registry(ctx, tx, " WHERE s.active = 1")
		if err != nil {
			return err
		}
		if err := sources.Clash(connected, x); err != nil {
			return err
		}
		if x.Removed {
			x.Keys = nil
		}
		return errors.Join(tx.newKeys(ctx, had, x), tx.putSource(ctx, x))
	})
}

// newKeys takes the troubles of a source's streams away when its keys have
// changed, because they were about the former ones. What a key was able to do
// that a person took away is not missed.
func (tx *Tx) newKeys(ctx context.Context, had, has sources.Source) error {
	same := func(a, b sources.Key) bool {
		return a.Kind == b.Kind && a.Fingerprint == b.Fingerprint && a.SetAt.Equal(b.SetAt)
	}
	if slices.EqualFunc(had.Keys, has.Keys, same) {
		return nil
	}
	for _, k := range had.Keys {
		if _, kept := has.Key(k.Kind); kept {
			continue
		}
		if _, err := tx.exec(ctx, "DELETE FROM abilities_seen WHERE source_id = $1", has.ID); err != nil {
			return err
		}
	}
	_, err := tx.exec(ctx, "UPDATE streams SET trouble_kind = '', trouble = '', failing_us = 0, cooling_us = 0 WHERE source_id = $1", has.ID)
	return err
}

// Learned keeps what the network said of a source and its keys, and of a channel
// unless seen is nil. It brings no
// source back that was removed meanwhile, and says nothing of a key that was
// replaced meanwhile.
func (s *Store) Learned(ctx context.Context, x collectors.SourceStatus, seen *sources.Channel, keys []sources.Key, now time.Time) error {
	abilities, err := json.Marshal(x.Abilities)
	if err != nil {
		return err
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		was, err := oneSource(ctx, tx, x.ID)
		if errs.CodeOf(err) == errs.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		if seen != nil {
			was.Settings.ChannelID, was.Settings.Seen = seen.ID, seen
		}
		settings, err := json.Marshal(was.Settings)
		if err != nil {
			return err
		}
		if _, err := tx.exec(ctx, "UPDATE sources SET title = $2, url = $3, abilities = $4, settings = $5 WHERE id = $1",
			x.ID, x.Title, x.URL, string(abilities), string(settings)); err != nil {
			return err
		}
		for _, k := range keys {
			if err := tx.keyLearned(ctx, x.ID, k); err != nil {
				return err
			}
		}
		return tx.bump(ctx, "sources")
	})
}

func (tx *Tx) keyLearned(ctx context.Context, id string, k sources.Key) error {
	abilities, err := json.Marshal(k.Abilities)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, "UPDATE source_keys SET checked_us = $4, abilities = $5, trouble = $6 WHERE source_id = $1 AND kind = $2 AND fingerprint = $3",
		id, string(k.Kind), k.Fingerprint, tx.us, string(abilities), k.Trouble)
	return err
}

// Reseal replaces the sealed form of a key by another one of the same key,
// unless somebody has changed it since it was read.
func (s *Store) Reseal(ctx context.Context, sourceID string, was sources.Key, now time.Time, sealed, masterID string) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		_, err := tx.exec(ctx, "UPDATE source_keys SET sealed = $4, master_id = $5 WHERE source_id = $1 AND kind = $2 AND sealed = $3",
			sourceID, string(was.Kind), was.Sealed.Text, sealed, masterID)
		return err
	})
}

// MasterIDs counts the keys that each master key has sealed.
func (s *Store) MasterIDs(ctx context.Context) (map[string]int, error) {
	type use struct {
		id string
		n  int
	}
	list, err := collect(ctx, s.read, func(r *sql.Rows) (use, error) {
		var x use
		return x, r.Scan(&x.id, &x.n)
	}, "SELECT master_id, COUNT(*) FROM source_keys GROUP BY master_id")
	out := map[string]int{}
	for _, x := range list {
		out[x.id] = x.n
	}
	return out, err
}

// Salt returns random bytes that are this database's own from its first day on.
func (s *Store) Salt(ctx context.Context, now time.Time) ([]byte, error) {
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // never fails
	var text string
	err := s.inTx(ctx, now, func(tx *Tx) error {
		if _, err := tx.exec(ctx, "INSERT INTO constants (name, value) VALUES ('salt', $1) ON CONFLICT DO NOTHING", hex.EncodeToString(fresh)); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, "SELECT value FROM constants WHERE name = 'salt'").Scan(&text)
	})
	if err != nil {
		return nil, err
	}
	return hex.DecodeString(text)
}
