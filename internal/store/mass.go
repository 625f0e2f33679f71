package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"otklik/incidents"
	"otklik/incidents/mass"
	"otklik/index/places"
	"otklik/internal/detect"
	"otklik/internal/errs"
	"otklik/internal/rights"
)

const incidentColumns = `n.id, n.number, n.version, n.state, n.title, n.topic_id, n.place_id, n.place, n.path, n.draft, n.by_id, n.by_name, n.why,
	n.opened_us, n.grew_us, n.closed_us, n.into_no`

func scanIncident(scan func(...any) error, more ...any) (mass.Incident, error) {
	var i mass.Incident
	var path string
	var opened, grew, closed int64
	err := scan(append([]any{
		&i.ID, &i.Number, &i.Version, &i.State, &i.Title, &i.TopicID, &i.Place.ID, &i.Place.Title, &path, &i.Draft, &i.ByID, &i.ByName, &i.Why,
		&opened, &grew, &closed, &i.Into,
	}, more...)...)
	if err != nil {
		return i, err
	}
	i.OpenedAt, i.GrewAt, i.ClosedAt = moment(opened), moment(grew), moment(closed)
	return i, json.Unmarshal([]byte(path), &i.Place.Path)
}

// gatherAfter is how old a message may be to be part of what is going on.
const gatherAfter = 24 * time.Hour

// gather counts a case that was just opened and lets it join the incident of
// its topic and place, or begins one when complaints have become many.
func (tx *Tx) gather(ctx context.Context, itemID string, place detect.Place) error {
	var c gathered
	var network, author string
	var written int64
	err := tx.QueryRowContext(ctx, `SELECT c.id, c.number, c.topic_id, c.network, c.author_id, i.published_us
		FROM cases c JOIN items i ON i.id = c.item_id WHERE c.item_id = $1`, itemID).Scan(&c.id, &c.number, &c.topic, &network, &author, &written)
	if err != nil {
		return err
	}
	c.author, c.at, c.place = network+" "+author, moment(written), spotOf(place)
	if written == 0 || c.at.After(tx.now) {
		c.at = tx.now
	}
	if err := tx.countHour(ctx, c.topic, c.place, c.at, 1); err != nil {
		return err
	}
	return tx.spot(ctx, c)
}

// gathered is a case by which incidents grow.
type gathered struct {
	id, topic, author string
	number            int64
	place             mass.Place
	at                time.Time // when the message was written
}

func spotOf(p detect.Place) mass.Place {
	return mass.Place{ID: p.Territory, Title: p.Title, Path: p.Path}
}

// spot notes where a case belongs and looks whether that is many by now.
func (tx *Tx) spot(ctx context.Context, c gathered) error {
	if _, err := tx.exec(ctx, "DELETE FROM case_spots WHERE case_id = $1", c.id); err != nil {
		return err
	}
	for _, level := range c.place.Levels() {
		_, err := tx.exec(ctx, "INSERT INTO case_spots (case_id, place_id, topic_id, author, at_us) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
			c.id, level, c.topic, c.author, micros(c.at))
		if err != nil {
			return err
		}
	}
	if tx.now.Sub(c.at) > gatherAfter {
		return nil
	}
	settings, err := massSettings(ctx, tx)
	if err != nil {
		return err
	}
	limits := settings.For(c.topic)
	if limits.Off {
		return nil
	}
	// Whoever decides about members holds this row, so that two do not at once.
	if err := tx.lockIncidents(ctx); err != nil {
		return err
	}
	done, err := tx.joinOpen(ctx, c)
	if err != nil || done {
		return err
	}
	for depth, level := range c.place.Levels() {
		if done, err = tx.beginMass(ctx, c, level, depth, limits); err != nil || done {
			return err
		}
	}
	return nil
}

func (tx *Tx) lockIncidents(ctx context.Context) error {
	_, err := tx.exec(ctx, "UPDATE counters SET value = value WHERE name = 'incident'")
	return err
}

