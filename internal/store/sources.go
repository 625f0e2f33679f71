package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"otklik/collectors"
	"otklik/internal/social"
)

// EnsureSource makes the source known, or updates what is said of it, and
// returns its id. A source is one by its network and its id there.
func (s *Store) EnsureSource(ctx context.Context, x collectors.SourceStatus, externalID string, now time.Time) (string, error) {
	abilities, err := json.Marshal(x.Abilities)
	if err != nil {
		return "", err
	}
	id, err := newID()
	if err != nil {
		return "", err
	}
	err = s.inTx(ctx, now, func(tx *Tx) error {
		return tx.QueryRowContext(ctx, `INSERT INTO sources (id, network, external_id, kind, title, url, abilities, active, created_us, covered_us, public)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8, $9)
			ON CONFLICT (network, external_id) DO UPDATE SET kind = excluded.kind, title = excluded.title, url = excluded.url,
			abilities = excluded.abilities, public = excluded.public, active = 1 RETURNING id`,
			id, string(x.Network), externalID, x.Kind, x.Title, x.URL, string(abilities), tx.us, flag(x.Public)).Scan(&id)
	})
	return id, err
}

// EnsureStream makes a stream of a source known.
func (s *Store) EnsureStream(ctx context.Context, stream collectors.Stream, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		_, err := tx.exec(ctx, `INSERT INTO streams (name, source_id, history) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET history = excluded.history`, stream.Name, stream.SourceID, flag(stream.History))
		return err
	})
}

// streamRow is how one stream of a source stands.
type streamRow struct {
	source   string
	complete int64
	fetched  int64
	kind     string
	trouble  string
	failing  int64
	cooling  int64
	progress string
	due      int64
	history  bool
	share    int64
}

// Sources returns how every source in use is.
func (s *Store) Sources(ctx context.Context, now time.Time) ([]collectors.SourceStatus, error) {
	hour := micros(now.Add(-time.Hour))
	list, err := collect(ctx, s.read, scanSource, `SELECT s.id, s.network, s.title, s.kind, s.url, s.abilities, s.paused, s.created_us, s.covered_us, s.public,
		s.items, (SELECT COUNT(*) FROM items i WHERE i.source_id = s.id AND i.seen_us > $1 AND i.published_us > $1),
		(SELECT COUNT(*) FROM updates u JOIN streams t ON t.name = u.stream WHERE t.source_id = s.id AND u.broken <> '')
		FROM sources s WHERE s.active = 1 ORDER BY s.network DESC, s.title`, hour)
	if err != nil {
		return nil, err
	}
	streams, err := collect(ctx, s.read, func(r *sql.Rows) (streamRow, error) {
		var x streamRow
		return x, r.Scan(&x.source, &x.complete, &x.fetched, &x.kind, &x.trouble, &x.failing, &x.cooling, &x.progress, &x.history, &x.share, &x.due)
	}, "SELECT source_id, complete_us, fetched_us, trouble_kind, trouble, failing_us, cooling_us, progress, history = 1, share, due_us FROM streams ORDER BY name")
	if err != nil {
		return nil, err
	}
	wishes, err := s.wishes(ctx)
	if err != nil {
		return nil, err
	}
	gaps, err := s.recentGaps(ctx, now)
	if err != nil {
		return nil, err
	}
	for i := range list {
		for _, st := range streams {
			if st.source == list[i].ID {
				list[i] = withStream(list[i], st)
			}
		}
		if h := list[i].History; h != nil {
			h.Wish = wishes[list[i].ID]
		}
		list[i].Gaps = gaps[list[i].ID]
		for j := range list[i].Gaps {
			// What no stream lists will never be filled.
			g := &list[i].Gaps[j]
			g.Hopeless = g.FilledAt.IsZero() && (g.Hopeless || list[i].History == nil)
		}
		list[i].State = judge(list[i], now)
	}
	return list, nil
}