// joinOpen puts a case into the open incident of the most exact place.
func (tx *Tx) joinOpen(ctx context.Context, c gathered) (bool, error) {
	var member int
	err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM mass_cases WHERE case_id = $1", c.id).Scan(&member)
	if err != nil || member > 0 {
		return member > 0, err
	}
	for _, level := range c.place.Levels() {
		i, err := scanIncident(tx.QueryRowContext(ctx, "SELECT "+incidentColumns+` FROM mass_incidents n WHERE n.state = 'open' AND n.topic_id = $1 AND n.place_id = $2
			AND NOT EXISTS (SELECT 1 FROM mass_left x WHERE x.incident_id = n.id AND x.case_id = $3) ORDER BY n.grew_us DESC, n.number LIMIT 1`, c.topic, level, c.id).Scan)
		if errors.Is(err, sql.ErrNoRows) || err == nil && !i.Attracts(tx.now) {
			continue
		}
		if err != nil {
			return false, err
		}
		if err := tx.join(ctx, i, c, rights.System()); err != nil {
			return false, err
		}
		return true, tx.bump(ctx, "incidents")
	}
	return false, nil
}

// beginMass begins an incident in one place if enough people complain there.
func (tx *Tx) beginMass(ctx context.Context, c gathered, level string, depth int, limits mass.Limits) (bool, error) {
	list, err := collect(ctx, tx, func(r *sql.Rows) (gathered, error) {
		x := gathered{topic: c.topic}
		return x, r.Scan(&x.id, &x.number, &x.author)
	}, `SELECT s.case_id, k.number, s.author FROM case_spots s JOIN cases k ON k.id = s.case_id
		WHERE s.topic_id = $1 AND s.place_id = $2 AND s.at_us > $3 AND s.at_us <= $4 AND k.outcome <> 'rejected'
		AND NOT EXISTS (SELECT 1 FROM mass_cases m WHERE m.case_id = s.case_id)
		AND NOT EXISTS (SELECT 1 FROM mass_left x WHERE x.case_id = s.case_id)
		ORDER BY k.number LIMIT 1000`, c.topic, level, micros(c.at.Add(-limits.Window)), micros(c.at))
	if err != nil {
		return false, err
	}
	candidates, numbers := make([]mass.Candidate, len(list)), make([]int64, len(list))
	for i, x := range list {
		candidates[i], numbers[i] = mass.Candidate{CaseID: x.id, Author: x.author}, x.number
	}
	if !limits.Enough(candidates) {
		return false, nil
	}
	i := mass.Incident{TopicID: c.topic}
	if level != "" {
		i.Place = mass.Place{ID: level, Path: c.place.Levels()[depth:]}
		if i.Place.Title, err = tx.placeTitle(ctx, c.place, level); err != nil {
			return false, err
		}
	}
	if i.Title, err = tx.massTitle(ctx, i); err != nil {
		return false, err
	}
	d := mass.Gather(i, numbers, tx.now)
	if d.Incident, err = tx.insertIncident(ctx, d); err != nil {
		return false, err
	}
	for _, x := range list {
		if err := tx.join(ctx, d.Incident, x, rights.System()); err != nil {
			return false, err
		}
	}
	return true, tx.bump(ctx, "incidents")
}

// placeTitle is what people call a place.
func (tx *Tx) placeTitle(ctx context.Context, p mass.Place, level string) (string, error) {
	var x places.Place
	err := tx.QueryRowContext(ctx, "SELECT kind, type, name FROM places WHERE id = $1", level).Scan(&x.Kind, &x.Type, &x.Name)
	switch {
	case errors.Is(err, sql.ErrNoRows) && level == p.ID:
		return p.Title, nil // it left the gazetteer meanwhile
	case errors.Is(err, sql.ErrNoRows):
		return "", nil
	case err != nil:
		return "", err
	}
	return x.Title(), nil
}

func (tx *Tx) massTitle(ctx context.Context, i mass.Incident) (string, error) {
	title := "Одна и та же жалоба"
	err := tx.QueryRowContext(ctx, "SELECT name FROM topics WHERE id = $1", i.TopicID).Scan(&title)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", err
	}
	if i.Place.Title != "" {
		title += ": " + i.Place.Title
	}
	return title, nil
}

func (tx *Tx) insertIncident(ctx context.Context, d mass.Decision) (mass.Incident, error) {
	i := d.Incident
	var err error
	if i.ID, err = newID(); err != nil {
		return i, err
	}
	if i.Number, err = tx.take(ctx, "incident", 1); err != nil {
		return i, err
	}
	path, err := json.Marshal(append([]string{}, i.Place.Path...))
	if err != nil {
		return i, err
	}
	_, err = tx.exec(ctx, `INSERT INTO mass_incidents (id, number, version, state, title, topic_id, place_id, place, path, draft, by_id, by_name, why, opened_us, grew_us, closed_us, into_no)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', $10, $11, '', $12, $13, 0, 0)`,
		i.ID, i.Number, i.Version, string(i.State), clean(i.Title), i.TopicID, i.Place.ID, clean(i.Place.Title), clean(string(path)), i.ByID, i.ByName, micros(i.OpenedAt), micros(i.GrewAt))
	if err != nil {
		return i, err
	}
	return i, tx.addMassEvent(ctx, i.ID, d.Event)
}

func (tx *Tx) addMassEvent(ctx context.Context, id string, ev mass.Event) error {
	cases, err := json.Marshal(append([]int64{}, ev.Cases...))
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO mass_events (incident_id, seq, at_us, actor_id, actor_name, kind, note, cases)
		SELECT $1, COALESCE(MAX(seq), 0) + 1, CAST($2 AS BIGINT), $3, $4, $5, $6, $7 FROM mass_events WHERE incident_id = $1`,
		id, micros(ev.At), ev.ActorID, ev.ActorName, string(ev.Kind), clean(ev.Text), string(cases))
	return err
}

// join makes a case a member; one that is a member already stays where it is.
func (tx *Tx) join(ctx context.Context, i mass.Incident, c gathered, by rights.Actor) error {
	byName := by.Name
	if by.IsSystem() {
		byName = ""
	}
	n, err := tx.exec(ctx, "INSERT INTO mass_cases (case_id, incident_id, author, by_name, added_us) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
		c.id, i.ID, c.author, byName, tx.us)
	if err != nil || n == 0 {
		return err
	}
	if _, err = tx.exec(ctx, "UPDATE mass_incidents SET grew_us = $2 WHERE id = $1 AND grew_us < $2", i.ID, tx.us); err != nil {
		return err
	}
	return tx.noteMembership(ctx, c.id, incidents.EventJoined, i, by)
}

// noteMembership writes into a case's history that it has become a member or is
// none any more. Nothing of the case changes, so its version stays.
func (tx *Tx) noteMembership(ctx context.Context, caseID string, kind incidents.EventKind, i mass.Incident, by rights.Actor) error {
	c, err := tx.lockCase(ctx, caseID)
	if err != nil {
		return err
	}
	return tx.addEvent(ctx, caseID, incidents.Event{
		At: tx.now, ActorID: by.ID, ActorName: by.Name, Kind: kind, Version: c.Version,
		Data: map[string]string{"incident": "№\u00a0" + strconv.FormatInt(i.Number, 10) + " «" + i.Title + "»"},
	})
}

func loadIncident(ctx context.Context, q querier, number int64) (mass.Incident, error) {
	i, err := scanIncident(q.QueryRowContext(ctx, "SELECT "+incidentColumns+" FROM mass_incidents n WHERE n.number = $1", number).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return i, errs.Newf(errs.NotFound, "Массового инцидента № %d нет. Проверьте номер.", number)
	}
	return i, err
}

// massSettings reads from when complaints are a mass incident.
func massSettings(ctx context.Context, q querier) (mass.Settings, error) {
	out := mass.Settings{}
	_, err := collect(ctx, q, func(r *sql.Rows) (string, error) {
		var id string
		var l mass.Limits
		var window int64
		var off int
		err := r.Scan(&id, &l.Authors, &window, &off)
		l.Window, l.Off = time.Duration(window)*time.Microsecond, off == 1
		out[id] = l
		return id, err
	}, "SELECT topic_id, authors, window_us, off FROM mass_limits")
	return out, err
}