func scanSource(r *sql.Rows) (collectors.SourceStatus, error) {
	var x collectors.SourceStatus
	var network, abilities string
	var since, covered int64
	var public int
	err := r.Scan(&x.ID, &network, &x.Title, &x.Kind, &x.URL, &abilities, &x.Paused, &since, &covered, &public, &x.Items, &x.LastHour, &x.Broken)
	if err != nil {
		return x, err
	}
	x.Public = public == 1
	x.Network, x.Since, x.CoveredFrom = social.Network(network), moment(since), moment(covered)
	return x, json.Unmarshal([]byte(abilities), &x.Abilities)
}

// withStream adds one stream's word to what is said of its source. The live
// stream says up to when the source is complete; any stream may be in trouble.
func withStream(x collectors.SourceStatus, st streamRow) collectors.SourceStatus {
	if t := moment(st.complete); t.After(x.CompleteTo) {
		x.CompleteTo = t
	}
	if t := moment(st.due); t.After(x.DueAt) {
		x.DueAt = t
	}
	denied := st.kind == string(collectors.Denied)
	if st.trouble != "" && (x.Trouble == "" || denied && x.State != collectors.Sick) {
		x.Trouble, x.FailingSince = st.trouble, moment(st.failing)
	}
	if denied {
		x.State, x.Refused = collectors.Sick, true
	}
	if t := moment(st.cooling); t.After(x.CoolingUntil) {
		x.CoolingUntil = t
	}
	if st.progress != "" {
		x.Progress = st.progress
	}
	if st.history {
		x.History = &collectors.HistoryStatus{Reading: st.progress != "", Share: float64(st.share) / shareUnit}
	}
	return x
}

// judge finds the one word for a source. Two minutes is well above every
// network's own waiting time, so a source that is quiet for longer is behind; one
// that is read by plan is so only when its time has passed.
func judge(x collectors.SourceStatus, now time.Time) collectors.SourceState {
	const late = 2 * time.Minute
	switch {
	case x.Paused:
		return collectors.Held
	case x.State == collectors.Sick:
		return collectors.Sick
	case x.CompleteTo.IsZero():
		if x.Trouble != "" {
			return collectors.Sick
		}
		return collectors.Silent
	case now.Sub(x.CompleteTo) > late && now.Sub(x.DueAt) > late:
		return collectors.Lagging
	}
	for _, g := range x.Gaps {
		if g.FilledAt.IsZero() {
			return collectors.Gapped
		}
	}
	return collectors.Healthy
}

// gapsShown is how many gaps of a source are told of, the newest.
const gapsShown = 200

// recentGaps returns the gaps of the last day by source, oldest first.
func (s *Store) recentGaps(ctx context.Context, now time.Time) (map[string][]collectors.SourceGap, error) {
	type row struct {
		source string
		gap    collectors.SourceGap
	}
	list, err := collect(ctx, s.read, func(r *sql.Rows) (row, error) {
		var x row
		var from, to, filled int64
		err := r.Scan(&x.source, &from, &to, &x.gap.Reason, &filled, &x.gap.Hopeless)
		x.gap.From, x.gap.To, x.gap.FilledAt = moment(from), moment(to), moment(filled)
		return x, err
	}, `SELECT g.source_id, g.from_us, g.to_us, g.reason, g.filled_us, g.beyond = 1 FROM sources s JOIN gaps g ON g.source_id = s.id
		WHERE s.active = 1 AND g.to_us > $1 AND g.to_us > g.from_us ORDER BY g.from_us`, micros(now.Add(-24*time.Hour)))
	out := map[string][]collectors.SourceGap{}
	for _, x := range list {
		if known := out[x.source]; len(known) == gapsShown {
			out[x.source] = append(known[1:], x.gap)
		} else {
			out[x.source] = append(known, x.gap)
		}
	}
	return out, err
}

// health sums up what the rail shows: how many sources need a person, and up to
// when all of them are complete. What somebody has paused needs nobody.
func health(list []collectors.SourceStatus) (int, time.Time) {
	var sick, own int
	var complete time.Time
	for _, x := range list {
		if x.State == collectors.Held {
			continue
		}
		if x.State == collectors.Sick {
			sick++
		}
		if x.Public {
			continue // it is asked by plan, so that its word is older
		}
		if own++; own == 1 || x.CompleteTo.Before(complete) {
			complete = x.CompleteTo
		}
	}
	return sick, complete
}
